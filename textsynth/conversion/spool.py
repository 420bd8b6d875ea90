"""What is no file, put into one for a while, so that every format reads it; messages name what it was."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from textsynth.errors import TextsynthError
from textsynth.reading.path_name import set_name
from textsynth.reading.records import Fault, Faults


@dataclass(frozen=True, slots=True)
class Alias:
    """What messages say instead of a path that a user has never seen.

    Args:
        path: the path.
        name: what it is called, such as `"standard input"`.
        unit: what its records are called, such as `"item"`: they then count from 0, as in Python, and are named
            instead of the whole. If empty, they are lines, which count from 1.
    """

    path: Path
    name: str
    unit: str = ""

    def rename(self, message: str) -> str:
        """Returns a message about the path as one about what it stands for.

        >>> Alias(Path("x.jsonl"), "the items", "item").rename("x.jsonl:3: the text must be a string")
        'item 2: the text must be a string'
        >>> Alias(Path("/spool/x"), "standard input").rename("/spool/x:3: the text must be a string")
        'standard input:3: the text must be a string'
        """
        if self.unit:
            place = re.compile(re.escape(str(self.path)) + r":(?:\w+ )?(\d+): ")
            message = place.sub(lambda found: f"{self.unit} {int(found[1]) - 1}: ", message)
        return message.replace(str(self.path), self.name)

    def rename_fault(self, fault: Fault) -> Fault:
        """Returns a fault with the number of its record as the user counts."""
        number = re.search(r"\d+$", str(fault.line))
        return replace(fault, line=int(number[0]) - 1) if self.unit and number else fault


@contextlib.contextmanager
def told_as(alias: Alias, faults: Faults) -> Iterator[None]:
    """Renames a path in the errors, the log and the rejected records of a block."""
    before = len(faults.rejected)
    set_name(alias.path, alias.name)
    try:
        yield
    except TextsynthError as error:
        raise type(error)(alias.rename(str(error))) from error
    finally:
        set_name(alias.path, None)
        faults.rejected[before:] = [
            (Path(alias.name), alias.rename_fault(fault)) if path == alias.path else (path, fault)
            for path, fault in faults.rejected[before:]
        ]


@contextlib.contextmanager
def spool_file(name: str) -> Iterator[Path]:
    """Gives the path of a file to write in a folder that vanishes with the block."""
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        yield Path(folder) / name
