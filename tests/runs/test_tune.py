"""Tuning, on a source that is made so that it is known what helps: words without any pattern, in two labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from static_embeddings import write_static
from tiny_tagger import tiny_tagger
from workbench import call, tree

import textsynth as ts
import textsynth.runs.tune
from textsynth.corpus import Corpus
from textsynth.errors import InputError, OptionError, TextsynthError, UnknownName
from textsynth.evaluation.targets import Target
from textsynth.evaluation.tuning import Tried, Tuning
from textsynth.foundation.seeding import child_rng
from textsynth.recipes import candidates
from textsynth.recipes.candidates import CLASSES, SPANS, Candidate
from textsynth.recipes.sections import Raw
from textsynth.runs.expansion import ExpansionPlan
from textsynth.runs.tune import make_from, write_tuning

WORDINGS = ("we saw {} there", "they spoke of {} again", "{} was not in the list")


def invent(count: int) -> list[str]:
    """Invents words that nothing but a list can tell apart."""
    rng = child_rng(5, "words")
    return ["".join(rng.choice(list("abcdefghijklmnoprstuvw"), 7)) for _ in range(count)]


WORDS = invent(80)


def source(rows: range) -> Corpus:
    """One new word a sentence, a PLANT or a TOOL by its number, in the same wordings; each sentence with a number."""
    texts, spans = [], []
    for row in rows:
        before, after = WORDINGS[row % 3].split("{}")
        texts.append(f"{before}{WORDS[row]}{after} {row}")
        spans.append([(len(before), len(before) + len(WORDS[row]), ("PLANT", "TOOL")[row % 2])])
    return Corpus.from_columns(text=texts, spans=spans, label=["plants" if row % 2 else "tools" for row in rows])


@pytest.fixture
def with_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a recipe tried that knows all words, beside one that knows those of the source alone."""
    for number, name in enumerate(("plants", "tools")):
        (tmp_path / f"{name}.txt").write_text("\n".join(WORDS[number::2]))
    values = f'{{ PLANT = "words:{tmp_path}/plants.txt", TOOL = "words:{tmp_path}/tools.txt" }}'
    lists = Candidate("lists", SPANS, f'[[generator]]\nuse = "mention_replacement"\nvalues = {values}', times=(5,))
    own = Candidate("own", SPANS, '[[generator]]\nuse = "mention_replacement"', times=(3,))
    monkeypatch.setattr(candidates, "CANDIDATES", (own, lists))


@pytest.fixture
def own_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Candidate("own", SPANS, '[[generator]]\nuse = "mention_replacement"', times=(3,))
    edits = Candidate("edits", CLASSES, '[[generator]]\nuse = "word_swap"', times=(2,))
    monkeypatch.setattr(candidates, "CANDIDATES", (own, edits))


def test_new_mentions_that_help_are_recommended(with_lists: None, tmp_path: Path):
    tuning = ts.tune(source(range(40)), rounds=1)
    assert tuning.recommended == "lists × 5"
    best = tuning.best
    assert best is not None
    assert best.low is not None
    assert 0 < best.low < best.gain
    assert tuning.sentences()[0].startswith("Recommended: lists × 5. F1 of crf is ")
    write_tuning(tuning, tmp_path / "out")
    assert "lists × 5" in (tmp_path / "out" / "tune.md").read_text()
    ts.write(source(range(40)), tmp_path / "out" / "source.jsonl")
    made = ts.run_recipe(ts.load_recipe(tmp_path / "out" / "recipe.toml"), tmp_path / "run")
    assert made.delivered == 200


def test_where_nothing_can_help_nothing_is_recommended(own_alone: None, tmp_path: Path):
    """The words tested on are in no sentence taught, and no recipe knows them."""
    tuning = ts.tune(source(range(40)), rounds=1)
    assert tuning.recommended is None
    said = "\n".join(tuning.sentences())
    assert said.startswith("Recommended: nothing. ")
    assert "PLANT lacks mentions: it has 20 different ones, and 100.0 % of those tested on were new." in said
    (tmp_path / "recipe.toml").write_text("of another tuning")
    write_tuning(tuning, tmp_path)
    assert sorted(tree(tmp_path)) == ["tune.json", "tune.md"]


def test_how_many_more_examples_would_tell_follows_from_the_interval():
    """Half as wide an interval wants four times the examples: 50 become 200."""
    tried = Tried("a × 3", "a", 3, "crf", 2, 0.42, 0.4, 0.02, -0.02, 0.06, 0.02, -0.02, 0.06)
    facts = {"examples": 50, "tried": 50, "families": 50}
    tuning = Tuning(facts, SPANS, "F1", None, 5, (2, 2), 0, False, (), (tried,), 0.3, 0.4, (), None, "crf")
    assert tuning.sentences()[1:] == [
        "About 150 more labelled examples would tell whether a gain of +2.0 is real.",
        "Half as many examples come to 30.0, all to 40.0: as many labelled ones again may bring up to +10.0.",
    ]


@pytest.mark.parametrize(("raw", "more"), [(False, "raw text (--raw)"), (True, "more raw text")])
def test_raw_text_is_not_asked_of_who_gave_some(raw: bool, more: str):
    lacking = Target("PLANT", 50, 30, 0.9, 0.2, None, 40.0)
    facts = {"examples": 50, "tried": 50, "families": 50}
    tuning = Tuning(facts, SPANS, "F1", None, 5, (2, 2), 0, False, (), (), 0.3, 0.4, (lacking,), None, "crf", raw=raw)
    assert tuning.sentences()[-1].endswith(f"were new. A list of others or {more} brings some.")


@pytest.mark.slow
def test_dev_is_tested_on_instead_of_folds(with_lists: None):
    tuning = ts.tune(source(range(30)), dev=source(range(30, 80)), rounds=1)
    assert tuning.recommended == "lists × 5"
    assert (tuning.dev, tuning.source["families"]) == (50, 50)
    assert tuning.targets[0].new == 1.0


@pytest.mark.slow
def test_the_seed_decides_and_the_time_only_how_many_rounds(own_alone: None):
    one = ts.tune(source(range(20)), rounds=1, task=CLASSES, minutes=5)
    assert one == ts.tune(source(range(20)), rounds=1, task=CLASSES, minutes=50)
    assert one != ts.tune(source(range(20)), rounds=1, task=CLASSES, seed=1)
    none = ts.tune(source(range(20)), rounds=1, task=CLASSES, minutes=1e-9)
    assert (none.cut, none.untried, none.recommended) == (True, ("edits × 2",), None)
    assert none.sentences()[0] == (
        "The time was up after 1 of 1 round, and edits × 2 was not tried; more minutes tell more."
    )


def test_a_probe_that_is_named_decides_between_the_last(own_alone: None, tmp_path: Path):
    """To the encoder named here all texts are alike, so that nothing can help."""
    encoder = str(write_static(tmp_path, ["nothing"], np.ones((2, 4))))
    tuning = ts.tune(source(range(20)), rounds=1, task=CLASSES, probe=encoder)
    assert [(each.probe, each.score, each.gain) for each in tuning.tried] == [(encoder, 0.5, 0.0)]
    assert tuning.recommended is None
    assert tuning.sentences()[0].startswith(
        f"Recommended: nothing. None gained {encoder} anything; the best is edits × 2"
    )
    cut = ts.tune(source(range(20)), rounds=1, task=CLASSES, probe=encoder, minutes=1e-9)
    assert cut.sentences()[1] == f"Recommended: nothing. No recipe was tried with {encoder} in the time."


@pytest.mark.slow
def test_workers_do_not_change_the_result():
    some = source(range(20))
    assert ts.tune(some, rounds=1, task=CLASSES) == ts.tune(some, rounds=1, task=CLASSES, workers=2)


def test_what_cannot_be_tuned_for_is_an_error():
    with pytest.raises(OptionError, match=r"must have spans, or texts of two classes, to tune for; it has neither"):
        ts.tune(["a", "b"] * 10)
    with pytest.raises(OptionError, match="the source: must have at least 10 different texts to try recipes on, has 5"):
        ts.tune(source(range(5)))
    with pytest.raises(OptionError, match="dev: must have spans to test on, has none"):
        ts.tune(source(range(20)), dev=["a", "b"])
    with pytest.raises(UnknownName, match="there is no probe 'crv' for token-classification"):
        ts.tune(source(range(20)), probe="crv")
    with pytest.raises(TextsynthError, match="none/such"):
        ts.tune(source(range(20)), probe="none/such")
    with pytest.raises(OptionError, match="minutes must be greater than 0"):
        ts.tune(source(range(20)), minutes=0)


def test_the_command_writes_the_evidence_and_tells_it(own_alone: None, tmp_path: Path):
    ts.write(source(range(20)), tmp_path / "source.jsonl")
    call_of = ("tune", tmp_path / "source.jsonl", "--out", tmp_path / "out", "--rounds", "1", "--workers", "1")
    outcome = call(*call_of, "--task", "text-classification")
    assert outcome.code == 0, outcome.err
    assert "Recommended: nothing." in outcome.out
    evidence = json.loads((tmp_path / "out" / "tune.json").read_text())
    assert evidence["tried"][0]["recipe"].splitlines()[:2] == ["seed = 0", "copies = 2"]
    assert f'path = "{tmp_path / "source.jsonl"}"' in evidence["tried"][0]["recipe"]
    told = call(*call_of, "--task", "text-classification", "--json").json
    assert told["tried"] == evidence["tried"]


def test_the_command_tells_an_error_in_one_line(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("Nothing is labelled here.\nNor here.\n")
    outcome = call("tune", tmp_path / "raw.txt", "--out", tmp_path / "out")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert "must have spans, or texts of two classes, to tune for" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_every_candidate_is_a_recipe_that_makes_something(tmp_path: Path):
    corpus = source(range(20))
    (tmp_path / "raw.txt").write_text("".join(f"{text} more\n" for text in source(range(20, 60)).texts.to_pylist()))
    head = '[source]\npath = "source.jsonl"'
    for each in candidates.CANDIDATES:
        made = make_from(each.write(each.times[0], len(corpus), head, str(tmp_path / "raw.txt")), corpus, 1)
        assert len(made), each.name
        assert set(made.labels) <= set(corpus.labels)


@pytest.mark.slow
def test_recipes_of_a_fold_share_one_search_for_new_mentions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The one without raw text has what the search found elsewhere."""
    raw = tmp_path / "raw.txt"
    raw.write_text("".join(f"{text} more\n" for text in source(range(20, 60)).texts.to_pylist()))
    chosen = [each for each in candidates.CANDIDATES if "expand" in each.generators]
    monkeypatch.setattr(candidates, "CANDIDATES", chosen)
    searched: list[Raw | None] = []
    search = textsynth.runs.tune.add_expansion

    def count(plan: ExpansionPlan, *rest: Any) -> Any:
        searched.append(plan.raw)
        return search(plan, *rest)

    monkeypatch.setattr(textsynth.runs.tune, "add_expansion", count)
    tuning = ts.tune(source(range(20)), rounds=1, raw=raw)
    assert {(each.candidate, each.failure) for each in tuning.tried} == {(each.name, "") for each in chosen}
    assert [each and each.path for each in searched] == [raw] * 5


@pytest.mark.slow
def test_raw_text_is_used_if_there_is_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    raw = tmp_path / "raw.txt"
    raw.write_text("".join(f"{text} more\n" for text in source(range(20, 60)).texts.to_pylist()))
    without, given = ([each.name for each in candidates.list_candidates(CLASSES, True, has)] for has in (False, True))
    assert set(given) - set(without) == {"class_names_and_raw"}
    chosen = [each for each in candidates.CANDIDATES if each.name == "class_names_and_raw"]
    monkeypatch.setattr(candidates, "CANDIDATES", chosen)
    tried = ts.tune(source(range(20)), task=CLASSES, rounds=1, raw=raw).tried[0]
    assert tried.failure == ""
    assert f'path = "{raw}"' in tried.recipe
    with pytest.raises(InputError, match=r"raw: none\.txt must be a file or directory to read, there is none"):
        ts.tune(source(range(20)), raw="none.txt")


@pytest.mark.slow
def test_raw_text_is_given_its_classes_by_the_encoder_that_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write_static(Path("encoder"), ["nothing"], np.ones((2, 4)))
    Path("raw.txt").write_text("".join(f"{text} more\n" for text in source(range(20, 60)).texts.to_pylist()))
    chosen = [each for each in candidates.CANDIDATES if each.name == "class_names_and_raw"]
    monkeypatch.setattr(candidates, "CANDIDATES", chosen)
    for probe, told in (("encoder", [f'encoder = "{tmp_path / "encoder"}"']), (None, [])):
        tried = ts.tune(source(range(20)), task=CLASSES, rounds=1, raw="raw.txt", probe=probe).tried[0]
        assert tried.failure == ""
        assert [line for line in tried.recipe.splitlines() if line.startswith("encoder")] == told


@pytest.mark.slow  # A transformer is taught to tag tokens, forty times.
def test_raw_text_is_read_with_the_encoder_that_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("raw.txt").write_text("".join(f"{text} more\n" for text in source(range(20, 60)).texts.to_pylist()))
    chosen = [each for each in candidates.CANDIDATES if each.name == "new_mentions_and_raw"]
    monkeypatch.setattr(candidates, "CANDIDATES", chosen)
    tuning = ts.tune(source(range(20)), rounds=1, raw="raw.txt", probe=tiny_tagger(), minutes=60)
    assert [each.failure for each in tuning.tried] == [""]
    assert f'encoder = "{tiny_tagger()}"' in tuning.tried[0].recipe
