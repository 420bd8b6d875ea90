"""Hugging Face datasets: directories that datasets saves, directories laid out as on the hub, and the hub itself."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.ipc

from textsynth.components.format import Part
from textsynth.components.table_format import TableFormat
from textsynth.corpus import Corpus
from textsynth.corpus.tag_notation import TagNotation
from textsynth.errors import FormatError, InputError, TextsynthError, nearest
from textsynth.foundation.disk import whole_directory
from textsynth.huggingface.dataset import Task
from textsynth.huggingface.dataset_directory import quiet, save_dataset
from textsynth.reading.foreign_table import check_whole, keep_valid, read_table, report_to
from textsynth.reading.keep import read_each
from textsynth.reading.records import BATCH, Faults
from textsynth.reading.table_columns import (
    HEAD,
    TableColumns,
    check_cells,
    check_hot_unread,
    find_columns,
    find_unread,
)
from textsynth.reading.tagged_table import find_names, find_notation
from textsynth.reading.unread import Unread

SAVED = ("dataset_dict.json", "dataset_info.json", "state.json")
_LARGEST_CARD = 1 << 20
"""Bytes of the YAML of a card; that of a dataset with ten thousand classes has a tenth."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, kw_only=True)
class Datasets(TableFormat):
    """A Hugging Face dataset: saved by `save_to_disk`, in a directory laid out as on the hub, or `owner/name` there.

    A path that does not exist and has two parts is a dataset on the hub. Columns are written as `text`, `spans` and
    `label`, whatever they were called. Rows count from 1 in messages.

    Args:
        split: the split to read; `"train"` stands for the only one if there is only one, `"all"` for all of them.
        config: the configuration of a dataset that has several.
        task: `token-classification` writes the columns `tokens` and `ner_tags`, in IOB2, too.
    """

    split: str = "train"
    config: str | None = None
    task: Task | None = None

    suffixes: ClassVar[tuple[str, ...]] = (".dataset",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a directory by the files that datasets writes, or by `data/*.parquet`."""
        if any((path / name).is_file() for name in SAVED) or any((path / "data").glob("*.parquet")):
            return 2
        return super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a row; local directories with bounded memory, without a copy in a cache."""
        with quiet():
            splits = _find_splits(path, self.config)
        yield from read_each(
            self._read_split(splits[name], path, name if len(splits) > 1 else "", faults)
            for name in self._choose_splits(list(splits), path)
        )

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Saves one dataset, without splits; the same content gives the same bytes."""
        with whole_directory(path) as partial:
            save_dataset(batches, partial, self.task)

    def _read_split(self, load: Callable[[], Any], path: Path, name: str, faults: Faults) -> Iterator[Corpus]:
        with quiet(), _translate_errors(path, FormatError):
            dataset = load()
        yield from self.read_rows(dataset, path, name, faults)

    def _choose_splits(self, names: list[str], path: Path) -> list[str]:
        if self.split == "all" or (self.split == "train" and len(names) == 1):
            return names
        if self.split in names:
            return [self.split]
        raise FormatError(f"{path}: must have a split {self.split!r}; {nearest(self.split, names)}; 'all' reads all")

    def read_rows(self, dataset: Any, path: Path, table: str, faults: Faults) -> Iterator[Corpus]:
        """Reads a dataset that is open, or a stream of one, with bounded memory.

        Args:
            dataset: a Dataset or an IterableDataset.
            path: where it is, for messages.
            table: the name of its split, if there are several.
            faults: what happens with bad rows.
        """
        features = dataset.features.to_dict() if dataset.features else {}
        yield from self.read_tables(functools.partial(_read_tables, dataset, path), features, path, table, faults)

    def read_tables(
        self,
        tables: Callable[[], Iterable[pa.Table]],
        features: Mapping[str, Any],
        path: Path,
        table: str,
        faults: Faults,
    ) -> Iterator[Corpus]:
        """Reads tables that have the same columns, and whose rows are counted on from one to the next.

        Args:
            tables: gives the tables from the first one on, whenever it is called.
            features: the Hugging Face features of the columns as plain data; nothing if they have none.
            path: where they are, for messages.
            table: the name of their split, if there are several.
            faults: what happens with bad rows.
        """
        named = self.name_columns(str(path))
        columns: TableColumns | None = None
        notation = TagNotation()
        first = 1
        for rows in tables():
            if columns is None:
                columns = find_columns(rows.schema, features, named, str(path))
                unread = Unread(self.ignore)
                check_cells(tables(), find_unread(rows.schema, features, columns, unread, str(path)), str(path))
                check_hot_unread(rows[:HEAD], columns, unread, str(path))
                unread.log(path)
                notation = find_notation(tables(), columns, self.name_scheme(), str(path))
            elif named.keep and not features:
                # Types were found out for these rows alone, so those of the rows before hold no longer.
                kept = find_columns(rows.schema, features, named, str(path)).kept
                columns = replace(columns, kept=kept)
            check_whole(rows, str(path), columns.text)
            corpus = keep_valid(read_table(rows, columns, notation), report_to(path, faults, first, table))
            yield corpus.with_names(find_names(columns, notation))
            first += rows.num_rows
        named.keep.check()


def _find_splits(path: Path, config: str | None) -> Mapping[str, Callable[[], Any]]:
    """Returns for each split what loads it."""
    if path.is_dir():
        with _translate_errors(path, FormatError):
            return _find_local_splits(path, config)
    if path.exists():
        raise FormatError(f"{path}: must be a directory, is a file")
    if not _HUB_ID.fullmatch(str(path)):
        raise InputError(
            f"{path}: must be a directory or owner/name of a dataset on the hub, there is no such directory"
        )
    import datasets

    with _translate_errors(path, InputError):
        loaded = datasets.load_dataset(str(path), config)
    return {str(name): functools.partial(_give, dataset) for name, dataset in loaded.items()}


def _find_local_splits(path: Path, config: str | None) -> Mapping[str, Callable[[], Any]]:
    import datasets

    for file in sorted(path.rglob("*.arrow")):
        _check_arrow(file)
    for file in path.glob("README*"):
        _check_card(file)
    if (path / "dataset_dict.json").is_file():
        names = json.loads((path / "dataset_dict.json").read_text(encoding="utf-8"))["splits"]
        return {name: functools.partial(datasets.Dataset.load_from_disk, path / name) for name in names}
    if (path / "state.json").is_file():
        dataset = datasets.Dataset.load_from_disk(path)
        return {str(dataset.split or "train"): functools.partial(_give, dataset)}
    streams = datasets.load_dataset(str(path), config, streaming=True)
    return {str(name): functools.partial(_give, stream) for name, stream in streams.items()}


def _check_arrow(file: Path) -> None:
    """Checks a file that will be mapped to memory: what it says of itself would be believed, and could end the process.

    Raises:
        FormatError: if it is not whole.
    """
    try:
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            for batch in stream:
                strings = [name for name in batch.schema.names if pa.types.is_string(batch.schema.field(name).type)]
                columns = [
                    batch[name].cast(pa.binary()) if name in strings else batch[name] for name in batch.schema.names
                ]
                check_whole(pa.RecordBatch.from_arrays(columns, batch.schema.names), str(file))
    except (pa.ArrowException, OSError, ValueError) as error:
        line = str(error).partition("\n")[0]
        raise FormatError(f"{file}: must be a whole Arrow stream: {line}") from error


def _check_card(file: Path) -> None:
    """Checks the YAML of a card, which is parsed when its dataset is opened: names that stand for names grow fast.

    Raises:
        FormatError: if it is large, or repeats a part by name.
    """
    with file.open("rb") as stream:
        head = stream.read(_LARGEST_CARD + 1)
    if not head.startswith(b"---"):
        return
    header = head[3:].partition(b"\n---")[0]
    if len(header) > _LARGEST_CARD or (b"*" in header and _has_aliases(header)):
        raise FormatError(
            f"{file}: its YAML must have at most {_LARGEST_CARD:,} bytes, and no *name that stands for another part"
        )


def _has_aliases(header: bytes) -> bool:
    """Says whether YAML repeats a part by its name; what is no YAML does not."""
    import yaml

    try:
        return any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(header, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return False


def _give(dataset: Any) -> Any:
    return dataset


def _read_tables(dataset: Any, path: Path) -> Iterator[pa.Table]:
    with _translate_errors(path, FormatError):
        yield from dataset.with_format("arrow").iter(batch_size=BATCH)


@contextlib.contextmanager
def _translate_errors(path: Path, to: type[FormatError] | type[InputError]) -> Iterator[None]:
    """Makes whatever datasets raises one line: its errors have no root of their own."""
    try:
        yield
    except TextsynthError:
        raise
    except Exception as error:
        line = " ".join(str(error).split())[:300] or type(error).__name__
        raise to(f"{path}: must be a dataset that can be loaded: {line}") from error
