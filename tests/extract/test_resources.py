from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.errors import FormatError, InputError
from textsynth.extract import Gazetteer, Resources, Template
from textsynth.extract.resources import with_parents


@given(corpora())
def test_what_is_written_reads_back_equal(corpus: Corpus):
    resources = Resources.of(corpus)
    with tempfile.TemporaryDirectory() as folder:
        resources.write(Path(folder))
        back = Resources.read(Path(folder))
    assert back.source == resources.source == corpus
    assert back.source.tokenizer == corpus.tokenizer
    assert back.source.table.column("parent").equals(resources.source.table.column("parent"))
    assert back.templates == resources.templates
    assert back.gazetteer == Gazetteer({label: dict(counts) for label, counts in resources.gazetteer.mentions.items()})


def test_a_source_without_examples_reads_back(tmp_path: Path):
    Resources.of(Corpus.empty()).write(tmp_path)
    back = Resources.read(tmp_path)
    assert (len(back.source), tuple(back.templates), dict(back.gazetteer.mentions)) == (0, (), {})


def test_parents_are_the_wording():
    corpus = Corpus.from_columns(
        text=["Ann hi", "Bo hi", "Bo hi!", "Bo hi"],
        spans=[[(0, 3, "P")], [(0, 2, "P")], [(0, 2, "P")], [(0, 2, "CITY")]],
        label=["a", "b", "a", "a"],
    )
    first, second, third, fourth = with_parents(corpus).table.column("parent").to_pylist()
    assert first == second == Template.parse("{P} hi").fingerprint()
    assert len({first, third, fourth}) == 3


def test_what_a_person_edited_takes_the_place(tmp_path: Path):
    resources = Resources.of(Corpus.from_columns(text=["Ann hi"], spans=[[(0, 3, "P")]]))
    (tmp_path / "t.txt").write_text("Dear {P}\n", encoding="utf-8")
    (tmp_path / "g.tsv").write_text("P\tZoë\t2\n", encoding="utf-8")
    assert resources.with_edits(None, None) == resources
    edited = resources.with_edits(tmp_path / "t.txt", tmp_path / "g.tsv")
    assert [each.to_text() for each in edited.templates] == ["Dear {P}"]
    assert edited.gazetteer.mentions == {"P": {"Zoë": 2}}
    assert edited.source is resources.source


def test_what_a_person_broke_is_said(tmp_path: Path):
    resources = Resources.of(Corpus.from_columns(text=["Ann hi"], spans=[[(0, 3, "P")]]))
    (tmp_path / "t.txt").write_text("Dear {P\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"t\.txt:1: "):
        resources.with_edits(tmp_path / "t.txt", None)
    with pytest.raises(InputError, match=r"none\.tsv: must be a file to read, there is none"):
        resources.with_edits(None, tmp_path / "none.tsv")
