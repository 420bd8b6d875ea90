"""Whole words: the pieces of a vocabulary that are words on their own, and how they are written in a text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.errors import OptionError
from textsynth.extract.gazetteer import casing
from textsynth.pretrained.tokenizing import special_symbols

Mark = Literal["##", "Ġ", "▁", ""]
"""What tells a piece that begins a word from one that goes on with it: those that go on have a `##` (WordPiece), or
those that begin one have a `Ġ` (byte-level BPE) or a `▁` (SentencePiece) for the space before it."""

KINDS = ("lower", "title", "upper", "mixed", "none")
_SHARE = 0.01
"""Share of the pieces that must have a mark before it counts as that of the vocabulary."""
_LETTERS = r"^\p{L}[\p{L}\p{M}]*$"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"


@dataclass(frozen=True)
class WholeWords:
    """The pieces that are whole words.

    Args:
        pieces: `(words,)`; the number of each in the vocabulary.
        strings: `(words,)`; the words, without what stands for a space.
        is_spaced: `(words,)`; whether each follows a space; the others stand at the start of a text, or after a mark.
        kind: `(words,)`; its casing, a position in `KINDS`.
        mark: what tells the pieces that begin a word from others.
        is_cased: whether the vocabulary has capitals; without them words take the casing of those they replace.
    """

    pieces: np.ndarray
    strings: list[str]
    is_spaced: np.ndarray
    kind: np.ndarray
    mark: Mark
    is_cased: bool

    @classmethod
    def of(cls, tokenizer: Any, known: Collection[str]) -> WholeWords:
        """Finds the whole words of a tokenizer of transformers.

        Args:
            tokenizer: a fast one.
            known: words of the source, as single letters are words only if somebody uses them so.

        Raises:
            OptionError: if it has none, as one whose pieces are bytes or letters.
        """
        mark = mark_of(tokenizer)
        special = special_symbols(tokenizer)
        pieces = {piece: number for piece, number in tokenizer.get_vocab().items() if number not in special}
        spaced = {
            _as_text(piece, mark, tokenizer): number for piece, number in pieces.items() if begins_word(piece, mark)
        }
        words = _find_words(spaced, known)
        if not words:
            raise OptionError("option 'model': the vocabulary must have whole words to put into a text, has none")
        # A word has a second piece for the start of a text and after a mark, if no space stands before it there.
        bare = _find_bare(words, spaced, pieces, mark)
        strings = [*words, *bare]
        return cls(
            np.array([*(spaced[word] for word in words), *bare.values()], np.int64),
            strings,
            np.arange(len(strings)) < len(words),
            kinds_of(strings),
            mark,
            any(word != word.lower() for word in words),
        )


def mark_of(tokenizer: Any) -> Mark:
    """Returns what tells the pieces that begin a word from others; nothing if every piece is a word."""
    pieces = list(tokenizer.get_vocab())
    marks: tuple[Mark, ...] = ("▁", "Ġ")
    for mark in marks:
        if sum(piece.startswith(mark) for piece in pieces) > _SHARE * len(pieces):
            return mark
    return "##" if any(piece.startswith("##") for piece in pieces) else ""


def are_replaceable(words: Sequence[str]) -> np.ndarray:
    """Says for each word whether it is all letters, of a script that puts spaces between words, `(words,)`.

    >>> are_replaceable(["Zoë", "don", "B2B", "12", "東京"]).tolist()
    [True, True, False, False, False]
    """
    array = pa.array(words, pa.string())
    letters, unspaced = (pc.match_substring_regex(array, pattern) for pattern in (_LETTERS, _UNSPACED))
    return pc.and_(letters, pc.invert(unspaced)).to_numpy(zero_copy_only=False).astype(bool)


def kinds_of(words: Iterable[str]) -> np.ndarray:
    """Returns the casing of each word as a position in `KINDS`; a single capital, as A or I, is as good as a title.

    >>> [KINDS[kind] for kind in kinds_of(["the", "The", "I", "NASA", "iPhone"])]
    ['lower', 'title', 'title', 'upper', 'mixed']
    """
    names = ("title" if len(word) == 1 and word.isupper() else casing(word) for word in words)
    return np.array([KINDS.index(name) for name in names], np.int64)


def recase(word: str, kind: int) -> str:
    """Returns a word of a vocabulary without capitals in the casing of the word it replaces.

    >>> recase("rome", KINDS.index("title")), recase("rome", KINDS.index("lower"))
    ('Rome', 'rome')
    """
    return {"title": word[:1].upper() + word[1:], "upper": word.upper()}.get(KINDS[kind], word)


def _find_words(spaced: dict[str, int], known: Collection[str]) -> list[str]:
    """Returns which strings are words, in the order of the vocabulary."""
    strings = sorted(spaced, key=spaced.__getitem__)
    usable = are_replaceable(strings).tolist()
    return [word for word, fine in zip(strings, usable, strict=True) if fine and (len(word) > 1 or word in known)]


def _find_bare(words: Sequence[str], spaced: dict[str, int], pieces: dict[str, int], mark: Mark) -> dict[str, int]:
    """Returns the pieces of the same words for when no space stands before them."""
    name = {number: piece for piece, number in pieces.items()}
    found = {word: pieces.get(name[spaced[word]].removeprefix(mark)) for word in words} if mark in ("Ġ", "▁") else {}
    return {word: number for word, number in found.items() if number is not None}


def begins_word(piece: str, mark: Mark) -> bool:
    """Says whether a piece begins a word, by what tells those that do from others."""
    return not piece.startswith("##") if mark in ("##", "") else piece.startswith(mark)


def _as_text(piece: str, mark: Mark, tokenizer: Any) -> str:
    if mark == "Ġ":
        return str(tokenizer.backend_tokenizer.decoder.decode([piece])).removeprefix(" ")
    return piece.removeprefix(mark) if mark == "▁" else piece
