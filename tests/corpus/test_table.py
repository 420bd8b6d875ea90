from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, examples, span_triples, texts

from textsynth.corpus import SCHEMA, Corpus, find_faults, span_array
from textsynth.corpus.example import Example, Span
from textsynth.errors import InvalidExample

ADA = Example("Ada met Zoë", (Span(0, 3, "PER"), Span(8, 11, "PER")), "met", "vae", "0f")
PARIS = Example("in Paris", (Span(3, 8, "LOC"),))


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]], str | None]:
    text = draw(texts())
    return text, draw(span_triples(text)), draw(st.sampled_from([None, "x", "x", ""]))


def fault_of(row: tuple[str, list[tuple[int, int, str]], str | None]) -> str | None:
    text, triples, label = row
    try:
        Example(text, tuple(Span(*triple) for triple in triples), label)
    except InvalidExample as error:
        return str(error)
    return None


@given(table=st.lists(rows(), max_size=5))
def test_finds_exactly_the_faults_that_example_raises(table: list[tuple[str, list[tuple[int, int, str]], str | None]]):
    columns = [
        pa.array([text for text, _, _ in table], pa.string()),
        span_array([sorted(triples) for _, triples, _ in table]),
        pa.array([label for _, _, label in table], pa.string()),
        pa.array([""] * len(table), pa.string()),
        pa.array([""] * len(table), pa.string()),
    ]
    expected = {number: fault_of(row) for number, row in enumerate(table) if fault_of(row)}
    found = find_faults(pa.table(columns, schema=SCHEMA))
    assert found.keys() == expected.keys()
    for number, reason in found.items():
        if table[number][2] != "":
            assert reason == expected[number]
    found_in_chunks = find_faults(pa.concat_tables([pa.table(columns, schema=SCHEMA)[at : at + 2] for at in (0, 2, 4)]))
    assert found_in_chunks == found


@given(table=st.lists(rows(), max_size=4))
def test_columns_make_a_corpus_exactly_where_they_make_examples(
    table: list[tuple[str, list[tuple[int, int, str]], str | None]],
):
    text, spans, label = ([row[part] for row in table] for part in range(3))
    faulty = [number for number, row in enumerate(table) if fault_of(row)]
    if faulty:
        with pytest.raises(InvalidExample, match=rf"^example {faulty[0]}: "):
            Corpus.from_columns(text=text, spans=spans, label=label)
    else:
        made = [Example(row[0], tuple(Span(*span) for span in row[1]), row[2]) for row in table]
        assert list(Corpus.from_columns(text=text, spans=spans, label=label)) == made


@given(made=st.lists(examples(), max_size=5))
def test_is_made_of_examples_and_gives_them_back(made: list[Example]):
    corpus = Corpus.from_examples(made)
    assert len(corpus) == len(made)
    assert list(corpus) == made
    assert [corpus[row] for row in range(len(made))] == made
    assert [(example.origin, example.parent) for example in corpus] == [(row.origin, row.parent) for row in made]
    assert find_faults(corpus.table) == {}


def test_reads_like_a_sequence():
    corpus = Corpus.from_examples([ADA, PARIS, ADA])
    assert corpus[0] == corpus[-1] == ADA
    assert list(corpus[1:]) == [PARIS, ADA]
    assert list(corpus[::-2]) == [ADA, ADA]
    assert list(corpus[2:1]) == []
    with pytest.raises(IndexError):
        corpus[3]


def test_equality_is_of_texts_spans_and_labels():
    corpus = Corpus.from_examples([ADA, PARIS])
    assert corpus == Corpus.concat([corpus[:1], corpus[1:]])
    assert corpus == corpus.with_origin("other")
    assert corpus != Corpus.from_examples([PARIS, ADA])
    assert corpus != Corpus.from_examples([ADA])
    assert corpus != Corpus.from_examples([ADA, Example("in Paris")])
    assert corpus != Corpus.from_examples([ADA, Example("in Paris", PARIS.spans, "x")])
    assert corpus != [ADA, PARIS]


def test_names_what_it_has():
    corpus = Corpus.from_examples([ADA, PARIS])
    assert corpus.labels == ("LOC", "PER")
    assert corpus.classes == ("met",)
    assert corpus.texts.to_pylist() == ["Ada met Zoë", "in Paris"]
    assert repr(corpus) == "Corpus(2 examples, labels ['LOC', 'PER'], classes ['met'])"
    assert Corpus.empty().labels == Corpus.empty().classes == ()


def test_spans_as_columns():
    spans = Corpus.from_examples([PARIS, Example("no one"), ADA])[1:].spans
    assert spans.rows.tolist() == [0, 0, 2]
    assert spans.starts.tolist() == [0, 8]
    assert spans.ends.tolist() == [3, 11]
    assert spans.labels.to_pylist() == ["PER", "PER"]
    assert spans.row_of_span().tolist() == [1, 1]


@given(corpus=corpora(min_size=0), data=st.data())
def test_takes_and_masks_as_lists_do(corpus: Corpus, data: st.DataObject):
    made = list(corpus)
    keep = data.draw(st.lists(st.booleans(), min_size=len(made), max_size=len(made)))
    assert list(corpus.mask(np.array(keep, bool))) == [row for row, kept in zip(made, keep, strict=True) if kept]
    order = data.draw(st.lists(st.integers(0, len(made) - 1), max_size=6)) if made else []
    taken = corpus.take(np.array(order, np.int64))
    assert list(taken) == [made[row] for row in order]
    assert find_faults(taken.table) == {}
    assert taken.tokenizer == corpus.tokenizer


@given(parts=st.lists(corpora(min_size=0), max_size=3))
def test_puts_corpora_one_after_the_other(parts: list[Corpus]):
    whole = Corpus.concat(parts)
    assert list(whole) == [example for part in parts for example in part]
    tokenizers = {part.tokenizer for part in parts if len(part)}
    assert whole.tokenizer == (tokenizers.pop() if len(tokenizers) == 1 else "words")
    assert whole == Corpus.from_examples(whole)


@given(corpus=corpora(min_size=0))
def test_parquet_gives_everything_back(corpus: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        corpus.write_parquet(Path(folder) / "shard.parquet")
        back = Corpus.read_parquet(Path(folder) / "shard.parquet")
    assert back == corpus
    assert back.tokenizer == corpus.tokenizer
    assert back.table.column("origin").to_pylist() == corpus.table.column("origin").to_pylist()


def test_sorts_spans():
    corpus = Corpus.from_columns(text=["x", "Ada Zoë"], spans=[[], [(4, 7, "B"), (0, 3, "A")]])
    assert corpus[1].spans == (Span(0, 3, "A"), Span(4, 7, "B"))
    assert corpus.spans.starts.tolist() == [0, 4]


def test_fills_missing_columns_and_casts():
    table = pa.table({"label": ["x"], "text": pa.array(["a"], pa.large_string()), "more": [1]})
    corpus = Corpus(table)
    assert corpus.table.schema.equals(SCHEMA)
    assert list(corpus) == [Example("a", (), "x")]


NO_SPANS = pa.array([None], SCHEMA.field("spans").type)
UNLABELLED = span_array([[(0, 1, None)]])  # type: ignore[list-item]
OUTSIDE = span_array([[], [(0, 9, "P")]])


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"body": ["a"]}, "a corpus must have a column 'text', has: body"),
        ({"text": ["a", None]}, "example 1: the text must not be null"),
        ({"text": ["a"], "label": [""]}, "example 0: the label of an example must not be empty; use null for no label"),
        ({"text": ["a"], "spans": NO_SPANS}, "spans must be a list for each text, was null for some"),
        ({"text": ["a"], "spans": UNLABELLED}, "example 0: span 0-1 must have a label"),
        ({"text": ["ok", "a"], "spans": OUTSIDE}, "example 1: span 0-9 'P' reaches outside the text of 1 character"),
    ],
)
def test_refuses_bad_tables(table: dict[str, object], reason: str):
    with pytest.raises(InvalidExample) as caught:
        Corpus(pa.table(table))
    assert str(caught.value) == reason


def test_refuses_columns_of_another_type():
    with pytest.raises(InvalidExample, match=r"^a corpus must have the columns of its schema: "):
        Corpus(pa.table({"text": ["a"], "spans": [[1, 2]]}))


def test_ascribes_examples_to_a_step():
    assert [example.origin for example in Corpus.from_examples([ADA, PARIS]).with_origin("vae")] == ["vae", "vae"]


def test_what_was_checked_is_not_checked_again_but_what_was_replaced_is():
    corpus = Corpus.from_columns(text=["Ada left", "hi"], spans=[[(0, 3, "PERSON")], []])
    assert corpus[:1].with_origin("step").find_faults() == {}
    shorter = corpus.with_column("text", pa.array(["A", "hi"]))
    assert list(Corpus.concat([corpus, shorter[1:], shorter]).find_faults()) == [3]
