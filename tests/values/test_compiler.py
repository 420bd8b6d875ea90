"""A sentence comes out the same whichever templates are compiled together, at once or when they are drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from textsynth import read
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.generators.template_fill import TemplateFill
from textsynth.values import compiler

NEWSROOM = Path(__file__).resolve().parents[2] / "corpora" / "newsroom.jsonl"
RECORDS = {"PERSON": "record:name", "GPE": "record:city"}
GENERATORS = [TemplateFill(), TemplateFill(values=RECORDS, weights="uniform"), MentionReplacement(rate=0.5)]


@pytest.fixture(scope="module")
def resources() -> Resources:
    """Returns what generators learn from."""
    return Resources.of(read(NEWSROOM))


def draw(generator: Generator, resources: Resources, directory: Path, counts: list[int]) -> list[Corpus]:
    """Fits a generator, and draws from it so many times, each time with a random stream of its own."""
    directory.mkdir()
    generator.fit(resources, directory, np.random.default_rng(7))
    sampler = generator.sampler(directory)
    return [sampler(count, np.random.default_rng(count)) for count in counts]


@pytest.mark.parametrize("generator", GENERATORS, ids=["template_fill", "records", "mention_replacement"])
def test_what_is_compiled_when_it_is_drawn(
    generator: Generator, resources: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = [3, 50, 7, 2_000, 40]  # The fourth is more than there are templates, so that all are compiled for it.
    few = draw(generator, resources, tmp_path / "few", counts)
    monkeypatch.setattr(compiler, "_MANY", 30)
    monkeypatch.setattr(compiler, "_LOOKED_AT", 30)
    many = draw(generator, resources, tmp_path / "many", counts)
    alone = [draw(generator, resources, tmp_path / f"alone-{count}", [count])[0] for count in counts]
    assert not (tmp_path / "many" / "demands.parquet").exists()
    assert (tmp_path / "few" / "demands.parquet").exists()
    for made in zip(few, many, alone, strict=True):
        assert len({tuple(each) for each in made}) == 1


def test_no_template_is_drawn(resources: Resources, tmp_path: Path) -> None:
    fitted = MentionReplacement()
    fitted.fit(resources, tmp_path, np.random.default_rng(7))
    assert len(fitted.sampler(tmp_path)(0, np.random.default_rng(7))) == 0
