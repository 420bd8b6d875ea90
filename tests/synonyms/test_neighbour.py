from __future__ import annotations

import itertools

import numpy as np
import pytest

from textsynth.corpus import Corpus
from textsynth.edits.tokenised import Tokenised
from textsynth.synonyms.neighbour import Neighbours

DAYS = ("Monday", "Tuesday", "Friday", "Sunday")
COLOURS = ("red", "green", "blue", "yellow")
VERBS = ("walked", "jumped", "danced")
PEOPLE = ("Ada", "Grace", "Omar", "Quang")


def toy() -> Corpus:
    """Days, colours and verbs, each class in contexts of its own, and people as mentions."""
    texts, spans = [], []
    for person, day, colour, verb in itertools.product(PEOPLE, DAYS, COLOURS, VERBS):
        texts.append(f"{person} {verb} home on {day} in a {colour} coat")
        spans.append([(0, len(person), "PERSON")])
    return Corpus.from_columns(text=texts, spans=spans)


def learn(corpus: Corpus, similarity: float = 0.5, seed: int = 1) -> Neighbours:
    tokenised = Tokenised.of(corpus)
    return Neighbours.learn(tokenised.tokens, tokenised.labels(), similarity, np.random.default_rng(seed))


@pytest.mark.parametrize("kind", [DAYS, COLOURS, VERBS])
def test_words_of_a_kind_are_each_others_neighbours(kind: tuple[str, ...]):
    neighbours = learn(toy())
    for word in kind:
        assert sorted(neighbours.find(word, "any")) == sorted(set(kind) - {word})


def test_neighbours_are_cased_as_the_word_is():
    neighbours = learn(toy())
    assert sorted(neighbours.find("Red", "any")) == ["Blue", "Green", "Yellow"]
    assert sorted(neighbours.find("MONDAY", "any")) == ["FRIDAY", "SUNDAY", "TUESDAY"]
    assert neighbours.find("monday", "any") == []


def test_what_looks_like_a_name_has_names_for_neighbours():
    neighbours = learn(toy())
    assert neighbours.find("Red", "name") == []
    assert len(neighbours.find("Monday", "name")) == 3
    assert neighbours.find("red", "none") == []


def test_mentions_and_function_words_are_none():
    neighbours = learn(toy(), similarity=0.001)
    found = {word.lower() for some in neighbours.nearest.values() for word in some} | set(neighbours.nearest)
    assert not found & {"ada", "grace", "omar", "quang", "on", "in", "a"}


def test_the_same_ending_goes_with_the_same_ending():
    texts = [
        f"they {verb} it {adverb}" for verb in ("took", "moved") for adverb in ("home", "away", "gladly", "sadly")
    ] * 3
    neighbours = learn(Corpus.from_columns(text=texts))
    assert neighbours.find("home", "any") == ["away"]
    assert neighbours.find("gladly", "any") == ["sadly"]
    assert neighbours.find("took", "any") == []


def test_the_same_seed_learns_the_same():
    assert learn(toy(), seed=3) == learn(toy(), seed=3)


@pytest.mark.parametrize("texts", [[], [""], ["word"], ["!!!"], ["the of and"] * 9, ["rain rain rain rain rain"]])
def test_little_text_is_no_error(texts: list[str]):
    neighbours = learn(Corpus.from_columns(text=texts))
    assert not any(neighbours.nearest.values())
