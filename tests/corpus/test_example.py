from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, span_triples, texts

from textsynth.corpus.example import Example, Span, span_fault
from textsynth.errors import InvalidExample, TextsynthError


def test_spans_are_sorted_and_mentions_are_slices():
    example = Example("Ada met Zoë 😀 now", (Span(8, 11, "B"), Span(0, 3, "A"), Span(12, 13, "FACE")))
    assert example.spans == (Span(0, 3, "A"), Span(8, 11, "B"), Span(12, 13, "FACE"))
    assert example.mentions() == ("Ada", "Zoë", "😀")


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([(0, 4, "P")], "span 0-4 'P' reaches outside the text of 3 characters"),
        ([(-1, 2, "P")], "span -1-2 'P' reaches outside the text of 3 characters"),
        ([(9, 2, "P")], "span 9-2 'P' is empty"),
        ([(2, 2, "P")], "span 2-2 'P' is empty"),
        ([(0, 2, "P")], "span 0-2 'P' begins or ends in white space: 'a\\x85'"),
        ([(1, 3, "P")], "span 1-3 'P' begins or ends in white space: '\\x85b'"),
        ([(0, 1, "")], "span 0-1 must have a label"),
        ([(2, 3, "Q"), (0, 3, "P")], "span 2-3 'Q' overlaps the span before it, which ends at 3"),
        ([(0, 1, "Q"), (0, 1, "P")], "span 0-1 'Q' overlaps the span before it, which ends at 1"),
    ],
)
def test_refuses_bad_spans(spans: list[tuple[int, int, str]], reason: str):
    with pytest.raises(InvalidExample) as caught:
        Example("a\x85b", tuple(Span(*span) for span in spans))
    assert str(caught.value) == reason
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TextsynthError)


def test_refuses_an_empty_label():
    with pytest.raises(InvalidExample) as caught:
        Example("a", label="")
    assert str(caught.value) == "the label of an example must not be empty; use None for no label"


def test_spans_may_touch_and_the_text_may_be_empty():
    assert Example("AdaZoë", (Span(0, 3, "P"), Span(3, 6, "P"))).mentions() == ("Ada", "Zoë")
    assert Example("").mentions() == ()


def test_where_it_came_from_plays_no_part_in_equality():
    assert Example("a", label="x", origin="vae", parent="0f") == Example("a", label="x")
    assert Example("a", label="x") != Example("a")
    assert Example("a", (Span(0, 1, "P"),)) != Example("a", (Span(0, 1, "Q"),))


def test_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Example("a").text = "b"  # type: ignore[misc]


@given(example=examples())
def test_mentions_of_any_example_are_tight_slices(example: Example):
    for span, mention in zip(example.spans, example.mentions(), strict=True):
        assert mention == example.text[span.start : span.end] == mention.strip() != ""
    assert Example(example.text, example.spans[::-1], example.label) == example


@given(data=st.data(), text=texts())
def test_a_fault_is_said_exactly_where_an_invariant_is_broken(data: st.DataObject, text: str):
    triples = sorted(data.draw(span_triples(text)))
    sound = all(
        label and 0 <= start < end <= len(text) and not text[start].isspace() and not text[end - 1].isspace()
        for start, end, label in triples
    ) and all(before[1] <= after[0] for before, after in itertools.pairwise(triples))
    if sound:
        assert len(Example(text, tuple(Span(*triple) for triple in triples)).spans) == len(triples)
    else:
        with pytest.raises(InvalidExample):
            Example(text, tuple(Span(*triple) for triple in triples))


def test_span_fault_knows_the_span_before():
    assert span_fault("Ada Zoë", Span(4, 7, "P"), previous_end=4) is None
    assert span_fault("Ada Zoë", Span(4, 7, "P"), previous_end=5) == (
        "span 4-7 'P' overlaps the span before it, which ends at 5"
    )
