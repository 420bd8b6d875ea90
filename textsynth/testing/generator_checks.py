"""What every generator must do: exact spans, the same from the same seed, all it knows in its directory."""

from __future__ import annotations

import contextlib
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa

from textsynth.components import registry
from textsynth.components.generator import ClassSampler, CopySampler, Draft, Generator
from textsynth.corpus import Corpus, Tokenizer, find_faults
from textsynth.corpus.classes import Label, to_label
from textsynth.corpus.table import count_values
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.testing.component_checks import check_built
from textsynth.testing.corpora import example_source
from textsynth.testing.expectation import (
    expect,
    expect_same_files,
    read_bytes,
    read_global_state,
    seed_global_generators,
)
from textsynth.testing.other_process import OtherProcess, digest, draw

_SEED = 3
_FEW, _SOME, _MANY = 20, 50, 200
"""Numbers of examples that samplers are asked for."""


@dataclass(frozen=True)
class GeneratorTrial:
    """A generator that is tried on a source. It is fitted when a check first wants it, and once for all of them.

    Args:
        generator: what is tried.
        source: what it learns from.
        folder: an empty directory for what is written on the way.
        other: a process that builds samplers too.
        tokenizer: how its texts fall into tokens; as those of the source if None.
    """

    generator: Generator
    source: Corpus
    folder: Path
    other: OtherProcess
    tokenizer: Tokenizer | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"the generator {registry.name_of(self.generator)!r}"

    @functools.cached_property
    def directory(self) -> Path:
        """The directory in which it was fitted, while the global generators had one state; samplers are built here."""
        with seed_global_generators(1):
            return self.fit("fitted")

    @functools.cached_property
    def files_of_fit(self) -> dict[str, bytes]:
        """What was in the directory before any sampler was built; samplers may write too, such as answers they keep."""
        return read_bytes(self.directory)

    def fit(self, name: str, source: Corpus | Resources | None = None) -> Path:
        """Fits the generator in a directory of the folder, from always the same randomness."""
        directory = self.folder / name
        directory.mkdir(parents=True, exist_ok=True)
        corpus = self.source if source is None else source
        resources = corpus if isinstance(corpus, Resources) else Resources.of(corpus)
        self.generator.fit(resources, directory, child_rng(7, "fit"))
        return directory

    @functools.cached_property
    def fields(self) -> list[str]:
        """What the records of the source have besides, if they have anything."""
        return [f'{{"row": {row}}}' for row in range(len(self.source))]

    @functools.cached_property
    def of_tokens(self) -> tuple[Resources, Path]:
        """What was learnt from tokens that stand between spaces, with fields, and the directory of that fit."""
        corpus = Corpus.from_trusted(self.source.table, "whitespace").with_fields(pa.array(self.fields, pa.string()))
        resources = Resources.of(corpus)
        return resources, self.fit("whitespace", resources)

    @functools.cached_property
    def many(self) -> Corpus:
        """What the sampler makes if it is asked for many: drawn once, looked at by several checks."""
        return self.sample(_MANY, child_rng(_SEED))

    def sample(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        """Returns what the sampler makes; of a draft, all that was made."""
        return self._sampler(count, rng, label)

    @functools.cached_property
    def _sampler(self) -> Callable[[int, np.random.Generator, Label | None], Corpus]:
        self.files_of_fit  # noqa: B018 - it must be read before the first sampler is built
        return sampler_of(self.generator, self.directory)


def sampler_of(generator: Generator, directory: Path) -> Callable[..., Corpus]:
    """Returns the sampler in a directory as a function that gives all that was made, rejected examples included."""
    sample = generator.sampler(directory)

    def make(count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        made = sample(count, rng, label)
        if not isinstance(made, Draft):
            return made
        reasons = len(made.reasons)
        expect(reasons in (0, len(made.corpus)), f"a draft of {len(made.corpus)} must have as many reasons", reasons)
        return made.corpus

    return make


def check_generator(generator: Generator, source: Corpus | None = None, *, tokenizer: Tokenizer | None = None) -> None:
    """Checks all that a run relies on. It fits the generator five times and starts one process.

    Args:
        generator: with options that make it quick; see `build_example`.
        source: what it learns from, `example_source()` if None. All labels and classes must be the source's.
        tokenizer: how its texts fall into tokens, if not as those of the source, such as "words" for a model's prose.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_built(generator)
    with try_generator(generator, source, tokenizer) as trial:
        for each in GENERATOR_CHECKS:
            each(trial)


@contextlib.contextmanager
def try_generator(
    generator: Generator, source: Corpus | None = None, tokenizer: Tokenizer | None = None
) -> Iterator[GeneratorTrial]:
    """Gives a trial in a temporary directory, with a process of its own."""
    source = example_source() if source is None else source
    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder, OtherProcess() as other:
        yield GeneratorTrial(generator, source, Path(folder), other, tokenizer)


def check_spans_are_exact(trial: GeneratorTrial) -> None:
    """Checks every text and span of what is made, as a run does."""
    made = trial.many
    expect(len(made), f"{trial.name} must make at least one example of {_MANY} that are asked for", 0)
    for row, reason in find_faults(made.table).items():
        expect(False, f"{trial.name} must make exact spans: example {row}, {made.texts[row].as_py()!r}", reason)


def check_labels_and_classes(trial: GeneratorTrial) -> None:
    """Checks that labels and classes are those of the source."""
    made = trial.many
    for what, mine, theirs in (
        ("labels", made.labels, trial.source.labels),
        ("classes", made.classes, trial.source.classes),
    ):
        expect(set(mine) <= set(theirs), f"the {what} that {trial.name} makes must be of the source's {theirs}", mine)


def check_same_seed(trial: GeneratorTrial) -> None:
    """Checks that one seed gives the same examples twice, and another seed others."""
    first, second, other = (digest(trial.sample(_SOME, child_rng(seed, "shard", 0))) for seed in (_SEED, _SEED, 4))
    expect(first == second, f"{trial.name} must make the same examples from the same randomness")
    expect(first != other, f"{trial.name} must make other examples from other randomness")


def check_order_of_shards(trial: GeneratorTrial) -> None:
    """Checks that a shard comes out the same whatever was made before it, and that no two shards are alike."""
    shards = [0, 1, 2, 3]
    forwards = {shard: digest(trial.sample(_FEW, child_rng(_SEED, "shard", shard))) for shard in shards}
    backwards = {shard: digest(trial.sample(_FEW, child_rng(_SEED, "shard", shard))) for shard in reversed(shards)}
    different = [shard for shard in shards if forwards[shard] != backwards[shard]]
    expect(not different, f"shards of {trial.name} must not depend on the order they are made in", different)
    expect(len(set(forwards.values())) == len(shards), f"no two shards of {trial.name} may be alike")


def check_directory_can_be_moved(trial: GeneratorTrial) -> None:
    """Checks that all state lies in the directory: a copy elsewhere makes the same, in this process and in another."""
    expected = digest(trial.sample(_FEW, child_rng(_SEED)))
    moved = Path(shutil.copytree(trial.directory, trial.folder / "moved", dirs_exist_ok=True))
    here = digest(draw(trial.generator, moved, _FEW))
    expect(here == expected, f"{trial.name} must make the same out of a copy of its directory")
    there = trial.other.digest(trial.generator, trial.directory, _FEW)
    expect(there == expected, f"{trial.name} must make the same in another process")


def check_fit_repeats(trial: GeneratorTrial) -> None:
    """Checks that a second fit writes the same bytes, though the global generators stand elsewhere and stay there."""
    first = trial.files_of_fit
    with seed_global_generators(2):
        before = read_global_state()
        second = trial.fit("second")
        again = read_bytes(second)
        third = Path(shutil.copytree(second, trial.folder / "third", dirs_exist_ok=True))
        made = digest(draw(trial.generator, second, _FEW))
        expect(read_global_state() == before, f"{trial.name} must draw from the rng that it is given alone")
    must = f"{trial.name} must write the same bytes when it is fitted again with the same randomness"
    expect_same_files(first, again, must)
    expect(first, f"{trial.name} must write what its sampler needs")
    with seed_global_generators(1):
        same = digest(draw(trial.generator, third, _FEW))
    expect(same == made, f"what {trial.name} makes must not depend on global generators")


def check_fit_goes_on(trial: GeneratorTrial) -> None:
    """Checks that a fit in the directory of an earlier one, as after a kill, comes to the same."""
    shutil.copytree(trial.directory, trial.folder / "again", dirs_exist_ok=True)
    again = read_bytes(trial.fit("again"))
    must = f"{trial.name} must come to the same bytes if it goes on where a fit was cut off"
    expect_same_files(read_bytes(trial.directory), again, must)


def check_resources_stay(trial: GeneratorTrial) -> None:
    """Checks that what a generator learns from is as it was, and how texts fall into tokens."""
    resources, directory = trial.of_tokens
    table = trial.source.with_fields(pa.array(trial.fields, pa.string())).table
    same = Resources.of(Corpus.from_trusted(table, "whitespace"))
    for what in ("source", "templates", "gazetteer"):
        expect(_same(getattr(resources, what), getattr(same, what)), f"{trial.name} must leave the {what} as it was")
    made = sampler_of(trial.generator, directory)(5, child_rng(_SEED))
    wanted = trial.tokenizer or "whitespace"
    expect(made.tokenizer == wanted, f"texts of {trial.name} must fall into tokens as {wanted!r}", made.tokenizer)


def _same(one: object, other: object) -> bool:
    if isinstance(one, Corpus) and isinstance(other, Corpus):
        return bool(one.table.equals(other.table))
    return one == other


def check_count(trial: GeneratorTrial) -> None:
    """Checks that no more examples come than are asked for."""
    label = next(map(to_label, trial.source.combinations), None)
    for count in (0, 1, 7):
        for asked in {None, label}:
            made = len(trial.sample(count, child_rng(_SEED), asked))
            expect(made <= count, f"{trial.name} must make no more than {count} of class {asked!r}", made)


def check_class_asked_for(trial: GeneratorTrial) -> None:
    """Checks that all examples have the class that is asked for, and that there are none of a class nobody has."""
    for label in map(to_label, trial.source.combinations):
        found = {example.label for example in trial.sample(60, child_rng(_SEED), label)}
        expect(found == {label}, f"{trial.name} must make examples of class {label!r}, and no others", found)
    made = len(trial.sample(10, child_rng(_SEED), "no such class"))
    expect(made == 0, f"{trial.name} must give an empty corpus for a class that it cannot make", made)


def check_classes_at_once(trial: GeneratorTrial) -> None:
    """Checks that a sampler that makes many classes at once makes no more of each than is asked for, and no other."""
    sampler = trial.generator.sampler(trial.directory)
    if not isinstance(sampler, ClassSampler):
        return
    asked = {label: 2 + place for place, label in enumerate(trial.source.combinations)} | {"no such class": 3}
    amounts = [(to_label(label), count) for label, count in asked.items()]
    made = Draft.of(sampler.of_classes(amounts, child_rng(_SEED))).corpus
    counts = count_values(made.table.column("label"))
    few = all(count <= asked.get(label, 0) for label, count in counts.items())
    expect(few and "no such class" not in counts, f"{trial.name} must make of each class at most {asked}", counts)
    expect(len(made) or not trial.source.combinations, f"{trial.name} must make some of many classes at once", 0)
    again = Draft.of(sampler.of_classes(amounts, child_rng(_SEED))).corpus
    expect(digest(again) == digest(made), f"{trial.name} must make the same of many classes from the same randomness")


def check_fields_travel(trial: GeneratorTrial) -> None:
    """Checks that copies of source examples have the fields of their example, if copies can be asked for."""
    if not trial.generator.makes_copies():
        return
    directory = trial.of_tokens[1]
    rows = np.repeat(np.arange(len(trial.fields)), 2)
    draft = cast("CopySampler", trial.generator.sampler(directory)).copies(rows, child_rng(_SEED))
    for row, found in zip(rows.tolist(), draft.corpus.fields.to_pylist(), strict=True):
        wanted = trial.fields[row]
        expect(found == wanted, f"a copy that {trial.name} makes must have the fields {wanted}", found)


def check_empty_source(trial: GeneratorTrial) -> None:
    """Checks that a source without examples is refused in one line that says so, unless nothing is needed of it."""
    try:
        directory = trial.fit("nothing", Corpus.empty())
    except OptionError as error:
        told = "source" in str(error) and "must have" in str(error) and "\n" not in str(error)
        expect(told, f"{trial.name} must say in one line what the source must have", error)
    else:
        faults = find_faults(sampler_of(trial.generator, directory)(_FEW, child_rng(_SEED)).table)
        expect(not faults, f"{trial.name} must make exact spans without a source too", faults)


GENERATOR_CHECKS = (
    check_spans_are_exact,
    check_labels_and_classes,
    check_same_seed,
    check_order_of_shards,
    check_directory_can_be_moved,
    check_fit_repeats,
    check_fit_goes_on,
    check_resources_stay,
    check_count,
    check_class_asked_for,
    check_classes_at_once,
    check_fields_travel,
    check_empty_source,
)
"""All checks of a generator that is tried on a source, the cheap and telling ones first."""
