"""Runs that look for new mentions: what they leave, what a person may edit, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workbench import call, make_recipe, read_made, tree, write_source

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import OptionError, RunMismatch
from textsynth.extract import Resources
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.recipes.recipe import Recipe
from textsynth.runs.run import run

TOWNS = ("Rome", "Oslo", "Bern", "Cork", "Turin", "Lyon")
MORE = ("Kyiv", "Quito", "Lima", "Accra")
GOLD = Corpus.from_columns(
    text=[f"They live in {each} these days." for each in TOWNS],
    spans=[[(13, 13 + len(each), "CITY")] for each in TOWNS],
)


def expanding(folder: Path, **sections: Any) -> Recipe:
    """A recipe that makes two copies of each sentence, with new mentions."""
    ts.write(GOLD, folder / "gold.jsonl")
    (folder / "raw.txt").write_text("".join(f"They live in {each} these days.\n" for each in MORE))
    usual: dict[str, Any] = {
        "source": {"path": "gold.jsonl"},
        "raw": {"path": "raw.txt"},
        "generator": [{"use": "mention_replacement", "values": "expand"}],
        "extract": {"places": ["raw"]},
    }
    return make_recipe(folder, **{**usual, "count": 40, **sections})


def made(directory: Path) -> set[str]:
    return {mention for each in read_made(directory) for mention in each.mentions()}


def test_new_mentions_are_in_what_is_made_and_told(tmp_path: Path):
    summary = run(expanding(tmp_path), tmp_path / "out")
    # With a town of the source it would be a sentence of the source, which the filter drops.
    assert made(tmp_path / "out") == set(MORE)
    assert Resources.read(tmp_path / "out" / "extracted").expansion is not None
    told = summary.learned["new mentions"].facts["CITY from raw"]
    assert str(told).startswith("4 (recall ")
    table = (tmp_path / "out" / "extracted" / "places.tsv").read_text().splitlines()
    assert table[1].startswith("CITY\traw\t4\t")


def test_a_run_that_goes_on_finds_the_same(tmp_path: Path):
    recipe = expanding(tmp_path)
    run(recipe, tmp_path / "out")
    run(recipe, tmp_path / "again")
    assert tree(tmp_path / "out") == tree(tmp_path / "again")
    (tmp_path / "raw.txt").write_text("They live in Delhi these days.\n")
    (tmp_path / "out" / "run.json").unlink()
    with pytest.raises(RunMismatch, match=r"raw\.txt"):
        run(recipe, tmp_path / "out")


def test_they_can_be_edited(tmp_path: Path):
    (tmp_path / "own.tsv").write_text("CITY\tDelhi\n")
    run(expanding(tmp_path, extract={"mentions": "own.tsv"}), tmp_path / "out")
    assert made(tmp_path / "out") == {"Delhi"}


def test_raw_text_that_nobody_takes_is_refused(tmp_path: Path):
    with pytest.raises(OptionError, match=r"\[raw\] must stand beside a generator with values = \"expand\""):
        expanding(tmp_path, generator=[{"use": "mention_replacement"}])
    with pytest.raises(OptionError, match="raw and mentions must have a generator"):
        ts.generate(GOLD, [MentionReplacement()], 3, raw=["Some text."])


def test_from_python(tmp_path: Path):
    raw = [f"They live in {each} these days." for each in MORE]
    corpus = ts.generate(GOLD, [MentionReplacement(values="expand")], copies=3, raw=raw, seed=1, allow_fewer=True)
    assert {mention for each in corpus for mention in each.mentions()} & set(MORE)
    again = ts.generate(GOLD, [MentionReplacement(values="expand")], copies=3, raw=raw, seed=1, allow_fewer=True)
    assert corpus == again


def test_extract_writes_them(tmp_path: Path):
    ts.write(GOLD, tmp_path / "gold.jsonl")
    (tmp_path / "raw.txt").write_text("".join(f"They live in {each} these days.\n" for each in MORE))
    out = tmp_path / "seeds"
    given = (tmp_path / "gold.jsonl", "--out", out, "--raw", tmp_path / "raw.txt")
    assert call("extract", *given).code == 2
    outcome = call("extract", *given, "--expand")
    assert outcome.code == 0, outcome.err
    assert f'mentions = "{out / "mentions.tsv"}"' in outcome.out
    lines = (out / "mentions.tsv").read_text().splitlines()
    assert {line for line in lines if line.endswith("\traw")} == {f"CITY\t{each}\traw" for each in MORE}


def test_a_run_that_may_make_fewer_ends_well(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    toml = 'copies = 300\nallow_fewer = true\nsource = "source.jsonl"\n[[generator]]\nuse = "mention_replacement"\n'
    (tmp_path / "r.toml").write_text(toml)
    assert call("run", tmp_path / "r.toml", "--out", tmp_path / "out").code == 0
