from __future__ import annotations

from collections import Counter

import pytest
from edited import corpus_of, drawn, edited, long_corpus, mentions, pairs, pieces, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.edit import Policy
from textsynth.generators.edits.word_deletion import WordDeletion

EVERYTHING = WordDeletion(rate=1.0, policy={"*": "edit"})


def test_by_hand():
    assert results(WordDeletion(), "The  cat\nsaw [Ada Lee](P).") == {
        "cat\nsaw [Ada Lee](P).",
        "The  saw [Ada Lee](P).",
        "The  cat\n[Ada Lee](P).",
    }


def test_white_space_on_one_side_goes_along():
    assert results(WordDeletion(), "one two  three", tokenizer="whitespace") == {"two  three", "one three", "one two"}
    assert results(WordDeletion(), "\tone, two!\n") == {"\t, two!\n", "\tone,!\n"}
    assert results(WordDeletion(), "a\u00a0b\r\nc") == {"b\r\nc", "a\u00a0c", "a\u00a0b"}


def test_words_do_not_run_together():
    assert results(WordDeletion(), "I don't go (or so)") == {
        "don't go (or so)",
        "I go (or so)",
        "I don't (or so)",
        "I don't go (so)",
        "I don't go (or)",
    }


def test_one_word_stays():
    assert results(EVERYTHING, "one two three") == {"one", "two", "three"}
    assert results(EVERYTHING, "one two!") == {"one!", "two!"}
    assert results(EVERYTHING, "one") == {"one"}
    assert results(EVERYTHING, "[Ada](P) one?") == {"[Ada](P)?", "one?"}
    assert results(WordDeletion(rate=1.0), "[Ada](P), one") == {"[Ada](P),"}


def test_mentions_that_may_be_edited_keep_their_edges():
    operation = WordDeletion(rate=0.01, policy={"P": "edit"})
    assert results(operation, "see [Ada B. Lee](P) [Bo](Q)") == {
        "[Ada B. Lee](P) [Bo](Q)",
        "see [B. Lee](P) [Bo](Q)",
        "see [Ada. Lee](P) [Bo](Q)",
        "see [Ada B.](P) [Bo](Q)",
    }
    assert results(operation, "see [Ada](P), [Bo](Q)") == {"[Ada](P), [Bo](Q)", "see, [Bo](Q)"}


def test_every_word_as_often_as_the_next():
    made = edited(WordDeletion(rate=0.01), corpus_of("a b c d e"), 5000)
    counts = Counter(each.text for each in made)
    assert set(counts) == {"b c d e", "a c d e", "a b d e", "a b c e", "a b c d"}
    assert all(count == pytest.approx(1000, rel=0.15) for count in counts.values())


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6])
def test_the_rate(rate: float):
    source = long_corpus()
    words = sum(len(each.text.split()) - 4 for each in source)
    gone = sum(len(old.text.split()) - len(new.text.split()) for old, new in pairs(WordDeletion(rate=rate), source, 4))
    assert gone / 4 / words == pytest.approx(rate, rel=0.1)


@given(corpora(), st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from(["keep", "edit"]))
def test_hostile_text(source: Corpus, rate: float, policy: Policy):
    operation = WordDeletion(rate=rate, policy={"*": policy})
    editor, chosen, edits = drawn(operation, source, 2)
    tokenised = editor.tokenised
    editable = operation.find_movable(tokenised)[tokenised.word_start]
    for (before, after), copy in zip(pairs(operation, source, 2), range(len(chosen)), strict=True):
        row = slice(*tokenised.tokens.rows[chosen[copy] : chosen[copy] + 2])
        ranges = [(start, end) for at, start, end in zip(edits.copy, edits.start, edits.end, strict=True) if at == copy]
        gone = [
            any(start <= begin and stop <= end for start, end in ranges)
            for begin, stop in zip(tokenised.begin[row], tokenised.end[row], strict=True)
        ]
        assert not any(each and not may for each, may in zip(gone, editable[row], strict=True))
        assert gone.count(True) == 0 or not all(
            each or not word for each, word in zip(gone, tokenised.is_word[row], strict=True)
        )
        tokens, gaps = pieces(before, source.tokenizer)
        kept = [token for token, each in zip(tokens, gone, strict=True) if not each]
        assert "".join(after.text.split()) == "".join(kept)
        assert_gaps_stay(after.text, kept, gaps, gone, apart=policy == "keep")
        if policy == "keep":
            assert mentions(after) == mentions(before)


def assert_gaps_stay(text: str, kept: list[str], gaps: list[str], gone: list[bool], *, apart: bool) -> None:
    """Between tokens that stay is some of the white space that was there; words that were apart stay apart."""
    at = 0
    between = [[gaps[0]]]
    for gap, each in zip(gaps[1:], gone, strict=True):
        if each:
            between[-1].append(gap)
        else:
            between.append([gap])
    for number, token in enumerate(kept):
        start = text.index(token, at)
        assert not text[at:start].strip()
        untouched = len(between[number]) == 1
        if apart and number and any(between[number]) and kept[number - 1][-1].isalnum() and token[0].isalnum():
            assert at < start
        assert text[at:start] == between[number][0] if untouched else is_joined(text[at:start], between[number])
        at = start + len(token)


def is_joined(gap: str, gaps: list[str]) -> bool:
    """Says whether a gap is made of some of the gaps that were there, in order."""
    if not gaps:
        return gap == ""
    return is_joined(gap, gaps[1:]) or (gap.startswith(gaps[0]) and is_joined(gap[len(gaps[0]) :], gaps[1:]))
