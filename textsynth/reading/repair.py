"""Repairs of spans that a file has wrong: made on request alone, and counted."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from textsynth.corpus.example import trim_edges
from textsynth.reading.path_name import name_path
from textsynth.reading.records import Fault, Record, Spans

logger = logging.getLogger(__name__)

Repair = Literal["trim", "quote", "join", "longest"]
"""`trim`: white space at the edges of a span is cut off. `quote`: offsets are found again by the text that stands
beside them. `join`: the pieces of a mention that goes over a line break become one span. `longest`: of spans that
overlap the longest is kept."""


class Repairs:
    """The repairs that were asked for, and how often each was made in one file.

    Args:
        asked: which repairs may be made.
    """

    def __init__(self, asked: Sequence[Repair] = ()) -> None:
        self.counts: Counter[Repair] = Counter()
        self._asked = frozenset(asked)

    @property
    def trims(self) -> bool:
        """Whether white space at the edges of spans is cut off."""
        return "trim" in self._asked

    def may(self, repair: Repair, times: int = 1) -> bool:
        """Says whether a repair was asked for; if so, it is counted as made."""
        if repair in self._asked and times:
            self.counts[repair] += times
        return repair in self._asked

    def mend(self, record: Record) -> Record:
        """Returns a record whose spans were trimmed and thinned out as far as that was asked for."""
        spans = record.spans
        if self.trims:
            trimmed = trim(record.text, spans)
            self.may("trim", sum(old != new for old, new in zip(spans, trimmed, strict=True)))
            spans = trimmed
        if "longest" in self._asked:
            kept = keep_longest(spans)
            self.may("longest", len(spans) - len(kept))
            spans = kept
        return record.with_spans(spans)

    def mends(self, record: Record) -> bool:
        """Says whether trimming or thinning out was asked for and would change a record."""
        trimmed = trim(record.text, record.spans) if self.trims else record.spans
        return trimmed != record.spans or ("longest" in self._asked and len(keep_longest(trimmed)) < len(trimmed))

    def hint(self, record: Record) -> str:
        """Says which repairs that were not asked for would change a bad record; empty if none would."""
        trimmed = trim(record.text, record.spans)
        helps: list[Repair] = ["trim"] if trimmed != record.spans else []
        helps += ["longest"] if len(keep_longest(trimmed)) < len(trimmed) else []
        return explain(*(name for name in helps if name not in self._asked))

    def log(self, path: Path) -> None:
        """Logs how often each repair was made in a file, in one line; nothing if none was."""
        if self.counts:
            made = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
            logger.warning("%s: spans repaired: %s", name_path(path), made)


def explain(*names: Repair) -> str:
    """Returns what follows a message to say which repairs would help; empty if none would.

    >>> explain("trim", "longest")
    '; mend it with repair = ["trim", "longest"]'
    """
    listed = ", ".join(f'"{name}"' for name in names)
    return f"; mend it with repair = [{listed}]" if names else ""


def trim(text: str, spans: Spans) -> Spans:
    """Returns spans without white space at their edges; those outside the text or of nothing else stay as they are.

    >>> trim("to Rome .", [(2, 8, "CITY"), (2, 3, "CITY")])
    [(3, 7, 'CITY'), (2, 3, 'CITY')]
    """
    return [_trim_one(text, span) for span in spans]


def keep_longest(spans: Spans) -> Spans:
    """Returns the longest of spans that overlap, in their order; of equally long ones the first.

    >>> keep_longest([(0, 12, "ORG"), (8, 12, "CITY"), (0, 12, "PERSON")])
    [(0, 12, 'ORG')]
    """
    kept: list[int] = []
    for at in sorted(range(len(spans)), key=lambda at: spans[at][0] - spans[at][1]):
        start, end, _ = spans[at]
        if all(end <= spans[other][0] or spans[other][1] <= start for other in kept):
            kept.append(at)
    return [spans[at] for at in sorted(kept)]


def find_quote(text: str, span: tuple[int, int, str], quote: str) -> tuple[int, int, str] | Fault:
    r"""Finds the place of a quoted mention near offsets that do not fit it.

    Offsets that count each CRLF as one character are tried first; otherwise the mention must stand in the text once.

    >>> find_quote("a\r\nAda, Ada", (2, 5, "PERSON"), "Ada")
    (3, 6, 'PERSON')
    >>> find_quote("so Ada ran", (0, 3, "PERSON"), "Ada")
    (3, 6, 'PERSON')
    """
    start, end, label = span
    places = list(_find_places(text, quote))
    shift = _shift_by_line_ends(text, start)
    counted = [place for place in places if place[0] == start + shift]
    if len(counted or places) == 1:
        return (*(counted or places)[0], label)
    found = f"it stands there {len(places)} times" if places else "it is nowhere"
    return Fault(f"span {start}-{end} {label!r} quotes {quote!r}, whose place in the text is unclear: {found}")


def matches_quote(mention: str, quote: str) -> bool:
    r"""Says whether a mention is what was quoted, any white space being the same, line ends written as `\n` too.

    >>> matches_quote("New\nYork", "New York"), matches_quote("Ada", "Eva")
    (True, False)
    """
    return mention == quote or _flatten(mention) == _flatten(quote)


def _trim_one(text: str, span: tuple[int, int, str]) -> tuple[int, int, str]:
    start, end, label = span
    mention = text[start:end] if 0 <= start < end <= len(text) else ""
    if not mention.strip():
        return span
    return *trim_edges(text, start, end), label


def _find_places(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Yields each place of a quotation in a text, any run of white space being the same."""
    words = [re.escape(word) for word in _flatten(quote).split(" ")]
    if words != [""]:
        yield from (match.span() for match in re.finditer(r"\s+".join(words), text))


def _shift_by_line_ends(text: str, offset: int) -> int:
    """Returns how much further an offset lies if each CRLF before it is two characters instead of one."""
    counted, place = 0, 0
    for part in text.split("\r\n"):
        if counted + len(part) >= offset:
            break
        counted += len(part) + 1
        place += 1
    return place


def _flatten(text: str) -> str:
    return " ".join(text.replace("\\n", " ").split())
