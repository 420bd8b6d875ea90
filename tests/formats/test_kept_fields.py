"""Fields that are kept: read from every format that has any, and written to it again."""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import field_values

from textsynth import formats
from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.corpus.fields import find_types, make_columns, to_text
from textsynth.errors import CarryError, FormatError, OptionError, UnknownField
from textsynth.formats import Format
from textsynth.reading.keep import OWN_NAMES
from textsynth.reading.records import Faults

EXACT = ("argilla", "doccano", "gliner", "gliner2", "jsonl", "label_studio", "prodigy")
TABLES = ("datasets", "parquet")
TEXT = ("conll", "csv")
WITHOUT = ("brat", "rasa", "text")
KEYS = ("id", "by", "Zoë", "two words", "x,y", "meta_id")


def place(folder: Path | str, name: str) -> Path:
    return Path(folder) / f"corpus{cast('type[Format]', registry.look_up('format', name)).suffixes[0]}"


def build(name: str, **options: Any) -> Format:
    return cast("Format", registry.look_up("format", name)(**options))


def corpus_of(rows: list[dict[str, Any]]) -> Corpus:
    return Corpus.from_examples(
        Example("Ada ran", (Span(0, 3, "PER"),), origin="vae", parent=f"{row}", fields=fields)
        for row, fields in enumerate(rows)
    )


def come_back(name: str, rows: list[dict[str, Any]], keep: Any = "*") -> list[dict[str, Any]]:
    """Writes fields in a format and reads them again."""
    corpus = carried(name, corpus_of(rows))
    with tempfile.TemporaryDirectory() as folder:
        build(name).write([corpus[:2], corpus[2:]], place(folder, name))
        back = Corpus.concat(list(build(name, keep=keep).read(place(folder, name), Faults())))
    assert back == corpus
    return [dict(example.fields) for example in back]


def carried(name: str, corpus: Corpus) -> Corpus:
    from textsynth.conversion.files import keep_carried

    return keep_carried(corpus, build(name), ())


def test_every_format_is_tried():
    assert sorted([*EXACT, *TABLES, *TEXT, *WITHOUT, "spacy"]) == sorted(registry.names("format"))
    assert [name for name in registry.names("format") if "fields" not in build(name).carries] == list(WITHOUT)


rows_of_fields = st.lists(st.dictionaries(st.sampled_from(KEYS), field_values(), max_size=3), min_size=3, max_size=5)


@pytest.mark.parametrize("name", EXACT)
@given(rows=rows_of_fields)
def test_objects_come_back_as_they_were(name: str, rows: list[dict[str, Any]]):
    named = tuple({name for row in rows for name in row})
    assert come_back(name, rows, named) == rows


@pytest.mark.heavy  # loads spaCy
@given(rows=rows_of_fields)
def test_docs_come_back_but_for_whole_numbers_of_more_than_64_bits(rows: list[dict[str, Any]]):
    limited = json.loads(json.dumps(rows), parse_int=lambda digits: int(digits) if abs(int(digits)) < 2**63 else digits)
    assert come_back("spacy", limited) == limited
    assert len(come_back("spacy", rows)) == len(rows)


@pytest.mark.parametrize("name", TABLES)
@given(rows=rows_of_fields)
def test_columns_come_back_with_their_types(name: str, rows: list[dict[str, Any]]):
    named = tuple({name: None for row in rows for name in row})
    fields = corpus_of(rows).fields
    columns = make_columns(fields, find_types(fields))
    wanted = [{name: columns[name][row].as_py() for name in named} for row in range(len(rows))]
    assert come_back(name, rows, named) == wanted


@pytest.mark.parametrize("name", TEXT)
@given(rows=rows_of_fields)
def test_where_there_are_no_types_all_is_text(name: str, rows: list[dict[str, Any]]):
    named = tuple({name for row in rows for name in row})
    written = [{name: to_text(value) for name, value in row.items() if value is not None} for row in rows]
    if name == "csv":  # An empty cell is none.
        written = [{name: value for name, value in row.items() if value} for row in written]
        rows = [{name: value for name, value in row.items() if "\r" not in to_text(value)} for row in rows]
        written = [{name: value for name, value in row.items() if "\r" not in value} for row in written]
        named = tuple({name for row in rows for name in row})
    if name == "conll" and {name for row in written for name in row} != set(named):
        named = "*"
    assert come_back(name, rows, named) == written


def test_all_of_a_csv_is_read_as_it_was_written(tmp_path: Path):
    """Fields behind the columns that are always written do not change how these are read."""
    corpus = Corpus.from_examples([Example(" a ", label="[x]", fields={"id": 7})])
    build("csv").write([corpus], tmp_path / "a.csv")
    assert formats.read(tmp_path / "a.csv", keep="id") == corpus
    assert formats.read(tmp_path / "a.csv") == corpus


def test_a_parquet_file_keeps_types_that_json_has_not(tmp_path: Path):
    import datetime
    import decimal

    columns = {
        "text": ["a", "b"],
        "small": pa.array([1, None], pa.int8()),
        "day": pa.array([datetime.date(2020, 1, 2), None]),
        "moment": pa.array([datetime.datetime(2020, 1, 2, 3, 4, 5), None], pa.timestamp("us")),
        "zoned": pa.array([datetime.datetime(2020, 1, 2, 3, 4, 5), None], pa.timestamp("ms", "UTC")),
        "price": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(5, 2)),
        "kind": pa.array(["x", "y"]).dictionary_encode(),
        "hours": pa.array([[datetime.time(1, 2)], []]),
        "half": pa.array([1.5, None], pa.float16()),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    corpus = formats.read(tmp_path / "a.parquet", keep="*")
    assert corpus[0].fields == {
        **{
            "small": 1,
            "day": "2020-01-02",
            "moment": "2020-01-02 03:04:05.000000",
            "zoned": "2020-01-02 03:04:05.000Z",
        },
        **{"price": "1.50", "kind": "x", "hours": ["01:02:00"], "half": 1.5},
    }
    formats.write(corpus, tmp_path / "b.parquet")
    table = pq.read_table(tmp_path / "b.parquet")
    for name in ("small", "day", "moment", "zoned", "price"):
        assert table.column(name).equals(pa.chunked_array([columns[name]])), name
    types = {name: str(table.schema.field(name).type) for name in ("kind", "hours", "half")}
    assert types == {"kind": "string", "hours": "list<element: string>", "half": "float"}


def test_bytes_cannot_be_kept(tmp_path: Path):
    pq.write_table(pa.table({"text": ["a"], "image": [b"\x00"], "id": [1]}), tmp_path / "a.parquet")
    with pytest.raises(FormatError) as caught:
        formats.read(tmp_path / "a.parquet", keep="*")
    assert str(caught.value) == (
        f"{tmp_path / 'a.parquet'}: keep: the column 'image' holds binary, which cannot be kept; "
        'leave it out of "*" with ignore = ["image"]'
    )
    corpus = formats.read(tmp_path / "a.parquet", keep="*", options={"ignore": ["image"]})
    assert corpus[0].fields == {"id": 1}


def test_a_class_label_that_is_kept_is_one_again():
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "topic": datasets.ClassLabel(names=["sport", "news"])}
        | {"id": datasets.Value("int32")}
    )
    gold = datasets.Dataset.from_dict({"text": ["a", "b"], "topic": [1, 0], "id": [7, 8]}, features=features)
    corpus = formats.read(gold, keep=["topic", "id"], options={"ignore": ["topic"]})
    assert [example.fields for example in corpus] == [{"topic": "news", "id": 7}, {"topic": "sport", "id": 8}]
    made = corpus.to_dataset()
    assert (made.features["topic"], made.features["id"]) == (features["topic"], features["id"])
    assert made["topic"][:] == [1, 0]


def file_of(folder: Path, *rows: Any, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_field_that_no_record_has(tmp_path: Path):
    path = file_of(tmp_path, {"text": "a", "id": 1}, {"text": "b", "domain": "x"})
    assert [each.fields for each in formats.read(path, keep=["domain"])] == [{}, {"domain": "x"}]
    with pytest.raises(UnknownField) as caught:
        formats.read(path, keep=["id", "domian"])
    assert str(caught.value) == (
        f"{path}: keep: no record has the field 'domian'; did you mean 'domain'? there is: domain, id, text"
    )


def test_one_of_several_files_must_have_a_field(tmp_path: Path):
    first, second = file_of(tmp_path, {"text": "a", "id": 1}), file_of(tmp_path, {"text": "b", "no": 2}, name="b.jsonl")
    for source in (tmp_path / "*.jsonl", [first, second]):
        read = formats.read(source, keep=["id", "no"])
        assert [each.fields for each in read] == [{"id": 1}, {"no": 2}]
        with pytest.raises(UnknownField, match=r"no record has the field 'x'; there is: id, text$"):
            formats.read(source, keep=["x", "id"])


@pytest.mark.parametrize("name", OWN_NAMES)
def test_no_field_has_the_name_of_a_column_of_ours(name: str, tmp_path: Path):
    path = file_of(tmp_path, {"text": "a"})
    with pytest.raises(OptionError, match=rf"^format 'jsonl': option 'keep' must not name '{name}', a column of ours"):
        formats.read(path, keep=[name])


def test_everything_but_what_has_the_name_of_ours(tmp_path: Path):
    path = file_of(tmp_path, {"text": "a", "entities": [], "spans": "y", "id": 1})
    options = {"spans": "entities"}
    with pytest.raises(
        OptionError, match=r'keep: "\*" stands for \'spans\', a column of ours .* ignore = \["spans"\]$'
    ):
        formats.read(path, keep="*", options=options)
    corpus = formats.read(path, keep="*", options=options | {"ignore": ["spans"]})
    assert corpus[0].fields == {"id": 1}


def test_spans_are_kept_only_if_they_are_named(tmp_path: Path):
    row = {"text": "Ada ran", "spans": [[0, 3, "PER"]], "chunks": [[4, 7, "VP"]], "score": 1}
    path = file_of(tmp_path, row)
    with pytest.raises(FormatError) as caught:
        formats.read(path, keep="*")
    assert str(caught.value) == (
        f"{path}:1: the field 'chunks' looks like a list of offsets and would not be read; "
        'read it with spans = "chunks", keep it as it is with keep = ["chunks"], or leave it out of "*" with '
        'ignore = ["chunks"]'
    )
    assert formats.read(path, keep=["*", "chunks"])[0].fields == {"chunks": [[4, 7, "VP"]], "score": 1}
    assert formats.read(path, keep="*", options={"ignore": ["chunks"]})[0].fields == {"score": 1}


def test_a_class_that_is_kept_is_not_refused(tmp_path: Path):
    path = file_of(tmp_path, {"text": "a", "label": "x", "sentiment": 2})
    options = {"label": "label"}
    with pytest.raises(FormatError, match=r"the field 'sentiment' looks like a class"):
        formats.read(path, options=options)
    assert formats.read(path, keep="sentiment", options=options)[0].fields == {"sentiment": 2}
    assert formats.read(path, keep="*", options=options)[0].fields == {"sentiment": 2}


def test_what_is_kept_may_be_read_too(tmp_path: Path):
    """A field that is kept is read as well, unless another field says the same thing or it holds no annotation."""
    path = file_of(tmp_path, {"text": "Ada ran", "entities": [[0, 3, "PER"]], "intent": "x", "category": "y"})
    with pytest.raises(FormatError, match=r"the fields 'intent', 'category' differ in the class"):
        formats.read(path)
    corpus = formats.read(path, keep=["category", "entities"])
    assert (corpus.classes, corpus.labels) == (("x",), ("PER",))
    assert corpus[0].fields == {"category": "y", "entities": [[0, 3, "PER"]]}
    path = file_of(tmp_path, {"text": "Ada ran", "tags": ["red", "blue"], "ner": 7})
    corpus = formats.read(path, keep=["tags", "ner"])
    assert (corpus.labels, corpus[0].fields) == ((), {"tags": ["red", "blue"], "ner": 7})


def test_what_is_kept_is_not_unread(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = file_of(tmp_path, {"text": "a", "id": 1, "by": "b"})
    formats.read(path, keep=["id"])
    assert [record.message for record in caplog.records] == [
        f"{path}: not read: by; 'ignore' takes what is to go unsaid"
    ]


@pytest.mark.parametrize("name", WITHOUT)
def test_a_format_without_fields(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    corpus = corpus_of([{"id": 1}, {}]).with_column("spans", Corpus.from_columns(text=["", ""]).table.column("spans"))
    formats.write(corpus, place(tmp_path, name), name)
    assert [record.message for record in caplog.records] == [
        f"{place(tmp_path, name)}: the format {name!r} has no fields: left out of 1 example"
    ]
    with pytest.raises(OptionError, match=f"^keep: the format '{name}' has no fields to keep$"):
        formats.read(place(tmp_path, name), name, keep="id")


@pytest.mark.parametrize(
    ("name", "field"), [("jsonl", "offsets"), ("csv", " id"), ("conll", "a=b"), ("conll", "scheme")]
)
def test_a_name_that_a_format_has_no_room_for(name: str, field: str, tmp_path: Path):
    corpus = Corpus.from_examples([Example("😀 Ada", (Span(2, 5, "PER"),), fields={field: 1})])
    options = {"offsets": "utf16"} if name == "jsonl" else {}
    with pytest.raises(CarryError, match=re.escape(f"the field {field!r}")):
        formats.write(corpus, tmp_path / "x", name, options=options)
    assert list(tmp_path.iterdir()) == []


def test_conll_without_comments_has_no_fields(tmp_path: Path):
    corpus = corpus_of([{"id": 1}])
    formats.write(corpus, tmp_path / "a.conll", options={"comments": False})
    assert "#" not in (tmp_path / "a.conll").read_text()
    formats.write(corpus, tmp_path / "b.conll")
    assert (tmp_path / "b.conll").read_text() == "# id = 1\nAda\tB-PER\nran\tO\n\n"


def test_comments_of_conllu(tmp_path: Path):
    path = tmp_path / "a.conllu"
    token = "1\tAnn\tAnn\tPROPN\t_\t_\t0\troot\t_\tNE=B-PER"
    path.write_text(f"# sent_id = s-1\n# text = Ann\n# no value\n{token}\n\n# sent_id = 007\n# text = Ann\n{token}\n\n")
    corpus = formats.read(path, keep=["sent_id"])
    assert [example.fields for example in corpus] == [{"sent_id": "s-1"}, {"sent_id": "007"}]


def test_columns_of_tokens(tmp_path: Path):
    """A field of a table with one token a row is the only cell of a sentence, or all of them if they differ."""
    path = tmp_path / "a.csv"
    path.write_text("Sentence #,Word,POS,Tag,doc\n1,Ann,NNP,B-PER,d7\n,ran,VBD,O,d7\n2,Stop,VB,O,\n")
    corpus = formats.read(path, keep=["POS", "doc"])
    assert [each.fields for each in corpus] == [{"POS": ["NNP", "VBD"], "doc": "d7"}, {"POS": "VB"}]


def test_meta_of_tools(tmp_path: Path):
    """Prodigy and Label Studio have a place for what is no text, and doccano takes all that it does not know for it."""
    corpus = corpus_of([{"id": 1}])
    for name in ("prodigy", "label_studio", "doccano"):
        formats.write(corpus, place(tmp_path, name), name)
    assert json.loads(place(tmp_path, "prodigy").read_text())["meta"] == {"origin": "vae", "parent": "0", "id": 1}
    task = json.loads(place(tmp_path, "label_studio").read_text())[0]
    assert task["meta"] == {"origin": "vae", "parent": "0", "id": 1}
    assert json.loads(place(tmp_path, "doccano").read_text())["id"] == 1


def test_fields_of_label_studio(tmp_path: Path):
    path = tmp_path / "a.json"
    task = {"id": 3, "data": {"text": "a", "domain": "x"}, "meta": {"by": "b"}, "annotations": [{"result": []}]}
    path.write_text(json.dumps([task]))
    assert formats.read(path, keep="*")[0].fields == {"by": "b", "domain": "x"}
    path.write_text(json.dumps([task | {"data": {"text": "a", "domain": "x", "id": "own"}}]))
    assert formats.read(path, keep="*")[0].fields == {"by": "b", "domain": "x", "id": "own"}
    path.write_text(json.dumps([task]))
    assert formats.read(path, keep=["id", "domain"])[0].fields == {"id": 3, "domain": "x"}
    row = {"text": "a", "id": 3, "annotator": 1, "domain": "x", "label": [{"start": 0, "end": 1, "labels": ["A"]}]}
    path.write_text(json.dumps([row]))
    assert formats.read(path, keep=["id", "domain"])[0].fields == {"id": 3, "domain": "x"}


def test_fields_of_argilla(tmp_path: Path):
    path = tmp_path / "a.json"
    record = {"id": "r1", "fields": {"text": "a", "title": "T"}, "metadata": {"domain": "x"}}
    path.write_text(json.dumps([record | {"responses": {"label": [{"value": "greet"}]}}]))
    assert formats.read(path, keep="*", options={"text": "text"})[0].fields == {"domain": "x", "title": "T"}
    assert formats.read(path, keep="id", options={"text": "text"})[0].fields == {"id": "r1"}


def test_fields_of_records_of_tokens(tmp_path: Path):
    path = file_of(tmp_path, {"tokens": ["Ann", "ran"], "ner_tags": ["B-PER", "O"], "id": 7, "pos": "x"})
    assert formats.read(path, keep=["id"])[0].fields == {"id": 7}
    assert formats.read(path, keep="*")[0].fields == {"id": 7, "pos": "x"}


@pytest.mark.heavy  # loads spaCy
def test_what_a_doc_has(tmp_path: Path):
    import spacy
    from spacy.tokens import Doc

    Doc.set_extension("case_number", default=None, force=True)
    try:
        doc = spacy.blank("en")("Ann ran")
        doc._.case_number = 7
        doc.user_data["who"] = ["a", None]
        assert formats.read([doc], keep="*")[0].fields == {"case_number": 7, "who": ["a", None]}
        assert formats.read([doc], keep="who")[0].fields == {"who": ["a", None]}
        doc.user_data["raw"] = b"\x00"
        with pytest.raises(FormatError, match=r"^docs: keep: a field has a value that cannot be kept: "):
            formats.read([doc], keep="*")
    finally:
        Doc.remove_extension("case_number")


def test_fields_of_what_a_program_holds():
    import pandas as pd

    rows = [{"text": "a", "id": 1, "topics": ["x"]}, {"text": "b", "id": 2, "topics": []}]
    frame = pd.DataFrame(rows)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    wanted = [{"id": 1}, {"id": 2}]
    examples = [Example(str(row["text"]), fields={"id": row["id"]}) for row in rows]
    for source in (rows, frame, columns, pa.table(columns), examples, formats.read(rows, keep=["id"])):
        assert [dict(each.fields) for each in formats.read(source, keep=["id"])] == wanted, type(source)
    assert formats.read(rows, keep=["id"]).to_dataset()["id"][:] == [1, 2]
    corpus = formats.read(rows, keep="*")
    with pytest.raises(UnknownField, match=r"^a Corpus: keep: no record has the field 'x'; there is: id, topics$"):
        formats.read(corpus, keep="x")
    with pytest.raises(UnknownField, match=r"^items: keep: no record has the field 'id'; there is: text$"):
        formats.read(["a", "b"], keep="id")
    with pytest.raises(OptionError, match=r"^keep must be given once"):
        formats.read(rows, keep="id", options={"keep": ["id"]})


def test_a_stream_whose_later_rows_have_other_columns():
    rows = (
        {"tokens": ["a"], "ner_tags": ["O"], **({"id": row} if row < 10 else {"no": f"{row}"})} for row in range(10_005)
    )
    corpus = formats.read(rows, keep=["id", "no"], options={"scheme": "iob2"})
    assert corpus[3].fields["id"] == 3
    assert corpus[10_004].fields["no"] == "10004"


def test_a_stream_goes_through_the_disk_only_once_types_are_wanted(tmp_path: Path):
    """Types are known only when all has been read: the last of many rows may change them."""
    path = file_of(tmp_path, *({"text": f"{row}", "id": row} for row in range(10_001)), {"text": "x", "id": "x"})
    for name in ("a.parquet", "a.csv", "a.dataset"):
        formats.write(formats.read(path, keep="id"), tmp_path / name)
        back = formats.read(tmp_path / name, keep="id")
        assert (back[5].fields, back[10_001].fields) == ({"id": "5"}, {"id": "x"})


def test_options_of_formats_are_said_once():
    for name in registry.names("format"):
        cls = registry.look_up("format", name)
        assert ("keep" in {each.name for each in dataclasses.fields(cls)}) == (name not in WITHOUT)
