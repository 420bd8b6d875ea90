r"""The context of a mention: what stands right before it and says which mentions fit there.

A context is a short string: a function word (`in`, `since`), a title (`mr`), a sign (`£`, `(`), `#` for a number, `-ly`
for an English adverb, `{LABEL}` for another mention, and nothing if a word of another kind stands there or none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from textsynth.corpus.script import is_unspaced
from textsynth.language.function_word import DETERMINERS, PLURAL_NUMBERS, find_function_words
from textsynth.language.identification import LanguageMixture
from textsynth.language.person_name import is_title

FREE = ""
"""The context of a mention that begins a sentence or stands behind a word that is no function word."""

ANYWHERE = "*"
"""Asks for a mention of the class, in whatever context: nobody knows yet where it will stand."""

NUMBER, ADVERB = "#", "-ly"

CURRENCY = "Sc"
"""The kind of currency signs."""

_FILLED = "\ufffc"
"""Stands for the mention before when only the words between matter."""

_SENTENCE_START = re.compile(r"(?:^|[.!?…][\"”’')\]]*\s+|[\n\r])\s*[\"“‘'(\[«¿¡*•–-]*\s*$")
_ABBREVIATION = re.compile(
    r"(?:\b[^\W\d_]|\.[^\W\d_]+|\b(?:mr|mrs|ms|dr|prof|st|vs|etc|nos?|approx|ca|cf|figs?|al|inc|ltd|co|corp|jr|sr|gen|"
    r"sen|rep|gov|capt|lt|col|sgt|rev|hon|mt|nr|bzw|usw|geb|ggf))\s?\.\s+$",
    re.IGNORECASE,
)
"""What ends in a full stop that ends no sentence: one letter, `e.g.`, and the commonest others."""

_POSSESSIVE = re.compile(r"['’]\s?s$", re.IGNORECASE)
_DIGITS = re.compile(r"(?:^|[^\w.,])(\d[\d.,]*)$")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*$")
_SHORTEST_ADVERB = 5


@dataclass(frozen=True)
class ContextFinder:
    """Finds contexts in texts of one language.

    Args:
        language: two letters of ISO 639.
        words: its function words, in lower case.

    >>> finder = ContextFinder.of(["We met in the park on Friday."])
    >>> [finder.find(each, None) for each in ("We met in ", "for £", "Mr. ", "He ate two ", "Met ", "It rained. ")]
    ['in', '£', 'mr', '#', '', '']
    """

    language: str
    words: frozenset[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Finds out which language texts are in, and its function words."""
        language = LanguageMixture.of(texts).main
        return cls(language, find_function_words(texts, language))

    def find(self, before: str, neighbour: str | None) -> str:
        """Returns the context of a mention.

        Args:
            before: the text before it, up to the mention before.
            neighbour: the label of the mention before, if there is one.
        """
        bare = before.rstrip()
        if not bare and neighbour is not None:
            return f"{{{neighbour}}}"
        if opens_sentence(before, neighbour):
            return FREE
        if _POSSESSIVE.search(bare):
            return "'s"
        digits = _DIGITS.search(bare)
        if digits:
            return "one" if digits[1] == "1" else NUMBER
        return self._find_word(bare)

    def _find_word(self, bare: str) -> str:
        found = _LAST_WORD.search(bare.removesuffix("."))
        word = found[0].casefold() if found else ""
        if is_title(word):
            return word
        if not bare[-1].isalnum():
            return bare[-1]
        if word in PLURAL_NUMBERS and self.language == "en":
            return NUMBER
        if word and is_unspaced(word[-1]):
            word = word[-1]
        if word in self.words:
            return word
        is_adverb = self.language == "en" and word.endswith("ly") and len(word) >= _SHORTEST_ADVERB
        return ADVERB if is_adverb else FREE


def opens_sentence(before: str, neighbour: str | None) -> bool:
    """Says whether a mention begins a sentence.

    Args:
        before: the text before it, up to the mention before.
        neighbour: the label of the mention before, if there is one.

    >>> [opens_sentence(each, None) for each in ("", "He left. ", "He saw Dr. ", "He saw ")]
    [True, True, False, False]
    """
    text = before if neighbour is None else _FILLED + before
    return _SENTENCE_START.search(text) is not None and _ABBREVIATION.search(text) is None


def kind_of(context: str) -> str:
    """Returns what contexts have in common behind which much the same mentions stand.

    >>> [kind_of(each) for each in ("in", "the", "£", "$", "mr", "")]
    ['function', 'determiner', 'Sc', 'Sc', 'title', '']
    """
    if context in (FREE, NUMBER, ADVERB) or context.startswith("{"):
        return context
    if context in DETERMINERS:
        return "determiner"
    if is_title(context):
        return "title"
    return "function" if context[-1].isalnum() else unicodedata.category(context)
