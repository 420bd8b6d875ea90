"""Which probes recipes are compared with, and what they get right, label by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from textsynth.corpus import Corpus
from textsynth.errors import UnknownName, nearest
from textsynth.pretrained.probe_options import ProbeOptions
from textsynth.recipes.candidates import CLASSES, SPANS
from textsynth.recipes.sections import Task

_METRICS: Mapping[Task, str] = {SPANS: "F1", CLASSES: "accuracy"}
_CHEAP: Mapping[Task, str] = {SPANS: "crf", CLASSES: "tfidf"}
_SPACY = "spacy"


def choose_probe(task: Task, name: str | None = None) -> str:
    """Returns the name of a probe for a task, that of the cheap one if none is given; a model's name is a probe's.

    Raises:
        UnknownName: if there is none of that name for the task.
        MissingDependency: if what teaches it is not installed.
        TextsynthError: if there is no such model, as `locate` says.

    >>> choose_probe("token-classification")
    'crf'
    """
    cheap = _CHEAP[task]
    if name is None or name == cheap:
        return cheap
    if name != _SPACY and not _is_model(name):
        names = [cheap, _SPACY]
        raise UnknownName(f"probe: there is no probe {name!r} for {task}; {nearest(name, names)}, or name an encoder")
    _find_options(name).needs()
    return name


def _is_model(name: str) -> bool:
    return "/" in name or ":" in name or Path(name).exists()


def _find_options(name: str) -> ProbeOptions:
    """Returns the probe of a name."""
    if name in _CHEAP.values():
        return ProbeOptions()
    return ProbeOptions(probe="spacy") if name == _SPACY else ProbeOptions(probe="encoder", encoder=name)


def find_encoder(probe: str) -> str:
    """Returns the encoder of a probe, by its whole path if it is one; TF-IDF if it has none.

    >>> find_encoder("spacy"), find_encoder("package:some/model")
    ('tfidf', 'package:some/model')
    """
    encoder = _find_options(probe).encoder
    return str(Path(encoder).absolute()) if Path(encoder).exists() else encoder


def name_metric(task: Task) -> str:
    """Returns what the score of a probe is called.

    >>> name_metric("token-classification")
    'F1'
    """
    return _METRICS[task]


def list_targets(task: Task, corpora: Sequence[Corpus]) -> tuple[str, ...]:
    """Returns the labels, or the classes and combinations of classes, that a probe must find."""
    names = [each.labels if task == SPANS else each.combinations for each in corpora]
    return tuple(sorted(set().union(*names)))


def try_probe(  # noqa: PLR0913
    task: Task,
    name: str,
    taught: Corpus,
    weaker: float,
    test: Corpus,
    targets: Sequence[str],
    rng: np.random.Generator,
) -> np.ndarray:
    """Teaches a probe and counts what it gets right in a test.

    Args:
        task: what it does.
        name: of the probe.
        taught: what it is taught.
        weaker: what its regularisation is multiplied by.
        test: what it is tested on.
        targets: what is counted by.
        rng: draws first weights and the like, if the probe has any.

    Returns:
        `(examples of the test, targets + 1, 3)`: found rightly, found, true; the last target is any other.
    """
    keys = _list_spans if task == SPANS else _list_classes
    truth, found = keys(test), keys(_find(task, _find_options(name), taught, weaker, test, rng))
    place = {target: number for number, target in enumerate(targets)}
    counts = np.zeros((len(test), len(targets) + 1, 3), np.int64)
    for column, some in enumerate((truth & found, found, truth)):
        for row, target, *_ in some:
            counts[row, place.get(target, len(targets)), column] += 1
    return counts


def _find(
    task: Task, probe: ProbeOptions, taught: Corpus, weaker: float, test: Corpus, rng: np.random.Generator
) -> Corpus:
    """Returns a test as a probe labels it."""
    if task == SPANS:
        return probe.teach_tagger(taught, weaker, rng)(test)
    return test.with_column("label", pa.array(probe.teach_classifier(taught, weaker, rng)(test), pa.string()))


def _list_spans(corpus: Corpus) -> set[tuple[int, str, int, int]]:
    spans = corpus.spans
    columns = spans.row_of_span().tolist(), spans.labels.to_pylist(), spans.starts.tolist(), spans.ends.tolist()
    return set(zip(*columns, strict=True))


def _list_classes(corpus: Corpus) -> set[tuple[int, str]]:
    return {(row, each) for row, each in enumerate(corpus.table.column("label").to_pylist()) if each is not None}
