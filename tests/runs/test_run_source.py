"""`textsynth.extract_source`: what the command `extract` does, from Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbench import write_source

import textsynth as ts
from textsynth.errors import InputError


def test_gazetteer_templates_and_the_labelled_corpus_are_written(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    resources = ts.extract_source(tmp_path / "source.jsonl", tmp_path / "seeds", labels=["PERSON"])
    assert sorted(path.name for path in (tmp_path / "seeds").iterdir()) == [
        "annotated.jsonl",
        "gazetteer.tsv",
        "templates.tsv",
    ]
    assert set(resources.gazetteer.mentions) == {"PERSON"}
    assert ts.read(tmp_path / "seeds" / "annotated.jsonl").labels == ("PERSON",)


def test_a_source_that_is_not_there_is_one_line(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.jsonl: must be a file or directory to read, there is none"):
        ts.extract_source(tmp_path / "none.jsonl", tmp_path / "seeds")
    assert not (tmp_path / "seeds").exists()
