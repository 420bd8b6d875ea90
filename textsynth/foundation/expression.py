"""Regular expressions that users write: compiled, and searched with a limit of time."""

from __future__ import annotations

from typing import Any

import regex

from textsynth.errors import OptionError


def compile_expression(expression: str, option: str) -> Any:
    """Compiles a regular expression.

    Args:
        expression: as a user wrote it.
        option: the one that has it, for the message.

    Raises:
        OptionError: if it is none.
    """
    try:
        return regex.compile(expression)
    except regex.error as error:
        says = f"option {option!r} must have regular expressions: {error}, was: {expression!r}"
        raise OptionError(says) from error


def say_too_slow(pattern: Any, option: str, timeout: float, text: str) -> OptionError:
    """Returns the error of an expression that was not done with a text in time."""
    return OptionError(
        f"option {option!r}: {pattern.pattern!r} must be done with a text in timeout = {timeout:g} "
        f"seconds, was not with: {text[:60]!r}"
    )
