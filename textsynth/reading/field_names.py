"""The names that people give to texts, classes and spans, and what an annotation looks like under any name."""

from __future__ import annotations

import ast
import functools
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

TEXT_NAMES = ("text", "full_text", "content", "sentence", "utterance", "document", "message", "body", "query", "review")
"""Names of the field or column of the text."""

CLASS_NAMES = (
    *("label", "labels", "intent", "intents", "category", "categories", "class", "classes", "target", "cats"),
    *("sentiment", "topic"),
)
"""Names of the field or column of the class, or of the classes."""

SPANS_NAMES = (
    *("spans", "entities", "ents", "ner", "ner_spans", "annotations", "annotation", "tags", "ner_tags", "labels"),
    *("label", "mentions", "slots"),
)
"""Names of the field or column of the spans, or of the tags of tokens."""

TOKENS_NAMES = ("tokens", "tokenized_text", "words", "token")
"""Names of the field or column of the tokens of a text; what stands there with start and end is no annotation."""

START_NAMES = ("start", "start_offset", "start_position", "begin", "start_char", "start_idx", "start_index", "from")
"""Names of the first offset of a span."""

END_NAMES = ("end", "end_offset", "end_position", "stop", "end_char", "end_idx", "end_index", "to")
"""Names of the offset behind a span."""

LABEL_NAMES = (
    *("label", "entity", "entity_group", "entity_type", "type", "tag", "entity_label", "class", "category"),
    "display_name",
)
"""Names of the label of a span."""

MENTION_NAMES = ("text", "entity_value", "word", "value", "mention", "surface", "quote")
"""Names of the text that stands beside the offsets of a span."""

_TOKEN_LABELS = ("label", "ner", "ner_tag", "entity", "entity_type", "entity_label", "ent_type", "ent_iob")
"""Names of the label of a token that is a part of a mention."""

_TAG = re.compile(r"O|[BILUESM][-_]\S.*|\S+[-_][BILUESM]")
_DEPTH = 6
"""How many lists and objects deep an annotation is looked for."""
_LOOKED_AT = 3
"""How many items of a list are looked at."""
_LONGEST = 6
"""The most items of a list that is one span: start, end, label, and what some tools add."""


@functools.lru_cache(maxsize=4096)
def simplify(name: str) -> str:
    """Returns a name without case, spaces and marks, so that all ways to write it are one.

    >>> simplify("startOffset") == simplify("start_offset") == simplify("Start Offset")
    True
    """
    return re.sub(r"[\W_]+", "", name).casefold()


def find_name(names: Iterable[str], known: Sequence[str]) -> str | None:
    """Returns the name that comes first in a list of known ones, in whichever way it is written; None if none does.

    >>> find_name(["id", "Category", "text"], CLASS_NAMES), find_name(["id"], CLASS_NAMES)
    ('Category', None)
    """
    present = {simplify(name): name for name in names if isinstance(name, str)}
    return next((present[name] for name in _all_simplified(tuple(known)) if name in present), None)


def is_known(name: str, known: Sequence[str]) -> bool:
    """Says whether a name is one of a list, in whichever way it is written."""
    return simplify(name) in _all_simplified(tuple(known))


def describe_annotation(name: str, value: Any) -> str | None:
    """Returns what kind of annotation a field looks like by its name and its value, None if by neither.

    >>> describe_annotation("sentiment", 2), describe_annotation("id", 2), describe_annotation("tags", [1, 0])
    ('a class', None, 'a list of tags')
    """
    if value in (None, "", [], {}) or is_known(name, TOKENS_NAMES):
        return None
    return looks_like_annotation(value) or _describe_by_name(name, value)


def find_token_label(tokens: Any) -> str | None:
    """Returns the field of the first tokens that gives the label of a mention; None if they have none.

    >>> find_token_label([{"text": "Ann", "start": 0, "entityLabel": "PER"}]), find_token_label([{"text": "Ann"}])
    ('entityLabel', None)
    """
    first = [token for token in tokens[:_LOOKED_AT] if isinstance(token, Mapping)] if isinstance(tokens, list) else []
    return next((name for token in first for name in token if is_known(name, _TOKEN_LABELS) and token[name]), None)


def looks_like_annotation(value: Any) -> str | None:
    """Returns what kind of annotation a value looks like, whatever its name is; None if it looks like none.

    Lists of offsets, objects with start and end, lists of tags, and a string that holds one of these, as JSON or as
    Python writes it, look like annotations, at any depth.

    >>> looks_like_annotation([[0, 3, "PER"]]), looks_like_annotation('[{"start": 0, "end": 3}]')
    ('a list of offsets', 'a string of objects with start and end')
    >>> looks_like_annotation(["B-PER", "O"]), looks_like_annotation(["red", "blue"])
    ('a list of tags', None)
    """
    if isinstance(value, str):
        inner = parse_literal(value)
        kind = None if inner is None else _look(inner, _DEPTH)
        return kind and f"a string of {kind.removeprefix('a list of ')}"
    return _look(value, _DEPTH) if isinstance(value, list | tuple | Mapping) else None


def parse_literal(string: str) -> list[Any] | dict[str, Any] | None:
    """Returns the list or object that a string holds, as JSON or as Python writes it; None if it holds neither.

    >>> parse_literal("['B-PER', 'O']"), parse_literal("[sic] he said"), parse_literal("3")
    (['B-PER', 'O'], None, None)
    """
    stripped = string.strip()
    if stripped[:1] + stripped[-1:] not in ("[]", "{}"):
        return None
    parsers: tuple[Callable[[str], Any], ...] = (json.loads, ast.literal_eval)
    for parse in parsers:
        try:
            value = parse(stripped)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        return value if isinstance(value, list | dict) else None
    return None


@functools.cache
def _all_simplified(known: tuple[str, ...]) -> dict[str, None]:
    return dict.fromkeys(simplify(name) for name in known)


def _describe_by_name(name: str, value: Any) -> str | None:
    """Returns what a field is by its name: scalars are classes, lists of them classes or tags, objects scores."""
    is_class, is_spans = is_known(name, CLASS_NAMES), is_known(name, SPANS_NAMES)
    if not is_class and not is_spans:
        return None
    if isinstance(value, str | int | float):
        return "a class" if is_class else None
    if isinstance(value, list | tuple) and all(isinstance(item, str | int) for item in value):
        return "a list of classes" if is_class else "a list of tags"
    scores = isinstance(value, Mapping) and all(isinstance(score, int | float) for score in value.values())
    return "an object of classes" if is_class and scores else None


def _look(value: Any, depth: int) -> str | None:
    if isinstance(value, Mapping):
        return _look_at_object(value, depth)
    if not isinstance(value, list | tuple) or not depth or not value:
        return None
    if _is_span(value) or any(isinstance(item, list | tuple) and _is_pair(item) for item in value[:_LOOKED_AT]):
        return "a list of offsets"
    if all(isinstance(item, str) for item in value):
        return "a list of tags" if _are_tags(value) else None
    return next((kind for item in value[:_LOOKED_AT] if (kind := _look(item, depth - 1))), None)


def _look_at_object(value: Mapping[str, Any], depth: int) -> str | None:
    start, end = find_name(value, START_NAMES), find_name(value, END_NAMES)
    if start is not None and end is not None and _is_offset(value[start]) and _is_offset(value[end]):
        return "a list of objects with start and end"
    inner = (item for name, item in value.items() if not is_known(name, TOKENS_NAMES))
    return next((kind for item in inner if depth and (kind := _look(item, depth - 1))), None)


def _is_span(value: Sequence[Any]) -> bool:
    """Says whether a list is short, and has two whole numbers side by side and something else beside them."""
    numbers = [type(item) is int for item in value]
    beside = any(first and second for first, second in itertools.pairwise(numbers))
    return beside and len(value) <= _LONGEST and not all(numbers)


def _is_pair(value: Sequence[Any]) -> bool:
    return [type(item) for item in value] == [int, int]


def _is_offset(value: Any) -> bool:
    return type(value) is int or (isinstance(value, list) and bool(value) and type(value[0]) is int)


def _are_tags(value: Sequence[str]) -> bool:
    """Says whether all strings are tags, or all are words without spaces and one is the tag O."""
    return all(_TAG.fullmatch(item) for item in value) or ("O" in value and not any(re.search(r"\s", v) for v in value))
