import json

import pytest

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError


def save(tmp_path, *records):
    path = tmp_path / "records.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def record(text="Ann ran", suggestions=None, **responses):
    answers = {name: [{"value": value, "user_id": "u"} for value in values] for name, values in responses.items()}
    return {"id": "1", "fields": {"text": text}, "responses": answers, "suggestions": suggestions or {}}


ANN = [{"start": 0, "end": 3, "label": "PER"}]


def test_a_record_has_fields_and_responses(tmp_path):
    path = tmp_path / "x.argilla.json"
    made = [Example("Ann ran", (Span(0, 3, "PER"),), "sport", "vae", "0f"), Example("No one")]
    formats.write(Corpus.from_examples(made), path)
    first, second = json.loads(path.read_text())
    assert first["fields"] == {"text": "Ann ran"}
    assert {name: [each["value"] for each in given] for name, given in first["responses"].items()} == {
        "spans": [ANN],
        "label": ["sport"],
    }
    assert first["metadata"] == {"origin": "vae", "parent": "0f"}
    assert second["responses"]["spans"][0]["value"] == []
    assert list(formats.read(path)) == made


def test_suggestions_are_written_and_read_on_request(tmp_path):
    path = tmp_path / "x.argilla.json"
    made = [Example("Ann ran", (Span(0, 3, "PER"),), "sport")]
    formats.write(Corpus.from_examples(made), path, options={"predictions": True})
    assert json.loads(path.read_text())[0]["responses"] == {}
    assert list(formats.read(path, options={"predictions": True})) == made
    with pytest.raises(FormatError, match="must have at least one example"):
        formats.read(path)


@pytest.mark.parametrize(
    ("made", "options", "spans", "label"),
    [
        (record(ner=[ANN], topic=["sport"]), {}, (Span(0, 3, "PER"),), "sport"),
        (record(ner=[ANN, ANN]), {}, (Span(0, 3, "PER"),), None),
        (record(ner=[ANN, []]), {"answers": "first"}, (Span(0, 3, "PER"),), None),
        (record(topic=[["sport"]]), {}, (), "sport"),
        (record(a=["x"], b=["y"]), {"label": "b"}, (), "y"),
        (record(a=["x"], b=["y"]), {"ignore": ["a"]}, (), "y"),
        (record(stars=[4]), {}, (), "4"),
        ({"text": "Ann ran", "annotation": [["PER", 0, 3]], "prediction": None}, {}, (Span(0, 3, "PER"),), None),
        ({"text": "Ann ran", "annotation": ANN, "prediction": None}, {}, (Span(0, 3, "PER"),), None),
        (
            {"text": "Ann ran", "annotation": None, "prediction": [["PER", 0, 3, 0.9]]},
            {"predictions": True},
            (Span(0, 3, "PER"),),
            None,
        ),
        (
            {"inputs": {"text": "Ann ran"}, "annotation": None, "prediction": [["a", 0.2], ["b", 0.8]]},
            {"predictions": True},
            (),
            "b",
        ),
        (
            {"text": "Ann ran", "topic.responses": ["x", "y"], "topic.responses.status": ["discarded", "submitted"]},
            {},
            (),
            "y",
        ),
    ],
)
def test_records_of_all_versions_are_read(made, options, spans, label, tmp_path):
    assert list(formats.read(save(tmp_path, made), options=options)) == [Example("Ann ran", spans, label)]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (record(topic=["a", "b"]), 'differ; read the first with answers = "first", or pass over such records with'),
        (record(a=["x"], b=["y"]), "the questions 'a', 'b' all have such answers; choose one with label = \"a\""),
        (record(ner=[[{"start": 0, "end": 9, "label": "PER"}]]), "reaches outside the text of 7 characters"),
        ({"fields": {"a": "x", "b": "y"}, "responses": {}}, "name it with the option 'text'"),
        (
            {"fields": {"text": "x"}, "responses": 3},
            "the field 'responses' must be an object or a list of objects, was",
        ),
        ({"fields": {"text": "x"}, "responses": {"a": [3]}}, "an answer to 'a' must be an object with 'value', was: 3"),
    ],
)
def test_a_fault_says_which_record_and_what_must_hold(made, says, tmp_path):
    path = save(tmp_path, record(topic=["a"]), made)
    with pytest.raises(FormatError) as caught:
        formats.read(path, "argilla")
    assert str(caught.value).startswith(f"{path}:record 2: ")
    assert says in str(caught.value)


def test_records_without_an_answer_are_counted(tmp_path, caplog):
    differing, discarded = record(topic=["a", "b"]), record(topic=["a"]) | {"status": "discarded"}
    path = save(tmp_path, record(topic=["a"]), record(), record(), differing, discarded)
    assert len(formats.read(path, options={"answers": "agree"})) == 1
    for said in ("2 records without an answer", "1 record whose answers differ", "1 record with a discarded answer"):
        assert said in caplog.text


def test_rankings_and_suggestions_are_named(tmp_path, caplog):
    made = record(topic=["a"], rank=[[{"rank": 1, "value": "x"}]], suggestions={"topic": {"value": "b"}})
    formats.read(save(tmp_path, made))
    assert "not read: suggestions (read with predictions = true), rank;" in caplog.text
