"""A toy corpus for networks: eighty sentences with two classes and two labels, and forty wordings."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters import Filter
from textsynth.foundation.seeding import child_rng
from textsynth.training.options import NetworkOptions
from textsynth.training.training_set import TrainingSet, prepare_training_set
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import Marks

PEOPLE = ("Ada", "Bo Li", "Zoë", "Иван", "Grace Hopper")
CITIES = ("Rome", "São Paulo", "Oslo", "Lima")
VERBS, DAYS = ("flew", "drove", "walked", "sailed"), ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
NUMBERS, THINGS = ("two", "three", "four", "five"), ("lamps", "chairs", "books", "plates", "spoons")

TINY: dict[str, Any] = {"hidden": 16, "embedding": 16, "vocabulary": 300, "device": "cpu"}


def source(repeats: int = 2) -> Corpus:
    """Each wording so many times: "Ada flew to Rome on Monday ." in class go, "send two lamps to Ada !" in send."""
    rows = []
    for number, (verb, day) in enumerate(itertools.product(VERBS, DAYS) if repeats else ()):
        for turn in range(repeats):
            person, city = PEOPLE[(number + turn) % len(PEOPLE)], CITIES[(number + turn) % len(CITIES)]
            before = f"{person} {verb} to "
            spans = [(0, len(person), "PERSON"), (len(before), len(before) + len(city), "CITY")]
            rows.append((f"{before}{city} on {day} .", spans, "go"))
    for number, (count, thing) in enumerate(itertools.product(NUMBERS, THINGS) if repeats else ()):
        for turn in range(repeats):
            person, before = PEOPLE[(number + turn) % len(PEOPLE)], f"send {count} {thing} to "
            rows.append((f"{before}{person} !", [(len(before), len(before) + len(person), "PERSON")], "send"))
    texts, spans, labels = zip(*rows, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=labels)


def prepared(marks: Marks = "slots", corpus: Corpus | None = None, **options: Any) -> TrainingSet:
    return prepare_training_set(
        "toy", source() if corpus is None else corpus, NetworkOptions(**TINY | options), marks, 1
    )


def sentences(marks: Marks = "slots") -> Sentences:
    return prepared(marks).sentences


def fitted(component: Generator | Filter, directory: Path, corpus: Corpus | None = None, seed: int = 7) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    component.fit(Resources.of(source() if corpus is None else corpus), directory, child_rng(seed))
    return directory


def rng(*names: int | str) -> np.random.Generator:
    return child_rng(11, *names)
