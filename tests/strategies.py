"""Hypothesis strategies for texts, spans, examples and corpora, full of what breaks offsets and file formats."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.testing.corpora import HOSTILE_PIECES as PIECES

LABELS = ("PERSON", "ORG", "creative-work", "B-PER", "O", "Zoë", "地名")
CLASSES = ("greet", "creative-work", "two words", 'comma, "quoted"', "O", "Zoë", "a\nb", "[]", "null", "0")


SEVERAL = (("greet", "two words"), ("O", "[]", "a\nb"), ('["greet"]', "B-PER", "Zoë"))
"""What texts have together that have several classes."""


def texts(min_size: int = 0) -> st.SearchStrategy[str]:
    """Texts of hostile fragments and of any characters but surrogates."""
    piece = st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES), st.text(max_size=4))
    return st.lists(piece, min_size=min_size, max_size=8).map("".join)


@st.composite
def spans_in(draw: st.DrawFn, text: str, labels: tuple[str, ...] = LABELS) -> tuple[Span, ...]:
    """Spans that keep every invariant in a text; some touch."""
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = []
    for start, end in itertools.pairwise(cuts):
        label = draw(st.sampled_from((None, *labels)))
        mention = text[start:end]
        start += len(mention) - len(mention.lstrip())
        end -= len(mention) - len(mention.rstrip())
        if label and start < end:
            spans.append(Span(start, end, label))
    return tuple(spans)


@st.composite
def examples(draw: st.DrawFn, text: st.SearchStrategy[str] | None = None, *, classes: bool = True) -> Example:
    """Examples with spans, some without, and with no class, one or several."""
    string = draw(texts() if text is None else text)
    label = draw(st.sampled_from((None, *CLASSES, *SEVERAL))) if classes else None
    origin, parent = draw(st.sampled_from(["", "vae", "édit,\n"])), draw(st.sampled_from(["", "0f1e"]))
    return Example(string, draw(spans_in(string)), label, origin, parent)


@st.composite
def corpora(
    draw: st.DrawFn, text: st.SearchStrategy[str] | None = None, *, classes: bool = True, min_size: int = 1
) -> Corpus:
    """Corpora of a few examples under either tokenizer; some are slices, with offsets in their columns."""
    rows = draw(st.lists(examples(text, classes=classes), min_size=min_size, max_size=5))
    tokenizer = draw(st.sampled_from(["words", "whitespace"]))
    before = draw(st.lists(examples(text, classes=classes), max_size=1))
    return Corpus.from_examples([*before, *rows], tokenizer=tokenizer)[len(before) :]


def one_line_texts() -> st.SearchStrategy[str]:
    """Texts of one line that are neither blank nor end in a carriage return."""
    return texts().map(lambda text: text.replace("\r", "").replace("\n", " ")).filter(str.strip)


@st.composite
def span_triples(draw: st.DrawFn, text: str) -> list[tuple[int, int, str]]:
    """Triples near a text of which many break an invariant."""
    offset = st.integers(-2, len(text) + 2)
    return draw(st.lists(st.tuples(offset, offset, st.sampled_from(["PERSON", "ORG", "ORG", ""])), max_size=3))


def field_values() -> st.SearchStrategy[Any]:
    """Values that fields may have: all that JSON has, but for numbers that are none."""
    strings = st.one_of(st.sampled_from(PIECES), st.text(max_size=4))
    numbers = st.one_of(st.integers(), st.integers(-9, 9), st.floats(allow_nan=False, allow_infinity=False))
    plain = st.one_of(st.none(), st.booleans(), numbers, strings)
    keys = st.sampled_from(["a", "b", "Zoë", "start"])
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=2), max_leaves=4
    )
