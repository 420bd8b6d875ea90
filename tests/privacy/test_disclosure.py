"""What a recipe with a private step tells of its source all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsynth.privacy.disclosure import disclosures
from textsynth.recipes.recipe import parse

PRIVATE = {"use": "language_model", "privacy": {"epsilon": 8.0}}


def told(folder: Path, *, seed: int = 2**61, generators: Any = (PRIVATE,), filters: Any = ()) -> list[str]:
    (folder / "source.txt").write_text("Hello.\n")
    content = {"seed": seed, "count": 1, "source": {"path": "source.txt"}}
    content |= {"generator": list(generators), "filter": list(filters)}
    recipe = parse(content, folder, "recipe")
    steps = {step.name: step.generator for step in recipe.steps}
    return list(disclosures(seed, steps, {each.name: each.filter for each in recipe.filters}))


def test_nothing_where_all_is_private(tmp_path: Path):
    assert told(tmp_path) == []
    assert told(tmp_path, filters=[{"use": "duplicate", "against_source": False}]) == []


def test_nothing_where_nothing_is_meant_to_be_private(tmp_path: Path):
    assert told(tmp_path, seed=0, generators=[{"use": "language_model"}], filters=[{"use": "duplicate"}]) == []


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"seed": 7}, "seed 7 can be guessed"),
        ({"generators": [PRIVATE, {"use": "template_fill"}]}, "generator 'template_fill' is not private"),
        ({"filters": [{"use": "duplicate"}]}, "filter 'duplicate' compares with the source"),
        ({"filters": [{"use": "realism"}]}, "filter 'realism' compares with the source"),
        ({"filters": [{"use": "memorisation"}]}, "filter 'memorisation' compares with the source"),
    ],
)
def test_what_takes_privacy_away(options: dict[str, Any], part: str, tmp_path: Path):
    (only,) = told(tmp_path, **options)
    assert part in only
