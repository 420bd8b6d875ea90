"""Writes what a run delivers: the dataset with its splits and card, and other formats, from a stream of examples."""

from __future__ import annotations

import functools
import itertools
import mmap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.format import Part
from textsynth.conversion.files import keep_carried, warn_of_fields, write_batches
from textsynth.corpus import Corpus, Names, order_names
from textsynth.corpus.classes import split_classes
from textsynth.corpus.fields import FieldType, read_fields, write_fields
from textsynth.corpus.texts import Texts
from textsynth.delivery.card import card
from textsynth.delivery.parts import Counted, Counts, Encoded, count_part, encode_part, take_part
from textsynth.delivery.real_text import RealText, choose_real_text
from textsynth.delivery.split import assign_parents, find_twins, parents_of
from textsynth.errors import InputError
from textsynth.foundation.disk import whole_directory
from textsynth.foundation.progress import Silence, Stage
from textsynth.foundation.seeding import child_rng
from textsynth.huggingface.columns import Columns
from textsynth.huggingface.dataset import EVEN, dataset_columns, is_even, list_fields
from textsynth.huggingface.dataset_directory import save_encoded
from textsynth.language.identification import find_languages
from textsynth.production.engines.local import Mapper
from textsynth.production.piece import InMemory, Piece, cut_pieces
from textsynth.production.produce import Harvest
from textsynth.production.summary import Summary, tally
from textsynth.recipes.export_file import ExportFile
from textsynth.recipes.resolved import ResolvedRecipe
from textsynth.recipes.sections import ORIGINS, TEST, TRAIN, VALIDATION, Export

_TABLES = 5
"""Tables of a dataset that are encoded together: enough to be worth a task, few enough that all workers have some."""


@dataclass(frozen=True)
class Delivery:
    """The examples that are delivered, and on which side of the split each parent stands.

    Args:
        harvest: the examples that were made.
        real: the real text that is delivered with them.
        sides: the split of each parent, but for what is held out.
        several: whether an example has several classes, or none of them.
        longest: bytes of the longest text.
        fields: the fields that the examples have.
    """

    harvest: Harvest
    real: RealText
    sides: Mapping[str, str]
    several: bool
    longest: int
    fields: Sequence[FieldType] = ()

    @property
    def splits(self) -> list[str]:
        """The splits that have examples, in their usual order."""
        present = {*self.sides.values(), *self.real.heldout}
        return [split for split in (TRAIN, VALIDATION, TEST) if split in present]

    def batches(self, split: str) -> Iterator[Corpus]:
        """Reads the examples of one split."""
        return (piece.read() for piece in self.pieces(split))

    def pieces(self, split: str) -> Iterator[Piece]:
        """Yields the examples of one split: the source's, then those that were made, shard by shard."""
        pieces: Iterator[Piece] = itertools.chain([InMemory(self.real.source)], self.harvest.kept)
        for piece in pieces:
            part = piece if self.splits == [split] else piece.mask(self._stand_in(piece.read(), split))
            if len(part):
                yield part
        if split in self.real.heldout:
            yield InMemory(self.real.heldout[split])

    def _stand_in(self, corpus: Corpus, split: str) -> np.ndarray:
        """Says which examples stand in a split."""
        parents = parents_of(corpus).dictionary_encode()
        inside = np.array([self.sides[parent] == split for parent in parents.dictionary.to_pylist()], bool)
        stands: np.ndarray = inside[parents.indices.to_numpy()]
        return stands


def export(  # noqa: PLR0913
    recipe: ResolvedRecipe,
    harvest: Harvest,
    source: Corpus,
    heldout: Mapping[str, Corpus],
    directory: Path,
    summary: Summary,
    stage: Stage | None = None,
    run_parts: Mapper = map,
) -> None:
    """Writes `dataset/` and `exports/`, and counts what is in them.

    Args:
        recipe: that of the run: what to write, and the seed that draws the splits.
        harvest: the examples that were made.
        source: those that they were made from. It gives labels and classes, and their order, that the examples happen
            not to have but the features do.
        heldout: those that nothing learnt from, by split.
        directory: the run's directory.
        summary: takes the counts.
        stage: is told how many examples are written, for the dataset and for each format.
        run_parts: the engine's function that maps over parts.

    Raises:
        CarryError: if a format cannot carry a part of the examples, and the recipe does not drop it.
        OutputError: if the directory cannot be written.
    """
    options, stage = recipe.export, stage or Silence()
    delivery = _divide(harvest, source, heldout, recipe, summary, run_parts)
    summary.languages = _find_languages(recipe, harvest, source)
    files = options.list_files("[export]")
    stage.expect(sum(each.total for each in summary.splits.values()) * (1 + len(files)))
    labels = order_names(source.names.labels, {*source.labels, *summary.labels})
    classes = order_names(source.names.classes, {*source.classes, *summary.classes})
    several = source.several or delivery.several
    names = Names(tuple(classes), tuple(labels), several, _list_types(delivery, source))
    columns = dataset_columns(
        labels, classes, options.task, parent=options.parent, several=several, fields=names.fields
    )
    with whole_directory(directory / "dataset") as partial:
        plan = functools.partial(_plan_parts, delivery, partial, columns, names.fields, parent=options.parent)
        save_encoded({each: _encode(plan(each), run_parts, stage) for each in delivery.splits}, partial, columns)
        (partial / "README.md").write_text(card(recipe, summary, columns, hub=False), encoding="utf-8")
    if files:
        with whole_directory(directory / "exports") as partial:
            for file in files:
                summary.left_out[file.name] = _write_file(file, delivery, names, partial, options.parent, stage.advance)


def sample_delivered(directory: Path, number: int, seed: int, *, made: bool = False) -> Corpus:
    """Reads a few of the examples that a run delivered, and only those: there may be millions.

    Args:
        directory: the run's directory.
        number: how many, at most.
        seed: which ones.
        made: whether to pass over real text.

    Raises:
        InputError: if there is no dataset in it.
    """
    import datasets

    if not (directory / "dataset").is_dir():
        raise InputError(f"{directory}: must be the directory of a run that has ended, has no dataset")
    splits = list(datasets.load_from_disk(str(directory / "dataset")).values())
    if not splits:
        return Corpus.empty()
    dataset = datasets.concatenate_datasets(splits)
    origins = dataset.data.column("origin")
    real = pc.is_in(origins, pa.array(ORIGINS)).to_numpy() if made else np.zeros(len(dataset), bool)
    rows = np.flatnonzero(~real)
    chosen = child_rng(seed, "show").choice(rows, min(number, len(rows)), replace=False)
    return Corpus.from_dataset(dataset.select(chosen))


def _plan_parts(
    delivery: Delivery, directory: Path, columns: Columns, fields: Sequence[FieldType], split: str, *, parent: bool
) -> Iterator[Encoded]:
    """Yields the parts of a split that are encoded apart: all of it is one if tables are cut by the text in them."""
    pieces = delivery.pieces(split)
    groups = cut_pieces(pieces, _TABLES * EVEN) if is_even(delivery.longest) else iter([tuple(pieces)])
    for number, group in enumerate(groups):
        yield Encoded(group, directory / f"{split}-{number:05d}", columns, fields, parent)


def _encode(parts: Iterator[Encoded], run_parts: Mapper, stage: Stage) -> Iterator[mmap.mmap]:
    """Yields what stands in the file of a split, part by part."""
    for part in run_parts(encode_part, parts):
        yield from take_part(part)
        stage.advance(len(part))


def _divide(
    harvest: Harvest,
    source: Corpus,
    heldout: Mapping[str, Corpus],
    recipe: ResolvedRecipe,
    summary: Summary,
    run_parts: Mapper,
) -> Delivery:
    """Reads all examples once, to count them, to divide their parents and to see which fields they have."""
    options = recipe.export
    known = pc.utf8_lower(Corpus.concat(heldout.values()).texts)
    made = Counts()
    for counts in run_parts(count_part, [Counted(piece, known) for piece in harvest.kept]):
        made.add(counts)
    real = _choose_real_text(source, heldout, options, made, summary)
    learnt, tested = Counts.of([real.source], known), Counts.of(real.heldout.values(), known)
    twins = find_twins(source) if options.validation or options.test else {}
    sides = _assign_families(learnt.parents + made.parents, twins, options, recipe.seed)
    summary.source.met_by_chance = made.repeats
    summary.labels = tally(source=learnt.labels, made=made.labels, heldout=tested.labels)
    summary.classes = tally(source=learnt.classes, made=made.classes, heldout=tested.classes)
    several = any(len(split_classes(each)) != 1 for part in (learnt, made, tested) for each in part.combinations)
    longest = max(each.longest for each in (learnt, made, tested))
    delivery = Delivery(harvest, real, sides, several, longest, made.fields.types())
    held = {split: len(part) for split, part in real.heldout.items()}
    splits = tally(source=learnt.splits(sides), made=made.splits(sides), heldout=held)
    summary.splits = {split: splits[split] for split in delivery.splits}
    return delivery


def _assign_families(counts: Mapping[str, int], twins: Mapping[str, str], options: Export, seed: int) -> dict[str, str]:
    """Assigns each parent to the split of the parent that it is a twin of, or else to its own."""
    families: Counter[str] = Counter()
    for parent, count in counts.items():
        families[twins.get(parent, parent)] += count
    sides = assign_parents(families, options.validation, options.test, child_rng(seed, "split"))
    return {parent: sides[twins.get(parent, parent)] for parent in counts}


def _choose_real_text(
    source: Corpus, heldout: Mapping[str, Corpus], options: Export, made: Counts, summary: Summary
) -> RealText:
    """Returns the real text that is delivered, and notes in the summary why the source is not."""
    if options.source:
        real = choose_real_text(source, heldout, made.labels, made.classes)
    else:
        private = any(each.guarantee for each in summary.learned.values())
        why = "a generator was trained with differential privacy" if private else "the recipe leaves it out"
        real = RealText(Corpus.empty(), {}, why)
    summary.source.left_out = real.left_out if summary.source.examples else ""
    return real


def _find_languages(recipe: ResolvedRecipe, harvest: Harvest, source: Corpus) -> list[str]:
    """Returns the languages of what is delivered: as the recipe says, else what the first texts are in."""
    if recipe.language:
        return [recipe.language]
    first = source if len(source) else next(harvest.corpora(), Corpus.empty())
    return find_languages(Texts(first.table.column("text")))


def _list_types(delivery: Delivery, source: Corpus) -> tuple[FieldType, ...]:
    """Returns the fields of the real text with their types, and behind them those that a generator has added."""
    own = list_fields(Corpus.concat([source, *delivery.real.heldout.values()]))
    return (*own, *(each for each in delivery.fields if each.name not in {known.name for known in own}))


def _write_file(
    file: ExportFile,
    delivery: Delivery,
    names: Names,
    directory: Path,
    parent: bool,
    advance: Callable[[int], None],
) -> dict[str, int]:
    """Writes every split in one format, and returns what was left out."""
    left_out: Counter[str] = Counter()

    def tell(part: Part, examples: int) -> None:
        left_out[part] += examples

    for split in delivery.splits:
        counted = _count_batches(delivery.batches(split), advance)
        told = map(_with_parents_as_fields, counted) if parent and "origin" not in file.format.carries else counted
        batches = (each.with_names(names) for each in told)
        carried = (keep_carried(batch, file.format, file.drop, tell) for batch in batches)
        write_batches(carried, directory / file.path_of(split), file.format)
    warn_of_fields(file.format, f"exports/{file.path}", left_out["fields"])
    return dict(left_out)


def _with_parents_as_fields(batch: Corpus) -> Corpus:
    """Puts what each example was made from among its fields, for a format that has these and no place for origins."""
    rows = zip(batch.fields.to_pylist(), batch.table.column("parent").to_pylist(), strict=True)
    fields = [write_fields(read_fields(held) | ({"parent": parent} if parent else {})) for held, parent in rows]
    return batch.with_fields(pa.array(fields, pa.string()))


def _count_batches(batches: Iterator[Corpus], advance: Callable[[int], None]) -> Iterator[Corpus]:
    for batch in batches:
        yield batch
        advance(len(batch))
