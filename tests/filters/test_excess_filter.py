from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.filters.excess import Excess
from textsynth.foundation.seeding import child_rng
from textsynth.recipes.recipe import parse

REASON = "wording of the source more often than of held-out text"


def judge(folder: Path, source: list[str], validation: list[str], made: list[str]) -> list[str | None]:
    excess = Excess()
    resources = replace(Resources.of(Corpus.from_columns(text=source)), validation=Corpus.from_columns(text=validation))
    excess.fit(resources, folder, child_rng(1))
    return list(excess.judge(folder)(Corpus.from_columns(text=made)))


def test_the_source_is_repeated_no_more_than_heldout_text(tmp_path: Path):
    """Of four records each, four held-out ones are repeated, less half the root of that: so may three of the source."""
    source, validation = ["a0 a1", "b0 b1", "c0 c1", "d0 d1"], ["w0", "x0", "y0", "z0"]
    made = ["a0", *validation, "a0", "a1", "b0", "c1", "d0", "a0 a1"]
    assert judge(tmp_path, source, validation, made) == [REASON, *[None] * 4, None, None, None, None, REASON, REASON]


def test_what_two_records_of_the_source_have_tells_of_none(tmp_path: Path):
    assert judge(tmp_path, ["red tea", "red tea"], ["blue sun"], ["red tea", "red", "tea"]) == [None] * 3


def test_what_an_example_repeats_of_heldout_text_does_not_help_itself(tmp_path: Path):
    source, made = ["a0", "b0", "c0", "d0"], ["a0 x0 y0", "x0", "a0"]
    assert judge(tmp_path, source, ["x0", "y0"], made) == [REASON, None, None]


def test_shares_are_compared_and_no_numbers(tmp_path: Path):
    """One of two held-out records, less half, is as many as one of four of the source."""
    source, made = ["a0", "b0", "c0", "d0"], ["x0", "a0", "b0"]
    assert judge(tmp_path, source, ["x0", "y0"], made) == [None, None, REASON]


def test_a_memory_is_dropped_and_chance_is_not(tmp_path: Path):
    """Words by chance of a common stock, against copies of the source."""
    rng = child_rng(1)
    texts = [" ".join(rng.choice(60, size=4).astype(str)) for _ in range(900)]
    source, validation, other = texts[:300], texts[300:600], texts[600:]
    reasons = judge(tmp_path, source, validation, [*other, *source])
    dropped = np.array([reason is not None for reason in reasons])
    assert dropped[:300].mean() < 0.15
    assert dropped[300:].mean() > 0.9


def test_there_must_be_text_to_count_on(tmp_path: Path):
    with pytest.raises(OptionError, match=r"held out for validation, to count what chance does, is none"):
        Excess().fit(Resources.of(Corpus.from_columns(text=["a"])), tmp_path, child_rng(1))


def test_a_recipe_must_put_text_aside(tmp_path: Path):
    recipe = {
        "seed": 7,
        "count": 10,
        "source": {"path": "x.jsonl", "heldout": 0.2},
        "generator": [{"use": "template_fill"}],
        "filter": [{"use": "excess"}],
    }
    with pytest.raises(OptionError, match=r"filter 'excess': \[source\] heldout must put text aside for validation"):
        parse(recipe, tmp_path, "recipe.toml")
    recipe["source"] = {"path": "x.jsonl", "heldout": {"test": 0.2, "validation": 0.2}}
    assert parse(recipe, tmp_path, "recipe.toml").list_unseen(["test", "validation"]) == ["test"]
