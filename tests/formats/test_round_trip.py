"""What every format must do, parametrised over the registry."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PIECES, corpora, one_line_texts

from textsynth import formats
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import CarryError, FormatError, OutputError, UnknownName
from textsynth.formats import Format
from textsynth.reading.records import Faults

NAMES = registry.names("format")

REFUSING = ("gliner2", "rasa")
"""Formats in which a mention is said by its text, or by marks in it: they refuse what that leaves open."""

every_format = pytest.mark.parametrize("name", NAMES)


OPTIONS = {"text": {"marks": "keep"}}
"""Options with which formats read what they write: lines of text may look like the table that they are not."""


def build(name: str) -> Format:
    return cast("Format", registry.look_up("format", name)(**OPTIONS.get(name, {})))


def place(folder: Path | str, name: str) -> Path:
    suffixes = build(name).suffixes
    return Path(folder) / f"corpus{suffixes[0] if suffixes else ''}"


def carried(corpus: Corpus, name: str) -> Corpus:
    return files.keep_carried(corpus, build(name), drop=("spans", "label"))


def takes(name: str, example: Example) -> bool:
    """Says whether a format takes an example; one that says mentions by their text refuses what that leaves open."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            build(name).write([Corpus.from_examples([example])], place(folder, name))
        except CarryError:
            return False
    return True


def taken(corpus: Corpus, name: str) -> Corpus:
    """Returns the examples that a format takes: all of them, if it has no reason to refuse any."""
    if name not in REFUSING:
        return corpus
    return corpus.mask(np.array([takes(name, example) for example in corpus], bool))


def read(path: Path, name: str) -> Corpus:
    return Corpus.concat(list(build(name).read(path, Faults())))


def plain_corpus(count: int = 30) -> Corpus:
    return Corpus.from_columns(
        text=[f"Zoë lives in Paris 😀 {row}" for row in range(count)],
        spans=[[(0, 3, "PERSON"), (13, 18, "creative-work")]] * count,
        label=["greet", "leave"] * (count // 2),
    )


@every_format
@given(data=st.data())
def test_what_is_written_reads_back_equal(name: str, data: st.DataObject):
    corpus = taken(carried(data.draw(corpora(one_line_texts() if name == "text" else None)), name), name)
    with tempfile.TemporaryDirectory() as folder:
        build(name).write([corpus], place(folder, name))
        back = read(place(folder, name), name)
        assert back == corpus
        assert sorted(path.name for path in Path(folder).iterdir()) == [place(folder, name).name]
    if "origin" in build(name).carries:
        assert back.table.column("origin").equals(corpus.table.column("origin"))
        assert back.table.column("parent").equals(corpus.table.column("parent"))


@every_format
@pytest.mark.parametrize("first", ["\ufeff", "#", ""])
def test_each_hostile_fragment_reads_back_equal(name: str, first: str, tmp_path: Path):
    made = [Example(piece) for piece in (first, *PIECES)]
    made += [Example(f"{piece}Ada{piece}", (Span(len(piece), len(piece) + 3, "PER"),)) for piece in (first, *PIECES)]
    if name == "text":
        made = [example for example in made if example.text.strip() and not re.search(r"[\r\n]", example.text)]
    corpus = taken(carried(Corpus.from_examples(made), name), name)
    assert len(corpus) > len(made) / 4
    build(name).write([corpus], place(tmp_path, name))
    assert list(read(place(tmp_path, name), name)) == list(corpus)


@every_format
def test_a_stream_of_batches_is_one_corpus(name: str, tmp_path: Path):
    corpus = carried(plain_corpus(), name)
    batches = [Corpus.empty(), *corpus.in_batches(7), Corpus.empty()]
    build(name).write(batches, place(tmp_path, name))
    assert read(place(tmp_path, name), name) == corpus


@every_format
def test_a_later_batch_may_have_what_the_first_had_not(name: str, tmp_path: Path):
    bare = Corpus.from_columns(text=["Nobody is here"] * 3)
    corpus = carried(Corpus.concat([bare, plain_corpus(4)]), name)
    build(name).write([corpus[:3], corpus[3:]], place(tmp_path, name))
    assert read(place(tmp_path, name), name) == corpus


@every_format
def test_what_it_wrote_is_recognised(name: str, tmp_path: Path):
    build(name).write([carried(plain_corpus(), name)], place(tmp_path, name))
    assert registry.name_of(files.find(place(tmp_path, name))) == name


@every_format
def test_a_corpus_without_examples_is_an_error_to_read(name: str, tmp_path: Path):
    path = place(tmp_path, name)
    build(name).write([Corpus.empty()], path)
    with pytest.raises(FormatError) as caught:
        formats.read(path, name)
    assert str(caught.value) == f"{path}: must have at least one example for the format {name!r}, it has none"


@every_format
def test_a_failure_on_the_way_leaves_what_stood_there(name: str, tmp_path: Path):
    path = place(tmp_path, name)
    before = carried(plain_corpus(2), name)
    build(name).write([before], path)

    def breaking() -> Iterator[Corpus]:
        yield carried(plain_corpus(), name)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        build(name).write(breaking(), path)
    assert read(path, name) == before
    assert list(tmp_path.iterdir()) == [path]


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from textsynth.components import registry
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.errors import OutputError

text = " ".join(f"word{number}" for number in range(2000))
corpus = Corpus.from_columns(text=[f"{text} {row}" for row in range(200)])
registry.names("format")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
for name in sys.argv[2:]:
    made = registry.look_up("format", name)()
    path = Path(sys.argv[1]) / (name + (made.suffixes[0] if made.suffixes else ""))
    try:
        made.write(corpus.in_batches(10), path)
        print(name, "wrote")
    except OutputError as error:
        told = str(error).startswith(str(path)) and "cannot be written" in str(error)
        print(name, "told" if told else error, [left.name for left in Path(sys.argv[1]).iterdir()])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_nothing_is_left_half_written_on_a_full_disk(tmp_path: Path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), *NAMES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == [f"{name} told []" for name in NAMES], done.stderr
    assert list(tmp_path.iterdir()) == []


@every_format
def test_something_else_at_the_place_is_an_error(name: str, tmp_path: Path):
    path = place(tmp_path, name)
    build(name).write([carried(plain_corpus(2), name)], path)
    kind = "directory" if path.is_dir() else "file"
    other = tmp_path / f"other{path.suffix}"
    other.touch() if kind == "directory" else other.mkdir()
    with pytest.raises(OutputError) as caught:
        build(name).write([carried(plain_corpus(2), name)], other)
    assert (
        str(caught.value)
        == f"{other}: must be a {kind} to write, is a {'file' if kind == 'directory' else 'directory'}"
    )


def test_a_name_that_no_format_knows(tmp_path: Path):
    path = tmp_path / "corpus.docx"
    path.write_text("Ada lives in Paris")
    with pytest.raises(UnknownName) as caught:
        formats.read(path)
    assert str(caught.value) == (
        f"{path}: no format is known by this name or content; name one with --from FORMAT, "
        f'in a recipe with format = "FORMAT"; '
        f"there is: {', '.join(NAMES)}"
    )
