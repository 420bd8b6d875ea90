from __future__ import annotations

import json

import pytest

from textsynth.chat.reply import WrittenSentence, answer_schema, read_reply
from textsynth.wording.mention_search import Mention

ADA = {"text": "Ada", "label": "PERSON"}
LISTED = WrittenSentence("Ada left.", (Mention("Ada", "PERSON"),))


def sentences(text: str, *, lines: bool = False, ended: bool = True) -> tuple[WrittenSentence | None, ...]:
    return read_reply(text, lines=lines, ended=ended).sentences


@pytest.mark.parametrize(
    "value",
    [
        {"sentences": [{"text": "Ada left.", "mentions": [ADA]}]},
        {"examples": [{"sentence": "Ada left.", "entities": [{"name": "Ada", "type": "PERSON"}]}]},
        [{"text": "Ada left.", "mentions": [["Ada", "PERSON"]]}],
        {"text": "Ada left.", "mentions": {"PERSON": ["Ada"]}},
        {"text": "Ada left.", "mentions": {"PERSON": "Ada"}},
    ],
)
def test_sentences_with_mentions_of_many_shapes(value: object):
    assert sentences(json.dumps(value)) == (LISTED,)


@pytest.mark.parametrize(
    "text",
    [
        '{"sentences": ["One.", "Two."]}',
        '["One.", "Two."]',
        '{"1": "One.", "2": "Two."}',
        '{"text": "One."} {"text": "Two."}',
    ],
)
def test_plain_sentences_of_many_shapes(text: str):
    assert sentences(text) == (WrittenSentence("One."), WrittenSentence("Two."))


def test_thoughts_are_passed_over():
    said = '<think>Maybe ["this"]?</think>\n["One."]'
    assert sentences(said) == (WrittenSentence("One."),)
    assert sentences('<think>["One."] and on and on', lines=True) == ()


@pytest.mark.parametrize(
    "mentions",
    ["Ada", [3], [{"text": "Ada"}], [{"text": 3, "label": "PERSON"}], [["Ada"]], {"PERSON": [3]}, 7],
)
def test_mentions_that_cannot_be_read_spoil_their_sentence_alone(mentions: object):
    value = [{"text": "Ada left.", "mentions": mentions}, "Two."]
    assert sentences(json.dumps(value)) == (None, WrittenSentence("Two."))


@pytest.mark.parametrize("row", [{"text": ["no text"]}, {"words": 3}, {}, {"text": None}])
def test_a_row_without_a_text_keeps_its_place(row: object):
    assert sentences(json.dumps(["One.", row, "Two."])) == (WrittenSentence("One."), None, WrittenSentence("Two."))


@pytest.mark.parametrize("text", ['{"error": "I cannot do that."}', "I cannot do that.", "", "{}", "[[]]"])
def test_what_is_no_answer_has_no_sentences(text: str):
    assert sentences(text, lines=True) == ()


def test_a_sentence_that_was_cut_off_is_none():
    reply = read_reply('{"sentences": [{"text": "A.", "mentions": []}, {"text": "B.", "mentions": [{"te', lines=False)
    assert (reply.sentences, reply.whole) == ((WrittenSentence("A.", ()),), False)
    assert sentences('{"text": "Ada left.", "mentions": [{"text": "Ada"') == ()


@pytest.mark.parametrize(
    "text", ["1. One.\n2. Two.", "Here:\n\n 1) One.\n 2) Two.\n", '- "One."\n* Two.', "• One.\n• Two."]
)
def test_numbered_lines_are_a_last_resort(text: str):
    assert sentences(text, lines=True) == (WrittenSentence("One."), WrittenSentence("Two."))
    assert sentences(text) == ()


def test_the_last_line_of_an_answer_that_was_cut_off_is_none():
    assert sentences("1. One.\n2. Tw", lines=True, ended=False) == (WrittenSentence("One."),)


def test_a_sentence_that_begins_with_a_number_is_no_numbered_line():
    assert sentences("3.5 million came.\n-5 degrees", lines=True) == ()


def test_the_schema_has_labels_if_there_are_some():
    schema = answer_schema(["CITY", "PERSON"])
    mention = schema["properties"]["sentences"]["items"]["properties"]["mentions"]["items"]
    assert mention["properties"]["label"] == {"type": "string", "enum": ["CITY", "PERSON"]}
    assert answer_schema([])["properties"]["sentences"]["items"] == {"type": "string"}


def test_the_schema_is_as_strict_servers_want_it():
    def objects(schema: object):
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                yield schema
            for inner in schema.values():
                yield from objects(inner)

    for each in objects(answer_schema(["CITY"])):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
