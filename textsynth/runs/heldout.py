"""The held-out part of a source: put aside before anything is extracted or learnt, and kept in the run's directory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
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
from textsynth.recipes.sections import HELDOUT_SPLITS, TEST, Source

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Divided:
    """A source in parts.

    Args:
        learnt: the examples to learn from.
        heldout: the examples that nothing learns from, by split.
        gold: whether those to learn from came with their spans or classes, and are not raw text.
        gold_heldout: the splits of held-out examples that came so.
        repeated: examples that were left out, since a held-out one has their wording or text.
    """

    learnt: Corpus
    heldout: Mapping[str, Corpus]
    gold: bool
    gold_heldout: Sequence[str]
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
    learnt, heldout, given, left = whole, dict[str, Corpus](), list[str](), 1.0
    for split, part in source.heldout_parts.items():
        if isinstance(part, Path):
            heldout[split] = _read(source, part, faults)
            given.append(split)
        else:
            # A share of the whole is a larger one of what another split has left.
            rng = child_rng(seed, "heldout", *([] if split == TEST else [split]))
            learnt, heldout[split] = split_heldout(learnt, min(part / left, 1.0), rng)
            _check_share(split, part, heldout[split], whole)
            left -= part
    return Divided(learnt, heldout, gold, tuple(heldout) if gold else given)


def _check_share(split: str, share: float, part: Corpus, whole: Corpus) -> None:
    if not len(part):
        raise OptionError(
            f"[source] heldout: must put some of the {len(whole)} examples aside for {split}, {share:g} of them comes "
            "to none, as those with one wording stay together and many of one are not taken; give a larger share, or "
            "the path of a file"
        )


def label_apart(
    divided: Divided, label: Callable[[Sequence[Corpus]], list[Corpus]], labels: tuple[str, ...]
) -> Divided:
    """Labels the parts, each by itself, and sees to it that no wording stands in two.

    Args:
        divided: the parts, as they were read.
        label: finds or chooses the mentions of corpora, each by itself.
        labels: the labels that are kept of gold; all if empty.

    Raises:
        OptionError: if nothing is left to learn from, or of a split.
    """
    raw = [split for split in divided.heldout if split not in divided.gold_heldout]
    learnt, *others = label([divided.learnt, *(divided.heldout[split] for split in raw)])
    gold = {
        split: keep_labels(part, labels) if labels else part
        for split, part in divided.heldout.items()
        if split not in raw
    }
    labelled = gold | dict(zip(raw, others, strict=True))
    # The test keeps all of its own; validation what the test has not; what is learnt from what neither has.
    parts = {f"for {split}": labelled[split] for split in divided.heldout} | {"to learn from": learnt}
    *held, learnt = _leave_out_repeats(parts)
    heldout = dict(zip(divided.heldout, map(with_parents, held), strict=True))
    repeated = sum(map(len, parts.values())) - sum(map(len, (*held, learnt)))
    return replace(divided, learnt=learnt, heldout=heldout, repeated=repeated)


def _leave_out_repeats(parts: Mapping[str, Corpus]) -> list[Corpus]:
    """Leaves out of each part what an earlier one has the wording or text of; the names say what a part is for."""
    apart: list[Corpus] = []
    for purpose, part in parts.items():
        apart.append(without_repeats(part, Corpus.concat(apart)))
        if len(part) and not len(apart[-1]):
            raise OptionError(
                f"[source] heldout: must leave examples {purpose}, has the wording or text of all {len(part)} of them"
            )
    return apart


def join_parts(heldout: Mapping[str, Corpus]) -> Corpus:
    """Returns all that is held out, for whatever split."""
    return Corpus.concat(heldout.values())


def drop_known_wordings(templates: Sequence[Template], heldout: Corpus) -> Sequence[Template]:
    """Returns the templates of a file without those that were extracted from what is now held out."""
    others = without_wordings(templates, heldout)
    if len(others) < len(templates):
        count = f"{len(templates) - len(others)} of {len(templates)}"
        logger.warning("[extract] templates: %s have the wording of a held-out example and are left out", count)
    return others


def write_heldout(heldout: Mapping[str, Corpus], directory: Path) -> None:
    """Writes the held-out examples of each split beside what was extracted from the others."""
    for split, part in heldout.items():
        part.write_parquet(directory / _name_file(split))


def read_heldout(directory: Path) -> dict[str, Corpus]:
    """Reads what `write_heldout` wrote: the held-out examples by split."""
    paths = {split: directory / _name_file(split) for split in HELDOUT_SPLITS}
    return {split: Corpus.read_parquet(path) for split, path in paths.items() if path.exists()}


def _name_file(split: str) -> str:
    return f"heldout_{split}.parquet"


def _read(source: Source, heldout: Path, faults: Faults) -> Corpus:
    """Reads a file of held-out examples, or a split of the source, as the source is read."""
    # Files have whole paths in a recipe that was read.
    is_file = heldout.is_absolute()
    path, options = (heldout, source.options) if is_file else (source.path, source.options | {"split": str(heldout)})
    corpus = Corpus.concat(to_batches(path, source.format, options, faults, source.keep))
    if not (corpus.labels or corpus.classes):
        raise OptionError(f"[source] heldout: {heldout} must have spans or classes to compare with, has none")
    return corpus.with_tokenizer(source.tokenizer) if source.tokenizer else corpus
