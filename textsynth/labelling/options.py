"""The options of labelling: what several labelers decide together, and how it is cleaned."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import pydantic

from textsynth.components.component import Component, Share

Vote = Literal["agree", "priority"]


@dataclass(frozen=True, kw_only=True)
class LabelOptions(Component):
    """How what labelers find becomes labels.

    Args:
        vote: what several labelers decide. "agree" takes what all labelers find that can give the label, and sets the
            sentence aside if they differ; "priority" takes what the first in the recipe finds, then the second.
        clean: whether sentences are set aside whose mentions have several labels in the corpus, are not found again
            elsewhere, or look as if one of them was missed.
        unsure: how sure each mention must be; the sentence of one that is less sure is set aside.
        again: times that a labeler that reads the context is asked about each of its mentions, put into other sentences
            of the same label, while cleaning; 0 never asks.
        language: of the texts, two letters of ISO 639 such as "de"; "" to find it out.
        sentences: whether a text without a class falls into its sentences.
        check: a file of labelled sentences, of any format, on which each labeler's precision and recall are counted.
    """

    vote: Vote = "agree"
    clean: bool = True
    unsure: Share = 0.85
    again: Annotated[int, pydantic.Field(ge=0)] = 12
    language: str = ""
    sentences: bool = True
    check: Path | None = None

    def libraries(self) -> frozenset[str]:
        """Names what cuts sentences."""
        return frozenset({"sentencex"}) if self.sentences else frozenset()

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the file of labelled sentences from a folder."""
        return dataclasses.replace(self, check=folder / self.check if self.check else None)
