"""The corpora of an evaluation side by side: drawn at one size, encoded together, scored with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.components.metric import Cell, Evidence, Score, Table
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.extract.heldout import number_groups
from textsynth.scores.intervals import Estimate, Statistic, difference_interval, estimate

_SOURCE = 200_000
"""Rows of the source that are looked at, at most."""


@dataclass(frozen=True)
class Sides:
    """The corpora of an evaluation; the synthetic and the held-out one have the same size.

    Args:
        synthetic: as many rows as `heldout` has, drawn without repeats.
        source: what both are compared with.
        heldout: empty if there is none.
        notes: what was drawn.
    """

    synthetic: Corpus
    source: Corpus
    heldout: Corpus
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[Corpus]:
        """Yields the synthetic text, the source and the held-out text."""
        yield from (self.synthetic, self.source, self.heldout)


def draw_sides(evidence: Evidence, rng: np.random.Generator, most: int) -> Sides:
    """Draws the corpora of an evaluation at one size.

    Args:
        evidence: all there is.
        rng: draws the rows.
        most: rows of the synthetic and of the held-out corpus, at most.
    """
    sizes = [len(each) for each in (evidence.synthetic, evidence.heldout) if len(each)]
    size = min([most, *sizes])
    sides = [
        draw(corpus, rows, rng)
        for corpus, rows in ((evidence.synthetic, size), (evidence.source, _SOURCE), (evidence.heldout, size))
    ]
    return Sides(sides[0], sides[1], sides[2], tuple(_tell(evidence, sides)))


def draw(corpus: Corpus, rows: int, rng: np.random.Generator) -> Corpus:
    """Draws rows of a corpus without repeats, in its order; all of it if it has no more."""
    if len(corpus) <= rows:
        return corpus
    return corpus.take(np.sort(rng.choice(len(corpus), rows, replace=False)))


def _tell(evidence: Evidence, drawn: Sequence[Corpus]) -> Iterator[str]:
    names = ("synthetic text", "source", "held-out text")
    for name, whole, part in zip(names, (evidence.synthetic, evidence.source, evidence.heldout), drawn, strict=True):
        if not len(whole):
            yield f"there is no {name}"
        elif len(part) < len(whole):
            yield f"of the {name}, {len(part)} of {len(whole)} rows are looked at"


def encode_together(columns: Sequence[pa.Array]) -> tuple[list[np.ndarray], list[str]]:
    """Numbers the strings of several columns, equal ones alike.

    Returns:
        The numbers of each column, and the strings in the order of their numbers.

    >>> encode_together([pa.array(["b", "a"]), pa.array(["a"])])
    ([array([0, 1]), array([1])], ['b', 'a'])
    """
    encoded = pa.chunked_array([each.cast(pa.string()) for each in columns], pa.string()).combine_chunks()
    joined = pa.concat_arrays(encoded.chunks) if isinstance(encoded, pa.ChunkedArray) else encoded
    dictionary = joined.dictionary_encode()
    codes = dictionary.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return np.split(codes, np.cumsum([len(each) for each in columns])[:-1]), dictionary.dictionary.to_pylist()


def score_sides(
    kinds: Mapping[str, tuple[str, str]],
    statistics: tuple[Statistic, Statistic],
    sides: Sides,
    rng: np.random.Generator,
) -> dict[str, Score]:
    """Scores the synthetic text beside the held-out text, each by groups of one wording or one text.

    Args:
        kinds: for each number by its name what is better, and its unit.
        statistics: of the synthetic and of the held-out text: the numbers about rows, in the order of `kinds`.
        sides: the corpora.
        rng: deals the groups out to blocks.
    """
    corpora = (sides.synthetic, sides.heldout)
    found = [
        estimate(statistic, number_groups(corpus), rng) if len(corpus) else unknown(len(kinds))
        for statistic, corpus in zip(statistics, corpora, strict=True)
    ]
    return make_scores(kinds, found[0], found[1])


def unknown(numbers: int) -> Estimate:
    """Returns what is known of a corpus that has no rows."""
    return Estimate(np.full(numbers, np.nan), np.full(numbers, np.nan))


def make_scores(kinds: Mapping[str, tuple[str, str]], synthetic: Estimate, heldout: Estimate) -> dict[str, Score]:
    """Makes scores of numbers about both corpora; `kinds` as for `score_sides`."""
    low, high = difference_interval(synthetic, heldout)
    columns = zip(kinds.items(), synthetic.values, heldout.values, low, high, strict=True)
    return {
        name: Score(_keep_finite(value), _keep_finite(beside), _keep_finite(least), _keep_finite(most), better, unit)
        for (name, (better, unit)), value, beside, least, most in columns
    }


def _keep_finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def tell_shares(title: str, columns: Sequence[Ragged], names: Sequence[str]) -> Table:
    """Makes a table of the share of each value in the synthetic text, the source and the held-out text."""
    counts = [np.bincount(each.values, minlength=len(names)) for each in columns]
    shares = [each / max(1, each.sum()) for each in counts]
    order = sorted(range(len(names)), key=lambda code: (-shares[1][code], names[code]))
    rows: list[tuple[Cell, ...]] = [(names[code], *(float(each[code]) for each in shares)) for code in order]
    return Table(title, (title.split()[0].lower(), "synthetic", "source", "held out"), tuple(rows))
