"""Phrases are found as a slow search finds them: the longest from left to right, at the edges of words."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.labelling.phrases import PhraseSearch

WORDS = st.sampled_from(["a", "ab", "b", "a b", "ab a", "é", "b-a", "😀", "a😀", "周", "2", "2.5"])


def search_slowly(text: str, phrases: list[str]) -> list[tuple[int, int, str]]:
    found, place = [], 0
    longest_first = sorted(set(phrases), key=len, reverse=True)
    while place < len(text):
        fits = [
            each for each in longest_first if text.startswith(each, place) and stands(text, place, place + len(each))
        ]
        if fits:
            found.append((place, place + len(fits[0]), fits[0]))
        place += len(fits[0]) if fits else 1
    return found


def stands(text: str, begin: int, end: int) -> bool:
    def of_word(place: int) -> bool:
        return 0 <= place < len(text) and bool(re.match(r"[^\W周]", text[place]))

    return not (of_word(begin - 1) and of_word(begin)) and not (of_word(end - 1) and of_word(end))


@pytest.mark.property
@given(
    texts=st.lists(st.lists(WORDS | st.sampled_from([" ", ",", "\n"]), max_size=8).map("".join), max_size=4),
    phrases=st.lists(WORDS, max_size=5, unique=True),
)
def test_the_longest_from_left_to_right_at_the_edges_of_words(texts: list[str], phrases: list[str]):
    places = PhraseSearch(phrases).find(pa.array(texts, pa.string()))
    found: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    for row, start, end, phrase in zip(places.rows, places.starts, places.ends, places.phrases, strict=True):
        found[row].append((int(start), int(end), phrases[phrase]))
    assert found == [search_slowly(text, phrases) for text in texts]


def test_blank_phrases_and_broken_ones_are_never_found():
    assert len(PhraseSearch(["", " ", "a\nb"]).find(pa.array(["a\nb  "])).rows) == 0
