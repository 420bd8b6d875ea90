"""The rules of all edits of characters and single words: what stays, how often they edit, and real text as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from edit_rules import check_placeholders, check_plain_texts, check_rate, check_wnut
from edited import corpus_of, long_corpus

from textsynth.components import registry
from textsynth.edits.edit import Edit


@dataclass(frozen=True)
class Case:
    """How one edit is tried.

    Args:
        words: words that it changes in any case.
        sentence: a text with a mention in which it finds many places; sentences of made-up words if empty.
        wnut: how many of the 5,690 texts of WNUT-17 it changes at least.
    """

    words: str
    wnut: int
    sentence: str = ""


CASES = {
    "accent_removal": Case("café été", 5, "é à [é](X) a "),
    "casing": Case("some Words", 5600),
    "character_doubling": Case("some words", 5600),
    "character_drop": Case("some words", 5500),
    "character_swap": Case("some words", 5500),
    "contraction": Case("it is not me", 1000, "it is me, I don't [do not](X) "),
    "keyboard_slip": Case("go at 10", 5600),
    "lookalike": Case("some eyes", 5600),
    "number_words": Case("by 12 or two men", 900, "is 12 or two [3](X) "),
    "ocr_confusion": Case("modern 50", 5500),
    "white_space": Case("some words", 5500, "a b [c d](X) e, f "),
}

every_case = pytest.mark.parametrize("name", CASES)


def edit_of(name: str) -> type[Edit]:
    cls = registry.look_up("generator", name)
    assert issubclass(cls, Edit)
    return cls


@pytest.mark.parametrize("name", [*CASES, "date_notation"])
def test_nothing_to_change(name: str):
    check_plain_texts(edit_of(name)())


@every_case
def test_placeholders_stay(name: str):
    check_placeholders(edit_of(name)(), CASES[name].words)


@every_case
def test_rate(name: str):
    sentence = CASES[name].sentence
    check_rate(edit_of(name), corpus_of(*[sentence * 40] * 60) if sentence else long_corpus())


@every_case
def test_no_entity_of_wnut_is_damaged(name: str, public_or_twin: Path):
    check_wnut(edit_of(name)(), public_or_twin, CASES[name].wnut)
