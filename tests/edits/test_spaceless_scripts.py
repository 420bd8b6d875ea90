"""Operations on scripts without spaces: their graphemes are tokens, and their runs stand for words."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from edited import mentions, pairs
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.corpus.grapheme import list_grapheme_starts
from textsynth.corpus.tokens import tokenize
from textsynth.edits.edit import Edit
from textsynth.edits.editor import Editor
from textsynth.generators.edits.character_drop import CharacterDrop
from textsynth.generators.edits.character_swap import CharacterSwap
from textsynth.generators.edits.label_wise_token_replacement import LabelWiseTokenReplacement
from textsynth.generators.edits.segment_shuffle import SegmentShuffle
from textsynth.generators.edits.word_deletion import WordDeletion
from textsynth.generators.edits.word_split import WordSplit
from textsynth.generators.edits.word_swap import WordSwap

SOURCE = Corpus.from_columns(
    text=["我在北京的公园，他去了上海。", "วันนี้ฉันไปตลาดกับเพื่อน", "東京タワーへ行く"],
    spans=[[(2, 4, "CITY"), (11, 13, "CITY")], [(11, 15, "PLACE")], [(0, 2, "CITY")]],
)


def count_graphemes(text: str) -> Counter[str]:
    starts = list_grapheme_starts(text)
    return Counter(text[start:end] for start, end in itertools.pairwise(starts))


@pytest.mark.parametrize("policy", ["keep", "edit"])
@pytest.mark.parametrize("rate", [0.1, 1.0])
@pytest.mark.parametrize("operation", [WordDeletion, WordSwap, CharacterDrop, CharacterSwap, WordSplit])
def test_texts_change_and_mentions_come_through(operation: type[Edit[Editor]], rate: float, policy: str):
    options = {"min_letters": 3} if operation is WordSplit else {}
    for before, after in pairs(operation(rate=rate, policy={"*": policy}, **options), SOURCE, 6):
        assert after.text != before.text
        old, new = count_graphemes(before.text), count_graphemes(after.text)
        if operation in (WordSwap, CharacterSwap):
            assert new == old
        elif operation is WordSplit:
            assert new - old == Counter(" " * (new.total() - old.total()))
        else:
            assert not new - old
        if policy == "keep":
            assert mentions(after) == mentions(before)
        elif operation is not WordDeletion:
            assert [span.label for span in after.spans] == [span.label for span in before.spans]


@given(st.text("北京上海的ก้นำ", min_size=1, max_size=9), st.booleans())
def test_a_run_keeps_a_letter_however_many_are_dropped(text: str, keep_ends: bool):
    for _, after in pairs(CharacterDrop(rate=1.0, keep_ends=keep_ends), Corpus.from_columns(text=[text]), 3):
        assert after.text.strip()


@pytest.mark.parametrize(
    ("text", "protected", "changed"),
    [("我在北京的公园", "北京", True), ("北京", "北京", False), ("在IBM工作的人", "IBM", True), ("IBMs", "IBM", True)],
)
def test_a_protected_word_stays_whatever_letters_touch_it(text: str, protected: str, changed: bool):
    source = Corpus.from_columns(text=[text])
    drawn = [after.text for _, after in pairs(CharacterDrop(rate=1.0, protect=(protected,)), source, 5)]
    assert (text not in drawn) == changed
    assert all(protected in each for each in drawn) or text == "IBMs"


def test_what_keeps_two_words_apart_is_not_deleted():
    source = Corpus.from_columns(text=["IBM和Acme的人"])
    drawn = {after.text for _, after in pairs(WordDeletion(rate=0.3), source, 30)}
    assert len(drawn) > 1
    assert all("和" in text and "的" in text for text in drawn)


@pytest.mark.parametrize("operation", [WordSwap, SegmentShuffle, LabelWiseTokenReplacement])
def test_words_of_two_scripts_do_not_run_together(operation: type[Edit[Editor]]):
    source = Corpus.from_columns(text=["IBM和Acme的人在Rome和Oslo", "他在Bonn的家和Ulm"])
    known = {token for tokens in tokenize(source).lists().to_pylist() for token in tokens}
    for before, after in pairs(operation(rate=1.0), source, 20):
        old, new = (tokenize(Corpus.from_columns(text=[each.text])).lists().to_pylist()[0] for each in (before, after))
        assert len(new) == len(old)
        assert set(new) <= known
