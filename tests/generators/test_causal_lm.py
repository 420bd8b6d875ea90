"""A pretrained causal model, fine-tuned on a toy language whose right sentences are known."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("peft")

import tiny_language
import tiny_models

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.errors import InputError, OptionError
from textsynth.extract import Gazetteer, Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.causal_lm import CausalLm

PERSON, CITY = "|".join(tiny_language.PEOPLE), "|".join(tiny_language.CITIES)
RIGHT = re.compile(
    rf"(({PERSON}) (flew|drove|walked|sailed) to ({CITY}) on \w+day \.|we saw ({PERSON}|{CITY}) today \."
    rf"|send (two|three|four|five) \w+ to ({PERSON}) !)"
)
MODES = ("delexicalised", "entity_seeded", "linearised")
FAST: dict[str, Any] = {"epochs": 15, "learning_rate": 0.005, "batch_size": 8}


def options(mode: str, tuning: dict[str, Any] | None = None, **others: Any) -> CausalLm:
    chosen = {"model": tiny_models.model("gpt"), "mode": mode, "temperature": 0.5, "tuning": FAST | (tuning or {})}
    return CausalLm(**chosen | others)


def fitted(generator: CausalLm, directory: Path, corpus: Corpus | None = None) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    generator.fit(Resources.of(tiny_language.source() if corpus is None else corpus), directory, child_rng(7))
    return directory


def made_by(generator: CausalLm, directory: Path, count: int = 60, label: str | None = None, seed: int = 3) -> Draft:
    draft = generator.sampler(directory)(count, child_rng(seed), label)
    return draft if isinstance(draft, Draft) else Draft(draft)


def kept(draft: Draft) -> Corpus:
    reasons = draft.reasons or [None] * len(draft.corpus)
    return draft.corpus.mask(np.array([reason is None for reason in reasons], bool))


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("causal")
    return {mode: fitted(options(mode), place / mode) for mode in MODES}


@pytest.mark.parametrize("mode", MODES)
def test_writes_right_sentences_with_right_labels(mode: str, learnt: dict[str, Path]):
    corpus = kept(made_by(options(mode), learnt[mode]))
    assert len(corpus) > 40
    right = [bool(RIGHT.fullmatch(each.text)) for each in corpus]
    assert np.mean(right) > 0.7, [each.text for each in corpus][:10]
    for example in corpus:
        for mention, span in zip(example.mentions(), example.spans, strict=True):
            assert re.fullmatch(PERSON if span.label == "PERSON" else CITY, mention) or mode == "linearised"


def test_every_mention_that_was_asked_for_is_there(learnt: dict[str, Path]):
    draft = made_by(options("entity_seeded", constrained=False), learnt["entity_seeded"])
    assert {reason for reason in draft.reasons if reason} <= {
        "lacks a mention",
        "has another mention",
        "extra mention",
        "does not end",
        "marks do not match",
        "empty mention",
        "broken character",
        "empty",
    }
    strict = made_by(options("entity_seeded"), learnt["entity_seeded"])
    assert not {"lacks a mention", "has another mention", "marks do not match"} & set(strict.reasons)


def test_a_class_that_is_asked_for(learnt: dict[str, Path]):
    corpus = kept(made_by(options("delexicalised"), learnt["delexicalised"], 30, "send"))
    assert set(corpus.table.column("label").to_pylist()) == {"send"}
    assert np.mean([each.text.startswith("send") for each in corpus]) > 0.6
    assert len(made_by(options("delexicalised"), learnt["delexicalised"], 5, "no such class").corpus) == 0


def test_fewer_mentions_than_the_source_has(learnt: dict[str, Path]):
    corpus = kept(made_by(options("delexicalised", mentions=1, more_mentions=False), learnt["delexicalised"]))
    assert {len(each.spans) for each in corpus} == {1}


@pytest.mark.parametrize("mode", ["delexicalised", "entity_seeded"])
def test_more_mentions_than_were_asked_for(mode: str, tmp_path: Path):
    generator = options(mode, mentions=1)
    corpus = kept(made_by(generator, fitted(generator, tmp_path)))
    counts = [len(each.spans) for each in corpus]
    assert min(counts) == 1 < max(counts)
    assert np.mean([bool(RIGHT.fullmatch(each.text)) for each in corpus]) > 0.7
    for example in corpus:
        for mention, span in zip(example.mentions(), example.spans, strict=True):
            assert re.fullmatch(PERSON if span.label == "PERSON" else CITY, mention)


def test_values_fill_slots_and_are_seeds(learnt: dict[str, Path], tmp_path: Path):
    (tmp_path / "people.txt").write_text("Quentin\nPriscilla\n")
    values = {"PERSON": f"words:{tmp_path}/people.txt"}
    generator = options("entity_seeded", {"epochs": 8}, values=values)
    corpus = kept(made_by(generator, fitted(generator, tmp_path / "fitted")))
    assert set(Gazetteer.of(corpus).mentions["PERSON"]) == {"Quentin", "Priscilla"}


def test_only_what_moved_is_written_and_no_pickle(learnt: dict[str, Path]):
    names = {path.name for path in learnt["delexicalised"].iterdir()}
    assert {"tuned.safetensors", "tuned.json", "curves.json", "learned.json"} <= names
    assert not any(name.endswith((".bin", ".pt", ".pkl")) for name in names)
    base = Path(tiny_models.model("gpt"), "model.safetensors").stat().st_size
    assert (learnt["delexicalised"] / "tuned.safetensors").stat().st_size < base


def test_the_same_seed_gives_the_same_weights_and_sentences(learnt: dict[str, Path], tmp_path: Path):
    again = fitted(options("delexicalised"), tmp_path / "again")
    weights = [(place / "tuned.safetensors").read_bytes() for place in (learnt["delexicalised"], again)]
    assert weights[0] == weights[1]
    one, two = (made_by(options("delexicalised"), place) for place in (learnt["delexicalised"], again))
    assert one.corpus == two.corpus
    assert one.reasons == two.reasons


def test_full_tuning_moves_all_weights(tmp_path: Path):
    generator = options("delexicalised", {"method": "full", "epochs": 6, "learning_rate": 0.002})
    corpus = kept(made_by(generator, fitted(generator, tmp_path)))
    assert np.mean([bool(RIGHT.fullmatch(each.text)) for each in corpus]) > 0.7


def test_another_model_than_the_one_that_was_tuned_is_refused(learnt: dict[str, Path], tmp_path: Path):
    other = Path(shutil.copytree(tiny_models.model("gpt"), tmp_path / "other"))
    (other / "extra.safetensors").write_bytes(b"\0" * 8)
    with pytest.raises(InputError, match="must be the model that was fine-tuned"):
        options("delexicalised", model=str(other)).sampler(learnt["delexicalised"])


def test_a_masked_model_is_refused(tmp_path: Path):
    with pytest.raises(OptionError, match="must be a model for causal language modelling"):
        fitted(options("delexicalised", model=tiny_models.model("t5")), tmp_path)


def narrow(tmp_path: Path, positions: int) -> str:
    """A model that reads fewer symbols."""
    place = Path(shutil.copytree(tiny_models.model("gpt"), tmp_path / "narrow"))
    for name, key in (("config.json", "max_position_embeddings"), ("tokenizer_config.json", "model_max_length")):
        settings = json.loads((place / name).read_text())
        (place / name).write_text(json.dumps(settings | {key: positions}))
    return str(place)


def test_what_the_model_cannot_read_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    long = Corpus.from_columns(text=["we saw " * 40], label=["see"])
    source = Corpus.concat([tiny_language.source(20), long])
    generator = options("delexicalised", {"epochs": 1}, model=narrow(tmp_path, 30))
    draft = made_by(generator, fitted(generator, tmp_path / "fitted", source), 30)
    assert "left out 1 of 21 sentences: longer than the 30 symbols that the model reads" in caplog.text
    assert len(draft.corpus) == 30


def test_a_source_that_the_model_cannot_read_at_all(tmp_path: Path):
    with pytest.raises(OptionError, match="every sentence of the source has more"):
        fitted(options("delexicalised", model=narrow(tmp_path, 3)), tmp_path / "fitted")


def test_a_tokenizer_without_an_end_is_refused(tmp_path: Path):
    place = Path(shutil.copytree(tiny_models.model("gpt"), tmp_path / "endless"))
    settings = json.loads((place / "tokenizer_config.json").read_text())
    (place / "tokenizer_config.json").write_text(json.dumps(settings | {"eos_token": None}))
    with pytest.raises(OptionError, match="must have a symbol that ends a text"):
        fitted(options("delexicalised", model=str(place)), tmp_path / "fitted")


@pytest.mark.parametrize("count", [1, 3])
def test_a_source_too_small_warns_and_works(count: int, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    generator = options("delexicalised", {"epochs": 1})
    place = fitted(generator, tmp_path, tiny_language.source(3)[:count])
    assert f"the source has {count} sentences" in caplog.text
    assert len(made_by(generator, place, 4).corpus) == 4
