"""How many sentences, and how many n-grams, are different; how many sentences are new."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence


def distinct(sentences: Sequence[Hashable]) -> float:
    """Returns how many different sentences there are, as a share of all sentences.

    Args:
        sentences: texts, or tuples of tokens.

    Raises:
        ValueError: there are no sentences.

    >>> distinct(["a b", "a b", "c", "d"])
    0.75
    """
    return len(set(sentences)) / _count(sentences)


def distinct_ngrams(sentences: Sequence[Sequence[Hashable]], n: int) -> float:
    """Returns how many different n-grams there are, as a share of all n-grams (distinct-n).

    Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models", divide by all tokens; the
    n-grams, as in most code since, make 1 the score of text in which none is repeated. The share falls with the length
    of the corpus: compare samples of the same size only.

    Args:
        sentences: sequences of tokens; of a text, the tokens are its characters.
        n: tokens of an n-gram.

    Returns:
        The share; 0 if no sentence has n tokens.

    Raises:
        ValueError: there are no sentences, or n is under 1.

    >>> distinct_ngrams([("a", "b", "a"), ("a", "b")], 1), distinct_ngrams([("a", "b", "a"), ("a", "b")], 2)
    (0.4, 0.6666666666666666)
    """
    if n < 1:
        raise ValueError(f"n-grams have at least 1 token, not {n}")
    _count(sentences)
    different: set[tuple[Hashable, ...]] = set()
    total = 0
    for sentence in sentences:
        different.update(zip(*(sentence[start:] for start in range(n)), strict=False))
        total += max(0, len(sentence) - n + 1)
    return len(different) / max(1, total)


def novelty(sentences: Sequence[Hashable], source: Iterable[Hashable]) -> float:
    """Returns how many sentences are not in the source, as a share of all sentences; repeated ones count each time.

    Args:
        sentences: texts, or tuples of tokens.
        source: what the generator was made from, in the same form.

    Raises:
        ValueError: there are no sentences.

    >>> novelty(["a", "b", "b", "c"], ["a", "c", "d"])
    0.5
    """
    known = frozenset(source)
    return sum(sentence not in known for sentence in sentences) / _count(sentences)


def _count(sentences: Sequence[object]) -> int:
    if len(sentences) == 0:
        raise ValueError("there are no sentences to score")
    return len(sentences)
