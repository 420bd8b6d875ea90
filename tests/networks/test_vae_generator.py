from __future__ import annotations

import logging
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import CITIES, DAYS, NUMBERS, PEOPLE, TINY, VERBS, fitted, make, rng, source

torch = pytest.importorskip("torch")

from textsynth.components.generator import CopySampler, Draft  # noqa: E402
from textsynth.components.learned import read_learned  # noqa: E402
from textsynth.corpus import Corpus  # noqa: E402
from textsynth.errors import OptionError  # noqa: E402
from textsynth.extract import Resources, Template  # noqa: E402
from textsynth.filters.realism import Realism  # noqa: E402
from textsynth.generators.gan import Gan  # noqa: E402
from textsynth.generators.vae import Vae  # noqa: E402
from textsynth.networks.class_guess import ClassGuesser  # noqa: E402
from textsynth.networks.trained_vae import TrainedVae  # noqa: E402
from textsynth.networks.vae_writer import OTHER_CLASS  # noqa: E402
from textsynth.scores import bleu  # noqa: E402
from textsynth.training.training_log import read_curves  # noqa: E402
from textsynth.wording.filling import write_filler  # noqa: E402

LABELS = {"go": {"PERSON": 1, "CITY": 1}, "send": {"PERSON": 1}}


def good(made: Corpus | Draft) -> Corpus:
    """What was made, without what its maker rejects."""
    assert isinstance(made, Draft)
    return made.corpus.mask(np.array([reason is None for reason in made.reasons]))


def came_back(made: Draft, rows: np.ndarray) -> list[bool]:
    """Says for each that was made whether it has the wording of the sentence it was made from."""
    return [one == two for one, two in zip(wording(made.corpus), wording(source().take(rows)), strict=True)]


def wording(corpus: Corpus) -> list[str]:
    return [Template.of(example).to_text() for example in corpus]


def test_what_was_learned(learnt: Path):
    facts = read_learned(learnt).facts
    assert set(facts) == {
        *("epochs", "reconstruction", "kl", "mutual_information", "active_units"),
        *("exact_reconstruction", "collapsed"),
    }
    assert (facts["epochs"], facts["collapsed"]) == (40, False)
    assert 0.7 <= float(facts["exact_reconstruction"] or 0) <= 1  # It was trained until then.
    assert 1.5 < float(facts["mutual_information"] or 0) < np.log(80)
    curves = read_curves(learnt)["vae"]
    assert {len(values) for values in curves.values()} == {40}
    assert facts["mutual_information"] == pytest.approx(curves["mutual_information"][-1], abs=0.01)
    assert facts["kl"] == pytest.approx(curves["kl"][-1], abs=0.01)


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ({"patience": 3, "nats": 0.1}, False),
        ({"patience": 16, "warm_up": 1.0}, True),  # The first losses were better, but the divergence had no weight yet.
    ],
)
def test_the_facts_are_of_the_weights_that_are_kept(options: dict[str, Any], last: bool, tmp_path: Path):
    words = rng("noise").choice([*VERBS, *DAYS, *NUMBERS], (40, 6))
    noise = Corpus.from_columns(text=[" ".join(row) for row in words])
    learning = {"heldout": 0.5, "epochs": 16, "learning_rate": 0.05, "hidden": 32, "size": 4, "dropout": 0.0}
    directory = fitted(make(Vae, **TINY | learning | options), tmp_path, noise)
    curves, facts = read_curves(directory)["vae"], read_learned(directory).facts
    best = int(np.argmin(curves["loss"]))
    assert best < len(curves["loss"]) - 1
    kept, other = (-1, best) if last else (best, -1)
    assert facts["kl"] == pytest.approx(curves["kl"][kept], rel=1e-3)
    assert facts["kl"] != pytest.approx(curves["kl"][other], rel=1e-3)


def test_a_point_of_a_sentence_gives_it_back(learnt: Path, by_heart: dict[str, Any]):
    sampler: Any = make(Vae, **by_heart, sigmas=0, temperature=0).sampler(learnt)
    made = sampler.around(np.arange(80), rng(1))
    assert np.mean([reason is None for reason in made.reasons]) > 0.7
    assert np.mean(came_back(made, np.arange(80))) > 0.6
    parents = made.corpus.table.column("parent").to_pylist()
    assert set(parents) <= {template.fingerprint() for template in Resources.of(source()).templates}
    assert len(set(parents)) > 20


@pytest.mark.parametrize("sample", ["posterior", "interpolation"])
def test_a_wording_of_the_source_has_one_parent_whatever_it_was_made_from(
    sample: Any, learnt: Path, by_heart: dict[str, Any]
):
    made = good(make(Vae, **by_heart, sample=sample, sigmas=4.0).sampler(learnt)(300, rng(1)))
    known = {template.fingerprint() for template in Resources.of(source()).templates}
    pairs = [(Template.of(each).fingerprint(), each.parent) for each in made]
    assert {parent for own, parent in pairs if own not in known} <= known
    assert all(own == parent for own, parent in pairs if own in known)
    assert len({own for own, _ in pairs} & known) > 10


def test_the_farther_away_the_more_it_differs(learnt: Path, by_heart: dict[str, Any]):
    same = []
    for sigmas in (0.0, 20.0):
        sampler: Any = make(Vae, **by_heart, sigmas=sigmas, temperature=0).sampler(learnt)
        rows = np.arange(320) % 80
        same.append(np.mean(came_back(sampler.around(rows, rng(1)), rows)))
    assert same[0] > same[1] + 0.2


@pytest.mark.parametrize("sample", ["posterior", "prior", "interpolation"])
def test_every_way_of_sampling_writes_sentences_of_the_source(sample: Any, learnt: Path, by_heart: dict[str, Any]):
    draft = make(Vae, **by_heart, sample=sample).sampler(learnt)(300, rng(1))
    assert isinstance(draft, Draft)
    assert set(draft.reasons) <= {None, "does not end", "empty", OTHER_CLASS}
    made = good(draft)
    assert len(made) > 150
    assert Corpus(made.table) == made
    for example in made:
        assert Counter(span.label for span in example.spans) == LABELS[str(example.label)]
        allowed = {"PERSON": PEOPLE, "CITY": CITIES}
        assert all(
            mention in allowed[span.label] for span, mention in zip(example.spans, example.mentions(), strict=True)
        )
    assert Counter(example.label for example in made)["go"] == pytest.approx(len(made) / 2, abs=75)
    tokens = [template.split() for template in wording(made)]
    assert bleu(tokens, [template.split() for template in wording(source())], (2,))[2] > 0.5
    assert len({tuple(each) for each in tokens}) > 10


def test_points_of_the_prior_are_nobodys_copies(learnt: Path, by_heart: dict[str, Any]):
    made = good(make(Vae, **by_heart, sample="prior").sampler(learnt)(50, rng(1)))
    assert made.table.column("parent").to_pylist() == [Template.of(each).fingerprint() for each in made]


@pytest.mark.parametrize("sample", ["posterior", "prior", "interpolation"])
@pytest.mark.parametrize("label", ["go", "no such class"])
def test_a_class_that_is_asked_for(sample: Any, label: str, learnt: Path, by_heart: dict[str, Any]):
    made = make(Vae, **by_heart, sample=sample).sampler(learnt)(30, rng(1), label)
    if label == "no such class":
        assert isinstance(made, Corpus)
        assert len(made) == 0
    else:
        assert isinstance(made, Draft)
        assert set(made.corpus.table.column("label").to_pylist()) == {label}


def test_copies_all_differ(learnt: Path, by_heart: dict[str, Any]):
    sampler = make(Vae, **by_heart).sampler(learnt)
    assert isinstance(sampler, CopySampler)
    rows = np.repeat(np.arange(0, 80, 8), 6)
    made, texts = sampler.copies(rows, rng(1)), source().texts.to_pylist()
    assert len(made.corpus) == len(rows)
    reasons = made.reasons or [None] * len(rows)
    assert set(reasons) <= {None, "unchanged"}
    assert np.mean([reason is None for reason in reasons]) > 0.5
    for row in np.unique(rows):
        kept = [int(place) for place in np.flatnonzero(rows == row) if reasons[place] is None]
        copies = [made.corpus[place] for place in kept]
        assert len({copy.text for copy in copies} | {texts[row]}) == len(copies) + 1
        assert {copy.label for copy in copies} == {source()[int(row)].label}
        own = Template.of(source()[int(row)]).fingerprint()
        assert all(copy.parent in (own, Template.of(copy).fingerprint()) for copy in copies)


@pytest.mark.parametrize("sample", ["prior", "interpolation"])
def test_what_lies_elsewhere_is_no_copy(sample: Any):
    assert not make(Vae, sample=sample).makes_copies()


def test_copies_where_there_are_none(learnt: Path, by_heart: dict[str, Any], tmp_path: Path):
    """One value for each label, the very point, and the likeliest symbols: there is one variant at most."""
    values = {"PERSON": ["Ada"], "CITY": ["Rome"]}
    shutil.copytree(learnt, tmp_path, dirs_exist_ok=True)
    options = make(Vae, **by_heart, values=values, sigmas=0, temperature=0)
    write_filler(options, Resources.of(source()), rng(1), tmp_path)
    sampler: Any = options.sampler(tmp_path)
    assert isinstance(sampler, CopySampler)
    again, texts = sampler.around(np.arange(80), rng(1)).corpus.texts.to_pylist(), source().texts.to_pylist()
    row = next(row for row in range(80) if again[row] == texts[row])  # Which sentences come back differs by machine.
    made = sampler.copies(np.full(3, row), rng(1))
    assert [text for text, reason in zip(made.corpus.texts.to_pylist(), made.reasons, strict=True) if not reason] == []
    assert set(made.reasons) == {"unchanged"}
    assert len(sampler.copies(np.zeros(0, np.int64), rng(1)).corpus) == 0


def test_what_is_kept_is_what_was_learnt(learnt: Path):
    trained = TrainedVae.read(learnt, "cpu")
    assert len(trained.latents.mean) == len(trained.bags) == 80
    assert trained.latents.classes.tolist() == [0] * 40 + [1] * 40
    assert trained.bags.tolist() == [[1, 1]] * 40 + [[0, 1]] * 40
    assert trained.vocabulary.labels == ("CITY", "PERSON")
    assert trained.known.sum() < trained.vocabulary.outputs
    assert len(trained.heldout) == 0


def test_a_posterior_that_collapses_says_so(
    learnt: Path, by_heart: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        facts = read_learned(fitted(make(Vae, **by_heart | {"nats": 0.0, "epochs": 12}), tmp_path)).facts
    [message] = caplog.messages
    assert message.startswith("vae: the posterior has collapsed: ")
    assert message.endswith("more sentences, more epochs or more nats may open it, was: nats = 0")
    assert facts["collapsed"] is True
    assert message == f"vae: {facts['warning']}"
    assert float(facts["mutual_information"] or 0) < 0.5 < float(read_learned(learnt).facts["mutual_information"] or 0)


def test_few_sentences_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    few = source(1)[12:24]
    assert Counter(each.label for each in few) == {"go": 8, "send": 4}
    few = Corpus.from_examples([*few][:9])
    with caplog.at_level(logging.WARNING):
        fitted(make(Vae, **TINY | {"epochs": 2, "nats": 20.0}), tmp_path, few)
    assert caplog.messages[:2] == [
        "vae: the source has 9 sentences, fewer than 20: little can be learnt",
        "vae: the class 'send' has one sentence: it can only be varied by those of others",
    ]
    made = make(Vae, **TINY).sampler(tmp_path)(20, rng(1), "send")
    assert isinstance(made, Draft)
    assert set(made.corpus.table.column("label").to_pylist()) == {"send"}


@pytest.mark.parametrize("corpus", [Corpus.empty(), Corpus.from_columns(text=["", ""])])
def test_no_sentences_are_refused(corpus: Corpus, tmp_path: Path):
    with pytest.raises(OptionError, match=r"^vae: the source must have sentences to learn from, has none$"):
        fitted(make(Vae, **TINY), tmp_path, corpus)


@pytest.mark.parametrize(
    "options", [pytest.param({"kind": "lstm"}, marks=pytest.mark.slow), {"kind": "transformer"}, {"bag": False}]
)
def test_other_networks(options: dict[str, Any], tmp_path: Path):
    generator = make(Vae, **TINY | options | {"epochs": 2, "layers": 1, "size": 4, "top_p": 0.9})
    made = generator.sampler(fitted(generator, tmp_path))(30, rng(1))
    assert isinstance(made, Draft)
    assert Corpus(made.corpus.table) == made.corpus
    if "bag" not in options:
        for example in good(made):
            assert Counter(span.label for span in example.spans) == LABELS[str(example.label)]


@pytest.fixture(scope="module")
def swapped(learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The VAE beside a guesser that was taught the classes the other way round."""
    directory = Path(shutil.copytree(learnt, tmp_path_factory.mktemp("swapped"), dirs_exist_ok=True))
    guesser = ClassGuesser.read(directory)
    replace(guesser, weights=np.ascontiguousarray(guesser.weights[:, ::-1])).write(directory)
    return directory


def test_what_reads_like_another_class_is_rejected_with_its_text(swapped: Path, learnt: Path, by_heart: dict[str, Any]):
    draft = make(Vae, **by_heart).sampler(swapped)(200, rng(1))
    plain = make(Vae, **by_heart, same_class=False).sampler(swapped)(200, rng(1))
    assert isinstance(draft, Draft)
    assert isinstance(plain, Draft)
    assert draft.corpus == plain.corpus
    malformed = [reason is not None for reason in plain.reasons]
    assert [reason == OTHER_CLASS for reason in draft.reasons] == [not each for each in malformed]
    assert OTHER_CLASS not in plain.reasons
    rejected = make(Vae, **by_heart).sampler(learnt)(200, rng(1))
    assert isinstance(rejected, Draft)
    assert list(rejected.reasons).count(OTHER_CLASS) <= 10


def test_copies_that_read_like_another_class_are_not_made(swapped: Path, by_heart: dict[str, Any]):
    sampler = make(Vae, **by_heart).sampler(swapped)
    assert isinstance(sampler, CopySampler)
    assert set(sampler.copies(np.arange(0, 80, 20), rng(1)).reasons) == {"unchanged"}


UNLEARNED: dict[str, Any] = TINY | {"epochs": 8, "learning_rate": 1e-9, "kl": "batch_norm"}
"""Its weights stay what they were, so that it knows nothing; batch norm gets to know how points are spread."""


def test_a_network_that_has_learnt_nothing_of_a_small_source_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        facts = read_learned(fitted(make(Vae, **UNLEARNED), tmp_path)).facts
    assert caplog.messages == [
        "vae: 0.0% of the sentences of the source came back word for word, so little was learnt of them; "
        "more sentences, more epochs, more nats or a higher learning_rate may help"
    ]
    assert caplog.messages == [f"vae: {facts['warning']}"]


@pytest.mark.slow
def test_where_sentences_are_held_out_it_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        fitted(make(Vae, **UNLEARNED, heldout=0.1, warm_up=1.0), tmp_path)
    assert caplog.messages == [
        "vae: 0.0% of the sentences watched came back word for word, so little was learnt of them; "
        "more sentences, heldout = 0.0, more epochs, more nats or a higher learning_rate may help"
    ]


def test_batch_norm_that_spreads_sentences_otherwise_than_in_training_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """In twenty steps it does not forget the deviation of 1 that it begins with."""
    with caplog.at_level(logging.WARNING):
        facts = read_learned(fitted(make(Vae, **UNLEARNED | {"epochs": 1}), tmp_path)).facts
    [message] = caplog.messages
    assert message == f"vae: {facts['warning']}"
    assert re.fullmatch(
        r"vae: batch norm failed: the divergence is 2\d\.\d nats as in training, batch by batch, and [1-4]\.\d when "
        r"sentences are written; more epochs or a lower learning_rate may help, or kl = 'free_bits'",
        message,
    )
    assert float(facts["kl"] or 0) < 5


@pytest.mark.parametrize("kind", [Vae, Gan, Realism])
def test_batch_norm_without_nats_is_refused(kind: Any):
    message = (
        "option 'nats': must be more than 0 with kl = 'batch_norm', was 0.0: they say how far it spreads the means"
    )
    with pytest.raises(OptionError, match=re.escape(message)):
        make(kind, kl="batch_norm", nats=0)
    assert make(kind, kl="batch_norm").latent.nats is None
    assert make(kind, nats=0).latent.nats == 0


@pytest.mark.parametrize(("sentences", "told"), [(1, False), (4, False), (5, True)])
def test_a_few_sentences_are_not_said_to_have_collapsed(sentences: int, told: bool, tmp_path: Path):
    facts = read_learned(
        fitted(make(Vae, **TINY, epochs=1, learning_rate=1e-9, nats=0.0), tmp_path, source(1)[:sentences])
    ).facts
    assert float(facts["mutual_information"] or 0) < 0.5
    assert ("collapsed" in facts) is told
    assert ("collapsed" in str(facts["warning"])) is told


@pytest.mark.slow
def test_a_large_source_is_not_told_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("textsynth.networks.trained_vae.SMALL", 80)
    with caplog.at_level(logging.WARNING):
        fitted(make(Vae, **UNLEARNED, heldout=0.0, nats=20.0), tmp_path)
    assert caplog.messages == []
