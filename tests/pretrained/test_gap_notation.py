from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers")

from textsynth.errors import OptionError
from textsynth.pretrained.rewriting.gap_notation import EMPTY_GAP, LOST, UNCLEAR, GapNotation, notation_of
from textsynth.pretrained.rewriting.rewriter import Rewriter
from textsynth.wording.filling import UNENDED
from textsynth.wording.rejection import Rejection

KEPT = ["Ada ", " Rome on ", " ."]


def notation(loaded: Any, kind: Any) -> tuple[GapNotation, Rewriter]:
    pretrained = loaded(kind)
    rewriter = Rewriter(pretrained.model, pretrained.tokenizer)
    return notation_of(rewriter, kind), rewriter


@pytest.mark.parametrize(
    ("written", "fills"),
    [
        ("<extra_id_0> flew to <extra_id_1> Monday <extra_id_2></s>", ["flew to", "Monday"]),
        ("<extra_id_0> flew to <extra_id_1> Monday <extra_id_2> on and on", ["flew to", "Monday"]),
        ("<extra_id_0> flew to <extra_id_1> Monday</s>", ["flew to", "Monday"]),
        ("<extra_id_0> flew to <extra_id_1> Monday", UNENDED),
        ("<extra_id_0> flew to</s>", UNCLEAR),
        ("<extra_id_1> flew to <extra_id_0> Monday</s>", UNCLEAR),
        ("<extra_id_0> flew <extra_id_0> to <extra_id_1> Monday</s>", UNCLEAR),
        ("<extra_id_0> <extra_id_1> Monday <extra_id_2></s>", EMPTY_GAP),
        ("</s>", UNCLEAR),
        ("", UNENDED),
    ],
)
def test_numbered_gaps_are_read_in_order(loaded: Any, written: str, fills: list[str] | Rejection):
    ours, rewriter = notation(loaded, "t5")
    symbols = rewriter.tokenizer(written, add_special_tokens=False)["input_ids"]
    assert ours.read_fills(symbols, KEPT) == fills


@pytest.mark.parametrize(
    ("written", "fills"),
    [
        ("Ada flew to Rome on Monday .", ["flew to", "Monday"]),
        ("Ada  saw Omar in Rome on  Rome on Sunday .", UNCLEAR),
        ("Omar flew to Rome on Monday .", LOST),
        ("Ada flew to Rome .", LOST),
        ("Ada Rome on Monday .", LOST),
        ("", LOST),
    ],
)
def test_gaps_without_numbers_are_what_stands_between_the_rest(loaded: Any, written: str, fills: list[str] | Rejection):
    ours, rewriter = notation(loaded, "bart")
    assert ours.read_fills(rewriter.read([written])[0], KEPT) == fills
    assert ours.read_fills(rewriter.read([written])[0][:-1], KEPT) == UNENDED


def test_gaps_at_the_edges_are_found(loaded: Any):
    ours, rewriter = notation(loaded, "bart")
    assert ours.read_fills(rewriter.read(["we saw Ada today"])[0], ["", " Ada ", ""]) == ["we saw", "today"]
    assert ours.read_fills(rewriter.read(["Ada (+) today"])[0], ["Ada (+) ", ""]) == ["today"]


def test_targets_are_what_is_read_back(loaded: Any):
    for kind, whole in (("t5", "Ada flew to Rome on Monday ."), ("bart", "Ada flew to Rome on Monday .")):
        ours, rewriter = notation(loaded, kind)
        gaps = rewriter.read(["flew to", " Monday"], framed=False)
        assert ours.read_fills(ours.encode_target(gaps, rewriter.read([whole])[0]), KEPT) == ["flew to", "Monday"]


def test_a_model_that_knows_no_gaps_is_refused(loaded: Any):
    pretrained = loaded("gpt")
    with pytest.raises(OptionError, match=r"'model' must have <extra_id_0> or a mask .* has neither: 'ours'"):
        notation_of(Rewriter(pretrained.model, pretrained.tokenizer), "ours")
