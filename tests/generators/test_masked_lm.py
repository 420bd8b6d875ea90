from __future__ import annotations

import logging
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
from edited import corpus_of, marked
from shared_work import build_once
from tiny_language import CITIES, DAYS, NUMBERS, PEOPLE, THINGS, VERBS, fitted, good, reasons, source

pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.components.generator import CopySampler, Draft
from textsynth.components.learned import read_learned
from textsynth.corpus import Corpus
from textsynth.errors import InputError, OptionError
from textsynth.extract import Template
from textsynth.foundation.seeding import child_rng
from textsynth.generators.masked_lm import MaskedLm
from textsynth.training.device import threads
from textsynth.training.training_log import read_curves

BERT_LIKE = ("bert", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("roberta", "unigram")))
"""One family stands for all in `make test`; each takes seconds to train."""

WORDS = {"PERSON": set(PEOPLE), "CITY": set(CITIES)}


def generator(kind: Any = "bert", **options: Any) -> MaskedLm:
    return MaskedLm(model=tiny_models.model(kind), loading={"device": "cpu"}, **options)


def as_it_is(kind: Any = "bert", **options: Any) -> MaskedLm:
    return generator(kind, fine_tune=False, **options)


def copies(made: MaskedLm, directory: Path, corpus: Corpus, count: int = 40) -> Draft:
    sampler = made.sampler(fitted(made, directory, corpus))
    assert isinstance(sampler, CopySampler)
    return sampler.copies(np.repeat(np.arange(len(corpus)), count), child_rng(3))


def texts(made: MaskedLm, directory: Path, *written: str, count: int = 40) -> set[str]:
    """All good copies, with their mentions marked."""
    return {marked(example) for example in good(copies(made, directory, corpus_of(*written), count))}


@pytest.fixture(scope="module")
def tuned() -> tuple[MaskedLm, Path]:
    """A BERT that has learnt the language with its labels, and where."""
    made = generator(target="mentions", rate=1.0)
    return made, build_once("masked", lambda place: fitted(made, place))


@pytest.mark.parametrize("kind", BERT_LIKE)
def test_what_a_person_did_to_get_to_a_city_becomes_another_way_to_travel(kind: Any, tmp_path: Path):
    found = texts(
        as_it_is(kind, protect=("to", "on", *DAYS), min_p=0.1),
        tmp_path,
        "[Ada](PERSON) flew to [Rome](CITY) on Monday .",
    )
    form = re.compile(r"\[Ada\]\(PERSON\) (\w+) to \[Rome\]\(CITY\) on Monday \.")
    matches = [form.fullmatch(text) for text in found]
    assert all(matches)
    drawn = {match[1] for match in matches if match}
    assert "flew" not in drawn
    assert len(drawn & set(VERBS)) >= max(1, len(drawn) / 2)


def test_with_the_label_in_view_a_person_becomes_a_person_and_a_city_a_city(tuned: tuple[MaskedLm, Path]):
    sampler = tuned[0].sampler(tuned[1])
    made = good(sampler(400, child_rng(1), "see"))
    fits = Counter(
        mention in WORDS[span.label] for each in made for span, mention in zip(each.spans, each.mentions(), strict=True)
    )
    assert fits[True] > 0.65 * fits.total() > 130
    others = Counter((each.spans[0].label, each.mentions()[0]) for each in made)
    assert len(others) >= 6


def test_without_it_nobody_can_tell(tmp_path: Path):
    """The same sentence with the same model before it learnt the labels."""
    made = as_it_is(target="mentions", rate=1.0)
    found = texts(made, tmp_path, "we saw [Ada](PERSON) today .")
    names = {text.split("[")[1].split("]")[0] for text in found}
    assert names & set(PEOPLE)
    assert names & set(CITIES)


def test_what_was_learnt_is_told(tuned: tuple[MaskedLm, Path]):
    facts = read_learned(tuned[1]).facts
    assert set(facts) == {"epochs", "training_loss", "nats_per_hidden_word"}
    curves = read_curves(tuned[1])["masked_lm"]
    assert min(curves["loss"]) < 0.9 * curves["loss"][0]
    assert facts["nats_per_hidden_word"] == pytest.approx(min(curves["loss"]), abs=0.001)
    files = {path.name for path in tuned[1].iterdir()}
    assert files == {"source.parquet", "masked.json", "tuned.json", "tuned.safetensors", "curves.json", "learned.json"}


def test_only_mentions_are_refilled_where_these_are_the_target(tuned: tuple[MaskedLm, Path]):
    sampler = tuned[0].sampler(tuned[1])
    assert isinstance(sampler, CopySampler)
    made, before = sampler.copies(np.arange(60), child_rng(2)).corpus, source()[:60]
    assert [Template.of(example).literals for example in made] == [Template.of(example).literals for example in before]
    assert sum(one.mentions() != other.mentions() for one, other in zip(made, before, strict=True)) > 30


def test_only_the_context_is_refilled_where_that_is_the_target(tmp_path: Path):
    for text in texts(as_it_is(rate=1.0, min_p=0.0), tmp_path, "we saw [Ada](PERSON) today , [Bo](PERSON) !"):
        first, second, ada, third, comma, *rest = text.split()
        assert (ada, comma, *rest) == ("[Ada](PERSON)", ",", "[Bo](PERSON)", "!")
        assert (first != "we", second != "saw", third != "today") == (True, True, True)


def test_both_are_where_both_are(tmp_path: Path):
    found = texts(as_it_is(target="both", rate=1.0, min_p=0.0), tmp_path, "we saw [Ada](PERSON) today .")
    assert all("[Ada]" not in text and not text.startswith("we") and text.endswith(" .") for text in found)
    assert all("](PERSON)" in text for text in found)


@pytest.mark.parametrize("kind", BERT_LIKE)
def test_words_keep_their_casing_and_are_whole(kind: Any, tmp_path: Path):
    found = texts(
        as_it_is(kind, rate=1.0, min_p=0.0, top_k=100, temperature=9.0), tmp_path, "Ada flew to Oslo", count=60
    )
    assert len(found) > 40
    for text in found:
        assert [word.istitle() for word in text.split()] == [True, False, False, True]
        assert all(word.isalpha() and len(word) > 1 for word in text.split())


@pytest.mark.parametrize(
    "kept",
    ["12 , 3.5 !!", "B2B iPhone", "a@sails.to #flew e-sailed", "東京 กรุงเทพ", "😀 👩‍👩‍👧 e\u0301\u0302", "", "  "],
)
def test_numbers_marks_and_what_is_no_plain_word_stay(kept: str, tmp_path: Path):
    draft = copies(as_it_is(min_p=0.0), tmp_path, corpus_of(f"{kept}", "we saw Ada"), 6)
    if "e\u0301" not in kept:
        assert draft.corpus[:6].texts.to_pylist() == [kept] * 6
        assert set(draft.reasons[:6]) == {"unchanged"}
    assert not any(draft.reasons[6:])


def test_a_known_mention_does_not_come_without_its_label(tmp_path: Path):
    corpus = corpus_of("we saw Iris today .", *(f"[{name}](X)" for name in (*PEOPLE[:4], *CITIES)))
    draft = copies(as_it_is(protect=("we", "saw", "today"), min_p=0.0), tmp_path, corpus, 60)
    made = {text.split()[2] for text in draft.corpus[:60].texts.to_pylist()}
    assert not made & {*PEOPLE[:4], *CITIES}
    assert "Bo" in made


def test_words_side_by_side_are_drawn_in_view_of_each_other(tmp_path: Path):
    """ "send two lamps": numbers come before things, never a thing before a thing."""
    made = as_it_is(rate=1.0, protect=("send", "to", "Ada"), temperature=0.7)
    found = texts(made, tmp_path, "send two lamps to Ada !", count=12)
    drawn = [text.split()[1:3] for text in found]
    assert len(found) >= 4
    assert all(number != "two" and thing != "lamps" for number, thing in drawn)
    assert sum(number in NUMBERS and thing in THINGS for number, thing in drawn) > len(drawn) / 2


def test_a_word_for_which_the_model_sees_no_other_stays(tmp_path: Path):
    corpus = corpus_of("we saw [Ada](PERSON) today .")
    draft = copies(as_it_is(min_p=0.2), tmp_path, corpus, 5)
    assert set(draft.reasons) == {"unchanged"}
    assert set(draft.corpus.texts.to_pylist()) == {"we saw Ada today ."}
    assert reasons(as_it_is(min_p=0.2).sampler(tmp_path)(7, child_rng(1))) == {"unchanged": 7}


def test_only_the_likeliest_are_drawn_from(tmp_path: Path):
    options: dict[str, Any] = {"target": "mentions", "min_p": 0.0, "temperature": 5.0}
    assert len(texts(as_it_is(top_k=3, **options), tmp_path / "few", "we saw [Ada](PERSON) today .")) <= 3
    assert len(texts(as_it_is(top_k=99, **options), tmp_path / "many", "we saw [Ada](PERSON) today .")) > 10


def test_spans_are_exact_wherever_mentions_stand(tmp_path: Path):
    corpus = corpus_of(
        "[Ada](PERSON) [Rome](CITY) flew", "[Ada](PERSON)[Rome](CITY) flew to [Bo](PERSON)", "saw [Zoë](X)"
    )
    draft = copies(as_it_is(rate=1.0, min_p=0.0), tmp_path, corpus, 5)
    assert Corpus(draft.corpus.table) == draft.corpus
    mentions = [[example.mentions()] * 5 for example in corpus]
    assert [example.mentions() for example in draft.corpus] == [each for some in mentions for each in some]


def test_mentions_may_be_replaced_while_the_context_is_refilled(tmp_path: Path):
    made = as_it_is(policy={"CITY": "replace"}, protect=("to",))
    corpus = corpus_of("[Ada](PERSON) flew to [Rome](CITY)", "[Bo](PERSON) flew to [Nuuk](CITY)")
    good_ones = good(copies(made, tmp_path, corpus, 3))
    assert {example.mentions()[1] for example in good_ones[:3]} == {"Nuuk"}
    with pytest.raises(OptionError, match=r"'policy' must not \"edit\" mentions with target = \"context\""):
        MaskedLm(policy={"CITY": "edit"})


def test_what_is_longer_than_the_model_reads_stays_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    long = "we saw Ada today . " * 16
    made = as_it_is(min_p=0.0)
    draft = copies(made, tmp_path, corpus_of(long.strip(), "we saw Ada today ."), 3)
    assert "1 example is longer than the 64 pieces that the model reads" in caplog.text
    assert draft.corpus.texts.to_pylist()[:3] == [long.strip()] * 3
    assert list(draft.reasons) == ["unchanged"] * 3 + [None] * 3
    assert set(good(made.sampler(tmp_path)(20, child_rng(1))).texts.to_pylist()).isdisjoint({long.strip()})


def test_a_few_sentences_and_a_class_with_one_warn_and_work(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        made = generator(tuning={"epochs": 1}, min_p=0.0)
        sampler = made.sampler(fitted(made, tmp_path, source(4)))
    assert "the source has 4 sentences, fewer than 20" in caplog.text
    assert "the class 'see' has one sentence" in caplog.text
    assert len(good(sampler(9, child_rng(1), "see"))) == 9
    assert len(sampler(9, child_rng(1), "no such class")) == 0


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_same_seed_learns_the_same_weights(method: Any, tmp_path: Path):
    made = generator(tuning={"method": method, "epochs": 1})
    first, second = (fitted(made, tmp_path / each, source(24)) for each in ("first", "second"))
    assert (first / "tuned.safetensors").read_bytes() == (second / "tuned.safetensors").read_bytes()
    other = fitted(made, tmp_path / "other", source(24), seed=8)
    assert (first / "tuned.safetensors").read_bytes() != (other / "tuned.safetensors").read_bytes()


def test_all_weights_are_kept_if_all_are_tuned(tmp_path: Path):
    """Whether it learns the labels in so few epochs is a matter of luck; that it learns is not."""
    from safetensors.torch import load_file

    made = generator(target="mentions", rate=1.0, tuning={"method": "full", "epochs": 4, "patience": 9})
    place = fitted(made, tmp_path)
    files = Path(tiny_models.model("bert"), "model.safetensors"), place / "tuned.safetensors"
    base, kept = (sum(weights.numel() for weights in load_file(file).values()) for file in files)
    assert kept > base
    losses = read_curves(place)["masked_lm"]["training_loss"]
    assert losses[-1] < losses[0]
    corpus = good(made.sampler(place)(30, child_rng(1), "see"))
    assert Corpus(corpus.table) == corpus
    assert {span.label for each in corpus for span in each.spans} == {"PERSON", "CITY"}


def test_a_model_without_a_mask_is_refused(tmp_path: Path):
    with pytest.raises(OptionError, match="must be a model for masked language modelling"):
        fitted(as_it_is("gpt"), tmp_path / "gpt")
    with pytest.raises(OptionError, match="must be a model for masked language modelling"):
        fitted(as_it_is("byt5"), tmp_path / "t5")


def test_a_model_without_its_head_is_refused(tmp_path: Path):
    from safetensors.torch import load_file, save_file

    place = Path(shutil.copytree(tiny_models.model("bert"), tmp_path / "headless"))
    weights = load_file(place / "model.safetensors")
    body = {name: weight for name, weight in weights.items() if name.startswith("bert.")}
    assert len(body) < len(weights)
    save_file(body, place / "model.safetensors", {"format": "pt"})
    with pytest.raises(OptionError, match=r"masked language modelling: \d+ of its weights are missing, cls\."):
        fitted(MaskedLm(model=str(place), fine_tune=False), tmp_path / "fitted")


def test_a_tokenizer_without_a_mask_is_refused(tmp_path: Path):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    place = tmp_path / "maskless"
    tokenizer = AutoTokenizer.from_pretrained(tiny_models.model("bert"))
    tokenizer.mask_token = None
    tokenizer.save_pretrained(place)
    AutoModelForMaskedLM.from_pretrained(tiny_models.model("bert")).save_pretrained(place)
    with pytest.raises(OptionError, match="'model' must be a model whose tokenizer has a mask, has none"):
        fitted(MaskedLm(model=str(place), loading={"device": "cpu"}), tmp_path / "fitted")


def test_a_tokenizer_that_does_not_know_where_its_pieces_are_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from transformers import PreTrainedTokenizerFast

    monkeypatch.setattr(PreTrainedTokenizerFast, "is_fast", False)
    with pytest.raises(OptionError, match=r"must be a model with a fast tokenizer .*, has none: '.*bert'"):
        fitted(as_it_is(), tmp_path)


@pytest.mark.parametrize("cores", [2, 3])
def test_it_learns_with_as_many_threads_as_there_are(cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import torch

    from textsynth.pretrained.masked import trained

    seen: list[int] = []
    monkeypatch.setattr(trained, "fine_tune", lambda *_: seen.append(torch.get_num_threads()))
    with threads(cores):
        fitted(generator(), tmp_path)
    assert seen == [cores]


def test_another_model_than_the_one_that_was_tuned_is_refused(tuned: tuple[MaskedLm, Path]):
    other = MaskedLm(model=tiny_models.untrained("roberta"), loading={"device": "cpu"}, target="mentions")
    with pytest.raises(InputError, match="must be the model that was fine-tuned"):
        other.sampler(tuned[1])


def test_a_source_whose_words_the_vocabulary_lacks_cannot_be_learnt(tmp_path: Path):
    with pytest.raises(OptionError, match="fine_tune = false takes the model as it is"):
        fitted(generator(), tmp_path, corpus_of("12 +++", "Xylophon Qwertz"))


def test_there_is_nothing_to_refill_in_marks_alone(tmp_path: Path):
    sampler = as_it_is().sampler(fitted(as_it_is(), tmp_path, corpus_of("12 +++", "")))
    assert len(sampler(5, child_rng(1))) == 0
