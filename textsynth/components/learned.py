"""What a component tells about what it learned: facts, and a guarantee of privacy."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pydantic

from textsynth.errors import InputError
from textsynth.foundation.disk import write_whole

Fact = str | int | float | bool | None
LEARNED = "learned.json"


@dataclass(frozen=True)
class Guarantee:
    """Differential privacy of what was learned (Dwork & Roth 2014).

    Args:
        epsilon: ε, the budget that was spent.
        delta: δ, the chance that ε does not hold.
    """

    epsilon: float
    delta: float


@dataclass(frozen=True)
class Learned:
    """What a component tells about what it learned.

    Args:
        facts: such as `{"epochs": 23, "kl": 6.4}`.
        guarantee: of what was learned from the source; None if it was not trained privately.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    guarantee: Guarantee | None = None

    def __bool__(self) -> bool:
        return bool(self.facts) or self.guarantee is not None


def write_learned(directory: Path, facts: Mapping[str, Fact], guarantee: Guarantee | None = None) -> None:
    """Writes a few facts that are worth telling about what `fit` learned, for the summary of the run.

    The same seed must give the same facts, so seconds must not be among them.

    Args:
        directory: the one that `fit` writes.
        facts: such as `{"epochs": 23, "kl": 6.4}`; a number that is not finite is told as None.
        guarantee: of differential privacy, which the dataset card states.
    """
    finite = {
        name: None if isinstance(fact, float) and not math.isfinite(fact) else fact for name, fact in facts.items()
    }
    content = json.dumps(asdict(Learned(finite, guarantee)), indent=2, ensure_ascii=False)
    write_whole(directory / LEARNED, content + "\n")


def read_learned(directory: Path) -> Learned:
    """Returns what `write_learned` wrote; nothing if it wrote nothing.

    Raises:
        InputError: if it cannot be read.
    """
    path = directory / LEARNED
    if not path.exists():
        return Learned()
    try:
        return pydantic.TypeAdapter(Learned).validate_json(path.read_bytes())
    except pydantic.ValidationError as error:
        raise InputError(f"{path}: must be a JSON object of what was learned: {error.errors()[0]['msg']}") from error
