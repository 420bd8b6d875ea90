"""Directories that `datasets.load_from_disk` opens, written from streams of corpora with bounded memory.

A stream goes through the disk twice, since its columns need all labels and classes before the first row. The same
content gives the same bytes, however the stream is cut.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from textsynth.corpus import Corpus, Names, order_names
from textsynth.corpus.fields import FieldType, TypeSearch
from textsynth.foundation.hush import hide_bars
from textsynth.huggingface.columns import Columns
from textsynth.huggingface.dataset import dataset_columns, encode, has_parents, write_encoded

_SPOOL = ".spool"
"""The folder in the directory that holds the streams until their columns are known."""
_ROWS = "data-00000-of-00001.arrow"


def save_dataset(batches: Iterable[Corpus], directory: Path, task: str | None = None) -> None:
    """Saves a stream as one dataset without splits.

    Args:
        batches: the stream.
        directory: where to write; it is written in place, so best in a `whole_directory`.
        task: as for `dataset_columns`.

    Raises:
        OptionError: as `dataset_columns`.
    """
    with _spool({"": batches}, directory, task, Names()) as (streams, columns, fields):
        _save(encode(streams[""], columns, fields), directory, columns)


def save_splits(
    splits: Mapping[str, Iterable[Corpus]],
    directory: Path,
    task: str | None = None,
    names: Names | None = None,
) -> None:
    """Saves streams as the splits of one DatasetDict, which share their columns.

    Args:
        splits: the batches of each split, by name.
        directory: where to write; it is written in place, so best in a `whole_directory`.
        task: as for `dataset_columns`.
        names: labels and classes that the columns have in this order, even if no split does, and fields with their
            types; those of the splits if there are none.

    Raises:
        OptionError: as `dataset_columns`.
    """
    with _spool(splits, directory, task, names or Names()) as (streams, columns, fields):
        save_encoded({name: encode(each, columns, fields) for name, each in streams.items()}, directory, columns)


def save_encoded(splits: Mapping[str, Iterable[pa.Buffer | mmap.mmap]], directory: Path, columns: Columns) -> None:
    """Saves the splits of one DatasetDict whose rows are encoded.

    Args:
        splits: for each split what `encode` gave of it.
        directory: where to write; it is written in place, so best in a `whole_directory`.
        columns: those that all splits have.
    """
    (directory / "dataset_dict.json").write_text(json.dumps({"splits": list(splits)}), encoding="utf-8")
    for name, encoded in splits.items():
        (directory / name).mkdir()
        _save(encoded, directory / name, columns, name)


def quiet() -> contextlib.AbstractContextManager[None]:
    """Keeps datasets from drawing progress bars while a block runs."""
    import datasets

    shown = not datasets.are_progress_bars_disabled()
    return hide_bars(shown, datasets.disable_progress_bars, datasets.enable_progress_bars)


def _save(
    encoded: Iterable[pa.Buffer | mmap.mmap], directory: Path, columns: Columns, split: str | None = None
) -> None:
    """Writes what `Dataset.save_to_disk` writes of rows in one file."""
    fingerprint = write_encoded(encoded, directory / _ROWS, columns)
    state: dict[str, Any] = {
        **{"_data_files": [{"filename": _ROWS}], "_fingerprint": fingerprint, "_format_columns": None},
        **{"_format_kwargs": {}, "_format_type": None, "_output_all_columns": False, "_split": split},
    }
    (directory / "state.json").write_text(json.dumps(state, indent=2), encoding="utf-8")
    info = {"citation": "", "description": "", "features": columns.to_dict(), "homepage": "", "license": ""}
    (directory / "dataset_info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")


@contextlib.contextmanager
def _spool(
    streams: Mapping[str, Iterable[Corpus]],
    directory: Path,
    task: str | None,
    names: Names,
) -> Iterator[tuple[dict[str, Iterator[Corpus]], Columns, Sequence[FieldType]]]:
    """Gives the streams once more, with the columns that they have together and the fields among them."""
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
    columns = dataset_columns(*all_names, task, parent=parent, several=several, fields=fields)
    yield {name: _read_spool(spool / f"split-{name}") for name in streams}, columns, fields
    shutil.rmtree(spool, ignore_errors=True)


def _read_spool(directory: Path) -> Iterator[Corpus]:
    for file in sorted(directory.glob("*.parquet")):
        yield Corpus.read_parquet(file)
        file.unlink()
