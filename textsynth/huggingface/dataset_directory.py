"""Directories that `datasets.load_from_disk` opens, written from streams of corpora with bounded memory.

A stream goes through the disk twice, since features need all labels and classes before the first row. The same content
gives the same bytes, however the stream is cut.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textsynth.corpus import Corpus, Names, order_names
from textsynth.corpus.fields import FieldType, TypeSearch
from textsynth.foundation.hush import hide_bars
from textsynth.huggingface.dataset import dataset_features, has_parents, map_batches

if TYPE_CHECKING:
    import datasets

_SPOOL = ".spool"
"""The folder in the directory that holds the streams until their features are known."""


def save_dataset(batches: Iterable[Corpus], directory: Path, task: str | None = None) -> None:
    """Saves a stream as one dataset without splits.

    Args:
        batches: the stream.
        directory: where to write; it is written in place, so best in a `whole_directory`.
        task: as for `dataset_features`.

    Raises:
        OptionError: as `dataset_features`.
    """
    with _map_to_memory({"": batches}, directory, task, Names()) as mapped, quiet():
        _empty(mapped[""]).save_to_disk(directory, num_shards=1)
        _move_file(mapped, "", directory)


def save_splits(
    splits: Mapping[str, Iterable[Corpus]],
    directory: Path,
    task: str | None = None,
    names: Names | None = None,
    features: datasets.Features | None = None,
) -> None:
    """Saves streams as the splits of one DatasetDict, which share their features.

    Args:
        splits: the batches of each split, by name.
        directory: where to write; it is written in place, so best in a `whole_directory`.
        task: as for `dataset_features`.
        names: labels and classes that the features have in this order, even if no split does, and fields with their
            types; those of the splits if there are none.
        features: those that all of it has, if they are known: then the streams go through the disk once less.

    Raises:
        OptionError: as `dataset_features`.
    """
    import datasets

    names = names or Names()
    if features is None:
        stored = _map_to_memory(splits, directory, task, names)
    else:
        stored = _map_known(splits, directory, features, names.fields)
    with stored as mapped, quiet():
        empty = datasets.DatasetDict({name: _empty(dataset) for name, dataset in mapped.items()})
        empty.save_to_disk(directory, num_shards=dict.fromkeys(empty, 1))
        for name in list(mapped):
            _move_file(mapped, name, directory / name)


def quiet() -> contextlib.AbstractContextManager[None]:
    """Keeps datasets from drawing progress bars while a block runs."""
    import datasets

    shown = not datasets.are_progress_bars_disabled()
    return hide_bars(shown, datasets.disable_progress_bars, datasets.enable_progress_bars)


@contextlib.contextmanager
def _map_to_memory(
    streams: Mapping[str, Iterable[Corpus]],
    directory: Path,
    task: str | None,
    names: Names,
) -> Iterator[dict[str, datasets.Dataset]]:
    """Gives the streams as datasets that are mapped to memory while the block lasts."""
    spool = directory / _SPOOL
    all_labels: set[str] = set()
    all_classes: set[str] = set()
    declared: set[Names] = set()
    parent, several, search = False, names.several, TypeSearch()
    for name, batches in streams.items():
        for number, batch in enumerate(batches):
            all_labels.update(batch.labels)
            all_classes.update(batch.classes)
            declared |= {batch.names} if len(batch) else set()
            parent, several = parent or has_parents(batch), several or batch.several
            if batch.has_fields:
                search.add(batch.fields)
            batch.write_parquet(spool / f"split-{name}" / f"{number:08d}.parquet")
    shared = Names.merge(declared)
    all_names = (
        order_names(names.labels or shared.labels, all_labels),
        order_names(names.classes or shared.classes, all_classes),
    )
    fields = names.fields or shared.fields or search.types()
    features = dataset_features(*all_names, task, parent=parent, several=several, fields=fields)
    spooled = {name: _read_spool(spool / f"split-{name}") for name in streams}
    with _map_known(spooled, directory, features, fields) as mapped:
        yield mapped


@contextlib.contextmanager
def _map_known(
    streams: Mapping[str, Iterable[Corpus]], directory: Path, features: datasets.Features, fields: Sequence[FieldType]
) -> Iterator[dict[str, datasets.Dataset]]:
    """Gives streams whose features are known as datasets that are mapped to memory while the block lasts."""
    spool = directory / _SPOOL
    spool.mkdir(parents=True, exist_ok=True)
    yield {
        name: map_batches(batches, spool / f"{name}.arrow", features, name or None, fields)
        for name, batches in streams.items()
    }
    shutil.rmtree(spool)


def _read_spool(directory: Path) -> Iterator[Corpus]:
    for file in sorted(directory.glob("*.parquet")):
        yield Corpus.read_parquet(file)
        file.unlink()


def _empty(dataset: datasets.Dataset) -> datasets.Dataset:
    """Returns a dataset without rows that is saved with the same state, features and fingerprint."""
    import datasets

    table = dataset.features.arrow_schema.empty_table()
    return datasets.Dataset(table, dataset.info, split=dataset.split, fingerprint=dataset._fingerprint)


def _move_file(mapped: dict[str, datasets.Dataset], name: str, directory: Path) -> None:
    """Puts the rows where a dataset without any was saved: their file is of the same kind."""
    [file] = {Path(each["filename"]) for each in mapped.pop(name).cache_files}
    [saved] = directory.glob("data-*.arrow")
    file.replace(saved)
