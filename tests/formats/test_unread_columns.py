"""What a column holds is found out from the whole file, and what is not read of a file is named or refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textsynth import formats
from textsynth.errors import FormatError

MANY = 2500


def save(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("cell", ['"[[0, 3, ""PER""]]"', "\"[{'start': 0, 'end': 3, 'label': 'PER'}]\""])
def test_spans_that_begin_late_in_a_csv_file_are_read_by_their_column(cell: str, tmp_path: Path):
    path = save(tmp_path, "x.csv", "text,entities\n" + "x,\n" * MANY + f"Ann ran,{cell}\n")
    assert formats.read(path)[MANY].mentions() == ("Ann",)


@pytest.mark.parametrize("cell", ['"[[0, 3, ""PER""]]"', "\"['B-PER', 'O']\"", '"[0, 3, ""PER""]"'])
def test_an_annotation_that_begins_late_in_another_column_is_refused(cell: str, tmp_path: Path):
    path = save(tmp_path, "x.csv", "text,notes\n" + "x,plain\n" * MANY + f"Ann ran,{cell}\n")
    with pytest.raises(FormatError, match=r'looks like a string of .* ignore = \["notes"\]'):
        formats.read(path)
    assert len(formats.read(path, options={"ignore": ["notes"]})) == MANY + 1


def test_a_column_of_tokens_is_one_only_if_all_cells_are_lists(tmp_path: Path):
    rows = "\"['Ann']\",\"['B-PER']\",Ann\n" * MANY
    assert len(formats.read(save(tmp_path, "x.csv", "tokens,ner_tags,text\n" + rows))) == MANY
    with pytest.raises(FormatError, match="nothing names its sentence"):
        formats.read(
            save(tmp_path, "y.csv", "tokens,ner_tags,id\n" + "\"['Ann']\",\"['B-PER']\",1\n" * MANY + "Ann,O,2\n")
        )


def test_columns_of_conll_that_are_not_read_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    rows = "1 Ann NNP B-NP B-PER\n2 ran VBD B-VP O\n\n1 Bo NNP B-NP B-PER\n2 sat VBD B-VP O\n\n"
    formats.read(save(tmp_path, "x.conll", rows))
    assert "x.conll: not read: column 3 (NNP, VBD), column 4 (B-NP, B-VP);" in caplog.text
    caplog.clear()
    formats.read(tmp_path / "x.conll", options={"ignore": [3, 4]})
    assert "not read" not in caplog.text


@pytest.mark.parametrize("late", [0, MANY])
def test_a_column_that_looks_like_tags_is_refused_wherever_they_are(late: int, tmp_path: Path):
    rows = "Ann O B-X\nran O O\n\n" * (late + 1) + "Bo PER B-X\nsat O O\n\n"
    path = save(tmp_path, "x.conll", rows)
    with pytest.raises(FormatError, match=r"column 2 looks like tags \(O, PER\) .* tag_column = 2, .* ignore = \[2\]"):
        formats.read(path)
    for options, labels in (({"ignore": [2]}, ("X",)), ({"tag_column": 2}, ("PER",)), ({"tag_column": 3}, ("X",))):
        assert formats.read(path, options=options).labels == labels


def test_a_column_that_counts_tokens_at_first_alone_is_none(tmp_path: Path):
    rows = "1\tAnn\tB-PER\n2\tran\tO\n\n" * MANY + "In\tAnn\tB-PER\n1999\tran\tO\n\n"
    corpus = formats.read(save(tmp_path, "x.conll", rows))
    assert (corpus[0].text, corpus[MANY].text) == ("1 2", "In 1999")


def test_the_inner_layer_of_germeval_is_named_and_not_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = save(tmp_path, "x.tsv", "#\tnews\n1\tAnn\tB-PER\tO\n2\tin\tO\tO\n3\tRom\tB-ORG\tB-LOC\n")
    assert formats.read(path).labels == ("ORG", "PER")
    assert "not read: column 4 (B-LOC, O);" in caplog.text


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"text": ["a"] * MANY + ["Ann ran"], "said": [None] * MANY + ['[[0, 3, "PER"]]']}, "a string of offsets"),
        ({"text": ["Ann ran"], "ents": [[[0, 3]]]}, "a list of offsets"),
        ({"text": ["Ann ran"], "ner_tags": [["B-PER", "O"]]}, "a list of tags"),
        ({"text": ["hi"], "labels": [["joy", "love"]]}, "a list of classes"),
        ({"text": ["hi"], "x": [[{"start": 0, "end": 1}]]}, "a list of objects with start and end"),
    ],
)
def test_annotations_in_other_columns_of_a_table_are_refused(columns: dict[str, list], says: str, tmp_path: Path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table(columns), path)
    name = list(columns)[1]
    with pytest.raises(FormatError, match=f"the field {name!r} looks like {says} and would not be read"):
        formats.read(path)
    assert len(formats.read(path, options={"ignore": [name]})) == len(columns["text"])


def test_an_object_of_lists_is_read_as_spans(tmp_path: Path):
    path = tmp_path / "x.parquet"
    spans = [{"start": [0, 8], "end": [3, 10], "label": ["PER", "PER"]}, {"start": [], "end": [], "label": []}, None]
    pq.write_table(pa.table({"text": ["Ann and Bo", "no", "no"], "entities": spans}), path)
    assert [each.mentions() for each in formats.read(path)] == [("Ann", "Bo"), (), ()]


def test_the_scheme_of_tokens_in_json_comes_from_the_whole_file(tmp_path: Path):
    rows = '{"tokens": ["Ann", "Bo"], "ner_tags": ["PER", "PER"]}\n{"tokens": ["ran"], "ner_tags": ["O"]}\n'
    io = formats.read(save(tmp_path, "io.jsonl", rows * MANY))
    assert io[0].mentions() == ("Ann Bo",)
    with pytest.raises(FormatError):
        formats.read(save(tmp_path, "x.jsonl", rows * MANY + '{"tokens": ["Ann", "Bo"], "ner_tags": ["B-PER"]}\n'))
