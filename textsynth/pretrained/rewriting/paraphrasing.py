"""Paraphrasing: sentences are written anew by one model, or translated and back by two, their mentions kept safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes
from textsynth.corpus.example import Example
from textsynth.edits.copies import UNCHANGED
from textsynth.pretrained.rewriting.placeholder import Placeholder
from textsynth.pretrained.rewriting.rewriter import Rewriter
from textsynth.pretrained.rewriting.spacing import separate_parts
from textsynth.wording.filling import UNENDED, Sentence, example_of
from textsynth.wording.rejection import Rejection, reasons_of
from textsynth.wording.stray_mention import EXTRA, StrayMentions
from textsynth.wording.vocabulary import Part, parts_of


class RewritingPass(NamedTuple):
    """One model that rewrites texts.

    Args:
        rewriter: the model.
        prefix: what stands before each text that it reads.
    """

    rewriter: Rewriter
    prefix: str

    def fits(self, texts: Sequence[str]) -> list[bool]:
        """Says for each text whether the model can read it."""
        return [len(each) <= self.rewriter.limit for each in self._inputs(texts)]

    def write(self, texts: Sequence[str], style: tuple[float, float], rng: np.random.Generator) -> list[list[int]]:
        """Returns the symbols that the model makes of each text; see `Rewriter.write`."""
        return self.rewriter.write(self._inputs(texts), *style, rng)

    def _inputs(self, texts: Sequence[str]) -> list[list[int]]:
        return self.rewriter.read([self.prefix + text for text in texts])


@dataclass(frozen=True)
class Paraphrasing:
    """A corpus, and models that write it anew, one after the other.

    Args:
        source: the corpus.
        passes: the models.
        placeholder: what stands for mentions in the meantime.
        sentences: the examples in parts.
        texts: what the first model reads of each, "" for one that it cannot.
        stray: mentions that no text may have without a label.
    """

    source: Corpus
    passes: Sequence[RewritingPass]
    placeholder: Placeholder
    sentences: list[list[Part]]
    texts: list[str]
    stray: StrayMentions

    @classmethod
    def of(cls, source: Corpus, passes: Sequence[RewritingPass], placeholder: Placeholder) -> Paraphrasing:
        """Puts placeholders into a corpus; what has some of its own, or is too long, is not written anew."""
        sentences = [parts_of(example, "linear") for example in source]
        texts = [(placeholder.hide(parts) or "").strip() for parts in sentences]
        fits = passes[0].fits(texts)
        texts = [text * fine for text, fine in zip(texts, fits, strict=True)]
        return cls(source, passes, placeholder, sentences, texts, StrayMentions.of(source))

    @property
    def usable(self) -> np.ndarray:
        """Says for each example whether it can be written anew, `(examples,)`."""
        return np.array([bool(text) for text in self.texts], bool)

    def copy(self, rows: np.ndarray, style: tuple[float, float], rng: np.random.Generator) -> Draft:
        """Writes each of these examples anew; one that went wrong is as it was.

        Args:
            rows: `(copies,)`.
            style: temperature and top_p.
            rng: draws the symbols.
        """
        texts: list[str | None] = [self.texts[row] for row in rows]
        for each in self.passes:
            written = iter(each.write([text for text in texts if text is not None], style, rng))
            texts = [text and each.rewriter.sentence(next(written)) for text in texts]
        found = [self._restore(row, text) for row, text in zip(rows.tolist(), texts, strict=True)]
        examples = [self._example(row, each) for row, each in zip(rows.tolist(), found, strict=True)]
        corpus = Corpus.from_examples(examples, tokenizer=self.source.tokenizer)
        return Draft(corpus.with_fields_of(self.source, rows), reasons_of(found))

    def _restore(self, row: int, text: str | None) -> Sentence:
        """Returns the sentence that was written, or what is wrong with it."""
        if text is None:
            return UNENDED
        parts = self.placeholder.restore(text, [part for part in self.sentences[row] if part.label is not None])
        if isinstance(parts, Rejection):
            return parts
        parts = separate_parts(parts) if self.source.tokenizer == "whitespace" else parts
        if self.stray.among(parts):
            return Rejection(EXTRA)
        return Rejection(UNCHANGED) if _words(parts) == _words(self.sentences[row]) else parts

    def _example(self, row: int, sentence: Sentence) -> Example:
        source = self.source[row]
        made = source if isinstance(sentence, Rejection) else example_of(sentence, join_classes(source.label))
        return Example(made.text, made.spans, source.label, "", source.parent)


def _words(parts: Sequence[Part]) -> list[str]:
    """Returns the words of a sentence, whatever the white space."""
    return "".join(part.text for part in parts).split()
