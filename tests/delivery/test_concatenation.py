"""Gold and synthetic data are trained on together: they concatenate, and a number means the same in both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pytest
from workbench import make_recipe

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.runs.run import run


def names_of(features: Any, column: str) -> list[str]:
    feature = features[column]
    return list(getattr(feature, "feature", feature).names)


def letters_of(text: str) -> str:
    """What a text has in common with all texts that have its words in another order."""
    return "".join(sorted(text.casefold())).strip()


def run_on(gold: datasets.Dataset, tmp_path: Path, **export: Any) -> datasets.Dataset:
    """Saves the gold, makes a synthetic corpus from it, and gives back what was delivered."""
    gold.save_to_disk(tmp_path / "gold")
    export |= {"source": False}
    recipe = make_recipe(tmp_path, count=200, source={"path": "gold"}, generator=[{"use": "word_swap"}], export=export)
    run(recipe, tmp_path / "out")
    return datasets.load_from_disk(tmp_path / "out" / "dataset")["train"]


def reverse_names(corpus: Corpus) -> list[str]:
    """Its classes in an order that no sorting gives, with one that no example has."""
    return [*reversed(corpus.classes), "an unused class"]


def test_classes_of_banking77(public_or_twin: Path, tmp_path: Path):
    source = formats.read(public_or_twin / "banking77" / "train.csv")[:3000]
    names = reverse_names(source)
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=names)})
    columns = {"text": source.texts.to_pylist(), "label": source.table.column("label").to_pylist()}
    gold = datasets.Dataset.from_dict(columns, features=features)
    synthetic = run_on(gold, tmp_path)
    assert synthetic.features["label"] == gold.features["label"]
    both = datasets.concatenate_datasets([gold, synthetic])
    assert names_of(both.features, "label") == names
    known = set(zip(map(letters_of, columns["text"]), columns["label"], strict=True))
    made = both.select(range(len(gold), len(both)))
    assert len(made) == 200
    assert all((letters_of(row["text"]), names[row["label"]]) in known for row in made)


@pytest.mark.parametrize("tokens", [False, True])
def test_classes_and_tags_of_snips(public_or_twin: Path, tokens: bool, tmp_path: Path):
    source = formats.read(next((public_or_twin / "snips").glob("train.*")))[:500]
    names = reverse_names(source)
    gold = source.to_dataset("token-classification" if tokens else None)
    tags: list[str] = []
    if tokens:
        tags = ["O", *(f"{prefix}-{label}" for label in reversed(source.labels) for prefix in "BI")]
        number = {old: tags.index(name) for old, name in enumerate(names_of(gold.features, "ner_tags"))}
        renumbered = [[number[tag] for tag in row] for row in gold["ner_tags"]]
        gold = gold.remove_columns(["ner_tags", "spans"])
        gold = gold.add_column("ner_tags", renumbered, feature=datasets.List(datasets.ClassLabel(names=tags)))
    number = {old: names.index(name) for old, name in enumerate(gold.features["label"].names)}
    labels = [number[label] for label in gold["label"]]
    gold = gold.remove_columns(["label", "origin"]).add_column(
        "label", labels, feature=datasets.ClassLabel(names=names)
    )
    synthetic = run_on(gold, tmp_path, **({"task": "token-classification"} if tokens else {}))
    both = datasets.concatenate_datasets([gold, synthetic])
    assert names_of(both.features, "label") == names
    if tokens:
        assert names_of(both.features, "ner_tags") == tags
        made = both.select(range(len(gold), len(both)))
        for row in made:
            assert len(row["tokens"]) == len(row["ner_tags"])
            begun = [tags[tag][2:] for tag in row["ner_tags"] if tags[tag].startswith("B-")]
            assert begun == [span["label"] for span in row["spans"]]
