import json

import pytest
from hostile_corpus import HOSTILE

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import FormatError


def save(tmp_path, *rows, document=False):
    path = tmp_path / "x.jsonl"
    lines = json.dumps(rows) if document else "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(lines, encoding="utf-8")
    return path


ANN = {"tokenized_text": ["Ann", "Lee", "ran"], "ner": [[0, 1, "person"]]}


def test_an_example_is_written_as_gliner_trains_on_it(tmp_path):
    path = tmp_path / "out.gliner.jsonl"
    formats.write(Corpus.from_examples([Example("Ann Lee's car", (Span(0, 7, "person"),))]), path)
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "tokenized_text": ["Ann", "Lee", "'", "s", "car"],
        "ner": [[0, 1, "person"]],
        "text": "Ann Lee's car",
    }


@pytest.mark.parametrize("document", [False, True])
def test_tokens_without_a_text_are_joined_by_spaces(tmp_path, document):
    path = save(tmp_path, ANN, {"tokenized_text": ["No", "one", "."], "ner": []}, document=document)
    assert registry.name_of(files.find(path)) == "gliner"
    corpus = formats.read(path)
    assert list(corpus) == [Example("Ann Lee ran", (Span(0, 7, "person"),)), Example("No one .")]
    assert corpus.tokenizer == "whitespace"


def test_tokens_are_found_in_a_text_that_stands_beside_them(tmp_path):
    row = {"tokenized_text": ["Ann", ",", "Ann"], "ner": [[2, 2, "person"]], "text": "Ann,  Ann"}
    assert formats.read(save(tmp_path, row))[0].spans == (Span(6, 9, "person"),)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"tokenized_text": "Ann", "ner": []}, "the field 'tokenized_text' must be a list of strings, was: 'Ann'"),
        (
            {"tokenized_text": ["Ann"], "ner": [[0, 1, "P"]]},
            "a span must lie in the tokens, 0 to 0, was: [0, 1, 'P']",
        ),
        (
            {"tokenized_text": ["Ann"], "ner": [[0, "P"]]},
            "a span must be [first token, last token, label], was: [0, 'P']",
        ),
        ({"tokenized_text": ["Ann"], "ner": 3}, "a span must be [first token, last token, label], was: 3"),
        (ANN | {"text": 3}, "the field 'text' must be a string, was: 3"),
        (ANN | {"text": "Lee Ann ran"}, "the tokens must stand in the text in their order, 'Lee' does not"),
        (ANN | {"ents": [[0, 1, "x"]]}, "the field 'ents' looks like a list of offsets and would not be read"),
        (ANN | {"ner": [[0, 1, "P"], [1, 1, "Q"]]}, 'which ends at 7; mend it with repair = ["longest"]'),
    ],
)
def test_a_fault_says_which_line_and_what_must_hold(tmp_path, row, says):
    path = save(tmp_path, ANN, row)
    with pytest.raises(FormatError) as caught:
        formats.read(path)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert says in str(caught.value)


def test_hostile_texts_come_back(tmp_path):
    path = tmp_path / "x.gliner.jsonl"
    formats.write(HOSTILE, path, drop=("label",))
    again = formats.read(path)
    assert [(each.text, each.spans) for each in again] == [(each.text, each.spans) for each in HOSTILE]
