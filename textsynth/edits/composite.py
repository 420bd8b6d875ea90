"""Operations made of several others, each with a directory of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from textsynth.components import registry
from textsynth.components.component import build, options_of
from textsynth.components.generator import Generator
from textsynth.edits.operation import Maker, Operation
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Resources


@dataclass(frozen=True, kw_only=True)
class Composite(Operation, Generator):
    """Puts several operations together.

    Args:
        steps: the operations, each a table with `use` and its options, or in Python the operation itself; `chain`,
            `choice` and `sometimes` may be among them.
    """

    steps: tuple[dict[str, Any], ...] = field(default=({"use": "word_swap"}, {"use": "word_deletion"}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", to_tables(self.steps))
        super().__post_init__()
        if not self.steps:
            raise OptionError("option 'steps' must name at least one operation, names none")
        self.operations()

    def operations(self) -> list[Operation]:
        """Builds the operations."""
        return operations_of(self.steps, "steps")

    def libraries(self) -> frozenset[str]:
        """Names what the operations need."""
        return frozenset[str]().union(*(cast("Generator", each).libraries() for each in self.operations()))

    def makers(self, tokenised: Tokenised, directory: Path) -> list[Maker]:
        """Prepares all operations for a corpus."""
        return [each.maker(tokenised, directory / str(place)) for place, each in enumerate(self.operations())]

    def list_differences(self) -> frozenset[str]:
        """Says what all that it makes differs in, if that is known of all operations."""
        each = [operation.list_differences() for operation in self.operations()]
        return frozenset().union(*each) if all(each) else frozenset()

    def explain(self, tokenised: Tokenised, directory: Path) -> str:
        """Says it of each operation."""
        reasons = [
            f"{step['use']}: {each.explain(tokenised, directory / str(place))}"
            for place, (step, each) in enumerate(zip(self.steps, self.operations(), strict=True))
        ]
        return "; ".join(reasons)

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the files that the operations name from a folder."""
        return dataclasses.replace(self, steps=resolve_paths_of(self.steps, folder, "steps"))

    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Lets each operation store what it needs in a directory of its own."""
        for place, operation in enumerate(self.operations()):
            (directory / str(place)).mkdir(exist_ok=True)
            operation.store(resources, directory / str(place), rng)


def to_tables(steps: Any) -> Any:
    """Returns what an option of operations holds, with those that a program has built written as tables."""
    if isinstance(steps, list | tuple):
        return tuple(to_table(each) for each in steps)
    return steps


def to_table(step: Any) -> Any:
    """Returns an operation that a program has built as the table that a recipe would have; a table stays as it is."""
    return {"use": registry.name_of(step), **options_of(step)} if isinstance(step, Generator) else step


def operations_of(tables: Sequence[Mapping[str, Any]], option: str) -> list[Operation]:
    """Builds the operations that an option of another operation names.

    Args:
        tables: for each, `use` with its name, and its options.
        option: the name of that option, for messages.

    Raises:
        OptionError: for what is no table, names no operation or has wrong options.
        UnknownName: for a name that nothing is registered under.
    """
    return [_build(table, f"option {option!r}, number {number}")[1] for number, table in enumerate(tables, 1)]


def resolve_paths_of(tables: Sequence[Mapping[str, Any]], folder: Path, option: str) -> tuple[dict[str, Any], ...]:
    """Returns the tables with the relative paths among their options taken from a folder, every default written out."""
    generators = [_build(table, f"option {option!r}, number {number}")[0] for number, table in enumerate(tables, 1)]
    return tuple(
        {**table, **options_of(each.resolve_paths(folder))} for table, each in zip(tables, generators, strict=True)
    )


def _build(table: Mapping[str, Any], where: str) -> tuple[Generator, Operation]:
    """Builds what a table names, which is both a generator and an operation: the same object twice."""
    if not isinstance(table.get("use"), str):
        raise OptionError(f'{where}: must say which operation to use, such as use = "word_deletion"')
    cls = registry.look_up("generator", table["use"], f"{where}: ")
    if not issubclass(cls, Generator) or not issubclass(cls, Operation):
        raise OptionError(f"{where}: must be an operation on source examples, was: {table['use']!r}")
    options = {name: value for name, value in table.items() if name not in ("use", "weight")}
    built = build(cls, options, f"{where}, {table['use']!r}")
    return built, built
