"""What every format must do: what it writes reads back equal, whatever the text; nothing is left half written."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from textsynth.components import registry
from textsynth.components.format import PARTS, Format
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.fields import write_fields
from textsynth.errors import CarryError
from textsynth.reading.records import Faults
from textsynth.testing.component_checks import check_built
from textsynth.testing.corpora import example_source, hostile_corpora, hostile_examples
from textsynth.testing.expectation import expect

_BATCH = 5


class _BrokenSource(Exception):
    """Raised on purpose, in the middle of a stream that is being written."""


def check_format(format: Format, source: Corpus | None = None) -> None:
    """Checks all that runs and conversions rely on.

    Args:
        format: what is tried; what it does not say that it `carries` is left out of what it is asked to write.
        source: texts that it must be able to write, `example_source()` if None. Hostile texts it may refuse by a
            `CarryError`; those that it takes must come back equal.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_built(format)
    source = example_source() if source is None else source
    check_parts(format)
    check_stream(format, source)
    check_broken_stream(format, source)
    check_hostile_texts(format)
    check_fields(format, source)


def check_parts(format: Format) -> None:
    """Checks that what a format says of itself can be."""
    unknown = sorted(format.carries - set(PARTS))
    expect(not unknown, f"{_name(format)} can carry {', '.join(PARTS)}, and nothing else", unknown)
    wrong = [suffix for suffix in format.suffixes if not suffix.startswith(".") or suffix != suffix.lower()]
    expect(not wrong, f"suffixes of {_name(format)} must be small letters behind a dot", wrong)


def check_stream(format: Format, source: Corpus) -> None:
    """Checks that batches, some of them empty, are one corpus when they are read, and that the file is recognised."""
    corpus = keep_carried(format, source)
    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder:
        path = path_for(format, Path(folder))
        format.write([Corpus.empty(), *corpus.in_batches(_BATCH), Corpus.empty()], path)
        _expect_equal(format, read_whole(format, path), corpus)
        left = sorted(each.name for each in Path(folder).iterdir())
        expect(left == [path.name], f"{_name(format)} must write {path.name} and leave nothing beside it", left)
        if format.suffixes:
            expect(format.recognises(path, "") >= 1, f"{_name(format)} must recognise {path.name}", 0)


def check_broken_stream(format: Format, source: Corpus) -> None:
    """Checks that a stream that breaks leaves what stood there before, and nothing beside it."""
    before = keep_carried(format, source)[:2]

    def break_off() -> Iterator[Corpus]:
        yield keep_carried(format, source)
        raise _BrokenSource

    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder:
        path = path_for(format, Path(folder))
        format.write([before], path)
        try:
            format.write(break_off(), path)
        except _BrokenSource:
            pass
        else:
            expect(False, f"{_name(format)} must let the error of what it writes through")
        _expect_equal(format, read_whole(format, path), before)
        left = sorted(each.name for each in Path(folder).iterdir())
        expect(left == [path.name], f"{_name(format)} must leave nothing half written", left)


def check_hostile_texts(format: Format) -> None:
    """Checks that texts which break offsets and files come back equal, or are refused by a CarryError."""
    corpus = Corpus.from_examples([*hostile_examples(), *itertools.chain.from_iterable(hostile_corpora())])
    corpus = keep_carried(format, corpus)
    if not _comes_back(format, corpus):
        # It refuses some of them: each alone shows which, and whether the others come back.
        for row in range(len(corpus)):
            _comes_back(format, corpus[row : row + 1])


def check_fields(format: Format, source: Corpus) -> None:
    """Checks that fields come back, under the names that they have, if the format carries them."""
    if "fields" not in format.carries:
        return
    expect(hasattr(format, "keep"), f"{_name(format)} carries fields, so it must have an option 'keep'")
    held = [{"number": f"A{row}", "by": "Zoë = 😀"} for row in range(len(source))]
    corpus = keep_carried(format, source).with_fields(pa.array(map(write_fields, held), pa.string()))
    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder:
        path = path_for(format, Path(folder))
        format.write([corpus[:_BATCH], corpus[_BATCH:]], path)
        for names, wanted in (("*", held), ("by", [{"by": each["by"]} for each in held]), ((), [{}] * len(held))):
            back = read_whole(dataclasses.replace(format, **{"keep": names}), path)
            expect(back == corpus, f"{_name(format)} must read what it wrote, with keep = {names!r}", back)
            found = [dict(example.fields) for example in back]
            expect(found == wanted, f"{_name(format)} must read the fields {wanted}, with keep = {names!r}", found)


def _comes_back(format: Format, corpus: Corpus) -> bool:
    """Expects what is written to come back equal; False if the format refuses to write it."""
    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder:
        path = path_for(format, Path(folder))
        try:
            format.write([corpus], path)
        except CarryError:
            expect(not any(Path(folder).iterdir()), f"{_name(format)} must write nothing if it refuses a text")
            return False
        _expect_equal(format, read_whole(format, path), corpus)
    return True


def keep_carried(format: Format, corpus: Corpus) -> Corpus:
    """Returns a corpus without what the format does not carry."""
    return files.keep_carried(corpus, format, drop=("spans", "label"))


def path_for(format: Format, folder: Path) -> Path:
    """Returns a path in a folder that ends as files of the format do."""
    return folder / f"corpus{format.suffixes[0] if format.suffixes else ''}"


def read_whole(format: Format, path: Path) -> Corpus:
    """Reads a path whole; the first bad record is an error."""
    return Corpus.concat(list(format.read(path, Faults())))


def _expect_equal(format: Format, back: Corpus, corpus: Corpus) -> None:
    expect(
        len(back) == len(corpus), f"{_name(format)} must read as many examples as it wrote, {len(corpus)}", len(back)
    )
    for row, (one, other) in enumerate(zip(corpus, back, strict=True)):
        expect(one == other, f"{_name(format)} must read example {row} as it was written, {one!r}", repr(other))
    for column in ("origin", "parent") if "origin" in format.carries else ():
        same = back.table.column(column).equals(corpus.table.column(column))
        expect(same, f"{_name(format)} carries origins, so it must read the column {column} as it was")


def _name(format: Format) -> str:
    return f"the format {registry.name_of(format)!r}"
