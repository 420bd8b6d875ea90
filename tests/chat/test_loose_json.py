from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.chat.loose_json import find_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
CONTAINERS = st.lists(PLAIN, min_size=1, max_size=4) | st.dictionaries(st.text(max_size=6), PLAIN, min_size=1)


def values(text: str) -> list[Any]:
    return [each.value for each in find_json(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["a", "b"]', ["a", "b"]),
        ('Sure, here they are: ["a"] Enjoy!', ["a"]),
        ('```json\n{"s": ["a",\n "b"]}\n```', {"s": ["a", "b"]}),
        ('["a", "b",]', ["a", "b"]),
        ('{"s": ["a"],}', {"s": ["a"]}),
        ("['Ada's cat', 'b']", ["Ada's cat", "b"]),
        ("{'s': None, 't': True}", {"s": None, "t": True}),
        ('{s: ["a"]}', {"s": ["a"]}),
        ("[“a”, “b”]", ["a", "b"]),
        ('["He said "hi" to me."]', ['He said "hi" to me.']),
        ('["line\nbreak\tand tab"]', ["line\nbreak\tand tab"]),
        (r'["\"q\" \u00e9 \ud83d\ude00 \'s \/"]', ['"q" é 😀 \'s /']),
        ('[{"t": "a"} {"t": "b"}]', [{"t": "a"}, {"t": "b"}]),
        ('{"n": -1.5e3}', {"n": -1500.0}),
        ('See [1] and [sic]: ["a"]', ["a"]),
    ],
)
def test_what_models_write_is_read(text: str, value: Any):
    assert values(text)[-1] == value
    assert find_json(text)[-1].whole


def test_objects_one_a_line():
    assert values('{"t": "a"}\n{"t": "b"}\n') == [{"t": "a"}, {"t": "b"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["a", "b", "half', ["a", "b"]),
        ('["a", "b"', ["a", "b"]),
        ('["a",', ["a"]),
        ('{"s": [{"t": "a", "m": []}, {"t": "b", "m": [{"x": "y', {"s": [{"t": "a", "m": []}]}),
        ('{"s": ["a", "b"], "note": "half', {"s": ["a", "b"]}),
        ('["a", "b" and more]', ["a"]),
        ('["a", {"t": b}, "c"]', ["a"]),
    ],
)
def test_what_is_cut_off_or_malformed_is_left_out_and_what_stood_before_is_kept(text: str, value: Any):
    assert values(text) == [value]
    assert not find_json(text)[-1].whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "{",
        "no JSON",
        "[1] [sic] {x}",
        '["half',
        '["he said "hi", and left."]',  # Where does the string end?
        '["a", b, "c"]',
        '["a" "b"]',
        '["a"" b"]',
        '{"t": "half',
        "[" * 5000,
        '[{"a":' * 3000,
    ],
)
def test_nothing_is_made_up(text: str):
    assert not any(find_json(text)[0].value if find_json(text) else [])


@given(CONTAINERS)
def test_json_reads_as_json(value: Any):
    for ascii_only in (True, False):
        found = find_json(json.dumps(value, ensure_ascii=ascii_only))
        assert [each for each in found if each.value] in ([], [(value, True)])
        if any(isinstance(each, str | list | dict) for each in (value if isinstance(value, list) else [*value])):
            assert found[0] == (value, True)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4), st.integers(0, 60))
def test_a_beginning_gives_a_beginning(texts: list[str], length: int):
    written = json.dumps(texts)[:length]
    for found in find_json(written):
        assert found.value == texts[: len(found.value)]


@given(st.text(alphabet="[]{}\",:'\\ aé1\n“”", max_size=60))
def test_any_text_can_be_read(text: str):
    find_json(text)
