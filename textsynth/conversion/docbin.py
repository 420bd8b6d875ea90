"""spaCy's DocBins, written in columns: no Doc is made, and large corpora become a directory of files of one size."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import struct
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa

from textsynth.conversion.spacy_tokens import DEFAULT, SpacyCutter, SpacyTokens
from textsynth.corpus import Corpus
from textsynth.corpus.classes import split_classes
from textsynth.corpus.ragged import Ragged
from textsynth.foundation.disk import whole_directory, write_whole
from textsynth.foundation.pipeline import load_blank
from textsynth.reading.json_object import add_fields

SUFFIX = ".spacy"
ENTS = "ents"
"""What options call `doc.ents`."""

_BYTES = 1 << 25
"""Bytes that the content of a file has, until the doc that reaches them: a reader holds a file in memory as a whole."""
_ROWS = 5000
"""Examples that are cut into tokens at a time."""
_OUTSIDE, _INSIDE, _BEGIN = 2, 1, 3
"""What spaCy's attribute ENT_IOB says of a token; 0 if nothing is known."""
_KNOWN_SPACES = {"has_unknown_spaces": False}
_THREADS = min(4, os.cpu_count() or 1)
"""Files that are packed at a time; each takes about 100 MB."""
_SCORE = 10
"""Bytes that a class takes beside its name, in each doc."""


def write_docbins(batches: Iterable[Corpus], path: Path, language: str | None, group: str | None) -> None:
    """Writes a doc an example: one file, or a directory of files of one size, which spaCy reads in the same way.

    Each doc has a value for every class of the stream, so that files are ended when all has been seen.

    Args:
        batches: the stream.
        path: the file or directory.
        language: the language whose tokenizer cuts the texts; None for that of the corpus, or English.
        group: the group of `doc.spans` that spans are written to; `ents` or None for `doc.ents`.
    """
    load_blank(language or DEFAULT)
    parts = [_Part()]
    with contextlib.ExitStack() as stack:
        folder: _Folder | None = None
        for columns in _cut_columns(batches, SpacyCutter(language), None if group == ENTS else group):
            row = 0
            while row < len(columns):
                if parts[-1].size >= _BYTES:
                    folder = folder or _Folder.enter(path, stack)
                    folder.begin(parts[-1])
                    parts.append(_Part())
                row = parts[-1].add(columns, row)
        names = {name for part in parts for label in part.labels if label for name in split_classes(label)}
        scores = _Scores(sorted(names))
        if folder is None:
            write_whole(path, parts[0].pack() + b"".join(parts[0].pack_classes(scores)))
            return
        folder.begin(parts[-1])
        folder.end(scores)


class _Folder:
    """The files of a directory, of which some are packed at a time, by threads: most of that is compression.

    Args:
        path: the directory.
        threads: pack.
    """

    def __init__(self, path: Path, threads: ThreadPoolExecutor) -> None:
        self._path, self._threads = path, threads
        self._parts: list[_Part] = []
        self._under_way: deque[Future[None]] = deque()

    @classmethod
    def enter(cls, path: Path, stack: contextlib.ExitStack) -> Self:
        """Begins a directory that is there when a stack of contexts is left; by then no thread writes any more."""
        folder = stack.enter_context(whole_directory(path))
        return cls(folder, stack.enter_context(ThreadPoolExecutor(_THREADS)))

    def begin(self, part: _Part) -> None:
        """Writes a part, but for its classes; waits if as many are under way as may be."""
        if len(self._under_way) == _THREADS:
            self._under_way.popleft().result()
        self._under_way.append(self._threads.submit(part.begin_file, self._path / _name(len(self._parts))))
        self._parts.append(part)

    def end(self, scores: _Scores) -> None:
        """Writes the classes of all parts."""
        for each in self._under_way:
            each.result()
        files = [self._path / _name(number) for number in range(len(self._parts))]
        list(self._threads.map(lambda part, file: part.end_file(file, scores), self._parts, files))


def _name(number: int) -> str:
    return f"{number:05d}{SUFFIX}"


@dataclass(frozen=True)
class _Columns:
    """What docs have, side by side.

    Args:
        tokens: their tokens.
        iob: `(tokens,)`; where entities begin and go on.
        types: `(tokens,)`; the label of the entity that a token is in, or null.
        labels: the classes of each doc.
        user_data: what else it has, packed.
        groups: its groups of spans, packed.
        sizes: `(docs,)`; bytes that it takes in a file, about.
        names: labels of spans in groups, which its file must have as strings.
    """

    tokens: SpacyTokens
    iob: np.ndarray
    types: pa.StringArray
    labels: Sequence[str | None]
    user_data: Sequence[bytes]
    groups: Sequence[bytes]
    sizes: np.ndarray
    names: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.labels)


def _cut_columns(batches: Iterable[Corpus], cutter: SpacyCutter, group: str | None) -> Iterator[_Columns]:
    """Yields the columns of a stream, a few thousand docs at a time."""
    classes = _ClassSizes()
    for batch in itertools.chain.from_iterable(each.in_batches(_ROWS) for each in batches):
        tokens = cutter.cut(batch)
        labels: list[str | None] = batch.table.column("label").to_pylist()
        columns = (batch.table.column(name).to_pylist() for name in ("origin", "parent"))
        user_data = list(map(_pack_user_data, *columns, batch.fields.to_pylist()))
        sizes = np.diff(tokens.rows) * (3 * 8 + 1) + np.fromiter(map(len, user_data), np.int64, len(batch))
        sizes += np.fromiter(map(classes.measure, labels), np.int64, len(batch))
        if group is None:
            yield _Columns(
                tokens, *_find_entities(tokens, batch), labels, user_data, [_no_groups()] * len(batch), sizes
            )
        else:
            nothing = np.zeros(len(tokens.spaces), np.int64), pa.nulls(len(tokens.spaces), pa.string())
            yield _Columns(tokens, *nothing, labels, user_data, _pack_groups(tokens, batch, group), sizes, batch.labels)


class _ClassSizes:
    """Tells how many bytes the classes of a doc take: it has a value for each that was seen so far."""

    def __init__(self) -> None:
        self._labels: set[str] = set()
        self._names: set[str] = set()
        self._bytes = 1

    def measure(self, label: str | None) -> int:
        if label is None:
            return 1
        if label not in self._labels:
            self._labels.add(label)
            new = {*split_classes(label)} - self._names
            self._names |= new
            self._bytes += sum(len(name.encode()) + _SCORE for name in new)
        return self._bytes


def _find_entities(tokens: SpacyTokens, batch: Corpus) -> tuple[np.ndarray, pa.StringArray]:
    """Returns for each token where it stands in an entity, and the label of that."""
    iob = np.full(len(tokens.spaces), _OUTSIDE)
    span = np.full(len(tokens.spaces), -1)
    inside = Ragged.of_ranges(tokens.first, tokens.stop)
    iob[inside.values], span[inside.values] = _INSIDE, inside.owner
    iob[tokens.first] = _BEGIN
    return iob, batch.spans.labels.take(pa.array(span, pa.int64(), mask=span < 0))


def _pack_groups(tokens: SpacyTokens, batch: Corpus, group: str) -> list[bytes]:
    """Returns the spans of each text as a group, as spaCy packs it; it takes a Doc for each text that has spans."""
    from spacy.tokens import Doc, Span
    from spacy.vocab import Vocab

    vocab, packed = Vocab(), []
    bounds, labels = batch.spans.rows.tolist(), batch.spans.labels.to_pylist()
    for row in range(len(batch)):
        if bounds[row] == bounds[row + 1]:
            packed.append(_empty_group(group))
            continue
        begin, end = int(tokens.rows[row]), int(tokens.rows[row + 1])
        words, spaces = tokens.strings[begin:end].to_pylist(), tokens.spaces[begin:end].tolist()
        doc = Doc(vocab, words=words, spaces=spaces)
        doc.spans[group] = [
            Span(doc, int(tokens.first[span]) - begin, int(tokens.stop[span]) - begin, label=labels[span])
            for span in range(bounds[row], bounds[row + 1])
        ]
        packed.append(_pack(doc.spans.to_bytes()))
    return packed


class _Part:
    """One file: its docs are added, then its content is packed, but for the classes, which come last.

    Attributes:
        size: bytes of what was added, about.
        labels: the classes of each doc.
    """

    def __init__(self) -> None:
        from spacy.strings import StringStore

        self.size = 0
        self.labels: list[str | None] = []
        self._store = StringStore()
        self._tokens: list[np.ndarray] = []
        self._spaces: list[np.ndarray] = []
        self._lengths: list[np.ndarray] = []
        self._user_data: list[bytes] = []
        self._groups: list[bytes] = []
        self._zip = zlib.compressobj()

    def add(self, columns: _Columns, row: int) -> int:
        """Adds docs from one on, until the file is full, and returns which is the next."""
        ends = np.cumsum(columns.sizes[row:])
        stop = min(row + int(np.searchsorted(ends, _BYTES - self.size)) + 1, len(columns))
        self.size += int(ends[stop - row - 1])
        begin, end = columns.tokens.rows[[row, stop]].tolist()
        iob = columns.iob[begin:end].astype(np.uint64)
        codes = {"ORTH": self._hash(columns.tokens.strings[begin:end]), "ENT_IOB": iob}
        codes["ENT_TYPE"] = self._hash(columns.types[begin:end])
        for name in columns.names:
            self._store.add(name)
        self._tokens.append(np.stack([codes[name] for name, _ in _attributes()], axis=1))
        self._spaces.append(columns.tokens.spaces[begin:end])
        self._lengths.append(np.diff(columns.tokens.rows[row : stop + 1]).astype(np.int32))
        self._user_data += columns.user_data[row:stop]
        self._groups += columns.groups[row:stop]
        self.labels += columns.labels[row:stop]
        return stop

    def _hash(self, strings: pa.StringArray) -> np.ndarray:
        """Returns the number that spaCy has for each string, 0 for null, and keeps the string."""
        distinct = strings.dictionary_encode()
        numbers = np.array([0, *map(self._store.add, distinct.dictionary.to_pylist())], np.uint64)
        found: np.ndarray = numbers[1 + distinct.indices.fill_null(-1).to_numpy()]
        return found

    def begin_file(self, path: Path) -> None:
        """Writes all but the classes, and lets go of it."""
        path.write_bytes(self.pack())

    def pack(self) -> bytes:
        """Returns the first part of the file: all but the classes."""
        from spacy.tokens import DocBin

        number, has_data = len(self.labels), any(each != _NIL for each in self._user_data)
        written = {
            "version": _pack(DocBin().version),
            "attrs": _pack([code for _, code in _attributes()]),
            "tokens": _pack(b"".join(each.tobytes() for each in self._tokens)),
            "spaces": _pack(b"".join(each.tobytes() for each in self._spaces)),
            "lengths": _pack(b"".join(each.tobytes() for each in self._lengths)),
            "strings": _pack(sorted(self._store)),
            "flags": _pack_list([_pack(_KNOWN_SPACES)] * number),
            "span_groups": _pack_list(self._groups),
        } | ({"user_data": _pack_list(self._user_data)} if has_data else {})
        self._tokens, self._spaces, self._lengths, self._user_data, self._groups = [], [], [], [], []
        self._store = type(self._store)()
        begin = struct.pack(">BH", _MAP, len(written) + 1)
        return b"".join(self._zip.compress(raw) for raw in (begin, *_flatten(written), _pack("cats")))

    def end_file(self, path: Path, scores: _Scores) -> None:
        """Writes the classes behind the rest."""
        with path.open("ab") as file:
            file.writelines(self.pack_classes(scores))

    def pack_classes(self, scores: _Scores) -> Iterator[bytes]:
        """Yields the rest of the file: for each doc with classes, which of all it has."""
        yield self._zip.compress(_begin_list(len(self.labels)))
        for label in self.labels:
            yield self._zip.compress(scores.pack(label))
        yield self._zip.flush()


class _Scores:
    """Packs the classes of a doc: a value for every class, all of them 0.0 but for those that it has.

    There may be thousands of classes, and a value for each in millions of docs; so the values of a doc that has none
    are packed once, and only what differs is written over.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._nothing, self._none = _pack({}), _pack(dict.fromkeys(classes, 0.0))
        self._one = _pack(1.0)
        ends = itertools.accumulate(len(_pack(name)) + len(self._one) for name in reversed(classes))
        self._behind = dict(zip(reversed(classes), itertools.chain([0], ends), strict=False))

    def pack(self, label: str | None) -> bytes:
        """Returns the values of a doc with these classes, no values for None."""
        if label is None:
            return self._nothing
        packed = bytearray(self._none)
        for name in split_classes(label):
            end = len(packed) - self._behind[name]
            packed[end - len(self._one) : end] = self._one
        return bytes(packed)


@functools.cache
def _attributes() -> list[tuple[str, int]]:
    """Returns the attributes of tokens that are written, in spaCy's order, each with its number."""
    from spacy.attrs import IDS
    from spacy.tokens import DocBin

    names = {number: name for name, number in IDS.items()}
    return [(names[code], code) for code in DocBin(attrs=("ENT_IOB", "ENT_TYPE")).attrs]


_NIL = b"\xc0"
_MAP, _LIST = 0xDE, 0xDD
"""How MessagePack begins a map of up to 65,535 keys, and a list of up to four billion."""


def _pack(value: Any) -> bytes:
    import srsly  # type: ignore[import-untyped]

    packed: bytes = srsly.msgpack_dumps(value)
    return packed


def _begin_list(number: int) -> bytes:
    return struct.pack(">BI", _LIST, number)


def _pack_list(packed: Sequence[bytes]) -> bytes:
    return _begin_list(len(packed)) + b"".join(packed)


def _flatten(written: dict[str, bytes]) -> Iterator[bytes]:
    for name, packed in written.items():
        yield _pack(name)
        yield packed


@functools.cache
def _no_groups() -> bytes:
    return _pack(_pack([]))


@functools.cache
def _empty_group(group: str) -> bytes:
    """Returns a group without spans: those who train on a group must find it in every doc."""
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    doc = Doc(Vocab(), words=["a"])
    doc.spans[group] = []
    return _pack(doc.spans.to_bytes())


@functools.lru_cache(maxsize=100_000)
def _pack_user_data(origin: str, parent: str, fields: str | None) -> bytes:
    """Returns user data as spaCy packs it; many docs share theirs, and packing is slow."""
    made = {name: value for name, value in {"origin": origin, "parent": parent}.items() if value}
    held = add_fields(made, {"fields": fields and json.dumps(json.loads(fields, parse_int=_read_whole))})
    return _pack(_pack(held)) if held else _NIL


def _read_whole(digits: str) -> int | str:
    """Reads a whole number; spaCy's files have no room for one of more than 64 bits, which is left as text."""
    number = int(digits)
    return number if -(2**63) <= number < 2**64 else digits
