from __future__ import annotations

import itertools
import sys

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from textsynth.corpus.code_points import (
    CodePoints,
    are_spaces,
    char_lengths,
    join_runs,
    points_at,
    raw_slices,
    text_buffers,
)


@given(rows=st.lists(texts(), max_size=5), data=st.data())
def test_code_points_of_any_slice(rows: list[str], data: st.DataObject):
    begin = data.draw(st.integers(0, len(rows)))
    some = rows[begin:]
    array = pa.array(rows, pa.string())[begin:]
    points = CodePoints.of(array)
    assert points.points.tolist() == [ord(char) for char in "".join(some)]
    assert points.rows.tolist() == [len("".join(some[:count])) for count in range(len(some) + 1)]
    raw = "".join(some).encode()
    for at in range(len(points.points)):
        assert raw[points.byte_of[at] : points.byte_of[at + 1]].decode() == chr(points.points[at])
    assert char_lengths(array).tolist() == [len(text) for text in some]
    offsets, bytes_of_texts = text_buffers(array)
    assert bytes_of_texts.tobytes() == raw
    assert [bytes_of_texts[one:two].tobytes().decode() for one, two in itertools.pairwise(offsets)] == some


@given(rows=st.lists(texts(), max_size=5), data=st.data())
def test_points_at_places(rows: list[str], data: st.DataObject):
    begin = data.draw(st.integers(0, len(rows)))
    array, some = pa.array(rows, pa.string())[begin:], rows[begin:]
    every = [(row, place) for row, text in enumerate(some) for place in range(len(text))]
    places = data.draw(st.lists(st.sampled_from(every), max_size=9)) if every else []
    row, place = (np.array([each[part] for each in places], np.int64) for part in range(2))
    found = points_at(array, char_lengths(array), row, place)
    assert [chr(point) for point in found] == [some[row][place] for row, place in places]


@given(raw=st.binary(max_size=30).map(lambda raw: bytes(byte & 0x7F for byte in raw)), data=st.data())
def test_slices_of_bytes_in_any_order_and_their_runs(raw: bytes, data: st.DataObject):
    """Arrow does not promise that it leaves out what stands between the slices; here it is held to that."""
    place = st.integers(0, len(raw))
    ranges = [tuple(sorted(pair)) for pair in data.draw(st.lists(st.tuples(place, place), max_size=40))]
    begins, ends = (np.array([pair[part] for pair in ranges], np.int64) for part in range(2))
    strings = raw_slices(np.frombuffer(raw, np.uint8), begins, ends)
    strings.validate(full=True)
    expected = [raw[begin:end].decode() for begin, end in ranges]
    assert strings.to_pylist() == expected
    rows = [0, *sorted(data.draw(st.lists(st.integers(0, len(ranges)), max_size=4))), len(ranges)]
    joined = join_runs(strings, np.array(rows))
    joined.validate(full=True)
    assert joined.to_pylist() == ["".join(expected[first:stop]) for first, stop in itertools.pairwise(rows)]


def test_white_space_is_what_python_takes_for_it():
    chars = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    points = CodePoints.of(pa.array(["".join(chars)]))
    assert are_spaces(points.points[: len(chars)]).tolist() == [char.isspace() for char in chars]


def test_without_texts():
    for array in (pa.array([], pa.string()), pa.array([""]), pa.array(["a"])[:0]):
        points = CodePoints.of(array)
        assert len(points.points) == 0
        assert points.rows.tolist() == [0] * (len(array) + 1)
        assert points.byte_of.tolist() == [0]
