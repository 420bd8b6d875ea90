from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from edit_rules import changes, wnut
from edited import corpus_of, drawn, mentions, pairs, results
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.edits.date_notation import Date, DateNotation, other_notations

DATES = st.dates(datetime.date(1000, 1, 1), datetime.date(9999, 12, 31))
FULL = ["14 March 2024", "14 Mar 2024", "March 14, 2024", "Mar 14, 2024", "2024-03-14", "14.03.2024", "14/03/2024"]


def test_by_hand():
    text = "14 March 2024: on [{}](DATE), [Mar 2](X)."
    for notation in FULL:
        expected = {text.format(other) for other in FULL if other != notation}
        assert results(DateNotation(), text.format(notation)) == expected


@pytest.mark.parametrize(
    ("mention", "others"),
    [
        ("Monday", {"Mon"}),
        ("tues.", {"tuesday", "tue"}),
        ("SEPT", {"SEPTEMBER", "SEP"}),
        ("March 2024", {"Mar 2024"}),
        ("14th of March", {"14 March", "14 Mar", "March 14", "Mar 14"}),
        ("Thursday, 14 March", {"Thu, 14 Mar", "Thursday, March 14", "Thu, Mar 14"}),
        ("3 May 2024", {"May 3, 2024", "2024-05-03", "03.05.2024"}),
        ("05/05/2024", {"5 May 2024", "May 5, 2024", "2024-05-05", "05.05.2024"}),
        ("03/14/2024", set(FULL)),
    ],
)
def test_other_notations(mention: str, others: set[str]):
    assert results(DateNotation(), f"on [{mention}](DATE)") == {f"on [{other}](DATE)" for other in others}


@pytest.mark.parametrize(
    "mention",
    [
        "03/04/2024",
        "31 June 2024",
        "29.02.2023",
        "2024-13-01",
        "0 May",
        "May",
        "2024",
        "14/03/24",
        "next week",
        "14\u00a0March",
    ],
)
def test_what_is_no_date_for_sure_stays(mention: str):
    assert results(DateNotation(), f"on [{mention}](DATE)", copies=5) == {f"on [{mention}](DATE)"}


def test_tokens_that_came_with_the_text():
    assert "[March 14 , 2024](DATE)" in results(DateNotation(), "[2024-03-14](DATE)", "whitespace")
    assert "[2024-03-14](DATE)" in results(DateNotation(), "[March 14 , 2024](DATE)", "whitespace")


def test_labels_and_policy():
    text = "[Mon](DAY) [Tue](DATE)"
    assert results(DateNotation(labels=["DAY"]), text) == {"[Monday](DAY) [Tue](DATE)"}
    assert results(DateNotation(labels=["DAY", "DATE"], policy={"DATE": "keep"}), text) == {"[Monday](DAY) [Tue](DATE)"}
    assert results(DateNotation(labels=["DAY"], policy={"*": "keep"}), text) == {"[Monday](DAY) [Tue](DATE)"}
    assert results(DateNotation(labels=["DAY"], protect=["mon"]), text) == {text}


def test_a_label_the_source_does_not_have(tmp_path: Path):
    resources = Resources.of(corpus_of("[Mon](DAY)"))
    with pytest.raises(OptionError, match=r"'labels' must name a label of the source, was: 'DATE'; .*there is: DAY"):
        DateNotation().fit(resources, tmp_path, child_rng(1))
    with pytest.raises(OptionError, match="was: none"):
        DateNotation(labels=[]).fit(resources, tmp_path, child_rng(1))


@given(DATES, st.integers(0, 6) | st.none())
def test_every_notation_says_the_same_date(date: datetime.date, weekday: int | None):
    for full in (Date(weekday, date.day, date.month, date.year), Date(weekday, date.day, date.month)):
        for notation in full.notations():
            assert Date.of(notation) == full
            assert Date.of(notation.upper().replace(", ", " , ")) == full


def test_all_dates_are_read_and_written():
    for year in (1, 800, 2023, 2024):
        for day in range(366):
            date = datetime.date(year, 1, 1) + datetime.timedelta(day)
            written = Date(None, date.day, date.month, date.year).notations()
            assert date.isoformat() in written
            assert set(other_notations(date.isoformat())) == set(written) - {date.isoformat()}


@st.composite
def dated(draw: st.DrawFn) -> Corpus:
    """Texts of dates, some of them marked, among what breaks offsets."""
    date = DATES.flatmap(lambda each: st.sampled_from(Date(None, each.day, each.month, each.year).notations()))
    piece = date | st.sampled_from(["[Monday](X)", "e\u0301", "😀", "\r\n", "\u00a0", "  "])
    marked = date.map("[{}](DATE)".format) | st.sampled_from(["[Mon](DATE)", "[e\u0301](DATE)"])
    rows = [st.lists(piece | marked, max_size=6).map(" ".join) for _ in range(2)]
    return corpus_of(
        "[Ada](DATE)", *(draw(row) for row in rows), tokenizer=draw(st.sampled_from(["words", "whitespace"]))
    )


@given(dated())
def test_only_dates_change(source: Corpus):
    operation = DateNotation(rate=0.7)
    for change in changes(operation, source):
        assert Date.of(change.old) == Date.of(change.new) is not None
    for before, after in pairs(operation, source):
        assert [label for label, _ in mentions(before)] == [label for label, _ in mentions(after)]
        for (label, old), (_, new) in zip(mentions(before), mentions(after), strict=True):
            assert old == new or (label == "DATE" and Date.of(old) == Date.of(new) is not None)


def test_mentions_of_wnut_that_are_no_dates_stay(public_or_twin: Path):
    source = wnut(public_or_twin)
    for before, after in pairs(DateNotation(labels=source.labels, rate=1), source):
        assert len(before.spans) == len(after.spans)
        for old, new in zip(mentions(before), mentions(after), strict=True):
            assert old == new or Date.of(old[1]) == Date.of(new[1]) is not None


def test_rate():
    source = corpus_of(*["[Mon](DATE) or [Tue](DATE) " * 30] * 60)
    for rate in (0.03, 0.1, 0.5):
        assert len(drawn(DateNotation(rate=rate), source, 20)[2].copy) == pytest.approx(rate * 20 * 3600, rel=0.1)
    assert len(np.unique(drawn(DateNotation(rate=1e-9), source)[2].copy)) == 60
