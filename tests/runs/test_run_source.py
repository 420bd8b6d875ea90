"""`textsynth.extract_source`: what the command `extract` does, from Python."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from workbench import call, write_recipe, write_source

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


RAW = "Ada Lovelace lives in London with her mother.\nShe wrote to Charles Babbage last week.\n"
GERMAN = "Gestern haben wir mit Frau Schäfer über den neuen Vertrag gesprochen.\nDer Zug nach Ulm hatte Verspätung.\n"


def run_refused(folder: Path, **content: Any) -> str:
    outcome = call("run", write_recipe(folder / "recipe.toml", **content), "--out", folder / "out")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    return outcome.err


@pytest.mark.parametrize("generator", ["template_fill", "mention_replacement"])
def test_raw_text_that_nothing_labels_is_refused(generator: str, tmp_path: Path):
    (tmp_path / "raw.txt").write_text(RAW)
    says = run_refused(tmp_path, source="raw.txt", generator=[{"use": generator}])
    assert 'name what finds them: spacy_model = "en_core_web_sm" under [extract]' in says
    shutil.rmtree(tmp_path / "out")
    says = run_refused(tmp_path, source="raw.txt", generator=[{"use": generator}], extract={"labels": ["PERSON"]})
    assert "[extract] labels: the source must have spans, has none; give spans" in says


def test_raw_text_is_enough_for_what_needs_no_mention(tmp_path: Path):
    (tmp_path / "raw.txt").write_text(RAW)
    path = write_recipe(tmp_path / "recipe.toml", source="raw.txt", count=4, generator=[{"use": "word_swap"}])
    assert call("run", path, "--out", tmp_path / "out", "-q").code == 0
    assert not (tmp_path / "out" / "extracted" / "gazetteer.tsv").read_text().strip().splitlines()[1:]


def test_classes_are_never_run_through_a_pipeline(tmp_path: Path):
    (tmp_path / "my.csv").write_text("text,label\nAda lives in London,greet\nbye for now,leave\n")
    says = run_refused(tmp_path, source="my.csv", extract={"spacy_model": "en_core_web_sm"})
    assert "the source has classes and no spans, so 'en_core_web_sm' must not label it" in says


def test_a_pipeline_of_another_language_is_refused(tmp_path: Path):
    pytest.importorskip("spacy")
    (tmp_path / "raw.txt").write_text(GERMAN)
    extract = {"spacy_model": "en_core_web_sm"}
    assert "is a pipeline for 'en', the text looks like 'de'" in run_refused(
        tmp_path, source="raw.txt", extract=extract
    )
    outcome = call("extract", tmp_path / "raw.txt", "--out", tmp_path / "seeds", "--model", "en_core_web_sm")
    assert (outcome.code, "looks like 'de'" in outcome.err) == (2, True)


def test_extract_of_raw_text_asks_for_a_pipeline(tmp_path: Path):
    (tmp_path / "raw.txt").write_text(RAW)
    outcome = call("extract", tmp_path / "raw.txt", "--out", tmp_path / "seeds")
    assert outcome.code == 2
    assert "or a pipeline that finds them, --model en_core_web_sm for English; has no spans" in outcome.err


def test_a_starter_names_no_pipeline_for_classes_nor_for_another_language(tmp_path: Path):
    (tmp_path / "my.csv").write_text("text,label\nAda lives in London,greet\nbye for now,leave\n")
    (tmp_path / "raw.txt").write_text(GERMAN)
    for name in ("my.csv", "raw.txt"):
        assert call("init", tmp_path / name, "--out", tmp_path / f"{name}.toml").code == 0
    assert "spacy_model" not in (tmp_path / "my.csv.toml").read_text()
    german = (tmp_path / "raw.txt.toml").read_text()
    assert 'spacy_model = ""  # must be a spaCy pipeline for "de"' in german
