"""Cuts texts into sentences, with their spans and fields, by sentencex."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sentencex import segment

from textsynth.corpus import Corpus, Names
from textsynth.corpus.example import Example, Span, trim_edges

ANY_LANGUAGE = "en"
"""Whose rules are taken if the language is not known."""


def split_sentences(corpus: Corpus, language: str) -> Corpus:
    """Returns a corpus of sentences without white space around; texts with a class stay whole.

    A sentence that would end inside a span goes on to the end of the next one.

    Args:
        corpus: any texts.
        language: of the texts, two letters of ISO 639.

    >>> corpus = Corpus.from_columns(text=["Dr. Ngo left.  He was in Oslo. "], spans=[[(25, 29, "CITY")]])
    >>> [(each.text, each.mentions()) for each in split_sentences(corpus, "en")]
    [('Dr. Ngo left.', ()), ('He was in Oslo.', ('Oslo',))]
    """
    found = [(row, part) for row, example in enumerate(corpus) for part in _split(example, language)]
    made = Corpus.from_examples((part for _, part in found), tokenizer=corpus.tokenizer)
    made = made.with_fields_of(corpus, np.array([row for row, _ in found], np.int64))
    return made.with_names(Names(fields=corpus.names.fields))


def _split(example: Example, language: str) -> Iterator[Example]:
    if example.label is not None:
        yield example
        return
    for begin, end in _bounds(example, language):
        begin, end = trim_edges(example.text, begin, end)
        if begin < end:
            inside = (span for span in example.spans if begin <= span.start and span.end <= end)
            spans = tuple(Span(span.start - begin, span.end - begin, span.label) for span in inside)
            yield Example(example.text[begin:end], spans)


def _bounds(example: Example, language: str) -> Iterator[tuple[int, int]]:
    """Yields where sentences begin and end."""
    begin = end = 0
    for sentence in segment(language or ANY_LANGUAGE, example.text):
        end += len(sentence)
        if not any(span.start < end < span.end for span in example.spans):
            yield begin, end
            begin = end
    yield begin, len(example.text)
