from __future__ import annotations

import time
from typing import Any

import pytest

from textsynth.chat.prompt_template import DEFAULT, PromptTemplate, default_template
from textsynth.chat.request import Message
from textsynth.errors import OptionError


def messages(content: str, **variables: Any) -> tuple[Message, ...]:
    return PromptTemplate(content, "mine.jinja").messages(variables)


def complaint(content: str, **variables: Any) -> str:
    with pytest.raises(OptionError) as caught:
        messages(content, **variables)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_template_without_blocks_is_what_the_user_asks():
    assert messages("Write {{ count }}.\n", count=3) == (Message("user", "Write 3."),)


def test_blocks_are_messages():
    content = "{% block user %}Do.{% endblock %}{% block system %} Be. {% endblock %}{% block more %}x{% endblock %}"
    assert messages(content) == (Message("system", "Be."), Message("user", "Do."))
    assert messages("{% block system %} {% endblock %}{% block user %}Do.{% endblock %}") == (Message("user", "Do."),)


def test_a_template_can_take_over_the_one_that_comes_with_textsynth():
    content = '{% extends "sentences.jinja" %}{% block user %}Do {{ super() | length > 0 }}.{% endblock %}'
    variables: dict[str, Any] = {"count": 1, "genre": "notes", "language": "", "label": None, "labels": {}}
    rest: dict[str, Any] = {"classes": {}, "seeded": (), "shots": (), "specs": [{"attributes": {}}], "listing": True}
    found = messages(content, **variables, **rest)
    assert [each.role for each in found] == ["system", "user"]
    assert "You write notes" in found[0].content
    assert found[1].content == "Do True."


def test_text_of_the_source_is_no_template():
    assert messages("{{ text }}", text="{{ 7 * 7 }}{% for %}") == (Message("user", "{{ 7 * 7 }}{% for %}"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("one\n{% for %}", "option 'template': mine.jinja:2: "),
        ("one\n\n{{ cuont }}", "option 'template': mine.jinja:3: 'cuont' is undefined"),
        ("{{ spec.nothing }}", "option 'template': mine.jinja:1: "),
        ("one\n{{ 1 / 0 }}", "option 'template': mine.jinja:2: division by zero"),
        ("{% block user %}\n{{ count.x }}{% endblock %}", "option 'template': mine.jinja:2: "),
        ("{% block usr %}Do.{% endblock %}", "option 'template': mine.jinja:1: a template with blocks must have one"),
        ("{% include 'passwords' %}", "option 'template': mine.jinja:1: "),
        ("{% extends 'other.jinja' %}", "option 'template': mine.jinja:1: "),
        ("{{ ''.__class__.__mro__ }}", "option 'template': mine.jinja:1: access to attribute '__class__'"),
        ("{{ labels.update({}) }}", "option 'template': mine.jinja:1: "),
        ("{% for i in range(10 ** 9) %}x{% endfor %}", "option 'template': mine.jinja:1: "),
    ],
)
def test_an_error_has_its_file_and_line(content: str, message: str):
    assert complaint(content, count=1, spec={}, labels={"A": ""}).startswith(message)


DOUBLE = "{% set n = namespace(x='ab') %}{% for i in range(99) %}"


@pytest.mark.parametrize(
    "content",
    [
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ a * b }}{% endfor %}{% endfor %}",
        "{{ lipsum(n=100000) }}",
        "{{ range(9) | slice(1000000000) | list }}",
        "{{ range(9) | batch(1000000000, 'x') | list }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'.__mul__(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ (1).to_bytes(1000000000) }}",
        DOUBLE + "{% set n.x = n.x ~ n.x %}{% endfor %}",
        DOUBLE + "{% set n.x = n.x + n.x %}{% endfor %}",
        DOUBLE + "{% set n.x = [n.x, n.x] | join %}{% endfor %}",
        DOUBLE + "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
        DOUBLE + "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}",
        DOUBLE + "{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
        "{% macro f(n) %}{{ f(n - 1) if n }}{{ f(n - 1) if n }}{% endmacro %}{{ f(60) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for x in [[[1], [1]], [[1], [1]]] * 9 recursive %}{{ loop(x) }}{% endfor %}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ '" + "a" * 4000 + "' | replace('a', '" + "b" * 4000 + "') }}",
    ],
    ids=lambda content: content[:50],
)
def test_a_hostile_template_is_refused_in_no_time(content: str):
    begin = time.monotonic()
    assert complaint(content).startswith("option 'template': mine.jinja:1: ")
    assert time.monotonic() - begin < 10


def test_usual_templates_are_let_through():
    content = (
        "{% for w, n in d.items() %}{{ loop.index * 2 }}{{ w.upper() ~ '-' + n | join(', ') }};{% endfor %}{{ 7 % 4 }}"
    )
    assert messages(content, d={"ab": ["c", "d"]}) == (Message("user", "2AB-c, d;3"),)


def test_the_template_that_comes_with_textsynth_is_a_template():
    PromptTemplate(default_template(), DEFAULT)
