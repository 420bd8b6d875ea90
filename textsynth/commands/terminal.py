"""What all commands do with the terminal: how much is told, tables on stdout, progress on stderr, JSON for programs."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import typer

from textsynth.foundation.controls import escape_controls

if TYPE_CHECKING:
    from rich.console import Console

    from textsynth.foundation.progress import Progress


def begin(quiet: bool, verbose: bool = False) -> Progress:
    """Sets how much is told, and returns what shows the progress."""
    from textsynth.foundation.progress import Silence

    logging.basicConfig(format="textsynth: %(message)s", level=logging.ERROR if quiet else logging.WARNING, force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Escaping("textsynth: %(message)s"))
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    logging.getLogger("textsynth").setLevel(level)
    if quiet:
        return Silence()
    from textsynth.commands.display import Bars

    return Bars(console(stderr=True))


def console(stderr: bool = False) -> Console:
    """Returns what prints as it is told, without markup or guesses of its own."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Prints one line for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_report(report: dict[str, Any], as_json: bool, quiet: bool, text: str) -> None:
    """Prints what a command did: the report for programs, or the text for people."""
    if as_json:
        print_json(report)
    elif not quiet:
        typer.echo(escape_controls(text, keep="\n\t"))


class _Escaping(logging.Formatter):
    """Writes out what would steer the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return escape_controls(super().format(record), keep="\n\t")
