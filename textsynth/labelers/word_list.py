"""Finds the terms of a list."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pyarrow as pa

from textsynth.components.labeler import Finder, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.errors import FormatError, OptionError
from textsynth.labelling.phrases import PhraseSearch
from textsynth.language.inflection import Inflector
from textsynth.reading.records import Faults, read_lines

Casing = Literal["fitting", "exact", "any"]


@dataclass(frozen=True, kw_only=True)
class WordList(Labeler):
    """Finds the terms of a list: the longest one at each place, between the edges of words.

    A million terms are looked for at once (Aho and Corasick 1975).

    Args:
        path: the list: a term a line, perhaps a tab behind it and how sure it is, from 0 to 1. Lines that begin with
            "# " are comments.
        terms: terms beside those of the list, or instead of one.
        label: the label of what is found.
        casing: "fitting" also finds a term with a capital at its beginning, or in capitals, as text at the beginning of
            a sentence or in headings has it; "exact" finds it as it is written; "any" finds it however it is written.
        plurals: whether the English plural of a term is found too.
    """

    example_options = {"terms": ("Ada", "moved")}

    path: Path | None = None
    terms: tuple[str, ...] = ()
    label: str = "TERM"
    casing: Casing = "fitting"
    plurals: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.label.strip():
            raise OptionError(f"option 'label' must be a name, was: {self.label!r}")

    def libraries(self) -> frozenset[str]:
        """Names what looks for many terms at once."""
        return frozenset({"ahocorasick-rs"})

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the list from a folder."""
        return dataclasses.replace(self, path=folder / self.path if self.path else None)

    def load(self, language: str, workers: int = 1) -> Finder:
        """Reads the list.

        Raises:
            FormatError: `file:line` for a line that is not a term with how sure it is.
            InputError: if the file cannot be read.
            OptionError: if there are no terms.
        """
        weights = dict.fromkeys(self.terms, 1.0) | (dict(_read_terms(self.path)) if self.path else {})
        if not weights:
            raise OptionError(
                f"option 'path' or 'terms' must give at least one term, {self.path or 'neither'} gives none"
            )
        forms = self._list_forms(weights)
        search = PhraseSearch(list(forms))
        confidences = np.fromiter(forms.values(), np.float64, len(forms))

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts
            places = search.find(lower_all(texts) if self.casing == "any" else texts)
            labels = np.full(len(places.rows), self.label, object)
            return Findings(places.rows, places.starts, places.ends, labels, confidences[places.phrases])

        return Finder(find, frozenset({self.label}))

    def _list_forms(self, weights: dict[str, float]) -> dict[str, float]:
        """Returns every way in which a term may be written, with how sure the term is."""
        inflector = Inflector()
        forms: dict[str, float] = {}
        for term, weight in weights.items():
            written = [term, *_plurals(term, inflector)] if self.plurals else [term]
            for each in written:
                for form in self._cases(each):
                    forms.setdefault(form, weight)
        return forms

    def _cases(self, term: str) -> tuple[str, ...]:
        if self.casing == "any":
            return (lower(term),)
        return (term,) if self.casing == "exact" else (term, term[:1].upper() + term[1:], term.upper())


def lower(text: str) -> str:
    """Returns a text in small letters, letter by letter, so that no place in it moves.

    >>> lower("İSTANBUL ß"), len(lower("İ"))
    ('İstanbul ß', 1)
    """
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def lower_all(texts: pa.StringArray) -> pa.StringArray:
    """Returns texts in small letters; no place in them moves."""
    return pa.array([lower(text) for text in texts.to_pylist()], pa.string())


def _plurals(term: str, inflector: Inflector) -> tuple[str, ...]:
    """Returns the plurals of a term, those of its last word."""
    before, space, word = term.rpartition(" ")
    if not word.isalpha():
        return ()
    if word.isupper():
        return (f"{term}s",)
    return tuple(f"{before}{space}{form}" for form in inflector.spellings(word, "noun", "plural"))


def _read_terms(path: Path) -> Iterator[tuple[str, float]]:
    for number, line in read_lines(path, "utf-8", Faults()):
        if not line.strip() or line.startswith("# "):
            continue
        term, tab, weight = line.rstrip("\r").partition("\t")
        yield " ".join(term.split()), _read_weight(weight, f"{path}:{number}") if tab else 1.0


def _read_weight(text: str, where: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 1:
        raise FormatError(f"{where}: behind the tab must be how sure the term is, from 0 to 1, was: {text!r}")
    return weight
