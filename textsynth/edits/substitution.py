"""Substitution: what most edits do. Places are drawn by the rate, and the editor knows what comes there."""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np

from textsynth.edits.edit import Edit, Editor
from textsynth.edits.edit_table import Edits


@dataclass(frozen=True)
class SubstitutionEditor(Editor, abc.ABC):
    """An editor that knows what comes at each of its places."""

    @abc.abstractmethod
    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws what comes at some places.

        Args:
            copy: `(drawn,)`; the copy each place is drawn in.
            token: `(drawn,)`; the token each place is told by.
            rng: draws what comes there.
        """


@dataclass(frozen=True, kw_only=True)
class Substitution(Edit):
    """Puts something at some of the places."""

    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws places by the rate, and what comes at each."""
        assert isinstance(editor, SubstitutionEditor)
        return editor.substitutions(*editor.draw_places(chosen, self.rate, rng), rng)
