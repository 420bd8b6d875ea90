from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from textsynth.values import Pools
from textsynth.values.pool import Pool, one_line


def plain(pools: Pools) -> tuple[dict[str, list[tuple[str, float]]], dict[str, list[str]]]:
    weighted = {
        label: list(zip(pool.values.to_pylist(), pool.weights.tolist(), strict=True))
        for label, pool in pools.pools.items()
    }
    return weighted, {label: column.to_pylist() for label, column in pools.records.items()}


@given(
    st.dictionaries(texts(), st.dictionaries(texts(), st.floats(1e-300, 1e300), min_size=1, max_size=5), max_size=4),
    st.dictionaries(texts(), st.lists(texts(), min_size=3, max_size=3), max_size=3),
)
def test_what_is_written_reads_back_equal(pools: dict[str, dict[str, float]], records: dict[str, list[str]]):
    made = Pools(
        {
            label: Pool(pa.array(list(pool), pa.string()), np.array(list(pool.values())))
            for label, pool in pools.items()
        },
        {label: pa.array(column, pa.string()) for label, column in records.items()},
    )
    with tempfile.TemporaryDirectory() as folder:
        made.write(Path(folder))
        back = Pools.read(Path(folder))
    assert plain(back) == plain(made)
    assert all(isinstance(pool.values, pa.StringArray) for pool in back.pools.values())


def test_the_values_of_a_label_whatever_they_are():
    pools = Pools({"A": Pool(pa.array(["x"]), np.ones(1))}, {"B": pa.array(["y", "y"])})
    assert (pools.values("A").to_pylist(), pools.values("B").to_pylist()) == (["x"], ["y", "y"])


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("  Ann ", "Ann"),
        ("New\nYork", "New York"),
        ("New\r\n  York\r", "New York"),
        ("a\n\n\nb\u2028c\x85d\x0be", "a b c d e"),
        ("two  spaces", "two  spaces"),
        ("a\tb", "a\tb"),
        ("\n \t\u3000", ""),
    ],
)
def test_one_line(value: str, line: str):
    assert one_line(value) == line


@given(texts())
def test_one_line_is_one_line_and_stays_so(value: str):
    line = one_line(value)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line == line.strip()
    assert "".join(line.split()) == "".join(value.split())
