"""Fields of examples: as they travel, and as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import field_values

from textsynth.corpus import Corpus, Names
from textsynth.corpus.example import Example
from textsynth.corpus.fields import FieldType, TypeSearch, find_types, make_columns, read_fields, to_text, write_fields
from textsynth.errors import InvalidExample
from textsynth.extract import Resources

ROWS = [{"id": 1, "by": "Zoë"}, {}, {"id": 3, "by": None}]
CORPUS = Corpus.from_examples(Example(f"text {row}", fields=fields) for row, fields in enumerate(ROWS))


def column_of(rows: list[dict[str, Any]]) -> pa.Array:
    return pa.array(map(write_fields, rows), pa.string())


def fields_of(corpus: Corpus) -> list[dict[str, Any]]:
    return [dict(example.fields) for example in corpus]


@given(st.lists(st.dictionaries(st.text(max_size=3), field_values(), max_size=3), max_size=4))
def test_fields_come_back_as_they_were(rows: list[dict[str, Any]]):
    corpus = Corpus.from_examples(Example("a", fields=fields) for fields in rows)
    assert fields_of(corpus) == rows
    assert [read_fields(write_fields(fields)) for fields in rows] == rows


@given(st.lists(st.dictionaries(st.sampled_from("abc"), field_values(), max_size=3), max_size=5))
def test_a_column_has_room_for_all_values_of_a_field(rows: list[dict[str, Any]]):
    types = find_types(column_of(rows))
    assert {each.name for each in types} == {name for row in rows for name in row}
    columns = make_columns(column_of(rows), types)
    for each in types:
        for row, found in zip(rows, columns[each.name].to_pylist(), strict=True):
            value = row.get(each.name)
            assert found == value or (pa.types.is_string(each.type) and found == to_text(value)) or holds(found, value)


def holds(found: Any, value: Any) -> bool:
    """Says whether a list or object has the same values, some of them as text."""
    if isinstance(found, list):
        return len(found) == len(value) and all(
            one == other or one == to_text(other) or holds(one, other) for one, other in zip(found, value, strict=True)
        )
    if isinstance(found, dict):
        return found.keys() == value.keys() and holds(list(found.values()), [value[name] for name in found])
    return False


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ([1, None, 2], "int64"),
        ([1, 2.5], "double"),
        ([True, None], "bool"),
        ([True, 1], "string"),
        ([1, "a"], "string"),
        ([2**63], "string"),
        ([None], "null"),
        ([[], [1]], "list<item: int64>"),
        ([[1, "a"]], "list<item: string>"),
        ([{"a": 1}, {"a": 2.5}], "struct<a: double>"),
        ([{"a": 1}, {"b": 2}], "string"),
        ([{}], "string"),
    ],
)
def test_the_type_of_a_field(values: list[Any], type: str):
    search = TypeSearch()
    for value in values:
        search.add(column_of([{"x": value}]))
    assert [str(each.type) for each in search.types()] == [type]


def test_a_value_that_is_not_of_its_type_is_named():
    with pytest.raises(InvalidExample, match=r"^the field 'id' must hold int64, does not: "):
        make_columns(column_of([{"id": "a"}]), [FieldType("id", pa.int64())])


def test_what_is_no_object_is_no_fields():
    for wrong in ("[1]", "{", "7"):
        with pytest.raises(InvalidExample, match=r"^the fields of an example must be a JSON object"):
            Corpus(pa.table({"text": ["a"], "fields": [wrong]}))
    with pytest.raises(InvalidExample, match=r"^the column 'fields' must hold JSON objects as text, holds int64$"):
        Corpus(pa.table({"text": ["a"], "fields": [1]}))


def test_fields_travel_with_rows():
    assert fields_of(CORPUS[1:]) == ROWS[1:]
    assert fields_of(CORPUS.take(np.array([2, 0, 2]))) == [ROWS[2], ROWS[0], ROWS[2]]
    assert fields_of(CORPUS.mask(np.array([True, False, True]))) == [ROWS[0], ROWS[2]]
    assert fields_of(CORPUS.with_origin("x").with_column("label", pa.array(["a"] * 3))) == ROWS
    assert fields_of(Corpus(CORPUS.table)) == ROWS
    assert fields_of(Resources.of(CORPUS).source) == ROWS


def test_a_corpus_without_fields_takes_one_with_some():
    bare = Corpus.from_columns(text=["a", "b"])
    assert not bare.has_fields
    both = Corpus.concat([bare, CORPUS, bare])
    assert fields_of(both) == [{}, {}, *ROWS, {}, {}]
    assert Corpus.concat([bare, bare]).table.schema.names == bare.table.schema.names


def test_equality_and_hash_are_of_the_text_alone():
    assert Example("a", fields={"id": 1}) == Example("a")
    assert len({Example("a", fields={"id": 1}), Example("a")}) == 1


def test_files_keep_fields_and_their_types(tmp_path):
    types = (FieldType("id", pa.int32()), FieldType("topic", pa.string(), ("news", "sport")))
    CORPUS.with_names(Names(fields=types)).write_parquet(tmp_path / "x.parquet")
    back = Corpus.read_parquet(tmp_path / "x.parquet")
    assert (fields_of(back), back.names.fields) == (ROWS, types)
    assert back.with_fields(None).names == Names()


def test_a_dataset_has_a_column_for_each_field():
    dataset = CORPUS.to_dataset()
    assert dataset.column_names == ["text", "spans", "origin", "id", "by"]
    assert (dataset["id"][:], dataset["by"][:]) == ([1, None, 3], ["Zoë", None, None])
