from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import TINY, fitted, make, rng, source

torch = pytest.importorskip("torch")


from textsynth.components.description import describe  # noqa: E402
from textsynth.components.generator import Draft  # noqa: E402
from textsynth.components.learned import read_learned  # noqa: E402
from textsynth.corpus import Corpus  # noqa: E402
from textsynth.extract import Template  # noqa: E402
from textsynth.foundation.seeding import child_rng  # noqa: E402
from textsynth.generators.gan import Gan  # noqa: E402
from textsynth.generators.vae import Vae  # noqa: E402
from textsynth.networks import latent_gan, trained_gan  # noqa: E402
from textsynth.networks.class_guess import ClassGuesser  # noqa: E402
from textsynth.networks.fit import train_gan  # noqa: E402
from textsynth.networks.latent import GaussianPrior, Latents  # noqa: E402
from textsynth.networks.latent_gan import BETAS, GanObjective, LatentGan  # noqa: E402
from textsynth.networks.latent_network import Heldout, LatentNetwork, LatentShape, class_distance  # noqa: E402
from textsynth.networks.trained_gan import TrainedGan  # noqa: E402
from textsynth.networks.trained_vae import TrainedVae  # noqa: E402
from textsynth.networks.vae_options import CriticOptions  # noqa: E402
from textsynth.networks.vae_writer import OTHER_CLASS  # noqa: E402
from textsynth.scores import frechet_distance  # noqa: E402
from textsynth.training.device import accelerator_on, threads  # noqa: E402
from textsynth.training.loop import Descent, Plan, seed_torch, train  # noqa: E402

SHAPE = LatentShape(2, 2, 32)


def mixture(count: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Points of two classes around (4, -2): each class is two clusters on a circle of radius 2."""
    stream, classes = rng("mixture", name), np.arange(count) % 2
    angles = np.pi * (stream.integers(2, size=count) + classes / 2)
    centres = np.stack([4 + 2 * np.cos(angles), -2 + 2 * np.sin(angles)], axis=1)
    return (centres + 0.2 * stream.standard_normal((count, 2))).astype(np.float32), classes


def known() -> tuple[Latents, Heldout]:
    points, classes = mixture(400, "training")
    return Latents(points, np.full_like(points, 0.05), classes), Heldout(*mixture(400, "heldout"))


def standard(classes: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    return stream.standard_normal((len(classes), 2))


def gan_objective(network: LatentGan, latents: Latents, heldout: Heldout, rate: float, steps: int) -> GanObjective:
    accelerator = accelerator_on("cpu")
    pair = [Descent(each, accelerator, rate, BETAS, float("inf")) for each in (network.critic, network.generator)]
    return GanObjective(network, pair, latents, heldout, 64, steps)


def built(latents: Latents, seed: int = 1) -> LatentGan:
    with seed_torch(seed):
        network = LatentGan(SHAPE)
    network.fit_whitening(latents)
    return network


def test_whitening_brings_the_aggregate_posterior_to_mean_0_and_covariance_1():
    latents, _ = known()
    latents = Latents(latents.mean, latents.deviation * np.array([10, 40], np.float32), latents.classes)
    network = built(latents)
    points = latents.draw(np.tile(np.arange(400), 100), rng(1))
    white = network.whiten(torch.from_numpy(points)).numpy()
    assert white.mean(axis=0) == pytest.approx(np.zeros(2), abs=0.02)
    assert np.cov(white.T) == pytest.approx(np.eye(2), abs=0.03)
    assert network.recolour(torch.from_numpy(white)).numpy() == pytest.approx(points, abs=1e-4)


def test_the_distance_is_for_the_classes_held_out():
    heldout = Heldout(*mixture(31, "few"))
    asked = []

    def draw(classes: np.ndarray, stream: np.random.Generator) -> np.ndarray:
        asked.append(classes)
        return standard(classes, stream)

    classes = np.tile(heldout.classes, 130)
    drawn = standard(classes, child_rng(0, "distance"))
    spread = heldout.points.std()
    expected = frechet_distance(beside(drawn, classes, spread), beside(heldout.points, heldout.classes, spread))
    assert class_distance(draw, heldout) == pytest.approx(expected)
    assert np.array_equal(asked[0], classes)


def beside(points: np.ndarray, classes: np.ndarray, spread: float) -> np.ndarray:
    """Points with two more dimensions, of which one is as large as they are spread: that of their class."""
    return np.column_stack([points, spread * (classes == 0), spread * (classes == 1)])


def by_class(draw: Any, heldout: Heldout) -> np.ndarray:
    """The Fréchet distance of what is drawn to what is held out, for either class."""
    return np.array(
        [
            frechet_distance(draw(np.full(1000, number), rng(1)), heldout.points[heldout.classes == number])
            for number in (0, 1)
        ]
    )


def test_the_epoch_that_came_nearest_is_kept(tmp_path: Path):
    """That a GAN comes nearer at all takes longer to tell, see below."""
    stream, classes = rng("gan"), np.arange(800) % 2
    deviations = np.where(classes[:, None], [0.3, 1.0], [1.0, 0.3])
    points = np.stack([4 + 3 * classes, 0 * classes], axis=1) + deviations * stream.standard_normal((800, 2))
    points, heldout = points[:400].astype(np.float32), Heldout(points[400:], classes[400:])
    latents = Latents(points, np.full_like(points, 0.05), classes[:400])
    network = built(latents)
    assert (by_class(network.draw, heldout) < by_class(standard, heldout)).all()
    curves = train(gan_objective(network, latents, heldout, 0.005, 50), Plan("gan", 4, 4, 1), tmp_path)
    assert set(curves) == {"critic_loss", "generator_loss", "loss"}
    assert len(curves["loss"]) == 4
    assert class_distance(network.draw, heldout) == pytest.approx(min(curves["loss"]), rel=1e-3)


def cloud(at: float, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Points of two classes that both lie around (at, 0)."""
    classes = np.arange(800) % 2
    return (np.array([at, 0]) + rng("cloud", name).standard_normal((800, 2))).astype(np.float32), classes


@pytest.mark.slow
def test_a_gan_comes_nearer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its noise lies three deviations beside the real points: half of all seeds must come to half the distance.

    Its average has a short memory here, as there are 150 steps of the generator.
    """
    monkeypatch.setattr(latent_gan, "_AVERAGED", 0.9)
    (begin, classes), (real, _) = cloud(0, "begin"), cloud(3, "real")
    latents, heldout = Latents(real[:400], np.full((400, 2), 0.05, np.float32), classes[:400]), real[400:]
    nearer = []
    for seed in range(1, 8):
        network = built(Latents(begin, np.full_like(begin, 0.05), classes), seed)
        untrained = class_distance(network.draw, Heldout(heldout, classes[400:]))
        objective = gan_objective(network, latents, Heldout(heldout, classes[400:]), 0.002, 125)
        train(objective, Plan("gan", 6, 6, seed), tmp_path / str(seed))
        nearer.append(class_distance(network.draw, Heldout(heldout, classes[400:])) / untrained)
    assert np.median(nearer) < 0.5, nearer


def test_every_fifth_step_is_one_of_the_generator():
    latents, heldout = known()
    network = built(latents)
    objective = gan_objective(network, latents, heldout, 0.01, 12)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    moved, losses = [], []
    with seed_torch(1):
        for batch in objective.batches(rng(1)):
            start = {name: value.clone() for name, value in network.state_dict().items()}
            losses.append(set(objective.learn(batch)))
            changed = {
                name.split(".")[0] for name, value in network.state_dict().items() if (value != start[name]).any()
            }
            moved.append(changed)
            if len(moved) == 5:
                after = network.state_dict()
                for name in (name for name in after if name.startswith("average.")):
                    generator = after[name.replace("average", "generator")]
                    expected = 2 / 11 * before[name] + 9 / 11 * generator
                    assert torch.allclose(after[name], expected, atol=1e-6)
    assert moved == [*[{"critic"}] * 4, {"critic", "generator", "average"}] * 2 + [{"critic"}] * 2
    assert losses == [*[{"critic_loss"}] * 4, {"critic_loss", "generator_loss"}] * 2 + [{"critic_loss"}] * 2


def test_the_critic_tells_real_points_from_those_far_away():
    latents, heldout = known()
    network = built(latents)
    objective = gan_objective(network, latents, heldout, 0.002, 200)
    with seed_torch(1):
        for batch in objective.batches(rng(1)):
            objective.learn(batch)
    real = network.realism(heldout.points, heldout.classes)
    made = network.draw(heldout.classes, rng(1))
    assert real.shape == (400,)
    assert real.mean() > network.realism(made, heldout.classes).mean()


def test_a_network_is_written_and_read(tmp_path: Path):
    network = built(known()[0])
    TrainedGan(network, "it is bad").write(tmp_path)
    again = TrainedGan.read(tmp_path, "cpu")
    assert again.failed == "it is bad"
    classes = np.arange(40) % 2
    assert np.array_equal(again.network.draw(classes, rng(1)), network.draw(classes, rng(1)))
    assert not np.array_equal(network.draw(classes, rng(1)), network.draw(classes, rng(2)))


# Judgement.


class Drawing(LatentNetwork):
    """A network that draws what it is told."""

    def __init__(self, points: Any) -> None:
        super().__init__(SHAPE)
        self._points = points

    def draw(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self._points(classes, rng)


def judged(points: Any, heldout: Heldout, latents: Latents | None = None) -> tuple[dict[str, Any], str]:
    latents = known()[0] if latents is None else latents
    return trained_gan._judge(Drawing(points), GaussianPrior.of(latents, 2), latents, heldout)  # type: ignore[arg-type]


def test_the_real_points_are_judged_to_be_good():
    latents, heldout = known()
    facts, failed = judged(latents.draw_like, heldout)
    assert failed == ""
    assert set(facts) == {"frechet", "frechet_of_gaussian", "frechet_floor", "coverage"}
    assert facts["frechet"] == facts["frechet_floor"] < 0.05
    assert facts["coverage"] > 0.9


def test_what_ends_far_away_has_failed():
    facts, failed = judged(standard, known()[1])
    assert failed.startswith(f"it ended {facts['frechet']:.2f} from held-out sentences, a Gaussian for each class 0.0")


def test_a_network_that_draws_one_point_has_failed():
    facts, failed = judged(lambda classes, _: np.tile([[4.0, -2.0]], (len(classes), 1)), known()[1])
    assert failed.startswith("it ended ")
    assert facts["coverage"] == 0


def test_modes_that_collapsed_are_found_even_where_mean_and_covariance_are_right():
    """Four clusters at the ends of a cross, of which a network draws none, but those of the cross turned by 45°."""

    def cross(count: int, turned: float, stream: np.random.Generator) -> np.ndarray:
        angles = np.pi * (stream.integers(4, size=count) / 2 + turned)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1) + 0.01 * stream.standard_normal((count, 2))

    points = cross(400, 0, rng("cross")).astype(np.float32)
    latents = Latents(points, np.full_like(points, 0.01), np.arange(400) % 2)
    heldout = Heldout(cross(300, 0, rng("heldout")), np.arange(300) % 2)
    facts, failed = judged(lambda classes, stream: cross(len(classes), 0.25, stream), heldout, latents)
    assert facts["frechet"] < 0.05
    assert failed.startswith("modes collapsed: it covers 0% of held-out sentences, others of the source ")
    assert judged(lambda classes, stream: cross(len(classes), 0, stream), heldout, latents)[1] == ""


def swapped(draw: Any) -> Any:
    """Draws points of the other class."""
    return lambda classes, stream: draw(1 - classes, stream)


def test_points_of_the_wrong_class_have_failed():
    """All points together are as they should be; only the classes are swapped."""
    stream, classes = rng("apart"), np.arange(400) % 2
    points = (np.stack([4 * classes, 0 * classes], axis=1) + 0.3 * stream.standard_normal((400, 2))).astype(np.float32)
    latents = Latents(points[:200], np.full((200, 2), 0.05, np.float32), classes[:200])
    heldout = Heldout(points[200:], classes[200:])
    facts, failed = judged(swapped(latents.draw_like), heldout, latents)
    assert failed.startswith("it ended ")
    assert facts["coverage"] == 0
    assert judged(latents.draw_like, heldout, latents)[1] == ""


def test_classes_that_have_one_mean_are_told_apart_by_what_is_covered():
    """Both classes lie around (4, -2), in clusters of their own."""
    latents, heldout = known()
    facts, failed = judged(swapped(latents.draw_like), heldout)
    assert facts["frechet"] < 2 * facts["frechet_of_gaussian"] + 0.1
    assert failed
    assert facts["coverage"] < 0.1


def test_where_nothing_is_held_out_no_held_out_sentence_is_spoken_of():
    latents, heldout = known()
    seen = heldout._replace(unseen=False)
    assert judged(standard, seen)[1].startswith("it ended ")
    assert "from the sentences of the source, a Gaussian" in judged(standard, seen)[1]
    cross = judged(swapped(latents.draw_like), seen)[1]
    assert "held-out" not in cross


def shares(points: Any, learnt: Path) -> dict[str, Any]:
    vae = TrainedVae.read(learnt, "cpu")
    heldout = Heldout(vae.latents.mean, vae.latents.classes)
    return trained_gan._distinct(Drawing(points), vae.latents, heldout, vae)  # type: ignore[arg-type]


def test_points_that_become_the_same_few_sentences_have_collapsed(learnt: Path):
    vae = TrainedVae.read(learnt, "cpu")
    few = shares(lambda classes, _: vae.latents.mean[40 * classes], learnt)
    assert few["distinct"] == 2 / 500
    assert 0.06 < few["distinct_of_source"] <= 0.4
    assert trained_gan._find_collapse(few).startswith(
        "modes collapsed: 0% of its sentences are distinct, of those at points "
    )
    real = shares(vae.latents.draw_like, learnt)
    assert real["distinct"] == real["distinct_of_source"]
    assert trained_gan._find_collapse(real) == ""


@pytest.mark.parametrize(("own", "warned"), [(0.1, True), (0.19, True), (0.2, False), (0.5, False)])
def test_half_as_many_distinct_sentences_are_enough(own: float, warned: bool):
    assert bool(trained_gan._find_collapse({"distinct": own, "distinct_of_source": 0.4})) is warned


def test_few_held_out_sentences_say_nothing():
    points, classes = mixture(19, "heldout")
    assert judged(standard, Heldout(points, classes)) == ({}, "")


def test_real_points_of_a_class_nobody_has_are_those_of_any():
    latents = Latents(np.array([[1, 1], [5, 5]], np.float32), np.zeros((2, 2), np.float32), np.array([0, 0]))
    found = latents.draw_like(np.array([1] * 50 + [0] * 50), rng(1))
    assert Counter(found[:, 0].tolist()).keys() == {1.0, 5.0}


# The generator.


@pytest.fixture(scope="module")
def hopeless(learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GAN whose steps are far too long, beside the VAE that knows the toy corpus by heart."""
    directory = Path(shutil.copytree(learnt, tmp_path_factory.mktemp("hopeless"), dirs_exist_ok=True))
    with pytest.MonkeyPatch.context() as patch:
        messages: list[str] = []
        patch.setattr(trained_gan.logger, "warning", lambda *words: messages.append(words[0] % words[1:]))
        patch.setattr(trained_gan, "_RATE", 1.0)
        train_gan(CriticOptions(steps=50, hidden=16), "cpu", directory, 3)
    facts = read_learned(directory).facts
    assert messages == [f"gan: {facts['gan_warning']}"]
    return directory


def made(directory: Path, count: int = 200, label: str | None = None, **options: Any) -> Draft:
    draft = make(Gan, **options, temperature=0).sampler(directory)(count, rng(1), label)
    assert isinstance(draft, Draft)
    return draft


def wordings(draft: Draft) -> set[str]:
    return {Template.of(each).to_text() for each in draft.corpus}


def test_a_gan_that_failed_gives_way_to_a_gaussian(
    hopeless: Path, by_heart: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    facts = read_learned(hopeless).facts
    assert facts["gan_frechet"] > 2 * facts["gan_frechet_of_gaussian"]  # type: ignore[operator]
    assert str(facts["gan_warning"]).startswith("it ended ")
    with caplog.at_level(logging.WARNING):
        gaussian = made(hopeless, **by_heart)
    assert caplog.messages == [f"gan: a Gaussian for each class is used instead: {facts['gan_warning']}"]
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        own = made(hopeless, **by_heart, fallback=False)
    assert caplog.messages == []
    assert len(wordings(gaussian)) > 25
    assert len(wordings(own)) < len(wordings(gaussian)) / 2


def test_a_gan_that_did_not_fail_is_used(
    hopeless: Path, by_heart: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    directory = Path(shutil.copytree(hopeless, tmp_path, dirs_exist_ok=True))
    notes = json.loads((directory / "latent.json").read_text())
    (directory / "latent.json").write_text(json.dumps(notes | {"failed": ""}))
    with caplog.at_level(logging.WARNING):
        assert made(directory, **by_heart).corpus == made(hopeless, **by_heart, fallback=False).corpus
    assert caplog.messages == []


def test_the_classes_of_what_is_made(hopeless: Path, by_heart: dict[str, Any]):
    counts = Counter(each.label for each in made(hopeless, 400, **by_heart).corpus)
    assert counts["go"] == pytest.approx(200, abs=50)
    assert {each.label for each in made(hopeless, 20, "send", **by_heart).corpus} == {"send"}
    assert len(make(Gan, **by_heart).sampler(hopeless)(20, rng(1), "no such class")) == 0  # type: ignore[arg-type]


def test_what_reads_like_another_class_is_rejected(hopeless: Path, by_heart: dict[str, Any], tmp_path: Path):
    """As in the generator `vae`; the guesser here was taught the classes the other way round."""
    directory = Path(shutil.copytree(hopeless, tmp_path, dirs_exist_ok=True))
    guesser = ClassGuesser.read(directory)
    replace(guesser, weights=np.ascontiguousarray(guesser.weights[:, ::-1])).write(directory)
    draft, plain = made(directory, **by_heart), made(directory, **by_heart, same_class=False)
    assert draft.corpus == plain.corpus
    assert OTHER_CLASS not in plain.reasons
    assert [reason == OTHER_CLASS for reason in draft.reasons] == [reason is None for reason in plain.reasons]


def test_the_check_of_the_class_is_an_option_like_that_of_the_vae():
    own, other = ({each.name: each for each in describe(kind)}["same_class"] for kind in (Gan, Vae))
    assert (own.type, own.default) == (other.type, other.default) == ("bool", True)
    assert other.meaning == own.meaning.removesuffix(".") + "; not if training is private."


# Tiny sources.

QUICK: dict[str, Any] = TINY | {"epochs": 1, "size": 4, "critic": {"steps": 20, "hidden": 16}}


@pytest.mark.parametrize("corpus", [source(1)[:1], Corpus.from_columns(text=["hi"])])
def test_a_source_of_one_sentence(corpus: Corpus, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        facts = read_learned(fitted(make(Gan, **QUICK), tmp_path, corpus)).facts
    assert caplog.messages[0] == "gan: the source has 1 sentence, fewer than 20: little can be learnt"
    assert not any("collapsed" in message for message in caplog.messages)
    assert "collapsed" not in facts
    assert facts["gan_judged"] is False
    assert not {"gan_frechet", "gan_coverage", "gan_distinct"} & set(facts)
    assert len(made(tmp_path, 5, **QUICK).corpus) == 5


@pytest.mark.parametrize("sentences", [20, 39])
def test_a_network_is_compared_with_the_whole_source_where_few_are_held_out(
    sentences: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        facts = read_learned(fitted(make(Gan, **QUICK, heldout=0.05), tmp_path, source(1)[:sentences])).facts
    vae = TrainedVae.read(tmp_path, "cpu")
    training, compared = trained_gan.divide_latents(vae, 1)
    assert len(vae.heldout) == 1
    assert len(training.classes) == sentences - 1
    assert compared.classes.tolist() == vae.latents.classes.tolist()
    assert compared.unseen is False
    assert facts["gan_judged"] is True
    assert "gan_frechet" in facts
    assert not any("collapsed: 0.00 nats" in message for message in caplog.messages)


def test_a_network_is_compared_with_what_is_held_out_where_that_is_enough(tmp_path: Path):
    vae = TrainedVae.read(fitted(make(Gan, **QUICK, heldout=0.25), tmp_path), "cpu")
    training, compared = trained_gan.divide_latents(vae, 1)
    assert (len(training.classes), len(compared.classes), compared.unseen) == (60, 20, True)


def test_a_small_source_gives_the_same_bytes_whatever_the_number_of_threads(tmp_path: Path):
    written = []
    for count in (1, 2):
        with threads(count):
            directory = fitted(make(Gan, **QUICK), tmp_path / str(count))
        written.append({path.name: path.read_bytes() for path in directory.iterdir()})
    assert written[0] == written[1]
