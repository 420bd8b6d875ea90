from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from textsynth.components.learned import LEARNED, Fact, Guarantee, Learned, read_learned, write_learned


def test_nothing_was_learned_if_nothing_was_written(tmp_path: Path):
    assert read_learned(tmp_path) == Learned({}, None)


@pytest.mark.parametrize("guarantee", [None, Guarantee(7.93, 1e-5), Guarantee(0.0, 0.0)])
def test_what_was_written_comes_back(guarantee: Guarantee | None, tmp_path: Path):
    facts: dict[str, Fact] = {"epochs": 4, "loss": 0.5, "Zoë": "ü", "early": False, "none": None}
    write_learned(tmp_path, facts, guarantee)
    assert read_learned(tmp_path) == Learned(facts, guarantee)
    assert ("guarantee" in json.loads((tmp_path / LEARNED).read_text("utf-8"))) == (guarantee is not None)


def test_a_fact_named_epsilon_is_no_guarantee(tmp_path: Path):
    write_learned(tmp_path, {"epsilon": 3.0, "delta": 1e-5})
    assert read_learned(tmp_path).guarantee is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_told_as_nothing(value: float, tmp_path: Path):
    write_learned(tmp_path, {"loss": value})
    assert read_learned(tmp_path).facts == {"loss": None}


@pytest.mark.parametrize("pair", [(math.nan, 1e-5), (math.inf, 1e-5), (-1.0, 1e-5), (1.0, math.nan), ("1", 1e-5)])
def test_a_guarantee_that_says_nothing_is_refused(pair: tuple[float, float]):
    with pytest.raises(ValueError, match="must be a finite number, at least 0, was:"):
        Guarantee(*pair)
