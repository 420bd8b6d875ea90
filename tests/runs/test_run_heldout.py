"""Held-out examples: no part of a run sees them, and the dataset has them as its split test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
from workbench import call, make_recipe, read_made, tree, write_recipe, write_source

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.errors import FormatError, OptionError
from textsynth.production.summary import Tally
from textsynth.recipes.recipe import parse
from textsynth.runs.run import run

ROWS = 40
MAY_HAVE = tuple(
    f"{place}{split}{end}"
    for split in ("test", "validation")
    for place, end in (("extracted/heldout_", ".parquet"), ("dataset/", "/"), ("exports/", "."))
)
"""The files that have held-out text."""


def mark(number: int) -> str:
    """What stands in one example and nowhere else, in its mention and around it."""
    return f"Mark{number:03d}x"


def write_marked(path: Path) -> Path:
    rows = []
    for number in range(ROWS):
        person = f"Ada {mark(number)}"
        rows.append((f"{person} saw {mark(number)} at noon.", [(0, len(person), "PERSON")]))
    return write_source(path, rows, classes=True)


def read_as_text(path: Path) -> str:
    """Everything in a file, compressed or not."""
    if path.suffix == ".parquet":
        return json.dumps(pq.read_table(path).to_pylist(), default=str)
    return path.read_bytes().decode("utf-8", "replace")


def marks_by_file(out: Path) -> dict[str, set[int]]:
    """The examples that each file of a run has something of."""
    texts = {str(path.relative_to(out)): read_as_text(path) for path in out.rglob("*") if path.is_file()}
    return {name: {number for number in range(ROWS) if mark(number) in text} for name, text in texts.items()}


GENERATORS = [{"use": "mention_replacement"}, {"use": "template_fill"}, {"use": "word_swap"}]


def test_no_file_of_a_run_but_the_splits_has_held_out_text(tmp_path: Path):
    write_marked(tmp_path / "source.jsonl")
    source = {"path": "source.jsonl", "heldout": {"validation": 0.1, "test": 0.25}}
    export = {"formats": ["jsonl", "csv"], "task": "token-classification", "parent": True}
    recipe = make_recipe(tmp_path, source=source, generator=GENERATORS, count=200, export=export)
    summary = run(recipe, tmp_path / "out")
    found = marks_by_file(tmp_path / "out")
    parts = {split: found[f"extracted/heldout_{split}.parquet"] for split in ("test", "validation")}
    assert {split: len(part) for split, part in parts.items()} == {"test": 10, "validation": 4}
    assert not parts["test"] & parts["validation"]
    assert all(found[f"exports/{split}.{end}"] == part for split, part in parts.items() for end in ("jsonl", "csv"))
    held = parts["test"] | parts["validation"]
    others = {name: marks for name, marks in found.items() if not name.startswith(MAY_HAVE)}
    assert {name: marks & held for name, marks in others.items() if marks & held} == {}
    # The same look finds what is learnt from.
    learnt = set(range(ROWS)) - held
    for name in ("extracted/source.parquet", "extracted/templates.tsv", "exports/train.jsonl"):
        assert others[name] == learnt
    assert summary.splits == {"train": Tally(26, 200), "validation": Tally(heldout=4), "test": Tally(heldout=10)}
    for split in ("test", "validation"):
        part = datasets.load_from_disk(tmp_path / "out" / "dataset")[split]
        assert set(part["origin"]) == {"heldout"}
        assert all(part["parent"])
    assert min(each.heldout for each in summary.classes.values()) >= 4
    card = (tmp_path / "out" / "dataset" / "README.md").read_text()
    assert "`validation` and `test`: real text that was put aside before anything was learnt." in card


def test_validation_does_not_change_what_is_held_out_for_the_test(tmp_path: Path):
    write_marked(tmp_path / "source.jsonl")
    held = {}
    for name, heldout in (("one", 0.25), ("two", {"test": 0.25, "validation": 0.2})):
        run(make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": heldout}), tmp_path / name)
        held[name] = Corpus.read_parquet(tmp_path / name / "extracted" / "heldout_test.parquet")
    assert held["one"] == held["two"]


def test_twins_and_classes_of_both_splits(tmp_path: Path):
    """Each class has its share of both splits, and texts that differ in case alone stand in one."""
    rows = [(text, []) for number in range(30) for text in (f"It rained {number} days.", f"IT RAINED {number} days.")]
    write_source(tmp_path / "source.jsonl", rows, classes=True)
    source = {"path": "source.jsonl", "heldout": {"test": 0.2, "validation": 0.2}}
    summary = run(make_recipe(tmp_path, source=source, generator=[{"use": "word_swap"}], count=10), tmp_path / "out")
    assert (summary.splits["test"].heldout, summary.splits["validation"].heldout) == (12, 12)
    texts = {
        split: {
            text.casefold()
            for text in formats.read(tmp_path / "out" / "dataset", options={"split": split}).texts.to_pylist()
        }
        for split in summary.splits
    }
    assert not texts["test"] & texts["validation"]
    assert not (texts["test"] | texts["validation"]) & texts["train"]


def test_files_for_both_splits_are_kept_apart(tmp_path: Path):
    write_marked(tmp_path / "source.jsonl")
    lines = (tmp_path / "source.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "test.jsonl").write_text("".join(lines[:3]))
    (tmp_path / "dev.jsonl").write_text("".join(lines[2:6]))
    heldout = {"test": "test.jsonl", "validation": "dev.jsonl"}
    recipe = make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": heldout})
    summary = run(recipe, tmp_path / "out")
    assert (summary.source.examples, summary.source.heldout, summary.source.repeated) == (ROWS - 6, 6, 7)
    assert run(recipe, tmp_path / "out") == summary
    texts = formats.read(tmp_path / "out" / "dataset", options={"split": "validation"}).texts.to_pylist()
    assert sorted(texts) == sorted(json.loads(line)["text"] for line in lines[3:6])


def test_the_same_bytes_after_a_kill(tmp_path: Path):
    write_marked(tmp_path / "source.jsonl")
    recipe = make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": 0.25})
    run(recipe, tmp_path / "straight")
    run(recipe, tmp_path / "out")
    for name in ("run.json", "dataset/dataset_dict.json"):
        (tmp_path / "out" / name).unlink()
    before = (tmp_path / "out" / "extracted" / "heldout_test.parquet").stat().st_mtime_ns
    run(recipe, tmp_path / "out")
    assert (tmp_path / "out" / "extracted" / "heldout_test.parquet").stat().st_mtime_ns == before
    shutil.rmtree(tmp_path / "out" / "dataset.damaged")
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


def test_a_file_is_held_out_and_what_repeats_it_is_not_learnt(tmp_path: Path):
    write_marked(tmp_path / "source.jsonl")
    lines = (tmp_path / "source.jsonl").read_text().splitlines(keepends=True)
    other = {"text": "Bo has come.", "spans": [{"start": 0, "end": 2, "label": "CHILD"}], "label": "new"}
    (tmp_path / "test.jsonl").write_text("".join([*lines[:3], json.dumps(other)]))
    summary = run(make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": "test.jsonl"}), tmp_path / "out")
    assert (summary.source.examples, summary.source.heldout, summary.source.repeated) == (ROWS - 3, 4, 3)
    dataset = datasets.load_from_disk(tmp_path / "out" / "dataset")
    assert formats.read(tmp_path / "out" / "dataset", options={"split": "test"}) == formats.read(
        tmp_path / "test.jsonl"
    )
    assert dataset["train"].features["label"].names == ["meet", "move", "new", "win"]
    assert not {mark(number) for number in range(3)} & {text.split()[1] for text in dataset["train"]["text"]}
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    assert "left out: 3 examples with the wording or text of a held-out one" in outcome.out


def test_templates_that_were_extracted_from_what_is_held_out_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    write_source(tmp_path / "source.jsonl")
    (tmp_path / "t.txt").write_text("{PERSON} won.\n{PERSON} lost in {GPE}.\n")
    (tmp_path / "gold.jsonl").write_text('{"text": "Ann won.", "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}\n')
    source = {"path": "source.jsonl", "heldout": "gold.jsonl"}
    recipe = make_recipe(
        tmp_path, source=source, extract={"templates": "t.txt"}, generator=[{"use": "template_fill"}], count=5
    )
    run(recipe, tmp_path / "out")
    assert (tmp_path / "out" / "extracted" / "templates.tsv").read_text().splitlines()[1:] == [
        "1\t\t{PERSON} lost in {GPE}."
    ]
    assert "1 of 2 have the wording of a held-out example" in caplog.text


def write_ruler(folder: Path) -> Path:
    """Saves a pipeline that finds every Ada."""
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    pipeline.to_disk(folder)
    return folder


def test_raw_text_is_held_out_before_it_is_labelled_and_is_no_gold(tmp_path: Path):
    write_ruler(tmp_path / "ruler")
    raw = "".join(f"Ada wrote letter {number}. It was long, says {number}.\n" for number in range(20))
    (tmp_path / "raw.txt").write_text(raw)
    recipe = make_recipe(
        tmp_path,
        source={"path": "raw.txt", "heldout": 0.2},
        labeler=[{"use": "spacy", "model": "ruler"}],
        label={"clean": False},
        generator=[{"use": "word_swap"}],
    )
    summary = run(recipe, tmp_path / "out")
    assert (summary.source.gold, summary.source.gold_heldout) == (False, [])
    assert summary.splits == {"train": Tally(32, 40), "test": Tally(heldout=8)}
    test = formats.read(tmp_path / "out" / "dataset", options={"split": "test"})
    numbers = [text.rstrip(".").split()[-1] for text in test.texts.to_pylist()]
    assert numbers[::2] == numbers[1::2], "both sentences of a line are held out"
    card = (tmp_path / "out" / "dataset" / "README.md").read_text()
    assert "The labels of `test` are no gold" in card
    assert "annotations_creators:\n- machine-generated\nlanguage_creators:\n- found\n" in card


def test_what_comes_to_a_held_out_text_by_chance_is_counted(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    (tmp_path / "t.txt").write_text("{PERSON} won.\n")
    gold = [(f"{name} won.", [(0, len(name), "PERSON")]) for name in ("Bo", "CY")]
    write_source(tmp_path / "gold.jsonl", gold)
    fill = {"use": "template_fill", "templates": "t.txt", "values": {"PERSON": ["Bo", "Cy", "Di", "Ed"]}}
    recipe = make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": "gold.jsonl"}, generator=[fill], count=4)
    assert run(recipe, tmp_path / "out").source.met_by_chance == 2
    card = (tmp_path / "out" / "dataset" / "README.md").read_text()
    assert "Of the synthetic examples 2 came to have a text of it, by chance." in card


@pytest.mark.parametrize(
    ("heldout", "says"),
    [
        (0.001, "[source] heldout: must put some of the 8 examples aside for test, 0.001 of them comes"),
        ("raw.jsonl", "raw.jsonl must have spans or classes to compare with, has none"),
        ("source.jsonl", "must leave examples to learn from, has the wording or text of all 8 of them"),
        ("none.jsonl", "none.jsonl: must be a file or directory to read, there is none"),
        (1.5, "option 'heldout' must be less than 1"),
        ({"test": 0.5, "validation": 0.5}, "option 'heldout' must leave some to learn from, its shares together less"),
        ({"test": 0.5, "dev": 0.1}, "option 'heldout'['dev'] must be 'test' or 'validation', was:"),
        ({"validation": 1.5}, "option 'heldout'['validation'] must be less than 1"),
        (
            {"test": "gold.jsonl", "validation": "gold.jsonl"},
            "examples for validation, has the wording or text of all 1",
        ),
    ],
)
def test_what_cannot_be_held_out_is_one_line(heldout: Any, says: str, tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    (tmp_path / "raw.jsonl").write_text('{"text": "It rained."}\n')
    (tmp_path / "gold.jsonl").write_text('{"text": "Ann hid.", "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}\n')
    path = write_recipe(tmp_path / "recipe.toml", source={"path": "source.jsonl", "heldout": heldout})
    outcome = call("run", path, "--out", tmp_path / "out")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert says in outcome.err


@pytest.mark.parametrize("split", ["test", "validation"])
def test_two_of_a_split_are_refused(split: str, tmp_path: Path):
    says = rf"\[export\]: {split} must be left out if \[source\] heldout gives the split"
    with pytest.raises(OptionError, match=says):
        make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": {split: 0.2}}, export={split: 0.1})


def test_without_the_source_no_real_text_is_delivered(tmp_path: Path):
    write_marked(tmp_path / "source.jsonl")
    source = {"path": "source.jsonl", "heldout": 0.25}
    summary = run(make_recipe(tmp_path, source=source, export={"source": False, "formats": ["csv"]}), tmp_path / "out")
    assert summary.splits == {"train": Tally(made=40)}
    assert summary.source.left_out == "the recipe leaves it out"
    made = formats.read(tmp_path / "out" / "dataset").texts.to_pylist()
    real = formats.read(tmp_path / "source.jsonl").texts.to_pylist()
    assert not set(made) & set(real)
    assert len(Corpus.read_parquet(tmp_path / "out" / "extracted" / "heldout_test.parquet")) == 10


def test_raw_text_is_not_delivered_as_text_without_mentions(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("Ada met Bo at the inn.\nThe rain fell on the grey town.\n")
    recipe = make_recipe(tmp_path, source={"path": "raw.txt"}, generator=[{"use": "word_swap"}], count=4)
    summary = run(recipe, tmp_path / "out")
    assert (summary.splits, summary.source.left_out) == (
        {"train": Tally(made=4)},
        "it has neither spans nor classes",
    )


def test_a_source_with_classes_alone_does_not_stand_beside_spans(tmp_path: Path):
    write_source(tmp_path / "source.jsonl", [(f"It rained {n} days.", []) for n in range(6)], classes=True)
    (tmp_path / "t.txt").write_text("{PERSON} met {PERSON:2}.\n")
    fill = {"use": "template_fill", "templates": "t.txt", "pool_size": 50}
    recipe = make_recipe(tmp_path, generator=[fill], count=10)
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    assert "its 6 examples are not delivered: it has no spans, and what was made of it has" in outcome.out
    assert run(recipe, tmp_path / "out").splits == {"train": Tally(made=10)}


PRIVATE = {"use": "language_model", "privacy": {"epsilon": 8.0}}


def test_the_source_of_private_training_is_not_delivered(tmp_path: Path):
    content = {"count": 1, "source": "a.jsonl", "generator": [{"use": "word_swap"}]}
    assert parse(content, tmp_path, "recipe").export.source is True
    assert parse(content | {"generator": [PRIVATE]}, tmp_path, "recipe").export.source is False
    with pytest.raises(OptionError, match="source = true must not stand beside a generator with differential privacy"):
        parse(content | {"generator": [PRIVATE], "export": {"source": True}}, tmp_path, "recipe")


def test_the_origins_of_real_text_are_no_names_of_steps(tmp_path: Path):
    content = {"count": 1, "source": "a.jsonl", "generator": [{"use": "word_swap", "name": "source"}]}
    with pytest.raises(OptionError, match="a generator's name must not be one of source, heldout"):
        parse(content, tmp_path, "recipe")


def save_splits(path: Path, **splits: tuple[int, int]) -> None:
    rows = {name: [{"text": f"Ada {n} left.", "label": "go"} for n in range(*some)] for name, some in splits.items()}
    datasets.DatasetDict({name: datasets.Dataset.from_list(each) for name, each in rows.items()}).save_to_disk(path)


def hold_out(tmp_path: Path, heldout: str, **source: Any) -> Any:
    table = {"path": "mine", "heldout": heldout, **source}
    return make_recipe(tmp_path, source=table, generator=[{"use": "keyboard_slip"}], count=5)


def test_a_split_of_the_source_is_held_out(tmp_path: Path):
    save_splits(tmp_path / "mine", train=(0, 8), test=(8, 12), validation=(12, 20))
    summary = run(hold_out(tmp_path, "test"), tmp_path / "out")
    assert (summary.source.examples, summary.source.heldout) == (8, 4)
    made = datasets.load_from_disk(tmp_path / "out" / "dataset")
    assert made["test"]["text"] == [f"Ada {n} left." for n in range(8, 12)]
    again = run(hold_out(tmp_path, "test"), tmp_path / "out")
    assert again.source.heldout == 4


def test_a_split_that_is_not_there_is_refused(tmp_path: Path):
    save_splits(tmp_path / "mine", train=(0, 8), test=(8, 12))
    with pytest.raises(FormatError, match=r"must have a split 'tset'; did you mean 'test'\?"):
        run(hold_out(tmp_path, "tset"), tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "says"),
    [({"split": "all"}, "which is 'all', was: 'test'; options"), ({"split": "test"}, "which is 'test', was: 'test'")],
)
def test_a_split_that_is_learnt_from_is_not_held_out(tmp_path: Path, options: dict[str, str], says: str):
    save_splits(tmp_path / "mine", train=(0, 8), test=(8, 12))
    with pytest.raises(OptionError, match=says):
        hold_out(tmp_path, "test", options=options)


def test_what_may_be_a_split_or_a_file_is_refused(tmp_path: Path):
    save_splits(tmp_path / "mine", train=(0, 8), test=(8, 12))
    save_splits(tmp_path / "test", train=(20, 23))
    with pytest.raises(OptionError, match=r"must say which it means, .*/test, or the split test: write the whole path"):
        hold_out(tmp_path, "test")
    summary = run(hold_out(tmp_path, str(tmp_path / "test")), tmp_path / "out")
    assert summary.source.heldout == 3


def test_the_filter_excess_counts_on_what_is_held_out_for_validation(tmp_path: Path):
    """Copies of a wording that one record has repeat it, and nothing of what is held out; what many have may pass."""
    rows = [(f"Ada saw {mark(number)} at noon.", [(0, 3, "PERSON")]) for number in range(ROWS)]
    rows += [(f"{name} slept very well at noon.", [(0, 2, "PERSON")]) for name in ("Bo", "Cy", "Di", "Ed")] * 5
    write_source(tmp_path / "source.jsonl", rows)
    recipe = make_recipe(
        tmp_path,
        source={"path": "source.jsonl", "heldout": {"validation": 0.2, "test": 0.2}},
        generator=[{"use": "mention_replacement"}],
        filter=[{"use": "excess"}],
        count=50,
        allow_fewer=True,
        evaluate={"metrics": ["ner_numbers"]},
    )
    summary = run(recipe, tmp_path / "out")
    assert list(summary.dropped) == ["wording of the source more often than of held-out text"]
    made = read_made(tmp_path / "out").texts.to_pylist()
    assert made
    assert all("slept very well" in text for text in made)
    report = json.loads((tmp_path / "out" / "report" / "report.json").read_text())
    heldout = Corpus.read_parquet(tmp_path / "out" / "extracted" / "heldout_test.parquet")
    assert report["corpora"]["heldout"]["examples"] == len(heldout) > 0
