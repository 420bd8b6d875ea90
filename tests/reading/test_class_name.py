"""Names of classes follow one rule, whatever format they are in."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.errors import CarryError
from textsynth.reading.class_name import read_class_names, tidy_class

VALUES = [
    ("greet", "greet"),
    (" greet\t", "greet"),
    ("two  words", "two  words"),
    ("  ", None),
    ("", None),
    (None, None),
    (3, "3"),
    (0, "0"),
    (-1, "-1"),
    (2.0, "2"),
    (math.nan, None),
    (True, "true"),
    (False, "false"),
]


def read_jsonl(folder: Path, value: Any) -> Corpus:
    path = folder / "x.jsonl"
    path.write_text(json.dumps({"text": "hi", "label": value}) + "\n")
    return formats.read(path)


def read_parquet(folder: Path, value: Any) -> Corpus:
    pq.write_table(pa.table({"text": ["hi"], "label": [value]}), folder / "x.parquet")
    return formats.read(folder / "x.parquet")


def read_doccano(folder: Path, value: Any) -> Corpus:
    path = folder / "x.jsonl"
    path.write_text(json.dumps({"id": 1, "text": "hi", "label": [value]}) + "\n")
    return formats.read(path, "doccano")


def read_prodigy(folder: Path, value: Any) -> Corpus:
    path = folder / "x.jsonl"
    path.write_text(json.dumps({"text": "hi", "accept": [value], "answer": "accept"}) + "\n")
    return formats.read(path, "prodigy")


def read_label_studio(folder: Path, value: Any) -> Corpus:
    path = folder / "x.json"
    result = {"type": "choices", "value": {"choices": [value]}}
    path.write_text(json.dumps([{"data": {"text": "hi"}, "annotations": [{"result": [result]}]}]))
    return formats.read(path, "label_studio")


def read_gliner2(folder: Path, value: Any) -> Corpus:
    path = folder / "x.jsonl"
    task = {"task": "t", "labels": [], "true_label": [value]}
    path.write_text(json.dumps({"input": "hi", "output": {"classifications": [task]}}) + "\n")
    return formats.read(path, "gliner2")


def read_argilla(folder: Path, value: Any) -> Corpus:
    path = folder / "x.json"
    answers = {"topic": [{"value": value}], "spans": [{"value": []}]}
    path.write_text(json.dumps([{"fields": {"text": "hi"}, "responses": answers}]))
    return formats.read(path, "argilla")


READERS = [read_jsonl, read_parquet, read_doccano, read_prodigy, read_label_studio, read_gliner2, read_argilla]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize(("value", "name"), VALUES, ids=repr)
def test_a_value_names_the_same_class_in_all_formats(read: Any, value: Any, name: str | None, tmp_path: Path):
    assert read(tmp_path, value)[0].label == name


@pytest.mark.parametrize(("cell", "name"), [(" greet ", "greet"), ("3", "3"), ("", None), ("2.0", "2.0")])
def test_a_cell_of_csv_is_a_string(cell: str, name: str | None, tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text(f'text,intent\nhi,"{cell}"\nho,x\n')
    assert formats.read(path)[0].label == name


@given(st.text(), st.sampled_from(["", " ", "\t\n", "\u00a0", "\x1c"]))
def test_white_space_around_a_name_is_no_part_of_it(name: str, white: str):
    assert read_class_names("label", f"{white}{name}{white}") == read_class_names("label", name)
    assert tidy_class(tidy_class(name) or "") == tidy_class(name)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".yml"])
def test_a_name_that_would_not_be_read_back_is_refused(suffix: str, tmp_path: Path):
    with pytest.raises(CarryError, match="a class must have a name without white space around it, has: ' a'"):
        formats.write(Corpus.from_columns(text=["hi"], label=[" a"]), tmp_path / f"x{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_names_of_a_class_label_are_tidied_unless_two_became_one(tmp_path: Path):
    for names, first in ((["a ", "b"], "a"), (["a ", "a"], "a ")):
        feature = {"names": names, "_type": "ClassLabel"}
        info = json.dumps({"info": {"features": {"label": feature}}})
        table = pa.table({"text": ["hi"], "label": [0]}).replace_schema_metadata({"huggingface": info})
        pq.write_table(table, tmp_path / "x.parquet")
        assert formats.read(tmp_path / "x.parquet").names.classes[0] == first
