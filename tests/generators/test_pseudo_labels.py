"""Raw texts with the classes that a model is sure of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.pseudo_labels import PseudoLabels

THINGS = ["tea", "soup", "bread", "rice", "salad", "pasta", "juice", "cake", "fish", "curry"]
SOURCE = Corpus.from_columns(
    text=[f"cook some {each}" for each in THINGS] + [f"play a song about {each}" for each in THINGS],
    label=["cook"] * 10 + ["play"] * 10,
)


def make(folder: Path, source: Corpus = SOURCE, **options: Any) -> dict[str, object]:
    generator = PseudoLabels(**options)
    generator.fit(Resources.of(source), folder, child_rng(1))
    made = generator.sampler(folder)(100, child_rng(2))
    return {example.text: example.label for example in made}


def test_what_the_model_is_sure_of_is_taken_and_nothing_else(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("please cook some beans\nplay a song about beans\ncook some tea\nzzz\n")
    made = make(tmp_path, path=tmp_path / "raw.txt", precision=1.0)
    assert made == {"please cook some beans": "cook", "play a song about beans": "play"}


def test_no_class_gets_more_than_its_share(tmp_path: Path):
    raw = [*(f"please cook some {each}" for each in THINGS), "play a song about tea now"]
    made = make(tmp_path, texts=tuple(raw), precision=0.9)
    assert sorted(made.values()) == ["cook"] * 6 + ["play"]


def test_labels_of_the_raw_texts_are_not_looked_at(tmp_path: Path):
    raw = '{"text": "cook some beans", "label": "play", "spans": [{"start": 10, "end": 15, "label": "FOOD"}]}\n'
    (tmp_path / "raw.jsonl").write_text(raw)
    assert make(tmp_path, path=tmp_path / "raw.jsonl") == {"cook some beans": "cook"}


def test_a_model_that_knows_nothing_labels_nothing_and_says_so(tmp_path: Path):
    words = [f"w{number}" for number in range(40)]
    source = Corpus.from_columns(text=words, label=["a1b", "c2d"] * 20)
    generator = PseudoLabels(texts=("w1 w2", "other"))
    assert make(tmp_path, source, texts=("w1 w2", "other")) == {}
    assert generator.explain_nothing(tmp_path).startswith("of 2 raw texts the model was sure of 0; more texts")


def test_near_copies_tell_nothing_of_how_sure_is_sure_enough(tmp_path: Path):
    words = [f"w{number}" for number in range(40)]
    source = Corpus.from_columns(text=[*words, *map(str.upper, words)], label=["a1b", "c2d"] * 40)
    assert make(tmp_path, source, texts=("w1!", "w2?")) == {}


def test_what_is_missing_is_an_error(tmp_path: Path):
    with pytest.raises(OptionError, match="option 'path' or 'texts' must give raw texts"):
        make(tmp_path)
    with pytest.raises(OptionError, match="the source must have at least two classes"):
        make(tmp_path, SOURCE[:5], texts=("a",))
