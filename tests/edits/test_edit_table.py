from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from edited import corpus_of, marked
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.corpus.invariants import find_faults
from textsynth.edits.edit_table import Edits, Material, carry_out
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import InvalidExample


class Change(NamedTuple):
    """One edit, in characters of its own text."""

    start: int
    end: int
    text: str


def carried_out(source: Corpus, chosen: list[int], changes: list[list[Change]], borrowed: bool = False) -> Corpus:
    """Carries changes out by columns; what they put in comes from a list of strings, or from the texts themselves."""
    tokenised = Tokenised.of(source)
    flat = [(copy, change) for copy, each in enumerate(changes) for change in each]
    strings = [change.text for _, change in flat]
    base = tokenised.points.rows[np.array([chosen[copy] for copy, _ in flat], np.int64)]
    material = Material(tokenised, strings)
    first, stop = material.first, material.stop
    if borrowed:
        whole = "".join(each.text for each in source)
        first = np.array([whole.index(each) for each in strings], np.int64)
        stop = first + np.array([len(each) for each in strings], np.int64)
    edits = Edits(
        np.array([copy for copy, _ in flat], np.int64),
        base + np.array([change.start for _, change in flat], np.int64),
        base + np.array([change.end for _, change in flat], np.int64),
        first,
        stop,
    )
    made = carry_out(tokenised, np.array(chosen, np.int64), edits, material)
    assert find_faults(made.table) == {}
    return made


def reference(example: Example, changes: list[Change]) -> Example:
    """Does the same slowly: letter by letter, each letter with the span it belongs to."""
    owner: list[int] = [-1] * len(example.text)
    for number, span in enumerate(example.spans):
        owner[span.start : span.end] = [number] * (span.end - span.start)
    letters: list[tuple[str, int]] = []
    at = 0
    for start, end, text in changes:
        letters += zip(example.text[at:start], owner[at:start], strict=True)
        inside = -1
        for number, span in enumerate(example.spans):
            if (span.start <= start and end <= span.end) if start < end else span.start < start < span.end:
                inside = number
        letters += [(letter, inside) for letter in text]
        at = end
    letters += zip(example.text[at:], owner[at:], strict=True)
    spans = []
    for number, span in enumerate(example.spans):
        places = [place for place, (_, each) in enumerate(letters) if each == number]
        if places:
            spans.append(Span(places[0], places[-1] + 1, span.label))
    text = "".join(letter for letter, _ in letters)
    return Example(text, tuple(spans), example.label, example.origin, example.parent)


@st.composite
def changes_of(draw: st.DrawFn, example: Example, material: st.SearchStrategy[str]) -> list[Change]:
    """Changes that do not overlap, none of which crosses the edge of a span."""
    length = len(example.text)
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    changes: list[Change] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        edges = [span for span in example.spans if not (end <= span.start or start >= span.end)]
        inside = all(span.start <= start and end <= span.end for span in edges)
        around = all(start <= span.start and span.end <= end for span in edges)
        if inside or around:
            changes.append(Change(start, end, draw(material) if inside else ""))
    return changes


# --- by hand


def test_by_hand():
    source = corpus_of("[Ada](P) met [Bo Li](P) in [Rome](C).", "Nobody  came")
    made = carried_out(
        source,
        [0, 1, 0, 1],
        [
            [Change(0, 0, "Look: "), Change(4, 8, ""), Change(8, 10, "Zoë"), Change(14, 16, "at")],
            [Change(6, 7, "")],
            [],
            [Change(0, 6, "Who"), Change(8, 12, "saw?"), Change(12, 12, "!")],
        ],
    )
    assert [marked(each) for each in made] == [
        "Look: [Ada](P) [Zoë Li](P) at [Rome](C).",
        "Nobody came",
        "[Ada](P) met [Bo Li](P) in [Rome](C).",
        "Who  saw?!",
    ]


def test_what_is_put_in_at_the_edge_of_a_span_is_outside_of_it():
    source = corpus_of("a[bc](X)[de](Y)f")
    at = [Change(place, place, "|") for place in (1, 2, 3, 4, 5)]
    assert [marked(each) for each in carried_out(source, [0], [at])] == ["a|[b|c](X)|[d|e](Y)|f"]


def test_a_span_that_is_taken_out_altogether_is_gone():
    source = corpus_of("[Ada](P) and [Bo](P) met [Cy](P)")
    made = carried_out(source, [0, 0, 0], [[Change(0, 8, "")], [Change(0, 3, "Eve")], [Change(3, 15, "")]])
    assert [marked(each) for each in made] == [
        "[Bo](P) met [Cy](P)",
        "[Eve](P) and [Bo](P) met [Cy](P)",
        "[Ada](P)[Cy](P)",
    ]


def test_a_span_may_go_in_pieces():
    assert [
        marked(each) for each in carried_out(corpus_of("[ab](X)c"), [0], [[Change(0, 1, ""), Change(1, 2, "")]])
    ] == ["c"]


def test_classes_and_where_examples_come_from_go_along():
    source = Corpus.from_examples([Example("a b", (), "one", "read", "0f"), Example("c", (), None, "", "1e")])
    made = carried_out(source, [1, 0, 0], [[], [Change(0, 1, "x")], []])
    assert [(each.text, each.label, each.origin, each.parent) for each in made] == [
        ("c", None, "", "1e"),
        ("x b", "one", "read", "0f"),
        ("a b", "one", "read", "0f"),
    ]


@pytest.mark.parametrize(
    "change", [(0, 5, "x"), (0, 5, ""), (5, 9, ""), (5, 9, "x"), (3, 9, "x"), (4, 9, "x"), (3, 8, "")]
)
def test_an_edit_across_the_edge_of_a_span_is_a_bug(change: tuple[int, int, str]):
    source = corpus_of("see [Rome](C) now", "x")
    if change == (3, 8, ""):
        assert [marked(each) for each in carried_out(source, [0], [[Change(*change)]])] == ["see now"]
        return
    with pytest.raises(InvalidExample, match=r"^an edit must not cross the edge of a span, did; this is a bug"):
        carried_out(source, [1, 0], [[], [Change(*change)]])


def test_white_space_at_the_edge_of_a_span_is_a_bug():
    with pytest.raises(InvalidExample, match="white space"):
        carried_out(corpus_of("[Bo Li](P)"), [0], [[Change(0, 2, "")]])


@pytest.mark.parametrize("changes", [[(0, 3, ""), (2, 4, "")], [(4, 5, ""), (0, 1, "")], [(6, 10, "x")]])
def test_edits_that_overlap_or_leave_their_text_are_a_bug(changes: list[tuple[int, int, str]]):
    with pytest.raises(
        InvalidExample, match=r"^edits must be sorted, apart and inside their text, were not; this is a bug$"
    ):
        carried_out(corpus_of("one", "two three", "four"), [0, 1, 2], [[], [Change(*each) for each in changes], []])


def test_nothing_to_do():
    source = corpus_of("", "[Ada](P)")
    assert len(carried_out(source, [], [])) == 0
    assert carried_out(source, [0, 1], [[], []]) == source
    assert [each.text for each in carried_out(source, [0], [[Change(0, 0, "x")]])] == ["x"]


def test_edits_are_sorted_by_copy_and_place():
    columns = [np.array(each) for each in ([1, 0, 0, 0], [5, 7, 2, 2], [6, 7, 3, 2], [0, 1, 2, 3], [0, 1, 2, 3])]
    assert Edits(*columns).sort().first.tolist() == [3, 2, 1, 0]


# --- against the slow one


@given(corpora(), st.data())
def test_it_does_what_the_slow_one_does(source: Corpus, data: st.DataObject):
    chosen = data.draw(st.lists(st.integers(0, len(source) - 1), max_size=6))
    examples = list(source)
    changes = [data.draw(changes_of(examples[row], texts())) for row in chosen]
    compare(source, chosen, changes, borrowed=False)


@given(corpora(), st.data())
def test_what_is_put_in_may_come_from_the_texts(source: Corpus, data: st.DataObject):
    examples = list(source)
    whole = "".join(each.text for each in examples)
    places = st.tuples(st.integers(0, len(whole)), st.integers(0, 5))
    material = places.map(lambda place: whole[place[0] : place[0] + place[1]])
    chosen = data.draw(st.lists(st.integers(0, len(source) - 1), max_size=6))
    changes = [data.draw(changes_of(examples[row], material)) for row in chosen]
    compare(source, chosen, changes, borrowed=True)


def compare(source: Corpus, chosen: list[int], changes: list[list[Change]], borrowed: bool) -> None:
    examples = list(source)
    try:
        expected = [reference(examples[row], each) for row, each in zip(chosen, changes, strict=True)]
    except InvalidExample:
        with pytest.raises(InvalidExample):
            carried_out(source, chosen, changes, borrowed)
        return
    made = carried_out(source, chosen, changes, borrowed)
    assert list(made) == expected
    assert [(each.origin, each.parent) for each in made] == [(each.origin, each.parent) for each in expected]
    assert made.tokenizer == source.tokenizer


def test_lists_of_strings_as_material():
    tokenised = Tokenised.of(corpus_of("é a"))
    material, rows = Material.of_lists(tokenised, [["😀x"], [], ["", "y"]])
    text = bytes(material.raw).decode()
    written = [[text[material.first[at] : material.stop[at]] for at in row] for row in rows.to_lists()]
    assert written == [["😀x"], [], ["", "y"]]
    assert text.startswith("é a")
