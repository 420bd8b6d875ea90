"""What a component tells about what it learned: facts for people, and the guarantee that its texts may be shared."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textsynth.errors import InputError
from textsynth.foundation.disk import write_whole

Fact = str | int | float | bool | None

LEARNED = "learned.json"
"""The file of a fitted directory that has the facts and the guarantee."""


@dataclass(frozen=True)
class Guarantee:
    """A guarantee of differential privacy, which the dataset card states.

    Args:
        epsilon: the privacy budget ε that training spent.
        delta: the δ that goes with it.
    """

    epsilon: float
    delta: float

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
                raise ValueError(f"{name} must be a finite number, at least 0, was: {value!r}")


@dataclass(frozen=True)
class Learned:
    """What a component tells about what it learned.

    Args:
        facts: by name, such as `{"epochs": 23, "kl": 6.4}`.
        guarantee: of differential privacy; None if there is none.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    guarantee: Guarantee | None = None


def write_learned(directory: Path, facts: Mapping[str, Fact], guarantee: Guarantee | None = None) -> None:
    """Writes a few facts that are worth telling about what `fit` learned, for the summary of the run.

    The same seed must give the same facts, so seconds are not among them.

    Args:
        directory: the one that `fit` writes.
        facts: by name, such as `{"epochs": 23, "kl": 6.4}`; a number that is not finite is told as None.
        guarantee: of differential privacy, if there is one.
    """
    finite = {
        name: None if isinstance(fact, float) and not math.isfinite(fact) else fact for name, fact in facts.items()
    }
    content: dict[str, Any] = {"facts": finite}
    if guarantee is not None:
        content["guarantee"] = dataclasses.asdict(guarantee)
    write_whole(directory / LEARNED, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_learned(directory: Path) -> Learned:
    """Returns what `write_learned` wrote; no facts and no guarantee if it wrote nothing.

    Raises:
        InputError: if it cannot be read.
    """
    path = directory / LEARNED
    if not path.exists():
        return Learned()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        guarantee = content.get("guarantee")
        return Learned(dict(content["facts"]), None if guarantee is None else Guarantee(**guarantee))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError(f"{path}: must be a JSON object of what was learned: {error!r}") from error
