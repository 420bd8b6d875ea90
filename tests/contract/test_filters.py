"""What every filter must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters import Filter
from textsynth.foundation.seeding import child_rng

NAMES = registry.names("filter")

every_filter = pytest.mark.parametrize("name", NAMES)


SMALL: dict[str, dict[str, Any]] = {
    "realism": {
        "network": {"hidden": 16, "embedding": 16},
        "latent": {"size": 4},
        "training": {"epochs": 2},
        "critic": {"steps": 50},
    }
}
"""The options of filters that would train for long."""


def build(name: str) -> Filter:
    return cast("Filter", registry.look_up("filter", name)(**SMALL.get(name, {})))


def source() -> Corpus:
    return Corpus.from_columns(
        text=["Ada lives in Paris.", "Call Zoë 😀", "Nobody is here."],
        spans=[[(0, 3, "PERSON"), (13, 18, "CITY")], [(5, 8, "PERSON")], []],
        label=["move", "call", None],
    )


def synthetic() -> Corpus:
    """Texts old and new, some of them twice, one of them the source's."""
    texts = ["Bo lives in Rome.", "Call Ada 😀", "Bo lives in Rome.", "Call Zoë 😀", "", "bo  LIVES in Rome.", "!"]
    return Corpus.from_columns(text=[*texts, *(f"Call {number}" for number in range(20)), *texts])


def fitted(name: str, directory: Path, corpus: Corpus | None = None) -> Path:
    directory.mkdir(exist_ok=True)
    build(name).fit(Resources.of(source() if corpus is None else corpus), directory, child_rng(7, name, "fit"))
    return directory


@pytest.fixture(scope="module", params=NAMES)
def learned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Each filter's name with a directory it was fitted in."""
    return request.param, fitted(request.param, tmp_path_factory.mktemp("fitted"))


def verdicts(name: str, directory: Path, *batches: Corpus) -> list[str | None]:
    judge = build(name).judge(directory)
    return [reason for batch in batches for reason in judge(batch)]


def test_one_verdict_a_row(learned: tuple[str, Path]):
    reasons = verdicts(*learned, synthetic())
    assert len(reasons) == len(synthetic())
    assert all(reason is None or (isinstance(reason, str) and reason.strip() == reason != "") for reason in reasons)


def test_judging_again_gives_the_same(learned: tuple[str, Path], tmp_path: Path):
    name, directory = learned
    moved = shutil.copytree(directory, tmp_path / "moved")
    assert verdicts(name, directory, synthetic()) == verdicts(name, moved, synthetic())


def test_fitting_where_a_fit_was_cut_off_learns_the_same_bytes(learned: tuple[str, Path], tmp_path: Path):
    name, directory = learned
    again = fitted(name, Path(shutil.copytree(directory, tmp_path / "again")))
    written = {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    assert written == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


@given(cuts=st.lists(st.integers(0, 34), max_size=6).map(sorted))
def test_verdicts_do_not_depend_on_the_batches(learned: tuple[str, Path], cuts: list[int]):
    corpus = synthetic()
    bounds = [0, *cuts, len(corpus)]
    batches = [corpus[begin:end] for begin, end in itertools.pairwise(bounds)]
    assert verdicts(*learned, *batches) == verdicts(*learned, corpus)


@given(corpus=corpora())
def test_any_corpus_can_be_judged(learned: tuple[str, Path], corpus: Corpus):
    name, directory = learned
    assert len(verdicts(name, directory, corpus)) == len(corpus)
    one_by_one = [corpus[row : row + 1] for row in range(len(corpus))]
    assert verdicts(name, directory, *one_by_one) == verdicts(name, directory, corpus)


def test_a_corpus_without_examples_has_no_verdicts(learned: tuple[str, Path]):
    assert verdicts(*learned, Corpus.empty()) == []
    assert verdicts(*learned, Corpus.empty(), synthetic(), Corpus.empty()) == verdicts(*learned, synthetic())


@every_filter
def test_a_source_without_examples_is_fine(name: str, tmp_path: Path):
    assert len(verdicts(name, fitted(name, tmp_path, Corpus.empty()), synthetic())) == len(synthetic())


@every_filter
def test_judges_share_nothing(name: str, tmp_path: Path):
    directory = fitted(name, tmp_path)
    first, second = build(name).judge(directory), build(name).judge(directory)
    assert list(first(synthetic())) == list(second(synthetic()))


@every_filter
def test_the_corpus_stays_as_it_is(name: str, tmp_path: Path):
    corpus = synthetic()
    verdicts(name, fitted(name, tmp_path), corpus)
    assert corpus == synthetic()


@every_filter
def test_the_global_generators_are_untouched(name: str, tmp_path: Path):
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()
    verdicts(name, fitted(name, tmp_path), synthetic())
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
