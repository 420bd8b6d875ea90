"""Writes what a run delivers: the dataset with its splits and card, and other formats, from a stream of examples."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.format import Part
from textsynth.conversion.files import keep_carried, warn_of_fields, write_batches
from textsynth.corpus import Corpus, Names, order_names
from textsynth.corpus.classes import count_classes, split_classes
from textsynth.corpus.fields import FieldType, TypeSearch, read_fields, write_fields
from textsynth.corpus.table import count_values
from textsynth.delivery.card import card
from textsynth.delivery.real_text import RealText, choose_real_text
from textsynth.delivery.split import assign_parents, find_twins, parents_of
from textsynth.errors import InputError
from textsynth.foundation.disk import whole_directory
from textsynth.foundation.progress import Silence, Stage
from textsynth.foundation.seeding import child_rng
from textsynth.huggingface.dataset import dataset_columns, list_fields
from textsynth.huggingface.dataset_directory import save_splits
from textsynth.language.identification import find_languages
from textsynth.production.produce import Harvest
from textsynth.production.summary import Summary, tally
from textsynth.recipes.export_file import ExportFile
from textsynth.recipes.resolved import ResolvedRecipe
from textsynth.recipes.sections import ORIGINS, TEST, TRAIN, VALIDATION, Export


@dataclass(frozen=True)
class Delivery:
    """The examples that are delivered, and on which side of the split each parent stands.

    Args:
        harvest: the examples that were made.
        real: the real text that is delivered with them.
        sides: the split of each parent, but for what is held out.
        several: whether an example has several classes, or none of them.
        fields: the fields that the examples have.
    """

    harvest: Harvest
    real: RealText
    sides: Mapping[str, str]
    several: bool
    fields: Sequence[FieldType] = ()

    @property
    def splits(self) -> list[str]:
        """The splits that have examples, in their usual order."""
        present = {*self.sides.values(), *self.real.heldout}
        return [split for split in (TRAIN, VALIDATION, TEST) if split in present]

    def batches(self, split: str) -> Iterator[Corpus]:
        """Reads the examples of one split: the source's, then those that were made, shard by shard."""
        for corpus in itertools.chain([self.real.source], self.harvest.corpora()):
            part = corpus if self.splits == [split] else corpus.mask(self._stand_in(corpus, split))
            if len(part):
                yield part
        if split in self.real.heldout:
            yield self.real.heldout[split]

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

    Raises:
        CarryError: if a format cannot carry a part of the examples, and the recipe does not drop it.
        OutputError: if the directory cannot be written.
    """
    options, stage = recipe.export, stage or Silence()
    delivery = _divide(harvest, source, heldout, options, recipe.seed, summary)
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
        batches = {split: _count_batches(delivery.batches(split), stage.advance) for split in delivery.splits}
        if not options.parent:
            batches = {split: map(_without_parents, each) for split, each in batches.items()}
        save_splits(batches, partial, options.task, names, columns)
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


class _Counts:
    """What is counted of examples, batch by batch.

    Args:
        corpora: the examples.
        known: texts in small letters, whose repeats are counted.
    """

    def __init__(self, corpora: Iterable[Corpus], known: pa.StringArray) -> None:
        self.repeats = 0
        self.parents: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.combinations: Counter[str] = Counter()
        self.fields = TypeSearch()
        for corpus in corpora:
            if corpus.has_fields:
                self.fields.add(corpus.fields)
            if len(known):
                self.repeats += pc.sum(pc.is_in(pc.utf8_lower(corpus.texts), known)).as_py() or 0
            self.parents.update(count_values(parents_of(corpus)))
            self.labels.update(count_values(corpus.spans.labels))
            self.combinations.update(count_values(corpus.table.column("label").drop_null()))

    @property
    def classes(self) -> dict[str, int]:
        """Examples by class."""
        return count_classes(self.combinations)

    def splits(self, sides: Mapping[str, str]) -> Counter[str]:
        """Returns examples by split."""
        splits: Counter[str] = Counter()
        for parent, count in self.parents.items():
            splits[sides[parent]] += count
        return splits


def _divide(
    harvest: Harvest, source: Corpus, heldout: Mapping[str, Corpus], options: Export, seed: int, summary: Summary
) -> Delivery:
    """Reads all examples once, to count them, to divide their parents and to see which fields they have."""
    known = pc.utf8_lower(Corpus.concat(heldout.values()).texts)
    made = _Counts(harvest.corpora(), known)
    real = _choose_real_text(source, heldout, options, made, summary)
    learnt, tested = _Counts([real.source], known), _Counts(real.heldout.values(), known)
    twins = find_twins(source) if options.validation or options.test else {}
    sides = _assign_families(learnt.parents + made.parents, twins, options, seed)
    summary.source.met_by_chance = made.repeats
    summary.labels = tally(source=learnt.labels, made=made.labels, heldout=tested.labels)
    summary.classes = tally(source=learnt.classes, made=made.classes, heldout=tested.classes)
    several = any(len(split_classes(each)) != 1 for part in (learnt, made, tested) for each in part.combinations)
    delivery = Delivery(harvest, real, sides, several, made.fields.types())
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
    source: Corpus, heldout: Mapping[str, Corpus], options: Export, made: _Counts, summary: Summary
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
    return find_languages(first.texts.to_pylist())


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


def _without_parents(batch: Corpus) -> Corpus:
    """Leaves out what has done its work with the division, so that the dataset has the columns its users know."""
    return batch.with_column("parent", pa.repeat(pa.scalar(""), len(batch)))


def _with_parents_as_fields(batch: Corpus) -> Corpus:
    """Puts what each example was made from among its fields, for a format that has these and no place for origins."""
    rows = zip(batch.fields.to_pylist(), batch.table.column("parent").to_pylist(), strict=True)
    fields = [write_fields(read_fields(held) | ({"parent": parent} if parent else {})) for held, parent in rows]
    return batch.with_fields(pa.array(fields, pa.string()))


def _count_batches(batches: Iterator[Corpus], advance: Callable[[int], None]) -> Iterator[Corpus]:
    for batch in batches:
        yield batch
        advance(len(batch))
