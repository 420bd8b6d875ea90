"""The sentences in what a model said, and the JSON schema that it is asked to keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textsynth.chat.loose_json import find_json
from textsynth.wording.mention_search import Mention

_TEXT_KEYS = ("text", "sentence", "utterance", "content")
_MENTION_KEYS = ("mentions", "entities", "spans")
_WORDS_KEYS, _LABEL_KEYS = ("text", "mention", "name", "value"), ("label", "type", "kind")
_THOUGHT = re.compile(r"<(think|thinking|thought)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_COUNTED = re.compile(r"\D*\d+")
_NUMBERED = re.compile(r"\s*(?:\d{1,3}[.)]|[-*•])\s+(\S.*?)\s*")


@dataclass(frozen=True)
class WrittenSentence:
    """One sentence of a reply.

    Args:
        text: the sentence.
        mentions: those that the model says it has; None if it lists none at all.
    """

    text: str
    mentions: tuple[Mention, ...] | None = None


@dataclass(frozen=True)
class Reply:
    """What was found in an answer.

    Args:
        sentences: in order; None for one that is there but cannot be read.
        whole: whether nothing was cut off or malformed behind them.
    """

    sentences: tuple[WrittenSentence | None, ...]
    whole: bool


def read_reply(text: str, *, lines: bool, ended: bool = True) -> Reply:
    r"""Reads an answer: JSON of many shapes, in prose or not, cut off or not; numbered lines as a last resort.

    Args:
        text: what the model said; what it thought before, between `<think>` and `</think>`, is passed over.
        lines: whether numbered lines will do; they name no mentions.
        ended: whether the model was done; if not, the last line is left out.

    >>> read_reply('Here: [{"text": "Hi Bo", "mentions": [{"text": "Bo", "label": "P"}]}, "cut', lines=False)
    Reply(sentences=(WrittenSentence(text='Hi Bo', mentions=(Mention(text='Bo', label='P'),)),), whole=False)
    >>> read_reply("1. One.\n2. Two.", lines=True).sentences
    (WrittenSentence(text='One.', mentions=None), WrittenSentence(text='Two.', mentions=None))
    """
    said = _THOUGHT.sub("", text)
    found = find_json(said)
    rows = [row for each in found for row in _rows(each.value, each.whole)]
    if rows:
        return Reply(tuple(map(_read_sentence, rows)), all(each.whole for each in found))
    written = said.splitlines()[: None if ended else -1] if lines else []
    numbered = [match[1] for line in written if (match := _NUMBERED.fullmatch(line))]
    return Reply(tuple(WrittenSentence(_strip_quotes(line)) for line in numbered), ended and not found)


def answer_schema(labels: Sequence[str]) -> dict[str, Any]:
    """Returns the JSON schema of an answer: sentences, each with its mentions if there are labels.

    Args:
        labels: what mentions may be; without any, sentences are plain strings.
    """
    sentence = sentence_schema(labels) if labels else {"type": "string"}
    return _object({"sentences": {"type": "array", "items": sentence}})


def sentence_schema(labels: Sequence[str]) -> dict[str, Any]:
    """Returns the JSON schema of one sentence with its mentions."""
    mention = _object({"text": {"type": "string"}, "label": {"type": "string", "enum": list(labels)}})
    return _object({"text": {"type": "string"}, "mentions": {"type": "array", "items": mention}})


def names_schema() -> dict[str, Any]:
    """Returns the JSON schema of an answer that lists mentions of one kind."""
    return _object({"mentions": {"type": "array", "items": {"type": "string"}}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _rows(value: Any, whole: bool) -> Iterator[Any]:
    """Yields what may be sentences: the elements of an array, or of the arrays in an object, or the object itself."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, str | dict))
    elif isinstance(_first(value, _TEXT_KEYS), str):
        yield from [value] if whole else []
    elif all(_COUNTED.fullmatch(key) and isinstance(each, str) for key, each in value.items()):
        yield from value.values()
    else:
        for each in value.values():
            yield from _rows(each, whole) if isinstance(each, list) else ()


def _read_sentence(row: Any) -> WrittenSentence | None:
    """Reads one element of an answer; None if it is no sentence, or its mentions cannot be read."""
    if isinstance(row, str):
        return WrittenSentence(row)
    text = _first(row, _TEXT_KEYS)
    if not isinstance(text, str):
        return None
    listed = _first(row, _MENTION_KEYS)
    if listed is None:
        return WrittenSentence(text)
    pairs = _list_pairs(listed)
    if not all(isinstance(words, str) and isinstance(label, str) for words, label in pairs):
        return None
    return WrittenSentence(text, tuple(Mention(words, label) for words, label in pairs))


def _list_pairs(listed: Any) -> list[tuple[Any, Any]]:
    """Returns words and label of each mention in a list of objects or pairs, or in an object of words by label.

    Either is whatever stands there; both are None for what is none of these.
    """
    if isinstance(listed, dict):
        lists = {label: words if isinstance(words, list) else [words] for label, words in listed.items()}
        return [(each, label) for label, words in lists.items() for each in words]
    return [_pair(each) for each in listed] if isinstance(listed, list) else [(None, None)]


def _pair(mention: Any) -> tuple[Any, Any]:
    if isinstance(mention, dict):
        return _first(mention, _WORDS_KEYS), _first(mention, _LABEL_KEYS)
    return (mention[0], mention[1]) if isinstance(mention, list) and len(mention) == 2 else (None, None)


def _first(row: dict[str, Any], keys: Sequence[str]) -> Any:
    """Returns the value of the first key that has one, None if none has."""
    return next((row[key] for key in keys if row.get(key) is not None), None)


def _strip_quotes(line: str) -> str:
    """Takes quotation marks from around a line that has no others.

    >>> _strip_quotes('"Where is it?"'), _strip_quotes('"Oh" and "Ah"')
    ('Where is it?', '"Oh" and "Ah"')
    """
    return line[1:-1] if len(line) > 2 and line[0] == line[-1] == '"' and line.count('"') == 2 else line
