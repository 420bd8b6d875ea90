"""What the command line shows: tables, highlighted examples and progress bars. Nothing here prints."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import MISSING, asdict
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from textsynth.components import registry
from textsynth.components.description import describe, summary
from textsynth.components.learned import Learned
from textsynth.corpus.classes import describe_classes
from textsynth.corpus.example import Example
from textsynth.foundation.controls import escape_controls
from textsynth.foundation.distribution import say_how_to_install
from textsynth.foundation.plural import tell_count
from textsynth.foundation.progress import Stage
from textsynth.foundation.storage import is_url, to_path
from textsynth.labelling.label import VOTE
from textsynth.production.rejects import Rejected
from textsynth.production.summary import SourceCounts, Summary, Tally, list_parts
from textsynth.runs.dry_run import PlannedStep
from textsynth.runs.preview import StepPreview

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red", "bright_cyan", "bright_magenta", "bright_green")
_NOTICED, _LONG = 0.5, 300.0
"""Seconds from which on work is worth a line though it counted nothing; seconds over which the speed is taken."""
_LINES = 24
"""Lines of a table that a screen has room for."""
_BETWEEN_LINES = 30.0
"""Seconds between two lines about a stage, if there is no terminal for its bar."""
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421, 0x9B: 0xFFFD}
"""Control characters as what stands for them (␊, ␛): one example is one line, and none can steer the terminal."""

logger = logging.getLogger(__name__)


def highlight(example: Example, labels: Sequence[str]) -> Text:
    """Returns an example with its mentions coloured and followed by their labels, its class in front.

    Args:
        example: what to show.
        labels: all labels there are, so that each keeps its colour.
    """
    text, shown = Text(), example.text.translate(_PICTURES)
    if example.label is not None:
        text.append(f"{describe_classes(example.label)}: ".translate(_PICTURES), "bold")
    position = 0
    for span in example.spans:
        colour = _COLOURS[labels.index(span.label) % len(_COLOURS)]
        text.append(shown[position : span.start])
        text.append("[").append(shown[span.start : span.end], f"bold {colour}")
        text.append(f" {span.label}".translate(_PICTURES), f"dim {colour}").append("]")
        position = span.end
    return text.append(shown[position:])


def summary_table(run: Summary) -> RenderableType:
    """Returns the tables of a finished run: what was made, kept, dropped, learned; labels, classes, splits, seconds."""
    steps = Table("step", "made", "kept", "dropped")
    for name, step in run.steps.items():
        dropped = ", ".join(f"{count} {reason}" for reason, count in step.dropped.items())
        steps.add_row(name, str(step.made), str(step.kept), dropped or "0")
    steps.add_row("all", str(run.made), f"{run.delivered} of {run.asked}", str(sum(run.dropped.values())), style="bold")
    others = [
        _table_of_learned(run.learned),
        _tallies("Mentions by label", run.labels),
        _tallies("Examples by class", run.classes),
        _tallies("Examples by split", run.splits),
        _counts("Seconds by stage", run.seconds),
    ]
    return Group("Examples", steps, *(part for titled in others for part in titled))


def after_tables(run: Summary, place: str, samples: Iterable[Example]) -> list[str | Text]:
    """Returns the lines behind the tables of a run: what was set aside, three examples, and where the dataset is.

    Args:
        run: what was done.
        place: of the run, a path or a URL.
        samples: some of its examples; those with mentions are shown first.
    """
    rejected, aside = run.source.rejected, f"{place}/extracted/rejected_source.jsonl"
    shown = sorted(samples, key=lambda example: not example.spans)[:3]
    return [
        *_tell_of_source(run.source),
        *([f"\nset aside: {tell_count(rejected, 'bad record')} of the source, see {aside}"] if rejected else []),
        *(highlight(example, list(run.labels)) for example in shown),
        f"\ndataset: {place if is_url(place) else to_path(place).absolute()}/dataset",
    ]


def _tell_of_source(read: SourceCounts) -> Iterator[str]:
    """Says what became of examples of the source that are not in train."""
    if read.left_out:
        yield f"\nsource: its {tell_count(read.examples, 'example')} are not delivered: {read.left_out}"
    if read.repeated:
        repeated = tell_count(read.repeated, "example")
        yield f"\nleft out: {repeated} with the wording or text of a held-out one"


def describe_rejected(group: Rejected) -> Text:
    """Returns in one line how many examples were dropped, of which step, by what and why."""
    by = "" if group.filter == group.step else f" by {group.filter}"
    text = f"{tell_count(group.count, 'example')} of {group.step} dropped{by}: {group.reason}"
    return Text(text.translate(_PICTURES), "bold")


def describe_step_preview(step: StepPreview) -> Text:
    """Returns in one line what the rows of a step came to, or why there are none."""
    dropped = "".join(f", {count} dropped as {reason}" for reason, count in step.dropped.items())
    told = f"{tell_count(len(step.examples), 'row')}{dropped}" if not step.skipped else f"no rows: {step.skipped}"
    return Text(f"{step.name}: {told}".translate(_PICTURES), "bold")


def labeler_table(rows: Sequence[Mapping[str, str]]) -> RenderableType:
    """Returns what each labeler found of each label; precision and recall if they were measured.

    Args:
        rows: as `Line.to_cells` gives them.
    """
    measured = any(row["precision"] != "None" for row in rows)
    heads = ("labeler", "label", "mentions", "in", "overlap", "conflict", "precision", "recall")
    columns = [Column(head, overflow="fold") for head in heads[: None if measured else -2]]
    table = Table(*columns, box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for row in rows:
        counts = row["mentions"], f"{float(row['coverage']):.1%}", row["overlaps"], row["conflicts"]
        shares = [row[name].replace("None", "-") for name in ("precision", "recall")] if measured else []
        table.add_row(Text(row["labeler"]), Text(escape_controls(row["label"])), *counts, *shares)
    return table


def tell_labelers(rows: Sequence[Mapping[str, str]], path: str) -> list[RenderableType]:
    """Returns what labelers found, for the summary of a run: all of it, or if it fills the screen, the vote alone.

    Args:
        rows: as `Line.to_cells` gives them.
        path: of the file that has them all.
    """
    if not rows:
        return []
    if len(rows) <= _LINES:
        return ["\nFound by labelers, before the cleaning", labeler_table(rows)]
    vote = [row for row in rows if row["labeler"] == VOTE][:_LINES]
    return ["\nFound by the vote, before the cleaning", labeler_table(vote), f"each labeler: {path}"]


def describe_planned_step(planned: PlannedStep) -> str:
    """Returns what one step of a run would do, and the first prompts in full, as plain text."""
    head = f"{planned.name} ({planned.generator}): {tell_count(planned.examples, 'example')} at first"
    preview = planned.preview
    if preview is None:
        return f"{head}; asks no model"
    first_round = asdict(preview.first_round)
    facts = ", ".join(f"{name} {_show_fact(fact)}" for name, fact in first_round.items() if fact is not None)
    lines = [f"{head}; {facts}"]
    for number, prompt in enumerate(preview.prompts, 1):
        pictures = {code: picture for code, picture in _PICTURES.items() if code != ord("\n")}
        lines += ["", f"--- prompt {number} of {preview.first_round.requests} ---", prompt.translate(pictures)]
    return "\n".join([*lines, ""])


def list_names(kinds: Sequence[registry.Kind]) -> RenderableType:
    """Returns the names of all components of some kinds, on one screen."""
    parts: list[RenderableType] = []
    for kind in kinds:
        for title, names in _group_names(kind).items():
            parts += [Text.assemble((f"{title}: ", "bold"), ", ".join(names) or "none yet"), Text("")]
    return Group(*parts, Text("textsynth list filters, metrics … says what each does, list NAME its options"))


def list_summaries(kind: registry.Kind) -> list[Text]:
    """Returns all components of a kind, a line each."""
    names = registry.names(kind)
    width = max(map(len, names), default=0)
    lines = [Text.assemble((name.ljust(width), "bold"), "  ", summary(registry.look_up(kind, name))) for name in names]
    return lines or [Text("none yet")]


def describe_component(kind: registry.Kind, name: str) -> RenderableType:
    """Returns one component with what it needs, and its options with types, ranges and defaults."""
    cls = registry.look_up(kind, name)
    head = Text.assemble((name, "bold"), f", a {kind}: ", summary(cls))
    needs = [Text(f"needs {say_how_to_install(extra)}") for extra in cls.extras]
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(no_wrap=True, min_width=16)
    table.add_column(max_width=44)
    table.add_column()
    for option in describe(cls):
        kind_and_default = f"{option.type}, {show_default(option.default)}"
        table.add_row(f"  {option.name}", Text(kind_and_default, "cyan"), Text(option.meaning))
    return Group(head, *needs, table)


def _group_names(kind: registry.Kind) -> dict[str, list[str]]:
    """Returns the names of a kind by title; edits of source examples stand apart from other generators."""
    groups: dict[str, list[str]] = {f"{kind}s": []}
    for name in registry.names(kind):
        module = registry.look_up(kind, name).__module__
        title = "generators that edit examples of the source" if ".edits." in module else f"{kind}s"
        groups.setdefault(title, []).append(name)
    return groups


def component_row(kind: registry.Kind, name: str) -> dict[str, Any]:
    """Returns one component as plain data, for programs."""
    cls = registry.look_up(kind, name)
    options = [
        {"name": each.name, "type": each.type, "default": plain_default(each.default), "meaning": each.meaning}
        for each in describe(cls)
    ]
    return {"kind": kind, "name": name, "summary": summary(cls), "extras": list(cls.extras), "options": options}


def show_default(default: Any) -> str:
    """Returns a default in words."""
    if default is MISSING:
        return "must be given"
    if default in (None, (), {}):
        return "none by default"
    return f"default {plain_default(default)!r}"


def plain_default(default: Any) -> Any:
    """Returns a default as JSON can hold it."""
    return None if default is MISSING else list(default) if isinstance(default, tuple) else default


class Bars:
    """Shows each stage of a run on stderr: as a bar on a terminal, where a stage that is done leaves its line.

    One that counted nothing and took no time leaves none. Elsewhere a line says every half minute how far it is, and
    the end of each stage is logged, with the last that it told, for those who want to know in detail.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def note(self, text: str) -> None:
        """Prints a line."""
        self._console.print(f"textsynth: {escape_controls(text)}", soft_wrap=True)

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """Shows one stage while the block runs."""
        columns = (
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TimeRemainingColumn(elapsed_when_finished=True, table_column=Column(no_wrap=True)),
            _Words(),
        )
        drawn = self._console.is_terminal
        with Progress(*columns, console=self._console, disable=not drawn, speed_estimate_period=_LONG) as progress:
            task = progress.add_task(name, total=total, told="")
            with nullcontext() if drawn else _repeat(lambda: self.note(_describe_task(progress.tasks[0]))):
                yield _Bar(progress, task)
            end = progress.tasks[0]
            counted = _has_counted(end)
            progress.live.transient = not counted and (end.elapsed or 0.0) < _NOTICED
            done = end.completed
            if not drawn:
                logger.info("%s", _describe_task(end))
            progress.update(task, total=done or 1, completed=done or 1)


def _describe_task(task: Task) -> str:
    """Says in one line how far a stage is: what was counted, how long it took, the last words that it told."""
    of = "" if task.total is None or task.completed >= task.total else f" of {task.total:.0f}"
    amount = f": {task.completed:.0f}{of}" if _has_counted(task) else ""
    words = f"; {task.fields['told']}" if task.fields["told"] else ""
    return f"{task.description}{amount} in {task.elapsed or 0.0:.1f} s{words}"


def _has_counted(task: Task) -> bool:
    return bool(task.completed) or task.total is not None


@contextmanager
def _repeat(tell: Callable[[], None]) -> Iterator[None]:
    """Calls a function every half minute while the block runs, also if the work itself says nothing for longer."""
    ended = threading.Event()

    def wait() -> None:
        while not ended.wait(_BETWEEN_LINES):
            tell()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Words(ProgressColumn):
    """What a stage tells: on a narrow terminal it is cut, and shares its loss with the bar alone."""

    def render(self, task: Task) -> Text:
        """Returns the words as one line."""
        return Text(task.fields["told"], "dim", no_wrap=True, overflow="ellipsis")


class _Bar:
    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress = progress
        self._task = task

    def advance(self, amount: int) -> None:
        """Moves the bar."""
        self._progress.advance(self._task, amount)

    def expect(self, total: int | None) -> None:
        """Empties the bar and sets where it ends."""
        self._progress.update(self._task, total=total, completed=0)
        self._progress.tasks[0].total = total  # None means no change to rich

    def tell(self, text: str) -> None:
        """Shows a few words behind the bar."""
        self._progress.update(self._task, told=text)


def _table_of_learned(learned: Mapping[str, Learned]) -> list[RenderableType]:
    """Returns a title and a table of what each step has learned; facts that are None say nothing."""
    if not learned:
        return []
    table = Table("step", "learned")
    for name, each in learned.items():
        guarantee = asdict(each.guarantee) if each.guarantee else {}
        told = [f"{key} {_show_fact(fact)}" for key, fact in {**each.facts, **guarantee}.items() if fact is not None]
        table.add_row(name, Text(", ".join(told)))
    return ["\nLearned", table]


def _show_fact(fact: Any) -> str:
    return f"{fact:.4g}" if isinstance(fact, float) else str(fact)


def _tallies(title: str, rows: Mapping[str, Tally]) -> list[RenderableType]:
    """Returns a title and a table that tells source, made and held-out apart, as far as there are any."""
    if not rows:
        return []
    parts = list_parts(rows)
    table = Table("", *(Column(part.replace("heldout", "held out"), justify="right") for part in parts))
    for name, row in rows.items():
        table.add_row(Text(escape_controls(name)), *(str(getattr(row, part)) for part in parts))
    return [f"\n{title}", table]


def _counts(title: str, rows: Mapping[str, float]) -> list[RenderableType]:
    """Returns a title and a table; a title of the table itself would be broken to the width of its columns."""
    if not rows:
        return []
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, number in rows.items():
        table.add_row(Text(escape_controls(name)), f"{number:.1f}" if isinstance(number, float) else str(number))
    return [f"\n{title}", table]
