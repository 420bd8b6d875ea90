"""Replaces mentions by others of the same label (Dai & Adel 2020, An Analysis of Simple Data Augmentation for NER)."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from textsynth.components.component import Positive, check_extra
from textsynth.components.fixed_examples import FixedExamples
from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.components.learned import write_learned
from textsynth.corpus import Corpus
from textsynth.corpus.class_rows import ClassRows
from textsynth.corpus.classes import Label
from textsynth.corpus.ragged import Ragged
from textsynth.edits.copies import make_distinct_copies
from textsynth.errors import OptionError, nearest
from textsynth.extract import Gazetteer, Resources
from textsynth.extract.gazetteer import mention_array
from textsynth.extract.resources import HOW_TO_LABEL
from textsynth.extract.template import list_templates
from textsynth.extract.usage import capitalise
from textsynth.values import Blueprints, Pools, draw_pools
from textsynth.values.agreement import Agreement
from textsynth.values.compiler import Compiler, Style, Templates, fit_compiler, read_asks
from textsynth.values.demand import Context, Gender
from textsynth.values.pool import one_line
from textsynth.values.source import Draw, Values, by_label, expands, list_libraries, resolve_paths_of, warn_of_label

Policy = Literal["replace", "keep", "skip"]
"""What happens with the mentions of a label, or with the examples that have one."""


@dataclass(frozen=True, kw_only=True)
class MentionReplacement(Generator):
    """Takes an example of the source and replaces its mentions by others of the same label.

    At least one mention is another than in the source; all text between mentions stays as it is, but for an a/an or 's
    that follows its mention. Equal mentions of an example are replaced by equal ones.

    Args:
        wordings: whose examples are taken: those of the "source", or "raw" for sentences in the text of [raw] that a
            tagger is sure of, which was taught on the source. They have no class, and are copies of nothing: with
            `copies`, as many are made altogether.
        values: for a label, where other mentions come from; as for template_fill, by default the gazetteer. "expand"
            has new mentions for all labels.
        policy: for a label, what happens with its mentions: "replace" them (the default), "keep" them as they are, or
            "skip": examples that have one are not used at all.
        rate: share of the mentions that are replaced, with a minimum of one an example.
        locales: the locales that Faker and mimesis draw in, in turn.
        pool_size: values drawn for a label from what can give any number; records too.
        weights: whether values are as likely as they are frequent, or all alike.
        agreement: whether a/an and 's follow the new mention; "auto" in each sentence that is English.
        context: "auto" to draw mentions of the gazetteer among those that the source has in the class of the example
            and behind the same function word, sign or number, and to write every new mention with the capital or small
            letter of its place; "off" to draw among all, and write them as they are.
        gender: "keep" to give persons names of their gender if pronouns or titles in an English sentence tell it, or
            "any".
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"values"})

    wordings: Literal["source", "raw"] = "source"
    values: Values = field(default_factory=dict)
    policy: dict[str, Policy] = field(default_factory=dict)
    rate: Annotated[float, pydantic.Field(gt=0, le=1)] = 1.0
    locales: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("en_US",)
    pool_size: Positive = 2000
    weights: Literal["count", "uniform"] = "count"
    agreement: Agreement = "auto"
    context: Context = "auto"
    gender: Gender = "keep"

    def libraries(self) -> frozenset[str]:
        """Names what values come from."""
        values: Values = "expand" if self.takes_wordings() else self.values
        return super().libraries() | list_libraries(values)

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the files of words from a folder."""
        return dataclasses.replace(self, values=resolve_paths_of(self.values, folder))

    def needs(self) -> list[str]:
        """Sees to it that there is a tagger for raw text."""
        if self.takes_wordings():
            check_extra("metrics", 'wordings = "raw"')
        return super().needs()

    def expands(self) -> bool:
        """Says whether any label takes new mentions, or examples are those of raw text."""
        return expands(self.values) or self.takes_wordings()

    def takes_wordings(self) -> bool:
        """Says whether examples are those of raw text."""
        return self.wordings == "raw"

    def makes_copies(self) -> bool:
        """Makes copies if examples are those of the source."""
        return not self.takes_wordings()

    def list_differences(self) -> frozenset[str]:
        """Differs in mentions; an a/an that follows makes no other wording worth having."""
        return frozenset() if self.takes_wordings() else frozenset({"mentions"})

    def explain_nothing(self, directory: Path) -> str:
        """Says that a tagger was sure of no sentence, if so."""
        if not self.takes_wordings() or len(Corpus.read_parquet(directory / "source.parquet")):
            return ""
        return "a tagger was sure of no sentence of the raw text; more examples in the source would help"

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Draws the pools, and keeps them with the examples to take."""
        self._check_policy(resources.source.labels)
        source = self._choose_examples(resources)
        usable = Corpus.spool((part.mask(self._usable(part)) for part in source.in_batches()), directory)
        if not len(usable) and self.takes_wordings():
            source[:0].write_parquet(directory / "source.parquet")
            return
        if not len(usable):
            hint = "" if resources.source.labels else f"; {HOW_TO_LABEL}"
            says = "mention_replacement: the source must have a mention that may be replaced, has none"
            raise OptionError(says + hint)
        usage = resources.usage
        inside = usage if self.context == "auto" else None
        weighted = self.weights == "count"
        draw = Draw(self.pool_size, self.locales, weighted, rng, resources.today, inside, resources.expansion)
        pools = self._pools(usable, self._choose_gazetteer(resources), draw)
        pools.write(directory)
        source.write_parquet(directory / "source.parquet")
        store = _SourceTemplates(usable)
        style = Style(resources.source.tokenizer, originals=True)
        facts = fit_compiler(store, pools, usage, (self.context, self.gender, self.agreement), style, directory)
        write_learned(directory, {**facts, **({"raw sentences": len(usable)} if self.takes_wordings() else {})})

    def sampler(self, directory: Path) -> Sampler:
        """Prepares to compile examples and pools."""
        source = Corpus.map_parquet(directory / "source.parquet")
        rows = np.flatnonzero(self._usable(source))
        if not len(rows):
            return FixedExamples(source)
        asks, tokenizer = read_asks(directory)
        pools = Pools.read(directory)
        compiler = Compiler(_SourceTemplates(source, rows), pools, asks, Style(tokenizer, originals=True))
        replaced = frozenset(label for label in source.labels if self._policy(label) == "replace")
        return _Replacing(compiler, pools, replaced, self.rate, source, rows)

    def _choose_examples(self, resources: Resources) -> Corpus:
        if not self.takes_wordings():
            return resources.source
        if resources.wordings is None:
            raise OptionError(
                "mention_replacement: option 'wordings': \"raw\" must have raw text to look in, has none; name it "
                "under [raw], or as raw = in Python"
            )
        for label in resources.wordings.labels:
            if label not in resources.source.labels:
                says = f"mention_replacement: wordings must have labels of the source, have {label!r}"
                raise OptionError(f"{says}; {nearest(label, resources.source.labels)}")
        return resources.wordings.with_fields(None)

    def _choose_gazetteer(self, resources: Resources) -> Gazetteer:
        """Returns the mentions of the source, and those found in raw text if its sentences are taken."""
        if resources.wordings is None or not self.takes_wordings():
            return resources.gazetteer
        return Gazetteer.of(Corpus.concat([resources.source, resources.wordings]))

    def _usable(self, source: Corpus) -> np.ndarray:
        """Says which examples have a mention to replace and none for which they are skipped."""
        found: dict[Policy, frozenset[str]] = {
            policy: frozenset(label for label in source.labels if self._policy(label) == policy)
            for policy in ("replace", "skip")
        }
        return _have_label(source, found["replace"]) & ~_have_label(source, found["skip"])

    def _policy(self, label: str) -> Policy:
        return self.policy.get(label, "replace")

    def _check_policy(self, labels: tuple[str, ...]) -> None:
        for label, policy in self.policy.items():
            if label not in labels:
                warn_of_label("policy", label, labels)
            elif not isinstance(self.values, str) and label in self.values and policy != "replace":
                raise OptionError(
                    f"option 'values': the mentions of {label!r} cannot change, their policy is {policy!r}"
                )

    def _pools(self, usable: Corpus, gazetteer: Gazetteer, draw: Draw) -> Pools:
        """Draws the pools; labels that are kept have their own mentions, which are never drawn."""
        own = Gazetteer.of(usable).mentions
        kept = {label: own[label] for label in usable.labels if self._policy(label) == "keep"}
        given = by_label(self.values, sorted({*usable.labels, *gazetteer.mentions}))
        specs = {label: given[label] for label in usable.labels if label in given} | dict.fromkeys(kept, "gazetteer")
        pools = draw_pools(usable.labels, specs, Gazetteer({**gazetteer.mentions, **kept}), draw)
        replaced = [label for label in usable.labels if label not in kept]
        if all(_count_values(own[label], pools.values(label).to_pylist(), draw) == 1 for label in replaced):
            raise OptionError(
                "mention_replacement: at least one label must have two mentions or values, so that one can "
                f"replace the other; {', '.join(replaced)} have one each"
            )
        return pools


@dataclass(frozen=True)
class _SourceTemplates:
    """The templates of a source, or of some of its rows, each with its mentions."""

    source: Corpus
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.source if self.rows is None else self.rows)

    def take(self, rows: np.ndarray) -> Templates:
        """Takes the mentions out of the examples."""
        part = self.source.take(rows if self.rows is None else self.rows[rows])
        mentions, bounds = mention_array(part).to_pylist(), part.spans.rows.tolist()
        return list(list_templates(part)), [mentions[begin:end] for begin, end in itertools.pairwise(bounds)]


def _have_label(corpus: Corpus, labels: Collection[str]) -> np.ndarray:
    """Says which examples have a mention of one of some labels, `(examples,)`."""
    wanted = pa.array(sorted(labels), pa.string())
    return np.concatenate([_have_one_of(part, wanted) for part in corpus.in_batches()])


def _have_one_of(corpus: Corpus, labels: pa.StringArray) -> np.ndarray:
    spans = corpus.spans
    found = pc.is_in(spans.labels, labels).to_numpy(zero_copy_only=False)
    return np.bincount(spans.row_of_span()[found], minlength=len(corpus)) > 0


class _Replacing:
    """The sampler: any usable example, each as likely as the next, with other mentions.

    The templates of the compiler are those of the examples at `rows` of the source.
    """

    def __init__(
        self,
        compiler: Compiler,
        pools: Pools,
        replaced: Collection[str],
        rate: float,
        source: Corpus,
        rows: np.ndarray,
    ) -> None:
        self._compiler = compiler
        self._source, self._rows = source, rows
        self._replaced = replaced
        self._rate = rate
        self._usable = self._find_usable(pools)
        self._template_of = np.full(len(source), -1, np.int64)
        self._template_of[rows[self._usable]] = self._usable

    def _find_usable(self, pools: Pools) -> np.ndarray:
        """Returns the templates that have a mention for which there is another."""
        several = [label for label in self._replaced if len(pools.values(label).unique()) > 1]
        some = _have_label(self._source, several)[self._rows]
        # If a label has one value, it depends on the mention whether that is another; few labels have only one.
        rest = np.flatnonzero(~some)
        if len(rest):
            blueprints = self._compiler.compile(rest)
            # Every template has a variable, so that no row is empty, which `reduceat` could not add up.
            some[rest] = np.add.reduceat(self._find_replaceable(blueprints), blueprints.variables.bounds[:-1]) > 0
        return np.flatnonzero(some)

    def _find_replaceable(self, blueprints: Blueprints) -> np.ndarray:
        """Says for each variable whether it may get another value."""
        replaced = np.array([label in self._replaced for label in blueprints.labels], bool)
        return blueprints.replaceable() & replaced[blueprints.label]

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        usable = self._usable if label is None else self._by_class.find(label)
        if len(usable) == 0:
            return Corpus.empty()
        return self._make(usable[rng.integers(len(usable), size=count)], rng)

    def of_classes(self, amounts: Sequence[tuple[Label | None, int]], rng: np.random.Generator) -> Corpus:
        """Makes examples of several classes, each usable one of a class as likely as the next."""
        first, stop = self._by_class.bound(amounts)
        return self._make(self._by_class.rows.values[rng.integers(first, stop)], rng)

    @functools.cached_property
    def _by_class(self) -> ClassRows:
        return ClassRows.of(self._source.table.column("label").take(pa.array(self._rows)), self._usable)

    def copies(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Makes one copy for each row, all copies of a row different from it and from each other."""
        return make_distinct_copies(self._source, rows, lambda chosen: self._copy(chosen, rng))

    def _copy(self, rows: np.ndarray, rng: np.random.Generator) -> Corpus:
        """Makes a copy of each of these examples; those that cannot be varied stay as they are."""
        template = self._template_of[rows]
        may = template >= 0
        parts = [self._make(template[may], rng), self._source.take(rows[~may])]
        return Corpus.concat(parts).take(np.argsort(np.concatenate([np.flatnonzero(may), np.flatnonzero(~may)])))

    def _make(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        blueprints, places = self._compiler.of(chosen)
        variables = blueprints.variables.take(places)
        kept = ~self._choose_replaced(self._find_replaceable(blueprints)[variables.values], variables, rng)
        made = blueprints.fill(places, blueprints.draw(places, rng, kept))
        return made.with_fields_of(self._source, self._rows[chosen])

    def _choose_replaced(self, may: np.ndarray, variables: Ragged, rng: np.random.Generator) -> np.ndarray:
        """Chooses the mentions to replace: each by the rate, and in every example the first in a random order."""
        if self._rate == 1:
            return may
        # What must stay gets a number above all that are drawn, so that it is neither under the rate nor the first.
        order = np.where(may, rng.random(len(may)), 2.0)
        first = np.minimum.reduceat(order, variables.bounds[:-1])
        return may & ((order < self._rate) | (order == variables.expand(first)))


def _count_values(mentions: Iterable[str], values: Iterable[str], draw: Draw) -> int:
    """Counts the different ones among mentions and values; the capital of a sentence makes no difference."""
    distinct = {*map(one_line, mentions), *values}
    return len(set(map(capitalise, distinct)) if draw.usage else distinct)
