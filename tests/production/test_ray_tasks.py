"""What Ray does with a task on a machine that does not see the run's directory, without Ray."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from workbench import write_source

from textsynth import formats
from textsynth.components.preview import ModelUsage
from textsynth.components.versions import read_versions
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.generators import MentionReplacement
from textsynth.production.engines.portable import move, pack, unpack
from textsynth.production.engines.ray import _Home, _work
from textsynth.production.fitting import Fit, _fit
from textsynth.production.shard import Shard, make_shard
from textsynth.recipes.recipe import Step


@pytest.fixture
def resources(tmp_path: Path) -> Resources:
    return Resources.of(formats.read(write_source(tmp_path / "source.jsonl")))


def fit_in(directory: Path, generator: MentionReplacement, resources: Resources) -> Fit:
    task = Fit("generator", "swap", generator, directory, 1)
    _fit(resources, task)
    return task


def shard_in(directory: Path, generator: MentionReplacement) -> Shard:
    return Shard(Step("swap", generator, 1), directory / "steps" / "swap", 1, 0, ((None, 20),))


def files(directory: Path) -> dict[str, bytes]:
    found = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}


def test_a_shard_that_was_made_elsewhere_is_the_same(resources: Resources, tmp_path: Path):
    generator = MentionReplacement()
    here, there, back = tmp_path / "here", tmp_path / "there", tmp_path / "back"
    fit_in(here, generator, resources)
    shard = shard_in(here, generator)
    moved = move(shard, there / "steps" / "swap")
    unpack(pack(shard.directory, shard.reads), moved.directory, shard.reads)
    make_shard(moved)
    returned = move(shard, back / "steps" / "swap")
    unpack(pack(shard.directory, shard.reads), returned.directory, shard.reads)
    unpack(pack(moved.directory, shard.writes), returned.directory, shard.writes)
    arrived = returned.path.stat().st_mtime_ns
    assert make_shard(returned).stat().st_mtime_ns == arrived  # It stands, and is not made anew.
    make_shard(shard)
    assert files(back) == files(there) == files(here)


def test_a_shard_that_comes_back_damaged_is_made_anew(resources: Resources, tmp_path: Path):
    generator = MentionReplacement()
    fit_in(tmp_path / "run", generator, resources)
    shard = shard_in(tmp_path / "run", generator)
    good = make_shard(shard).read_bytes()
    packed = pack(shard.directory, shard.writes)
    unpack(packed | {shard.path.name: good[:-100] + bytes(100)}, shard.directory, shard.writes)
    assert shard.path.read_bytes() != good
    assert make_shard(shard).read_bytes() == good


def test_a_fit_elsewhere_comes_back_whole_and_what_was_cut_off_here_goes(resources: Resources, tmp_path: Path):
    task = fit_in(tmp_path / "straight", MentionReplacement(), resources)
    away = move(task, tmp_path / "run")
    begun = away.fitted.with_name("fitted.unfinished")
    begun.mkdir(parents=True)
    (begun / "half").touch()
    home = _Home(tmp_path / "no such beacon", read_versions())
    done = _work(partial(_fit, resources), away, home, [])
    assert done.files is not None
    unpack(done.files, away.directory, away.writes)
    _fit(resources, away)
    assert files(tmp_path / "run") == files(tmp_path / "straight")


def test_a_task_that_sees_the_directory_works_in_it(resources: Resources, tmp_path: Path):
    generator = MentionReplacement()
    fit_in(tmp_path / "run", generator, resources)
    (tmp_path / "run" / "beacon").touch()
    home = _Home(tmp_path / "run" / "beacon", read_versions())
    shard = shard_in(tmp_path / "run", generator)
    done = _work(make_shard, shard, home, [])
    assert (done.result, done.files) == (shard.path, None)
    assert shard.path.exists()


def test_another_version_of_what_decides_the_bytes_is_refused(resources: Resources, tmp_path: Path):
    home = _Home(tmp_path / "beacon", read_versions() | {"numpy": "1.0"})
    with pytest.raises(TextsynthError, match=r"must have numpy 1\.0 as the machine of the run, has 2\."):
        _work(make_shard, shard_in(tmp_path, MentionReplacement()), home, [])


@dataclass(frozen=True, kw_only=True)
class Paid(MentionReplacement):
    """Keeps answers that were paid for."""

    def account(self, directory: Path) -> ModelUsage:
        return ModelUsage(0, 0, 0, None, None)


def test_what_keeps_paid_answers_must_see_the_directory(tmp_path: Path):
    home = _Home(tmp_path / "beacon", read_versions())
    with pytest.raises(TextsynthError, match=r"shard 0 of step 'swap': must see .* as paid answers are kept there"):
        _work(make_shard, shard_in(tmp_path, Paid()), home, [])
