"""The tagger out of two: what the vectors know comes to what the CRF has learnt."""

from __future__ import annotations

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import TokenTable
from textsynth.scores import pooled_tagger
from textsynth.scores.pooled_tagger import teach_pooled_tagger
from textsynth.scores.probes import teach_tagger

PEOPLE, PLACES = ("Ada", "Bo", "Cy"), ("Rome", "Oslo", "Bern")
UNKNOWN_PEOPLE, UNKNOWN_PLACES = ("Zed", "Xi"), ("Lima", "Kyiv")


def encode(corpus: Corpus, tokens: TokenTable) -> np.ndarray:
    """Vectors of an encoder that knows people, places, surnames and nothing else."""
    known = {**dict.fromkeys((*PEOPLE, *UNKNOWN_PEOPLE), 0), **dict.fromkeys((*PLACES, *UNKNOWN_PLACES), 1), "Ray": 2}
    return np.eye(4)[[known.get(word, 3) for word in tokens.strings.to_pylist()]]


def label(words: str) -> Corpus:
    """A text whose people and places are marked; a Ray that follows a person is a part of it."""
    spans = []
    for kind, names in (("PER", (*PEOPLE, *UNKNOWN_PEOPLE)), ("LOC", (*PLACES, *UNKNOWN_PLACES))):
        for name in names:
            start = words.find(name)
            end = start + len(name)
            if start >= 0:
                spans.append((start, end + 4 if words[end : end + 4] == " Ray" else end, kind))
    return Corpus.from_columns(text=[words], spans=[sorted(spans)], tokenizer="whitespace")


GOLD = Corpus.concat(
    [label(f"we saw {name} there") for name in (*PEOPLE, *PLACES)] + [label(f"then {name} Ray left") for name in PEOPLE]
)
TEXTS = Corpus.concat(
    [label(f"we saw {name} there") for name in (*UNKNOWN_PEOPLE, *UNKNOWN_PLACES)]
    + [label(f"then {name} Ray left") for name in UNKNOWN_PEOPLE]
    + [label("nobody was there")]
)


def test_it_finds_what_the_crf_cannot_tell():
    """Nothing around or in these names says whether they are people or places."""
    alone, _ = teach_tagger(GOLD).examine(TEXTS)
    assert alone.label(TEXTS) != TEXTS
    tagger = teach_pooled_tagger(GOLD, Corpus.empty(), encode)
    found, sure = tagger.examine(TEXTS)
    assert found.label(TEXTS) == TEXTS
    assert sure.shape == (len(TEXTS),)
    assert ((found.confidences > 0.5) & (found.confidences <= 1)).all()
    assert sure[-1] > sure[0]


def test_texts_do_not_depend_on_the_block_that_they_are_in(monkeypatch):
    tagger = teach_pooled_tagger(GOLD, GOLD[:2], encode)
    whole = tagger.examine(TEXTS)
    monkeypatch.setattr(pooled_tagger, "_BLOCK", 2)
    found, sure = tagger.examine(TEXTS)
    assert found.label(TEXTS) == whole[0].label(TEXTS)
    np.testing.assert_allclose(sure, whole[1])


def test_texts_of_no_words_and_no_texts():
    tagger = teach_pooled_tagger(GOLD, Corpus.empty(), encode)
    found, sure = tagger.examine(Corpus.from_columns(text=["", "we saw Xi there", " "], tokenizer="whitespace"))
    assert found.rows.tolist() == [1]
    assert sure[0] == 1
    found, sure = tagger.examine(Corpus.empty())
    assert len(found) == len(sure) == 0


def test_spans_that_texts_come_with_tell_nothing():
    tagger = teach_pooled_tagger(GOLD, Corpus.empty(), encode)
    wrong = Corpus.from_columns(text=["we saw Xi there"], spans=[[(0, 6, "LOC")]], tokenizer="whitespace")
    assert tagger.examine(wrong)[0].label(wrong) == label("we saw Xi there")
