"""What every labeler must do: exact findings, the same in any batches, and no change to what it labels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from textsynth.components import registry
from textsynth.components.labeler import Finder, Findings, Labeler
from textsynth.corpus import Corpus, find_faults
from textsynth.testing.component_checks import check_built
from textsynth.testing.corpora import example_source, hostile_corpora
from textsynth.testing.expectation import expect, read_global_state, seed_global_generators


@dataclass(frozen=True)
class LabelerTrial:
    """A labeler that is tried. It is loaded when a check first wants it, and once for all of them.

    Args:
        labeler: what is tried.
        corpus: what it labels.
    """

    labeler: Labeler
    corpus: Corpus

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"the labeler {registry.name_of(self.labeler)!r}"

    @functools.cached_property
    def finder(self) -> Finder:
        """The labeler, loaded."""
        return self.labeler.load("en")


def check_labeler(labeler: Labeler, corpus: Corpus | None = None) -> None:
    """Checks all that labelling relies on.

    Args:
        labeler: with options that make it quick; see `build_example`.
        corpus: what it labels, `example_source()` if None.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_built(labeler)
    trial = LabelerTrial(labeler, example_source() if corpus is None else corpus)
    for each in LABELER_CHECKS:
        each(trial)


def check_findings_are_exact(trial: LabelerTrial) -> None:
    """Checks that findings are sorted, can stand as spans, and are as sure as from 0 to 1."""
    _check(trial, trial.corpus)


def check_labels_are_told(trial: LabelerTrial) -> None:
    """Checks that a labeler that says which labels it can give gives no others."""
    given = set(trial.finder.find(trial.corpus).labels.tolist())
    told = trial.finder.labels
    expect(told is None or given <= told, f"{trial.name} must give only labels that it tells, {told}", given)


def check_batches(trial: LabelerTrial) -> None:
    """Checks that what is found in a text does not depend on the texts beside it."""
    whole = trial.finder.find(trial.corpus)
    parts = [trial.finder.find(trial.corpus[row : row + 1]) for row in range(len(trial.corpus))]
    joined = Findings.concat(parts, [1] * len(parts))
    expect(_same(whole, joined), f"{trial.name} must find the same in texts one by one", _tell(whole, joined))
    expect(len(trial.finder.find(Corpus.empty())) == 0, f"{trial.name} must find nothing in no texts")


def check_repeats(trial: LabelerTrial) -> None:
    """Checks that it finds the same when it is loaded again, leaves global generators alone, and its texts."""
    before, finder = trial.corpus.table, trial.labeler.load("en")
    with seed_global_generators(2):
        state = read_global_state()
        again = finder.find(trial.corpus)
        expect(read_global_state() == state, f"{trial.name} must draw nothing from global generators")
    first = trial.finder.find(trial.corpus)
    expect(_same(first, again), f"{trial.name} must find the same when it is loaded again", _tell(first, again))
    expect(trial.corpus.table.equals(before), f"{trial.name} must leave what it labels as it was")


def check_hostile_texts(trial: LabelerTrial) -> None:
    """Checks that findings are exact in texts full of what breaks offsets."""
    for corpus in hostile_corpora(5):
        _check(trial, corpus)


def _check(trial: LabelerTrial, corpus: Corpus) -> None:
    found = trial.finder.find(corpus)
    order = np.lexsort((found.starts, found.rows))
    expect((order == np.arange(len(found))).all(), f"{trial.name} must sort what it finds by text and start")
    for row, reason in find_faults(found.label(corpus).table).items():
        expect(False, f"{trial.name} must find exact mentions: text {row}, {corpus.texts[row].as_py()!r}", reason)
    sure = (found.confidences >= 0) & (found.confidences <= 1)
    expect(sure.all(), f"{trial.name} must be as sure as from 0 to 1", found.confidences[~sure])


def _same(one: Findings, other: Findings) -> bool:
    exact = all(
        np.array_equal(mine, theirs) for mine, theirs in zip(one.columns()[:4], other.columns()[:4], strict=True)
    )
    # Sums of floats depend on what stands beside them in a batch of a network.
    return exact and np.allclose(one.confidences, other.confidences, atol=1e-3)


def _tell(one: Findings, other: Findings) -> str:
    return f"{len(one)} and {len(other)} findings"


LABELER_CHECKS = (
    check_findings_are_exact,
    check_labels_are_told,
    check_batches,
    check_repeats,
    check_hostile_texts,
)
"""All checks of a labeler."""
