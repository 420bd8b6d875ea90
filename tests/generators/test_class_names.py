"""The names of classes as texts."""

from __future__ import annotations

from pathlib import Path

import pytest

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.class_names import ClassNames

SOURCE = Corpus.from_columns(
    text=["Rome, please 😀", "hi", "hello Ada", "nothing"],
    spans=[[(0, 4, "CITY")], [], [(6, 9, "PER")], []],
    label=["BookFlight", "greet", "greet", None],
)


def make(folder: Path, source: Corpus = SOURCE, **options: object) -> set[tuple[str, object, tuple[str, ...]]]:
    generator = ClassNames(**options)  # type: ignore[arg-type]
    generator.fit(Resources.of(source), folder, child_rng(1))
    made = generator.sampler(folder)(100, child_rng(2))
    found = {(example.text, example.label, example.mentions()) for example in made}
    assert len(set(made.texts.to_pylist()[: len(found)])) == len(found)  # All come before any comes again.
    return found


def test_every_text_there_is(tmp_path: Path):
    assert make(tmp_path, classes={"BookFlight": "wants to fly"}) == {
        ("book flight", "BookFlight", ()),
        ("wants to fly", "BookFlight", ()),
        ("greet", "greet", ()),
        ("book flight: Rome, please 😀", "BookFlight", ("Rome",)),
        ("greet: hi", "greet", ()),
        ("greet: hello Ada", "greet", ("Ada",)),
    }


def test_numbers_as_classes_need_a_description(tmp_path: Path):
    source = Corpus.from_columns(text=["a", "b"], label=["0", "1"])
    with pytest.raises(OptionError, match=r"whose names are words, has 0, 1; option 'classes' says what they are"):
        make(tmp_path, source)
    assert {text for text, *_ in make(tmp_path, source, classes={"1": "is about cats"})} == {
        "is about cats",
        "is about cats: b",
    }


def test_there_are_no_more():
    with pytest.raises(ts.errors.TextsynthError, match="5 of the 50 examples asked for could be made"):
        ts.generate(SOURCE, [ClassNames()], 50, seed=1)
    assert len(ts.generate(SOURCE, [ClassNames()], 50, seed=1, allow_fewer=True)) == 5


def test_blank_texts_have_no_class_before_them(tmp_path: Path):
    source = Corpus.from_columns(text=["", " \u00a0", "it came"], label=["late", "late", "late"])
    assert {text for text, *_ in make(tmp_path, source)} == {"late", "late: it came"}
