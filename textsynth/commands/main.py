"""The command line: which commands there are, how an error is told, and the exit code. Nothing else exits.

Exit codes: 0 all is done, 1 fewer examples than asked for, 2 an error, told in one line on stderr, 130 Ctrl-C, 143
SIGTERM, 129 SIGHUP.
"""

from __future__ import annotations

import io
import signal
import sys
import threading
from typing import Annotated

import typer

from textsynth.commands.convert import convert
from textsynth.commands.evaluate import evaluate
from textsynth.commands.extract import extract
from textsynth.commands.init import init
from textsynth.commands.interpolate import interpolate
from textsynth.commands.label import label
from textsynth.commands.list_components import list_components
from textsynth.commands.preview import preview
from textsynth.commands.push import push
from textsynth.commands.run import run
from textsynth.commands.show import show
from textsynth.commands.tune import tune
from textsynth.commands.verify import verify
from textsynth.errors import TextsynthError
from textsynth.foundation.arrow import defer_pandas
from textsynth.foundation.controls import escape_controls
from textsynth.foundation.distribution import VERSION, say_what_is_missing

app = typer.Typer(
    name="textsynth",
    help="Labelled synthetic corpora for training named-entity recognition and text classification.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(run)
app.command()(preview)
app.command()(label)
app.command()(extract)
app.command()(evaluate)
app.command()(tune)
app.command()(convert)
app.command("list")(list_components)
app.command()(init)
app.command()(show)
app.command()(verify)
app.command()(interpolate)
app.command()(push)

_ERROR, _STOPPED = 2, 130
_SIGNALS = ("SIGTERM", "SIGHUP")
"""Signals that end the program as Ctrl-C does, with 128 and their number for the exit code."""

_NEEDLESS = {"--help", "--version"}
"""Options of commands that answer at once, without a library."""


def main() -> None:
    """Runs the command line; an error of ours is one line on stderr and exit code 2."""
    debug = "--debug" in sys.argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    heard = _hear_signals()
    try:
        arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
        if arguments and _NEEDLESS.isdisjoint(arguments):
            defer_pandas()
        code = app(args=arguments, prog_name="textsynth", standalone_mode=False)
    except Exception as error:
        message = _message_of(error)
        if debug or message is None:
            raise
        print(f"textsynth: {escape_controls(message)}", file=sys.stderr)
        sys.exit(_ERROR)
    if code == _STOPPED:
        goes_on = "run" in arguments[:1] and "--dry-run" not in arguments
        print("textsynth: stopped" + ("; the same command goes on" if goes_on else ""), file=sys.stderr)
        code = 128 + heard[-1] if heard else code
    sys.exit(code or 0)


def _hear_signals() -> list[int]:
    """Has signals that would end the program end it as Ctrl-C does; returns where their numbers will be."""
    heard: list[int] = []

    def stop(number: int, _: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    for name in _SIGNALS:
        number = getattr(signal, name, None)  # Not all systems have all of them, and nohup has one ignored.
        is_ours = threading.current_thread() is threading.main_thread()
        if number is not None and is_ours and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)
    return heard


def _message_of(error: Exception) -> str | None:
    """Returns the one line that an error of ours or a wrong command line is worth, None for a bug."""
    if isinstance(error, TextsynthError | OSError):
        return " ".join(str(error).split("\n"))
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("textsynth"):
        return say_what_is_missing(error)
    if hasattr(error, "format_message"):  # One of typer's; which classes those are depends on its version.
        command = getattr(getattr(error, "ctx", None), "command_path", "textsynth")
        return f"{error.format_message().rstrip('.')}; {command} --help says how to call it"
    return None


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")] = False,
) -> None:
    if version:
        typer.echo(f"textsynth {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
