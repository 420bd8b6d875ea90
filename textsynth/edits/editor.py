"""Editors: what an edit knows of one tokenised corpus, and how it draws what changes in copies of its examples."""

from __future__ import annotations

import abc
import functools
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_counts, draw_distinct
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class Editor(abc.ABC):
    """Draws edits of copies of the examples of one corpus.

    Args:
        tokenised: the corpus.
        material: what is put in.
        places: `(places,)` token positions, sorted, at which something may be changed.
    """

    tokenised: Tokenised
    material: Material
    places: np.ndarray

    @functools.cached_property
    def by_example(self) -> Ragged:
        """The places, a row for each example."""
        return Ragged(self.places, np.searchsorted(self.places, self.tokenised.tokens.rows))

    @abc.abstractmethod
    def draw_edits(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> Edits:
        """Draws edits of copies of examples, sorted; a copy may get none.

        Args:
            chosen: `(copies,)`; the example that each copy is of.
            rate: share of the places.
            rng: all randomness comes from here.
        """


@dataclass(frozen=True)
class SubstitutionEditor(Editor):
    """An editor that draws places, and knows what comes at each; most are of this kind."""

    @abc.abstractmethod
    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws what comes at some places.

        Args:
            copy: `(drawn,)`; the copy each place is drawn in.
            token: `(drawn,)`; the token of each place.
            rng: draws what comes there.
        """

    def draw_edits(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> Edits:
        """Draws places by the rate, and what comes at each."""
        return self.substitutions(*self.draw_places(chosen, rate, rng), rng)

    def draw_places(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws the places to edit in copies of examples.

        Returns:
            For each place drawn its copy and its token, `(drawn,)` each, sorted by both.
        """
        places = self.by_example
        counts = self.draw_counts(chosen, rate, rng)
        copy, rank = draw_distinct(places.lengths[chosen], counts, rng)
        return copy, places.values[places.bounds[chosen[copy]] + rank]

    def draw_counts(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
        """Draws how many places of each copy are edited, `(copies,)`: none if it has none."""
        return draw_counts(self.by_example.lengths[chosen], rate, rng)
