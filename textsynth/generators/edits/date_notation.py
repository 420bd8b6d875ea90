"""Writes dates in other notations."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.edits.edit import Edit, Policy
from textsynth.edits.stretch import FoundStretch, StretchEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError, nearest
from textsynth.extract import Resources
from textsynth.extract.gazetteer import mention_array

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTH_OF = {name[:size].lower(): place for place, name in enumerate(_MONTHS, 1) for size in (3, len(name))} | {
    "sept": 9
}
_DAY_OF = {name[:size].lower(): place for place, name in enumerate(_DAYS) for size in (3, len(name))} | {
    **{"tues": 1, "thur": 3, "thurs": 3},
}
"""The number of each day of the week, from 0, and of each month, from 1, by name in full and in short."""

_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(_DAY_OF, key=len, reverse=True))})\.?"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTH_OF, key=len, reverse=True))})\.?"
_DAY, _YEAR, _COMMA = r"(?P<day>\d{1,2})(?P<ending>st|nd|rd|th)?", r"(?P<year>\d{4})", " ?, ?"
_WRITTEN = [
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        _WEEKDAY,
        _MONTH,
        rf"{_MONTH}(?:{_COMMA}| ){_YEAR}",
        rf"(?:{_WEEKDAY}(?:{_COMMA}| ))?{_DAY} (?:of )?{_MONTH}(?:(?:{_COMMA}| ){_YEAR})?",
        rf"(?:{_WEEKDAY}(?:{_COMMA}| ))?{_MONTH} {_DAY}(?:(?:{_COMMA}| ){_YEAR})?",
        r"(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})",
        r"(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{4})",
    )
]
"""The notations that are read; only that with slashes may have day and month in either order."""

_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


@dataclass(frozen=True)
class Date:
    """A date, or a part of one.

    Args:
        weekday: 0 for Monday, or None.
        day: of the month, or None.
        month: 1 for January, or None.
        year: or None.
    """

    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None

    @classmethod
    def of(cls, mention: str) -> Date | None:
        """Reads a date; nothing if it is none, or could be two.

        >>> Date.of("Mon, March 14th, 2024"), Date.of("03/04/2024")
        (Date(weekday=0, day=14, month=3, year=2024), None)
        """
        slashed = _SLASHES.fullmatch(mention)
        if slashed:
            one, other, year = map(int, slashed.groups())
            day, month = (other, one) if other > 12 else (one, other)
            return cls(None, day, month, year)._check() if max(one, other) > 12 or one == other else None
        match = next(filter(None, (pattern.fullmatch(mention) for pattern in _WRITTEN)), None)
        return cls._of_parts(match.groupdict())._check() if match else None

    @classmethod
    def _of_parts(cls, parts: dict[str, str | None]) -> Date:
        weekday, month, number = parts.get("weekday"), parts.get("month"), parts.get("number")
        day, year = parts.get("day"), parts.get("year")
        return cls(
            _DAY_OF[weekday.lower()] if weekday else None,
            int(day) if day else None,
            _MONTH_OF[month.lower()] if month else int(number) if number else None,
            int(year) if year else None,
        )

    def _check(self) -> Date | None:
        """Returns the date if there is such a day."""
        if self.month is None:
            return self
        try:
            datetime.date(2024 if self.year is None else self.year, self.month, 1 if self.day is None else self.day)
        except ValueError:
            return None
        return self

    def notations(self) -> list[str]:
        """Returns all ways to write the date that can be read in one way.

        >>> Date(day=14, month=3).notations()
        ['14 March', '14 Mar', 'March 14', 'Mar 14']
        >>> Date(day=3, month=4, year=2024).notations()[-2:]
        ['2024-04-03', '03.04.2024']
        """
        full, short = self._in_words(slice(None)), self._in_words(slice(3))
        written = [each for pair in zip(full, short, strict=True) for each in pair]
        if self.year is not None and self.day is not None and self.weekday is None:
            day, month, year = f"{self.day:02}", f"{self.month:02}", f"{self.year:04}"
            written += [f"{year}-{month}-{day}", f"{day}.{month}.{year}"]
            if self.day > 12 or day == month:
                written.append(f"{day}/{month}/{year}")
        return list(dict.fromkeys(written))

    def _in_words(self, letters: slice) -> list[str]:
        """Writes the date with these letters of its names: all, or the first three."""
        weekday = "" if self.weekday is None else _DAYS[self.weekday][letters]
        if self.month is None:
            return [weekday]
        month, year = _MONTHS[self.month - 1][letters], "" if self.year is None else f"{self.year:04}"
        if self.day is None:
            return [f"{month} {year}".strip()]
        opening = weekday and f"{weekday}, "
        return [f"{opening}{self.day} {month} {year}".strip(), f"{opening}{month} {self.day}" + (year and f", {year}")]


@functools.lru_cache(maxsize=1 << 16)
def other_notations(mention: str, comma: str = ", ") -> tuple[str, ...]:
    """Returns the other notations of a date, in capitals or small letters if it is.

    Args:
        mention: the date.
        comma: how a comma is written.

    >>> other_notations("2024-03-14", " , ")[:4], other_notations("MONDAY"), other_notations("yesterday")
    (('14 March 2024', '14 Mar 2024', 'March 14 , 2024', 'Mar 14 , 2024'), ('MON',), ())
    """
    date = Date.of(mention)
    if date is None:
        return ()
    written = [each.replace(", ", comma) for each in date.notations()]
    if mention.isupper() or mention.islower():
        written = [each.upper() if mention.isupper() else each.lower() for each in written]
    return tuple(each for each in written if each != mention)


@dataclass(frozen=True, kw_only=True)
class DateNotation(Edit[StretchEditor]):
    """Writes mentions of dates in other notations: 14 March 2024, Mar 14, 2024, 14.03.2024, 14/03/2024, 2024-03-14.

    A part of a date goes into another notation of that part, as Monday into Mon. What could be two dates, such as
    03/04/2024, stays, and no notation is drawn that could be. The rate is the share of the dates.

    Args:
        labels: the labels whose mentions are dates; the policy for them is "edit", unless it says otherwise.
    """

    labels: tuple[str, ...] = ("DATE",)

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Checks that the source has a label for dates."""
        there = resources.source.labels
        if not any(label in there for label in self.labels):
            asked = ", ".join(map(repr, self.labels)) or "none"
            guess = nearest(self.labels[0], there) if self.labels else nearest("", there)
            raise OptionError(f"option 'labels' must name a label of the source, was: {asked}; {guess}")

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds what may be rewritten, and leaves out what touches anything that may not be changed."""
        return StretchEditor.of_found(tokenised, self.find_free(tokenised), self._find(tokenised))

    def _find(self, tokenised: Tokenised) -> Iterator[FoundStretch]:
        """Finds the mentions that are dates."""
        corpus = tokenised.corpus
        comma = " , " if corpus.tokenizer == "whitespace" else ", "
        named = pc.is_in(corpus.spans.labels, pa.array(self.labels, pa.string()))
        some = np.flatnonzero(named.to_numpy(zero_copy_only=False))
        columns = corpus.spans.row_of_span(), corpus.spans.starts, corpus.spans.ends
        mentions = mention_array(corpus).take(pa.array(some)).to_pylist()
        for row, start, end, mention in zip(*(column[some].tolist() for column in columns), mentions, strict=True):
            written = other_notations(mention, comma)
            if written:
                yield FoundStretch(row, start, end, written)

    def policy_of(self, label: str) -> Policy:
        """Returns what happens with the mentions of a label: here they are edited if nothing else is said."""
        return self.policy.get(label, "edit") if label in self.labels else super().policy_of(label)
