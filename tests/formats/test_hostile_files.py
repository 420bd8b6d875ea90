"""Files that somebody has made to do harm: bombs, lies about bytes, names that steer a terminal or a spreadsheet."""

from __future__ import annotations

import csv
import json
import time
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from workbench import call, make_recipe, write_source

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.delivery import card
from textsynth.errors import FormatError


def refused(path: Path, format: str) -> str:
    with pytest.raises(FormatError) as caught:
        formats.read(path, format)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_docbin_that_unpacks_without_end_is_refused(tmp_path: Path):
    pytest.importorskip("spacy")
    packer = zlib.compressobj(9)
    raw = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    (tmp_path / "bomb.spacy").write_bytes(raw)
    assert len(raw) < 1 << 18
    assert "must unpack to at most 67,108,864 bytes" in refused(tmp_path / "bomb.spacy", "spacy")


def test_a_card_whose_names_stand_for_names_is_refused(tmp_path: Path):
    formats.write(Corpus.from_columns(text=["a"]), tmp_path / "d", "datasets")
    lines = ["a0: &a0 lol", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    (tmp_path / "d" / "README.md").write_text("---\n" + "\n".join(lines) + "\n---\n")
    begin = time.monotonic()
    assert "no *name that stands for another part" in refused(tmp_path / "d", "datasets")
    assert time.monotonic() - begin < 10
    (tmp_path / "d" / "README.md").write_text("---\npretty_name: The *best* & all\n---\n")
    assert len(formats.read(tmp_path / "d", "datasets")) == 1


def test_text_that_is_no_utf8_is_refused_in_a_saved_dataset(tmp_path: Path):
    formats.write(Corpus.from_columns(text=["abc", "defg"]), tmp_path / "d", "datasets")
    path = tmp_path / "d" / "data-00000-of-00001.arrow"
    assert path.read_bytes().count(b"abcdefg") == 1
    path.write_bytes(path.read_bytes().replace(b"abcdefg", b"abc\xffefg"))
    assert "the text must be UTF-8" in refused(tmp_path / "d", "datasets")


@pytest.mark.parametrize("column", ["label", "spans", "origin"])
def test_bytes_that_are_no_utf8_are_refused_in_all_columns(column: str, tmp_path: Path):
    bad = pa.array([b"\xff\xfe"], pa.binary()).view(pa.string())
    spans = pa.array([[{"start": 0, "end": 1, "label": "A"}]])
    if column == "spans":
        inner = pa.StructArray.from_arrays([pa.array([0]), pa.array([1]), bad], ["start", "end", "label"])
        spans = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), inner)
    columns = {"text": pa.array(["a b"]), "spans": spans, "label": pa.array(["x"]), "origin": pa.array(["y"])}
    columns |= {} if column == "spans" else {column: bad}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert f"the column '{column}' must be whole, and its text UTF-8" in refused(tmp_path / "a.parquet", "parquet")


def test_an_arrow_file_that_lies_about_its_offsets_is_refused(tmp_path: Path):
    formats.write(Corpus.from_columns(text=["abc", "defg"]), tmp_path / "d", "datasets")
    path = tmp_path / "d" / "data-00000-of-00001.arrow"
    raw = path.read_bytes()
    offsets = b"".join(number.to_bytes(4, "little") for number in (0, 3, 7))
    assert raw.count(offsets) == 1
    path.write_bytes(raw.replace(offsets, offsets[:8] + (1 << 30).to_bytes(4, "little")))
    assert "data-00000-of-00001.arrow" in refused(tmp_path / "d", "datasets")


@pytest.mark.parametrize("format", ["jsonl", "prodigy"])
def test_a_span_whose_own_text_is_another_is_refused(format: str, tmp_path: Path):
    line = '{"text": "Ada met Bo", "spans": [{"start": 0, "end": 3, "label": "P", "text": "Bob"}], "answer": "accept"}'
    (tmp_path / "a.jsonl").write_text(line + "\n")
    assert "must be the text that stands beside it, 'Bob', was: 'Ada'" in refused(tmp_path / "a.jsonl", format)


def test_names_that_steer_a_terminal_are_written_out(tmp_path: Path):
    path = tmp_path / "a\x1b[31mb\u202etxt.jsonl"
    path.write_text('{"text": 7}\n')
    outcome = call("convert", path, tmp_path / "out.jsonl")
    assert outcome.code == 2
    assert r"a\x1b[31mb\u202etxt.jsonl" in outcome.err
    write_source(path, [("Ada went", [(0, 3, "P\x1b[2J")])])
    outcome = call("convert", path, tmp_path / "out\x07.jsonl")
    assert outcome.out == f"{tmp_path}/out\\x07.jsonl: 1 example\n"
    make_recipe(tmp_path, source={"path": path.name}, count=1, generator=[{"use": "word_deletion"}])
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--allow-fewer")
    assert "P" in outcome.out
    assert "\x1b[2J" not in outcome.out + outcome.err


def test_cells_are_guarded_against_spreadsheets_on_request(tmp_path: Path):
    texts = ["=1+1", "+a", "-b", "@c", "\td", "'=e", "plain", "'tis", "a=b"]
    corpus = Corpus.from_examples([Example(text, (Span(len(text) - 1, len(text), "X"),), "=x") for text in texts])
    formats.write(corpus, tmp_path / "a.csv", options={"guard": True})
    with (tmp_path / "a.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert list(formats.read(tmp_path / "a.csv", options={"guard": True})) == list(corpus)
    formats.write(corpus, tmp_path / "b.csv")
    assert list(formats.read(tmp_path / "b.csv")) == list(corpus)


def test_hostile_names_are_no_markup_in_the_card():
    assert card._cell("<img src=x>[a](javascript:1)|`b`\x1b") == r"&lt;img src=x&gt;\[a\](javascript:1)\|\`b\`\x1b"
    assert card._fence("a ``` b ```` c") == "`````"


@pytest.mark.parametrize("answer", [{}, {"answer": "accept", "_input_hash": 3}])
def test_offsets_that_contradict_the_text_beside_them_are_refused(answer: dict[str, object], tmp_path: Path):
    span = {"start": 0, "end": 3, "label": "PER", "text": "Bob"}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "Ann went", "spans": [span]} | answer))
    with pytest.raises(FormatError, match="span 0-3 'PER' must be the text that stands beside it, 'Bob', was: 'Ann'"):
        formats.read(path)
