"""Operations made of several others, each with a directory of its own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from textsynth.edits.operation import Maker, Operation, operations_of, resolve_paths_of
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Resources


@dataclass(frozen=True, kw_only=True)
class Composite(Operation):
    """Puts several operations together.

    Args:
        steps: the operations, each a table with `use` and its options; `chain`, `choice` and `sometimes` may be among
            them.
    """

    steps: tuple[dict[str, Any], ...] = field(default=({"use": "word_swap"}, {"use": "word_deletion"}))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.steps:
            raise OptionError("option 'steps' must name at least one operation, names none")
        self.operations()

    def operations(self) -> list[Operation]:
        """Builds the operations."""
        return operations_of(self.steps, "steps")

    def makers(self, tokenised: Tokenised, directory: Path) -> list[Maker]:
        """Prepares all operations for a corpus."""
        return [each.maker(tokenised, directory / str(place)) for place, each in enumerate(self.operations())]

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the files that the operations name from a folder."""
        return dataclasses.replace(self, steps=resolve_paths_of(self.steps, folder, "steps"))

    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Lets each operation store what it needs in a directory of its own."""
        for place, operation in enumerate(self.operations()):
            (directory / str(place)).mkdir(exist_ok=True)
            operation.store(resources, directory / str(place), rng)
