"""The gazetteer: the mentions of each label, with their counts and casing."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from textsynth.corpus import Corpus
from textsynth.corpus.code_points import CodePoints, byte_slices
from textsynth.errors import FormatError
from textsynth.extract.escape import escape, is_comment, unescape
from textsynth.foundation.disk import write_whole
from textsynth.reading.records import Faults, read_lines

_HEADER = ["label", "mention", "count", "casing"]
_AT_ONCE = 100_000
"""Examples whose characters are looked at together."""


@dataclass(frozen=True)
class Gazetteer:
    """Mentions by label, each with how often the source has it.

    Args:
        mentions: for each label its surface forms and their counts.

    >>> corpus = Corpus.from_columns(text=["Ann, Bo", "Ann"], spans=[[(0, 3, "P"), (5, 7, "P")], [(0, 3, "P")]])
    >>> dict(Gazetteer.of(corpus).mentions["P"])
    {'Ann': 2, 'Bo': 1}
    """

    mentions: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, corpus: Corpus) -> Gazetteer:
        """Counts the mentions of a corpus; labels sorted, mentions by falling count."""
        counts: Counter[tuple[str, str]] = Counter()
        for part in corpus.in_batches(_AT_ONCE):
            counts.update(_count_mentions(part))
        mentions: dict[str, dict[str, int]] = {}
        for label, mention in sorted(counts, key=lambda pair: (pair[0], -counts[pair], pair[1])):
            mentions.setdefault(label, {})[mention] = counts[label, mention]
        return cls(mentions)

    @classmethod
    def read(cls, path: Path) -> Gazetteer:
        """Reads what `write` wrote, edited by hand perhaps; the casing is not read but seen in the mention itself.

        A line of label and mention alone counts once. Blank lines and comments, which begin with `# ` and have no tab,
        are passed over.

        Raises:
            FormatError: `file:line` for a line that has not label, mention and count.
            InputError: if the file cannot be read.
        """
        mentions: dict[str, dict[str, int]] = {}
        for number, line in read_lines(path, "utf-8", Faults()):
            cells = line.removesuffix("\r").split("\t")
            if not line.strip() or cells == _HEADER or (len(cells) == 1 and is_comment(line)):
                continue
            label, mention, count = _entry(path, number, cells)
            counts = mentions.setdefault(label, {})
            counts[mention] = counts.get(mention, 0) + count
        return cls(mentions)

    def write(self, path: Path) -> None:
        """Writes tab-separated `label`, `mention`, `count`, `casing`, to look at and to edit."""
        rows = ["\t".join(_HEADER)]
        for label, counts in self.mentions.items():
            rows += [f"{escape(label)}\t{escape(each)}\t{count}\t{casing(each)}" for each, count in counts.items()]
        write_whole(path, "\n".join(rows) + "\n")

    @functools.cached_property
    def labels(self) -> tuple[str, ...]:
        """Its labels, sorted."""
        return tuple(sorted(self.mentions))


def _count_mentions(corpus: Corpus) -> dict[tuple[str, str], int]:
    """Returns how often each mention stands in a part of a corpus, by label and mention."""
    table = pa.table({"label": corpus.spans.labels, "mention": mention_array(corpus)})
    # Threads cost more than they bring: a fit often counts a few mentions, and a million take a second.
    counted = table.group_by(["label", "mention"], use_threads=False).aggregate([([], "count_all")])
    label, mention, count = (counted.column(name).to_pylist() for name in ("label", "mention", "count_all"))
    return dict(zip(zip(label, mention, strict=True), count, strict=True))


def list_mentions(corpus: Corpus) -> pa.ChunkedArray:
    """Returns what `mention_array` does, found in a part of the corpus at a time: it takes many times their bytes."""
    return pa.chunked_array(map(mention_array, corpus.in_batches(_AT_ONCE)), pa.string())


def mention_array(corpus: Corpus) -> pa.StringArray:
    """Returns the surface form of every span of a corpus, `(spans,)`."""
    # Spans count code points from the start of their text; a slice needs the bytes from the start of all texts.
    points, spans = CodePoints.of(corpus.texts), corpus.spans
    begin = points.rows[spans.row_of_span()]
    return byte_slices(corpus.texts, points.byte_of[begin + spans.starts], points.byte_of[begin + spans.ends])


def casing(mention: str) -> str:
    """Says how a mention is cased: `upper`, `lower`, `title`, `mixed`, or `none` if it has no cased letter.

    >>> [casing(each) for each in ("NASA", "aspirin", "New York", "iPhone", "1984")]
    ['upper', 'lower', 'title', 'mixed', 'none']
    """
    tests = {"upper": mention.isupper(), "lower": mention.islower(), "title": mention.istitle()}
    if mention.lower() == mention.upper():
        return "none"
    return next((name for name, holds in tests.items() if holds), "mixed")


def _entry(path: Path, number: int, cells: list[str]) -> tuple[str, str, int]:
    if len(cells) < 2:
        raise FormatError(f"{path}:{number}: a line must have label, mention and count between tabs, was: {cells[0]!r}")
    label, mention = unescape(cells[0]), unescape(cells[1]).strip()
    count = cells[2] if len(cells) > 2 and cells[2] else "1"
    if not label or not mention:
        raise FormatError(f"{path}:{number}: label and mention must not be empty, were: {label!r}, {mention!r}")
    if not count.isdecimal() or int(count) < 1:
        raise FormatError(f"{path}:{number}: count must be a whole number of at least 1, was: {count!r}")
    return label, mention, int(count)
