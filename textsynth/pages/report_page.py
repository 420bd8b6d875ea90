"""A report as one HTML file: what stands in it as text, and nothing that asks a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from textsynth.corpus.classes import split_classes
from textsynth.foundation.disk import write_whole
from textsynth.pages.charts import Curves, Interval, Shares

COLOURS = 8
"""Colours that labels have; with more labels they are used again. Each mention has its label written beside it."""

_UNSEEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\ufffd")
"""Control characters, which no HTML may have, as the sign for a character that cannot be shown."""


def write_page(report: Mapping[str, Any], path: Path) -> None:
    """Writes a report as one HTML file, which needs no network and no other file.

    All text of the report is shown as text, whatever characters it has.

    Args:
        report: as `report.json` has it.
        path: where it is written.

    Raises:
        OutputError: if the file cannot be written.
    """
    write_whole(path, render_page(report))


def render_page(report: Mapping[str, Any]) -> str:
    """Returns the HTML of a report."""
    environment = _environment()
    template = environment.get_template("report.html")
    return template.render(
        report=report,
        style=_read(environment, "report.css"),
        script=_read(environment, "report.js"),
        browser={"examples": [_example(each) for each in report["examples"]], "colours": _colours(report)},
        distributions=_distributions(report["corpora"]),
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("textsynth.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["cell"] = show_cell
    environment.globals.update(interval=Interval.of, curves=Curves.of)
    return environment


def _finalize(value: Any) -> Any:
    return value.translate(_UNSEEN) if type(value) is str else value


def _read(environment: jinja2.Environment, name: str) -> Markup:
    """Returns a file of ours, which goes into the page as it is."""
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])


def show_cell(value: Any) -> str:
    """Returns a cell of a table as people read it; a dash if it is not known.

    >>> show_cell(1234567), show_cell(0.123456), show_cell(None), show_cell("Bo")
    ('1,234,567', '0.123', '–', 'Bo')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"
    return str(value)


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an example for the browser, its classes by name."""
    source = example.get("source")
    return {
        "text": example["text"],
        "spans": example["spans"],
        "classes": split_classes(example["class"]),
        "origin": example["origin"],
        "source": None if source is None else {**source, "classes": split_classes(source["class"])},
    }


def _colours(report: Mapping[str, Any]) -> dict[str, int]:
    """Numbers the colours of labels, those that are most frequent first, so that these differ."""
    counted = {name: corpus["labels"] for name, corpus in report["corpora"].items()}
    sources = [each["source"] for each in report["examples"] if each.get("source")]
    shown = {span[2]: None for each in [*report["examples"], *sources] for span in each["spans"]}
    names = dict.fromkeys([*Shares.of(counted).names, *shown])
    return {name: number % COLOURS for number, name in enumerate(names)}


def _distributions(corpora: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns what is compared corpus by corpus: labels, classes, lengths."""
    classes = {name: _name_classes(corpus["classes"]) for name, corpus in corpora.items()}
    labels = {name: corpus["labels"] for name, corpus in corpora.items()}
    lengths = {name: corpus["lengths"] for name, corpus in corpora.items()}
    found = {
        "labels": ("Labels of mentions", "mentions", Shares.of(labels)),
        "classes": ("Classes of texts", "texts", Shares.of(classes)),
        "lengths": ("Tokens a text", "texts", Shares.of_lengths(lengths)),
    }
    return [
        {"name": name, "title": title, "of": of, "shares": shares}
        for name, (title, of, shares) in found.items()
        if shares.names
    ]


def _name_classes(counts: Mapping[str, int]) -> dict[str, int]:
    return {" + ".join(split_classes(name)) or "none": count for name, count in counts.items()}
