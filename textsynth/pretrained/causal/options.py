"""The options of a causal model that is fine-tuned, and what follows from them; no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

import numpy as np
import pydantic

from textsynth.pretrained.loading import PretrainedOptions
from textsynth.pretrained.tuning_options import CausalTuning

Mode = Literal["delexicalised", "entity_seeded", "linearised"]
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class CausalOptions(PretrainedOptions):
    """How a causal model is shown mentions, and which of them it may write.

    Args:
        mode: "delexicalised", "entity_seeded" or "linearised".
        mentions: how many slots or mentions a sentence is asked for with, at most; 0 for as many as the source has.
        more_mentions: whether a sentence may have more of them than it was asked for, if the model sees a place for
            one; they are filled, or drawn, as the others are.
        constrained: whether only marks that fit may be written. Then no sentence ends before all that was asked for is
            there, and the text of a seeded mention is not left to the model.
        tuning: how it is fine-tuned.
    """

    mode: Mode = "delexicalised"
    mentions: Annotated[int, pydantic.Field(ge=0)] = 3
    more_mentions: bool = True
    constrained: bool = True
    tuning: CausalTuning = field(default_factory=CausalTuning)

    def draw_listed(self, mentions: Sequence[Item], rng: np.random.Generator) -> Sequence[Item]:
        """Draws which mentions of a sentence it is asked for with: neighbours, at most as many as `mentions` says.

        >>> CausalOptions(mentions=2).draw_listed("abcd", np.random.default_rng(0)) in ("ab", "bc", "cd")
        True
        """
        if not self.mentions or len(mentions) <= self.mentions:
            return mentions
        first = int(rng.integers(len(mentions) - self.mentions + 1))
        return mentions[first : first + self.mentions]
