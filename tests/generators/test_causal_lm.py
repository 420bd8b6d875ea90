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
from shared_work import build_once

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.errors import InputError, OptionError
from textsynth.extract import Gazetteer, Resources
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import child_rng
from textsynth.generators.causal_lm import CausalLm
from textsynth.training.training_log import read_curves
from textsynth.wording.filling import write_filler

PERSON, CITY = "|".join(tiny_language.PEOPLE), "|".join(tiny_language.CITIES)
RIGHT = re.compile(
    rf"(({PERSON}) (flew|drove|walked|sailed) to ({CITY}) on \w+day \.|we saw ({PERSON}|{CITY}) today \."
    rf"|send (two|three|four|five) \w+ to ({PERSON}) !)"
)
MODES = ("delexicalised", "entity_seeded", "linearised")
FAST: dict[str, Any] = {"epochs": 7, "learning_rate": 0.005, "batch_size": 8}
MISPLACED = {"lacks a mention", "has another mention", "marks do not match"}
"""What cannot happen if only marks that fit may come."""


def options(mode: str, tuning: dict[str, Any] | None = None, **others: Any) -> CausalLm:
    chosen = {"model": tiny_models.model("gpt"), "mode": mode, "mentions": 1, "temperature": 0.5}
    return CausalLm(**chosen | {"tuning": FAST | (tuning or {})} | others)


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


def check_mentions(corpus: Corpus) -> None:
    """Sees that mentions are of their label."""
    for example in corpus:
        for mention, span in zip(example.mentions(), example.spans, strict=True):
            assert re.fullmatch(PERSON if span.label == "PERSON" else CITY, mention)


@pytest.fixture(scope="module")
def learnt() -> dict[str, Path]:
    return {mode: build_once(f"causal {mode}", lambda place, mode=mode: fitted(options(mode), place)) for mode in MODES}


@pytest.mark.parametrize("mode", MODES)
def test_writes_right_sentences_with_right_labels(mode: str, learnt: dict[str, Path]):
    """A third would do; without fine-tuning, none is right."""
    draft = made_by(options(mode), learnt[mode])
    corpus = kept(draft)
    assert len(corpus) > 20
    right = [bool(RIGHT.fullmatch(each.text)) for each in corpus]
    assert np.mean(right) > 1 / 3, [each.text for each in corpus][:10]
    if mode != "linearised":
        assert not MISPLACED & set(draft.reasons)
        check_mentions(corpus)


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
    assert not MISPLACED & set(strict.reasons)


def test_a_class_that_is_asked_for(learnt: dict[str, Path]):
    shares = {}
    for name in ("send", "travel"):
        corpus = kept(made_by(options("delexicalised"), learnt["delexicalised"], 30, name))
        assert set(corpus.table.column("label").to_pylist()) == {name}
        shares[name] = np.mean([each.text.startswith("send") for each in corpus])
    assert shares["send"] > shares["travel"] + 0.1
    assert len(made_by(options("delexicalised"), learnt["delexicalised"], 5, "no such class").corpus) == 0


def test_fewer_mentions_than_the_source_has(learnt: dict[str, Path]):
    corpus = kept(made_by(options("delexicalised", more_mentions=False), learnt["delexicalised"]))
    assert {len(each.spans) for each in corpus} == {1}


@pytest.mark.parametrize("mode", ["delexicalised", "entity_seeded"])
def test_more_mentions_than_were_asked_for(mode: str, learnt: dict[str, Path]):
    """A journey has two, of which one was listed when the model learnt."""
    corpus = kept(made_by(options(mode), learnt[mode], label="travel"))
    counts = [len(each.spans) for each in corpus]
    assert min(counts) >= 1
    assert max(counts) > 1
    check_mentions(corpus)


def test_as_many_mentions_as_the_source_has(learnt: dict[str, Path]):
    generator = options("delexicalised", mentions=0, more_mentions=False)
    corpus = kept(made_by(generator, learnt["delexicalised"], label="travel"))
    assert {tuple(sorted(span.label for span in each.spans)) for each in corpus} == {("CITY", "PERSON")}


def test_values_fill_slots_and_are_seeds(learnt: dict[str, Path], tmp_path: Path):
    """What the model learnt does not depend on them."""
    (tmp_path / "people.txt").write_text("Quentin\nPriscilla\n")
    generator = options("entity_seeded", values={"PERSON": f"words:{tmp_path}/people.txt"})
    place = Path(shutil.copytree(learnt["entity_seeded"], tmp_path / "fitted"))
    write_filler(generator, Resources.of(tiny_language.source()), child_rng(1), place)
    corpus = kept(made_by(generator, place))
    assert set(Gazetteer.of(corpus).mentions["PERSON"]) == {"Quentin", "Priscilla"}


def test_only_what_moved_is_written_and_no_pickle(learnt: dict[str, Path]):
    names = {path.name for path in learnt["delexicalised"].iterdir()}
    assert {"tuned.safetensors", "tuned.json", "curves.json", "learned.json"} <= names
    assert not any(name.endswith((".bin", ".pt", ".pkl")) for name in names)
    base = Path(tiny_models.model("gpt"), "model.safetensors").stat().st_size
    assert (learnt["delexicalised"] / "tuned.safetensors").stat().st_size < base


def test_the_same_seed_gives_the_same_weights_and_sentences(tmp_path: Path):
    generator = options("delexicalised", {"epochs": 2})
    places = [fitted(generator, tmp_path / name, tiny_language.source(30)) for name in ("one", "two")]
    weights = [(place / "tuned.safetensors").read_bytes() for place in places]
    assert weights[0] == weights[1]
    one, two = (made_by(generator, place) for place in places)
    assert one.corpus == two.corpus
    assert one.reasons == two.reasons


def test_full_tuning_moves_all_weights(tmp_path: Path):
    from safetensors.torch import load_file

    generator = options("delexicalised", {"method": "full", "epochs": 3, "learning_rate": 0.002})
    place = fitted(generator, tmp_path)
    files = Path(tiny_models.model("gpt"), "model.safetensors"), place / "tuned.safetensors"
    base, tuned = (sum(weights.numel() for weights in load_file(file).values()) for file in files)
    assert tuned > base
    losses = read_curves(place)["causal_lm"]["training_loss"]
    assert losses[-1] < 0.9 * losses[0]
    check_mentions(kept(made_by(generator, place)))


def test_another_model_than_the_one_that_was_tuned_is_refused(learnt: dict[str, Path], tmp_path: Path):
    other = Path(shutil.copytree(tiny_models.model("gpt"), tmp_path / "other"))
    (other / "extra.safetensors").write_bytes(b"\0" * 8)
    with pytest.raises(InputError, match="must be the model that was fine-tuned"):
        options("delexicalised", model=str(other)).sampler(learnt["delexicalised"])


def test_a_masked_model_is_refused(tmp_path: Path):
    with pytest.raises(OptionError, match="must be a model for causal language modelling"):
        fitted(options("delexicalised", model=tiny_models.model("byt5")), tmp_path)


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
    assert f"the source has {tell_count(count, 'sentence')}" in caplog.text
    assert len(made_by(generator, place, 4).corpus) == 4
