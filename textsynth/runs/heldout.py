"""The held-out part of a source: put aside before anything is extracted or learnt, and kept in the run's directory."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract.heldout import split_heldout, without_repeats, without_wordings
from textsynth.extract.label_choice import keep_labels
from textsynth.extract.resources import with_parents
from textsynth.extract.template import Template
from textsynth.foundation.seeding import child_rng
from textsynth.reading.records import Faults
from textsynth.recipes.sections import Source

FILE = "heldout.parquet"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Divided:
    """A source in two parts.

    Args:
        learnt: the examples to learn from.
        heldout: the examples that nothing learns from.
        gold: whether the first came with their spans or classes, and are not raw text.
        gold_heldout: the same of the second.
        repeated: examples that were left out of both, since a held-out one has their wording or text.
    """

    learnt: Corpus
    heldout: Corpus
    gold: bool
    gold_heldout: bool
    repeated: int = 0


def put_aside(whole: Corpus, source: Source, seed: int, faults: Faults) -> Divided:
    """Puts aside what the recipe says, before anybody has looked at it.

    Args:
        whole: all that was read.
        source: says which part, or which file.
        seed: of the run; draws the part.
        faults: what becomes of bad records of the file.

    Raises:
        OptionError: if nothing would be held out, or a file has nothing to compare with.
    """
    gold = bool(whole.labels or whole.classes)
    if source.heldout is None:
        return Divided(whole, Corpus.empty(), gold, gold)
    if isinstance(source.heldout, Path):
        return Divided(whole, _read(source, source.heldout, faults), gold, gold_heldout=True)
    learnt, heldout = split_heldout(whole, source.heldout, child_rng(seed, "heldout"))
    if not len(heldout):
        raise OptionError(
            f"[source] heldout: must put some of the {len(whole)} examples aside, {source.heldout:g} of them comes to "
            "none, as those with one wording stay together and many of one are not taken; give a larger share, or the "
            "path of a file"
        )
    return Divided(learnt, heldout, gold, gold)


def label_apart(divided: Divided, label: Callable[[Corpus], Corpus], labels: tuple[str, ...]) -> Divided:
    """Labels both parts, each by itself, and sees to it that no wording stands in both.

    Args:
        divided: the parts, as they were read.
        label: finds or chooses the mentions of a corpus.
        labels: the labels that are kept of gold; all if empty.

    Raises:
        OptionError: if nothing is left to learn from.
    """
    learnt = label(divided.learnt)
    heldout = divided.heldout
    if len(heldout) and not divided.gold_heldout:
        heldout = label(heldout)
    elif labels:
        heldout = keep_labels(heldout, labels)
    apart = without_repeats(learnt, heldout)
    if len(learnt) and not len(apart):
        raise OptionError(
            f"[source] heldout: must leave examples to learn from, has the wording or text of all {len(learnt)} of them"
        )
    return replace(divided, learnt=apart, heldout=with_parents(heldout), repeated=len(learnt) - len(apart))


def drop_known_wordings(templates: tuple[Template, ...], heldout: Corpus) -> tuple[Template, ...]:
    """Returns the templates of a file without those that were extracted from what is now held out."""
    others = without_wordings(templates, heldout)
    if len(others) < len(templates):
        count = f"{len(templates) - len(others)} of {len(templates)}"
        logger.warning("[extract] templates: %s have the wording of a held-out example and are left out", count)
    return others


def write_heldout(heldout: Corpus, directory: Path) -> None:
    """Writes the held-out examples beside what was extracted from the others, if there are any."""
    if len(heldout):
        heldout.write_parquet(directory / FILE)


def read_heldout(directory: Path) -> Corpus:
    """Reads what `write_heldout` wrote; no examples if it wrote none."""
    path = directory / FILE
    return Corpus.read_parquet(path) if path.exists() else Corpus.empty()


def _read(source: Source, heldout: Path, faults: Faults) -> Corpus:
    """Reads a file of held-out examples, or a split of the source, as the source is read."""
    split = source.heldout_split
    path, options = (source.path, source.options | {"split": split}) if split else (heldout, source.options)
    corpus = Corpus.concat(to_batches(path, source.format, options, faults, source.keep))
    if not (corpus.labels or corpus.classes):
        raise OptionError(f"[source] heldout: {heldout} must have spans or classes to compare with, has none")
    return corpus.with_tokenizer(source.tokenizer) if source.tokenizer else corpus
