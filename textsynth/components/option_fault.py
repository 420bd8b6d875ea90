"""What is wrong with the value of an option, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pydantic

from textsynth.foundation.plural import tell_count

_KINDS = {
    "int": "an integer",
    "float": "a number",
    "string": "a string",
    "bool": "a boolean",
    "dict": "a table",
    "list": "an array",
    "tuple": "an array",
    "path": "a path",
    "none": "nothing",
    "date": "a date, such as 2025-12-31",
}
"""The part of pydantic's error types that says what was wanted, and its word in TOML."""

_RULES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda limits: f"must be at least {_show(limits['ge'])}",
    "greater_than": lambda limits: f"must be greater than {limits['gt']:g}",
    "less_than_equal": lambda limits: f"must be at most {limits['le']:g}",
    "less_than": lambda limits: f"must be less than {limits['lt']:g}",
    "literal_error": lambda limits: f"must be {limits['expected']}",
    "finite_number": lambda _: "must be a finite number",
    "too_short": lambda limits: f"must have at least {limits['min_length']} of them",
    "too_long": lambda limits: f"must have at most {limits['max_length']} of them",
    "string_pattern_mismatch": lambda limits: f"must be of the form {limits['pattern']}",
    "string_too_short": lambda limits: f"must have at least {tell_count(limits['min_length'], 'character')}",
    "string_too_long": lambda limits: f"must have at most {tell_count(limits['max_length'], 'character')}",
}


def describe_fault(value: Any, error: pydantic.ValidationError) -> str:
    """Returns where in a value the fault lies, what must hold, and what the value was.

    Args:
        value: of the option, as it was given.
        error: what pydantic says about it; a value may break several rules, one for each type that it could have.
    """
    details = error.errors(include_url=False)
    places = [[part for part in each["loc"] if isinstance(part, int) or part in str(value)] for each in details]
    # What lies deepest is of the type that the value was meant to have: of a table it is not said that it is no number.
    deepest = max(places, key=len)
    rules = [_state_rule(detail) for detail, place in zip(details, places, strict=True) if place == deepest]
    must = " or ".join(dict.fromkeys(rules))
    return f"{''.join(f'[{part!r}]' for part in deepest)} {must}, was: {value!r}"


def _state_rule(detail: Any) -> str:
    kind: str = detail["type"]
    if kind in _RULES:
        return _RULES[kind](detail.get("ctx", {}))
    wanted, _, fault = kind.partition("_")
    if wanted == "date":
        return f"must be {_KINDS[wanted]}"
    if wanted in _KINDS and fault in ("type", "parsing", "from_float", "required"):
        return f"must be {_KINDS[wanted]}"
    return str(detail["msg"]).removeprefix("Value error, ")


def _show(limit: float | str) -> str:
    """Writes a limit; pydantic gives that of a date as a string."""
    return limit if isinstance(limit, str) else f"{limit:g}"
