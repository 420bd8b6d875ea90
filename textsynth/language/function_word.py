"""Function words, such as in, since, the: a list for English, and what many texts have for other languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from textsynth.corpus.script import is_unspaced
from textsynth.language.stopword import STOP_WORDS

DETERMINERS = frozenset(
    "a an the my your his her its our their this that these those each every some any no another one both all "
    "either neither such what which whose 's".split()
)
"""What opens a noun phrase in English."""

PLURAL_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand several many few various "
    "numerous multiple both these those".split()
)
"""Words before which English has the plural."""

_NO_FUNCTION = frozenset("first second third zero million billion".split())
"""Numbers among the stop words, which are found as numbers or say nothing of what follows."""

_SAMPLE = 20_000
"""Texts that are looked at; of more, some, evenly spaced."""

_SHARE, _FEWEST = 0.02, 3
"""The share of the texts, and the number of them, in which a function word stands at least."""

_WORD = re.compile(r"[^\W\d_]+")


def find_function_words(texts: Sequence[str], language: str) -> frozenset[str]:
    """Returns the function words of a language: the list for English, else the words that many of the texts have.

    Args:
        texts: of a corpus.
        language: two letters of ISO 639.
    """
    if language == "en":
        return STOP_WORDS - _NO_FUNCTION
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    counts = Counter(word for text in sample for word in set(_list_words(text)))
    return frozenset(word for word, count in counts.items() if count >= max(_FEWEST, _SHARE * len(sample)))


def _list_words(text: str) -> Iterable[str]:
    """Yields the words without a capital; of a script without spaces, its characters."""
    for word in _WORD.findall(text):
        if is_unspaced(word[-1]):
            yield from word
        elif word == word.lower():
            yield word
