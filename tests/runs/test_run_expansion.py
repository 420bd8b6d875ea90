"""Runs that look for new mentions: what they leave, what a person may edit, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny_tagger import tiny_tagger
from workbench import call, make_recipe, read_made, tree, write_source

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import OptionError, RunMismatch, TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.progress import Silence
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.recipes.recipe import Recipe
from textsynth.runs.preview import preview
from textsynth.runs.run import run
from textsynth.runs.source import extract_source

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
    with pytest.raises(OptionError, match="raw, mentions, wordings and chat must have a generator"):
        ts.generate(GOLD, [MentionReplacement()], 3, raw=["Some text."])


def test_from_python(tmp_path: Path):
    raw = [f"They live in {each} these days." for each in MORE]
    corpus = ts.generate(GOLD, [MentionReplacement(values="expand")], copies=3, raw=raw, seed=1, allow_fewer=True)
    assert {mention for each in corpus for mention in each.mentions()} & set(MORE)
    again = ts.generate(GOLD, [MentionReplacement(values="expand")], copies=3, raw=raw, seed=1, allow_fewer=True)
    assert corpus == again


@pytest.mark.heavy  # It loads torch.
def test_an_encoder_helps_to_find_them(tmp_path: Path):
    shutil.copytree(tiny_tagger(), tmp_path / "tagger")
    recipe = expanding(tmp_path, raw={"path": "raw.txt", "encoder": "tagger"})
    assert recipe.raw is not None
    assert recipe.raw.encoder == str(tmp_path / "tagger")
    notes: list[str] = []

    class Noting(Silence):
        def note(self, line: str) -> None:
            notes.append(line)

    run(recipe, tmp_path / "out", progress=Noting())
    assert made(tmp_path / "out") == set(MORE)
    assert any(note.startswith("raw: ") and "tagger" in note for note in notes)
    raw = [f"They live in {each} these days." for each in MORE]
    expand = MentionReplacement(values="expand")
    corpus = ts.generate(GOLD, expand, copies=3, raw=raw, encoder=str(tmp_path / "tagger"), allow_fewer=True)
    assert {mention for each in corpus for mention in each.mentions()} & set(MORE)
    ts.write(GOLD, tmp_path / "gold.jsonl")
    given = ("--expand", "--raw", tmp_path / "raw.txt", "--encoder", tmp_path / "tagger")
    outcome = call("extract", tmp_path / "gold.jsonl", "--out", tmp_path / "seeds", *given)
    assert outcome.code == 0, outcome.err
    (tmp_path / "tagger" / "config.json").write_text("{}")
    (tmp_path / "out" / "run.json").unlink()
    with pytest.raises(RunMismatch, match="tagger"):
        run(recipe, tmp_path / "out")


def test_an_encoder_without_raw_text_or_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(OptionError, match="encoder must stand beside raw"):
        ts.generate(GOLD, MentionReplacement(values="expand"), 3, encoder="some/model")
    with pytest.raises(OptionError, match="an encoder must be given with --raw"):
        extract_source(tmp_path / "gold.jsonl", tmp_path / "seeds", expand=True, encoder="some/model")
    with pytest.raises(TextsynthError, match=r"section 'raw': .*package:none/model"):
        run(expanding(tmp_path, raw={"path": "raw.txt", "encoder": "package:none/model"}), tmp_path / "out")


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


FILLING = {"use": "mention_replacement", "wordings": "raw", "values": "expand"}
PLACES = ("Kyiv", "Lima", "Rome", "Oslo")
NOW = [f"They live in {each} now." for each in PLACES]


def filling(folder: Path, **sections: Any) -> Recipe:
    """A recipe that makes sentences of raw text with other mentions; half of it has a wording of the source."""
    expanding(folder)
    texts = [f"They live in {each} these days." for each in MORE] + NOW
    (folder / "raw.txt").write_text("".join(f"{each}\n" for each in texts))
    usual: dict[str, Any] = {"source": {"path": "gold.jsonl"}, "raw": {"path": "raw.txt"}, "generator": [FILLING]}
    return make_recipe(folder, **{**usual, "count": 12, **sections})


def test_sentences_of_raw_text_get_other_mentions_and_are_a_file_that_a_person_can_edit(tmp_path: Path):
    summary = run(filling(tmp_path), tmp_path / "out")
    assert summary.learned["mention_replacement"].facts["raw sentences"] == len(NOW)
    found = tmp_path / "out" / "extracted" / "wordings.jsonl"
    assert list(found.parent.glob("wordings.*")) == [found]  # None that a person takes for this in another format.
    rows = [json.loads(line) for line in found.read_text().splitlines()]
    assert sorted(row["text"] for row in rows) == sorted(NOW)
    assert all(row["spans"] == [{"start": 13, "end": 17, "label": "CITY"}] for row in rows)
    assert [row["sure"] for row in rows] == sorted((row["sure"] for row in rows), reverse=True)
    assert all(0.6 <= row["sure"] <= 1 for row in rows)
    texts = [each.text for each in read_made(tmp_path / "out")]
    assert len(set(texts)) == 12
    assert all(text.startswith("They live in ") and text.endswith(" now.") for text in texts)
    assert not read_made(tmp_path / "out").has_fields
    (tmp_path / "own.jsonl").write_text(found.read_text().replace(" now.", " today."))
    edited = filling(tmp_path, extract={"wordings": "own.jsonl"})
    run(edited, tmp_path / "edited")
    assert {each.text.split()[-1] for each in preview(edited, 4)[-1].examples} == {"today."}
    assert {each.text.split()[-1] for each in read_made(tmp_path / "edited")} == {"today."}


@pytest.mark.slow  # It starts processes.
def test_sentences_of_raw_text_are_the_same_for_any_number_of_workers(tmp_path: Path):
    recipe = filling(tmp_path, count=None, copies=2, shard_size=5)
    run(recipe, tmp_path / "out")
    run(recipe, tmp_path / "other", workers=2)
    assert tree(tmp_path / "out") == tree(tmp_path / "other")
    assert len(read_made(tmp_path / "out")) == 2 * len(GOLD)


def test_without_a_sure_sentence_nothing_is_made_and_told(tmp_path: Path):
    recipe = filling(tmp_path, allow_fewer=True)
    (tmp_path / "raw.txt").write_text("Nothing to see.\n")
    summary = run(recipe, tmp_path / "out")
    assert summary.steps["mention_replacement"].kept == 0
    assert "a tagger was sure of no sentence of the raw text" in summary.steps["mention_replacement"].ended


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"raw": None}, "must have raw text to take wordings from, has none; name it under"),
        ({"extract": {"places": ["numbers"]}}, r'\[extract\] places must have "raw" if wordings are looked for'),
        ({"extract": {"mentions": "own.tsv"}}, r"\[extract\] mentions must stand beside wordings"),
    ],
)
def test_sentences_of_raw_text_that_cannot_be_had_are_refused(tmp_path: Path, sections: dict[str, Any], message: str):
    (tmp_path / "own.tsv").write_text("CITY\tDelhi\n")
    with pytest.raises(OptionError, match=message):
        filling(tmp_path, **sections)


def test_a_preview_looks_for_no_wordings(tmp_path: Path):
    shown = preview(filling(tmp_path), 4)
    assert shown[-1].skipped == "takes wordings of raw text, which textsynth run looks for"


def test_sentences_of_raw_text_from_python():
    replacing = [MentionReplacement(wordings="raw")]
    made = ts.generate(GOLD, replacing, copies=1, raw=NOW, seed=1)
    assert len(made) == len(GOLD)
    assert all(each.text.endswith(" now.") for each in made)
    marked = [("Off to Oslo!", [(7, 11, "CITY")])]
    given = ts.generate(GOLD, replacing, 4, wordings=Corpus.from_columns(text=[marked[0][0]], spans=[marked[0][1]]))
    assert all(each.text.startswith("Off to ") for each in given)
    with pytest.raises(OptionError, match="wordings must have labels of the source, have 'TOWN'"):
        ts.generate(GOLD, replacing, 4, wordings=Corpus.from_columns(text=["Rome"], spans=[[(0, 4, "TOWN")]]))
    with pytest.raises(OptionError, match="must have raw text to look in, has none"):
        ts.generate(GOLD, replacing, 3)
