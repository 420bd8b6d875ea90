"""Where spans lie in a text: the unit their offsets count, decided by the text beside them or by what is possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from textsynth.corpus.example import Span, span_fault
from textsynth.reading.code_unit import UNIT_NAMES, Offsets, count_in_characters, is_narrow
from textsynth.reading.records import Fault, Spans
from textsynth.reading.repair import Repairs, explain, find_quote, matches_quote

OFFSETS_FIELD = "offsets"
"""The field in which a file says what its offsets count."""

AnyOffsets = Literal["auto"] | Offsets
"""What offsets count; `auto` finds it out, text by text, and refuses where several units read different mentions."""

LIKELY: tuple[Offsets, ...] = ("characters", "utf16")
"""The units that are tried first; no tool known writes bytes into JSON, and few count graphemes."""

_UNLIKELY: tuple[Offsets, ...] = ("bytes", "graphemes")
"""The units that are tried if those do not agree with the text that stands beside the offsets. If lines end in CR LF,
graphemes are not: tools that take that for one character count code points otherwise, and it is mended on request."""


def place_spans(
    text: str,
    spans: Spans,
    quotes: Sequence[str | None],
    offsets: AnyOffsets,
    repairs: Repairs,
    likely: tuple[Offsets, ...] = LIKELY,
) -> Spans | Fault:
    """Returns spans in characters.

    Args:
        text: the text.
        spans: with offsets as a file has them.
        quotes: for each span the text that stands beside its offsets; None or nothing if there is none.
        offsets: what the offsets count.
        repairs: says whether offsets may be found again by what is quoted.
        likely: the units that the tool may have counted, if `offsets` does not say which.

    Returns:
        The spans, or what is wrong: no unit agrees with what is quoted, or several units read different mentions.
    """
    quoted = any(quote is not None for quote in quotes)
    units = likely if offsets == "auto" else (offsets,)
    if not quoted:
        if all(is_narrow(text, unit) for unit in units):
            return spans
        return _decide(text, {unit: count_in_characters(text, spans, unit) for unit in units}, repairs)
    unlikely = _UNLIKELY[:1] if "\r\n" in text else _UNLIKELY
    for tried in (units, unlikely) if offsets == "auto" else (units,):
        readings = {unit: count_in_characters(text, spans, unit) for unit in tried}
        agreeing = {unit: found for unit, found in readings.items() if _agrees(text, found, quotes)}
        if agreeing:
            return _decide(text, agreeing, repairs)
    return _find_quotes(text, count_in_characters(text, spans, units[0]), spans, quotes, repairs)


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


def _decide(text: str, readings: dict[Offsets, Spans | Fault], repairs: Repairs) -> Spans | Fault:
    """Returns what the only possible unit reads, or what is wrong: several units may be meant, or none."""
    possible: dict[Offsets, Spans] = {}
    for unit, found in readings.items():
        if not isinstance(found, Fault) and _is_possible(text, found, repairs):
            possible[unit] = found
    if not possible:
        return next(iter(readings.values()))
    first, *others = possible.values()
    differing = next((other for other in others if other != first), None)
    return first if differing is None else _explain_units(text, possible)


def _is_possible(text: str, spans: Spans, repairs: Repairs) -> bool:
    """Says whether all spans are good ones; white space at an edge speaks against a unit if it is not to be trimmed."""
    for start, end, label in spans:
        inside = 0 <= start < end <= len(text)
        if not inside or (not repairs.trims and span_fault(text, Span(start, end, label or "-"))):
            return False
    return True


def _explain_units(text: str, readings: dict[Offsets, Spans]) -> Fault:
    """Says for the first span that is read differently what each unit reads."""
    rows = zip(*readings.values(), strict=True)
    differing = next(row for row in rows if len(set(row)) > 1)
    ways = [
        f"{text[start:end]!r} in {UNIT_NAMES[unit]} ('{unit}')"
        for unit, (start, end, _) in zip(readings, differing, strict=True)
    ]
    return Fault(f"a span {differing[0][2]!r} is {', '.join(ways)}; say what offsets count with the option 'offsets'")


def _agrees(text: str, spans: Spans | Fault, quotes: Sequence[str | None]) -> bool:
    if isinstance(spans, Fault):
        return False
    return all(_fits(text, span, quote) for span, quote in zip(spans, quotes, strict=True))


def _fits(text: str, span: tuple[int, int, str], quote: str | None) -> bool:
    start, end, _ = span
    return quote is None or (0 <= start <= end <= len(text) and matches_quote(text[start:end], quote))


def _find_quotes(
    text: str, counted: Spans | Fault, spans: Spans, quotes: Sequence[str | None], repairs: Repairs
) -> Spans | Fault:
    """Finds the spans that do not fit what is quoted, if that repair was asked for."""
    placed: Spans = []
    for at, (span, quote) in enumerate(zip(spans, quotes, strict=True)):
        near = span if isinstance(counted, Fault) else counted[at]
        if quote is None or _fits(text, near, quote):
            placed.append(near)
            continue
        if not repairs.may("quote"):
            return _explain_quote(text, near, quote)
        found = find_quote(text, near, quote)
        if isinstance(found, Fault):
            return found
        placed.append(found)
    return placed


def _explain_quote(text: str, span: tuple[int, int, str], quote: str) -> Fault:
    start, end, label = span
    there = text[max(start, 0) : max(end, 0)]
    outside = span_fault(text, Span(start, end, label)) if not 0 <= start < end <= len(text) else None
    reason = (
        outside or f"span {start}-{end} {label!r} must be the text that stands beside it, {quote!r}, was: {there!r}"
    )
    helps = not isinstance(find_quote(text, span, quote), Fault)
    return Fault(reason + (explain("quote") if helps else ""))
