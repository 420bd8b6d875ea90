"""Choices: which values of a pool fit what a slot asks for, and what is given up if too few do."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.extract.context import ANYWHERE, CURRENCY, kind_of
from textsynth.language.person_name import UNKNOWN
from textsynth.values.demand import Demand, is_full, is_plural
from textsynth.values.given_name import find_gender
from textsynth.values.pool import Uses

_LEAST = 3
"""Values that a slot can be filled with, its own counted; with fewer it takes what fits less well."""

_FEWEST = 2
"""Values that it must have in any case."""

Key = tuple[str | int | None, ...]

EVERY: Key = ("any", None, "", "", "all", None, None)
"""The key of all values of a pool."""


@dataclass(frozen=True)
class Choice:
    """Values that a slot may be filled with.

    Args:
        key: equal for equal values of one label; `EVERY` for all of them.
        values: `(values,)` positions in the pool, rising.
        has_class: whether they were all seen in the class of the template, or no class was asked for.
        has_context: whether they were all seen in the context of the slot, or none was asked for.
    """

    key: Key
    values: np.ndarray
    has_class: bool = True
    has_context: bool = True


@dataclass(frozen=True)
class _Level:
    """How much of what is asked for is kept."""

    key: Key
    has_class: bool = True
    has_context: bool = True


@dataclass(frozen=True)
class _Offer:
    """What may be chosen for a demand, if it has values enough.

    Args:
        key: of the values.
        has_class: as for `Choice`.
        has_context: as for `Choice`.
        least: values that there must be, the original counted.
    """

    key: Key
    has_class: bool
    has_context: bool
    least: int


class Choices:
    """Finds the values of one label that fit.

    Class comes before context: what was seen in the class and behind the word, be it apart; in the class behind words
    of that kind; in the class; then the same whatever the class. What has no uses fits everywhere.

    Args:
        values: of the pool.
        uses: where the source has them; None if that says nothing of them.
    """

    def __init__(self, values: Sequence[str], uses: Uses | None) -> None:
        self._values = values
        self._uses = uses
        self._sets: dict[Key, np.ndarray] = {}
        self._offers: dict[tuple[str | None, Demand], list[_Offer]] = {}
        if uses is not None:
            kinds = {each: kind_of(each) for each in uses.context.unique().to_pylist()}
            self._kind = pa.array([kinds[each] for each in uses.context.to_pylist()], pa.string())
            self._anywhere = np.setdiff1d(np.arange(len(values)), uses.value)
            self._has_classes = uses.label.null_count < len(uses.label)

    @property
    def has_uses(self) -> bool:
        """Whether the values are the mentions of a source, written as they stand inside a sentence."""
        return self._uses is not None

    def find(self, label: str | None, demand: Demand, original: int, alike: int) -> Choice:
        """Returns the best choice that has values enough.

        Args:
            label: the class of the template.
            demand: what the slot asks for.
            original: the position of the value that must not be drawn, -1 if there is none.
            alike: how many slots of the template ask for the same, and need different values.
        """
        if (label, demand) not in self._offers:
            self._offers[label, demand] = list(self._list_offers(label, demand))
        for offer in self._offers[label, demand]:
            values = self._take(offer.key)
            if len(values) - _holds(values, original) >= max(offer.least - (original >= 0), alike):
                return Choice(offer.key, values, offer.has_class, offer.has_context)
        asked = self._uses is not None and demand.context is not None
        has_class = not asked or label is None or not self._has_classes
        return Choice(EVERY, np.arange(len(self._values)), has_class, not asked)

    def _list_offers(self, label: str | None, demand: Demand) -> Iterator[_Offer]:
        """Yields what fits a demand, the best first."""
        levels = list(self._levels(label, demand.context))
        for names in self._names_of(demand):
            for level in levels:
                # Before gender, number and the like are given up, one other value is enough.
                least = _FEWEST if level is levels[-1] else _LEAST
                yield _Offer((*names, *level.key), level.has_class, level.has_context, least)

    def _levels(self, label: str | None, context: str | None) -> Iterator[_Level]:
        if self._uses is None or context is None:
            yield _Level(("all", None, None))
            return
        kind = kind_of(context)
        in_any = label is None or not self._has_classes
        if context == ANYWHERE:
            yield from () if in_any else (_Level(("all", label, None)),)
            yield _Level(("all", None, None), has_class=in_any)
            return
        if label is not None and self._has_classes:
            yield _Level(("use", label, context))
            yield _Level(("context", label, context))
            yield _Level(("kind", label, kind), has_context=kind == context)
            yield _Level(("all", label, None), has_context=False)
        yield _Level(("context", None, context), has_class=in_any)
        yield _Level(("kind", None, kind), has_class=in_any, has_context=kind == context)
        yield _Level(("all", None, None), has_class=in_any, has_context=False)

    def _names_of(self, demand: Demand) -> Iterator[Key]:
        """Yields what the values themselves must be, less and less.

        That is their gender, whether they have several words or no currency sign, and singular or plural.
        """
        is_priced = demand.context is not None and kind_of(demand.context) == CURRENCY
        rest: Key = ("full" if demand.full else "bare" if is_priced else "", demand.number)
        if demand.gender != UNKNOWN:
            yield ("known", demand.gender, *rest)
            yield ("not", 1 - demand.gender, *rest)
        yield ("any", None, *rest)
        if any(rest):
            yield ("any", None, "", "")

    def _take(self, key: Key) -> np.ndarray:
        """Returns the values of a key, found once."""
        if key not in self._sets:
            gendered, gender, shape, number, place, label, what = key
            found = self._find_used(str(place), label, what)
            if gendered != "any":
                found = found[(self._genders[found] == gender) == (gendered == "known")]
            if shape:
                found = found[(self._full if shape == "full" else self._bare)[found]]
            if number:
                found = found[self._plural[found] == (number == "several")]
            self._sets[key] = found
        return self._sets[key]

    def _find_used(self, place: str, label: str | int | None, what: str | int | None) -> np.ndarray:
        if self._uses is None or (place == "all" and label is None):
            return np.arange(len(self._values))
        in_class = _equal(self._uses.label, label)
        context = np.ones(len(in_class), bool) if place == "all" else _equal(self._of(place), what)
        if label is None:
            chosen = self._uses.value[context]
        elif place == "use":
            chosen = self._uses.value[in_class & context]
        else:
            chosen = np.intersect1d(self._uses.value[in_class], self._uses.value[context])
        return np.union1d(chosen, self._anywhere)

    def _of(self, place: str) -> pa.StringArray:
        return self._kind if place == "kind" or self._uses is None else self._uses.context

    @functools.cached_property
    def _genders(self) -> np.ndarray:
        return np.array([find_gender(value) for value in self._values], np.int64)

    @functools.cached_property
    def _full(self) -> np.ndarray:
        return self._test(is_full)

    @functools.cached_property
    def _bare(self) -> np.ndarray:
        return self._test(lambda value: unicodedata.category(value[0]) != CURRENCY)

    @functools.cached_property
    def _plural(self) -> np.ndarray:
        return self._test(is_plural)

    def _test(self, holds: Callable[[str], bool]) -> np.ndarray:
        return np.array([holds(value) for value in self._values], bool)


def _holds(values: np.ndarray, value: int) -> bool:
    """Says whether rising values have this one."""
    place = int(np.searchsorted(values, value))
    return place < len(values) and int(values[place]) == value


def _equal(column: pa.StringArray, value: str | int | None) -> np.ndarray:
    return pc.fill_null(pc.equal(column, pa.scalar(value, pa.string())), False).to_numpy(zero_copy_only=False)
