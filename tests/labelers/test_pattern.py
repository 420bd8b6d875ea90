"""Regular expressions and token patterns, worked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from textsynth.corpus import Corpus
from textsynth.errors import FormatError, OptionError
from textsynth.labelers.pattern import Pattern


def found(text: str, **options: Any) -> list[tuple[str, str]]:
    findings = Pattern(**options).load("en").find(Corpus.from_columns(text=[text]))
    places = zip(findings.starts, findings.ends, findings.labels, strict=True)
    return [(text[start:end], label) for start, end, label in places]


def test_an_expression_and_the_group_that_is_the_mention():
    expressions = {"DATE": (r"\d{4}-\d\d-\d\d",), "PERSON": (r"Dr\. (?P<mention>\p{Lu}\w+)",)}
    text = "Dr. Zoë came on 2024-02-29, not Zoë."
    assert found(text, expressions=expressions) == [("Zoë", "PERSON"), ("2024-02-29", "DATE")]


def test_the_longest_of_those_that_overlap():
    assert found("in New York City", expressions={"A": ("New York",), "B": ("York City", r"York\b.*")}) == [
        ("York City", "B")
    ]


@pytest.mark.heavy  # loads spaCy
def test_token_patterns(tmp_path: Path):
    pytest.importorskip("spacy")
    patterns = [
        {"label": "ORG", "pattern": "Acme"},
        {"label": "EVENT", "pattern": [{"IS_TITLE": True, "OP": "+"}, {"TEXT": "Fair"}]},
    ]
    path = tmp_path / "patterns.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in patterns))
    assert found("Acme was at Ulm Book Fair .", path=path) == [("Acme", "ORG"), ("Ulm Book Fair", "EVENT")]
    path.write_text('{"label": "ORG", "pattern": "Acme"}\n{"label": "ORG", "pattern": [{"TXT": "x"}]}\n')
    with pytest.raises(FormatError, match=r"patterns\.jsonl:2: must be a pattern of spaCy's: "):
        Pattern(path=path).load("en")
    path.write_text('{"label": "ORG"}\n')
    with pytest.raises(FormatError, match=r"patterns\.jsonl:1: must be \{\"label\": \"ORG\""):
        Pattern(path=path).load("en")


def test_an_expression_that_takes_too_long_is_refused():
    finder = Pattern(expressions={"X": ("(a|aa|b?a)+$",)}, timeout=0.05).load("en")
    with pytest.raises(OptionError, match=r"must be done with a text in timeout = 0.05 seconds, was not with: 'aaaa"):
        finder.find(Corpus.from_columns(text=["a" * 5000 + "!"]))


@pytest.mark.parametrize(
    ("options", "says"),
    [({}, "'expressions' or 'path' must give"), ({"expressions": {"X": ("(",)}}, "must have regular expressions: ")],
)
def test_what_cannot_be_looked_for(options: Any, says: str):
    with pytest.raises(OptionError, match=says):
        Pattern(**options).load("en")


def test_expressions_in_token_patterns_are_bounded(tmp_path: Path):
    pytest.importorskip("spacy")
    path = tmp_path / "patterns.jsonl"
    path.write_text(json.dumps({"label": "X", "pattern": [{"TEXT": {"REGEX": "(a|aa|b?a)+$"}}]}))
    assert found("aaa c", path=path) == [("aaa", "X")]
    finder = Pattern(path=path, timeout=0.05).load("en")
    with pytest.raises(OptionError, match=r"option 'path': .* must be done with a text in timeout = 0.05 seconds"):
        finder.find(Corpus.from_columns(text=["a" * 5000 + "z"]))


def test_a_list_of_expressions_in_a_token_pattern_is_refused(tmp_path: Path):
    pytest.importorskip("spacy")
    path = tmp_path / "patterns.jsonl"
    path.write_text(json.dumps({"label": "X", "pattern": [{"TEXT": {"REGEX": {"IN": ["a+", "b"]}}}]}))
    with pytest.raises(FormatError, match="must have one expression for each REGEX"):
        Pattern(path=path).load("en")
