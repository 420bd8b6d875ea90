"""Contractions and hyphenated words are words: no edit moves, takes out or replaces a part of one."""

from __future__ import annotations

import re

import pytest
from edited import corpus_of, pairs

from textsynth.edits.edit import Edit
from textsynth.edits.editor import Editor
from textsynth.generators.edits.casing import Casing
from textsynth.generators.edits.character_drop import CharacterDrop
from textsynth.generators.edits.character_swap import CharacterSwap
from textsynth.generators.edits.label_wise_token_replacement import LabelWiseTokenReplacement
from textsynth.generators.edits.segment_shuffle import SegmentShuffle
from textsynth.generators.edits.word_deletion import WordDeletion
from textsynth.generators.edits.word_split import WordSplit
from textsynth.generators.edits.word_swap import WordSwap

SOURCE = corpus_of(
    "they didn't say that a well-known band plays at 10:30 in [Rome](CITY)'s old part, isn't it",
    "we're sure: [Ada](PERSON)-like people aren't mother-in-law types and I'm one",
)
WHOLE = ("didn't", "well-known", "10:30", "Rome's", "isn't", "we're", "Ada-like", "aren't", "mother-in-law", "I'm")


def chunks(text: str) -> list[str]:
    return re.findall(r"[^\s,]+", text.replace(": ", " "))


@pytest.mark.parametrize("policy", ["keep", "edit"])
@pytest.mark.parametrize("operation", [WordSwap, WordDeletion, SegmentShuffle, WordSplit])
def test_words_are_moved_and_taken_out_whole(operation: type[Edit[Editor]], policy: str):
    for _, after in pairs(operation(rate=0.8, policy={"*": policy}), SOURCE, 40):
        marked = [chunk for chunk in chunks(after.text) if re.search(r"['-]|\d", chunk)]
        assert set(marked) <= set(WHOLE)


def test_words_with_marks_inside_are_neither_replaced_nor_drawn():
    for before, after in pairs(LabelWiseTokenReplacement(rate=1.0, policy={"*": "keep"}), SOURCE, 20):
        marked = [[chunk for chunk in chunks(each.text) if "'" in chunk or "-" in chunk] for each in (before, after)]
        assert marked[0] == marked[1]


def test_a_word_has_one_casing():
    source = corpus_of("they didn't say well-known")
    made = {after.text.split()[1] for _, after in pairs(Casing(rate=1.0, styles=("upper", "title")), source, 50)}
    assert made == {"DIDN'T", "Didn't"}


def test_ends_of_words_stay_and_no_part_vanishes():
    source = corpus_of("I'm they've well-known")
    dropped = {after.text for _, after in pairs(CharacterDrop(rate=0.01), source, 200)}
    assert {"I'm thy've well-known", "I'm they've wll-known", "I'm they've well-knon"} <= dropped
    assert not any(re.search(r"'( |$)|\bI' |-( |$)", text) for text in dropped)
    assert all(text.endswith("n") and "'ve" in text for text in dropped if text.startswith("I'm they've"))
    swapped = {after.text for _, after in pairs(CharacterSwap(rate=0.01), source, 200)}
    assert "I'm they've well-konwn" in swapped
    assert not any("we'v" in text or "'ev" in text for text in swapped)
