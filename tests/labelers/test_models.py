"""Labelers with models: a tiny tagger, and a chat model behind a server that marks what it is told to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, marking, running

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.labelers.chat import Chat
from textsynth.labelers.transformers import Transformers


def tagger(**options: Any) -> Transformers:
    from tiny_tagger import tiny_tagger

    return Transformers(model=tiny_tagger(), loading={"device": "cpu"}, **options)


def test_a_transformer_finds_what_it_was_taught():
    corpus = Corpus.from_columns(text=["then Ada went to Oslo .", "nobody was there .", ""])
    finder = tagger(rename={"PER": "PERSON"}).load("en")
    findings = finder.find(corpus)
    assert list(zip(findings.mentions(corpus), findings.labels, strict=True)) == [("Ada", "PERSON"), ("Oslo", "LOC")]
    assert (findings.confidences > 0.8).all()
    assert finder.labels == {"PERSON", "LOC"}


def test_a_text_that_is_longer_than_the_transformer_reads():
    corpus = Corpus.from_columns(text=[" .".join(["then Ada left"] * 40)])
    assert tagger().load("en").find(corpus).mentions(corpus) == ["Ada"] * 40


def test_a_model_for_something_else_is_refused():
    import tiny_models

    labeler = Transformers(model=tiny_models.untrained("gpt"), loading={"device": "cpu"})
    with pytest.raises(OptionError, match="must be a model for token classification: "):
        labeler.load("en")


def test_a_chat_model_marks_and_is_not_asked_twice(tmp_path: Path):
    with running(ChatServer(marking({"Ada": "person", "Oslo": "CITY", "Zoe": "PERSON", "Bo": "PLANET"}))) as server:
        options = {"base_url": server.address, "concurrency": 1}
        spending = {"cache": tmp_path}
        labels = {"PERSON": "", "CITY": "a city"}
        chat = Chat(backend="server", model="m", server=options, spending=spending, labels=labels)
        texts = ["Ada saw Oslo, and Ada slept.", "nobody came.", "Bo left."]
        labelled = ts.label(texts, [chat], sentences=False)
        assert labelled == ts.label(texts, [chat], sentences=False)
        assert len(server.seen) == 3
        assert "- CITY: a city" in server.seen[0]["messages"][-1]["content"]
    assert [each.mentions() for each in labelled.corpus] == [("Ada", "Oslo", "Ada"), ()]
    assert dict(zip(labelled.aside.texts.to_pylist(), labelled.reasons, strict=True)) == {"Bo left.": "unsure"}


def test_a_chat_model_must_be_told_what_to_look_for():
    with pytest.raises(OptionError, match=r"must name what to look for, was: \{\}"):
        Chat(backend="server", model="m").load("en")
