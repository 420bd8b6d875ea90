"""A toy corpus for networks: eighty sentences with two classes and two labels, and forty wordings."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from textsynth.components.component import Component, tables_of
from textsynth.components.generator import Generator
from textsynth.components.learned import Fact, read_learned
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters import Filter
from textsynth.foundation.seeding import child_rng
from textsynth.generators.language_model import LanguageModel
from textsynth.training.options import NetworkSpec

if TYPE_CHECKING:  # They import torch, which those who only want the corpus need not.
    from textsynth.training.training_set import TrainingSet
    from textsynth.wording.sentences import Sentences
    from textsynth.wording.vocabulary import Marks

PEOPLE = ("Ada", "Bo Li", "Zoë", "Иван", "Grace Hopper")
CITIES = ("Rome", "São Paulo", "Oslo", "Lima")
VERBS, DAYS = ("flew", "drove", "walked", "sailed"), ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
NUMBERS, THINGS = ("two", "three", "four", "five"), ("lamps", "chairs", "books", "plates", "spoons")

AnyComponent = TypeVar("AnyComponent", bound=Component)

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


def in_tables(kind: type[Component], /, **options: Any) -> dict[str, Any]:
    """Puts each option into the first table of a component that has it, unless the component has it itself."""
    tables, sorted_in = tables_of(kind), {}
    for name, value in options.items():
        if name in kind.__dataclass_fields__ and name not in tables:
            sorted_in[name] = value
        else:
            table = name if name in tables else next(t for t in tables if name in tables[t].__dataclass_fields__)
            sorted_in.setdefault(table, {}).update(value if name in tables else {name: value})
    return sorted_in


def make(kind: type[AnyComponent], /, **options: Any) -> AnyComponent:
    """Makes a component of options that need not say in which table they are."""
    return kind(**in_tables(kind, **options))


def spec(**options: Any) -> NetworkSpec:
    model = make(LanguageModel, **options)
    return NetworkSpec(model.network, model.training, model.privacy, model.device)


def prepared(marks: Marks = "slots", corpus: Corpus | None = None, **options: Any) -> TrainingSet:
    from textsynth.training.training_set import prepare_training_set

    return prepare_training_set("toy", source() if corpus is None else corpus, spec(**TINY | options), marks, 1)


def sentences(marks: Marks = "slots") -> Sentences:
    return prepared(marks).sentences


def fitted(component: Generator | Filter, directory: Path, corpus: Corpus | None = None, seed: int = 7) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    component.fit(Resources.of(source() if corpus is None else corpus), directory, child_rng(seed))
    return directory


def fitted_until(
    component: Generator | Filter, directory: Path, is_enough: Callable[[dict[str, Fact]], bool], attempts: int = 4
) -> Path:
    """Fits a component until what it learned is enough, each time with another seed.

    How far a network comes in seconds depends on the arithmetic of the processor; what is asserted of it must not.
    """
    for attempt in range(attempts):
        shutil.rmtree(directory, ignore_errors=True)
        if is_enough(read_learned(fitted(component, directory, seed=7 + attempt)).facts):
            return directory
    raise AssertionError(f"it has not learnt enough with any of {attempts} seeds")


def rng(*names: int | str) -> np.random.Generator:
    return child_rng(11, *names)
