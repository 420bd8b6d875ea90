"""Writes words in another case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from textsynth.corpus.code_points import ramp
from textsynth.edits.alternatives import Alternatives, AlternativesEditor
from textsynth.edits.edit import Edit, Editor
from textsynth.edits.edit_table import Edits
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError

Style = Literal["lower", "upper", "title", "random"]

_END = re.compile(r"['’](?:s|m|re|ve|ll|d|t)|n['’]t", re.IGNORECASE)
_APOSTROPHES = "'’"


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
class _CasingEditor(AlternativesEditor):
    """An editor whose alternatives are the letters that have another case; it also knows the words in each style.

    Args:
        word: `(tokens,)`; which distinct token each is.
        styled: `(distinct tokens, styles)`; the string that is the token in that style, -1 where that is itself.
        available: `(tokens, styles)`; whether the style changes the token.
        texts: `(examples, styles)`; whether the style changes anything in the text.
    """

    word: np.ndarray
    styled: np.ndarray
    available: np.ndarray
    texts: np.ndarray

    def rewrite(self, copy: np.ndarray, token: np.ndarray, style: np.ndarray, rng: np.random.Generator) -> Edits:
        """Writes each token in its style: as a whole, or, where there is no string for that, letter by letter."""
        string = self.styled[self.word[token], style]
        whole, single = np.flatnonzero(string >= 0), np.flatnonzero(string < 0)
        owner, letter = self._draw_letters(token[single], rng)
        drawn = self.low[letter] + (rng.random(len(letter)) * self.count[letter]).astype(np.int64)
        place = np.concatenate([whole, single[owner]])
        starts = np.concatenate([self.tokenised.begin[token[whole]], self.begin[letter]])
        ends = np.concatenate([self.tokenised.end[token[whole]], self.end[letter]])
        strings = np.concatenate([string[whole], drawn])
        order = np.argsort(place, kind="stable")
        string = strings[order]
        columns = copy[place[order]], starts[order], ends[order]
        return Edits(*columns, self.material.first[string], self.material.stop[string])

    def _draw_letters(self, token: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws half of the letters of each token, at least one; returns their tokens' places, and the letters."""
        size = self.size[token]
        owner = np.repeat(np.arange(len(token)), size)
        drawn = rng.random(len(owner)) < 0.5
        one = np.cumsum(size) - size + (rng.random(len(token)) * size).astype(np.int64)
        drawn[one[np.bincount(owner, drawn, len(token)) == 0]] = True
        return owner[drawn], (self.first[token[owner]] + ramp(size))[drawn]


@dataclass(frozen=True, kw_only=True)
class Casing(Edit):
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

    def editor(self, tokenised: Tokenised, directory: Path) -> _CasingEditor:
        """Finds the letters that have another case, and writes all distinct words in all styles."""
        words, word = tokenised.vocabulary
        graphemes = Graphemes.of(tokenised)
        letters = [tuple(case + grapheme[1:] for case in _other_cases(grapheme[0])) for grapheme in graphemes.distinct]
        styled, strings = self._restyle(words, sum(map(len, letters)))
        may = self.editable(tokenised)
        columns = graphemes.begin, graphemes.end, graphemes.token, graphemes.code, [*letters, strings]
        found = AlternativesEditor.of(tokenised, may, Alternatives(*columns))
        available = may[:, None] & (styled[word] >= 0)
        for column, style in enumerate(self.styles):
            if style == "random":
                available[:, column] = found.size > 0
            elif style == "title":
                available[:, column] &= ~_is_end(tokenised)
        reached = np.zeros((len(may) + 1, len(self.styles)), np.int64)
        reached[1:] = np.cumsum(available, axis=0)
        texts = np.diff(reached[tokenised.tokens.rows], axis=0) > 0
        places = np.flatnonzero(available.any(axis=1))
        alternatives = found.first, found.size, found.begin, found.end, found.low, found.count
        return _CasingEditor(tokenised, found.material, places, *alternatives, word, styled, available, texts)

    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws words by the rate and a style for each, or a style for each text."""
        assert isinstance(editor, _CasingEditor)
        if self.scope == "words":
            copy, token = editor.draw_places(chosen, self.rate, rng)
            return editor.rewrite(copy, token, _draw(editor.available[token], rng), rng)
        sizes = np.diff(editor.rows)[chosen]
        copy = np.repeat(np.arange(len(chosen)), sizes)
        token = editor.places[editor.rows[chosen][copy] + ramp(sizes)]
        style = _draw(editor.texts[chosen], rng)[copy]
        some = np.flatnonzero(editor.available[token, style])
        return editor.rewrite(copy[some], token[some], style[some], rng)

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


def _is_end(tokenised: Tokenised) -> np.ndarray:
    """Says which tokens are the end of a word behind an apostrophe, as the t of "don't", `(tokens,)`."""
    words, word = tokenised.vocabulary
    apostrophe = np.isin(word, [place for place, each in enumerate(words) if each in _APOSTROPHES])
    touches = np.zeros(len(word), bool)
    touches[1:] = tokenised.begin[1:] == tokenised.end[:-1]
    end = np.zeros(len(word), bool)
    end[2:] = apostrophe[1:-1] & touches[2:] & touches[1:-1] & tokenised.is_word[:-2]
    return end


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
