from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from edited import corpus_of, edited, mentions, pairs, results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.generators.edits.punctuation_insertion import PunctuationInsertion


def test_by_hand():
    operation = PunctuationInsertion(marks=("!", "..."))
    assert results(operation, "Ask  [Ada Lee](P), now") == {
        template.format(mark)
        for mark in ("!", "...")
        for template in ("{} Ask  [Ada Lee](P), now", "Ask  {} [Ada Lee](P), now", "Ask  [Ada Lee](P), {} now")
    }


def test_the_marks_of_the_paper():
    counts = Counter(each.text[0] for each in edited(PunctuationInsertion(), corpus_of("word"), 6000))
    assert set(counts) == set(".;?:!,")
    assert all(count == pytest.approx(1000, rel=0.15) for count in counts.values())


@pytest.mark.parametrize(
    ("words", "rate", "most"), [(20, 0.3, 6), (20, 1.0, 20), (9, 0.3, 2), (3, 0.3, 1), (1, 1.0, 1)]
)
def test_the_number_lies_between_one_and_the_share_and_each_is_as_likely(words: int, rate: float, most: int):
    source = corpus_of(" ".join(f"w{number}" for number in range(words)))
    copies = 1000 * most
    counts = Counter(len(new.text.split()) - words for _, new in pairs(PunctuationInsertion(rate=rate), source, copies))
    assert sorted(counts) == list(range(1, most + 1))
    assert all(count == pytest.approx(1000, rel=0.2) for count in counts.values())


def test_never_inside_what_is_protected():
    text = "say [New York City](C) and [ my id ] (or so)"
    for each in results(PunctuationInsertion(rate=1.0, protect_patterns=(r"\[.*?\]",)), text):
        assert "[New York City](C)" in each
        assert "[ my id ]" in each
        assert "(or" in each


def test_in_mentions_that_may_be_edited():
    operation = PunctuationInsertion(rate=1.0, policy={"C": "edit"}, marks=("!",), protect=("say",))
    assert results(operation, "say [New York](C)") == {
        "say ! [New York](C)",
        "say [New ! York](C)",
        "say ! [New ! York](C)",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"marks": ()}, "option 'marks' "),
        ({"marks": ("!", "")}, "option 'marks'"),
        ({"marks": (" ",)}, "option 'marks'"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        PunctuationInsertion(**options)
    assert str(caught.value).startswith(message)


@given(corpora())
def test_mentions_of_hostile_text_stay(source: Corpus):
    for before, after in pairs(PunctuationInsertion(), source):
        assert mentions(after) == mentions(before)
        assert Counter(before.text) <= Counter(after.text)
