"""Pins the bytes of every generator, so that a change of them is always a decision.

Of a generator that trains or loads a network, only that is pinned which does not depend on a processor's arithmetic:
what it drew and wrote when it was fitted, but for weights and what was computed with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from workbench import make_recipe

from textsynth import formats
from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.runs.run import run
from textsynth.testing.generator_checks import GeneratorTrial

GOLDEN = Path(__file__).with_name("golden.json")
NAMES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in registry.names("generator")]
DRAWN = frozenset({"pools.parquet", "records.parquet", "source.parquet", "style.json", "vocabulary.json", "spec.json"})
"""Files of a fitted directory that networks have no part in."""


def rows_of(corpus: Corpus) -> bytes:
    return json.dumps(corpus.table.to_pylist(), ensure_ascii=True, sort_keys=True).encode()


def content_of(path: Path) -> bytes:
    if path.suffix != ".parquet":
        return path.read_bytes()
    import pyarrow.parquet as pq  # The file itself names the version of Arrow that wrote it.

    return json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=True).encode()


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def check(name: str, found: str) -> None:
    golden = json.loads(GOLDEN.read_text())
    assert golden.get(name) == found, (
        f"{name}: the same seed must give the same bytes, gave others than before; "
        f"if that is meant, {GOLDEN.name} must say {json.dumps({name: found})}, and CHANGELOG.md why"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_generator_gives_the_bytes_it_gave(name: str, generator_trial: Callable[[str], GeneratorTrial]):
    trial = generator_trial(name)
    trained = {"torch", "safetensors"} & {path.suffix[1:] for path in trial.directory.rglob("*")} or (
        trial.generator.memory() > 0
    )
    if trained:
        drawn = sorted(path for path in trial.directory.rglob("*") if path.name in DRAWN)
        check(name, digest(*(content_of(path) for path in drawn)))
    else:
        check(name, digest(rows_of(trial.sample(40, child_rng(7, "golden")))))


def test_a_run_gives_the_bytes_it_gave(tmp_path: Path):
    """So the streams of fits, shards and splits are pinned too."""
    generators = [{"use": "mention_replacement"}, {"use": "template_fill"}, {"use": "word_swap"}]
    run(make_recipe(tmp_path, generator=generators, shard_size=7), tmp_path / "out")
    delivered = formats.read(tmp_path / "out" / "dataset", "datasets", options={"split": "all"})
    check("a run", digest(rows_of(delivered)))


def test_nothing_is_pinned_that_is_no_more():
    assert json.loads(GOLDEN.read_text()).keys() == {*registry.names("generator"), "a run"}
