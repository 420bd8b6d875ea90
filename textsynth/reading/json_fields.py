"""Text, spans and class of a JSON object under the names that people use, and what is left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from textsynth.reading.class_name import read_class_names, tidy_class
from textsynth.reading.code_unit import Offsets, is_narrow
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
from textsynth.reading.json_span import QuotedSpans, read_json_spans
from textsynth.reading.keep import Keep
from textsynth.reading.records import Fault, Record, Spans
from textsynth.reading.repair import Repairs
from textsynth.reading.span_place import LIKELY, AnyOffsets, place_spans
from textsynth.reading.unread import Unread, explain_ignore, explain_unread

OFFSETS_FIELD = "offsets"
"""The field in which a file says what its offsets count."""

_Found = TypeVar("_Found")
_PROVENANCE = ("origin", "parent")
_LIKELY_SCORE = 0.5
"""From which score on a class counts, as in spaCy's `cats`."""
_PLANS = 1000
"""The most sets of fields that are remembered."""


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
        keep: says which fields are kept; none if it is not given.
    """

    def __init__(
        self,
        choice: FieldChoice,
        offsets: AnyOffsets,
        unread: Unread,
        repairs: Repairs,
        likely: tuple[Offsets, ...] = LIKELY,
        keep: Keep | None = None,
    ) -> None:
        self._choice, self._offsets, self._unread, self._repairs = choice, offsets, unread, repairs
        self._likely = likely
        self._keep = keep or Keep(())
        self._keeps = bool(keep)
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def read(self, line: int | str, value: Any) -> Record | Fault:
        """Returns what an object says, or what is wrong with it."""
        row = as_row(value)
        if row is None:
            return explain_no_object(value)
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
        quoted, label = found
        spans = self._place(text, quoted, row)
        if isinstance(spans, Fault):
            return spans
        fields = self._keep.take(row, plan.kept) if self._keeps else None
        return Record(line, text, spans, label, *read_provenance(row), fields)

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
        used = {text, OFFSETS_FIELD, *_PROVENANCE}
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
        for name in names:
            for found in self._sort(name, row[name]):
                if isinstance(found, Fault):
                    advised = "ignore = [" in found.reason
                    return found if advised else Fault(found.reason + explain_ignore(name))
                if isinstance(found, QuotedSpans):
                    spans[name] = found
                else:
                    classes[name] = found
        chosen = _choose_spans(_prefer_others(spans, kept))
        label = _choose_only_class(_prefer_others(classes, kept))
        if isinstance(chosen, Fault):
            return chosen
        return label if isinstance(label, Fault) else (chosen, label)

    def _sort(self, name: str, value: Any) -> Iterator[QuotedSpans | list[str] | Fault]:
        """Yields the spans or the classes that a field holds, or what is wrong with it."""
        if value is None or value == [] or value == {}:
            return
        if isinstance(value, str):
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
        elif self._choice.may_be_class(name) and (len(value) == 1 or not looks_like_annotation(value)):
            return read_class_names(name, value)
        return _explain_list(name, value)

    def _sort_object(self, name: str, value: Mapping[str, Any]) -> Iterator[QuotedSpans | list[str] | Fault]:
        """Yields what the fields of an object hold; an object of numbers gives each class its score."""
        if self._choice.may_be_class(name) and all(isinstance(score, int | float) for score in value.values()):
            yield find_strongest(value)
            return
        if looks_like_annotation(value) is None and not any(map(self._choice.is_annotation, value)):
            yield Fault(f"spans must be a list, was: {abridge(value)}")
        groups = {inner: item for inner, item in value.items() if item and not self._unread.ignores(f"{name}.{inner}")}
        if self._choice.may_be_spans(name) and groups and all(map(_is_group, groups.values())):
            yield _read_groups(name, groups)
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


def _is_group(value: Any) -> bool:
    """Says whether a value is a list of objects with start and end, or of pairs of offsets."""
    kind = looks_like_annotation(value) if isinstance(value, list) and isinstance(value[0], list | dict) else None
    return kind in ("a list of objects with start and end", "a list of offsets")


def _read_groups(name: str, groups: Mapping[str, list[Any]]) -> QuotedSpans | Fault:
    """Reads spans that are sorted: pairs of offsets by their labels, or groups of spans, of which there must be one."""
    if all(len(each) == 2 for group in groups.values() for each in group if isinstance(each, list)):
        pairs = [(each, label) for label, group in groups.items() for each in group]
        if all(isinstance(each, list) for each, _ in pairs):
            return read_json_spans([[*each, label] for each, label in pairs])
    read = [read_json_spans(group) for group in groups.values()]
    fault = next((each for each in read if isinstance(each, Fault)), None)
    if fault is not None:
        return fault
    found = [each for each in read if not isinstance(each, Fault)]
    if any(sorted(each.spans) != sorted(found[0].spans) for each in found):
        listed = " and ".join(repr(f"{name}.{inner}") for inner in groups)
        return Fault(f'{listed} differ in spans; pass over one with ignore = ["{name}.{next(iter(groups))}"]')
    return found[0]


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


def say_unit(text: str, spans: Spans, unit: Offsets, likely: tuple[Offsets, ...] = LIKELY) -> dict[str, str]:
    """Returns the field that says what the offsets of a text count; nothing if all units agree that may be meant.

    >>> say_unit("😀 Ada", [(3, 6, "PERSON")], "utf16"), say_unit("Zoë", [(0, 3, "PERSON")], "utf16")
    ({'offsets': 'utf16'}, {})
    """
    if not spans or all(is_narrow(text, each) for each in (unit, *likely)):
        return {}
    return {OFFSETS_FIELD: unit}


def choose_offsets(row: Any, named: AnyOffsets) -> AnyOffsets:
    """Returns what offsets count: as named, else as `say_unit` has written it into an object.

    >>> choose_offsets({"offsets": "utf16"}, "auto"), choose_offsets(None, "auto"), choose_offsets({}, "bytes")
    ('utf16', 'auto', 'bytes')
    """
    said: Any = row.get(OFFSETS_FIELD) if isinstance(row, dict) else None
    return said if named == "auto" and said in get_args(Offsets) else named


def find_strongest(scores: Mapping[str, float]) -> list[str]:
    """Returns the class of the greatest score; all of them if several share it or reach 0.5; none if it is 0."""
    greatest = max(scores.values(), default=0.0)
    likely = [name for name, value in scores.items() if greatest > 0 and value >= min(greatest, _LIKELY_SCORE)]
    return [name for each in likely if (name := tidy_class(each)) is not None]


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
            f"the field {name!r} looks like a list of tags, one a token, and would not be read; "
            f'pass over it with ignore = ["{name}"]'
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


def _choose_only_class(found: Mapping[str, list[str]]) -> str | Fault | None:
    filled = {name: list(dict.fromkeys(classes)) for name, classes in found.items() if classes}
    if len({tuple(classes) for classes in filled.values()}) > 1:
        return _explain_two("label", list(filled))
    classes = next(iter(filled.values()), [])
    if len(classes) > 1:
        field = next(iter(filled))
        return Fault(
            f"a text has several classes: {', '.join(classes)}; they cannot be read yet, "
            f'pass over them with ignore = ["{field}"]'
        )
    return classes[0] if classes else None


def _explain_two(option: str, names: list[str]) -> Fault:
    what = "spans" if option == "spans" else "the class"
    return Fault(
        f"the fields {', '.join(map(repr, names))} differ in {what}; say which is meant with {option} = "
        f'"{names[0]}" and pass over the other with ignore = ["{names[1]}"]'
    )
