import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from textsynth.corpus.grapheme import list_grapheme_starts
from textsynth.errors import CarryError
from textsynth.reading.code_unit import count_in_characters, count_in_units, is_narrow
from textsynth.reading.records import Fault


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


JOINING = "aé \r\n\u0301\u200d😀👍🏽🇩🇪กน้ำเक्ष한가\u0600か\u3099"


@given(st.text(JOINING, min_size=1, max_size=12), st.data())
def test_graphemes_are_counted_as_they_are_cut(text, data):
    starts = list_grapheme_starts(text)
    assert is_narrow(text, "graphemes") == (len(starts) == len(text) + 1)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(starts) - 1)] * 2)))
    counted = count_in_units(text, [(starts[first], starts[last], "X")], "graphemes")
    assert counted == [(first, last, "X")]
    assert count_in_characters(text, counted, "graphemes") == [(starts[first], starts[last], "X")]


def test_the_standards_own_counts_of_graphemes():
    regex = pytest.importorskip("regex")
    for text in ("e\u0301\r\nx", "👩\u200d👩\u200d👧a🇩🇪🇫🇷", "น้ำกำ", "\u1100\uac01\u11a8x", "\u06001", "a\u200db"):
        assert len(list_grapheme_starts(text)) - 1 == len(regex.findall(r"\X", text))


def test_a_span_that_cuts_a_grapheme_cannot_be_counted_in_graphemes():
    with pytest.raises(CarryError, match=r"must begin and end between graphemes .* the option 'offsets'"):
        count_in_units("e\u0301a", [(0, 1, "X")], "graphemes")
    assert isinstance(count_in_characters("😀a", [(1, 2, "X")], "utf16"), Fault)
    assert count_in_characters("e\u0301a", [(1, 2, "X"), (2, 3, "X")], "graphemes") == [(2, 3, "X"), (3, 4, "X")]
