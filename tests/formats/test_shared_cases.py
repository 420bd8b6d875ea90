"""The small files of `../shared/cases` in JSON, spaCy's and brat's formats; skipped if the folder is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus.classes import Label
from textsynth.errors import FormatError

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not there")

READ: list[tuple[str, dict[str, Any], list[list[tuple[str, str]]], list[Label | None]]] = [
    ("cats.jsonl", {}, [[], []], ["greet", "other"]),
    ("labels_str.jsonl", {}, [[], []], [("joy", "love"), "anger"]),
    ("category.jsonl", {}, [[], []], ["greet", "other"]),
    ("presidio.jsonl", {}, [[("Ann", "PERSON")]], [None]),
    ("spacy2.jsonl", {}, [[("Ann Lee", "PER"), ("Rome", "LOC")], []], [None, None]),
    ("gliner.jsonl", {}, [[("Ann Lee", "person")]], [None]),
    ("ls_multi.json", {}, [[("Ann Lee", "PER"), ("Rome", "LOC")]], [None]),
    ("ls_mlabels.json", {"several_labels": "first"}, [[("Ann Lee", "PER")]], [None]),
    ("label_studio_csv.csv", {}, [[("Ann", "PER")]], [None]),
    ("nested.jsonl", {"repair": ["longest"]}, [[("Bank of Rome", "ORG")]], [None]),
    ("ws.jsonl", {"repair": ["trim"]}, [[("Bank of Rome", "ORG")]], [None]),
    ("br_nl", {"repair": ["join"]}, [[("New\nYork", "Loc")]], [None]),
    ("sc.spacy", {"repair": ["longest"]}, [[("Bank of Rome", "ORG")]], [None]),
    ("dc_emoji_silent.jsonl", {"offsets": "characters"}, [[("Ann", "PER")]], [None]),
    ("dc_emoji_silent.jsonl", {"offsets": "utf16"}, [[("(An", "PER")]], [None]),
]


@pytest.mark.parametrize(
    ("name", "options", "spans", "classes"),
    [pytest.param(*each, marks=[pytest.mark.heavy] if each[0].endswith(".spacy") else []) for each in READ],
)
def test_a_case_is_read(name: str, options: dict[str, Any], spans: list[Any], classes: list[Label | None]):
    corpus = formats.read(CASES / name, options=options)
    found = [[*zip(each.mentions(), [span.label for span in each.spans], strict=True)] for each in corpus]
    assert (found, [each.label for each in corpus]) == (spans, classes)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("nested.jsonl", 'repair = ["longest"]'),
        ("ws.jsonl", 'repair = ["trim"]'),
        ("br_nl", 'repair = ["join"]'),
        ("sc.spacy", 'repair = ["longest"]'),
        ("dc_emoji_silent.jsonl", "the option 'offsets'"),
        ("ls_mlabels.json", 'several_labels = "first"'),
    ],
)
def test_a_case_is_refused_with_the_option_that_settles_it(name: str, advice: str):
    with pytest.raises(FormatError) as caught:
        formats.read(CASES / name)
    assert advice in str(caught.value)


def test_every_drug_is_read():
    corpus = formats.read(CASES / "drug_labels.jsonl")
    assert [[span.label for span in each.spans] for each in corpus] == [["DRUG"]] * 40


def test_prodigy_is_recognised_by_a_long_line():
    assert registry.name_of(files.find(CASES / "prodigy_long.jsonl")) == "prodigy"
    assert len(formats.read(CASES / "prodigy_long.jsonl")) == 2
