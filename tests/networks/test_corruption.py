from __future__ import annotations

from collections import Counter

import pytest
from toy import rng, source

pytest.importorskip("torch")

from textsynth.networks.corruption import corruptions, join, words_of
from textsynth.wording.vocabulary import Part, parts_of


def written(parts: list[Part]) -> str:
    return "".join(f"{{{part.label}}}" if part.label else part.text for part in parts)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ([Part("Hi "), Part("", "PERSON"), Part("'s dog, bye")], ["Hi", "{PERSON}'s", "dog,", "bye"]),
        ([Part("", "A"), Part(" "), Part("", "B")], ["{A}", "{B}"]),
        ([Part("", "A"), Part("", "B"), Part("-x")], ["{A}{B}-x"]),
        ([Part("  two  spaces ")], ["two", "spaces"]),
        ([Part(" ")], []),
        ([], []),
        ([Part("日本 😀\u00a0x")], ["日本", "😀\u00a0x"]),
    ],
)
def test_words_are_what_stands_between_spaces(sentence: list[Part], words: list[str]):
    found = words_of(sentence)
    assert [written(list(word)) for word in found] == words
    assert written(join(found)) == " ".join(words)


def test_no_two_neighbours_are_text():
    parts = join([(Part("a"),), (Part("b"),), (Part("", "X"), Part("!")), (Part("", "Y"),)])
    assert parts == [Part("a b "), Part("", "X"), Part("! "), Part("", "Y")]


def test_each_way_of_damage_does_what_it_says():
    real = [parts_of(example, "slots") for example in source()]
    texts = [written(sentence) for sentence in real]
    shuffled, left_out, twice, spliced = (
        [(texts[row], written(corruption)) for row, corruption in corruptions(real, rng(1), [way])]
        for way in ("shuffled", "left_out", "twice", "spliced")
    )
    assert all(Counter(a.split()) == Counter(b.split()) and a != b for a, b in shuffled)
    assert all(Counter(b.split()) < Counter(a.split()) for a, b in left_out)
    assert all(set(a.split()) == set(b.split()) and len(b.split()) > len(a.split()) for a, b in twice)
    assert all(b.startswith(" ".join(a.split()[: (len(a.split()) + 1) // 2])) for a, b in spliced)
    assert 70 < len(shuffled) <= 80
    assert 60 < len(left_out) <= 80
    assert 60 < len(twice) <= 80
    assert 20 < len(spliced) <= 80
    together = [len(shuffled), len(left_out), len(twice), len(spliced)]
    assert len(corruptions(real, rng(1))) == pytest.approx(sum(together), abs=25)


def test_no_corruption_is_a_sentence():
    real = [parts_of(example, "slots") for example in source()]
    assert not {written(corruption) for _, corruption in corruptions(real, rng(1))} & {
        written(sentence) for sentence in real
    }


@pytest.mark.parametrize("sentences", [[], [[]], [[Part("one")]], [[Part("", "ONLY")]], [[Part("a")], []]])
def test_hardly_anything_to_damage(sentences: list[list[Part]]):
    for row, corruption in corruptions(sentences, rng(1)):
        assert corruption
        assert corruption not in sentences
        assert 0 <= row < len(sentences)


def test_the_same_seed_gives_the_same_corruptions():
    real = [parts_of(example, "slots") for example in source()]
    assert corruptions(real, rng(1)) == corruptions(real, rng(1)) != corruptions(real, rng(2))
