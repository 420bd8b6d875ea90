from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import spacy
from spacy.tokens import DocBin

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError, InputError, OptionError, TextsynthError

WANTED = Corpus.from_columns(
    text=["Ada flew to Rome", "stop"],
    spans=[[(0, 3, "PERSON"), (12, 16, "CITY")], []],
    label=["travel", "halt"],
)
TEXTS = WANTED.texts.to_pylist()
TRIPLES = [(0, 3, "PERSON"), (12, 16, "CITY")]
OBJECTS = [{"start": start, "end": end, "label": label} for start, end, label in TRIPLES]


@functools.cache
def english() -> Any:
    return spacy.blank("en")


def spacy_docs() -> list[Any]:
    nlp = english()
    docs = [nlp(text) for text in TEXTS]
    docs[0].ents = [docs[0].char_span(start, end, label) for start, end, label in TRIPLES]
    for doc, label in zip(docs, ["travel", "halt"], strict=True):
        doc.cats = {name: float(name == label) for name in ("travel", "halt")}
    return docs


def frame() -> pd.DataFrame:
    return pd.DataFrame({"text": TEXTS, "spans": [TRIPLES, []], "label": ["travel", "halt"]})


def stream(rows: list[dict[str, Any]]) -> datasets.IterableDataset:
    def give() -> Iterator[dict[str, Any]]:
        yield from rows

    return datasets.IterableDataset.from_generator(give)


ROWS = [{"text": TEXTS[0], "spans": OBJECTS, "label": "travel"}, {"text": "stop", "spans": [], "label": "halt"}]

SOURCES: dict[str, Any] = {
    "corpus": lambda: WANTED,
    "tuples": lambda: [(TEXTS[0], TRIPLES, "travel"), ("stop", "halt")],
    "lists": lambda: [[TEXTS[0], [list(each) for each in TRIPLES], "travel"], ["stop", [], "halt"]],
    "spans as dicts": lambda: [(TEXTS[0], OBJECTS, "travel"), ("stop", None, "halt")],
    "spans of ours": lambda: [(TEXTS[0], [Span(*each) for each in TRIPLES], "travel"), ("stop", "halt")],
    "spans of spaCy": lambda: [(TEXTS[0], spacy_docs()[0].ents, "travel"), ("stop", "halt")],
    "numpy": lambda: [(np.str_(TEXTS[0]), np.array(OBJECTS), np.str_("travel")), np.array(["stop", "halt"]).tolist()],
    "numpy offsets": lambda: [(TEXTS[0], [(np.int64(s), np.int32(e), n) for s, e, n in TRIPLES], "travel"), ROWS[1]],
    "examples": lambda: list(WANTED),
    "dicts": lambda: ROWS,
    "a generator": lambda: (row for row in ROWS),
    "mixed": lambda: [WANTED[0], ("stop", "halt")],
    "docs": spacy_docs,
    "a pipe of docs": lambda: iter(spacy_docs()),
    "a DocBin": lambda: DocBin(docs=spacy_docs()),
    "columns": lambda: {"text": TEXTS, "spans": [TRIPLES, []], "label": ["travel", "halt"]},
    "a frame": frame,
    "a frame with an index": lambda: frame().set_index(pd.Index([7, 7])),
    "categories": lambda: frame().astype({"label": "category"}),
    "an Arrow table": lambda: pa.Table.from_pylist(ROWS),
    "a batch": lambda: pa.RecordBatch.from_pylist(ROWS),
    "a dataset": lambda: WANTED.to_dataset(),
    "a formatted dataset": lambda: WANTED.to_dataset().with_format("numpy"),
    "a streamed dataset": lambda: WANTED.to_dataset().to_iterable_dataset(),
    "a stream without features": lambda: stream(ROWS),
    "one split": lambda: datasets.DatasetDict({"train": WANTED.to_dataset()}),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_programs_hold_is_read(name: str):
    assert ts.read(SOURCES[name]()) == WANTED


@pytest.mark.parametrize("kind", [str, Path])
def test_paths_are_read(kind: type, tmp_path: Path):
    ts.write(WANTED, tmp_path / "a.jsonl")
    ts.write(ROWS, tmp_path / "b.csv")
    assert ts.read(kind(tmp_path / "a.jsonl")) == WANTED
    both = ts.read([kind(tmp_path / "a.jsonl"), kind(tmp_path / "b.csv")])
    assert both == Corpus.concat([WANTED, WANTED])


def test_texts_alone_have_no_labels():
    for texts in (TEXTS, (*TEXTS, "c", "d"), np.array(TEXTS), pd.Series(TEXTS), iter(TEXTS)):
        corpus = ts.read(texts)
        assert corpus.texts.to_pylist()[0] == TEXTS[0]
        assert (corpus.labels, corpus.classes) == ((), ())


def test_where_an_example_came_from_is_kept():
    (read,) = ts.read([Example("Ada", (Span(0, 3, "PER"),), origin="vae", parent="f00")])
    assert (read.origin, read.parent) == ("vae", "f00")


def test_spacy_s_own_training_pairs_are_read():
    assert ts.read([("Ada flew", {"entities": [(0, 3, "PER")]})])[0].spans == (Span(0, 3, "PER"),)


def test_dicts_are_read_as_lines_of_json_are():
    rows = [{"text": "Ada flew", "answer": "accept", "spans": OBJECTS[:1]}, {"text": "no", "answer": "reject"}]
    assert ts.read(rows).texts.to_pylist() == ["Ada flew"]  # Prodigy's, by its answers.
    assert ts.read([{"body": "Ada"}], options={"text": "body"})[0].text == "Ada"
    doccano = [{"text": "Ada flew", "label": [[0, 3, "PER"]]}]
    assert ts.read(doccano, format="doccano")[0].spans == (Span(0, 3, "PER"),)


TAGGED = {"tokens": [["Ada", "flew"], ["stop"]], "ner_tags": [["B-PER", "O"], ["O"]]}


def test_tokens_and_tags_are_read_from_dicts_columns_and_frames():
    rows = [dict(zip(TAGGED, pair, strict=True)) for pair in zip(*TAGGED.values(), strict=True)]
    for source in (TAGGED, pd.DataFrame(TAGGED), rows, pa.table(TAGGED), datasets.Dataset.from_dict(TAGGED)):
        corpus = ts.read(source)
        assert [(each.text, each.spans) for each in corpus] == [("Ada flew", (Span(0, 3, "PER"),)), ("stop", ())]


def test_numbers_get_the_names_that_a_dataset_has_for_them():
    names = datasets.ClassLabel(names=["O", "B-PER", "I-PER"])
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "ner_tags": datasets.List(names),
            "label": datasets.ClassLabel(names=["halt", "travel"]),
        }
    )
    rows = {"tokens": [["Ada", "Lee", "flew"]], "ner_tags": [[1, 2, 0]], "label": [1]}
    dataset = datasets.Dataset.from_dict(rows, features)
    for source in (dataset, dataset.to_iterable_dataset(), datasets.DatasetDict({"train": dataset})):
        (example,) = ts.read(source)
        assert (example.text, example.spans, example.label) == ("Ada Lee flew", (Span(0, 7, "PER"),), "travel")


def test_columns_have_other_names_by_option():
    source = pd.DataFrame({"body": ["a", "b"], "mood": ["joy", None]})
    assert [each.label for each in ts.read(source, options={"text": "body", "label": "mood"})] == ["joy", None]


def test_whole_numbers_with_one_missing_stay_whole():
    assert ts.read(pd.DataFrame({"text": ["a", "b"], "label": [3, None]})).classes == ("3",)


def test_a_dict_of_splits_is_read_by_split():
    splits = datasets.DatasetDict({"train": WANTED.to_dataset(), "test": WANTED[:1].to_dataset()})
    with pytest.raises(OptionError, match=r'DatasetDict: must be read by split, has: train, test; .*options=\{"split"'):
        ts.read(splits)
    assert len(ts.read(splits, options={"split": "test"})) == 1
    assert len(ts.read(splits, options={"split": "all"})) == 3
    with pytest.raises(OptionError, match="must have a split 'tst'; did you mean 'test'"):
        ts.read(splits, options={"split": "tst"})
    with pytest.raises(OptionError, match="there are no splits to choose from"):
        ts.read(splits["train"], options={"split": "test"})


CYCLE: list[Any] = []
CYCLE.append(CYCLE)

WRONG: dict[str, tuple[Any, str]] = {
    "None": (None, "the source must be a path, a Corpus, .*; was: None"),
    "an int": (7, "was: int 7"),
    "bytes": (b"Ada", "was: bytes b'Ada'"),
    "an object": (object(), "was: object <object"),
    "an empty list": ([], "items: must have at least one example, there is none"),
    "an empty generator": (iter(()), "items: must have at least one example"),
    "an empty frame": (pd.DataFrame({"text": []}), "DataFrame: must have at least one example"),
    "an empty dict": ({}, "a single dict must stand in a list"),
    "a single dict": ({"text": "Ada"}, "a single dict must stand in a list"),
    "a single tokenised dict": (
        {"tokens": ["Ada"], "ner_tags": ["B-PER"]},
        "a single dict must stand in a list",
    ),
    "a single example": (Example("Ada"), "a single Example must stand in a list"),
    "a single doc": (english()("Ada"), "a single Doc must stand in a list"),
    "a single pair": (("Ada", "PER"), "a tuple is one example, and must stand in a list"),
    "a set": ({"Ada", "Bob"}, "a set has no order"),
    "None among texts": (["Ada", None], "item 1: must be a text, .* was: None"),
    "an int among texts": (["Ada", 5], "item 1: must be a text, .* was: int 5"),
    "bytes among texts": (["Ada", b"Bob"], "item 1: .* was: bytes b'Bob'"),
    "a NaN among texts": (["Ada", float("nan")], "item 1: .* was: float nan"),
    "rows of numbers": (np.zeros((2, 2)), "item 0: must be a text"),
    "four in a tuple": ([("Ada", 0, 3, "PER")], "item 0: must be a text"),
    "a pair the wrong way round": ([([(0, 3, "PER")], "Ada")], "item 0: must be a text"),
    "three in the wrong order": ([("Ada", "greet", [(0, 3, "PER")])], r"item 0: .*\(text, spans, label\)"),
    "a corpus in a list": ([WANTED], "item 0: must be a text"),
    "a text without end": ([{"text": "a", "more": CYCLE}], "item 0: an item must not contain itself"),
    "a label of bytes": ([("a", b"x")], "item 0: a label must be a string, was: bytes b'x'"),
    "a label of bytes beside spans": ([("a", [], b"x")], "item 0: a label must be a string, was: bytes b'x'"),
    "a text of bytes in a dict": ([{"text": b"x"}], "item 0: .*'text'"),
    "a lone surrogate": (["a", "\ud800"], "item 1: .*surrogate"),
    "a span outside": (["a", ("Ada", [(0, 9, "PER")])], "item 1: span 0-9 'PER' reaches outside"),
    "overlapping spans": ([("Ada Lee", [(0, 7, "PER"), (4, 7, "PER")])], "item 0: span 4-7 'PER' overlaps"),
    "a span with a space": ([("Ada Lee", [(0, 4, "PER")])], "item 0: span 0-4 'PER' begins or ends in white space"),
    "a span without a label": ([("Ada", [(0, 3)])], "item 0: a span must have start and end"),
    "a span of strings": ([("Ada", [("0", "3", "PER")])], "item 0: a span must have start and end"),
    "one span, no list": ([("Ada", (0, 3, "PER"))], r"item 0: spans must be a list of \(start, end, label\)"),
    "a text that looks like a file": (["Ada flew", "train.jsonl"], "item 1: .* looks like a file: 'train.jsonl'"),
    "a file that is not there": (["nowhere.jsonl"], "nowhere.jsonl: must be a file or directory to read"),
    "a doc, then a text": ([english()("Ada"), "Bob"], "item 1: must be a spaCy Doc"),
    "a frame without a text": (pd.DataFrame({"title": ["a"], "mood": ["b"]}), "DataFrame: .*'text'.*has: title, mood"),
    "a frame with two texts": (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "there must be one column 'text'"),
    "a NaN in a frame": (pd.DataFrame({"text": ["a", float("nan")]}), "row 1: the text must not be null"),
    "two kinds in a frame": (pd.DataFrame({"text": ["a", 5]}), "row 1: the column 'text' must hold values of one kind"),
    "bytes in a frame": (pd.DataFrame({"text": [b"a"]}), "DataFrame: the column 'text' must hold strings"),
    "a bad span in a frame": (
        pd.DataFrame({"text": ["a", "Ada"], "spans": [[], [(0, 9, "PER")]]}),
        "row 1: span 0-9 'PER' reaches outside",
    ),
    "columns of two lengths": ({"text": ["a", "b"], "label": ["x"]}, "of one length, are: 'text' 2, 'label' 1"),
    "a dataset without a text": (datasets.Dataset.from_dict({"title": ["a"]}), "Dataset: must have .* has: title"),
    "a bad row of a dataset": (
        datasets.Dataset.from_dict({"text": ["a", None]}),
        "row 1: the text must not be null",
    ),
    "a bad row of a stream": (stream([{"text": "a"}, {"text": None}]), "row 1: the text must not be null"),
    "too few tags": ([{"tokens": ["Ada", "Lee"], "ner_tags": ["B-PER"]}], "item 0: there must be one tag a token"),
    "tokens, then a text": ([{"tokens": ["Ada"], "tags": ["O"]}, "Bob"], "item 1: must be a dict"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str):
    source, message = WRONG[name]
    with pytest.raises(TextsynthError, match=message) as caught:
        ts.read(source)
    assert "\n" not in str(caught.value)
    assert "textsynth-" not in str(caught.value)  # The folder of a spooled file is nobody's concern.


def test_bad_items_are_set_aside(tmp_path: Path):
    items = ["Ada", None, ("Ada", [(0, 9, "PER")]), "Bob"]
    corpus = ts.read(items, on_error="skip", rejects=tmp_path / "bad.jsonl")
    assert corpus.texts.to_pylist() == ["Ada", "Bob"]
    rejected = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert sorted((each["path"], each["line"]) for each in rejected) == [("items", 1), ("items", 2)]
    frame = pd.DataFrame({"text": ["Ada", None]})
    assert len(ts.read(frame, on_error="skip", rejects=tmp_path / "bad.jsonl")) == 1
    assert json.loads((tmp_path / "bad.jsonl").read_text())["line"] == 1


def test_options_that_nothing_takes_are_refused():
    for source, options in ((["Ada"], {"text": "body"}), (WANTED, {"text": "body"})):
        with pytest.raises(OptionError, match="takes none of its options"):
            ts.read(source, options=options)
    with pytest.raises(OptionError, match="options: there is no option 'txt'; did you mean 'text'"):
        ts.read(frame(), options={"txt": "body"})
    for source, name in ((frame(), "csv"), (spacy_docs(), "csv"), (WANTED, "csv"), (["Ada"], "csv")):
        with pytest.raises(OptionError, match="'csv'"):
            ts.read(source, name)


def test_whatever_is_read_is_written_too(tmp_path: Path):
    ts.write(frame(), tmp_path / "out.jsonl")
    assert ts.read(tmp_path / "out.jsonl") == WANTED
    with pytest.raises(FormatError, match="item 1"):
        ts.write(["Ada", 5], tmp_path / "bad.jsonl")
    assert not (tmp_path / "bad.jsonl").exists()


def test_a_stream_is_written_batch_by_batch(tmp_path: Path):
    taken = 0

    def give() -> Iterator[dict[str, str]]:
        nonlocal taken
        for number in range(25_000):
            taken += 1
            yield {"text": f"text {number}"}

    ts.write(datasets.IterableDataset.from_generator(give), tmp_path / "out.jsonl")
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == taken == 25_000


def test_generate_and_label_take_them_too():
    source = [("Ada flew to Rome", TRIPLES), ("Bob went to Oslo", [(0, 3, "PERSON"), (12, 16, "CITY")])]
    assert len(ts.generate(source, [ts.generators.TemplateFill()], 3)) == 3
    with pytest.raises(InputError, match="was: int 5"):
        ts.generate(5, [ts.generators.TemplateFill()], 3)
    with pytest.raises(InputError, match="was: int 5"):
        ts.label(5, [ts.labelers.WordList(terms=["Ada"])])
