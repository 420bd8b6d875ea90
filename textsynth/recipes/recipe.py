"""Recipes: a run as data. Every complaint about a recipe is made here, before anything runs."""

from __future__ import annotations

import dataclasses
import itertools
import shlex
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from textsynth.chat.mentions import ChatMentions
from textsynth.components import registry
from textsynth.components.component import Component, build, options_of
from textsynth.components.filter import Filter
from textsynth.components.generator import Generator
from textsynth.components.labeler import Labeler
from textsynth.components.metric import Metric
from textsynth.corpus.tokenizer_name import SPACY, check_tokenizer, name_tokenizer
from textsynth.errors import MissingDependency, OptionError, nearest
from textsynth.formats.datasets import Datasets
from textsynth.foundation.pipeline import is_directory
from textsynth.labelling.label import LabelPlan, NamedLabeler
from textsynth.labelling.options import LabelOptions
from textsynth.pretrained.loading import resolve_model
from textsynth.reading.records import open_binary
from textsynth.recipes.inputs import place_urls
from textsynth.recipes.sections import (
    ORIGINS,
    TEST,
    VALIDATION,
    Canaries,
    Evaluate,
    Export,
    Extract,
    Production,
    Raw,
    Source,
)

_SECTIONS = (
    "source", "raw", "chat", "labeler", "label", "extract", "generator", "filter", "export", "evaluate", "canaries",
)  # fmt: skip

CANARY_METRIC = "disclosure"
"""The metric that tells of canaries."""

CANARY_FILTER = "canaries"
"""The name by which what repeats a canary is dropped."""

_SPLITS = "datasets"
"""The format of which a path stands for several splits."""

HEAVIEST = 1e9
"""The largest weight of a step: far more than the examples of any run, and sums of it are exact enough."""
_EXAMPLES = {"generator": "template_fill", "labeler": "spacy"}

_MOVED = {
    "spacy_model": 'it is a table of its own now: [[labeler]] use = "spacy", model = {!r}',
    "language": "it belongs in the table [label]: language = {!r}",
    "sentences": "it belongs in the table [label]: sentences = {!r}",
}
"""Options that [extract] had, and where they went."""


@dataclass(frozen=True)
class Step:
    """A generator with its place in a run.

    Args:
        name: unique in the run; the origin of what it makes.
        generator: the component.
        weight: its share of the count, relative to the other steps.
    """

    name: str
    generator: Generator
    weight: float = 1.0


@dataclass(frozen=True)
class NamedFilter:
    """A filter with its name, unique in the run."""

    name: str
    filter: Filter


@dataclass(frozen=True)
class Recipe:
    """A run as data: everything in it is built and checked.

    Args:
        production: how much is made, and how.
        source: where the real text comes from; None if the generators need none.
        labelers: what finds mentions in it, in order.
        label: how what they find becomes labels.
        extract: what is extracted from it.
        steps: the generators, in order.
        filters: the filters, in order.
        export: what is written.
        evaluate: what is measured of what was made; None if nothing is.
        canaries: how many invented records are planted; None if none are.
        raw: more text of the kind of the source, without labels; None if there is none.
        chat: a chat model that is asked for new mentions; None if none is.
        urls: those of the files that it names by URL, by the paths where `textsynth.runs` fetches them to.
    """

    production: Production
    source: Source | None
    labelers: tuple[NamedLabeler, ...]
    label: LabelOptions
    extract: Extract
    steps: tuple[Step, ...]
    filters: tuple[NamedFilter, ...]
    export: Export
    evaluate: Evaluate | None = None
    canaries: Canaries | None = None
    raw: Raw | None = None
    chat: ChatMentions | None = None
    urls: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def expands(self) -> bool:
        """Says whether a generator takes new mentions."""
        return any(step.generator.expands() for step in self.steps)

    def list_unseen(self, splits: Iterable[str]) -> list[str]:
        """Returns those of the splits that are held out which no filter sees."""
        seen = any(each.filter.needs_validation() for each in self.filters)
        return [split for split in splits if not (seen and split == VALIDATION)]

    @property
    def label_plan(self) -> LabelPlan:
        """Which labelers find mentions, and how they decide."""
        return LabelPlan(self.labelers, self.label, self.production.seed)

    def components(self) -> list[Component]:
        """Returns its labelers, generators and filters."""
        labelers = [each.labeler for each in self.labelers if isinstance(each.labeler, Component)]
        return [*labelers, *(step.generator for step in self.steps), *(each.filter for each in self.filters)]

    def libraries(self) -> frozenset[str]:
        """Names the packages, beside those that every run uses, that decide what comes out."""
        sections: list[Component] = [self.extract, self.export, *([self.source] if self.source else [])]
        sections += [each for each in (self.raw, self.chat) if each]
        sections += [self.label] if self.labelers else []
        return frozenset[str]().union(*(each.libraries() for each in [*sections, *self.components()]))


def load(path: str | Path) -> Recipe:
    """Reads and checks a recipe; its relative paths are taken from its folder.

    Raises:
        InputError: if the file cannot be read.
        OptionError: for whatever is wrong with it: file, component, what must hold and what it was.
        UnknownName: for a component that does not exist.
    """
    with open_binary(Path(path)) as file:
        try:
            content = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            made = f"; textsynth init {shlex.quote(str(path))} makes one of data"
            hint = "" if Path(path).suffix == ".toml" else made
            raise OptionError(f"{path}: must be TOML: {error}{hint}") from error
        except RecursionError as error:
            raise OptionError(f"{path}: must be TOML: its tables or arrays are too deep in each other") from error
    return parse(content, Path(path).absolute().parent, str(path))


def parse(content: Mapping[str, Any], folder: Path, where: str) -> Recipe:
    """Builds and checks a recipe.

    Args:
        content: what its TOML says.
        folder: where its relative paths start.
        where: begins the message of every error.

    Raises:
        OptionError: for whatever is wrong with it.
        UnknownName: for a component that does not exist.
    """
    head_names = [each.name for each in dataclasses.fields(Production)]
    for name in content:
        if name not in (*head_names, *_SECTIONS):
            raise OptionError(f"{where}: there is no option {name!r}; {nearest(name, (*head_names, *_SECTIONS))}")
    try:
        content, urls = place_urls(content)
    except OptionError as error:
        raise OptionError(f"{where}: {error}") from error
    production = build(Production, {name: content[name] for name in head_names if name in content}, where)
    source = _source(content["source"], folder, where) if "source" in content else None
    steps = _steps(_tables(content, "generator", where), folder, where)
    recipe = Recipe(
        production,
        source,
        _labelers(_tables(content, "labeler", where), folder, where),
        build(LabelOptions, _table(content, "label", where), f"{where}: [label]").resolve_paths(folder),
        _extract(_table(content, "extract", where), folder, f"{where}: [extract]"),
        steps,
        _filters(_tables(content, "filter", where), folder, where),
        _export(_table(content, "export", where), source, steps, where),
        _evaluate(_table(content, "evaluate", where), folder, f"{where}: [evaluate]")
        if "evaluate" in content
        else None,
        build(Canaries, _table(content, "canaries", where), f"{where}: [canaries]") if "canaries" in content else None,
        _raw(content["raw"], folder, where) if "raw" in content else None,
        build(ChatMentions, _table(content, "chat", where), f"{where}: [chat]").resolve_paths(folder)
        if "chat" in content
        else None,
        urls,
    )
    _check(recipe, where)
    return recipe


def _source(value: Any, folder: Path, where: str) -> Source:
    table = {"path": value} if isinstance(value, str) else value
    if not isinstance(table, dict):
        raise OptionError(f"{where}: source must be a path or a table with a path, was: {value!r}")
    source = build(Source, table, f"{where}: [source]")
    source = dataclasses.replace(source, tokenizer=_find_tokenizer(source.tokenizer, folder, where))
    if source.format is not None:
        cls = registry.look_up("format", source.format, f"{where}: [source]: ")
        build(cls, source.options, f"{where}: [source]: format {source.format!r}")
        if source.keep and "keep" not in cls.__dataclass_fields__:
            raise OptionError(f"{where}: [source]: keep: the format {source.format!r} has no fields to keep")
    source = dataclasses.replace(source, heldout=_check_heldout(source, folder, where))
    on_hub = source.format == "datasets" and not (folder / source.path).exists()
    return source if on_hub else dataclasses.replace(source, path=folder / source.path)


def _check_heldout(source: Source, folder: Path, where: str) -> Any:
    """Returns what is held out, with whole paths, as it was written: for the test alone, or for each split."""
    parts = source.heldout_parts
    shares = [part for part in parts.values() if not isinstance(part, Path)]
    if sum(shares) >= 1:
        raise OptionError(
            f"{where}: [source]: option 'heldout' must leave some to learn from, its shares together less than 1, was: "
            f"{sum(shares):g}"
        )
    found = {
        split: _find_heldout(source, part, folder, where) if isinstance(part, Path) else part
        for split, part in parts.items()
    }
    return found if isinstance(source.heldout, dict) else found.get(TEST)


def _raw(value: Any, folder: Path, where: str) -> Raw:
    table = {"path": value} if isinstance(value, str) else value
    if not isinstance(table, dict):
        raise OptionError(f"{where}: raw must be a path or a table with a path, was: {value!r}")
    raw = build(Raw, table, f"{where}: [raw]")
    if raw.format is not None:
        cls = registry.look_up("format", raw.format, f"{where}: [raw]: ")
        build(cls, raw.options, f"{where}: [raw]: format {raw.format!r}")
    if raw.encoder is not None:
        raw = dataclasses.replace(raw, encoder=resolve_model(raw.encoder, folder))
    on_hub = raw.format == _SPLITS and not (folder / raw.path).exists()
    return raw if on_hub else dataclasses.replace(raw, path=folder / raw.path)


def _find_heldout(source: Source, heldout: Path, folder: Path, where: str) -> Path:
    """Returns the whole path of the file that is held out, or the name of the split as it is."""
    path = folder / source.path
    has_splits = source.format == _SPLITS or (source.format is None and path.is_dir() and Datasets.recognises(path, ""))
    if not has_splits or heldout.is_absolute() or len(heldout.parts) > 1 or heldout.suffix:
        return folder / heldout
    if (folder / heldout).exists():
        raise OptionError(
            f"{where}: [source]: option 'heldout' must say which it means, {folder / heldout}, or the split {heldout}: "
            f"write the whole path, or rename the file for the split, was: {str(heldout)!r}"
        )
    learnt = source.options.get("split", Datasets.split)
    if learnt in ("all", str(heldout)):
        raise OptionError(
            f"{where}: [source]: option 'heldout' must be another split than is learnt from, which is {learnt!r}, was: "
            f'{str(heldout)!r}; options = {{ split = "train" }} learns from that alone'
        )
    return heldout


def _find_tokenizer(name: str | None, folder: Path, where: str) -> str | None:
    """Returns the whole name of a tokenizer, a directory with its path, after a check that it is there."""
    if name is None:
        return None
    directory = folder / name.removeprefix(SPACY)
    found = SPACY + str(directory) if is_directory(directory) else name_tokenizer(name)
    try:
        check_tokenizer(found)
    except (MissingDependency, OptionError) as error:
        raise type(error)(f"{where}: [source]: option 'tokenizer': {error}") from error
    return found


def _extract(table: Mapping[str, Any], folder: Path, where: str) -> Extract:
    for name, hint in _MOVED.items():
        if name in table:
            raise OptionError(f"{where}: there is no option {name!r}; {hint.format(table[name])}")
    extract = build(Extract, table, where)
    return dataclasses.replace(
        extract,
        templates=folder / extract.templates if extract.templates else None,
        gazetteer=folder / extract.gazetteer if extract.gazetteer else None,
        mentions=folder / extract.mentions if extract.mentions else None,
        wordings=folder / extract.wordings if extract.wordings else None,
    )


def _export(table: Mapping[str, Any], source: Source | None, steps: Sequence[Step], where: str) -> Export:
    """Builds what is written, and settles whether the source is among it."""
    export = build(Export, table, f"{where}: [export]")
    private = [step.name for step in steps if step.generator.is_private()]
    if export.source and private:
        raise OptionError(
            f"{where}: [export]: source = true must not stand beside a generator with differential privacy, stands "
            f"beside {private[0]!r}: the dataset would hold the very texts it hides; leave it out"
        )
    delivered = source is not None and not private if export.source is None else export.source
    return dataclasses.replace(export, source=delivered)


def _evaluate(table: Mapping[str, Any], folder: Path, where: str) -> Evaluate:
    """Builds what is measured, of metrics that there are, with options that they have."""
    evaluate = build(Evaluate, table, where)
    for name in (*evaluate.metrics, *evaluate.options):
        registry.look_up("metric", name, f"{where}: ")
    options = {name: _resolve_metric(name, given, folder, where) for name, given in evaluate.options.items()}
    return dataclasses.replace(evaluate, options=options)


def _resolve_metric(name: str, given: Mapping[str, Any], folder: Path, where: str) -> dict[str, Any]:
    """Returns the options of a metric that were given, checked, with paths taken from the recipe's folder."""
    metric = cast("Metric", build(registry.look_up("metric", name), given, f"{where}: metric {name!r}"))
    resolved = options_of(metric.resolve_paths(folder))
    return {option: resolved[option] for option in given}


def _labelers(tables: Sequence[dict[str, Any]], folder: Path, where: str) -> tuple[NamedLabeler, ...]:
    names = _unique_names(tables, "labeler", where)
    built = [_component("labeler", table, name, where)[0] for name, table in zip(names, tables, strict=True)]
    return tuple(
        NamedLabeler(name, cast("Labeler", each).resolve_paths(folder)) for name, each in zip(names, built, strict=True)
    )


def _steps(tables: Sequence[dict[str, Any]], folder: Path, where: str) -> tuple[Step, ...]:
    names = _unique_names(tables, "generator", where)
    steps = []
    for name, table in zip(names, tables, strict=True):
        generator, place = _component("generator", table, name, where)
        weight = table.get("weight", 1)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < float("inf"):
            raise OptionError(f"{place}: option 'weight' must be a number greater than 0, was: {weight!r}")
        if weight > HEAVIEST:
            raise OptionError(f"{place}: option 'weight' must be at most {HEAVIEST:g}, was: {weight!r}")
        if name in ORIGINS:
            raise OptionError(f"{place}: a generator's name must not be one of {', '.join(ORIGINS)}: real text has it")
        steps.append(Step(name, cast("Generator", generator).resolve_paths(folder), float(weight)))
    return tuple(steps)


def _filters(tables: Sequence[dict[str, Any]], folder: Path, where: str) -> tuple[NamedFilter, ...]:
    names = _unique_names(tables, "filter", where)
    built = [_component("filter", table, name, where)[0] for name, table in zip(names, tables, strict=True)]
    return tuple(
        NamedFilter(name, cast("Filter", each).resolve_paths(folder)) for name, each in zip(names, built, strict=True)
    )


def _component(kind: registry.Kind, table: Mapping[str, Any], name: str, where: str) -> tuple[Component, str]:
    place = f"{where}: {kind} {name!r}"
    own = ("use", "name", "weight") if kind == "generator" else ("use", "name")
    options = {key: value for key, value in table.items() if key not in own}
    return build(registry.look_up(kind, table["use"], f"{where}: "), options, place), place


def _unique_names(tables: Sequence[Mapping[str, Any]], kind: registry.Kind, where: str) -> list[str]:
    """Returns the name of each table: as given, else that of its component, numbered if it is taken."""
    names: list[str] = []
    for position, table in enumerate(tables, 1):
        if not isinstance(table.get("use"), str):
            raise OptionError(
                f"{where}: [[{kind}]] number {position} must say which {kind} to use, such as {_example(kind)}"
            )
        registry.look_up(kind, table["use"], f"{where}: ")
        name = table.get("name", number_name(table["use"], names))
        if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
            raise OptionError(f"{where}: a {kind}'s name must be of letters, digits, - and _, was: {name!r}")
        if name in names:
            raise OptionError(f"{where}: a {kind}'s name must be unique, was there before: {name!r}")
        names.append(name)
    return names


def number_name(use: str, taken: Sequence[str]) -> str:
    """Returns the name of a component if none is given: its own, numbered if that is taken.

    >>> number_name("vae", []), number_name("vae", ["vae", "vae-2"])
    ('vae', 'vae-3')
    """
    candidates = (use if number == 1 else f"{use}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in candidates if name not in taken)


def _example(kind: str) -> str:
    return f'use = "{_EXAMPLES.get(kind, "duplicate")}"'


def _table(content: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    value = content.get(name, {})
    if not isinstance(value, dict):
        hint = "; formats with options are tables [[export.files]]" if name == "export" else ""
        raise OptionError(f"{where}: {name} must be a table, [{name}], was: {value!r}{hint}")
    return value


def _tables(content: Mapping[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    value = content.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise OptionError(f"{where}: {name} must be written [[{name}]], with two brackets, was: {value!r}")
    return value


def _check(recipe: Recipe, where: str) -> None:
    """Checks what several sections decide together."""
    try:
        check_amounts(recipe.production, recipe.steps, has_source=recipe.source is not None)
    except OptionError as error:
        raise OptionError(f"{where}: {error}") from error
    if recipe.labelers and recipe.source is None:
        raise OptionError(f"{where}: [[labeler]] must have a source whose text it can label, has none")
    if recipe.evaluate and recipe.source is None:
        raise OptionError(f"{where}: [evaluate] must have a source to measure against, has none")
    if recipe.canaries:
        _check_canaries(recipe, where)
    _check_new(recipe, where)
    if recipe.export.validation + recipe.export.test >= 1:
        raise OptionError(
            f"{where}: [export]: validation and test together must be less than 1, leaving some to train on"
        )
    for split in recipe.source.heldout_parts if recipe.source else ():
        share = getattr(recipe.export, split)
        if share:
            raise OptionError(
                f"{where}: [export]: {split} must be left out if [source] heldout gives the split, was: {share:g}"
            )
    _check_filters(recipe, where)
    _check_validation(recipe, where)
    recipe.export.list_files(f"{where}: [export]")


def _check_canaries(recipe: Recipe, where: str) -> None:
    """Checks that canaries have somewhere to be planted and to be reported."""
    measured = recipe.evaluate and (not recipe.evaluate.metrics or CANARY_METRIC in recipe.evaluate.metrics)
    if not measured:
        raise OptionError(f"{where}: [canaries] must have an [evaluate] with the metric {CANARY_METRIC!r}, has none")
    if CANARY_FILTER in (each.name for each in recipe.filters):
        raise OptionError(
            f"{where}: [canaries]: no filter must have the name {CANARY_FILTER!r}: what drops repeated canaries has it"
        )


def _check_filters(recipe: Recipe, where: str) -> None:
    """Checks that no filter would drop all that a generator makes."""
    for each, step in itertools.product(recipe.filters, recipe.steps):
        try:
            each.filter.check_generator(step.generator)
        except OptionError as error:
            raise OptionError(f"{where}: filter {each.name!r}, for the generator {step.name!r}: {error}") from error


def _check_new(recipe: Recipe, where: str) -> None:
    """Checks that somebody takes the new mentions that are looked for, and that there is raw text if it is wanted."""
    for name, section in (("raw", recipe.raw), ("chat", recipe.chat)):
        if section and not recipe.expands():
            raise OptionError(
                f'{where}: [{name}] must stand beside a generator with values = "expand", which takes new mentions, '
                "stands beside none"
            )
    for step in recipe.steps:
        if step.generator.takes_wordings():
            _check_wordings(recipe, f"{where}: generator {step.name!r}")


def _check_wordings(recipe: Recipe, where: str) -> None:
    """Checks that there will be wordings of raw text, looked for or from a file."""
    if recipe.extract.wordings is not None:
        return
    if recipe.raw is None:
        raise OptionError(f"{where}: must have raw text to take wordings from, has none; name it under [raw]")
    if recipe.extract.mentions is not None:
        raise OptionError(
            f"{where}: [extract] mentions must stand beside wordings, the file of those that were found, or be left out"
        )
    if recipe.extract.places and "raw" not in recipe.extract.places:
        raise OptionError(
            f'{where}: [extract] places must have "raw" if wordings are looked for, was: {recipe.extract.places!r}'
        )


def _check_validation(recipe: Recipe, where: str) -> None:
    """Checks that there is text held out for validation if a filter must see it."""
    parts = recipe.source.heldout_parts if recipe.source else {}
    for each in recipe.filters:
        if each.filter.needs_validation() and VALIDATION not in parts:
            raise OptionError(
                f"{where}: filter {each.name!r}: [source] heldout must put text aside for validation, such as "
                "{ test = 0.2, validation = 0.2 }, puts none aside"
            )


def check_amounts(production: Production, steps: Sequence[Step], *, has_source: bool) -> None:
    """Checks that the steps can make what is asked for.

    Args:
        production: how much is asked for.
        steps: the generators.
        has_source: whether there is a source to start from.

    Raises:
        OptionError: if there are no steps, no amount or two, or one that needs a source.
    """
    if not steps:
        raise OptionError("there must be at least one generator, there is none")
    if production.copies is not None:
        _check_copies(production, has_source=has_source)
    elif production.count is None and not production.balance:
        raise OptionError("option 'count' must be given, or copies, or balance = true")
    if production.balance and not has_source:
        raise OptionError("balance = true must have a source whose classes it can even out, has none")


def _check_copies(production: Production, *, has_source: bool) -> None:
    if production.count is not None or production.balance:
        raise OptionError("option 'copies' must stand alone, without count or balance")
    if not has_source:
        raise OptionError("option 'copies' must have a source whose examples it can copy, has none")
