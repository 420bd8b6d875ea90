"""The options of all components whose network writes sentences."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Self

import pydantic

from textsynth.components.component import Component, Positive, Share
from textsynth.values import ValueSpec, resolve_value_paths
from textsynth.values.source import list_libraries


@dataclass(frozen=True, kw_only=True)
class WritingOptions(Component):
    """How a network writes, and how the slots that it wrote are filled.

    Args:
        temperature: under 1 for likely words, over 1 for rare ones; 0 always takes the likeliest.
        top_p: only the likeliest symbols that together have this probability.
        values: for a label, where its values come from; as for template_fill, by default the gazetteer.
        locales: the locales that Faker and mimesis draw in, in turn.
        pool_size: values drawn for a label from what can give any number; records too.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"values"})

    temperature: Annotated[float, pydantic.Field(ge=0)] = 1.0
    top_p: Annotated[Share, pydantic.Field(gt=0)] = 1.0
    values: dict[str, ValueSpec] = field(default_factory=dict)
    locales: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("en_US",)
    pool_size: Positive = 2000

    def libraries(self) -> frozenset[str]:
        """Names what values come from."""
        return super().libraries() | list_libraries(self.values)

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the files of words from a folder."""
        return dataclasses.replace(self, values=resolve_value_paths(self.values, folder))
