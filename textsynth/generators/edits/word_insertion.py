"""Inserts words (after random insertion of EDA, Wei & Zou 2019)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.edit import Edit
from textsynth.edits.insertion import InsertionEditor, find_insertable
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.language.stopword import STOP_WORDS
from textsynth.synonyms.free_word import free_words

_WORDS = "words.json"


@dataclass(frozen=True, kw_only=True)
class WordInsertion(Edit[InsertionEditor]):
    """Inserts words of the source's own vocabulary, each as likely as it is frequent, before some of the words.

    The paper inserts synonyms; here it is any word that the source has outside its mentions, if it is made of letters
    and no part of another, as of an address or don't. A word that is also written in lower case counts, and is
    inserted, in lower case.

    Args:
        rate: share of the words before which one is inserted, on average; at least one an example.
        stop_words: whether English function words are inserted too; the paper leaves them out.
        without: further words that are never inserted, whatever their case.
    """

    stop_words: bool = False
    without: tuple[str, ...] = ()

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Counts the words outside of mentions."""
        tokenised = Tokenised.of(resources.source)
        free = free_words(tokenised.points, tokenised.begin, tokenised.end)
        may = free & (tokenised.span < 0) & tokenised.is_word & ~self.find_protected(tokenised)
        words, word = tokenised.vocabulary
        counts = np.bincount(word[may], minlength=len(words)).tolist()
        known = _merge_capitalised(
            {each: count for each, count in zip(words, counts, strict=True) if _is_letters(each)}
        )
        refused = {each.casefold() for each in self.without} | (frozenset() if self.stop_words else STOP_WORDS)
        kept = {each: count for each, count in known.items() if count and each.casefold() not in refused}
        write_whole(directory / _WORDS, json.dumps(kept, ensure_ascii=False, sort_keys=True))

    def editor(self, tokenised: Tokenised, directory: Path) -> InsertionEditor:
        """Reads the vocabulary."""
        words = json.loads((directory / _WORDS).read_text(encoding="utf-8"))
        insertable = find_insertable(tokenised, self.find_editable(tokenised), self.find_protected(tokenised))
        return InsertionEditor.of(tokenised, insertable, words)


def _is_letters(word: str) -> bool:
    r"""Says whether a word has letters only, with their marks, hyphens and apostrophes.

    >>> [_is_letters(word) for word in ("naïve", "e-mail", "don't", "4th", "@ada", "-")]
    [True, True, True, False, False, False]
    """
    parts = re.split(r"[-'’]", word)
    return all(parts) and all(unicodedata.category(character)[0] in "LM" for character in "".join(parts))


def _merge_capitalised(counts: Mapping[str, int]) -> dict[str, int]:
    """Adds the counts of words to those of the same in lower case, if there is such a word.

    >>> _merge_capitalised({"The": 2, "the": 5, "Monday": 1})
    {'the': 7, 'Monday': 1}
    """
    merged: Counter[str] = Counter()
    for word, count in counts.items():
        lower = word.lower()
        merged[lower if counts.get(lower) else word] += count
    return dict(merged)
