from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from edited import corpus_of, edited, mentions, pairs, pieces, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.corpus.tokens import tokenize
from textsynth.edits.edit import Policy
from textsynth.generators.edits.segment_shuffle import SegmentShuffle


def test_by_hand():
    assert results(SegmentShuffle(rate=0.01), "We  saw,\n[Ada B. Lee](P) and Bo [Cy](P) go") == {
        "saw  We,\n[Ada B. Lee](P) and Bo [Cy](P) go",
        "We  saw,\n[Ada B. Lee](P) Bo and [Cy](P) go",
    }
    assert results(SegmentShuffle(rate=1.0), "a b [Ada Lee](P) c d") == {"b a [Ada Lee](P) d c"}


def test_mentions_that_may_be_edited_are_shuffled_within_themselves():
    orders = ("Ada Lee B", "B Ada Lee", "B Lee Ada", "Lee Ada B", "Lee B Ada")
    made = results(SegmentShuffle(policy={"P": "edit"}), "to [Ada B Lee](P) [Bo](P)[Cy](P) a")
    assert made == {f"to [{order}](P) [Bo](P)[Cy](P) a" for order in orders}


def test_a_shuffle_changes_something():
    assert results(SegmentShuffle(), "no no no") == {"no no no"}
    assert results(SegmentShuffle(), "no no yes") == {"no yes no", "yes no no"}


def test_every_order_comes():
    counts = Counter(each.text for each in edited(SegmentShuffle(), corpus_of("a b c d"), 23_000))
    assert len(counts) == 23
    assert "a b c d" not in counts
    lowest, highest = min(counts.values()), max(counts.values())
    assert lowest > 800
    assert highest < 2200  # a shuffle that changes nothing swaps the first pair


@pytest.mark.parametrize("rate", [0.1, 0.4, 1.0])
def test_the_rate_is_how_likely_each_segment_is(rate: float):
    source = corpus_of(" [X](P) ".join(f"a{number} b{number}" for number in range(12)))
    shuffled = [
        sum(text in each.text for text in (f"b{number} a{number}" for number in range(12)))
        for each in edited(SegmentShuffle(rate=rate), source, 4000)
    ]
    alone = (1 - rate) ** 12 / 12
    assert np.mean(shuffled) / 12 == pytest.approx(rate + alone, rel=0.05)
    assert min(shuffled) >= 1


@given(corpora(), st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from(["keep", "edit"]))
def test_hostile_text(source: Corpus, rate: float, policy: Policy):
    operation = SegmentShuffle(rate=rate, policy={"*": policy})
    for before, after in pairs(operation, source, 2):
        old, new = pieces(before, source.tokenizer), pieces(after, source.tokenizer)
        assert list(filter(None, new[1])) == list(filter(None, old[1]))
        assert segments(after, source) == segments(before, source)
        assert [span.label for span in after.spans] == [span.label for span in before.spans]
        if policy == "keep":
            assert mentions(after) == mentions(before)


def segments(example: Example, source: Corpus) -> list[list[str]]:
    """Returns the letters of each mention, and of the stretches before, between and behind them, sorted.

    Not the tokens: `whitespace` cuts a word of two scripts by whether white space stands beside it.
    """
    corpus = Corpus.from_examples([example], tokenizer=source.tokenizer)
    table = tokenize(corpus)
    edges = [0, *np.stack([table.first, table.stop], axis=1).ravel().tolist(), len(table.starts)]
    strings = table.strings.to_pylist()
    return [sorted("".join(strings[low:high])) for low, high in itertools.pairwise(edges)]
