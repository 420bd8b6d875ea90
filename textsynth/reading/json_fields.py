"""Text, spans and class of a JSON object under the names that people use, and what is left over."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from textsynth.corpus import Names
from textsynth.corpus.classes import join_classes
from textsynth.errors import FormatError
from textsynth.reading.class_name import read_class_names
from textsynth.reading.class_scores import find_likely, read_scores
from textsynth.reading.code_unit import Offsets
from textsynth.reading.field_names import (
    CLASS_NAMES,
    SPANS_NAMES,
    TEXT_NAMES,
    TOKENS_NAMES,
    describe_annotation,
    find_name,
    find_token_label,
    is_known,
    looks_like_annotation,
    parse_literal,
)
from textsynth.reading.json_object import abridge, explain_no_object, read_provenance
from textsynth.reading.json_span import QuotedSpans, is_span_group, read_json_spans, read_span_groups
from textsynth.reading.keep import Keep
from textsynth.reading.multi_hot import check_hot_columns, explain_hot, find_hot, read_hot
from textsynth.reading.plain_object import PLAIN, read_plainly
from textsynth.reading.records import Fault, Record, Spans, make_label
from textsynth.reading.repair import Repairs
from textsynth.reading.span_place import LIKELY, OFFSETS_FIELD, AnyOffsets, choose_offsets, place_spans
from textsynth.reading.unread import Unread, explain_ignore, explain_unread

_Found = TypeVar("_Found")
_PROVENANCE = ("origin", "parent")
_PLANS = 1000
"""The most sets of fields that are remembered."""
_HEAD = 1000
"""The number of records from which it is found out whether texts have several classes."""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """Which fields are read.

    Args:
        text: the field of the text; None for any of the known names.
        spans: the field of the spans; None for any of the known names.
        label: the field of the class; None for any of the known names.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None

    def find_text(self, row: Mapping[str, Any]) -> str | None:
        """Returns the field of the text."""
        return self.text or find_name(row, TEXT_NAMES)

    def is_annotation(self, name: str) -> bool:
        """Says whether a field is read as spans or as a class."""
        return self.may_be_class(name) or self.may_be_spans(name)

    def may_be_class(self, name: str) -> bool:
        """Says whether a field may hold the class."""
        known = is_known(name, CLASS_NAMES) or name == "annotation"
        return name == self.label if self.label else known and name != self.spans

    def may_be_spans(self, name: str) -> bool:
        """Says whether a field may hold the spans."""
        return name == self.spans if self.spans else is_known(name, SPANS_NAMES) and name != self.label


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is read of objects with the same fields.

    Args:
        text: the field of the text.
        annotations: the fields of spans and class.
        tokens: the fields of tokens, which may have labels.
        others: what is passed over, and whether its name is one that people give to annotations.
        kept: the fields that are kept.
    """

    text: str | None
    annotations: tuple[str, ...]
    tokens: tuple[str, ...]
    others: tuple[tuple[str, bool], ...]
    kept: tuple[str, ...] = ()


class JsonFields:
    """Reads objects as records.

    Args:
        choice: which fields are read.
        offsets: what offsets count.
        likely: the units that are tried if neither that nor the file says.
        unread: takes note of what is passed over.
        repairs: says which repairs may be made.
        hot: fields of 0 and 1, one for each class.
        keep: says which fields are kept; none if it is not given.
    """

    def __init__(  # noqa: PLR0913
        self,
        choice: FieldChoice,
        offsets: AnyOffsets,
        unread: Unread,
        repairs: Repairs,
        likely: tuple[Offsets, ...] = LIKELY,
        hot: Sequence[str] = (),
        keep: Keep | None = None,
    ) -> None:
        self._choice, self._offsets, self._unread, self._repairs = choice, offsets, unread, repairs
        self._likely, self._hot = likely, hot
        self._keep = keep or Keep(())
        self._keeps = bool(keep)
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._several: frozenset[str] = frozenset()
        # Fields of our names mean what they say if no option, and no record that is read first, says otherwise.
        asked = choice != FieldChoice() or (offsets, likely) != ("auto", LIKELY) or hot
        self._is_plain = not asked and not any(map(unread.ignores, PLAIN))

    @property
    def names(self) -> Names:
        """What the first records declare: the classes that have fields, and whether a text may have several."""
        return Names(classes=tuple(self._hot), several=bool(self._hot or self._several))

    def read_all(self, values: Iterable[tuple[int | str, Any]], path: Path) -> Iterator[Record | Fault]:
        """Reads objects with their positions; the first of them say whether texts have several classes.

        Args:
            values: each object, or what is wrong with its line, with its position.
            path: the file, for messages.

        Raises:
            FormatError: if fields look like classes and no option names them.
        """
        stream = iter(values)
        head = list(itertools.islice(stream, _HEAD))
        rows = [row for _, value in head if not isinstance(value, Fault) and (row := as_row(value)) is not None]
        self._several = frozenset(
            name for row in rows for name in row if self._choice.may_be_class(name) and _holds_several(row[name])
        )
        self._is_plain = self._is_plain and not self._several
        if rows:
            check_hot_columns(self._hot, list(dict.fromkeys(name for row in rows for name in row)), str(path))
        self._check_hot(rows, path)
        return self._read_stream(itertools.chain(head, stream))

    def _read_stream(self, values: Iterable[tuple[int | str, Any]]) -> Iterator[Record | Fault]:
        for position, value in values:
            record = value if isinstance(value, Fault) else self.read(position, value)
            yield record.with_line(position) if isinstance(record, Fault) else record

    def _check_hot(self, rows: Sequence[Mapping[str, Any]], path: Path) -> None:
        """Refuses fields of 0 and 1 if nothing else says the classes of the texts."""
        if self._hot or not rows or any(self._says_class(name, row[name]) for row in rows for name in row):
            return
        found = find_hot(rows, [name for name, known in self._plan(rows[0]).others if not known])
        if found:
            raise FormatError(f"{path}: {explain_hot(found)}")

    def _says_class(self, name: str, value: Any) -> bool:
        """Says whether a field names classes, rather than spans under a name that may be of both."""
        listed = isinstance(value, list) and any(isinstance(item, list | dict) for item in value)
        return self._choice.may_be_class(name) and value not in (None, "", [], {}) and not listed

    def read(self, line: int | str, value: Any) -> Record | Fault:
        """Returns what an object says, or what is wrong with it."""
        row = as_row(value)
        if row is None:
            return explain_no_object(value)
        plain = read_plainly(line, row) if self._is_plain else None
        return plain or self._read_closely(line, row)

    def _read_closely(self, line: int | str, row: Mapping[str, Any]) -> Record | Fault:
        plan = self._plan(row)
        text = _read_text(row, plan.text)
        if isinstance(text, Fault):
            return text
        for name in plan.tokens:
            label = find_token_label(row[name])
            if label is not None:
                return explain_unread(name, f"a list of tokens with {label!r}")
        fault = self._pass_over(row, plan) if plan.others or plan.kept else None
        if fault:
            return fault
        found = self._read_annotations(row, self._list_annotations(row, plan), plan.kept)
        if isinstance(found, Fault):
            return found
        quoted, said = found
        classes = read_hot(self._hot, row) if self._hot else said
        spans = self._place(text, quoted, row)
        for part in (classes, spans):
            if isinstance(part, Fault):
                return part
        made, fields = read_provenance(row), self._keep.take(row, plan.kept) if self._keeps else None
        return Record(line, text, cast("Spans", spans), cast("str | None", classes), *made, fields)

    def log(self, path: Path) -> None:
        """Logs what was passed over in a file, and checks that what is to be kept was there."""
        self._unread.log(path)
        self._keep.check()

    def _pass_over(self, row: Mapping[str, Any], plan: _Plan) -> Fault | None:
        """Says what is wrong with the fields that are passed over, or kept unasked."""
        for name, known in plan.others:
            fault = self._unread.pass_over(name, row[name], known)
            if fault:
                return fault
        for name in plan.kept if self._keep.all else ():
            fault = self._keep.refuse(name, row[name])
            if fault:
                return fault
        return None

    def _plan(self, row: Mapping[str, Any]) -> _Plan:
        names = tuple(row)
        if names not in self._plans:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            self._plans[names] = self._make_plan(names)
        return self._plans[names]

    def _make_plan(self, names: tuple[str, ...]) -> _Plan:
        text = self._choice.find_text(dict.fromkeys(names))
        used = {text, OFFSETS_FIELD, *_PROVENANCE, *self._hot}
        rest = [name for name in names if name not in used and not self._unread.ignores(name)]
        annotations = [name for name in rest if self._choice.is_annotation(name)]
        others = [name for name in rest if name not in annotations and not is_known(name, TOKENS_NAMES)]
        kept = self._keep.choose(names, others)
        tokens = tuple(name for name in rest if name not in (*annotations, *others, *kept))
        known = (*CLASS_NAMES, *SPANS_NAMES)
        passed = tuple((name, is_known(name, known)) for name in others if name not in kept)
        return _Plan(text, tuple(annotations), tokens, passed, kept)

    def _list_annotations(self, row: Mapping[str, Any], plan: _Plan) -> tuple[str, ...]:
        """Returns the fields that annotations are read from: not from those that are kept and hold none."""
        if not plan.kept:
            return plan.annotations
        return tuple(name for name in plan.annotations if name not in plan.kept or self._may_be_read(name, row[name]))

    def _may_be_read(self, name: str, value: Any) -> bool:
        """Says whether a field that may be an annotation by its name is one by what it holds."""
        if self._choice.may_be_class(name) or name == self._choice.spans or isinstance(value, dict):
            return True
        if isinstance(value, list):
            return any(isinstance(item, list | dict) for item in value)
        return isinstance(value, str) and looks_like_annotation(value) is not None

    def _read_annotations(
        self, row: Mapping[str, Any], names: tuple[str, ...], kept: tuple[str, ...]
    ) -> tuple[QuotedSpans, str | None] | Fault:
        spans: dict[str, QuotedSpans] = {}
        classes: dict[str, list[str]] = {}
        own = (self._choice.spans or "spans") in row
        for name in names:
            if _are_tags_of(row, row[name]):
                return _explain_list(name, ["O"])
            # As it is written here, a list beside the spans is one of classes, whatever they are called.
            if own and name == (self._choice.label or "label") and _are_names(row[name]):
                listed = read_class_names(name, row[name])
                if isinstance(listed, Fault):
                    return listed
                classes[name] = listed
                continue
            for found in self._sort(name, row[name]):
                if isinstance(found, Fault):
                    advised = "ignore = [" in found.reason
                    return found if advised else Fault(found.reason + explain_ignore(name))
                if isinstance(found, QuotedSpans):
                    spans[name] = found
                elif found or name in self._several:
                    classes[name] = found
        chosen = _choose_spans(_prefer_others(spans, kept))
        label = _choose_classes(_prefer_others(classes, kept))
        if isinstance(chosen, Fault):
            return chosen
        return label if isinstance(label, Fault) else (chosen, label)

    def _sort(self, name: str, value: Any) -> Iterator[QuotedSpans | list[str] | Fault]:
        """Yields the spans or the classes that a field holds, or what is wrong with it."""
        if value is None or value == [] or value == {}:
            yield from [list[str]()] if value == [] and name in self._several else []
        elif isinstance(value, str):
            yield self._sort_string(name, value)
        elif isinstance(value, dict):
            yield from self._sort_object(name, value)
        elif isinstance(value, list):
            yield self._sort_list(name, value)
        elif self._choice.may_be_class(name):
            yield read_class_names(name, value)
        else:
            yield _explain_no_spans(name, value)

    def _sort_string(self, name: str, value: str) -> QuotedSpans | list[str] | Fault:
        if looks_like_annotation(value) and self._choice.may_be_spans(name):
            return read_json_spans(parse_literal(value))
        if self._choice.may_be_class(name):
            kind = looks_like_annotation(value)
            return explain_unread(name, kind) if kind else read_class_names(name, value)
        return _explain_no_spans(name, value)

    def _sort_list(self, name: str, value: list[Any]) -> QuotedSpans | list[str] | Fault:
        if any(isinstance(item, list | dict) for item in value):
            if self._choice.may_be_spans(name):
                return read_json_spans(value)
        elif self._choice.may_be_class(name) and (
            len(value) == 1 or not self._choice.may_be_spans(name) or not looks_like_annotation(value)
        ):
            return read_class_names(name, value)
        return _explain_list(name, value)

    def _sort_object(self, name: str, value: Mapping[str, Any]) -> Iterator[QuotedSpans | list[str] | Fault]:
        """Yields what the fields of an object hold; an object of numbers gives each class its score."""
        if self._choice.may_be_class(name) and all(isinstance(score, int | float) for score in value.values()):
            yield read_scores(value, name in self._several)
            return
        if looks_like_annotation(value) is None and not any(map(self._choice.is_annotation, value)):
            yield Fault(f"spans must be a list, was: {abridge(value)}")
        groups = {inner: item for inner, item in value.items() if item and not self._unread.ignores(f"{name}.{inner}")}
        if self._choice.may_be_spans(name) and groups and all(map(is_span_group, groups.values())):
            yield read_span_groups(name, groups)
            return
        for inner, item in value.items():
            if self._choice.is_annotation(inner):
                yield from self._sort(inner, item)
            elif (fault := self._unread.pass_over(f"{name}.{inner}", item)) is not None:
                yield fault

    def _place(self, text: str, quoted: QuotedSpans, row: Mapping[str, Any]) -> Spans | Fault:
        if not quoted.spans:
            return quoted.spans
        return place_spans(
            text, quoted.spans, quoted.quotes, choose_offsets(row, self._offsets), self._repairs, self._likely
        )


def as_row(value: Any) -> dict[str, Any] | None:
    """Returns a record as an object; a list of a text and what is said of it, as spaCy 2 has it, becomes one.

    >>> as_row(["Ann ran", {"entities": [[0, 3, "PER"]]}])
    {'entities': [[0, 3, 'PER']], 'text': 'Ann ran'}
    >>> as_row(["hi", "greet"]), as_row([1, 2])
    ({'text': 'hi', 'label': 'greet'}, None)
    """
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        return None
    text, said = value
    if isinstance(said, dict):
        return said | {"text": text}
    if isinstance(said, list):
        return {"text": text, "spans": said}
    return {"text": text, "label": said} if isinstance(said, str) else None


def _read_text(row: Mapping[str, Any], field: str | None) -> str | Fault:
    value = row.get(field or "text")
    if isinstance(value, str):
        return value
    advice = (
        "" if field in row else f"; say which field is the text with the option 'text', there is: {abridge(list(row))}"
    )
    return Fault(f"the field {field or 'text'!r} must be a string, was: {abridge(value)}{advice}")


def _explain_no_spans(name: str, value: Any) -> Fault:
    kind = describe_annotation(name, value)
    return (
        explain_unread(name, kind)
        if kind
        else Fault(f"the field {name!r} must be a list of spans, was: {abridge(value)}")
    )


def _explain_list(name: str, value: list[Any]) -> Fault:
    kind = looks_like_annotation(value)
    if kind == "a list of tags" or (kind is None and not is_known(name, CLASS_NAMES)):
        return Fault(
            f"the field {name!r} looks like a list of tags, one a token, and would not be read" + explain_ignore(name)
        )
    return explain_unread(name, kind or "a list of classes")


def _prefer_others(found: Mapping[str, _Found], kept: tuple[str, ...]) -> Mapping[str, _Found]:
    """Returns what was found in fields that are not kept, if any: those that are kept may say another thing."""
    others = {name: each for name, each in found.items() if name not in kept} if kept else found
    return others or found


def _choose_spans(found: Mapping[str, QuotedSpans]) -> QuotedSpans | Fault:
    """Returns the spans of the only field that has any; two fields must say the same."""
    filled = {name: quoted for name, quoted in found.items() if quoted.spans}
    if len({tuple(sorted(quoted.spans)) for quoted in filled.values()}) > 1:
        return _explain_two("spans", list(filled))
    return next(iter(filled.values()), QuotedSpans())


def _choose_classes(found: Mapping[str, list[str]]) -> str | Fault | None:
    """Returns the classes that the only field with any names; two fields must say the same."""
    filled = {name: classes for name, classes in found.items() if classes}
    if len({frozenset(classes) for classes in filled.values()}) > 1:
        return _explain_two("label", list(filled))
    return make_label(next(iter(filled.values()), [])) if filled or not found else join_classes(())


def _are_tags_of(row: Mapping[str, Any], value: Any) -> bool:
    """Says whether a list has one string for each token that stands beside it, which are tags rather than classes."""
    if not _are_names(value) or len(value) < 2:
        return False
    beside = (row[name] for name in row if is_known(name, TOKENS_NAMES))
    return any(isinstance(tokens, list) and len(tokens) == len(value) for tokens in beside)


def _holds_several(value: Any) -> bool:
    """Says whether a field holds the names or the scores of several classes."""
    if isinstance(value, dict):
        scores = bool(value) and all(isinstance(score, int | float) for score in value.values())
        return scores and len(find_likely(value)) > 1
    return isinstance(value, list) and len(value) > 1 and _are_names(value) and not looks_like_annotation(value)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _explain_two(option: str, names: list[str]) -> Fault:
    what = "spans" if option == "spans" else "the class"
    return Fault(
        f"the fields {', '.join(map(repr, names))} differ in {what}; say which is meant with {option} = "
        f'"{names[0]}" and pass over the other with ignore = ["{names[1]}"]'
    )
