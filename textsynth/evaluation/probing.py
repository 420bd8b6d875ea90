"""Which probes recipes are compared with, and what they get right, label by label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.errors import UnknownName, nearest
from textsynth.recipes.candidates import CLASSES, SPANS
from textsynth.recipes.sections import Task
from textsynth.scores.probes import teach_classifier, teach_tagger

_TAGGER, _CLASSIFIER = (0.1, 0.01), 0.1
"""The weights of the norms of the cheap probes."""


@dataclass(frozen=True)
class Probe:
    """A model that recipes are compared with.

    Args:
        task: what it does.
        find: is taught a corpus, its regularisation times a factor, and labels the texts of another.
        metric: what its score is called.
    """

    task: Task
    find: Callable[[Corpus, float, Corpus, np.random.Generator], Corpus]
    metric: str


def _tag(taught: Corpus, weaker: float, test: Corpus, rng: np.random.Generator) -> Corpus:
    return teach_tagger(taught, (_TAGGER[0] * weaker, _TAGGER[1] * weaker)).tag(test).label(test)


def _classify(taught: Corpus, weaker: float, test: Corpus, rng: np.random.Generator) -> Corpus:
    import pyarrow as pa

    # scikit-learn adds the losses of all examples up, as CRFsuite does: one norm weighs less beside more of them.
    found = teach_classifier(taught, _CLASSIFIER * weaker).classify(test)
    return test.with_column("label", pa.array(found, pa.string()))


PROBES: Mapping[str, Probe] = {
    "crf": Probe(SPANS, _tag, "F1"),
    "tfidf": Probe(CLASSES, _classify, "accuracy"),
}
"""By name; the first of each task is the cheap one."""


def choose_probe(task: Task, name: str | None = None) -> str:
    """Returns the name of a probe for a task, that of the cheap one if none is given.

    Raises:
        UnknownName: if there is none of that name for the task.

    >>> choose_probe("token-classification")
    'crf'
    """
    names = [each for each, probe in PROBES.items() if probe.task == task]
    if name is not None and name not in names:
        raise UnknownName(f"probe: there is no probe {name!r} for {task}; {nearest(name, names)}")
    return name or names[0]


def name_metric(name: str) -> str:
    """Returns what the score of a probe is called.

    >>> name_metric("crf")
    'F1'
    """
    return PROBES[name].metric


def list_targets(task: Task, corpora: Sequence[Corpus]) -> tuple[str, ...]:
    """Returns the labels, or the classes and combinations of classes, that a probe must find."""
    names = [each.labels if task == SPANS else each.combinations for each in corpora]
    return tuple(sorted(set().union(*names)))


def try_probe(
    name: str, taught: Corpus, weaker: float, test: Corpus, targets: Sequence[str], rng: np.random.Generator
) -> np.ndarray:
    """Teaches a probe and counts what it gets right in a test.

    Args:
        name: of the probe.
        taught: what it is taught.
        weaker: what its regularisation is multiplied by.
        test: what it is tested on.
        targets: what is counted by.
        rng: draws first weights and the like, if the probe has any.

    Returns:
        `(examples of the test, targets + 1, 3)`: found rightly, found, true; the last target is any other.
    """
    probe = PROBES[name]
    keys = _list_spans if probe.task == SPANS else _list_classes
    truth, found = keys(test), keys(probe.find(taught, weaker, test, rng))
    place = {target: number for number, target in enumerate(targets)}
    counts = np.zeros((len(test), len(targets) + 1, 3), np.int64)
    for column, some in enumerate((truth & found, found, truth)):
        for row, target, *_ in some:
            counts[row, place.get(target, len(targets)), column] += 1
    return counts


def _list_spans(corpus: Corpus) -> set[tuple[int, str, int, int]]:
    spans = corpus.spans
    columns = spans.row_of_span().tolist(), spans.labels.to_pylist(), spans.starts.tolist(), spans.ends.tolist()
    return set(zip(*columns, strict=True))


def _list_classes(corpus: Corpus) -> set[tuple[int, str]]:
    return {(row, each) for row, each in enumerate(corpus.table.column("label").to_pylist()) if each is not None}
