"""Arguments of the command line that several commands have, and what is checked and read in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from textsynth.errors import OptionError

if TYPE_CHECKING:
    from textsynth.reading.records import OnError

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print what is done in detail, on stderr.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Format = Annotated[str | None, typer.Option("--format", "-f", help="The format; found out from name and content.")]
ReadOption = Annotated[
    list[str] | None, typer.Option("--read-option", help="An option of the source's format: NAME=VALUE.")
]

Labels = Annotated[str, typer.Option("--labels", help="Labels to keep, with commas between; all if empty.")]
Language = Annotated[str, typer.Option("--language", help="The language of raw text, such as de; found out if empty.")]
Workers = Annotated[int, typer.Option("--workers", "-w", help="Processes; they do not change the result.")]


Trust = Annotated[
    list[str] | None,
    typer.Option("--trust", help="What may run that others wrote: code, pickle; a recipe alone allows neither."),
]
KeyEnv = Annotated[
    list[str] | None,
    typer.Option("--key-env", help="A key that a recipe may send: NAME to this machine, or NAME=HOST."),
]
Confine = Annotated[bool, typer.Option("--confine", help="Read no files outside of the recipe's folder.")]


def split_names(names: str) -> list[str]:
    """Returns names that were written with commas between.

    >>> split_names("PERSON, ORG,")
    ['PERSON', 'ORG']
    """
    return [name.strip() for name in names.split(",") if name.strip()]


def check_positive(name: str, number: int) -> None:
    """Checks a number that must be at least 1.

    Raises:
        OptionError: if it is not.
    """
    if number < 1:
        raise OptionError(f"{name} must be at least 1, was: {number}")


def pairs(options: list[str] | None) -> dict[str, Any]:
    """Reads NAME=VALUE, the value as TOML if it is TOML and as a string if not.

    Raises:
        OptionError: if there is no equals sign.

    >>> pairs(["columns=[1, 2]", "delimiter=;"])
    {'columns': [1, 2], 'delimiter': ';'}
    """
    import tomllib

    found = {}
    for option in options or []:
        name, equals, value = option.partition("=")
        if not equals:
            raise OptionError(f"an option must be written NAME=VALUE, was: {option!r}")
        try:
            found[name] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[name] = value
    return found


def what_on_error(value: str) -> OnError:
    """Reads what is to be done about a bad record.

    Raises:
        OptionError: if it is neither "stop" nor "skip".
    """
    if value == "skip":
        return "skip"
    if value == "stop":
        return "stop"
    raise OptionError(f"--on-error must be 'stop' or 'skip', was: {value!r}")
