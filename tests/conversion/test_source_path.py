from __future__ import annotations

import gzip
import io
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from workbench import Outcome, call, make_recipe

import textsynth as ts
from textsynth.conversion.source_path import list_files
from textsynth.corpus import Corpus
from textsynth.errors import FormatError, InputError, OptionError, OutputError, RunMismatch, UnknownName
from textsynth.recipes.inputs import find_inputs

CORPUS = Corpus.from_columns(
    text=["Ada flew to Rome", "stop", "Иван 😀"],
    spans=[[(0, 3, "PERSON"), (12, 16, "CITY")], [], [(0, 4, "PERSON")]],
)
TWICE = Corpus.concat([CORPUS, CORPUS])


def call_with(stdin: bytes, *arguments: str | Path) -> Outcome:
    """Calls the command line in this process, with a standard input."""
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))):
        return call(*arguments)


def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "from textsynth.commands.main import main; main()"
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], input=stdin, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ts.write(CORPUS, tmp_path / "data" / "b.jsonl")
    ts.write(CORPUS, tmp_path / "data" / "a.jsonl.gz")
    return tmp_path / "data"


def test_a_pattern_stands_for_the_files_it_fits_by_name(folder: Path):
    assert [each.name for each in list_files(folder / "*")] == ["a.jsonl.gz", "b.jsonl"]
    assert ts.read(str(folder / "*.jsonl*")) == TWICE
    assert ts.read([folder / "b.jsonl", folder / "a*"]) == TWICE
    assert ts.read(str(folder.parent / "**" / "*.jsonl")) == CORPUS
    assert ts.read([str(folder / "*.jsonl"), str(folder / "a.jsonl.gz")]) == TWICE


def test_a_pattern_may_fit_files_of_several_formats(folder: Path):
    ts.write(CORPUS, folder / "c.csv")
    assert len(ts.read(folder / "*")) == 9


def test_a_file_whose_name_has_brackets_is_no_pattern(tmp_path: Path):
    ts.write(CORPUS, tmp_path / "a[1].jsonl")
    assert ts.read(tmp_path / "a[1].jsonl") == CORPUS


def test_empty_files_of_a_pattern_are_left_out(folder: Path):
    (folder / "c.jsonl").touch()
    assert ts.read(folder / "*") == TWICE
    with pytest.raises(InputError, match=r"c\*: must stand for files to read, there is none but empty ones"):
        ts.read(folder / "c*")
    with pytest.raises(InputError, match=r"x\*: must stand for files to read, there is none$"):
        ts.read(folder / "x*")


def test_the_pairs_of_brat_are_read_once(tmp_path: Path):
    ts.write(CORPUS, tmp_path / "brat", "brat")
    assert ts.read(tmp_path / "brat" / "*") == ts.read(tmp_path / "brat")


def test_an_error_names_the_file_that_a_pattern_fits(folder: Path):
    (folder / "c.jsonl").write_text('{"text": "a"}\n{"text": 5}\n')
    with pytest.raises(FormatError, match=r"data/c\.jsonl:2: "):
        ts.read(folder / "*.jsonl")
    done = ts.convert(folder / "*", folder.parent / "out.csv", on_error="skip")
    assert (done.examples, done.rejected) == (7, 1)
    assert "c.jsonl" in done.rejects.read_text()


@pytest.mark.parametrize("name", ["jsonl", "csv", "tsv", "txt", "conll", "parquet", "spacy", "prodigy.jsonl"])
def test_every_format_of_one_file_is_gzipped_by_its_name(name: str, tmp_path: Path):
    drop = ("spans",) if name == "txt" else ()
    ts.write(CORPUS, tmp_path / f"plain.{name}", drop=drop)
    ts.write(CORPUS, tmp_path / f"zipped.{name}.gz", drop=drop)
    assert gzip.decompress((tmp_path / f"zipped.{name}.gz").read_bytes()) == (tmp_path / f"plain.{name}").read_bytes()
    assert ts.read(tmp_path / f"zipped.{name}.gz") == ts.read(tmp_path / f"plain.{name}")


def test_equal_content_is_gzipped_to_equal_bytes(tmp_path: Path):
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        ts.write(CORPUS, tmp_path / name)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_a_directory_is_not_gzipped(tmp_path: Path):
    with pytest.raises(OutputError, match=r"out\.dataset\.gz: a directory, as 'datasets' writes it, cannot be gzipped"):
        ts.write(CORPUS, tmp_path / "out.dataset.gz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [3, 20, 60])
def test_a_gzip_file_that_is_cut_off_is_named(cut: int, tmp_path: Path):
    ts.write(CORPUS, tmp_path / "a.jsonl.gz")
    (tmp_path / "a.jsonl.gz").write_bytes((tmp_path / "a.jsonl.gz").read_bytes()[:cut])
    with pytest.raises(FormatError, match=r"a\.jsonl\.gz: must be a whole gzip file"):
        ts.read(tmp_path / "a.jsonl.gz")


def test_a_gzip_file_with_a_wrong_byte_is_named(tmp_path: Path):
    raw = bytearray(gzip.compress(b'{"text": "a"}\n' * 1000, mtime=0))
    raw[len(raw) // 2] ^= 255
    (tmp_path / "a.jsonl.gz").write_bytes(raw)
    with pytest.raises(FormatError, match=r"a\.jsonl\.gz: must be a whole gzip file"):
        ts.read(tmp_path / "a.jsonl.gz")


def test_what_is_gzipped_without_saying_so_is_read_and_what_says_so_wrongly_too(folder: Path):
    (folder / "a.jsonl.gz").rename(folder / "a.jsonl")
    (folder / "b.jsonl").rename(folder / "b.jsonl.gz")
    assert ts.read(folder / "*") == TWICE


def test_a_wrong_line_of_a_gzipped_file_is_named(tmp_path: Path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n{"text": 5}\n'))
    with pytest.raises(FormatError, match=r"a\.jsonl\.gz:2: "):
        ts.read(tmp_path / "a.jsonl.gz")


class _Input:
    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


def test_standard_input_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("b.jsonl", "a.jsonl.gz"):
        monkeypatch.setattr(sys, "stdin", _Input((folder / name).read_bytes()))
        assert ts.read("-", "jsonl") == CORPUS
    monkeypatch.setattr(sys, "stdin", _Input(b'{"text": "a"}\n{"text": 5}\n'))
    with pytest.raises(FormatError, match=r"^standard input:2: "):
        ts.read("-", "jsonl")
    monkeypatch.setattr(sys, "stdin", _Input(b"neither this nor that\n"))
    with pytest.raises(UnknownName, match=r"^standard input: no format is known"):
        ts.read("-")


def test_the_command_line_reads_standard_input_and_patterns(folder: Path, tmp_path: Path):
    done = run("convert", "-", tmp_path / "out.csv", "--from", "jsonl", stdin=(folder / "b.jsonl").read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert ts.read(tmp_path / "out.csv") == CORPUS
    broken = call_with(b"[", "convert", "-", tmp_path / "no.csv", "--from", "jsonl")
    assert broken.code == 2
    assert broken.err.startswith("textsynth: standard input:1: ")
    assert not (tmp_path / "no.csv").exists()
    assert call("convert", folder / "*", tmp_path / "both.conll.gz").code == 0
    assert len(ts.read(tmp_path / "both.conll.gz")) == 6
    assert "Rome" in call_with((folder / "b.jsonl").read_bytes(), "show", "-", "-f", "jsonl", "--json").out
    assert call("show", folder / "*", "--json", "-n", "100").out.count("Rome") == 2


def test_the_command_line_tells_what_it_does_not_read_of_standard_input(tmp_path: Path):
    """By a warning, which this process would hand to pytest."""
    done = run("convert", "-", tmp_path / "id.csv", "--from", "jsonl", stdin=b'{"text": "a", "id": 3}')
    assert done.stderr.startswith(b"textsynth: standard input: not read: id")


@pytest.mark.slow
def test_a_starter_recipe_names_the_pattern(folder: Path, tmp_path: Path):
    assert run("init", folder / "*", "-o", tmp_path / "r" / "my.toml").returncode == 0
    recipe = ts.load_recipe(tmp_path / "r" / "my.toml")
    assert 'path = "../data/*"' in (tmp_path / "r" / "my.toml").read_text()
    assert recipe.source is not None
    assert len(ts.read(recipe.source.path)) == 6
    assert b"standard input" in run("init", "-", "-o", tmp_path / "no.toml").stderr
    ts.write(CORPUS, folder / "c.csv")
    assert b"must have one format, have csv, jsonl" in run("init", folder / "*", "-o", tmp_path / "no.toml").stderr
    assert not (tmp_path / "no.toml").exists()


def test_what_stands_for_a_pattern_covers_every_file(folder: Path):
    def stands() -> str:
        return find_inputs({"source": {"path": str(folder / "*")}})[str(folder / "*")]

    before = stands()
    assert stands() == before
    ts.write(CORPUS, folder / "c.jsonl")
    added = stands()
    (folder / "c.jsonl").rename(folder / "d.jsonl")
    renamed = stands()
    (folder / "d.jsonl").write_text("changed")
    assert len({before, added, renamed, stands()}) == 4


def test_a_wrong_option_is_told_as_before(folder: Path):
    with pytest.raises(OptionError, match="format 'jsonl': there is no option 'txt'"):
        ts.read(folder / "*", options={"txt": "body"})


def test_a_recipe_reads_all_files_of_a_pattern_and_knows_them_again(folder: Path, tmp_path: Path):
    recipe = make_recipe(tmp_path, source="data/*", count=5, generator=[{"use": "mention_replacement"}], filter=[])
    assert ts.run_recipe(recipe, tmp_path / "out").source.examples == 6
    assert ts.run_recipe(recipe, tmp_path / "out").source.examples == 6
    ts.write(CORPUS, folder / "c.jsonl")
    with pytest.raises(RunMismatch):
        ts.run_recipe(recipe, tmp_path / "out")
