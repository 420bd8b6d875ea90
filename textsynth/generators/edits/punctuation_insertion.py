"""Inserts punctuation marks.

This is AEDA of Karimi et al. 2021, An Easier Data Augmentation Technique for Text Classification.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.edits.draw import draw_distinct
from textsynth.edits.edit import Editor, Rate
from textsynth.edits.edit_table import Edits
from textsynth.edits.insertion import InsertionEdit, InsertionEditor
from textsynth.edits.tokenised import Tokenised

Mark = Annotated[str, pydantic.Field(pattern=r"^\S+$")]


@dataclass(frozen=True, kw_only=True)
class PunctuationInsertion(InsertionEdit):
    """Inserts punctuation marks, each with a space behind it, before some of the words.

    Args:
        rate: the greatest share of the words before which a mark is inserted; their number is drawn for each example,
            from one to that share, each as likely as the next. So the average is about half of it, as in the paper.
        marks: the marks, each as likely as the next.
    """

    rate: Rate = 0.3
    marks: Annotated[tuple[Mark, ...], pydantic.Field(min_length=1)] = (".", ";", "?", ":", "!", ",")

    def editor(self, tokenised: Tokenised, directory: Path) -> InsertionEditor:
        """Finds the words before which a mark may stand."""
        weights = {f"{mark} ": self.marks.count(mark) for mark in self.marks}
        return InsertionEditor.of(tokenised, self.insertable(tokenised), weights)

    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws the number of marks, then their places, then the marks."""
        assert isinstance(editor, InsertionEditor)
        sizes = np.diff(editor.rows)[chosen]
        most = np.maximum((sizes * self.rate).astype(np.int64), 1)
        counts = np.minimum(1 + (rng.random(len(sizes)) * most).astype(np.int64), sizes)
        copy, place = draw_distinct(sizes, counts, rng)
        return editor.substitutions(copy, editor.places[editor.rows[chosen[copy]] + place], rng)
