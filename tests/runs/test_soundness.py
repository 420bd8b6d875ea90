"""What is damaged or missing of a run is named, and made again."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from workbench import call, make_recipe, tree

from textsynth.errors import TextsynthError
from textsynth.recipes.recipe import Recipe
from textsynth.runs.run import run
from textsynth.runs.soundness import find_damage


def outputs(directory: Path) -> dict[str, bytes]:
    """Returns the bytes of what a run delivers."""
    places = [path for name in ("dataset", "exports") for path in sorted((directory / name).rglob("*"))]
    return {str(path.relative_to(directory)): path.read_bytes() for path in places if path.is_file()}


def list_run_files(directory: Path) -> list[Path]:
    return [path for path in sorted(directory.rglob("*")) if path.is_file() and path.name != ".textsynth-lock"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Path]:
    folder = tmp_path_factory.mktemp("sound")
    steps = [{"use": "mention_replacement"}, {"use": "template_fill"}]
    recipe = make_recipe(folder, count=30, shard_size=10, generator=steps, export={"formats": ["jsonl"]})
    run(recipe, folder / "out")
    return recipe, folder / "out"


def flip(path: Path, chance: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(raw))


def check_flip(made: tuple[Recipe, Path], seed: int, place: Path) -> None:
    """Flips a bit of a file of a run that has ended, or has not, and starts it again."""
    recipe, whole = made
    chance = random.Random(seed)
    out = place / "out"
    shutil.copytree(whole, out)
    if seed % 2:  # It was killed before its end.
        (out / "run.json").unlink()
        shutil.rmtree(out / "dataset")
    path = chance.choice([path for path in list_run_files(out) if path.stat().st_size])
    flip(path, chance)
    told = ""
    try:
        run(recipe, out)
    except TextsynthError as error:
        told = str(error)
    now = outputs(out)
    shutil.rmtree(out)
    assert str(out) in told or now == outputs(whole), f"seed {seed}, {path}"


@pytest.mark.parametrize(
    "seeds", [pytest.param(range(6), id="6"), pytest.param(range(6, 206), id="200", marks=pytest.mark.slow)]
)
def test_a_flipped_bit_gives_no_other_output_in_silence(seeds: range, made: tuple[Recipe, Path], tmp_path: Path):
    for seed in seeds:
        check_flip(made, seed, tmp_path)


@pytest.mark.parametrize("name", ["dataset", "exports/train.jsonl", "rejected.parquet", "extracted", "run.json"])
def test_what_was_deleted_of_a_finished_run_is_made_again(name: str, made: tuple[Recipe, Path], tmp_path: Path):
    recipe, whole = made
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    if (out / name).is_dir():
        shutil.rmtree(out / name)
    else:
        (out / name).unlink()
    assert any(each.startswith(name) for each in find_damage(out)) or name == "run.json"
    run(recipe, out)
    assert outputs(out) == outputs(whole)
    assert find_damage(out) == []


def test_what_a_user_has_changed_in_a_finished_run_is_kept(made: tuple[Recipe, Path], tmp_path: Path):
    recipe, whole = made
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    (out / "dataset" / "README.md").write_text("my card")
    run(recipe, out)
    assert (out / "dataset.damaged" / "README.md").read_text() == "my card"
    assert outputs(out) == outputs(whole)


def test_a_source_that_has_changed_is_told_though_what_was_extracted_is_damaged(tmp_path: Path):
    recipe = make_recipe(tmp_path, count=5)
    run(recipe, tmp_path / "out")
    (tmp_path / "out" / "run.json").unlink()
    (tmp_path / "out" / "extracted" / "templates.tsv").write_text("")
    lines = (tmp_path / "source.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "source.jsonl").write_text("".join(lines[:-1]))
    with pytest.raises(TextsynthError, match="the source has changed since the run was begun"):
        run(recipe, tmp_path / "out")


def test_verify_names_what_is_not_as_it_was_written(made: tuple[Recipe, Path], tmp_path: Path):
    out = tmp_path / "out"
    shutil.copytree(made[1], out)
    assert call("verify", out).out == f"{out}: as it was written\n"
    (out / "dataset" / "dataset_dict.json").write_text("{}")
    shard = next(out.glob("steps/*/shard-*.arrow"))
    shard.unlink()
    outcome = call("verify", out)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    for name in ("dataset/dataset_dict.json", str(shard.relative_to(out))):
        assert name in outcome.err
    assert call("verify", out, "--json").json["damaged"] == ["dataset/dataset_dict.json", str(shard.relative_to(out))]
    outcome = call("verify", tmp_path)
    assert outcome.err == f"textsynth: {tmp_path}: must be a directory that textsynth has written, has no .textsynth\n"


def test_a_run_that_is_killed_at_its_last_write_has_not_ended(made: tuple[Recipe, Path], tmp_path: Path):
    recipe, whole = made
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    before = tree(out)
    written: list[str] = []
    real = Path.replace

    def stop_at_summary(self: Path, target: Path) -> Path:
        written.append(Path(target).name)
        if written[-1] == "run.json":
            raise KeyboardInterrupt
        return real(self, target)

    (out / "run.json").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", stop_at_summary)
        with pytest.raises(KeyboardInterrupt):
            run(recipe, out)
    assert written[-2:] == [".textsynth", "run.json"]
    assert find_damage(out) == []
    run(recipe, out)
    assert tree(out) == before
