import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from textsynth.reading.code_unit import count_in_characters, count_in_units, is_narrow


@given(examples())
def test_spans_come_back_and_are_what_javascript_would_slice(example):
    spans = [(span.start, span.end, span.label) for span in example.spans]
    units = count_in_units(example.text, spans)
    raw = example.text.encode("utf-16-le")
    assert tuple(raw[2 * start : 2 * end].decode("utf-16-le") for start, end, _ in units) == example.mentions()
    assert count_in_characters(example.text, units) == spans


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_narrow_texts_have_no_character_beyond_the_first_plane(text):
    assert is_narrow(text) == all(character <= "\uffff" for character in text)


@pytest.mark.parametrize(
    ("span", "expected"), [((-1, 9, "X"), (-1, 8, "X")), ((4, 5, "X"), (3, 4, "X")), ((0, 2, "X"), (0, 1, "X"))]
)
def test_offsets_outside_the_text_stay_outside(span, expected):
    assert count_in_characters("😀ab", [span]) == [expected]
