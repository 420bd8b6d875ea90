"""Sentences from templates with two slots, beside presidio-evaluator and Faker alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import peers
from material import NEWSROOM, SHARD, Fitted, exact_spans, fitted, shards, written_templates
from measure import Effort, Row, percent

import textsynth as ts
from textsynth.extract import Resources, Template
from textsynth.foundation.seeding import child_rng
from textsynth.generators.template_fill import TemplateFill

TITLE = f"template_fill: 1,000 templates with two slots, in shards of {SHARD:,}"
_CHECKED_SHARDS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """Where the values of the two slots come from.

    Args:
        name: of our row.
        second: the label beside PERSON.
        values: the option of `template_fill`; the gazetteer of the newsroom where empty.
        records: the same values for presidio-evaluator.
    """

    name: str
    second: str
    values: Mapping[str, str]
    records: Callable[[Fitted], list[dict[str, str]]]


def rows(effort: Effort) -> list[Row]:
    """Measures each case, then the peers in the same case."""
    resources = Resources.of(ts.read(NEWSROOM))
    table: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            place = Path(folder) / f"case-{number}"
            ready = _fitted(case, resources, place)
            table.append(_ours(case, ready, effort))
            if case is FAKER:
                table.append(_read_out(ready, effort))
            table += _peers(case, ready, effort)
    return table


def _fitted(case: Case, resources: Resources, place: Path) -> Fitted:
    templates = place.with_suffix(".txt")
    templates.write_text("\n".join(written_templates(case.second)), "utf-8")
    return fitted(TemplateFill(templates=templates, values=dict(case.values)), resources, place)


def _ours(case: Case, ready: Fitted, effort: Effort) -> Row:
    rng = child_rng(7, "speed", case.name)
    rate = effort.rate(lambda: ready.sampler(SHARD, rng), SHARD)
    made = ts.Corpus.concat(shards(ready.sampler, child_rng(7, "check", case.name), _CHECKED_SHARDS))
    templates = [Template.parse(written) for written in written_templates(case.second)]
    exact, total = exact_spans(made.table.to_pylist(), templates, ready.values())
    note = f"{percent(exact / total)} of {total:,} spans exact; pools drawn and compiled once, {ready.seconds:.2f} s"
    figures = {"spans": total, "spans_exact": exact / total, "once_seconds": ready.seconds}
    return Row(name=case.name, rate=rate, note=note, figures=figures)


def _read_out(ready: Fitted, effort: Effort) -> Row:
    """Peers hand out Python objects, we a table: what it costs to make objects of it."""
    rng = child_rng(7, "objects")
    rate = effort.rate(lambda: list(ready.sampler(SHARD, rng)), SHARD)
    return Row(name=f"{FAKER.name}, read out as Example objects", rate=rate)


def _peers(case: Case, ready: Fitted, effort: Effort) -> list[Row]:
    templates = written_templates(case.second)
    table = peers.presidio_templates(templates, case.records(ready), case.name, effort)
    return table + (peers.faker_templates(templates, case.name, effort) if case is FAKER else [])


def _gazetteer_records(ready: Fitted) -> list[dict[str, str]]:
    """Returns the gazetteer as records of independent values, drawn by weight, as many as we draw for a pool."""
    columns = {}
    for label, pool in ready.pools.pools.items():
        drawn = child_rng(7, label).choice(pool.values.to_pylist(), 2000, p=pool.weights / pool.weights.sum())
        columns[peers.FAKER_NAMES[label]] = drawn.tolist()
    return _rows_of(columns)


def _agreeing_records(ready: Fitted) -> list[dict[str, str]]:
    return _rows_of({peers.FAKER_NAMES[label]: column.to_pylist() for label, column in ready.pools.records.items()})


def _rows_of(columns: Mapping[str, list[str]]) -> list[dict[str, str]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


GAZETTEER = Case("values from a gazetteer", "GPE", {}, _gazetteer_records)
FAKER = Case("values from Faker", "GPE", {"PERSON": "faker:name", "GPE": "faker:city"}, peers.no_records)
RECORDS = Case(
    "name and e-mail of one record", "EMAIL", {"PERSON": "record:name", "EMAIL": "record:email"}, _agreeing_records
)
CASES = (GAZETTEER, FAKER, RECORDS)
