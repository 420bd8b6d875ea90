from __future__ import annotations

import io
import logging
import re
import time
from typing import Any

import pytest
from hypothesis import given
from rich.console import Console
from strategies import examples

from textsynth.commands import display
from textsynth.commands.display import (
    Bars,
    component_row,
    describe_component,
    highlight,
    plain_default,
    show_default,
    summary_table,
    tell_labelers,
)
from textsynth.components import registry
from textsynth.components.description import describe
from textsynth.components.learned import Guarantee, Learned
from textsynth.corpus.classes import describe_classes
from textsynth.corpus.example import Example, Span
from textsynth.foundation.progress import Silence
from textsynth.labelling.account import Line, Measured
from textsynth.labelling.label import VOTE
from textsynth.production.summary import StepCounts, Summary, Tally


def shown(*what: Any, terminal: bool = False, width: int = 100) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=width, highlight=False, markup=False, emoji=False)
    console.print(*what, soft_wrap=True)
    return out.getvalue()


ADA = Example("Ada met [Bo] in Rome :apple:", (Span(0, 3, "PERSON"), Span(16, 20, "GPE")), "news")


def test_mentions_stand_in_brackets_with_their_labels():
    assert shown(highlight(ADA, ["GPE", "PERSON"])) == "news: [Ada PERSON] met [Bo] in [Rome GPE] :apple:\n"
    assert shown(highlight(Example("plain"), [])) == "plain\n"


def told_of_labelers(labels: int) -> str:
    right = Measured(9, 10), Measured(9, 12)
    lines = [Line(name, f"L{n}", n, 0.5, 0, 1, *right) for name in ("spacy", VOTE) for n in range(labels)]
    parts = tell_labelers([line.to_cells() for line in lines], "out/labelers.tsv")
    return "".join(shown(part) for part in parts)


def test_what_labelers_found_is_told_by_the_vote_alone_if_it_fills_the_screen():
    few, many = told_of_labelers(2), told_of_labelers(20)
    assert few.startswith("\nFound by labelers, before the cleaning\n")
    assert [line.split()[:2] for line in few.splitlines()[2:]] == [
        ["labeler", "label"],
        *(["spacy", label] for label in ("L0", "L1")),
        *(["the", "vote"] for _ in range(2)),
    ]
    assert "90% [60, 98]" in few
    assert "75% [47, 91]" in few
    assert many.startswith("\nFound by the vote, before the cleaning\n")
    assert "spacy" not in many
    assert "each labeler: out/labelers.tsv" in many


def test_each_label_has_its_colour_on_a_terminal():
    text = highlight(ADA, ["GPE", "PERSON"])
    styles = {text.plain[span.start : span.end]: str(span.style) for span in text.spans}
    assert styles == {
        "news: ": "bold",
        "Ada": "bold magenta",
        " PERSON": "dim magenta",
        "Rome": "bold cyan",
        " GPE": "dim cyan",
    }
    assert "\x1b[1;35mAda" in shown(text, terminal=True)


def test_more_labels_than_colours_are_fine():
    labels = [f"L{number:02}" for number in range(30)]
    for label in labels:
        assert label in highlight(Example("x", (Span(0, 1, label),)), labels).plain


def test_a_long_line_is_not_broken_and_what_steers_terminals_is_shown_as_a_picture():
    example = Example("word " * 100 + "\x1b[31mred\r\nnext\x07\x9b", (), "a\nb")
    line = shown(highlight(example, []), width=40)
    assert line.count("\n") == 1
    assert line == "a␊b: " + "word " * 100 + "␛[31mred␍␊next␇\ufffd\n"


@given(examples())
def test_any_example_is_one_line_of_all_its_text(example: Example):
    text = highlight(example, sorted({span.label for span in example.spans}))
    assert not any(code in text.plain for code in ("\n", "\r", "\x1b", "\x00"))
    extra = sum(len(span.label) + 3 for span in example.spans)
    before = 0 if example.label is None else len(describe_classes(example.label)) + 2
    assert len(text.plain) == len(example.text) + extra + before


def test_the_tables_of_a_run_say_all_of_it():
    run = Summary(
        asked=10,
        delivered=9,
        made=15,
        dropped={"odd [b]": 4, "duplicate": 2},
        steps={"fill": StepCounts(15, 9, {"odd [b]": 4, "duplicate": 2}, "x")},
        labels={"PERSON": Tally(3, 12)},
        classes={"news": Tally(2, 9), "sport": Tally(4, 0)},
        splits={"train": Tally(6, 9), "test": Tally(heldout=5)},
        seconds={"fit": 1.25},
        learned={"vae": Learned({"epochs": 23, "kl": 6.41234, "spread": None}, Guarantee(3.1, 1e-05))},
    )
    lines = [" ".join(line.replace("│", " ").split()) for line in shown(summary_table(run)).splitlines()]
    for line in (
        "fill 15 9 4 odd [b], 2 duplicate",
        "all 15 9 of 10 6",
        "┃ ┃ source ┃ made ┃",
        "PERSON 3 12",
        "news 2 9",
        "sport 4 0",
        "┃ ┃ source ┃ made ┃ held out ┃",
        "train 6 9 0",
        "test 0 0 5",
        "fit 1.2",
        "Learned",
        "vae epochs 23, kl 6.412, epsilon 3.1, delta 1e-05",
    ):
        assert line in lines
    for title in ("Examples by class", "Learned"):
        assert title not in shown(summary_table(Summary()))


@pytest.mark.parametrize("kind", registry.KINDS)
@pytest.mark.parametrize("width", [80, 200])
def test_every_component_is_told_with_every_option(kind: registry.Kind, width: int):
    for name in registry.names(kind):
        text, row = shown(describe_component(kind, name), width=width), component_row(kind, name)
        assert row["summary"].endswith(".")
        for option in row["options"]:
            assert f"  {option['name']} " in text, (name, width)
            assert option["meaning"], (name, option["name"])


def test_options_have_types_ranges_and_defaults():
    options = {option.name: option for option in describe(registry.look_up("generator", "mention_replacement"))}
    assert options["rate"].type == "float > 0 ≤ 1"
    assert options["pool_size"].type == "int ≥ 1"
    assert options["weights"].type == "'count' | 'uniform'"
    assert options["locales"].type == "list of str"
    text = shown(describe_component("generator", "mention_replacement"), width=200)
    assert "float > 0 ≤ 1, default 1.0" in text
    assert "int ≥ 1, default 2000" in text
    assert show_default(()) == show_default(None) == show_default({}) == "none by default"
    assert show_default("") == "default ''"
    assert show_default(False) == "default False"
    assert plain_default(("a", "b")) == ["a", "b"]


def test_a_bar_on_a_terminal_tells_how_far_it_is():
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=True, width=100)).stage("generate", 10) as stage:
        stage.advance(4)
        stage.advance(6)
    assert "generate" in out.getvalue()
    assert "10/10" in out.getvalue()


def on_terminal(stage: str, told: str = "", expected: int | None = None, done: int = 0, width: int = 100) -> str:
    """Returns the lines that a stage leaves on a terminal, what was erased left out."""
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=True, width=width)).stage(stage) as bar:
        bar.expect(expected)
        bar.advance(done)
        bar.tell(told)
    erased = re.split(r"\x1b\[1A\x1b\[2K|\x1b\[2K", out.getvalue())[-1]
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", erased).strip()


def test_a_stage_learns_later_how_much_there_is_and_tells_a_few_words():
    line = on_terminal("fit [b] vae", "loss 12.31, KL [6.2]", 50, 23)
    assert line.startswith("✓ fit [b] vae ━")
    assert re.search(r"23/23 0:00:00 loss 12.31, KL \[6.2\]$", line)


def test_a_stage_of_several_parts_counts_each(caplog: pytest.LogCaptureFixture):
    bars = Bars(Console(file=io.StringIO(), force_terminal=False))
    with caplog.at_level(logging.INFO, logger="textsynth"):
        for totals in ((50, 40), (50, None)):
            with bars.stage("fit gan") as stage:
                for total in totals:
                    stage.expect(total)
                    stage.advance(30)
        with bars.stage("fit gan") as stage:
            stage.expect(50)
            stage.advance(30)
            stage.expect(None)
    assert [message.partition(" in ")[0] for message in caplog.messages] == [
        "fit gan: 30 of 40",
        "fit gan: 30",
        "fit gan",
    ]


def test_a_line_with_words_fits_a_usual_terminal():
    line = on_terminal("fit language_model-2", "loss 12.31, KL 6.2", 50, 23, width=80)
    assert re.fullmatch(r"✓ fit language_model-2 ━{10,} 23/23 0:00:00 loss 12.31, KL 6.2", line)
    line = on_terminal("fit vae", "loss 8.37" + ", reconstruction 0.3703" * 9, 50, 23, width=80)
    assert re.fullmatch(r"✓ fit vae ━{20,} 23/23 0:00:00 loss 8.37, recon.*…", line)


def test_a_stage_that_counted_nothing_in_no_time_leaves_no_line(monkeypatch: pytest.MonkeyPatch):
    assert on_terminal("fit vae") == ""
    assert on_terminal("fit vae", expected=0) != ""
    monkeypatch.setattr(display, "_NOTICED", 0.0)
    assert "fit vae" in on_terminal("fit vae")


def test_without_a_terminal_the_end_of_a_stage_is_logged_and_nothing_drawn(caplog: pytest.LogCaptureFixture):
    out = io.StringIO()
    with (
        caplog.at_level(logging.INFO, logger="textsynth"),
        Bars(Console(file=out, force_terminal=False)).stage("generate", 10) as stage,
    ):
        stage.advance(10)
    assert out.getvalue() == ""
    assert caplog.messages[0].startswith("generate: 10 in ")


def test_without_a_terminal_the_last_words_are_logged_and_no_count_where_there_is_none(
    caplog: pytest.LogCaptureFixture,
):
    bars = Bars(Console(file=io.StringIO(), force_terminal=False))
    with caplog.at_level(logging.INFO, logger="textsynth"), bars.stage("fit vae") as stage:
        for loss in (3, 2):
            stage.tell(f"loss {loss}")
    with caplog.at_level(logging.INFO, logger="textsynth"), bars.stage("export", 0):
        pass
    assert [re.sub(r"\d+\.\d", "0.0", message) for message in caplog.messages] == [
        "fit vae in 0.0 s; loss 2",
        "export: 0 in 0.0 s",
    ]


def test_silence_is_silent(capsys: pytest.CaptureFixture[str]):
    with Silence().stage("generate", 10) as stage:
        stage.expect(20)
        stage.advance(3)
        stage.tell("loss 2")
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_a_line_tells_now_and_then_how_far_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(display, "_BETWEEN_LINES", 0.01)
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=False, width=30)).stage("fit vae") as stage:
        stage.expect(50)
        stage.advance(12)
        stage.tell("loss 12.31")
        until = time.monotonic() + 10
        while out.getvalue().count("\n") < 2 and time.monotonic() < until:
            time.sleep(0.01)
    lines = out.getvalue().splitlines()
    assert len(lines) >= 2
    assert re.fullmatch(r"textsynth: fit vae: 12 of 50 in \d+\.\d s; loss 12.31", lines[-1])


def test_a_short_stage_without_a_terminal_says_nothing():
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=False)).stage("fit vae") as stage:
        stage.advance(12)
    assert out.getvalue() == ""
