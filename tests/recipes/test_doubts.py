"""What `init` finds doubtful in labelled examples."""

from __future__ import annotations

import itertools
from pathlib import Path

from workbench import call, write_source

from textsynth.corpus import Corpus
from textsynth.recipes.doubts import list_doubts


def test_by_hand():
    classes = Corpus.from_columns(
        text=["It broke.", "It broke.", "", "\u00a0", "Where is it?", "Where is it?", "Hm."],
        label=["damage", "refund", "refund", "Refund", "not_here", "not here", None],
    )
    assert list_doubts(classes) == [
        "2 texts are blank",
        "2 texts come again with other labels, such as 'It broke.'",
        "names that differ in capitals or marks alone are different: Refund, refund",
        "names that differ in capitals or marks alone are different: not here, not_here",
        "1 example has no class, and would be delivered so",
    ]
    spans = Corpus.from_columns(text=["Ada left."] * 3, spans=[[(0, 3, "PER")], [(0, 3, "PER")], []], label=["a"] * 3)
    assert list_doubts(spans) == ["1 text comes again with other labels: 'Ada left.'"]


def test_what_is_sound_is_passed_over():
    assert list_doubts(Corpus.empty()) == []
    assert list_doubts(Corpus.from_columns(text=["a", "b", "b"], label=["x1", "x2", "x2"])) == []
    assert list_doubts(Corpus.from_columns(text=["Ada", "hi"], spans=[[(0, 3, "B-1")], []])) == []


def test_init_tells_them(tmp_path: Path):
    path = tmp_path / "help.csv"
    path.write_text("text,label\nWhere is it?,help\n\x1b[1mIt broke.,help\n\x1b[1mIt broke.,\n")
    outcome = call("init", path, "--out", tmp_path / "help.toml")
    assert outcome.out.splitlines()[:-1] == [
        f"{path}: 3 examples, no spans, classes help 2",
        r"1 text comes again with other labels: '\x1b[1mIt broke.'",
        "1 example has no class, and would be delivered so",
        "there is one class alone, and a classifier has nothing to tell apart",
    ]
    report = call("init", path, "--out", tmp_path / "help.toml", "--overwrite", "--json").json
    assert len(report["doubts"]) == 3


def test_a_starter_for_short_texts_asks_for_no_more_than_edits_give(tmp_path: Path):
    words = "where is it now and what do we do with all that came late".split()
    rows = [(f"{one} {other} {number}", []) for number, (one, other) in enumerate(itertools.pairwise(words))]
    path = write_source(tmp_path / "source.jsonl", rows, classes=True)
    assert call("init", path, "--out", tmp_path / "my.toml").code == 0
    outcome = call("run", tmp_path / "my.toml", "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.json["state"]) == (0, "complete")
