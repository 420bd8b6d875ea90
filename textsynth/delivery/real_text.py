"""Real text among what is delivered: the source, and what is held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textsynth.corpus import Corpus
from textsynth.recipes.sections import HELDOUT, SOURCE


@dataclass(frozen=True)
class RealText:
    """The real text of a run.

    Args:
        source: the examples that generators learnt from.
        heldout: those that nothing learnt from, by split.
        left_out: why the source is not delivered; empty if it is.
    """

    source: Corpus
    heldout: Mapping[str, Corpus]
    left_out: str = ""


def is_labelled(corpus: Corpus) -> bool:
    """Says whether a corpus has spans or classes: texts without any are no examples to train on."""
    return bool(corpus.labels or corpus.classes)


def choose_real_text(
    source: Corpus, heldout: Mapping[str, Corpus], labels: Mapping[str, int], classes: Mapping[str, int]
) -> RealText:
    """Returns the real text that can stand beside what was made.

    A text whose mentions nobody has marked would say that it has none. So real text without spans is left out if made
    examples have some, and without classes if those have some.

    Args:
        source: the examples that generators learnt from.
        heldout: those that nothing learnt from, by split.
        labels: the mentions of what was made, by label.
        classes: the examples that were made, by class.
    """
    fault = _find_fault(source, labels, classes)
    chosen = Corpus.empty() if fault else source.with_origin(SOURCE)
    held = {
        split: part.with_origin(HELDOUT)
        for split, part in heldout.items()
        if len(part) and not _find_fault(part, labels, classes)
    }
    return RealText(chosen, held, fault)


def _find_fault(corpus: Corpus, labels: Mapping[str, int], classes: Mapping[str, int]) -> str:
    if not is_labelled(corpus):
        return "it has neither spans nor classes"
    if labels and not corpus.labels:
        return "it has no spans, and what was made of it has"
    if classes and not corpus.classes:
        return "it has no classes, and what was made of it has"
    return ""
