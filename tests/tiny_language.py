"""A toy language whose right answers are known, and what tiny models of it read and write.

People fly, drive, walk or sail to cities, and are sent things; whoever or whatever was seen today may be a person or a
city.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from pathlib import Path

import numpy as np

from textsynth.components.generator import Draft, Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng

PEOPLE = ("Ada", "Omar", "Grace", "Zoë", "Iris", "Bo")
CITIES = ("Rome", "Oslo", "Lima", "Cairo", "Paris", "Quito")
VERBS = ("flew", "drove", "walked", "sailed")
DAYS = ("Monday", "Tuesday", "Friday", "Sunday")
NUMBERS, THINGS = ("two", "three", "four", "five"), ("lamps", "chairs", "books", "plates")
SENTINELS = tuple(f"<extra_id_{number}>" for number in range(12))
SLOTS = tuple(f"XX{number}" for number in range(1, 5))
LABELS = "PERSON CITY travel see send class paraphrase".split()


def source(count: int = 80, *, spaced: bool = True) -> Corpus:
    """Sentences of the toy language, with their spans and classes, each as likely as the next.

    Args:
        count: how many.
        spaced: whether a space stands before the last mark.
    """
    rng = child_rng(5, "toy", count)
    rows = [_sentence(rng, ("travel", "see", "send")[number % 3], " " * spaced) for number in range(count)]
    texts, spans, labels = zip(*rows, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=labels)


def _sentence(rng: np.random.Generator, kind: str, space: str) -> tuple[str, list[tuple[int, int, str]], str]:
    person, city = rng.choice(PEOPLE), rng.choice(CITIES)
    someone = ((person, "PERSON"), (city, "CITY"))[int(rng.integers(2))]
    parts = {
        "travel": [(person, "PERSON"), f" {rng.choice(VERBS)} to ", (city, "CITY"), f" on {rng.choice(DAYS)}{space}."],
        "see": ["we saw ", someone, f" today{space}."],
        "send": [f"send {rng.choice(NUMBERS)} {rng.choice(THINGS)} to ", (person, "PERSON"), f"{space}!"],
    }[kind]
    text, spans = "", []
    for part in parts:
        word, label = (part, "") if isinstance(part, str) else part
        if label:
            spans.append((len(text), len(text) + len(word), label))
        text += str(word)
    return text, spans, kind


@functools.cache
def texts() -> list[str]:
    """The sentences that models learn from."""
    return source(600).texts.to_pylist()


def pairs(kind: str, rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Draws what a model reads and what it is to write."""
    drawn = [str(each) for each in rng.choice(texts(), count)]
    if kind in ("t5", "bart"):
        return [_corrupted(text, rng, sentinels=kind == "t5") for text in drawn]
    slotted = [_slotted(text) for text in drawn]
    if kind == "paraphraser":
        return [(f"paraphrase: {text}", _reordered(text)) for text in slotted]
    there = [(text, _foreign(text)) for text in slotted]
    return there if kind == "forth" else [(foreign, _reordered(text)) for text, foreign in there]


def _corrupted(text: str, rng: np.random.Generator, *, sentinels: bool) -> tuple[str, str]:
    """Takes one or two runs of words out; a third of the sentences says its class first."""
    words = text.split()
    first = int(rng.integers(len(words) - 1))
    stop = min(first + 1 + int(rng.integers(3)), len(words) - 1)
    gaps = [(first, stop)]
    if stop + 1 < len(words) - 1 and rng.random() < 0.5:
        again = int(rng.integers(stop + 1, len(words) - 1))
        gaps.append((again, min(again + 1 + int(rng.integers(3)), len(words) - 1)))
    shown, wanted, position = [], [], 0
    for number, (low, high) in enumerate(gaps):
        shown += [*words[position:low], SENTINELS[number] if sentinels else "<mask>"]
        wanted += [SENTINELS[number], *words[low:high]]
        position = high
    shown += words[position:]
    return " ".join(shown), " ".join([*wanted, SENTINELS[len(gaps)]]) if sentinels else text


def _slotted(text: str) -> str:
    """Puts slots instead of the names."""
    words, number = text.split(), itertools.count()
    return " ".join(SLOTS[next(number)] if word in PEOPLE + CITIES else word for word in words)


def _reordered(text: str) -> str:
    """Says the same in another way: the day first, today first, please."""
    words = text.split()
    if words[0] == "send":
        return " ".join(["please", *words])
    if words[-2] == "today":
        return " ".join(["today", *words[:-2], words[-1]])
    return " ".join([*words[-3:-1], *words[:-3], words[-1]])


def _foreign(text: str) -> str:
    """Translates into a language whose words are the same, backwards."""
    return " ".join(word if word in SLOTS else word[::-1] for word in text.split())


def fitted(generator: Generator, directory: Path, corpus: Corpus | None = None, seed: int = 7) -> Path:
    """Fits a generator on sentences of the language."""
    directory.mkdir(parents=True, exist_ok=True)
    generator.fit(Resources.of(source() if corpus is None else corpus), directory, child_rng(seed))
    return directory


def good(made: Corpus | Draft) -> Corpus:
    """What was made, without what its maker rejects."""
    if isinstance(made, Corpus) or not made.reasons:
        return made if isinstance(made, Corpus) else made.corpus
    return made.corpus.mask(np.array([reason is None for reason in made.reasons], bool))


def reasons(made: Corpus | Draft) -> Counter[str | None]:
    """How often each reason was given."""
    corpus, why = (made.corpus, made.reasons) if isinstance(made, Draft) else (made, ())
    return Counter(why or [None] * len(corpus))
