"""How the values of a store may be written otherwise: with a capital, as a plural, as the short form of a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from textsynth.extract.usage import capitalise
from textsynth.values.demand import make_plural, shorten
from textsynth.values.program import CAPITAL, FORMS, PLURAL, Program


@dataclass(frozen=True)
class Writings:
    """The store of a program with what else its values may be written as.

    Args:
        store: the pieces, those of the program first.
        written: `(writings, pieces)`; for each sum of CAPITAL and PLURAL the piece that a piece becomes.
        short: `(forms, pieces)`; for each of FORMS the piece that a piece becomes.
    """

    store: list[str]
    written: np.ndarray
    short: np.ndarray

    @classmethod
    def of(cls, program: Program) -> Self:
        """Writes the values of the labels for which anything is asked."""
        store = list(program.store)
        forms = {(label, form) for label, form in program.asked_forms if form}
        short = {form: _rewrite(store, _values(program, forms, form), _shortener(form)) for _, form in sorted(forms)}
        asked = {(label, writing) for label, writing in program.asked_writings if writing}
        # What a short form adds to the store may begin a sentence too.
        added = range(len(program.store), len(store))
        written = {
            writing: _rewrite(store, [*_values(program, asked, writing), *added], _writer(writing))
            for _, writing in sorted(asked)
        }
        return cls(store, _table(written, 1 + CAPITAL + PLURAL, len(store)), _table(short, len(FORMS), len(store)))


def _values(program: Program, asked: Iterable[tuple[int, int]], what: int) -> list[int]:
    """Returns the pieces that are values of a label for which something is asked."""
    labels = {label for label, each in asked if each == what}
    return [piece for label in sorted(labels) for piece in program.members[label].tolist()]


def _rewrite(store: list[str], pieces: Iterable[int], rewrite: Callable[[str], str]) -> dict[int, int]:
    """Adds what pieces become to the store, and returns where it is."""
    known: dict[str, int] = {}
    found: dict[int, int] = {}
    for piece in pieces:
        text = rewrite(store[piece])
        if text != store[piece]:
            if text not in known:
                known[text] = len(store)
                store.append(text)
            found[piece] = known[text]
    return found


def _shortener(form: int) -> Callable[[str], str]:
    return lambda text: shorten(text, FORMS[form])


def _writer(writing: int) -> Callable[[str], str]:
    def write(text: str) -> str:
        plural = make_plural(text) if writing & PLURAL else text
        return capitalise(plural) if writing & CAPITAL else plural

    return write


def _table(found: dict[int, dict[int, int]], rows: int, pieces: int) -> np.ndarray:
    table = np.tile(np.arange(pieces), (rows, 1))
    for row, each in found.items():
        table[row, list(each)] = list(each.values())
    return table
