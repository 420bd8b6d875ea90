"""Finds what looks like a mention and lies in no span: capitals, sums of money, words that are mentions elsewhere."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import regex

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import TokenTable, tokenize
from textsynth.labelling.phrases import PhraseSearch
from textsynth.language.stopword import STOP_WORDS

_NOUNS_HAVE_CAPITALS = frozenset({"de", "lb"})
"""Languages in which a capital says nothing of a name."""

_ENDS_NOTHING = frozenset(",;&/-'’")
"""Marks behind which no sentence, quotation or heading begins."""

_AMOUNT = r"\d(?:[\d.,’']*\d)?(?:[  ](?:thousand|million|billion|trillion|Mio|Mrd|bn|m|k)\b)?"
_UNIT = r"(?:USD|EUR|GBP|CHF|JPY|INR|dollars?|euros?|pounds?|francs?|rupees?|yen|pence|cents?)\b"
_MONEY = regex.compile(rf"(?:\b\p{{Lu}}{{1,3}})?\p{{Sc}} ?{_AMOUNT}|{_AMOUNT} ?(?:\p{{Sc}}|{_UNIT})|\p{{Sc}}")
"""Sums of money, and a sign of a currency that stands alone."""


def find_missed(kept: Findings, wanted: np.ndarray, corpus: Corpus, language: str) -> np.ndarray:
    """Says which sentences have something outside of all spans that looks like a mention, `(sentences,)`.

    * A word with a capital that begins no sentence, or that no sentence has in small letters; unless the language
      writes nouns so, or fewer than half of the mentions have a capital.
    * A sum of money that is not all inside a span or all outside; one that is all outside, if mentions are such sums.
    * Words that are a mention elsewhere, and a word that mostly stands inside of mentions.

    Args:
        kept: the spans of the sentences.
        wanted: `(findings,)`; which of them have a label that is to be learnt; others explain a capital, no more.
        corpus: the sentences.
        language: of the sentences, two letters of ISO 639.
    """
    labelled = kept.label(corpus)
    tokens = tokenize(labelled)
    inside = cover(tokens)
    missed = np.zeros(len(corpus), bool)
    row = Ragged.of_bounds(tokens.rows).owner
    words = kept.take(wanted).mentions(corpus)
    if language not in _NOUNS_HAVE_CAPITALS and 2 * sum(each[:1].isupper() for each in words) >= max(1, len(words)):
        vocabulary = STOP_WORDS.union(tokens.strings.unique().to_pylist())
        missed[row[are_names(tokens, vocabulary) & ~inside]] = True
    missed[row[_belong_to_mentions(tokens, inside, cover(tokens, wanted)) & ~inside]] = True
    missed |= _have_known_mention(kept, words, corpus)
    return missed | _have_cut_money(kept, wanted, corpus)


def cover(tokens: TokenTable, wanted: np.ndarray | None = None) -> np.ndarray:
    """Says for each token whether a span covers it, `(tokens,)`: any, or one of those that are wanted."""
    covered = np.zeros(len(tokens.starts), bool)
    chosen = slice(None) if wanted is None else wanted
    covered[Ragged.of_ranges(tokens.first[chosen], tokens.stop[chosen]).values] = True
    return covered


def are_names(tokens: TokenTable, common: Collection[str]) -> np.ndarray:
    """Says which tokens have a capital for no other reason than that they are names, `(tokens,)`.

    What begins a sentence may have a capital for that. It is a name if it is no common word in small letters. Single
    letters say too little.

    Args:
        tokens: of any texts.
        common: words as texts have them: function words, and those of a corpus.
    """
    if not len(tokens.starts):
        return np.zeros(0, bool)
    encoded = tokens.strings.dictionary_encode()
    vocabulary, code = encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False)
    capital = np.array([len(each) > 1 and each[0].isupper() and not each.isdecimal() for each in vocabulary])[code]
    opens = np.array([_opens(each) for each in vocabulary])[np.roll(code, 1)]
    opens |= Ragged.of_bounds(tokens.rows).rank == 0
    are_common = np.array([each.lower() in common for each in vocabulary])[code]
    return capital & ~(opens & are_common)


def _opens(token: str) -> bool:
    """Says whether a sentence may begin behind a token."""
    return not any(character.isalnum() or character in _ENDS_NOTHING for character in token)


def _belong_to_mentions(tokens: TokenTable, inside: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Says which tokens are words that stand inside of mentions more often than outside of all spans, `(tokens,)`."""
    encoded = tokens.strings.dictionary_encode()
    code = encoded.indices.to_numpy(zero_copy_only=False)
    size = len(encoded.dictionary)
    word = np.array(
        [each.isalpha() and each.lower() not in STOP_WORDS for each in encoded.dictionary.to_pylist()], bool
    )
    within, without = np.bincount(code[wanted], minlength=size), np.bincount(code[~inside], minlength=size)
    belongs: np.ndarray = (word & (within > without))[code]
    return belongs


def _have_known_mention(kept: Findings, words: list[str], corpus: Corpus) -> np.ndarray:
    """Says which sentences have, where no span is, words that are a mention elsewhere."""
    places = PhraseSearch(sorted(set(words))).find(corpus.texts)
    return _mark(len(corpus), places.rows, ~touch(kept, places.rows, places.starts, places.ends)[0])


def _have_cut_money(kept: Findings, wanted: np.ndarray, corpus: Corpus) -> np.ndarray:
    """Says which sentences have a sum of money that a span cuts, or that none covers though others are mentions."""
    found = [
        (row, *match.span()) for row, text in enumerate(corpus.texts.to_pylist()) for match in _MONEY.finditer(text)
    ]
    columns = np.array(found, np.int64).reshape(-1, 3)
    rows, starts, ends = columns[:, 0], columns[:, 1], columns[:, 2]
    touched, whole = touch(kept, rows, starts, ends)
    are_mentions = touch(kept.take(wanted), rows, starts, ends)[0].any()
    return _mark(len(corpus), rows, ~whole if are_mentions else touched & ~whole)


def touch(kept: Findings, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Says which places a span overlaps, and which lie in a span whole.

    Args:
        kept: the spans; none overlaps another.
        rows: `(places,)`; the sentence of each.
        starts: `(places,)`.
        ends: `(places,)`.
    """
    if not len(kept) or not len(rows):
        return np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    # Sentences are laid end to end, so that one search serves all.
    width = int(max(kept.ends.max(), ends.max())) + 1
    begin, end = kept.rows * width + kept.starts, kept.rows * width + kept.ends
    start, stop = rows * width + starts, rows * width + ends
    last = np.searchsorted(begin, stop) - 1  # The last span that begins before the place ends.
    touched = (last >= 0) & (end[last] > start)
    before = np.searchsorted(begin, start, side="right") - 1
    return touched, (before >= 0) & (end[before] >= stop)


def _mark(size: int, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    marked = np.zeros(size, bool)
    marked[rows[chosen]] = True
    return marked
