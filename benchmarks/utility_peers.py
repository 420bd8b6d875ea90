"""What other libraries make of labelled sentences, as arms of `utility.py`; benchmarks/requirements.txt has them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from peers import docs_of, load_entity_augmenter

from textsynth.conversion.python_objects import to_corpus
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Gazetteer
from textsynth.foundation.seeding import child_rng

_SHARE = 0.3
"""The share of words that nlpaug changes by default."""


def make_augmenty(corpus: Corpus, copies: int, seed: int) -> Corpus:
    """Makes copies by augmenty's augmenter of entities: other mentions of the corpus, with its default options else."""
    import augmenty
    import spacy

    random.seed(seed)
    np.random.seed(seed)
    nlp = spacy.blank("en")
    augment = load_entity_augmenter(Gazetteer.of(corpus).mentions)
    docs = docs_of(nlp.vocab, corpus)
    made = [doc for _ in range(copies) for doc in augmenty.docs(docs, augment, nlp)]
    return to_corpus(made).with_tokenizer(corpus.tokenizer)


def make_nlpaug(corpus: Corpus, copies: int, seed: int) -> Corpus:
    """Makes copies with each of four augmenters of nlpaug that need no model; it has no spans, so mentions stay."""
    import nlpaug.augmenter.char as nac
    import nlpaug.augmenter.word as naw

    random.seed(seed)
    np.random.seed(seed)
    augmenters = [nac.KeyboardAug(), nac.OcrAug(), nac.RandomCharAug(action="swap"), naw.SpellingAug()]
    rng = child_rng(seed, "nlpaug")
    made = [
        _change(example, places, each, rng)
        for each in augmenters
        for _ in range(copies)
        for example, places in zip(corpus, _list_words(corpus), strict=True)
    ]
    return Corpus.from_examples(made, tokenizer=corpus.tokenizer)


def _list_words(corpus: Corpus) -> Iterator[list[tuple[int, int]]]:
    """Yields where the tokens of each example are that are in no mention."""
    tokens = tokenize(corpus)
    places = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
    bounds = tokens.rows.tolist()
    for example, first, stop in zip(corpus, bounds[:-1], bounds[1:], strict=True):
        spans = [(span.start, span.end) for span in example.spans]
        yield [
            place for place in places[first:stop] if not any(low < place[1] and place[0] < high for low, high in spans)
        ]


def _change(example: Example, places: Sequence[tuple[int, int]], augmenter: Any, rng: np.random.Generator) -> Example:
    """Changes some of the words, and moves the spans behind them."""
    text, spans, moved = example.text, list(example.spans), 0
    for start, end in places:
        if rng.random() >= _SHARE:
            continue
        old = example.text[start:end]
        new = "".join(augmenter.augment(old)).strip() or old
        text = text[: start + moved] + new + text[end + moved :]
        spans = [
            Span(span.start + len(new) - len(old), span.end + len(new) - len(old), span.label)
            if span.start >= start + moved + len(old)
            else span
            for span in spans
        ]
        moved += len(new) - len(old)
    return Example(text, tuple(spans), example.label)
