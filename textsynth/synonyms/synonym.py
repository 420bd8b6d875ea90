"""The synonyms of a word as it stands in a text: of the senses it can have there, in its form and casing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from textsynth.language.casing import Casing, can_be_written, casing, recase
from textsynth.language.inflection import PARTS, Form, Inflector, Part
from textsynth.language.stopword import STOP_WORDS
from textsynth.language.tagging import NAME, TAGS

_ALONE = 0.8
"""The share of a word's uses that must fall to one part of speech for the others to be ignored."""

_FREQUENT = 0.2
"""The share of a word's uses that must fall to a sense for it to count."""

_BASE: frozenset[Form] = frozenset({"base"})


@dataclass(frozen=True)
class Sense:
    """One sense of a word.

    Args:
        written: the word as the lexicon writes it: "Monday".
        synonyms: the other words of the sense, in their base forms.
        count: how often the word has this sense in some corpus; 0 if nothing is known.
        inflected: whether the sense has other forms than the base; it has none if its part of speech is not known.
    """

    written: str
    synonyms: tuple[str, ...]
    count: float = 0
    inflected: bool = True


class Lexicon(Protocol):
    """Knows the senses of words."""

    def senses(self, word: str, part: Part) -> Sequence[Sense]:
        """Returns the senses of a word, given in lower case and in its base form, the most frequent first."""


@dataclass(frozen=True)
class _Use:
    """A sense that a word can have, and the forms of it that it can be."""

    sense: Sense
    part: Part
    forms: frozenset[Form]


class SynonymFinder:
    """Finds the synonyms of words as they stand.

    Args:
        lexicon: the senses of base forms.
        inflector: from forms to base forms and back.
        senses: how many senses of a word count, the most frequent first, over all its parts of speech.
        stop_words: words in lower case that neither have synonyms nor are some.
    """

    def __init__(
        self, lexicon: Lexicon, inflector: Inflector, senses: int, stop_words: frozenset[str] = STOP_WORDS
    ) -> None:
        self._stop_words = stop_words
        self._lexicon = lexicon
        self._inflector = inflector
        self._senses = senses
        self._known: dict[str, list[_Use]] = {}

    def find(self, word: str, tag: str) -> list[str]:
        """Returns the synonyms of a word in its casing and form, never the word itself.

        Args:
            word: as it stands.
            tag: one of `TAGS`, what the word can be at its place.
        """
        like, lower = casing(word), word.lower()
        if lower in self._stop_words:
            return []
        uses = [
            _Use(use.sense, use.part, forms)
            for use in self._uses(lower)
            if _can_be(use.sense.written, word, like, tag)
            if (forms := _choose_forms(use, tag))
        ]
        found = (recase(each, like) for use in _choose_senses(uses)[: self._senses] for each in self._inflect(use))
        return [each for each in dict.fromkeys(found) if each.lower() not in self._stop_words and each.lower() != lower]

    def _uses(self, word: str) -> list[_Use]:
        """Returns all senses and forms that a word in lower case can have; each word is looked up once."""
        if word not in self._known:
            self._known[word] = [
                _Use(sense, part, forms if sense.inflected else _BASE)
                for part in PARTS
                for base in self._inflector.bases(word, part)
                if (senses := self._lexicon.senses(base, part))
                if (forms := self._inflector.forms(word, base, part))
                for sense in senses
                if sense.inflected or base == word
            ]
        return self._known[word]

    def _inflect(self, use: _Use) -> Iterator[str]:
        """Yields the synonyms of a sense in the form of the word.

        If that may be one of several forms, as "put" is, only synonyms that have one form for all of these.
        """
        for synonym in use.sense.synonyms:
            if synonym.lower() in self._stop_words:
                continue
            forms = {self._inflector.inflect(synonym, use.part, form) for form in use.forms}
            form = forms.pop()
            if not forms and form is not None:
                yield form


def _can_be(written: str, word: str, like: Casing, tag: str) -> bool:
    """Says whether a word of the lexicon may stand as it does; what looks like a name is no common word."""
    if tag == NAME and casing(written) == "lower":
        return False
    return can_be_written(written, like) and (like != "mixed" or written == word)


def _choose_forms(use: _Use, tag: str) -> frozenset[Form]:
    """Returns the forms that a word with a tag can be among all that it can be."""
    if not use.sense.inflected:
        return use.forms
    return frozenset(form for form in use.forms if (use.part, form) in TAGS[tag])


def _choose_senses(uses: Sequence[_Use]) -> list[_Use]:
    """Returns the frequent senses by falling count, of the one part of speech that the word nearly always is."""
    totals = dict.fromkeys((use.part for use in uses), 0.0)
    for use in uses:
        totals[use.part] += use.sense.count
    whole = sum(totals.values())
    # A word that is nearly always a noun is taken for one, whatever else a lexicon has for it.
    kept = [
        use for use in uses if totals[use.part] >= _ALONE * whole and use.sense.count >= _FREQUENT * totals[use.part]
    ]
    return sorted(kept, key=lambda use: -use.sense.count)
