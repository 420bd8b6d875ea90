"""Drops texts that are shorter or longer than nearly all of the source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.components.component import Positive, Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole

_BOUNDS = "bounds.json"
"""The file with the fewest and the most tokens, null for no bound."""

_SHORT, _LONG = "too short", "too long"


@dataclass(frozen=True, kw_only=True)
class Length(Filter):
    """Drops texts that are shorter or longer than nearly all of the source.

    Lengths are counted in tokens. What is not given is taken from the source: half of those that may be dropped are too
    short, and half too long.

    Args:
        keep: share of the source that must pass.
        shortest: tokens that a text must have, whatever the source has.
        longest: tokens that a text may have, whatever the source has.
    """

    keep: Share = 0.98
    shortest: Positive | None = None
    longest: Positive | None = None

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Finds the bounds."""
        lengths = _count_tokens(resources.source)
        low, high = _find_bounds(lengths, self.keep) if len(lengths) else (None, None)
        write_whole(directory / _BOUNDS, json.dumps([self.shortest or low, self.longest or high]))

    def judge(self, directory: Path) -> Judge:
        """Reads the bounds."""
        shortest, longest = json.loads((directory / _BOUNDS).read_text())

        def reasons(corpus: Corpus) -> list[str | None]:
            lengths = _count_tokens(corpus)
            short = lengths < (0 if shortest is None else shortest)
            long = lengths > (np.inf if longest is None else longest)
            return [_SHORT if s else _LONG if m else None for s, m in zip(short, long, strict=True)]

        return reasons


def _find_bounds(lengths: np.ndarray, keep: float) -> tuple[int, int]:
    """Returns the fewest and the most tokens; what lies on a bound passes, so at least the share that is asked for."""
    beyond = (1 - keep) / 2
    return int(np.quantile(lengths, beyond, method="lower")), int(np.quantile(lengths, 1 - beyond, method="higher"))


def _count_tokens(corpus: Corpus) -> np.ndarray:
    return np.diff(tokenize(corpus, "words").rows)
