"""A plug-in's spans are checked at the door: a run stops at the first wrong one, by name, row and span."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from workbench import make_recipe, read_made

from textsynth.components import registry
from textsynth.errors import InvalidExample
from textsynth.runs.run import run

PLUG_IN = '''
from dataclasses import dataclass

import pyarrow as pa

from textsynth.corpus import Corpus
from textsynth.generators import Generator


@dataclass(frozen=True, kw_only=True)
class Greeting(Generator):
    """Greets people.

    Args:
        off: characters that its spans are too far to the right.
    """

    off: int = 0

    def fit(self, resources, directory, rng):
        """Learns nothing."""

    def sampler(self, directory):
        """Greets with a number."""

        def sample(count, rng, label=None):
            numbers = [str(number) for number in rng.integers(1000, 10_000, size=count)]
            source = Corpus.from_columns(text=[f"Hello {each}" for each in numbers], spans=[[(6, 10, "NUMBER")]] * count)
            spans = [[{"start": 6 + self.off, "end": 10 + self.off, "label": "NUMBER"}]] * count
            return Corpus.from_trusted(source.table.set_column(1, "spans", pa.array(spans, source.table.schema.field(1).type)), "words")

        return sample
'''  # noqa: E501


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "site"
    about = folder / "greeting_of_ours-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "greeting_of_ours.py").write_text(PLUG_IN)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting-of-ours\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[textsynth.generators]\ngreeting = greeting_of_ours:Greeting\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
    registry._components.cache_clear()
    yield
    registry._components.cache_clear()
    sys.modules.pop("greeting_of_ours", None)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("plug_in")
def test_wrong_spans_stop_the_run_by_name_row_and_span(workers: int, tmp_path: Path):
    recipe = make_recipe(tmp_path, generator=[{"use": "greeting", "off": 3}], filter=[])
    with pytest.raises(InvalidExample) as caught:
        run(recipe, tmp_path / "out", workers=workers)
    assert str(caught.value) == (
        "generator 'greeting': must make examples that hold together, made row 0: "
        "span 9-13 'NUMBER' reaches outside the text of 10 characters"
    )
    assert not list((tmp_path / "out").rglob("shard-*"))
    assert not (tmp_path / "out" / "run.json").exists()


@pytest.mark.usefixtures("plug_in")
def test_right_spans_run(tmp_path: Path):
    summary = run(make_recipe(tmp_path, generator=[{"use": "greeting"}], filter=[]), tmp_path / "out")
    assert (summary.state, summary.delivered) == ("complete", 40)
    assert summary.versions["greeting-of-ours"] == "1.0", "a plug-in has a say in the bytes"
    made = read_made(tmp_path / "out")
    assert all(mention.isdigit() for example in made for mention in example.mentions())
