from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from workbench import TEXTSYNTH, hear_ctrl_c, installed, make_recipe, tree, write_package, write_recipe, write_source

from textsynth import formats
from textsynth.errors import FormatError, InputError, OptionError, OutputError, RunMismatch, TextsynthError, UnknownName
from textsynth.extract import Resources
from textsynth.foundation.disk import LOCK, sole_use
from textsynth.foundation.sums import write_sums
from textsynth.production.shard import read_shard
from textsynth.production.summary import SourceCounts, StepCounts, Summary, Tally, dump, read_finished, shortfall
from textsynth.recipes import recipe as recipes
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.resolved import resolve
from textsynth.runs.directory import find_fitted_directory
from textsynth.runs.run import run
from textsynth.runs.soundness import seal

NUMBERS = {"use": "numbers"}


def texts(directory: Path) -> list[str]:
    return [text for split in datasets.load_from_disk(directory / "dataset").values() for text in split["text"]]


def mismatch(recipe: Recipe, directory: Path) -> str:
    before = tree(directory)
    with pytest.raises(RunMismatch) as caught:
        run(recipe, directory)
    assert tree(directory) == before
    return str(caught.value)


def interrupt(recipe: Recipe, directory: Path) -> None:
    """Leaves what a run leaves that was killed after its shards were made."""
    run(recipe, directory)
    (directory / "run.json").unlink()
    shutil.rmtree(directory / "dataset")


def test_a_run_leaves_what_the_design_says(tmp_path: Path):
    export = {"formats": ["conll", "csv"], "task": "token-classification", "validation": 0.1, "test": 0.1}
    recipe = make_recipe(tmp_path, export=export)
    summary = run(recipe, tmp_path / "out")
    assert sorted(tree(tmp_path / "out")) == sorted(
        [
            "recipe.toml",
            "run.json",
            "rejected.parquet",
            *(f"extracted/{name}" for name in ("source.parquet", "source.json", "gazetteer.tsv")),
            *(f"extracted/templates.{suffix}" for suffix in ("arrow", "tsv")),
            "steps/mention_replacement/fitted/source.parquet",
            "steps/mention_replacement/fitted/style.json",
            *(f"steps/mention_replacement/fitted/{name}.parquet" for name in ("pools", "uses", "demands")),
            "steps/mention_replacement/fitted/learned.json",
            *(
                name
                for name in tree(tmp_path / "out")
                if "/shard-" in name or name.endswith("/.textsynth") or name.endswith("records.parquet")
            ),
            "filters/duplicate/fitted/source.npy",
            *(f"exports/{split}.{suffix}" for split in ("train", "validation", "test") for suffix in ("conll", "csv")),
            "dataset/README.md",
            "dataset/dataset_dict.json",
            *(
                f"dataset/{split}/{name}"
                for split in ("train", "validation", "test")
                for name in ("data-00000-of-00001.arrow", "dataset_info.json", "state.json")
            ),
        ]
    )
    assert (summary.state, summary.asked, summary.delivered) == ("complete", 40, 40)
    assert tomllib.loads((tmp_path / "out" / "recipe.toml").read_text()) == resolve(recipe).content
    assert read_finished(tmp_path / "out") == summary


def test_the_books_balance(tmp_path: Path):
    generators = [{"use": "mention_replacement"}, {"use": "template_fill", "weight": 2}]
    export = {"validation": 0.1, "test": 0.1}
    summary = run(make_recipe(tmp_path, count=60, generator=generators, export=export), tmp_path / "out")
    assert summary.made == summary.delivered + sum(summary.dropped.values())
    for name, step in summary.steps.items():
        assert step.made == step.kept + sum(step.dropped.values()), name
    assert [summary.steps[name].kept for name in ("mention_replacement", "template_fill")] == [20, 40]
    rejected = pq.read_table(tmp_path / "out" / "rejected.parquet").to_pylist()
    assert Counter(row["reason"] for row in rejected) == summary.dropped
    assert {row["filter"] for row in rejected} == {"duplicate"}
    splits = datasets.load_from_disk(tmp_path / "out" / "dataset")
    for name, split in splits.items():
        origins = Counter("source" if origin == "source" else "made" for origin in split["origin"])
        assert asdict(summary.splits[name]) == {"source": 0, "made": 0, "heldout": 0} | origins
    rows = [row for split in splits.values() for row in split]
    for part, real in (("source", True), ("made", False)):
        spans = [span for row in rows if (row["origin"] == "source") is real for span in row["spans"]]
        counted = {label: getattr(each, part) for label, each in summary.labels.items()}
        assert counted == Counter(span["label"] for span in spans)
    assert summary.source == SourceCounts("source.jsonl", 8, 0)


def test_drops_for_one_reason_by_two_filters_add_up(tmp_path: Path):
    with installed(write_package(tmp_path / "package")):
        filters = [{"use": "divisible", "by": 2, "name": "one"}, {"use": "divisible", "by": 2, "name": "two"}]
        recipe = make_recipe(tmp_path, generator=[NUMBERS], filter=[*filters, {"use": "divisible", "by": 3}])
        summary = run(recipe, tmp_path / "out")
    assert set(summary.dropped) == {"not divisible by 2", "not divisible by 3"}
    assert summary.made == 40 + sum(summary.dropped.values())
    assert summary.steps["numbers"].dropped == summary.dropped


def test_the_same_recipe_gives_the_same_bytes_and_another_seed_others(tmp_path: Path):
    recipe = make_recipe(tmp_path, export={"formats": ["jsonl"]})
    for name in ("one", "two"):
        run(recipe, tmp_path / name)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    run(make_recipe(tmp_path, seed=4, export={"formats": ["jsonl"]}), tmp_path / "other")
    assert set(texts(tmp_path / "other")) != set(texts(tmp_path / "one"))


def test_two_processes_make_the_same_bytes_as_one(tmp_path: Path):
    with installed(write_package(tmp_path / "package")):
        recipe = make_recipe(
            tmp_path,
            count=300,
            shard_size=25,
            generator=[{"use": "template_fill"}, NUMBERS | {"limit": 100_000, "weight": 3}, NUMBERS | {"limit": 9}],
            filter=[{"use": "duplicate"}],
            export={"formats": ["jsonl", "conll"], "task": "token-classification"},
        )
        one = run(recipe, tmp_path / "one")
        two = run(recipe, tmp_path / "two", workers=2)
    assert one.delivered == 300
    assert (one.workers, two.workers) == (1, 2)
    assert len(list((tmp_path / "one").glob("steps/*/shard-*"))) > 8
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_finished_run_is_shown_again(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    first = run(recipe, tmp_path / "out")
    files = [path for path in (tmp_path / "out").rglob("*") if path.name != LOCK]
    ages = {path: path.stat().st_mtime_ns for path in files}
    assert run(recipe, tmp_path / "out") == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.name != LOCK} == ages
    (tmp_path / "source.jsonl").unlink()
    assert run(recipe, tmp_path / "out") == first


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 4}, "seed was 3, is 4"),
        ({"count": 41}, "count was 40, is 41"),
        (
            {"generator": [{"use": "mention_replacement", "rate": 0.5}]},
            "generator 'mention_replacement'.rate was 1.0, is 0.5",
        ),
        ({"filter": []}, "filter was [{"),
        ({"export": {"test": 0.2}}, "export.test was 0.0, is 0.2"),
        ({"source": {"path": "source.jsonl", "licence": "mit"}}, "source.licence was 'unknown', is 'mit'"),
    ],
)
def test_a_finished_run_with_another_recipe_is_refused(change: dict[str, Any], says: str, tmp_path: Path):
    run(make_recipe(tmp_path), tmp_path / "out")
    message = mismatch(make_recipe(tmp_path, **change), tmp_path / "out")
    assert message.startswith(f"{tmp_path / 'out'}: was begun with another recipe: {says}")
    assert message.endswith("; choose another --out, or --overwrite")


def test_only_the_first_few_differences_are_told(tmp_path: Path):
    run(make_recipe(tmp_path), tmp_path / "out")
    change = {"seed": 1, "count": 1, "shard_size": 1, "balance": True, "min_acceptance": 0.5, "filter": []}
    assert "; and 1 more; choose" in mismatch(make_recipe(tmp_path, **change), tmp_path / "out")


def test_a_run_that_has_made_something_takes_another_export_but_nothing_else(tmp_path: Path):
    interrupt(make_recipe(tmp_path), tmp_path / "out")
    assert "seed was 3, is 5" in mismatch(make_recipe(tmp_path, seed=5), tmp_path / "out")
    assert "count was 40, is 50" in mismatch(make_recipe(tmp_path, count=50), tmp_path / "out")
    recipe = make_recipe(tmp_path, export={"formats": ["csv"], "test": 0.2})
    run(recipe, tmp_path / "out")
    run(recipe, tmp_path / "straight")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


def test_a_run_that_has_made_nothing_takes_other_generators_and_keeps_what_is_fitted(tmp_path: Path):
    wrong = make_recipe(
        tmp_path,
        generator=[
            {"use": "mention_replacement"},
            {"use": "template_fill", "unlabelled": ["PERSN"]},
        ],
    )
    with pytest.raises(
        OptionError, match="generator 'template_fill': option 'unlabelled': no slot has the label 'PERSN'"
    ):
        run(wrong, tmp_path / "out")
    fitted = tmp_path / "out" / "steps" / "mention_replacement" / "fitted"
    kept = [fitted.stat().st_mtime_ns, (tmp_path / "out" / "extracted").stat().st_mtime_ns]
    assert "seed was 3, is 5" in mismatch(make_recipe(tmp_path, seed=5), tmp_path / "out")
    right = make_recipe(tmp_path, generator=[{"use": "mention_replacement"}, {"use": "template_fill"}])
    run(right, tmp_path / "out")
    assert kept == [fitted.stat().st_mtime_ns, (tmp_path / "out" / "extracted").stat().st_mtime_ns]
    run(right, tmp_path / "straight")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


def test_a_step_that_changed_before_it_made_something_is_fitted_anew(tmp_path: Path):
    interrupt(make_recipe(tmp_path), tmp_path / "out")
    for shard in (tmp_path / "out").glob("steps/*/shard-*"):
        shard.unlink()
    recipe = make_recipe(tmp_path, count=30, generator=[{"use": "mention_replacement", "policy": {"GPE": "skip"}}])
    run(recipe, tmp_path / "out")
    run(recipe, tmp_path / "straight")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


@pytest.mark.parametrize("ended", [True, False])
def test_a_source_that_changed_is_refused(ended: bool, tmp_path: Path):
    recipe = make_recipe(tmp_path)
    (run if ended else interrupt)(recipe, tmp_path / "out")
    path = write_source(tmp_path / "source.jsonl", [("Ada!", [(0, 3, "PERSON")])])
    assert f"{path} has changed since the run was begun" in mismatch(recipe, tmp_path / "out")


GENERATOR = [{"use": "template_fill", "values": {"GPE": "words:cities.txt"}}]


def test_a_run_that_was_moved_or_is_reached_through_a_link_goes_on(tmp_path: Path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "cities.txt").write_text("Rome\nParis\n")
    recipe = make_recipe(tmp_path / "here", generator=GENERATOR, count=10)
    run(recipe, tmp_path / "straight")
    interrupt(recipe, tmp_path / "here" / "out")
    (tmp_path / "here").rename(tmp_path / "there")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    for place in ("link", "there"):
        run(make_recipe(tmp_path / place, generator=GENERATOR, count=10), tmp_path / place / "out")
    assert tree(tmp_path / "there" / "out") == tree(tmp_path / "straight")


@pytest.mark.parametrize("changed", ["cities.txt", "source.jsonl"])
def test_a_run_that_was_moved_beside_another_source_is_refused(changed: str, tmp_path: Path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "cities.txt").write_text("Rome\nParis\n")
    interrupt(make_recipe(tmp_path / "here", generator=GENERATOR, count=10), tmp_path / "here" / "out")
    (tmp_path / "here").rename(tmp_path / "there")
    recipe = make_recipe(tmp_path / "there", generator=GENERATOR, count=10)
    lines = (tmp_path / "there" / changed).read_text().splitlines(keepends=True)
    (tmp_path / "there" / changed).write_text("".join([*lines, lines[0]]))
    assert changed in mismatch(recipe, tmp_path / "there" / "out")


def test_a_word_list_that_changed_is_refused(tmp_path: Path):
    (tmp_path / "cities.txt").write_text("Rome\nParis\n")
    generator = [{"use": "template_fill", "values": {"GPE": "words:cities.txt"}}]
    recipe = make_recipe(tmp_path, generator=generator, count=10)
    interrupt(recipe, tmp_path / "out")
    (tmp_path / "cities.txt").write_text("Rome\nBerlin\n")
    assert f"{tmp_path / 'cities.txt'} has changed since" in mismatch(recipe, tmp_path / "out")


@pytest.mark.parametrize("ended", [True, False])
def test_other_versions_are_told_where_they_may_change_the_bytes(
    ended: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    recipe = make_recipe(tmp_path)
    (run if ended else interrupt)(recipe, tmp_path / "out")
    path = tmp_path / "out" / "extracted" / "source.json"
    note = json.loads(path.read_text())
    note["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(note))
    write_sums(path.parent)
    if ended:
        seal(tmp_path / "out", (tmp_path / "out" / "run.json").read_text())
    run(recipe, tmp_path / "out")
    told = [f"was begun with other versions, so the bytes may differ: numpy was '1.0', is '{np.__version__}'"]
    assert [message.partition(": ")[2] for message in caplog.messages] == ([] if ended else told)


def test_the_labels_to_keep_hold_for_gold_spans_too(tmp_path: Path):
    summary = run(make_recipe(tmp_path, count=10, extract={"labels": ["GPE"]}), tmp_path / "out")
    assert list(summary.labels) == ["GPE"]
    with pytest.raises(UnknownName, match="the source has no label 'GP'; did you mean 'GPE'"):
        run(make_recipe(tmp_path, extract={"labels": ["GP"]}), tmp_path / "other")


def test_another_process_in_the_directory_is_told_apart(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    (tmp_path / "out").mkdir()
    with sole_use(tmp_path / "out"), pytest.raises(OutputError, match=f"the process {os.getpid()} is at work in it"):
        run(recipe, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert run(recipe, tmp_path / "out").delivered == 40


def test_a_place_that_is_no_run_directory_is_refused(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear")
    with pytest.raises(OutputError, match="mine: must be empty or the directory of a run, has other files"):
        run(recipe, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    (tmp_path / "file").write_text("dear")
    with pytest.raises(OutputError, match="file: must be a directory for the run, is a file"):
        run(recipe, tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        run(recipe, tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "dear"


@pytest.mark.parametrize("broken", ["seed = = 1", "\udcff"])
def test_a_run_directory_with_a_broken_recipe_is_refused(broken: str, tmp_path: Path):
    recipe = make_recipe(tmp_path)
    run(recipe, tmp_path / "out")
    (tmp_path / "out" / "recipe.toml").write_text(broken, errors="surrogateescape")
    assert "recipe.toml: must be the recipe of a run: " in mismatch(recipe, tmp_path / "out")


def test_the_summary_of_a_run_by_an_earlier_version_is_read(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    summary = run(recipe, tmp_path / "out")
    written = json.loads((tmp_path / "out" / "run.json").read_text())
    assert set(written.pop("learned")) == {"mention_replacement"}
    seal(tmp_path / "out", json.dumps(written))
    assert run(recipe, tmp_path / "out") == replace(summary, learned={})


def test_the_fitted_directory_of_a_step_is_found(tmp_path: Path):
    for name, file in (("vae", "vae.json"), ("gan-2", "vae.json"), ("fill", "style.json")):
        (tmp_path / "steps" / name / "fitted").mkdir(parents=True)
        (tmp_path / "steps" / name / "fitted" / file).touch()
    (tmp_path / "steps" / "cut" / "fitted.unfinished").mkdir(parents=True)
    fitted = tmp_path / "steps" / "fill" / "fitted"
    assert find_fitted_directory(tmp_path, "style.json") == find_fitted_directory(fitted, "style.json") == fitted
    assert find_fitted_directory(tmp_path, "vae.json", "gan-2") == tmp_path / "steps" / "gan-2" / "fitted"
    assert find_fitted_directory(tmp_path, "vae.json", "fill") == fitted
    for arguments, error, says in (
        (
            (tmp_path, "vae.json"),
            OptionError,
            "the step must be named if several have vae.json; there is: gan-2, vae",
        ),
        (
            (tmp_path, "x.json"),
            InputError,
            "must be a run with a fitted step that has x.json; there is: fill, gan-2, vae",
        ),
        (
            (tmp_path, "vae.json", "cut"),
            UnknownName,
            "there is no fitted step 'cut'; there is: fill, gan-2, vae",
        ),
        ((tmp_path, "vae.json", "va"), UnknownName, "there is no fitted step 'va'; did you mean 'vae'? there is: fill"),
        ((fitted, "vae.json"), InputError, "must be a run with a fitted step that has vae.json; there is none"),
        ((tmp_path / "none", "vae.json"), InputError, "must be a directory, there is none"),
    ):
        with pytest.raises(error) as caught:
            find_fitted_directory(*arguments)  # type: ignore[arg-type]
        assert str(caught.value).startswith(f"{arguments[0]}: {says}")


@pytest.mark.parametrize("broken", ["{", "[]", '{"states": 1}'])
def test_a_broken_summary_is_refused_or_made_again(broken: str, tmp_path: Path):
    recipe = make_recipe(tmp_path)
    run(recipe, tmp_path / "out")
    (tmp_path / "out" / "run.json").write_text(broken)
    with pytest.raises(InputError, match=r"run.json: must be the summary of a run"):
        read_finished(tmp_path / "out")
    assert run(recipe, tmp_path / "out").delivered == 40
    assert (tmp_path / "out" / "run.json.damaged").read_text() == broken


@pytest.mark.parametrize("there", [True, False])
def test_a_source_that_cannot_be_read_leaves_nothing(there: bool, tmp_path: Path):
    recipe = make_recipe(tmp_path)
    out = tmp_path / "new" / "out"
    if there:
        out.mkdir(parents=True)
    (tmp_path / "source.jsonl").write_text('{"text": "fine"}\n{"text": 5}\n')
    with pytest.raises(FormatError, match=r"source.jsonl:2: "):
        run(recipe, out)
    (tmp_path / "source.jsonl").unlink()
    with pytest.raises(InputError, match=r"source.jsonl: must be a file or directory to read, there is none"):
        run(recipe, out)
    assert (list(out.iterdir()) if there else (tmp_path / "new").exists()) in ([], False)
    write_source(tmp_path / "source.jsonl")
    assert run(make_recipe(tmp_path, seed=8), out).delivered == 40


def test_bad_records_are_set_aside_where_the_recipe_says_so(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    with path.open("a") as file:
        file.write('{"text": "Ada", "spans": [{"start": 0, "end": 9, "label": "PERSON"}]}\n{"txt": 1}\nno json\n')
    summary = run(make_recipe(tmp_path, source={"path": "source.jsonl", "on_error": "skip"}), tmp_path / "out")
    assert summary.source == SourceCounts("source.jsonl", 8, 3)
    lines = (tmp_path / "out" / "extracted" / "rejected_source.jsonl").read_text().splitlines()
    reasons = {row["line"]: row["reason"] for row in map(json.loads, lines)}
    assert sorted(reasons) == [9, 10, 11]
    assert "reaches outside the text of 3 characters" in reasons[9]


def test_a_run_that_comes_short_says_why(tmp_path: Path):
    summary = run(make_recipe(tmp_path, count=5000), tmp_path / "out")
    assert summary.state == "short"
    assert summary.asked == 5000
    assert 0 < summary.delivered < 5000
    assert len(texts(tmp_path / "out")) == 8 + summary.delivered
    assert "under the least acceptance of 0.01" in summary.steps["mention_replacement"].ended
    line = shortfall(summary)
    assert line.startswith(f"delivered {summary.delivered} of the 5000 examples asked for; mention_replacement: kept ")
    assert "dropped as duplicate of another example" in line
    assert run(make_recipe(tmp_path, count=5000), tmp_path / "out") == summary


def test_nothing_at_all_is_a_short_run_too(tmp_path: Path):
    with installed(write_package(tmp_path / "package")):
        export = {"formats": ["jsonl"], "source": False}
        recipe = make_recipe(tmp_path, generator=[NUMBERS | {"at_most": 0}], export=export)
        summary = run(recipe, tmp_path / "out")
    assert (summary.state, summary.delivered, summary.splits) == ("short", 0, {})
    assert shortfall(summary) == "delivered 0 of the 40 examples asked for; numbers: can make none"
    assert (tmp_path / "out" / "dataset" / "README.md").exists()


def test_balance_fills_every_class_up_to_the_largest(tmp_path: Path):
    rows = [(f"Ada met {name}.", [(0, 3, "PERSON"), (8, 8 + len(name), "PERSON")]) for name in ("Bo", "Cy", "Di", "Ed")]
    write_source(tmp_path / "source.jsonl", rows, classes=True)
    recipe = make_recipe(tmp_path, balance=True, count=None, filter=[])
    summary = run(recipe, tmp_path / "out")
    assert (summary.asked, summary.classes) == (2, {"meet": Tally(1, 1), "move": Tally(2, 0), "win": Tally(1, 1)})
    summary = run(make_recipe(tmp_path, balance=True, count=11, filter=[]), tmp_path / "more")
    assert summary.classes == {"meet": Tally(1, 4), "move": Tally(2, 3), "win": Tally(1, 4)}
    # What is not delivered does not count.
    alone = {"balance": True, "filter": [], "export": {"source": False}}
    summary = run(make_recipe(tmp_path, count=None, **alone), tmp_path / "alone")
    assert summary.classes == {name: Tally(0, 2) for name in ("meet", "move", "win")}
    summary = run(make_recipe(tmp_path, count=12, **alone), tmp_path / "twelve")
    assert summary.classes == {name: Tally(0, 4) for name in ("meet", "move", "win")}


def test_balance_needs_classes_that_are_not_even(tmp_path: Path):
    recipe = make_recipe(tmp_path, balance=True, count=None)
    with pytest.raises(OptionError, match="balance = true: the source must have examples with a class, has none"):
        run(recipe, tmp_path / "out")
    write_source(tmp_path / "source.jsonl", [("Ada!", [(0, 3, "P")])] * 3, classes=True)
    with pytest.raises(OptionError, match="balance = true: all classes have 1 examples already; give a count"):
        run(recipe, tmp_path / "even")


def test_templates_and_gazetteer_can_be_edited(tmp_path: Path):
    (tmp_path / "t.txt").write_text("Hello {PERSON}!\nBye {PERSON}, see you in {GPE}.\n")
    (tmp_path / "g.tsv").write_text("PERSON\tKurt Gödel\nPERSON\tEmil Post\nGPE\tWien\nGPE\tKraków\n")
    extract = {"templates": "t.txt", "gazetteer": "g.tsv"}
    recipe = make_recipe(
        tmp_path,
        extract=extract,
        generator=[{"use": "template_fill"}],
        count=6,
        filter=[{"use": "duplicate"}],
        export={"source": False},
    )
    run(recipe, tmp_path / "out")
    assert sorted(texts(tmp_path / "out")) == [
        "Bye Emil Post, see you in Kraków.",
        "Bye Emil Post, see you in Wien.",
        "Bye Kurt Gödel, see you in Kraków.",
        "Bye Kurt Gödel, see you in Wien.",
        "Hello Emil Post!",
        "Hello Kurt Gödel!",
    ]
    assert len(Resources.read(tmp_path / "out" / "extracted").templates) == 2


def test_a_run_needs_no_source(tmp_path: Path):
    (tmp_path / "t.txt").write_text("Mail {PERSON} at {EMAIL}.\n")
    generator = [{"use": "template_fill", "templates": "t.txt", "pool_size": 50}]
    summary = run(make_recipe(tmp_path, source=None, generator=generator, count=20), tmp_path / "out")
    assert (summary.delivered, summary.source) == (20, SourceCounts())
    corpus = formats.read(tmp_path / "out" / "dataset", "datasets", options={"split": "all"})
    assert corpus.labels == ("EMAIL", "PERSON")


def test_a_worker_that_dies_is_an_error_that_says_so(tmp_path: Path):
    package = write_package(tmp_path / "package")
    path = package / "numbers_of_ours.py"
    killing = "        import os, signal\n        os.kill(os.getpid(), signal.SIGKILL)\n"
    path.write_text(path.read_text().replace("        def sample(", f"{killing}\n        def sample("))
    with installed(package):
        recipe = make_recipe(tmp_path, generator=[NUMBERS])
        says = r"shard 0 of step 'numbers': a worker process must live until its work is done, was killed 3 times"
        with pytest.raises(TextsynthError, match=says):
            run(recipe, tmp_path / "out", workers=2)
        path.write_text(path.read_text().replace(killing, ""))
        assert run(recipe, tmp_path / "out", workers=2).delivered == 40


def test_the_shard_of_a_worker_that_is_killed_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    package = write_package(tmp_path / "package")
    path = package / "numbers_of_ours.py"
    killing = (
        "        import os, signal\n"
        f"        for one in Path({str(tmp_path)!r}).glob('kill-*'):\n"
        "            one.unlink()\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path.write_text(path.read_text().replace("        def sample(", f"{killing}\n        def sample("))
    with installed(package):
        recipe = make_recipe(tmp_path, generator=[NUMBERS], shard_size=5)
        run(recipe, tmp_path / "one")
        (tmp_path / "kill-1").touch()
        run(recipe, tmp_path / "two", workers=2)
    assert not (tmp_path / "kill-1").exists()
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert any("a worker process was killed" in message for message in caplog.messages)


def test_an_error_in_a_worker_is_told_as_it_is(tmp_path: Path):
    package = write_package(tmp_path / "package")
    path = package / "numbers_of_ours.py"
    failing = '            from textsynth.errors import OptionError\n            raise OptionError("too odd")\n'
    path.write_text(
        path.read_text().replace("            if label is not None", f"{failing}            if label is not None")
    )
    with installed(package):
        recipe = make_recipe(tmp_path, generator=[NUMBERS])
        for workers in (1, 2):
            with pytest.raises(OptionError, match="too odd"):
                run(recipe, tmp_path / "out", workers=workers)
    assert not list((tmp_path / "out").rglob("*.textsynth-partial"))


def children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


def alive(process: int) -> bool:
    path = Path(f"/proc/{process}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


def begin_slow_run(folder: Path, workers: int) -> subprocess.Popen[bytes]:
    """Starts a long run in a group of processes of its own, and waits until it makes shards."""
    write_source(folder / "source.jsonl")
    path = write_recipe(folder / "recipe.toml", count=4_000_000, shard_size=500, filter=[])
    command = [TEXTSYNTH, "run", path, "--out", folder / "out", "--workers", str(workers)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stderr=pipe, stdout=pipe, start_new_session=True, preexec_fn=hear_ctrl_c)
    deadline = time.monotonic() + 60
    while not list((folder / "out").glob("steps/*/shard-*.arrow")):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return process


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: Path):
    process = begin_slow_run(tmp_path, workers=2)
    workers = children(process.pid)
    assert len(workers) >= 2
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while any(alive(worker) for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
@pytest.mark.parametrize(
    ("workers", "name", "code"),
    [
        (1, "SIGINT", 130),
        (2, "SIGTERM", 143),
        pytest.param(2, "SIGINT", 130, marks=pytest.mark.slow),
        pytest.param(1, "SIGHUP", 129, marks=pytest.mark.slow),
    ],
)
def test_what_stops_a_run_leaves_nothing_half_written(workers: int, name: str, code: int, tmp_path: Path):
    process = begin_slow_run(tmp_path, workers)
    os.killpg(process.pid, getattr(signal, name))
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err.decode()) == (
        code,
        b"",
        "textsynth: stopped; the same command goes on\n",
    )
    left = [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")]
    assert not [path for path in left if "partial" in path]
    assert "run.json" not in left
    for path in (tmp_path / "out").glob("steps/*/shard-*.arrow"):
        assert len(read_shard(path).corpus) == 500


_MEASURE = """
import resource, sys
from pathlib import Path
from textsynth.recipes import recipe
from textsynth.runs.run import run
assert run(recipe.load(Path(sys.argv[1])), Path(sys.argv[2])).delivered == int(sys.argv[3])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(folder: Path, count: int) -> float:
    """Returns the most memory that a run of so many examples has at a time, in MB."""
    write_source(folder / "source.jsonl")
    package = write_package(folder / "package")
    with installed(package):
        path = write_recipe(
            folder / "recipe.toml",
            count=count,
            generator=[{"use": "numbers", "limit": 10**9}],
            filter=[{"use": "duplicate"}],
            export={"formats": ["jsonl"], "task": "token-classification"},
        )
        command = [sys.executable, "-c", _MEASURE, path, folder / "out", str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


@pytest.mark.slow
def test_memory_is_bounded_by_the_shard(tmp_path: Path):
    few, many = peak(tmp_path / "few", 50_000), peak(tmp_path / "many", 300_000)
    assert many - few < 120  # MB; most of either is what Python, torch and datasets take themselves


def test_a_summary_reads_back_equal(tmp_path: Path):
    summary = Summary(asked=3, versions={"python": "3"}, steps={"a": StepCounts(made=1)})
    for _ in range(2):
        with summary.time_stage("read"):
            time.sleep(0.01)
    assert summary.seconds["read"] >= 0.02, "both times add up"
    (tmp_path / "run.json").write_text(dump(summary))
    assert read_finished(tmp_path) == summary
    assert read_finished(tmp_path / "none") is None


def test_recipes_of_the_users_own_components_run_again_from_their_directory(tmp_path: Path):
    with installed(write_package(tmp_path / "package")):
        recipe = make_recipe(tmp_path, generator=[NUMBERS | {"limit": 500}], filter=[{"use": "divisible", "by": 5}])
        run(recipe, tmp_path / "out")
        assert recipes.load(tmp_path / "out" / "recipe.toml") == recipe


@pytest.mark.parametrize(("today", "year"), [({}, "2025"), ({"today": "2020-02-29"}, "2020")])
def test_values_count_from_the_today_of_the_recipe(today: dict[str, str], year: str, tmp_path: Path):
    fill = {"use": "template_fill", "values": {"GPE": "faker:date_this_year"}}
    recipe = make_recipe(tmp_path, generator=[fill], count=10, **today)
    run(recipe, tmp_path / "out")
    assert ('today = "2020-02-29"' in (tmp_path / "out" / "recipe.toml").read_text()) is bool(today)
    labelled = re.findall(rf"\b{year}-\d\d-\d\d\b", " ".join(texts(tmp_path / "out")))
    assert len(labelled) >= 3
