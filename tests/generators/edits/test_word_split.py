from __future__ import annotations

import unicodedata

import pytest
from edited import drawn, long_corpus, mentions, pairs, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.edit import Policy
from textsynth.generators.edits.word_split import WordSplit


def test_by_hand():
    assert results(WordSplit(), "The cats of [Adamsville](C), B2B2") == {
        "The c ats of [Adamsville](C), B2B2",
        "The ca ts of [Adamsville](C), B2B2",
        "The cat s of [Adamsville](C), B2B2",
    }


def test_a_mention_that_may_be_edited_grows():
    operation = WordSplit(policy={"C": "edit"})
    assert results(operation, "in [Rome](C)!") == {"in [R ome](C)!", "in [Ro me](C)!", "in [Rom e](C)!"}


def test_short_words():
    assert results(WordSplit(min_letters=2), "an a") == {"a n a"}
    assert results(WordSplit(), "one two") == {"one two"}


def test_marks_stay_with_their_letter():
    assert results(WordSplit(min_letters=3), "cafe\u0301") == {"c afe\u0301", "ca fe\u0301", "caf e\u0301"}
    assert results(WordSplit(min_letters=2), "\u1112\u1161\u11ab\u1100\u1173\u11af") == {
        "\u1112\u1161\u11ab \u1100\u1173\u11af"
    }


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_the_rate(rate: float):
    source = long_corpus()
    words = sum(len(each.text.split()) - 4 for each in source)
    added = sum(len(new.text.split()) - len(old.text.split()) for old, new in pairs(WordSplit(rate=rate), source, 4))
    assert added / 4 / words == pytest.approx(rate, rel=0.1)


@given(corpora(), st.sampled_from([0.1, 1.0]), st.sampled_from(["keep", "edit"]))
def test_hostile_text(source: Corpus, rate: float, policy: Policy):
    operation = WordSplit(rate=rate, policy={"*": policy}, min_letters=2)
    editor, chosen, edits = drawn(operation, source, 2)
    for copy, (before, after) in enumerate(pairs(operation, source, 2)):
        base = int(editor.tokenised.points.rows[chosen[copy]])
        splits = [int(start) - base for at, start in zip(edits.copy, edits.start, strict=True) if at == copy]
        text = before.text
        for place in reversed(splits):
            kinds = [unicodedata.category(each) for each in text[place - 1 : place + 1]]
            if "Cn" not in kinds:  # Arrow may know a later Unicode than Python
                assert kinds[0][0] in "LM"
                assert kinds[1][0] == "L"
            text = f"{text[:place]} {text[place:]}"
        assert after.text == text
        assert len(after.spans) == len(before.spans)
        for (label, old), (same, new) in zip(mentions(before), mentions(after), strict=True):
            assert label == same
            assert new == old if policy == "keep" else new.replace(" ", "") == old.replace(" ", "")
