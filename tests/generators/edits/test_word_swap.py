from __future__ import annotations

import itertools
from collections import Counter

import pytest
from edited import corpus_of, edited, long_corpus, mentions, pairs, pieces, results, words_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.script import is_unspaced
from textsynth.edits.edit import Policy
from textsynth.generators.edits.word_swap import WordSwap


def test_by_hand():
    assert results(WordSwap(), "The  cat\nsaw [Ada Lee](P).") == {
        "cat  The\nsaw [Ada Lee](P).",
        "saw  cat\nThe [Ada Lee](P).",
        "The  saw\ncat [Ada Lee](P).",
    }


def test_mentions_that_may_be_edited_swap_too():
    assert results(WordSwap(policy={"P": "edit"}), "see [Ada](P), [Bo Li](Q)") == {"Ada [see](P), [Bo Li](Q)"}


def test_equal_words_are_not_swapped():
    assert results(WordSwap(rate=1.0), "no no no, no") == {"no no no, no"}
    assert results(WordSwap(rate=1.0), "no no no yes") == {"yes no no no", "no yes no no", "no no yes no"}
    assert results(WordSwap(rate=0.01), "a " * 60 + "b", copies=2000) == {
        "a " * place + "b " + "a " * (59 - place) + "a" for place in range(60)
    }


def test_distance():
    text = "a b [c](P) d, e"
    assert results(WordSwap(distance=1), text) == {"b a [c](P) d, e", "a b [c](P) e, d"}
    assert results(WordSwap(distance=2), text) == {"b a [c](P) d, e", "a b [c](P) e, d", "a d [c](P) b, e"}
    assert results(WordSwap(distance=3), text) == results(WordSwap(distance=2), text) | {
        "d b [c](P) a, e",
        "a e [c](P) d, b",
    }
    assert results(WordSwap(distance=4), text) == results(WordSwap(), text)
    assert results(WordSwap(distance=1), "a [b](P) c") == {"a [b](P) c"}
    assert results(WordSwap(distance=1), "a a b") == {"a b a"}


def test_every_pair_as_often_as_the_next():
    counts = Counter(each.text for each in edited(WordSwap(rate=0.01), corpus_of("a b c d"), 6000))
    assert len(counts) == 6
    assert all(count == pytest.approx(1000, rel=0.15) for count in counts.values())


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("distance", [0, 3])
def test_the_rate(rate: float, distance: int):
    source = long_corpus()
    words = sum(len(each.text.split()) - 4 for each in source)
    touched = 0
    for before, after in pairs(WordSwap(rate=rate, distance=distance), source, 4):
        moved = [a != b for a, b in zip(before.text.split(), after.text.split(), strict=True)]
        assert sum(moved) > 0
        touched += sum(moved)
    assert touched / 4 / words == pytest.approx(rate, rel=0.1 if not distance or rate < 1 else 0.2)


def test_two_words_at_least():
    for before, after in pairs(WordSwap(rate=1e-6), long_corpus(20)):
        assert sum(a != b for a, b in zip(pieces(before, "words")[0], pieces(after, "words")[0], strict=True)) == 2


@given(corpora(), st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from(["keep", "edit"]), st.sampled_from([0, 1, 2]))
def test_hostile_text(source: Corpus, rate: float, policy: Policy, distance: int):
    operation = WordSwap(rate=rate, policy={"*": policy}, distance=distance, protect_patterns=())
    for before, after in pairs(operation, source, 2):
        old, new = pieces(before, source.tokenizer), pieces(after, source.tokenizer)
        assert list(filter(None, new[1])) == list(filter(None, old[1]))
        assert Counter(new[0]) == Counter(old[0])
        assert [span.label for span in after.spans] == [span.label for span in before.spans]
        if policy == "keep":
            assert mentions(after) == mentions(before)
        words = words_of(before, source.tokenizer)
        alike = (is_unspaced(one) == is_unspaced(other) for one, other in itertools.pairwise(words) if one != other)
        if any(alike) and not before.spans and not distance:
            assert after.text != before.text
