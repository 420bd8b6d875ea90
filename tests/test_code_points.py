from __future__ import annotations

import itertools
import sys

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from textsynth.code_points import CodePoints, char_lengths, text_buffers


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


def test_white_space_is_what_python_takes_for_it():
    chars = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    points = CodePoints.of(pa.array(["".join(chars)]))
    assert points.is_space(np.arange(len(chars))).tolist() == [char.isspace() for char in chars]


def test_without_texts():
    for array in (pa.array([], pa.string()), pa.array([""]), pa.array(["a"])[:0]):
        points = CodePoints.of(array)
        assert len(points.points) == 0
        assert points.rows.tolist() == [0] * (len(array) + 1)
        assert points.byte_of.tolist() == [0]
