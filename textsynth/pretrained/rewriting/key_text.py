"""Key to text: a sentence is asked for by its class and its mentions with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.classes import describe_classes, join_classes
from textsynth.pretrained.rewriting.objective import Pairs
from textsynth.pretrained.rewriting.placeholder import Placeholder
from textsynth.pretrained.rewriting.rewriter import Rewriter
from textsynth.wording.vocabulary import Part, parts_of

_BETWEEN = " | "


@dataclass(frozen=True)
class KeyText:
    """How sentences are asked for; it gives those of a corpus as pairs to learn from.

    Args:
        inputs: symbols of each example: what it is asked for with; none of one without text, or too long.
        targets: symbols of each: its text, with placeholders instead of mentions if these are used.
    """

    inputs: list[list[int]]
    targets: list[list[int]]

    @classmethod
    def of(cls, source: Corpus, rewriter: Rewriter, prefix: str, placeholder: Placeholder | None) -> KeyText:
        """Encodes a corpus.

        Args:
            source: the corpus.
            rewriter: the model.
            prefix: what stands before all else.
            placeholder: what stands for mentions; if None, they are written as they are.
        """
        keys, texts = [], []
        for example in source:
            parts = parts_of(example, "linear")
            keys.append(prefix + key_of(join_classes(example.label), parts, placeholder))
            texts.append((example.text if placeholder is None else placeholder.hide(parts) or "").strip())
        inputs, targets = rewriter.read(keys), rewriter.read(texts)
        fine = [
            bool(text) and len(one) <= rewriter.limit and len(two) <= rewriter.limit
            for text, one, two in zip(texts, inputs, targets, strict=True)
        ]
        return cls(*([each * good for each, good in zip(some, fine, strict=True)] for some in (inputs, targets)))

    @property
    def lengths(self) -> np.ndarray:
        """How many symbols each example has, 0 for one that there is nothing to learn from, `(examples,)`."""
        return np.array([len(one) + len(two) for one, two in zip(self.inputs, self.targets, strict=True)], np.int64)

    def make_pairs(self, rows: np.ndarray, rng: np.random.Generator) -> Pairs:
        """Returns the pairs of these examples, the same each time."""
        return Pairs([self.inputs[row] for row in rows], [self.targets[row] for row in rows])


def key_of(name: str | None, parts: Sequence[Part], placeholder: Placeholder | None) -> str:
    """Returns what a sentence is asked for with: its class, and its mentions in order.

    Args:
        name: the class, or several as `join_classes` joins them.
        parts: of the sentence, of which only mentions count.
        placeholder: what stands for mentions; if None, they are written as they are.

    >>> key_of("go", [Part("Ada", "PERSON"), Part(" flew to "), Part("Rome", "CITY")], None)
    'class: go | PERSON: Ada | CITY: Rome'
    """
    mentions = [part for part in parts if part.label is not None]
    written = [part.text for part in mentions] if placeholder is None else placeholder.names(mentions)
    labelled = [f"{part.label}: {text}" for part, text in zip(mentions, written, strict=True)]
    return _BETWEEN.join([*([f"class: {describe_classes(name)}"] if name is not None else []), *labelled]) or "sentence"
