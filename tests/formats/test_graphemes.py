"""Offsets that count graphemes, in every format in which offsets are an option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.errors import CarryError, FormatError

TEXT = "👩\u200d👩\u200d👧 น้ำ met Jose\u0301\r\nAnn"
SPANS = [(TEXT.index(name), TEXT.index(name) + len(name), "PER") for name in ("Jose\u0301", "Ann")]
CORPUS = Corpus.from_columns(text=[TEXT, "Ann"], spans=[SPANS, [(0, 3, "PER")]])


@pytest.mark.parametrize("name", ["x.jsonl", "x.doccano.jsonl", "x.csv", "x.json"])
@pytest.mark.parametrize("unit", ["graphemes", "utf16", "bytes", "characters"])
def test_what_is_written_in_a_unit_is_read_in_it(tmp_path: Path, name: str, unit: str):
    format = "label_studio" if name == "x.json" else None
    formats.write(CORPUS, tmp_path / name, format, options={"offsets": unit})
    assert formats.read(tmp_path / name, format, options={"offsets": unit}) == CORPUS


def test_graphemes_are_written(tmp_path: Path):
    formats.write(CORPUS, tmp_path / "x.jsonl", options={"offsets": "graphemes"})
    row = json.loads((tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert [(span["start"], span["end"]) for span in row["spans"]] == [(8, 12), (13, 16)]
    assert row["offsets"] == "graphemes"
    assert formats.read(tmp_path / "x.jsonl") == CORPUS


def test_a_text_that_is_quoted_decides(tmp_path: Path):
    row = {"text": "e\u0301 (Ann) ", "spans": [{"start": 3, "end": 6, "label": "PER", "text": "Ann"}]}
    (tmp_path / "x.jsonl").write_text(json.dumps(row))
    assert formats.read(tmp_path / "x.jsonl")[0].mentions() == ("Ann",)


def test_doccanos_projects_may_count_graphemes_so_that_an_option_must_say(tmp_path: Path):
    path = tmp_path / "x.doccano.jsonl"
    path.write_text(json.dumps({"text": "e\u0301 (Ann) ", "label": [[3, 6, "PER"]]}))
    with pytest.raises(FormatError, match=r"'\(An' in characters .* 'Ann' in graphemes .* the option 'offsets'"):
        formats.read(path)
    assert formats.read(path, options={"offsets": "graphemes"})[0].mentions() == ("Ann",)
    assert formats.read(path, options={"offsets": "characters"})[0].mentions() == ("(An",)


def test_a_span_that_cuts_a_grapheme_is_not_written_in_graphemes(tmp_path: Path):
    corpus = Corpus.from_columns(text=["e\u0301"], spans=[[(0, 1, "X")]])
    with pytest.raises(CarryError, match="must begin and end between graphemes"):
        formats.write(corpus, tmp_path / "x.jsonl", options={"offsets": "graphemes"})
    assert not (tmp_path / "x.jsonl").exists()
