"""The options of an encoder-decoder that rewrites texts, and belong to one task alone; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pydantic

from textsynth.components.component import Component


@dataclass(frozen=True, kw_only=True)
class BackOptions(Component):
    """The model that translates back.

    Args:
        model: an encoder-decoder, named as the one that translates there.
        prefix: what is put before each text, as the model was told in training.
    """

    model: str = "Helsinki-NLP/opus-mt-de-en"
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class GapOptions(Component):
    """How much is taken out of sentences.

    Args:
        rate: share of the words between mentions that are taken out, on average; at least one.
        length: words a gap, on average.
    """

    rate: Annotated[float, pydantic.Field(gt=0, le=1)] = 0.3
    length: Annotated[float, pydantic.Field(ge=1)] = 3.0
