"""Shards: pure functions of a recipe, a fitted directory and a number, so any process can make any of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa

from textsynth.components.component import find_option
from textsynth.components.generator import ClassSampler, CopySampler, Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.corpus.classes import describe_classes, to_label
from textsynth.corpus.table import count_values
from textsynth.errors import InvalidExample, OptionError
from textsynth.foundation.disk import whole_file
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import child_rng
from textsynth.foundation.sums import is_whole, read_sum, sum_path, write_sum
from textsynth.recipes.recipe import Step

_REASON = "reason"
_SHOWN = 3
"""Classes that a message names."""


@dataclass(frozen=True)
class _Built:
    """A sampler, and what it was built from.

    Args:
        generator: with its options, those among them that may change while a run is under way.
        fitted: the directory that was read, and the moment it was put in place.
        sampler: what came of it.
    """

    generator: Generator
    fitted: tuple[str, int]
    sampler: Sampler


_kept: list[_Built] = []
"""The one sampler that this process keeps: some hold a model."""


@dataclass(frozen=True)
class Shard:
    """One shard to make: a pure function of what stands here and in the fitted directory.

    Args:
        step: the step that makes it.
        directory: the step's directory.
        seed: the run's seed.
        number: counts the shards of the step.
        amounts: classes, each with how many examples to make of it; several as `join_classes` joins them, None for any.
        rows: copies of these source examples are wanted, from the first to before the second; None if any will do.
    """

    step: Step
    directory: Path
    seed: int
    number: int
    amounts: tuple[tuple[str | None, int], ...]
    rows: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        """Examples to make, of all classes."""
        return sum(count for _, count in self.amounts)

    @property
    def path(self) -> Path:
        """Where it stands once it is made."""
        return self.directory / f"shard-{self.number:05d}.arrow"

    @property
    def component(self) -> Generator:
        """What makes it."""
        return self.step.generator

    @property
    def threads(self) -> int:
        """How many threads making it keeps busy."""
        return find_option(self.component, "threads") or 1

    @property
    def reads(self) -> tuple[str, ...]:
        """What must stand below the directory for it to be made."""
        return ("fitted",)

    @property
    def writes(self) -> tuple[str, ...]:
        """What stands there when it is made, itself last."""
        return sum_path(self.path).name, self.path.name

    def __str__(self) -> str:
        """Names it, for messages."""
        return f"shard {self.number} of step {self.step.name!r}"

    def rng(self) -> np.random.Generator:
        """Returns the random stream that the shard is made with."""
        return child_rng(self.seed, "shard", self.step.name, self.number)


def make_shard(shard: Shard) -> Path:
    """Makes a shard, if it does not stand already, and returns its path."""
    if not _stands(shard):
        sampler = _sampler(shard)
        rng = shard.rng()
        with _overflow_told(shard):
            draft = _copies(sampler, shard, rng) if shard.rows else _draw(sampler, shard, rng)
            _check(draft.corpus, shard)
            _write(Draft(draft.corpus.with_origin(shard.step.name), draft.reasons), shard)
    return shard.path


@contextlib.contextmanager
def _overflow_told(shard: Shard) -> Iterator[None]:
    """Says in a line that Arrow cannot hold the texts of a shard, as it counts their bytes with 31 bits."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowCapacityError) as error:
        if "overflow" not in str(error) and not isinstance(error, pa.ArrowCapacityError):
            raise
        fewer = "fewer copies" if shard.rows and shard.rows[1] - shard.rows[0] == 1 else "a smaller shard_size"
        raise OptionError(f"{shard}: must have less than 2 GiB of text, would have more; {fewer} settles it") from error


def read_shard(path: Path) -> Draft:
    """Reads a shard: its examples, and why their maker rejects some of them."""
    with pa.OSFile(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    tokenizer = table.schema.metadata[b"tokenizer"].decode()
    reasons = ()
    if _REASON in table.column_names:
        reasons = tuple(table.column(_REASON).to_pylist())
        table = table.drop_columns([_REASON])
    return Draft(Corpus.from_trusted(table.replace_schema_metadata(None), tokenizer), reasons)


def _write(draft: Draft, shard: Shard) -> None:
    table = draft.corpus.table
    if draft.reasons:
        table = table.append_column(_REASON, pa.array(draft.reasons, pa.string()))
    notes = {"tokenizer": draft.corpus.tokenizer, "shard": _request(shard)}
    table = table.replace_schema_metadata(notes).combine_chunks()
    # As Arrow's own file it is written and read in a tenth of the time that parquet takes. What is lost with the power
    # has another checksum and is made again, so the run need not wait for the disk.
    with whole_file(shard.path, forced=False) as partial:
        with pa.ipc.new_file(str(partial), table.schema) as writer:
            writer.write_table(table)
        write_sum(shard.path, partial)


def _draw(sampler: Sampler, shard: Shard, rng: np.random.Generator) -> Draft:
    """Makes the examples of each class: of all of them at once, if the sampler can do that."""
    amounts = [(to_label(label), count) for label, count in shard.amounts]
    if len(amounts) > 1 and isinstance(sampler, ClassSampler):
        return Draft.of(sampler.of_classes(amounts, rng))
    return Draft.concat([Draft.of(sampler(count, rng, label)) for label, count in amounts])


def _copies(sampler: Sampler, shard: Shard, rng: np.random.Generator) -> Draft:
    """Makes as many copies of each of the shard's source examples."""
    first, stop = shard.rows or (0, 0)
    return cast("CopySampler", sampler).copies(np.repeat(np.arange(first, stop), shard.count // (stop - first)), rng)


def _stands(shard: Shard) -> bool:
    """Says whether the shard was made before, by the same request, and is as it was written."""
    if not is_whole(shard.path, read_sum(shard.path)):
        return False
    with pa.memory_map(str(shard.path)) as file:
        metadata = pa.ipc.open_file(file).schema.metadata or {}
    return metadata.get(b"shard") == _request(shard).encode()


def _check(corpus: Corpus, shard: Shard) -> None:
    """Holds a sampler to what a sampler promises; that of another package may not."""
    where = f"generator {shard.step.name!r}"
    for row, fault in corpus.find_faults().items():
        raise InvalidExample(f"{where}: must make examples that hold together, made row {row}: {fault}")
    if len(corpus) > shard.count:
        raise InvalidExample(
            f"{where}: must make at most {tell_count(shard.count, 'example')} at a time, made {len(corpus)}"
        )
    asked = dict(shard.amounts)
    if None in asked:
        return
    for label, made in count_values(corpus.table.column("label")).items():
        if label not in asked:
            classes = " or ".join(repr(describe_classes(each)) for each in list(asked)[:_SHOWN])
            named = None if label is None else describe_classes(label)
            raise InvalidExample(f"{where}: must make examples of the class {classes}, made one of {named!r}")
        if made > asked[label]:
            most = f"at most {tell_count(asked[label], 'example')} of the class {describe_classes(label)!r}"
            raise InvalidExample(f"{where}: must make {most} at a time, made {made}")


def _request(shard: Shard) -> str:
    return json.dumps([shard.seed, shard.step.name, shard.number, shard.amounts, shard.rows])


def _sampler(shard: Shard) -> Sampler:
    """Builds a sampler once a process, and keeps the last one."""
    path = shard.directory / "fitted"
    fitted = str(path), path.stat().st_mtime_ns
    for built in _kept:
        if built.fitted == fitted and built.generator == shard.step.generator:
            return built.sampler
    _kept.clear()
    sampler = shard.step.generator.sampler(path)
    _kept.append(_Built(shard.step.generator, fitted, sampler))
    return sampler
