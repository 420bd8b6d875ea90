"""Writes words in another case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.edits.draw import draw_one
from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Edits
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor, Stretches
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError

Style = Literal["lower", "upper", "title", "random"]

_END = re.compile(r"['’](?:s|m|re|ve|ll|d|t)|n['’]t", re.IGNORECASE)
"""What stands behind an apostrophe, or around it, at the end of a word: it is never written large."""

_HALF = 0.5
"""Share of the letters of a word in random case that change theirs."""


def title(word: str) -> str:
    """Returns a word with its first letter large and the others small; ends such as "n't" and "2nd" are small.

    >>> title("o'NEIL"), title("(well"), title("ﬁn"), title("'S"), title("2ND")
    ("O'neil", '(Well', 'Fin', "'s", '2nd')
    """
    if word[:1].isalnum():
        return word.capitalize() if len(word) != 3 or not _END.fullmatch(word) else word.lower()
    first = next((place for place, character in enumerate(word) if character.isalnum()), 0)
    return word.lower() if _END.fullmatch(word) else word[:first] + word[first:].capitalize()


_WHOLE: Mapping[Style, Callable[[str], str]] = MappingProxyType(
    {"lower": str.lower, "upper": str.upper, "title": title}
)


@dataclass(frozen=True)
class _CasingEditor(StretchEditor):
    """An editor whose stretches are the letters that have another case; it also knows the words in each style.

    Args:
        whole_texts: whether all words of a text get one style, whatever the rate.
        word: `(tokens,)`; which distinct word each is part of.
        styled: `(distinct words, styles)`; the string that is the word in that style, -1 if that is itself.
        available: `(tokens, styles)`; whether the style changes the word that the token begins.
        texts: `(examples, styles)`; whether the style changes anything in the text.
    """

    whole_texts: bool
    word: np.ndarray
    styled: np.ndarray
    available: np.ndarray
    texts: np.ndarray

    def draw_edits(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> Edits:
        """Draws words by the rate and a style for each, or a style for each text."""
        if not self.whole_texts:
            copy, token = self.draw_places(chosen, rate, rng)
            return self.rewrite(copy, token, _draw(self.available[token], rng), rng)
        words = self.by_example.take(chosen)
        style = words.expand(_draw(self.texts[chosen], rng))
        some = np.flatnonzero(self.available[words.values, style])
        return self.rewrite(words.owner[some], words.values[some], style[some], rng)

    def rewrite(self, copy: np.ndarray, token: np.ndarray, style: np.ndarray, rng: np.random.Generator) -> Edits:
        """Writes each word in its style: as a whole, or, if there is no string for that, letter by letter."""
        string = self.styled[self.word[token], style]
        whole, single = np.flatnonzero(string >= 0), np.flatnonzero(string < 0)
        owner, letter = self._draw_letters(token[single], rng)
        drawn = draw_one(self.variants, self.kind[letter], rng)
        # Words and letters were drawn apart; put together they must be in the order of the words again.
        place = np.concatenate([whole, single[owner]])
        starts = np.concatenate([self.tokenised.begin[token[whole]], self.begin[letter]])
        ends = np.concatenate([self.tokenised.word_end[token[whole]], self.end[letter]])
        strings = np.concatenate([string[whole], drawn])
        order = np.argsort(place, kind="stable")
        string = strings[order]
        columns = copy[place[order]], starts[order], ends[order]
        return Edits(*columns, self.material.first[string], self.material.stop[string])

    def _draw_letters(self, token: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws half of the letters of each word, at least one; returns their words' places, and the letters."""
        letters = self.of_token.take(token)
        drawn = rng.random(len(letters.values)) < _HALF
        one = draw_one(Ragged.of_bounds(letters.bounds), np.arange(len(token)), rng)
        drawn[one[np.bincount(letters.owner, drawn, len(token)) == 0]] = True
        return letters.owner[drawn], letters.values[drawn]


@dataclass(frozen=True, kw_only=True)
class Casing(Edit[_CasingEditor]):
    """Writes words in lower, upper, title or random case; mentions keep theirs, unless the policy is to edit them.

    Args:
        styles: the cases to draw from, each as likely as the next: lower, upper, title, or random, which writes each
            letter large or small.
        scope: "words" for words by the rate, each in a style of its own; "text" for all words of a text in one style.
    """

    styles: tuple[Style, ...] = ("lower", "upper", "title", "random")
    scope: Literal["words", "text"] = "words"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.styles:
            raise OptionError("option 'styles' must name at least one style, names none")

    def own_differences(self) -> frozenset[str]:
        """Letters are the same in another case."""
        return frozenset({"case"})

    def editor(self, tokenised: Tokenised, directory: Path) -> _CasingEditor:
        """Finds the letters that have another case, and writes all distinct words in all styles."""
        words, word = tokenised.words
        graphemes = Graphemes.of(tokenised)
        letters = [tuple(case + grapheme[1:] for case in _other_cases(grapheme[0])) for grapheme in graphemes.distinct]
        styled, strings = self._restyle(words, sum(map(len, letters)))
        may = self.find_editable(tokenised)
        columns = graphemes.begin, graphemes.end, graphemes.token, graphemes.code
        # The written words are no variants of any letter; they come last, so that `_restyle` could count them.
        found = StretchEditor.of(tokenised, may, Stretches(*columns, [*letters, strings]))
        available = may[:, None] & (styled[word] >= 0)
        for column, style in enumerate(self.styles):
            if style == "random":
                available[:, column] = found.of_token.lengths > 0
        reached = np.stack([bounds_of(column) for column in available.T], axis=1)
        texts = np.diff(reached[tokenised.tokens.rows], axis=0) > 0
        places = np.flatnonzero(available.any(axis=1))
        letters_of = found.of_token, found.begin, found.end, found.kind, found.variants
        styles = self.scope == "text", word, styled, available, texts
        return _CasingEditor(tokenised, found.material, places, *letters_of, *styles)

    def _restyle(self, words: list[str], first: int) -> tuple[np.ndarray, list[str]]:
        """Returns which string, counted from `first`, each word is in each style, and those strings."""
        styled = np.full((len(words), len(self.styles)), -1, np.int64)
        strings: list[str] = []
        for column, style in enumerate(self.styles):
            if style in _WHOLE:
                written = list(map(_WHOLE[style], words))
                other = [place for place, word in enumerate(words) if written[place] != word]
                styled[other, column] = first + len(strings) + np.arange(len(other))
                strings += [written[place] for place in other]
        return styled, strings


def _other_cases(letter: str) -> tuple[str, ...]:
    """Returns a letter in the cases that it is not in.

    >>> _other_cases("a"), _other_cases("ǆ"), _other_cases("ß"), _other_cases("1")
    (('A',), ('Ǆ',), ('SS',), ())
    """
    return tuple(sorted({letter.upper(), letter.lower()} - {letter}))


def _draw(available: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws for each row one of the columns that are true there, each as likely as the next."""
    reached = np.cumsum(available, axis=1)
    return (reached > np.floor(rng.random(len(available)) * reached[:, -1])[:, None]).argmax(axis=1)
