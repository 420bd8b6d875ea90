"""Entities found in one call, in whatever a program holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textsynth.conversion.python_objects import to_corpus
from textsynth.corpus import Corpus
from textsynth.extract import annotation


def annotate(
    corpus: Any,
    model: str,
    *,
    labels: Sequence[str] = (),
    sentences: bool = True,
    workers: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> Corpus:
    """Returns a corpus whose entities a spaCy pipeline found.

    Args:
        corpus: texts, as a corpus or whatever `textsynth.read` takes; their own spans are ignored.
        model: an installed pipeline by name, or a directory with one.
        labels: the labels to keep; if empty, all.
        sentences: whether a text without a class is cut into its sentences; one with a class stays whole.
        workers: processes.
        advance: is called with the number of texts done, now and then.

    Raises:
        MissingDependency: if spaCy or the model is not installed.
        OptionError: if the pipeline finds no entities, or has no such label.
        InvalidExample: if a text is longer than the pipeline takes.
        TextsynthError: as `textsynth.read`, if it is no corpus yet.
    """
    return annotation.annotate(
        to_corpus(corpus), model, labels=labels, sentences=sentences, workers=workers, advance=advance
    )
