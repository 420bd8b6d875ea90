"""Inserts punctuation marks.

This is AEDA of Karimi et al. 2021, An Easier Data Augmentation Technique for Text Classification.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.edits.edit import Edit, Rate
from textsynth.edits.insertion import InsertionEditor, find_insertable
from textsynth.edits.tokenised import Tokenised

Mark = Annotated[str, pydantic.Field(pattern=r"^\S+$")]


@dataclass(frozen=True)
class MarkEditor(InsertionEditor):
    """An editor that takes the rate for the greatest share, as the paper does, not for the average."""

    def draw_counts(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
        """Draws how many marks are inserted: from one to the greatest share, each number as likely as the next."""
        sizes = self.by_example.lengths[chosen]
        most = np.maximum((sizes * rate).astype(np.int64), 1)
        return np.minimum(1 + (rng.random(len(sizes)) * most).astype(np.int64), sizes)


@dataclass(frozen=True, kw_only=True)
class PunctuationInsertion(Edit[MarkEditor]):
    """Inserts punctuation marks, each with a space behind it if the script has spaces, before some of the words.

    Args:
        rate: the greatest share of the words before which a mark is inserted; their number is drawn for each example,
            from one to that share, each as likely as the next. So the average is about half of it, as in the paper.
        marks: the marks, each as likely as the next.
    """

    rate: Rate = 0.3
    marks: Annotated[tuple[Mark, ...], pydantic.Field(min_length=1)] = (".", ";", "?", ":", "!", ",")

    def editor(self, tokenised: Tokenised, directory: Path) -> MarkEditor:
        """Finds the words before which a mark may stand."""
        weights = {mark: self.marks.count(mark) for mark in self.marks}
        insertable = find_insertable(tokenised, self.find_editable(tokenised), self.find_protected(tokenised))
        return MarkEditor.of(tokenised, insertable, weights)
