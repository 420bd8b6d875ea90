"""Tables of options of an encoder-decoder that rewrites texts; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import pydantic

from textsynth.components.component import Component


@dataclass(frozen=True, kw_only=True)
class InputOptions(Component):
    """What stands before a text and for its mentions when a model reads it.

    Args:
        prefix: what is put before each text, as the model was told in training; by default "paraphrase: " for
            "paraphrase", and nothing for the other tasks.
        placeholder: what stands for a mention: {number} is its number in the sentence, {label} its label.
        slots: for "mentions", whether the model writes placeholders that are filled afterwards, so that no mention can
            be misspelt; otherwise it writes the mentions themselves, which small models fail at.
    """

    prefix: str | None = None
    placeholder: str = "XX{number}"
    slots: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        from textsynth.pretrained.rewriting.placeholder import Placeholder

        Placeholder(self.placeholder)


@dataclass(frozen=True, kw_only=True)
class BackOptions(Component):
    """The model that translates back.

    Args:
        model: an encoder-decoder, named as the one that translates there.
        prefix: what is put before each text, as the model was told in training.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"model"})

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
