"""Texts that break careless formats, and real ones: what comes back as it was, whatever the options of a format."""

from __future__ import annotations

from pathlib import Path

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span

HOSTILE = Corpus.from_examples(
    [
        Example("😀 Ada 👩🏽‍🚒 x", (Span(0, 1, "E"), Span(2, 5, "PERSON"), Span(6, 10, "E")), "a"),
        Example("e\u0301 combining a\u0301bc", (Span(0, 1, "X"), Span(13, 14, "X"), Span(14, 17, "Y")), "b"),
        Example("a\r\nb\rc\n\td  e ", (Span(0, 4, "L"), Span(5, 6, "L")), "with space"),
        Example("  leading, trailing \u00a0"),
        Example(""),
        Example("", (), "a"),
        Example(" "),
        Example("\n"),
        Example("\ufeffBOM", (Span(0, 4, "B"),)),
        Example("nul\x00x", (Span(2, 5, "N"),), "b"),
        Example("שלום עולם", (Span(5, 9, "LOC"),), "ב"),
        Example("don't-split", (Span(1, 3, "P"), Span(3, 4, "P"), Span(4, 7, "Q-R")), "c"),
        Example("\u2028line\u2029 \x85 \x1c x", (Span(1, 5, "L"),)),
        Example("a\u3000b", (Span(0, 1, "A"), Span(2, 3, "A"))),
        Example('"quoted\\n", [1]', (Span(0, 10, "A"),), '"'),
    ]
)


def assert_round_trip(corpus: Corpus, path: Path, format: str, **options: str) -> None:
    """Writes, reads, and compares text, spans and class of every example."""
    formats.write(corpus, path, format, options=options)
    again = formats.read(path, format, options={name: options[name] for name in options if name != "task"})
    assert list(again) == list(corpus)
    assert again == corpus


def snips(folder: Path, count: int = 2000) -> Corpus:
    """Returns real utterances with both spans and classes, of every class; all there are if they are fewer."""
    corpus = formats.read(folder / "snips" / "train.jsonl")
    return corpus[:: max(1, len(corpus) // count)]
