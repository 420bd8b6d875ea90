from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, texts

from textsynth.corpus import Corpus
from textsynth.corpus.assembly import Layout, Pieces, assemble
from textsynth.corpus.example import Span
from textsynth.corpus.invariants import find_faults
from textsynth.errors import InvalidExample


def built(store: Pieces, rows: list[list[tuple[int, str | None]]]) -> Corpus:
    """Assembles rows of `(piece, its label or None)`, neighbours of one label into one mention each on its own."""
    codes = [code for row in rows for code, _ in row]
    labels = [label for row in rows for _, label in row]
    first = [at for at, label in enumerate(labels) if label]
    bounds = np.cumsum([0, *(len(row) for row in rows)])
    layout = Layout(
        np.array(codes, np.int64),
        bounds,
        np.searchsorted(np.array(first), bounds),
        np.array(first, np.int64),
        np.array(first, np.int64) + 1,
        pa.array([label for label in labels if label], pa.string()),
    )
    return assemble(
        store, layout, label=pa.nulls(len(rows), pa.string()), parent=pa.array(["p"] * len(rows), pa.string())
    )


@given(data=st.data())
def test_texts_are_joined_and_mentions_are_the_pieces(data: st.DataObject):
    pieces = data.draw(st.lists(texts(), min_size=1, max_size=5))
    tight = [code for code, piece in enumerate(pieces) if piece and piece == piece.strip()]
    plain = st.tuples(st.integers(0, len(pieces) - 1), st.none())
    mention = st.tuples(st.sampled_from(tight), st.sampled_from(LABELS)) if tight else plain
    rows = data.draw(st.lists(st.lists(st.one_of(plain, mention), max_size=5), max_size=4))
    corpus = built(Pieces.of(pieces), rows)
    assert corpus.texts.to_pylist() == ["".join(pieces[code] for code, _ in row) for row in rows]
    for example, row in zip(corpus, rows, strict=True):
        assert example.mentions() == tuple(pieces[code] for code, label in row if label)
        assert [span.label for span in example.spans] == [label for _, label in row if label]


def test_a_mention_may_be_of_several_pieces():
    store = Pieces.of(pa.array(["skipped", "to ", "Zoë", " ", "Li"])[1:])
    layout = Layout(
        np.array([0, 1, 2, 3]), np.array([0, 4]), np.array([0, 1]), np.array([1]), np.array([4]), pa.array(["PER"])
    )
    corpus = assemble(store, layout, label=pa.array(["x"]), parent=pa.array(["0f"]), tokenizer="whitespace")
    assert corpus.texts.to_pylist() == ["to Zoë Li"]
    assert corpus[0].spans == (Span(3, 9, "PER"),)
    assert (corpus[0].label, corpus[0].parent, corpus[0].origin, corpus.tokenizer) == ("x", "0f", "", "whitespace")


def test_a_mention_with_white_space_at_its_edge_is_a_bug_and_raises():
    with pytest.raises(InvalidExample) as caught:
        built(Pieces.of(["Ada "]), [[(0, None)], [(0, "PER")]])
    assert str(caught.value) == "example 1: span 0-4 'PER' begins or ends in white space: 'Ada '"


def test_nothing_to_put_together():
    assert built(Pieces.of(["a"]), []).texts.to_pylist() == []
    assert built(Pieces.of(["a", ""]), [[], [(1, None)]]).texts.to_pylist() == ["", ""]


@given(data=st.data())
def test_no_fault_is_overlooked(data: st.DataObject):
    store = Pieces.of(["Ada", " ", "", "\u3000x", "Byte ", "y"])
    codes = np.array(data.draw(st.lists(st.integers(0, 5), max_size=8)), np.int64)
    place = st.integers(0, len(codes))
    cut = data.draw(place)
    spans = data.draw(st.lists(st.tuples(place, place, st.sampled_from(["PER", ""])), max_size=3 if len(codes) else 0))
    spans = [each for each in spans if each[0] < len(codes) and each[1] > 0]
    of_first = data.draw(st.integers(0, len(spans)))
    first, stop = (np.array([each[at] for each in spans], np.int64) for at in range(2))
    layout = Layout(
        codes,
        np.array([0, cut, len(codes)]),
        np.array([0, of_first, len(spans)]),
        first,
        stop,
        pa.array([each[2] for each in spans], pa.string()),
    )
    try:
        corpus = assemble(store, layout, label=pa.array(["x", None]), parent=pa.array(["", ""]))
    except InvalidExample:
        return
    assert find_faults(corpus.table) == {}


def test_an_empty_class_is_a_bug_and_raises():
    store, layout = (
        Pieces.of(["a"]),
        Layout(*map(np.array, ([0], [0, 1], [0, 0])), *[np.zeros(0, int)] * 2, pa.array([], pa.string())),
    )
    with pytest.raises(InvalidExample, match="the label of an example must not be empty"):
        assemble(store, layout, label=pa.array([""]), parent=pa.array([""]))
