"""Texts with any number of classes: what every format reads of them, and writes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, cast

import datasets
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import CLASSES, SEVERAL, examples

import textsynth as ts
from textsynth import formats
from textsynth.components import registry
from textsynth.corpus import Corpus, Names
from textsynth.corpus.example import Example
from textsynth.errors import CarryError, FormatError, OptionError
from textsynth.formats import Format

NAMES = [
    name
    for name in registry.names("format")
    if name != "rasa" and "label" in cast("Format", registry.look_up("format", name)).carries
]
"""The formats that hold classes; Rasa has one intent a text."""
HOT = ["csv", "jsonl", "parquet"]
GOOD, BAD = Example("what a day", label=("awe", "joy")), Example("oh no", label="anger")
NONE, UNSAID = Example("it rains", label=()), Example("hm")
CORPUS = Corpus.from_examples([GOOD, BAD, NONE, UNSAID])

every_format = pytest.mark.parametrize("name", NAMES)


def place(folder: Path | str, name: str) -> Path:
    return Path(folder) / f"x{cast('Format', registry.look_up('format', name)).suffixes[0]}"


def lines(folder: Path, *rows: Any, name: str = "x.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@st.composite
def mixed_corpora(draw: st.DrawFn) -> Corpus:
    """Corpora whose first text has several classes, and others any number, none of them, or nothing said."""
    rows = draw(st.lists(examples(), min_size=1, max_size=6))
    labels = st.one_of(st.sampled_from((None, (), *CLASSES, *SEVERAL)), st.sets(st.sampled_from(CLASSES)).map(tuple))
    given_labels = [draw(st.sampled_from(SEVERAL)), *(draw(labels) for _ in rows[1:])]
    return Corpus.from_examples(
        Example(row.text, row.spans, label) for row, label in zip(rows, given_labels, strict=True)
    )


@every_format
@given(corpus=mixed_corpora())
def test_any_number_of_classes_reads_back_equal(name: str, corpus: Corpus):
    if name == "argilla":
        corpus = Corpus.from_examples(each for each in corpus if each.label != ())
    if name == "gliner2":
        # It refuses some mentions, which are not the matter here.
        corpus = Corpus.from_examples(Example(each.text, (), each.label) for each in corpus)
    with tempfile.TemporaryDirectory() as folder:
        formats.write(corpus, place(folder, name), name)
        back = formats.read(place(folder, name), name)
    assert list(back) == list(corpus)
    assert back == corpus
    assert back.several


@every_format
def test_one_class_each_is_written_as_ever(name: str, tmp_path: Path):
    plain = Corpus.from_columns(text=["a", "b", "c"], label=["x", "[z]", None])
    formats.write(plain, place(tmp_path, name), name)
    back = formats.read(place(tmp_path, name), name)
    assert back == plain
    assert not back.several
    assert back.names == Names() or back.names == Names(classes=("[z]", "x"))


@every_format
def test_a_later_batch_may_have_several(name: str, tmp_path: Path):
    writer = cast("Format", registry.look_up("format", name)())
    writer.write([CORPUS[1:2], CORPUS[:1]], place(tmp_path, name))
    assert list(formats.read(place(tmp_path, name), name)) == [BAD, GOOD]


@pytest.mark.parametrize("name", HOT)
def test_columns_of_0_and_1_read_back_equal(name: str, tmp_path: Path):
    options = {"classes": ["joy", "awe", "anger", "fear"]}
    formats.write(CORPUS, place(tmp_path, name), name, options=options)
    back = formats.read(place(tmp_path, name), name, options=options)
    assert list(back) == list(CORPUS)
    assert back.names == Names(classes=("joy", "awe", "anger", "fear"), several=True)
    assert back.to_dataset().features["label"].feature.names == ["joy", "awe", "anger", "fear"]


@pytest.mark.parametrize("name", HOT)
def test_a_class_without_a_column_is_not_lost(name: str, tmp_path: Path):
    with pytest.raises(
        CarryError, match="there is no column for the class 'anger' among the option 'classes': awe, joy"
    ):
        formats.write(CORPUS, place(tmp_path, name), name, options={"classes": ["awe", "joy"]})
    assert list(tmp_path.iterdir()) == []


TABLES = {
    "x.csv": lambda frame, path: frame.to_csv(path, index=False),
    "x.jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    "x.json": lambda frame, path: frame.to_json(path, orient="records"),
    "x.parquet": lambda frame, path: frame.to_parquet(path),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", [int, bool, float])
def test_columns_of_0_and_1_are_refused_until_they_are_named(name: str, kind: type, tmp_path: Path):
    frame = pd.DataFrame({"id": [0, 1], "text": ["a", "b"], "toxic": [1, 0], "rude": [1, 0]})
    frame = frame.astype({"toxic": kind, "rude": kind})
    path = tmp_path / name
    TABLES[name](frame, path)
    with pytest.raises(FormatError) as caught:
        ts.read(path, format="jsonl" if name == "x.json" else None)
    assert str(caught.value).endswith(
        "'toxic', 'rude' look like classes, 1 if a text has them and 0 if not, and would not be read; read them with "
        'classes = ["toxic", "rude"], or pass over them with ignore = ["toxic", "rude"]'
    )
    wanted = [Example("a", label=("rude", "toxic")), Example("b", label=())]
    format = "jsonl" if name == "x.json" else None
    assert list(ts.read(path, format, options={"classes": ["toxic", "rude"], "ignore": ["id"]})) == wanted
    assert list(ts.read(path, format, options={"ignore": ["toxic", "rude"]})) == [Example("a"), Example("b")]
    assert list(ts.read(frame, options={"classes": ["toxic", "rude"]})) == wanted


def test_columns_of_0_and_1_beside_a_class_are_only_named(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = tmp_path / "x.csv"
    path.write_text("text,label,seen,kept\na,x,1,0\n", encoding="utf-8")
    assert list(formats.read(path)) == [Example("a", label="x")]
    assert "not read: seen, kept" in caplog.text


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("2,0", "2: the class 'a' must be 1 or 0, true or false, was: '2'"),
        ("1,", "2: the class 'b' must be 1 or 0, true or false, was: ''"),
        ("1,-1", "2: the class 'b' must be 1 or 0, true or false, was: '-1'"),
    ],
)
def test_a_cell_that_is_no_flag_is_a_fault(cells: str, says: str, tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text(f"text,a,b\nhi,{cells}\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        formats.read(path, options={"classes": ["a", "b"]})
    assert str(caught.value) == f"{path}:{says}"


@pytest.mark.parametrize("name", [*HOT, "datasets"])
def test_the_options_label_and_classes_exclude_each_other(name: str, tmp_path: Path):
    with pytest.raises(OptionError, match="options 'label' and 'classes' must not both be given"):
        formats.read(tmp_path, name, options={"label": "a", "classes": ["b"]})


@pytest.mark.parametrize("name", HOT)
def test_a_class_column_that_is_not_there_is_named(name: str, tmp_path: Path):
    formats.write(Corpus.from_columns(text=["a"]), place(tmp_path, name), name)
    with pytest.raises(FormatError, match="there must be one 'joy', as the option 'classes' names it; "):
        formats.read(place(tmp_path, name), name, options={"classes": ["joy"]})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"labels": ["joy", "awe"]}, {"labels": []}),
        ({"label": ["joy", "awe"]}, {"label": []}),
        ({"cats": {"joy": 1, "awe": 0.5, "fear": 0.4}}, {"cats": {"joy": 0.0, "awe": 0.2}}),
        ({"categories": ["joy", "awe", "joy"]}, {"categories": []}),
        ({"intents": ["joy", "awe"]}, {"intents": []}),
    ],
)
def test_lists_and_scores_of_classes_are_read(first: dict[str, Any], second: dict[str, Any], tmp_path: Path):
    path = lines(tmp_path, {"text": "a"} | first, {"text": "b"} | second, {"text": "c"})
    read = formats.read(path, "jsonl")
    assert list(read) == [Example("a", label=("awe", "joy")), Example("b", label=()), Example("c")]
    alone = formats.read(lines(tmp_path, {"text": "b"} | second), "jsonl")
    assert [example.label for example in alone] == ([None] if second.get("cats", {}).get("awe") is None else ["awe"])


def test_numbers_stand_for_classes_but_a_1_or_0_for_each_class_does_not(tmp_path: Path):
    assert formats.read(lines(tmp_path, {"text": "a", "labels": [3, 12]}), "jsonl")[0].label == ("12", "3")
    with pytest.raises(FormatError, match="looks like a 1 or 0 for each class, of which none says the name; give each"):
        formats.read(lines(tmp_path, {"text": "a", "labels": [0, 1, 0]}), "jsonl")
    path = tmp_path / "x.parquet"
    pd.DataFrame({"text": ["a"], "labels": [[0, 1, 1]]}).to_parquet(path)
    with pytest.raises(
        FormatError, match="row 1: the field 'labels' looks like a 1 or 0 for each class, of which none"
    ):
        formats.read(path)


def test_a_list_of_tags_is_no_list_of_classes(tmp_path: Path):
    for row in ({"labels": ["B-PER", "O"]}, {"tokens": ["hi", "Ann"], "labels": ["x", "y"]}):
        with pytest.raises(FormatError, match="the field 'labels' looks like a list of tags, one a token"):
            formats.read(lines(tmp_path, {"text": "hi Ann"} | row), "jsonl")
    path = tmp_path / "x.parquet"
    pd.DataFrame({"text": ["hi Ann"], "labels": [["O", "B-PER"]]}).to_parquet(path)
    with pytest.raises(FormatError, match="row 1: the field 'labels' looks like a list of tags"):
        formats.read(path)


def test_a_list_column_keeps_the_names_of_its_class_label(tmp_path: Path):
    features = datasets.Features(
        text=datasets.Value("string"), labels=datasets.List(datasets.ClassLabel(names=["z", "a", "unused"]))
    )
    made = datasets.Dataset.from_dict({"text": ["x", "y", "w"], "labels": [[1, 0], [], [0]]}, features=features)
    made.to_parquet(tmp_path / "x.parquet")
    made.save_to_disk(tmp_path / "x.dataset")
    for source in (made, tmp_path / "x.parquet", tmp_path / "x.dataset"):
        read = ts.read(source)
        assert [example.label for example in read] == [("a", "z"), (), "z"]
        assert read.names == Names(classes=("z", "a", "unused"), several=True)
        assert read.to_dataset().features["label"] == features["labels"]
        assert read.to_dataset()["label"][:] == [[0, 1], [], [0]]


def test_a_number_without_a_name_in_a_list_is_a_fault():
    table = datasets.Dataset.from_dict({"text": ["x"], "label": [[7]]}).data.table
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.List(datasets.ClassLabel(names=["z", "a"]))
    )
    with pytest.raises(FormatError, match="row 0: each label must be the number of a class, 0 to 1, was: 7"):
        Corpus.from_dataset(datasets.Dataset(table, datasets.DatasetInfo(features=features)))


def test_what_python_holds_is_read():
    wanted = [Example("a", label=("x", "y")), Example("b", label="x")]
    assert list(ts.read([("a", ["x", "y"]), ("b", "x")])) == wanted
    assert list(ts.read([{"text": "a", "label": ("y", "x")}, {"text": "b", "label": ["x"]}])) == wanted
    assert list(ts.read(pd.DataFrame({"text": ["a", "b"], "labels": [["x", "y"], ["x"]]}))) == wanted
    assert list(ts.read({"text": ["a", "b"], "label": [["x", "y"], ["x"]]})) == wanted
    assert list(ts.read([*wanted, NONE, UNSAID])) == [*wanted, NONE, UNSAID]
    assert list(ts.read(Corpus.from_examples(wanted).to_dataset())) == wanted


def test_a_prodigy_task_with_several_choices(tmp_path: Path):
    options = [{"id": name, "text": name} for name in ("x", "y")]
    path = lines(
        tmp_path,
        {"text": "a", "options": options, "accept": ["y", "x"], "answer": "accept"},
        {"text": "b", "options": options, "accept": ["y"], "answer": "accept"},
        {"text": "c", "accept": [], "config": {"choice_style": "multiple"}, "answer": "accept"},
        {"text": "d", "options": options, "accept": [], "answer": "accept"},
        {"text": "e", "options": options, "accept": ["x"], "answer": "reject"},
    )
    assert [example.label for example in formats.read(path)] == [("x", "y"), "y", (), None]


def test_a_name_that_no_text_can_have_is_refused(tmp_path: Path):
    said = "the name of a class must not have the character U\\+FDD0"
    with pytest.raises(FormatError, match=said):
        formats.read(lines(tmp_path, {"text": "a", "label": "x\ufdd0y"}), "jsonl")
    pd.DataFrame({"text": ["a"], "label": ["x\ufdd0y"]}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(FormatError, match=said):
        formats.read(tmp_path / "x.parquet")


def test_formats_without_classes_refuse_them_in_one_line(tmp_path: Path):
    for name in set(registry.names("format")) - {*NAMES, "rasa"}:
        with pytest.raises(
            CarryError, match=f"the format {name!r} cannot carry class labels, which 3 examples of the first 4"
        ):
            formats.write(CORPUS, place(tmp_path, name), name)


def test_label_studio_reads_all_choices_and_writes_all(tmp_path: Path):
    path = place(tmp_path, "label_studio")
    formats.write(CORPUS[:1], path)
    (task,) = json.loads(path.read_text(encoding="utf-8"))
    assert [result["value"] for result in task["annotations"][0]["result"]] == [{"choices": ["awe", "joy"]}]
    row = {"id": 1, "text": "a", "annotator": 1, "sentiment": {"choices": ["x", "y"]}}
    path.write_text(json.dumps([row]), encoding="utf-8")
    assert formats.read(path, "label_studio")[0].label == ("x", "y")


def test_what_is_written_is_lists_all_along(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    formats.write(CORPUS, path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["label"] for row in rows] == [["awe", "joy"], ["anger"], [], None]
    loaded = datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["label"][:] == [["awe", "joy"], ["anger"], [], None]


def test_all_parts_of_a_long_corpus_are_written_alike(tmp_path: Path):
    long = Corpus.concat([Corpus.from_columns(text=["x"] * 10_001, label=["one"] * 10_001), CORPUS])
    for name in ("x.jsonl", "x.parquet"):
        formats.write(long, tmp_path / name)
    rows = (tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(rows[0])["label"] == ["one"]
    assert pq.read_table(tmp_path / "x.parquet").column("label")[0].as_py() == ["one"]
    assert formats.read(tmp_path / "x.parquet") == long


def test_what_a_format_cannot_hold_is_refused(tmp_path: Path):
    with pytest.raises(
        CarryError, match="Rasa has one intent a text, one text has: awe and joy; choose another format"
    ):
        formats.write(CORPUS[:2], tmp_path / "x.yml", "rasa")
    with pytest.raises(CarryError, match="Argilla's records cannot say that a text has none of the classes"):
        formats.write(CORPUS, place(tmp_path, "argilla"), "argilla")
    assert list(tmp_path.iterdir()) == []
