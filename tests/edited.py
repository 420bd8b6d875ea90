"""Edits copies of the examples of a corpus with an operation, so that each copy is known by its source."""

from __future__ import annotations

import functools
import itertools
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.corpus.tokens import tokenize
from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Edits
from textsynth.edits.editor import Editor
from textsynth.edits.operation import Operation
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng


def corpus_of(*marked: str, tokenizer: str = "words") -> Corpus:
    """Returns a corpus of texts with marked mentions: "[Ada](PERSON) lives in [Rome](CITY)."."""
    texts, spans = [], []
    for each in marked:
        text, found = "", []
        for plain, mention, label in re.findall(r"((?:(?!\[[^\]]+\]\().)*)(?:\[([^\]]+)\]\((\w+)\))?", each, re.DOTALL):
            text += plain
            if mention:
                found.append((len(text), len(text) + len(mention), label))
            text += mention
        texts.append(text)
        spans.append(found)
    return Corpus.from_columns(text=texts, spans=spans, tokenizer=tokenizer)  # type: ignore[arg-type]


def marked(example: Example) -> str:
    """Writes an example as `corpus_of` reads it."""
    text, end = "", 0
    for span in example.spans:
        text += f"{example.text[end : span.start]}[{example.text[span.start : span.end]}]({span.label})"
        end = span.end
    return text + example.text[end:]


def edited(operation: Operation, source: Corpus, copies: int = 1, seed: int = 2) -> Corpus:
    """Returns copies of every example, those of one side by side."""
    with tempfile.TemporaryDirectory() as folder:
        operation.store(Resources.of(source), Path(folder), child_rng(1, "fit"))
        maker = operation.maker(Tokenised.of(source), Path(folder))
    return maker(np.repeat(np.arange(len(source)), copies), child_rng(seed))


def pairs(operation: Operation, source: Corpus, copies: int = 1, seed: int = 2) -> Iterator[tuple[Example, Example]]:
    """Returns each example with each of its copies."""
    made = edited(operation, source, copies, seed)
    assert Corpus(made.table) == made
    assert made.tokenizer == source.tokenizer
    before = source.take(np.repeat(np.arange(len(source)), copies))
    assert made.table.column("label") == before.table.column("label")
    return zip(before, made, strict=True)


def results(operation: Operation, text: str, tokenizer: str = "words", copies: int = 200) -> set[str]:
    """Returns all that becomes of a marked text, marked."""
    return {marked(each) for each in edited(operation, corpus_of(text, tokenizer=tokenizer), copies)}


def drawn(operation: Edit[Editor], source: Corpus, copies: int = 1, seed: int = 2) -> tuple[Editor, np.ndarray, Edits]:
    """Returns an operation's editor, the examples that copies are of, and the edits it draws."""
    with tempfile.TemporaryDirectory() as folder:
        operation.store(Resources.of(source), Path(folder), child_rng(1, "fit"))
        editor = operation.editor(Tokenised.of(source), Path(folder))
    chosen = np.repeat(np.arange(len(source)), copies)
    return editor, chosen, editor.draw_edits(chosen, operation.rate, child_rng(seed))


def mentions(example: Example) -> list[tuple[str, str]]:
    """Returns the label and the text of each mention."""
    return [(span.label, example.text[span.start : span.end]) for span in example.spans]


def pieces(example: Example, tokenizer: str) -> tuple[list[str], list[str]]:
    """Returns the tokens of an example, and what stands before, between and behind them."""
    table = tokenize(Corpus.from_examples([example], tokenizer=tokenizer))  # type: ignore[arg-type]
    starts, ends = table.starts.tolist(), table.ends.tolist()
    gaps = [example.text[end:start] for end, start in zip([0, *ends], [*starts, len(example.text)], strict=True)]
    return [example.text[start:end] for start, end in zip(starts, ends, strict=True)], gaps


def words_of(example: Example, tokenizer: str) -> list[str]:
    """Returns the words of an example, without the marks between them."""
    tokenised = Tokenised.of(Corpus.from_examples([example], tokenizer=tokenizer))  # type: ignore[arg-type]
    opening = np.flatnonzero(tokenised.opens_word & tokenised.is_word)
    return [
        example.text[begin:end]
        for begin, end in zip(tokenised.begin[opening], tokenised.word_end[opening], strict=True)
    ]


@functools.cache
def long_corpus(rows: int = 150, words: int = 40) -> Corpus:
    """Sentences of many different words, some of them mentions."""
    rng = child_rng(11)
    vowels, consonants = "aeiou", "bdfgklmnprst"
    syllables = ["".join(pair) for pair in itertools.product(consonants, vowels)]
    texts = []
    for _ in range(rows):
        drawn_words = ["".join(rng.choice(syllables, size=rng.integers(2, 4))) for _ in range(words)]
        for at in (5, 20):
            drawn_words[at] = f"[{drawn_words[at].title()} {drawn_words[at + 1].title()}](PERSON)"
        texts.append(" ".join(drawn_words) + ".")
    return corpus_of(*texts)
