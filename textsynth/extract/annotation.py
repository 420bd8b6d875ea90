"""Finds sentences and named entities in raw text with a spaCy pipeline."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from textsynth.corpus import Corpus, Names
from textsynth.corpus.classes import Label
from textsynth.corpus.example import Example, Span
from textsynth.corpus.paragraph import find_cut
from textsynth.errors import InvalidExample, OptionError, nearest
from textsynth.foundation.pipeline import load_pipeline
from textsynth.language.identification import find_other_language

_ALL_LANGUAGES = "xx"
"""What spaCy calls the language of a pipeline for several."""

_BATCH = 256
"""Texts that spaCy is given at a time."""

_Row = tuple[str, tuple[int, Label | None]]
"""A text, and which example it is of, with the class of that."""


def annotate(  # noqa: PLR0913
    corpus: Corpus,
    model: str,
    *,
    labels: Sequence[str] = (),
    sentences: bool = True,
    language: str = "",
    workers: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> Corpus:
    """Returns a corpus whose entities a spaCy pipeline found.

    Args:
        corpus: texts; their own spans are ignored.
        model: an installed pipeline by name, or a directory with one.
        labels: the labels to keep; if empty, all.
        sentences: whether a text without a class is cut into its sentences; one with a class stays whole.
        language: of the texts, two letters of ISO 639; found out if empty. It must be the pipeline's.
        workers: processes.
        advance: is called with the number of texts done, now and then.

    Raises:
        MissingDependency: if spaCy or the model is not installed.
        OptionError: if the pipeline finds no entities, has no such label, or is of another language than the texts.
        InvalidExample: if a paragraph is longer than the pipeline takes, or a text that must stay whole.
    """
    nlp = load_pipeline(model)
    _check_labels(nlp, model, labels)
    _check_language(nlp.lang, model, language, corpus)
    rows = _rows(corpus, nlp.max_length, sentences)
    texts = nlp.pipe(_count_rows(rows, advance), as_tuples=True, batch_size=_BATCH, n_process=workers)
    found = [
        (row, example)
        for doc, (row, label) in texts
        for example in _examples(doc, label, frozenset(labels), sentences and label is None)
    ]
    made = Corpus.from_examples((example for _, example in found), tokenizer=corpus.tokenizer)
    made = made.with_fields_of(corpus, np.array([row for row, _ in found], np.int64))
    return made.with_names(Names(fields=corpus.names.fields))


def _check_labels(nlp: Any, model: str, labels: Sequence[str]) -> None:
    finders = [nlp.get_pipe(name) for name in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(name).assigns]
    if not finders:
        raise OptionError(f"the spaCy model {model!r} must have a component that finds entities, has: {nlp.pipe_names}")
    if not all(hasattr(finder, "labels") for finder in finders):
        return
    known = {label for finder in finders for label in finder.labels}
    for label in labels:
        if label not in known:
            raise OptionError(f"the spaCy model {model!r} finds no label {label!r}; {nearest(label, known)}")


def _check_language(own: str, model: str, language: str, corpus: Corpus) -> None:
    """Checks that a pipeline is of the language of the texts; "xx" is of all."""
    if own == _ALL_LANGUAGES:
        return
    other = language if language else find_other_language(corpus.texts.to_pylist(), own)
    if other and other != own:
        looks = "is said to be" if language else "looks like"
        raise OptionError(
            f"option 'spacy_model': {model!r} is a pipeline for {own!r}, the text {looks} {other!r}; "
            f"name a pipeline for {other!r}, or give language = {own!r} to use it all the same"
        )


def _rows(corpus: Corpus, longest: int, sentences: bool) -> Iterator[_Row]:
    """Yields texts with their classes; what is too long and may fall into sentences is cut between paragraphs."""
    for row, example in enumerate(corpus):
        if len(example.text) <= longest:
            yield example.text, (row, example.label)
        elif sentences and example.label is None:
            yield from ((piece, (row, None)) for piece in _cut_at_paragraphs(example.text, longest, row))
        else:
            raise InvalidExample(
                f"example {row}: spaCy takes at most {longest:,} characters, the text has {len(example.text):,}; "
                "cut it at its paragraphs first, or give sentences = true if it has no class"
            )


def _cut_at_paragraphs(text: str, longest: int, row: int) -> Iterator[str]:
    """Yields pieces of at most so many characters, as long as they may be, each of whole paragraphs or lines."""
    begin = 0
    while len(text) - begin > longest:
        window = text[begin : begin + longest]
        cut = find_cut(window)
        if not cut:
            raise InvalidExample(
                f"example {row}: spaCy takes at most {longest:,} characters, a paragraph has more, from character "
                f"{begin:,} on; break it into lines"
            )
        yield text[begin : begin + cut]
        begin += cut
    yield text[begin:]


def _count_rows(rows: Iterable[_Row], advance: Callable[[int], None]) -> Iterator[_Row]:
    stream = iter(rows)
    while chunk := list(itertools.islice(stream, _BATCH)):
        yield from chunk
        advance(len(chunk))


def _examples(doc: Any, label: str | None, labels: frozenset[str], sentences: bool) -> Iterator[Example]:
    """Yields the example of the whole text, or one for each of its sentences that is not blank."""
    spans = [span for ent in doc.ents if not labels or ent.label_ in labels if (span := _trim(doc.text, ent))]
    if not sentences:
        yield Example(doc.text, tuple(spans), label)
        return
    starts = [span.start for span in spans]
    for start, stop in _sentences(doc):
        begin, end = _bounds(doc.text, start, stop)
        inside = spans[bisect.bisect_left(starts, begin) : bisect.bisect_left(starts, end)]
        if begin < end:
            shifted = tuple(Span(span.start - begin, span.end - begin, span.label) for span in inside)
            yield Example(doc.text[begin:end], shifted, label)


def _sentences(doc: Any) -> Iterator[tuple[int, int]]:
    """Yields the bounds of sentences, in characters; one that ends inside an entity goes on to the end of the next."""
    if not doc.has_annotation("SENT_START"):
        yield 0, len(doc.text)
        return
    within = {token.i for ent in doc.ents for token in ent[1:]}  # Tokens that are not the first of their entity.
    begin = 0
    for sentence in doc.sents:
        if sentence.end not in within:
            yield begin, sentence.end_char
            begin = sentence.end_char


def _trim(text: str, ent: Any) -> Span | None:
    """Returns an entity without the white space that pipelines sometimes leave at its edges."""
    begin, end = _bounds(text, ent.start_char, ent.end_char)
    return Span(begin, end, ent.label_) if begin < end else None


def _bounds(text: str, begin: int, end: int) -> tuple[int, int]:
    piece = text[begin:end]
    return begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())
