"""Sources of values: the gazetteer, word lists, Faker, mimesis, and records.

A source is named by a short string:

    gazetteer                       the mentions the source has of this label, by count
    words:FILE                      one value a line, a weight after a tab if wanted; a path or a URL
    faker:METHOD                    a Faker provider, such as faker:color_name or faker:pydecimal(left_digits=3)
    mimesis:PROVIDER.METHOD         a mimesis provider, such as mimesis:food.dish
    expand                          new mentions and those of the gazetteer, whatever their counts
    record:FIELD                    one field of a person's record; labels that name a role have a person each
    ["one", "two"]                  the values themselves

What counts from today ("-30y", date_of_birth, card expiry, some national numbers, records' dates) counts from the day
that the recipe's option `today` gives: the same on any day, in any time zone.
"""

from __future__ import annotations

import datetime
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from textsynth.errors import FormatError, OptionError, nearest
from textsynth.extract import Gazetteer
from textsynth.extract.escape import is_comment
from textsynth.extract.expansion import Expansion
from textsynth.extract.usage import Usage, Use, capitalise
from textsynth.foundation.fetch import to_local
from textsynth.reading.records import Faults, read_lines
from textsynth.values.faker_source import faker_values, record_columns
from textsynth.values.identity import FIELDS
from textsynth.values.mimesis_source import mimesis_values
from textsynth.values.pool import Pool, Pools, Uses, one_line
from textsynth.values.role import role_and_field

ValueSpec = str | tuple[str, ...]

EXPAND = "expand"
"""The source of values that is new mentions beside those that the source has."""

Values = Literal["expand"] | dict[str, ValueSpec]
"""Where the values of labels come from, one by one, or of all of them."""

_KINDS = ("gazetteer", EXPAND, "words:", "faker:", "mimesis:", "record:")
"""What a source of values begins with."""

logger = logging.getLogger(__name__)

_BY_LABEL = {field.replace("_", ""): f"record:{field}" for field in FIELDS} | {
    "person": "record:name",
    "per": "record:name",
    "org": "record:company",
    "gpe": "record:city",
    "loc": "record:city",
    "location": "record:city",
    "address": "record:street",
}
"""For labels in lower case and without "_", the record field that fills them if nothing is said."""


@dataclass(frozen=True)
class Draw:
    """How pools are drawn.

    Args:
        size: values drawn for a label from what can give any number.
        locales: which Faker and mimesis draw in, in turn.
        weighted: whether counts and weights matter, or every value is as likely.
        rng: what the seeds of Faker and mimesis are drawn from.
        today: the day that Faker, mimesis and records count from.
        usage: how the source uses its mentions; if it is given, those of the gazetteer are written as they stand
            inside a sentence, and the pools say in which classes and contexts they are used.
        expansion: the new mentions; None if nobody looked for them.
    """

    size: int
    locales: Sequence[str]
    weighted: bool
    rng: np.random.Generator
    today: datetime.date
    usage: Usage | None = None
    expansion: Expansion | None = None


def expands(values: Values) -> bool:
    """Says whether any label takes new mentions.

    >>> expands("expand"), expands({"CITY": "expand"}), expands({"CITY": "faker:city"})
    (True, True, False)
    """
    return values == EXPAND or (not isinstance(values, str) and EXPAND in values.values())


def by_label(values: Values, labels: Iterable[str]) -> dict[str, ValueSpec]:
    """Returns where the values of each label come from; a label that there is none of is passed over with a warning."""
    if isinstance(values, str):
        return dict.fromkeys(labels, values)
    known = set(labels)
    for label in values.keys() - known:
        warn_of_label("values", label, known)
    return {label: spec for label, spec in values.items() if label in known}


def warn_of_label(option: str, label: str, known: Iterable[str]) -> None:
    """Warns of a label that an option names and the source has not."""
    logger.warning(
        "option %r: the source has no label %r, so nothing is done for it; %s",
        option,
        label,
        nearest(label, sorted(known)),
    )


def resolve_paths_of(values: Values, folder: Path) -> Values:
    """Returns where values come from with the files of `words:` taken from a folder."""
    return values if isinstance(values, str) else resolve_value_paths(values, folder)


def resolve_value_paths(specs: Mapping[str, ValueSpec], folder: Path) -> dict[str, ValueSpec]:
    """Returns the specifications with the files of `words:` taken from a folder."""
    return {
        label: f"words:{folder / spec.removeprefix('words:')}"
        if isinstance(spec, str) and spec.startswith("words:")
        else spec
        for label, spec in specs.items()
    }


def list_libraries(specs: Values) -> frozenset[str]:
    """Names the packages that values come from.

    >>> sorted(list_libraries({"A": "faker:name", "B": "record:city", "C": "mimesis:food.dish", "D": ("x", "y")}))
    ['faker', 'mimesis']
    """
    if expands(specs):
        return frozenset({"faker", "mimesis", "python-crfsuite"})
    if isinstance(specs, str):
        return frozenset()
    makers = {"faker": "faker", "record": "faker", "mimesis": "mimesis"}
    kinds = {spec.partition(":")[0] for spec in specs.values() if isinstance(spec, str)}
    return frozenset(makers[kind] for kind in kinds & makers.keys())


def draw_pools(labels: Sequence[str], specs: Mapping[str, ValueSpec], gazetteer: Gazetteer, draw: Draw) -> Pools:
    """Draws the values of labels.

    A label without a specification takes the gazetteer if that has the label, and else the record field that its
    name suggests (`EMAIL`, `PERSON`, `CITY`, `PATIENT`, `DOCTOR_PHONE`, …).

    Args:
        labels: the labels to fill.
        specs: where the values of a label come from.
        gazetteer: the mentions of the source.
        draw: how many, in which locales, and the randomness.

    Raises:
        OptionError: for a label no slot has, one that has no values, or a specification that makes no sense.
        MissingDependency: if Faker or mimesis is needed and not installed.
    """
    for label in specs:
        if label not in labels:
            raise OptionError(f"option 'values': no slot has the label {label!r}; {nearest(label, labels)}")
    chosen = {label: _spec(label, specs, gazetteer) for label in sorted(labels)}
    fields = {label: str(spec).removeprefix("record:") for label, spec in chosen.items() if _is_record(spec)}
    pools = {label: _pool(label, spec, gazetteer, draw) for label, spec in chosen.items() if not _is_record(spec)}
    return Pools(pools, record_columns(fields, draw.size, draw.locales, draw.rng, draw.today) if fields else {})


def _spec(label: str, specs: Mapping[str, ValueSpec], gazetteer: Gazetteer) -> ValueSpec:
    if label in specs:
        return specs[label]
    if label in gazetteer.mentions:
        return "gazetteer"
    role, field = role_and_field(label)
    by_name = "record:name" if role and not field else _BY_LABEL.get(field)
    if by_name is None:
        raise OptionError(
            f"label {label!r} has no values: the source has no mention of it; "
            f'say where they come from with the option values = {{ {label} = "words:FILE" }}'
        )
    return by_name


def _is_record(spec: ValueSpec) -> bool:
    return isinstance(spec, str) and spec.startswith("record:")


def _pool(label: str, spec: ValueSpec, gazetteer: Gazetteer, draw: Draw) -> Pool:
    weights = _weights(label, spec, gazetteer, draw)
    clean: Counter[str] = Counter()
    for value, weight in weights.items():
        clean[one_line(value)] += weight  # type: ignore[assignment]
    del clean[""]
    if not clean:
        raise OptionError(f"option 'values': {spec!r} gives no values for the label {label!r}")
    amounts = np.array(list(clean.values()), float)
    has_uses = spec in ("gazetteer", EXPAND) and draw.usage is not None
    uses = _uses(label, list(clean), draw.usage) if has_uses and draw.usage else None
    return Pool(pa.array(list(clean), pa.string()), amounts if draw.weighted else np.ones(len(amounts)), uses)


def _uses(label: str, values: Sequence[str], usage: Usage) -> Uses:
    """Returns the uses of values: those that are written alike at the beginning of a sentence share them."""
    known: dict[str, set[Use]] = defaultdict(set)
    for mention, uses in usage.uses.get(label, {}).items():
        known[one_line(mention)] |= uses
    # Sets of strings have another order in every process.
    rows = [(at, *use) for at, value in enumerate(values) for use in sorted(known[capitalise(value)], key=repr)]
    position, classes, contexts = zip(*rows, strict=True) if rows else ((), (), ())
    return Uses(np.array(position, np.int64), pa.array(classes, pa.string()), pa.array(contexts, pa.string()))


def _weights(label: str, spec: ValueSpec, gazetteer: Gazetteer, draw: Draw) -> Mapping[str, float]:
    if not isinstance(spec, str):
        return Counter(spec)
    kind, _, rest = spec.partition(":")
    if spec == EXPAND:
        return _expand(label, gazetteer, draw)
    if spec == "gazetteer":
        if label not in gazetteer.mentions:
            raise OptionError(f"the gazetteer has no label {label!r}; {nearest(label, gazetteer.mentions)}")
        return _write_inside(gazetteer.mentions[label], draw.usage.inside.get(label, {}) if draw.usage else {})
    if kind == "words" and rest:
        return _words(to_local(rest))
    if kind == "faker" and rest:
        return Counter(faker_values(rest, draw.size, draw.locales, draw.rng, draw.today))
    if kind == "mimesis" and rest:
        return Counter(mimesis_values(rest, draw.size, draw.locales, draw.rng, draw.today))
    raise OptionError(f"option 'values': there is no source of values {spec!r}; {nearest(spec, _KINDS)}")


def _expand(label: str, gazetteer: Gazetteer, draw: Draw) -> Mapping[str, float]:
    """Returns the mentions of a label from all places that have some, each place as likely as the next.

    A place with fewer mentions than the gazetteer counts for as much less, so that none of its own comes more often
    than one of the gazetteer.
    """
    if draw.expansion is None:
        raise OptionError(
            f"option 'values': {EXPAND!r} must have new mentions for {label!r}, which textsynth.generate and runs look "
            "for if mention_replacement or template_fill asks"
        )
    inside = draw.usage.inside.get(label, {}) if draw.usage else {}
    own = tuple(_write_inside(gazetteer.mentions.get(label, {}), inside))
    parts = [own, *draw.expansion.mentions.get(label, {}).values()]
    weights: dict[str, float] = defaultdict(float)
    for part in parts:
        for mention in part:
            weights[mention] += 1 / max(len(part), len(own))
    return weights


def _write_inside(mentions: Mapping[str, int], inside: Mapping[str, str]) -> Mapping[str, float]:
    """Writes mentions as they stand inside a sentence, with the counts of those added up that become one."""
    counts: Counter[str] = Counter()
    for mention, count in mentions.items():
        counts[inside.get(capitalise(mention), mention)] += count
    return counts


def _words(path: Path) -> dict[str, float]:
    weights: dict[str, float] = {}
    for number, line in read_lines(path, "utf-8", Faults()):
        value, _, weight = line.removesuffix("\r").partition("\t")
        if value.strip() and not is_comment(value):
            weights[value] = weights.get(value, 0.0) + _weight(weight, f"{path}:{number}")
    return weights


def _weight(written: str, where: str) -> float:
    try:
        weight = float(written or 1)
    except ValueError as error:
        raise FormatError(f"{where}: a weight must be a number, was: {written!r}") from error
    if not 0 < weight < float("inf"):
        raise FormatError(f"{where}: a weight must be greater than 0, was: {written!r}")
    return weight
