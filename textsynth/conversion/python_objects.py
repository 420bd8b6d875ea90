"""From what Python programs hold to a corpus: texts, pairs, dicts, data frames, datasets, spaCy's docs.

Whatever it is becomes what a format reads: items become lines of JSON, docs a DocBin, tables rows of a dataset. So the
rules of files hold, with the options of that format. Libraries are known by the names of their classes: those whose
objects nobody hands in are not imported.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from textsynth.components import registry
from textsynth.components.format import Format
from textsynth.conversion.files import find, read_batches, with_keep
from textsynth.conversion.python_items import KINDS_OF_ITEMS, describe, is_doc, is_of, write_items
from textsynth.conversion.python_tables import is_table, read_table_object, read_tokens
from textsynth.conversion.source_path import read_source_path
from textsynth.conversion.spool import Alias, rename_path, spool_file
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.corpus.fields import read_fields, write_fields
from textsynth.errors import FormatError, InputError, OptionError
from textsynth.reading.keep import Keep, list_names, read_each
from textsynth.reading.records import Faults

Options = Mapping[str, Any] | None
_KINDS_OF_SOURCES = (
    "a path, a Corpus, a DataFrame, an Arrow table, a dataset, a DocBin, a dict of columns, or a list (or another "
    f"iterable) of paths or of items, each {KINDS_OF_ITEMS}"
)
_LOOKED_AT = 1000
"""The number of strings by which a list of files is told from a list of texts."""


def to_corpus(source: Any) -> Corpus:
    """Returns what a Python program holds as a corpus.

    Args:
        source: whatever `textsynth.read` takes.

    Raises:
        TextsynthError: as `textsynth.read`.

    >>> to_corpus([("Ada lives in Rome", [(0, 3, "PERSON")]), ("stop", "halt")])[0].mentions()
    ('Ada',)
    """
    return source if isinstance(source, Corpus) else Corpus.concat(to_batches(source))


def to_batches(
    source: Any,
    format: str | None = None,
    options: Options = None,
    faults: Faults | None = None,
    keep: str | Sequence[str] = (),
) -> Iterator[Corpus]:
    """Yields what a Python program holds as corpora, with bounded memory if it is a stream.

    Args:
        source: whatever `textsynth.read` takes.
        format: the name of the format, for paths and dicts; found out if None.
        options: the options of the format that reads the source.
        faults: what happens with bad records; the first one raises if None.
        keep: fields that travel with each example; "*" for all that nothing reads.
    """
    yield from _to_batches(source, format, with_keep(options, keep), faults or Faults())


def _to_batches(source: Any, format: str | None, options: Mapping[str, Any], faults: Faults) -> Iterator[Corpus]:
    if isinstance(source, str | Path):
        yield from read_source_path(Path(source), format, options, faults)
    elif isinstance(source, Corpus):
        _check_plain("a Corpus", format, options)
        yield _narrow_fields(source, options["keep"]) if "keep" in options else source
    elif is_table(source):
        _check_plain("a table", format, None)
        yield from read_table_object(source, options, faults)
    elif is_of(source, "spacy.tokens", "DocBin"):
        yield from _read_docs(source, format, options, faults)
    else:
        yield from _read_items(_iterate(source), format, options, faults)


def _narrow_fields(corpus: Corpus, names: Any) -> Corpus:
    """Returns a corpus with those of its fields that are named."""
    names = list_names(names)
    keep = Keep(names, where="a Corpus")
    rows = [read_fields(written) for written in corpus.fields.to_pylist()]
    kept = [write_fields({name: row[name] for name in keep.choose(row, row)}) for row in rows]
    keep.check()
    types = tuple(each for each in corpus.names.fields if keep.all or each.name in names)
    return corpus.with_fields(pa.array(kept, pa.string())).with_names(replace(corpus.names, fields=types))


def _check_plain(what: str, format: str | None, options: Options) -> None:
    """Checks that nothing is said of how to read something, but for what is to be kept."""
    said = {name: value for name, value in (options or {}).items() if name != "keep"}
    if format is not None or said:
        given = f"format {format!r}" if format is not None else f"options {said!r}"
        raise OptionError(f"{what} needs no format to be read by and takes none of its options, was given: {given}")


def _iterate(source: Any) -> Iterator[Any]:
    """Iterates over a source that is of many items, and says what there could have been if it is none."""
    if isinstance(source, Mapping | Example) or is_doc(source):
        raise InputError(f"a single {type(source).__name__} must stand in a list")
    if isinstance(source, tuple) and len(source) in (2, 3) and isinstance(source[0], str) and not _are_files(source):
        raise InputError(f"a tuple is one example, and must stand in a list; so must several texts, was: {source!r}")
    if isinstance(source, set | frozenset):
        raise InputError("a set has no order, so the same seed would not give the same bytes; make it a list")
    if isinstance(source, bytes | bytearray) or not isinstance(source, Iterable):
        raise InputError(f"the source must be {_KINDS_OF_SOURCES}; was: {describe(source)}")
    return iter(source)


def _read_items(
    items: Iterator[Any], format: str | None, options: Mapping[str, Any], faults: Faults
) -> Iterator[Corpus]:
    head = list(itertools.islice(items, _LOOKED_AT))
    if not head:
        raise FormatError("items: must have at least one example, there is none")
    items = itertools.chain(head, items)
    if isinstance(head[0], Path) or _are_files(head):
        yield from read_each(_read_files(items, format, options, faults))
    elif is_doc(head[0]):
        yield from _read_docs(_pack_docs(items, "keep" in options), format, options, faults)
    elif isinstance(head[0], Mapping) and "tokens" in head[0] and "text" not in head[0]:
        yield from read_tokens(items, options, faults)
    else:
        yield from _read_rows(items, format, options, faults)


def _read_files(
    items: Iterator[Any], format: str | None, options: Mapping[str, Any], faults: Faults
) -> Iterator[Iterator[Corpus]]:
    for position, path in enumerate(items):
        if not isinstance(path, str | Path):
            raise FormatError(f"item {position}: must be a path as those before it are, was: {describe(path)}")
        yield _to_batches(path, format, options, faults)


def _read_rows(items: Iterator[Any], format: str | None, options: Options, faults: Faults) -> Iterator[Corpus]:
    """Reads items as the lines of a JSON Lines file; if they are no dicts, it is laid out as we write one."""
    with spool_file("items.jsonl") as path, rename_path(Alias(path, "items", "item"), faults):
        if not write_items(_refuse_files(items), path, faults):
            _check_plain("a list without dicts", format, options)
            format = "jsonl"
        yield from read_batches(path, find(path, format, options), faults)


def _read_docs(docs: Any, format: str | None, options: Options, faults: Faults) -> Iterator[Corpus]:
    if format not in (None, "spacy"):
        raise OptionError(f"docs must be read by the format 'spacy', was given: {format!r}")
    with spool_file("docs.spacy") as path, rename_path(Alias(path, "docs", "doc"), faults):
        docs.to_disk(path)
        yield from read_batches(path, find(path, "spacy", options), faults)


def _pack_docs(items: Iterator[Any], with_fields: bool) -> Any:
    from spacy.tokens import DocBin

    docs = DocBin(store_user_data=with_fields)
    for position, doc in enumerate(items):
        if not is_doc(doc):
            raise FormatError(f"item {position}: must be a spaCy Doc as those before it are, was: {describe(doc)}")
        docs.add(doc)
    return docs


def _are_files(items: Iterable[Any]) -> bool:
    return all(isinstance(item, str) and _looks_like_file(item) for item in items)


def _refuse_files(items: Iterator[Any]) -> Iterator[Any]:
    """Yields items, but none that is a file among texts: whichever it was meant to be, the other would be wrong."""
    for position, item in enumerate(items):
        if isinstance(item, Path) or (isinstance(item, str) and _looks_like_file(item)):
            must = f"item {position}: must be a text as those before it are, looks like a file: {str(item)!r}"
            raise FormatError(must + '; a text is also read as {"text": …}, a file as a Path in a list of Paths')
        yield item


def _looks_like_file(text: str) -> bool:
    """Says whether a string in a list is the name of a file, rather than a text.

    >>> _looks_like_file("data/train.jsonl"), _looks_like_file("He has read notes.txt"), _looks_like_file("stop")
    (True, False, False)
    """
    name = text.lower().removesuffix(".gz")
    has_suffix = name.endswith(_list_suffixes()) and "\n" not in text
    return has_suffix and (len(text.split()) == 1 or Path(text).exists())


@functools.cache
def _list_suffixes() -> tuple[str, ...]:
    formats = [cast("type[Format]", registry.look_up("format", name)) for name in registry.names("format")]
    return tuple(suffix for each in formats for suffix in each.suffixes)
