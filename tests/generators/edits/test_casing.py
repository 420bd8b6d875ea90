from __future__ import annotations

import pytest
from edit_rules import changes
from edited import corpus_of, edited, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.generators.edits.casing import Casing

LETTERS = st.sampled_from(["ß", "İ", "ı", "ŉ", "ﬁ", "ǆ", "ΟΔΟΣ", "ᾳ", "ǰ", "ẞ", "a", "B", " ", "1", "'s", "e\u0301"])


def fold(text: str) -> str:
    return text.replace("ı", "i").casefold()


def test_by_hand():
    """One word, in each style but the one that it is in; "aB" is in random case now and then."""
    text = "ab [Bo](PERSON) 1"
    assert results(Casing(styles=["upper", "title"]), text) == {"AB [Bo](PERSON) 1", "Ab [Bo](PERSON) 1"}
    assert results(Casing(styles=["lower", "title"]), text) == {"Ab [Bo](PERSON) 1"}
    assert results(Casing(styles=["random"]), text) == {f"{word} [Bo](PERSON) 1" for word in ("AB", "Ab", "aB")}


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("lower", "we 'll don't see [NASA](ORG) at 2nd straße"),
        ("upper", "WE 'LL DON'T SEE [NASA](ORG) AT 2ND STRASSE"),
        ("title", "We 'll Don't See [NASA](ORG) At 2nd Straße"),
    ],
)
@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
def test_whole_texts(style: str, expected: str, tokenizer: str):
    text = "We 'll Don't see [NASA](ORG) at 2nd sTraße"
    if (style, tokenizer) == ("title", "words"):
        expected = expected.replace("'ll", "'Ll")
    assert results(Casing(styles=[style], scope="text"), text, tokenizer) == {expected}


def test_mentions_where_the_policy_is_to_edit_them():
    operation = Casing(styles=["upper"], scope="text", policy={"*": "edit"})
    assert results(operation, "at [Gießen](CITY) (go)") == {"AT [GIESSEN](CITY) (GO)"}


def test_a_text_has_one_style():
    made = results(Casing(scope="text", styles=["lower", "upper"]), "One two THREE")
    assert made == {"one two three", "ONE TWO THREE"}


def test_every_letter_is_as_likely():
    made = edited(Casing(styles=["random"], scope="text"), corpus_of("a" * 100), 100).texts.to_pylist()
    assert sum(text.count("A") for text in made) == pytest.approx(5000, abs=250)


def test_no_style():
    with pytest.raises(OptionError, match="must name at least one style"):
        Casing(styles=[])


@given(corpora(st.lists(LETTERS, max_size=8).map("".join) | texts()), st.sampled_from(["words", "text"]))
def test_only_the_case_changes(source: Corpus, scope: str):
    found = changes(Casing(rate=0.5, scope=scope), source, whole_words=True)
    for change in found + changes(Casing(styles=["random"], scope=scope), source):
        assert fold(change.new) == fold(change.old)
