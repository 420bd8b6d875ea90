"""Corruptions: sentences of a source that were damaged, for a network to tell from real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from textsynth.wording.vocabulary import Part

_DAMAGED = 0.3
"""Share of the words that are left out, or said twice."""

Word = tuple[Part, ...]
"""What stands between two spaces: pieces of text and slots."""


def corruptions(
    sentences: Sequence[Sequence[Part]], rng: np.random.Generator, ways: Sequence[str] | None = None
) -> list[tuple[int, list[Part]]]:
    """Damages each sentence in each of some ways.

    Args:
        sentences: in parts.
        rng: draws the damage.
        ways: "shuffled", words in another order; "left_out", without some words; "twice", some words two times;
            "spliced", the end from another sentence. All four if None.

    Returns:
        Corruptions, each with the position of the sentence it was made of; none that is a sentence of these.
    """
    words = [words_of(sentence) for sentence in sentences]
    real = {tuple(each) for each in words}
    made = []
    for damage in (_WAYS[way] for way in ways or _WAYS):
        for row, sentence in enumerate(words):
            corruption = damage(sentence, words[rng.integers(len(words))], rng)
            if corruption and tuple(corruption) not in real:
                made.append((row, join(corruption)))
    return made


def words_of(sentence: Sequence[Part]) -> list[Word]:
    """Cuts a sentence at its spaces.

    >>> [len(word) for word in words_of([Part("Hi "), Part("", "PERSON"), Part("! Bye")])]  # Hi, {PERSON}! and Bye
    [1, 2, 1]
    """
    words: list[list[Part]] = [[]]
    for part in sentence:
        if part.label is not None:
            words[-1].append(part)
            continue
        first, *others = part.text.split(" ")
        words[-1] += [Part(first)] if first else []
        words += [[Part(other)] if other else [] for other in others]
    return [tuple(word) for word in words if word]


def join(words: Sequence[Word]) -> list[Part]:
    """Puts words together with a space between them, as parts of which no two neighbours are text."""
    parts: list[Part] = []
    for number, word in enumerate(words):
        for part in (*([Part(" ")] if number else []), *word):
            if part.label is None and parts and parts[-1].label is None:
                parts[-1] = Part(parts[-1].text + part.text)
            else:
                parts.append(part)
    return parts


def _shuffle(words: list[Word], other: list[Word], rng: np.random.Generator) -> list[Word]:
    return [words[row] for row in rng.permutation(len(words))]


def _leave_out(words: list[Word], other: list[Word], rng: np.random.Generator) -> list[Word]:
    return [word for word, damaged in zip(words, rng.random(len(words)) < _DAMAGED, strict=True) if not damaged]


def _twice(words: list[Word], other: list[Word], rng: np.random.Generator) -> list[Word]:
    times = 1 + (rng.random(len(words)) < _DAMAGED)
    return [word for word, count in zip(words, times, strict=True) for _ in range(count)]


def _splice(words: list[Word], other: list[Word], rng: np.random.Generator) -> list[Word]:
    return [*words[: (len(words) + 1) // 2], *other[len(other) // 2 :]]


_WAYS: Mapping[str, Callable[[list[Word], list[Word], np.random.Generator], list[Word]]] = {
    "shuffled": _shuffle,
    "left_out": _leave_out,
    "twice": _twice,
    "spliced": _splice,
}
