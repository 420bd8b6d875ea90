from __future__ import annotations

from hypothesis import assume, given
from strategies import corpora

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span


@given(corpora())
def test_a_frame_is_read_back_equal(corpus: Corpus):
    assume(len(corpus))
    assert ts.read(corpus.to_pandas()) == corpus


def test_the_columns_are_those_that_something_is_in():
    corpus = Corpus.from_examples(
        [
            Example("Ada!", (Span(0, 3, "PERSON"),), "greet", "step", fields={"id": 1}),
            Example("hi", (), "greet", "step"),
        ]
    )
    frame = corpus.to_pandas()
    assert list(frame.columns) == ["text", "spans", "label", "origin", "id"]
    assert frame["spans"][0] == [{"start": 0, "end": 3, "label": "PERSON"}]
    assert list(Corpus.from_columns(text=["hi"]).to_pandas().columns) == ["text", "spans"]
    assert list(Corpus.from_columns(text=["hi"], label=[("a", "b")]).to_pandas()["label"]) == [["a", "b"]]
