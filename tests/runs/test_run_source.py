"""`textsynth.extract_source`: what the command `extract` does, from Python."""

from __future__ import annotations

import json
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
    assert 'name what finds them in a table [[labeler]], such as use = "spacy"' in says
    shutil.rmtree(tmp_path / "out")
    says = run_refused(tmp_path, source="raw.txt", generator=[{"use": generator}], extract={"labels": ["PERSON"]})
    assert "[extract] labels: the source must have spans, has none; give spans" in says


def test_raw_text_is_enough_for_what_needs_no_mention(tmp_path: Path):
    (tmp_path / "raw.txt").write_text(RAW)
    path = write_recipe(tmp_path / "recipe.toml", source="raw.txt", count=4, generator=[{"use": "word_swap"}])
    assert call("run", path, "--out", tmp_path / "out", "-q").code == 0
    assert not (tmp_path / "out" / "extracted" / "gazetteer.tsv").read_text().strip().splitlines()[1:]


def test_spans_that_are_there_are_not_passed_over_in_silence(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    words = {"use": "word_list", "terms": ["Paris"], "label": "GPE"}
    says = run_refused(tmp_path, source="source.jsonl", labeler=[words])
    assert (
        'the source has spans, which labelers would not see; leave the labelers out, or add one with use = "gold"'
        in says
    )
    content: Any = {"source": "source.jsonl", "label": {"vote": "priority", "clean": False, "sentences": False}}
    path = write_recipe(tmp_path / "recipe.toml", **content, labeler=[{"use": "gold"}, words], count=4)
    assert call("run", path, "--out", tmp_path / "both", "-q").code == 0
    source = ts.read(tmp_path / "source.jsonl")
    assert ts.Corpus.read_parquet(tmp_path / "both" / "extracted" / "source.parquet") == source


def test_a_run_labels_by_a_list_and_keeps_what_it_set_aside(tmp_path: Path):
    text = "Ada took aspirin. She slept well.\nBoris took Aspirin and ibuprofen. Then Aspirine came.\n"
    (tmp_path / "raw.txt").write_text(text)
    (tmp_path / "drugs.txt").write_text("# what helps\naspirin\nibuprofen\t0.5\n")
    labelers = [{"use": "word_list", "path": "drugs.txt", "label": "DRUG"}]
    path = write_recipe(
        tmp_path / "r.toml", source="raw.txt", labeler=labelers, count=1, generator=[{"use": "template_fill"}]
    )
    outcome = call("run", path, "--out", tmp_path / "out", "--allow-fewer")
    assert outcome.code == 0, outcome.err
    told = "labelled 3 of 4 sentences with 1 of the 3 mentions found; set aside: 1 unsure"
    assert told in outcome.err
    extracted = tmp_path / "out" / "extracted"
    kept = ts.Corpus.read_parquet(extracted / "source.parquet")
    assert [(each.text, each.mentions()) for each in kept] == [
        ("Ada took aspirin.", ("aspirin",)),
        ("She slept well.", ()),
        ("Then Aspirine came.", ()),
    ]
    (line,) = map(json.loads, (extracted / "set_aside.jsonl").read_text().splitlines())
    assert (line["text"], line["reason"]) == ("Boris took Aspirin and ibuprofen.", "unsure")
    assert (extracted / "labelers.tsv").read_text().splitlines()[1].split("\t")[:3] == ["word_list", "DRUG", "3"]
    table = outcome.out.partition("Found by labelers, before the cleaning\n")[2].splitlines()
    assert table[1].split() == ["word_list", "DRUG", "3", "50.0%", "0", "0"]
    assert table[2].split() == ["the", "vote", "DRUG", "3", "50.0%", "0", "0"]


def test_a_pipeline_of_another_language_is_refused(tmp_path: Path):
    pytest.importorskip("spacy")
    (tmp_path / "raw.txt").write_text(GERMAN)
    labelers = [{"use": "spacy", "model": "en_core_web_sm"}]
    says = run_refused(tmp_path, source="raw.txt", labeler=labelers)
    assert (
        "labeler 'spacy': option 'model': 'en_core_web_sm' is a pipeline for 'en', the text is taken to be 'de'" in says
    )
    outcome = call("extract", tmp_path / "raw.txt", "--out", tmp_path / "seeds", "--model", "en_core_web_sm")
    assert (outcome.code, "taken to be 'de'" in outcome.err) == (2, True)


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
    assert "labeler" not in (tmp_path / "my.csv.toml").read_text()
    german = (tmp_path / "raw.txt.toml").read_text()
    assert 'model = ""  # names want a spaCy pipeline for "de", by package or directory' in german
