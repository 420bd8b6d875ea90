"""Lists of terms, worked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsynth.corpus import Corpus
from textsynth.errors import FormatError, InputError
from textsynth.labelers.word_list import WordList

TEXT = "Aspirin, aspirins and ASPIRIN; US aspirin-like AsPirin tells us of İaspirin."


def found(text: str = TEXT, **options: Any) -> list[str]:
    findings = WordList(**{"terms": ("aspirin", "US")} | options).load("en").find(Corpus.from_columns(text=[text]))
    return [text[start:end] for start, end in zip(findings.starts, findings.ends, strict=True)]


@pytest.mark.parametrize(
    ("options", "mentions"),
    [
        ({}, ["Aspirin", "ASPIRIN", "US", "aspirin"]),
        ({"casing": "exact"}, ["US", "aspirin"]),
        ({"casing": "any"}, ["Aspirin", "ASPIRIN", "US", "aspirin", "AsPirin", "us"]),
        ({"plurals": True}, ["Aspirin", "aspirins", "ASPIRIN", "US", "aspirin"]),
    ],
)
def test_casing_and_plurals(options: Any, mentions: list[str]):
    assert found(**options) == mentions


def test_the_longest_term_between_the_edges_of_words():
    terms = ("York", "New York", "New York City Council")
    assert found("New York City, York, Yorker", terms=terms) == ["New York", "York"]


def test_terms_of_a_script_without_spaces():
    assert found("周先生在上海工作", terms=("上海",)) == ["上海"]


def test_a_file_with_how_sure_each_term_is(tmp_path: Path):
    (tmp_path / "terms.txt").write_text("# of pain\nheadache\t0.25\n\n sore   throat \r\n", encoding="utf-8")
    findings = (
        WordList(path=tmp_path / "terms.txt", label="PAIN")
        .load("en")
        .find(Corpus.from_columns(text=["no headache", "a sore throat"]))
    )
    assert (findings.rows.tolist(), findings.confidences.tolist()) == ([0, 1], [0.25, 1.0])
    assert set(findings.labels) == {"PAIN"}


@pytest.mark.parametrize("weight", ["2", "-0.1", "much", "nan"])
def test_a_line_that_is_wrong(weight: str, tmp_path: Path):
    (tmp_path / "terms.txt").write_text(f"ache\t1\nsore\t{weight}\n")
    with pytest.raises(FormatError) as caught:
        WordList(path=tmp_path / "terms.txt").load("en")
    assert str(caught.value) == (
        f"{tmp_path}/terms.txt:2: behind the tab must be how sure the term is, from 0 to 1, was: {weight!r}"
    )
    with pytest.raises(InputError, match=r"none\.txt: must be a file"):
        WordList(path=tmp_path / "none.txt").load("en")
