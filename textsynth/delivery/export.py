"""Writes what a run delivers: the dataset with its splits and card, and other formats, from a stream of examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from textsynth.components.format import Part
from textsynth.conversion.files import keep_carried, warn_of_fields, write_batches
from textsynth.corpus import Corpus, Names, order_names
from textsynth.corpus.classes import count_classes, split_classes
from textsynth.corpus.fields import FieldType, TypeSearch, read_fields, write_fields
from textsynth.delivery.card import card
from textsynth.delivery.split import TEST, TRAIN, VALIDATION, assign_parents
from textsynth.errors import InputError
from textsynth.foundation.disk import whole_directory
from textsynth.foundation.seeding import child_rng, fingerprint
from textsynth.huggingface.dataset import dataset_features, list_fields
from textsynth.huggingface.dataset_directory import save_splits
from textsynth.production.produce import Harvest
from textsynth.production.summary import Summary
from textsynth.recipes.export_file import ExportFile
from textsynth.recipes.recipe import Export
from textsynth.recipes.resolved import ResolvedRecipe


@dataclass(frozen=True)
class Delivery:
    """The examples that are delivered, and on which side of the split each parent stands.

    Args:
        harvest: the examples.
        sides: the split of each parent.
        several: whether an example has several classes, or none of them.
        fields: the fields that the examples have.
    """

    harvest: Harvest
    sides: Mapping[str, str]
    several: bool
    fields: Sequence[FieldType] = ()

    @property
    def splits(self) -> list[str]:
        """The splits that have examples, in their usual order."""
        present = set(self.sides.values())
        return [split for split in (TRAIN, VALIDATION, TEST) if split in present]

    def batches(self, split: str) -> Iterator[Corpus]:
        """Reads the examples of one split, shard by shard."""
        for corpus in self.harvest.corpora():
            part = corpus.mask(np.array([self.sides[parent] == split for parent in parents_of(corpus)], bool))
            if len(part):
                yield part


def parents_of(corpus: Corpus) -> list[str]:
    """Returns what each example was made from; one that was made from nothing counts with others of its like.

    So those that a language model, say, has thought of are divided too, equal texts on one side.
    """
    rows = zip(corpus.table.column("parent").to_pylist(), corpus.texts.to_pylist(), strict=True)
    return [parent or f"from nothing {fingerprint(text)[:3]}" for parent, text in rows]


def export(
    recipe: ResolvedRecipe,
    harvest: Harvest,
    source: Corpus,
    directory: Path,
    summary: Summary,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Writes `dataset/` and `exports/`, and counts what is in them.

    Args:
        recipe: that of the run: what to write, and the seed that draws the splits.
        harvest: what to write.
        source: gives labels and classes, and their order, that the examples happen not to have but the features do.
        directory: the run's directory.
        summary: takes the counts.
        advance: is called with the number of examples written, for the dataset and for each format.

    Raises:
        CarryError: if a format cannot carry a part of the examples, and the recipe does not drop it.
        OutputError: if the directory cannot be written.
    """
    options = recipe.export
    delivery = _divide(harvest, options, recipe.seed, summary)
    labels = order_names(source.names.labels, {*source.labels, *summary.labels})
    classes = order_names(source.names.classes, {*source.classes, *summary.classes})
    several = source.several or delivery.several
    names = Names(tuple(classes), tuple(labels), several, _list_types(delivery, source))
    features = dataset_features(
        labels, classes, options.task, parent=options.parent, several=several, fields=names.fields
    )
    with whole_directory(directory / "dataset") as partial:
        batches = {split: _count_batches(delivery.batches(split), advance) for split in delivery.splits}
        if not options.parent:
            batches = {split: map(_without_parents, each) for split, each in batches.items()}
        save_splits(batches, partial, options.task, names)
        (partial / "README.md").write_text(card(recipe, summary, features, hub=False), encoding="utf-8")
    files = options.list_files("[export]")
    if files:
        with whole_directory(directory / "exports") as partial:
            for file in files:
                summary.left_out[file.name] = _write_file(file, delivery, names, partial, options.parent, advance)


def sample_delivered(directory: Path, number: int, seed: int) -> Corpus:
    """Reads a few of the examples that a run delivered, and only those: there may be millions.

    Args:
        directory: the run's directory.
        number: how many, at most.
        seed: which ones.

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
    chosen = child_rng(seed, "show").choice(len(dataset), min(number, len(dataset)), replace=False)
    return Corpus.from_dataset(dataset.select(chosen))


def _divide(harvest: Harvest, options: Export, seed: int, summary: Summary) -> Delivery:
    """Reads all examples once, to count them, to divide their parents and to see which fields they have."""
    parents: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    combinations: Counter[str] = Counter()
    search = TypeSearch()
    for corpus in harvest.corpora():
        if corpus.has_fields:
            search.add(corpus.fields)
        parents.update(parents_of(corpus))
        labels.update(corpus.spans.labels.to_pylist())
        combinations.update(each for each in corpus.table.column("label").to_pylist() if each is not None)
    rng = child_rng(seed, "split")
    sides = assign_parents(parents, options.validation, options.test, rng)
    splits: Counter[str] = Counter()
    for parent, count in parents.items():
        splits[sides[parent]] += count
    summary.labels, summary.classes = dict(sorted(labels.items())), count_classes(combinations)
    several = any(len(split_classes(each)) != 1 for each in combinations)
    delivery = Delivery(harvest, sides, several, search.types())
    summary.splits = {split: splits[split] for split in delivery.splits}
    return delivery


def _list_types(delivery: Delivery, source: Corpus) -> tuple[FieldType, ...]:
    """Returns the fields of the source with their types, and behind them those that a generator has added."""
    own = list_fields(source)
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
