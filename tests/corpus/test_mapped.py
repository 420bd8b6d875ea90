"""Columns in files: the same rows as in memory, and no file that is left over."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus, mapped
from textsynth.corpus.mapped import take_rows
from textsynth.errors import OutputError

WITH_FIELDS = Corpus.from_columns(text=["a", "b"]).with_fields(pa.array(['{"id": 7}', None]))


@given(st.lists(corpora() | st.just(WITH_FIELDS), max_size=4))
def test_a_spooled_corpus_is_what_concat_gives(parts: list[Corpus]):
    with tempfile.TemporaryDirectory() as folder:
        spooled, whole = Corpus.spool(iter(parts), Path(folder)), Corpus.concat(parts)
        assert not list(Path(folder).iterdir())
    assert spooled.table.equals(whole.table)
    assert (spooled.tokenizer, spooled.names) == (whole.tokenizer, whole.names)
    assert spooled.labels == whole.labels


@given(corpora() | st.just(WITH_FIELDS))
def test_a_mapped_file_is_what_it_is_when_it_is_read(corpus: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.parquet"
        corpus.write_parquet(path)
        found, read = Corpus.map_parquet(path), Corpus.read_parquet(path)
        assert [each.name for each in Path(folder).iterdir()] == ["source.parquet"]
    assert found.table.equals(read.table)
    assert found.table.schema.equals(read.table.schema, check_metadata=True)
    assert (found.tokenizer, found.names) == (read.tokenizer, read.names)


def test_small_tables_are_gathered_into_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mapped, "_CHUNK", 100)
    corpus = Corpus.from_columns(text=[f"number {number}" for number in range(20)])
    spooled = Corpus.spool((corpus[row : row + 1] for row in range(20)), tmp_path)
    assert 1 < spooled.table.column("text").num_chunks < 20
    assert spooled == corpus


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_chunks_are_those_of_one(seed: int):
    chance = random.Random(seed)
    parts = [
        pa.table({"n": pa.array([chance.random() for _ in range(chance.randint(0, 4))], pa.float64())})
        for _ in range(5)
    ]
    table = pa.concat_tables([*parts, pa.table({"n": [1.5]})])
    rows = np.array([chance.randrange(len(table)) for _ in range(chance.randint(0, 9))], np.int64)
    assert take_rows(table, rows).equals(table.combine_chunks().take(pa.array(rows)))


def test_a_folder_that_is_none_is_said(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file: cannot be written: "):
        Corpus.spool([WITH_FIELDS], tmp_path / "file")
