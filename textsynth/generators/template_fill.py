"""Fills the slots of templates with values: from the gazetteer, word lists, Faker, mimesis and records that agree."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pydantic

from textsynth.components.component import Positive
from textsynth.components.generator import Generator, Sampler
from textsynth.components.learned import write_learned
from textsynth.corpus import Corpus
from textsynth.corpus.class_rows import ClassRows, have_class
from textsynth.corpus.classes import Label
from textsynth.errors import OptionError, nearest
from textsynth.extract import Resources
from textsynth.extract.resources import HOW_TO_LABEL
from textsynth.extract.template import read_templates
from textsynth.extract.template_columns import TemplateColumns
from textsynth.foundation.bins import Bins
from textsynth.values import Pools, draw_pools
from textsynth.values.agreement import Agreement
from textsynth.values.compiler import Compiler, Style, fit_compiler, read_asks
from textsynth.values.demand import Context, Gender
from textsynth.values.source import Draw, Values, by_label, expands, list_libraries, resolve_paths_of
from textsynth.values.template_table import TemplateTable


@dataclass(frozen=True, kw_only=True)
class TemplateFill(Generator):
    """Fills templates, from the source or from a file, with values.

    Slots with the same number belong to one record, so that a name and an e-mail address agree; slots with the same
    label and number are one value. Templates without a slot are left out: they could only be copied.

    Args:
        templates: a file of templates, plain or as `textsynth extract` writes it; those of the source if none.
        values: for a label, where its values come from: "gazetteer", "words:FILE", "faker:METHOD",
            "mimesis:PROVIDER.METHOD", "record:FIELD", "expand" or a list; by default the gazetteer, else the record
            field the label is named after. "expand", of a label or of all, has new mentions beside the gazetteer.
        unlabelled: labels whose slots are filled but become no spans.
        locales: the locales that Faker and mimesis draw in, in turn.
        pool_size: values drawn for a label from what can give any number; records too.
        weights: whether templates and values are as likely as they are frequent, or all alike.
        agreement: whether a/an and 's follow the filler; "auto" in each template that is English.
        context: "auto" to draw mentions of the gazetteer among those that the source has in the class of the template
            and behind the same function word, sign or number, and to write every filler with the capital or small
            letter of its place; "off" to draw among all, and write them as they are.
        gender: "keep" to give persons a name that fits the pronouns and titles of an English sentence, or "any".
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"values"})

    templates: Path | None = None
    values: Values = field(default_factory=dict)
    unlabelled: tuple[str, ...] = ()
    locales: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("en_US",)
    pool_size: Positive = 2000
    weights: Literal["count", "uniform"] = "count"
    agreement: Agreement = "auto"
    context: Context = "auto"
    gender: Gender = "keep"

    def libraries(self) -> frozenset[str]:
        """Names what values come from; labels of a file of templates may take records, which are Faker's."""
        own = {"faker"} if self.templates else set()
        return super().libraries() | list_libraries(self.values) | own

    def expands(self) -> bool:
        """Says whether any label takes new mentions."""
        return expands(self.values)

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the files of templates and words from a folder."""
        templates = folder / self.templates if self.templates else None
        return dataclasses.replace(self, templates=templates, values=resolve_paths_of(self.values, folder))

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Draws the pools, and keeps them with the templates."""
        given = read_templates(self.templates) if self.templates else resources.templates
        templates, labels = _find_slots(TemplateColumns.of(given))
        if not templates:
            given_by, hint = self.templates or "the source", "" if self.templates else f"; {HOW_TO_LABEL}"
            raise OptionError(f"template_fill: {given_by} must have at least one template with a slot, has none{hint}")
        for label in self.unlabelled:
            if label not in labels:
                raise OptionError(f"option 'unlabelled': no slot has the label {label!r}; {nearest(label, labels)}")
        usage = resources.usage
        inside = usage if self.context == "auto" else None
        weighted = self.weights == "count"
        draw = Draw(self.pool_size, self.locales, weighted, rng, resources.today, inside, resources.expansion)
        pools = draw_pools(labels, by_label(self.values, labels), resources.gazetteer, draw)
        pools.write(directory)
        store = TemplateTable.of(templates, resources.source)
        store.write(directory)
        options = (self.context, self.gender, self.agreement)
        style = Style(resources.source.tokenizer, self.unlabelled)
        write_learned(directory, fit_compiler(store, pools, usage, options, style, directory))

    def sampler(self, directory: Path) -> Sampler:
        """Prepares to compile templates and pools."""
        store = TemplateTable.read(directory)
        asks, tokenizer = read_asks(directory)
        compiler = Compiler(store, Pools.read(directory), asks, Style(tokenizer, self.unlabelled))
        weights = store.counts if self.weights == "count" else np.ones(len(store))
        return _Filling(compiler, store.labels, weights)


def _find_slots(templates: TemplateColumns) -> tuple[TemplateColumns, list[str]]:
    """Returns the templates that have slots, and the labels of these, sorted."""
    labels: set[str] = set()
    keep = np.zeros(len(templates), bool)
    for number, template in enumerate(templates):
        labels |= template.labels()
        keep[number] = bool(template.slots)
    return templates.mask(keep), sorted(labels)


class _Filling:
    """The sampler: a template by weight, a value for each of its variables."""

    def __init__(self, compiler: Compiler, labels: pa.StringArray, weights: np.ndarray) -> None:
        self._compiler = compiler
        self._labels = labels
        self._weights = weights

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        usable = self._weights if label is None else self._weights * have_class(self._labels, label)
        if not usable.any():
            return Corpus.empty()
        # A number below the sum of all weights falls to one template; rounding may carry it beyond the last usable one.
        bounds = np.cumsum(usable)
        chosen = Bins(bounds).find(rng.random(count) * bounds[-1])
        chosen = np.minimum(chosen, np.flatnonzero(usable)[-1])
        return self._fill(chosen, rng)

    def of_classes(self, amounts: Sequence[tuple[Label | None, int]], rng: np.random.Generator) -> Corpus:
        """Makes examples of several classes, each template by its weight within its class."""
        first, stop = self._by_class.bound(amounts)
        bounds = np.concatenate([[0.0], np.cumsum(self._weights[self._by_class.rows.values])])
        point = bounds[first] + rng.random(len(first)) * (bounds[stop] - bounds[first])
        drawn = np.clip(np.searchsorted(bounds, point, side="right") - 1, first, stop - 1)
        return self._fill(self._by_class.rows.values[drawn], rng)

    @functools.cached_property
    def _by_class(self) -> ClassRows:
        return ClassRows.of(self._labels, np.flatnonzero(self._weights))

    def _fill(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        blueprints, places = self._compiler.of(chosen)
        return blueprints.fill(places, blueprints.draw(places, rng))
