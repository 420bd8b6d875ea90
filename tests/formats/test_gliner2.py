import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import spans_in

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import CarryError, FormatError
from textsynth.reading.mention_places import list_all_places, list_places, place_mentions
from textsynth.reading.records import Fault


def save(tmp_path, *rows, document=False):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(rows) if document else "".join(json.dumps(row) + "\n" for row in rows))
    return path


def said(text="Ann Lee flew to Rome", **output):
    return {"input": text, "output": output}


ANN = said(entities={"person": ["Ann Lee"], "city": ["Rome"]})


def test_examples_are_written_as_gliner2_trains_on_them(tmp_path):
    path = tmp_path / "out.gliner2.jsonl"
    made = [Example("Ann, Bo", (Span(0, 3, "person"), Span(5, 7, "person")), "b"), Example("No one", (), "a")]
    formats.write(Corpus.from_examples(made), path)
    task = {"task": "class", "true_label": ["b"], "labels": ["a", "b"]}
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"input": "Ann, Bo", "output": {"entities": {"person": ["Ann", "Bo"]}, "classifications": [task]}},
        {"input": "No one", "output": {"entities": {}, "classifications": [task | {"true_label": ["a"]}]}},
    ]
    assert list(formats.read(path)) == made


@pytest.mark.parametrize("document", [False, True])
def test_both_pairs_of_names_are_read(tmp_path, document):
    other = {"text": ANN["input"], "schema": ANN["output"]}
    path = save(tmp_path, ANN, other, document=document)
    assert registry.name_of(files.find(path)) == "gliner2"
    expected = Example("Ann Lee flew to Rome", (Span(0, 7, "person"), Span(16, 20, "city")))
    assert list(formats.read(path)) == [expected] * 2


def test_the_class_is_that_of_the_only_task_or_of_the_one_named(tmp_path):
    tasks = [{"task": "topic", "labels": ["a", "b"], "true_label": "a"}, {"task": "mood", "true_label": ["glad"]}]
    assert formats.read(save(tmp_path, said(classifications=tasks[:1])))[0].label == "a"
    assert formats.read(save(tmp_path, said(classifications=tasks)), options={"task": "mood"})[0].label == "glad"
    with pytest.raises(FormatError, match="has 'topic', 'mood'; choose one with the option 'task'"):
        formats.read(save(tmp_path, said(classifications=tasks)))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"input": "Ann", "output": 3}, "the field 'output' must be an object, was: 3"),
        ({"input": 3, "output": {}}, "the field 'input' must be a string, was: 3"),
        (said(entities=["Ann"]), "the field 'entities' must be an object of lists, was: ['Ann']"),
        (said(entities={"p": [3]}), "a mention must be a string, was: 3"),
        (said(entities={"p": ["Bo"]}), "the mention 'Bo' must be in the text as whole words, is not"),
        (said("Rome, Rome", entities={"city": ["Rome"]}), "stands in 2 places and is named 1 time"),
        (said("Rome, Rome", entities={"city": ["Rome"]}), 'with repeated = "all"'),
        (said("Rome", entities={"city": ["Rome"], "club": ["Rome"]}), "has the labels city, club, and no offsets say"),
        (said(classifications=3), "the field 'classifications' must be a list of objects, was: 3"),
        (said(relations=[{"in": {}}]), 'alone, which is not read; pass over it with ignore = ["output.relations"]'),
    ],
)
def test_a_fault_says_which_line_and_what_must_hold(tmp_path, row, says):
    path = save(tmp_path, ANN, row)
    with pytest.raises(FormatError) as caught:
        formats.read(path, "gliner2")
    assert str(caught.value).startswith(f"{path}:2: ")
    assert says in str(caught.value)


def test_all_places_of_a_mention_are_read_on_request(tmp_path):
    path = save(tmp_path, said("Rome, Rome", entities={"city": ["Rome"]}))
    assert formats.read(path, options={"repeated": "all"})[0].spans == (Span(0, 4, "city"), Span(6, 10, "city"))


def test_a_mention_that_stands_elsewhere_without_its_label_is_refused_or_counted(tmp_path, caplog):
    path = tmp_path / "x.gliner2.jsonl"
    corpus = Corpus.from_examples(
        [Example("Rome or rome", (Span(0, 4, "city"),)), Example("Rome", (Span(0, 4, "city"),))]
    )
    with pytest.raises(CarryError, match=r"example 0: 'Rome' is a mention in one place .* repeated = \"all\""):
        formats.write(corpus, path)
    assert not path.exists()
    formats.write(corpus, path, options={"repeated": "all"})
    assert "1 text has a mention that stands elsewhere without its label" in caplog.text
    assert list(formats.read(path)) == list(corpus)


def test_what_else_a_record_has_is_named(tmp_path, caplog):
    formats.read(save(tmp_path, said(entities={}, entity_descriptions={"p": "x"}, json_structures=[]) | {"id": 1}))
    assert "not read: id, output.entity_descriptions, output.json_structures;" in caplog.text


def test_longer_mentions_come_first_and_shorter_ones_stand_beside_them():
    text = "Bank of Rome in Rome"
    named = [("Rome", "LOC"), ("Bank of Rome", "ORG")]
    assert place_mentions(text, named, everywhere=False) == [(0, 12, "ORG"), (16, 20, "LOC")]


@given(st.text("ab -", max_size=12), st.data())
def test_each_mention_is_found_with_its_label_or_a_reason_is_given(text, data):
    spans = [(span.start, span.end, span.label) for span in data.draw(spans_in(text, ("A", "B")))]
    named = [(text[start:end], label) for start, end, label in spans]
    for mention, _ in named:
        assert set(list_places(text, mention)) <= set(list_all_places(text, mention))
    placed = place_mentions(text, named, everywhere=False)
    if not isinstance(placed, Fault):
        assert sorted((text[start:end], label) for start, end, label in placed) == sorted(named)
