from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import TINY, prepared, sentences, source, spec

torch = pytest.importorskip("torch")

from textsynth.corpus import Corpus  # noqa: E402
from textsynth.corpus.ragged import Ragged  # noqa: E402
from textsynth.networks.language_model import LanguageModel, sentence_nats  # noqa: E402
from textsynth.networks.latent import GaussianPrior, mutual_information  # noqa: E402
from textsynth.networks.objectives import (  # noqa: E402
    KlPlan,
    VaeObjective,
    costs,
    encode,
    importance_weighted_nats,
    nats,
    rebuilt,
)
from textsynth.networks.trained_vae import learn_vae  # noqa: E402
from textsynth.networks.vae import Posterior, TextVae, VaeShape  # noqa: E402
from textsynth.networks.vae_options import LatentOptions  # noqa: E402
from textsynth.training.device import accelerator_on  # noqa: E402
from textsynth.training.loop import Descent, seed_torch  # noqa: E402
from textsynth.wording.decoder import Kind, Shape  # noqa: E402
from textsynth.wording.sentences import Sentences  # noqa: E402

KINDS: list[Kind] = ["gru", "lstm", "transformer"]


@pytest.fixture(scope="module")
def toy() -> Sentences:
    return sentences()


def built(toy: Sentences, kind: Kind = "gru", latent: int = 4, labels: int = 2, scale: float | None = None) -> TextVae:
    vocabulary, width = toy.vocabulary, TextVae.condition_width(latent, labels)
    shape = Shape(kind, vocabulary.inputs, vocabulary.outputs, 16, 16, longest=40, condition=width)
    with seed_torch(5):
        return TextVae(VaeShape(shape, latent, len(vocabulary.classes), labels, scale)).eval()


def posterior(mean: list[list[float]], log_variance: float = 0.0) -> Posterior:
    means = torch.tensor(mean)
    return Posterior(means, torch.full_like(means, log_variance))


def test_divergence_by_hand():
    found = Posterior(torch.tensor([[0.0, 2.0], [1.0, 0.0]]), torch.tensor([[0.0, 0.0], [0.0, math.log(3)]])).kl()
    assert torch.allclose(found, torch.tensor([[0.0, 2.0], [0.5, (3 - math.log(3) - 1) / 2]]))


def test_points_of_the_posterior_have_its_mean_and_deviation():
    with seed_torch(1):
        points = Posterior(torch.full((20_000, 2), 3.0), torch.tensor([0.0, math.log(4)]).expand(20_000, 2)).sample()
    assert torch.allclose(points.mean(dim=0), torch.tensor([3.0, 3.0]), atol=0.05)
    assert torch.allclose(points.std(dim=0), torch.tensor([1.0, 2.0]), atol=0.05)


def test_free_bits_by_hand():
    kl = torch.tensor([[0.1, 5.0, 0.0], [0.5, 1.0, 4.0]])
    by_dimension = [0.3, 3.0, 2.0]
    assert float(KlPlan("free_bits", 3.0, 0).cost(kl)) == pytest.approx(1.0 + 3.0 + 2.0)
    assert float(KlPlan("free_bits", 7.5, 0).cost(kl)) == pytest.approx(2.5 + 3.0 + 2.5)
    for plan in (KlPlan("batch_norm", 3.0, 0), KlPlan("free_bits", 0.0, 0)):
        assert float(plan.cost(kl)) == pytest.approx(sum(by_dimension))


def test_what_is_under_the_floor_has_no_gradient():
    kl = torch.tensor([[0.1, 5.0], [0.5, 1.0]], requires_grad=True)
    KlPlan("free_bits", 2.0, 0).cost(kl).backward()
    assert kl.grad.tolist() == [[0.0, 0.5], [0.0, 0.5]]


def test_weights_of_the_divergence():
    plan = KlPlan("free_bits", 5.0, 400)
    assert [plan.weight(step) for step in (0, 100, 200, 400, 1000)] == [0.0, 0.25, 0.5, 1.0, 1.0]
    assert KlPlan("free_bits", 5.0, 0).weight(0) == 1.0


def test_batch_norm_holds_the_divergence_at_what_is_aimed_for(toy: Sentences):
    network = built(toy, scale=math.sqrt(2 * 6.0 / 4)).train()
    with torch.no_grad(), seed_torch(1):
        for rows in np.array_split(np.random.default_rng(1).permutation(len(toy)), 5):
            found = network.encode(toy.batch(rows))
            assert torch.allclose(found.mean.mean(dim=0), torch.zeros(4), atol=1e-4)
            assert float(found.kl().sum(dim=1).mean()) >= 6.0 - 0.05


def test_batch_norm_of_a_vae_that_is_learnt(tmp_path: Path):
    training_set, latent = prepared(), LatentOptions(size=4, kl="batch_norm", nats=6.0)
    trained = learn_vae(latent, training_set, spec(**TINY, epochs=6, learning_rate=0.01), tmp_path, 1)
    assert trained.network.shape.scale == pytest.approx(math.sqrt(3))
    assert float(encode(trained.network, training_set.sentences).kl().sum(dim=1).mean()) > 5.0


def test_the_divergence_in_training_goes_by_batches_and_leaves_the_network_as_it_was(toy: Sentences):
    """Whatever the norm remembers of training: here the means have moved since then."""
    network = built(toy, scale=math.sqrt(2 * 6.0 / 4))
    with torch.no_grad():
        network.mean.bias += 5.0
    objective = VaeObjective(
        network, Descent(network, accelerator_on("cpu"), 0.1), toy, toy, 16, KlPlan("batch_norm", 6.0, 0)
    )
    before = {name: value.clone() for name, value in network.state_dict().items()}
    usual = objective.divergence_in_training(np.random.default_rng(1))
    assert 6.0 - 0.1 <= usual < 6.5
    assert float(encode(network, toy).kl().sum(dim=1).mean()) > 100
    assert not network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize(
    ("options", "kl"),
    [
        ({"batch_size": 1}, "batch_norm"),
        ({"heldout": 0.99}, "batch_norm"),
        ({"heldout": 0.99}, "free_bits"),
        pytest.param({"batch_size": 1}, "free_bits", marks=pytest.mark.slow),
    ],
)
def test_a_batch_of_one_sentence(options: dict[str, Any], kl: Any, tmp_path: Path):
    tiny = {"hidden": 8, "embedding": 8, "vocabulary": 256, "device": "cpu", "epochs": 1} | options
    bare = Corpus.from_columns(text=source().texts.to_pylist())  # Of each class and label one would not be held out.
    training_set = prepared(corpus=bare, **tiny)
    assert len(training_set.training) == (1 if "heldout" in options else 80)
    latent = LatentOptions(size=2, kl=kl, nats=2.0, warm_up=0.0)
    trained = learn_vae(latent, training_set, spec(**tiny), tmp_path, 1)
    assert np.isfinite(trained.latents.mean).all()


# Mutual information.


def test_sentences_far_apart_tell_all_of_themselves():
    for count in (1, 2, 16, 100):
        apart = posterior([[100.0 * row, 0.0] for row in range(count)])
        assert mutual_information(apart) == pytest.approx(math.log(count), abs=1e-6)


def test_sentences_at_one_place_tell_nothing():
    assert mutual_information(posterior([[3.0, -1.0]] * 50, 1.0)) == pytest.approx(0, abs=1e-9)


def test_four_places_are_worth_two_bits():
    places = [[0.0, 0.0], [50.0, 0.0], [0.0, 50.0], [50.0, 50.0]]
    assert mutual_information(posterior(places * 25)) == pytest.approx(math.log(4), abs=1e-6)


def test_two_sentences_that_overlap():
    """Of two Gaussians at -1 and 1 with deviation 1, by numerical integration."""
    x = np.linspace(-12, 12, 100_001)
    density = [np.exp(-((x - centre) ** 2) / 2) / math.sqrt(2 * math.pi) for centre in (-1, 1)]
    exact = np.trapezoid(density[0] * np.log(density[0] / ((density[0] + density[1]) / 2)), x)
    assert mutual_information(posterior([[-1.0], [1.0]] * 1000)) == pytest.approx(exact, abs=0.06)


# The network.


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_costs_the_same_alone_and_among_longer_ones(kind: Kind, toy: Sentences):
    network = built(toy, kind)
    with torch.no_grad():
        together = network.encode(toy.batch(np.arange(len(toy))))
        latent = together.mean
        cost = network.reconstruction(toy.batch(np.arange(len(toy))), latent)
        for row in (0, 5, 41, 79):
            alone = network.encode(toy.batch(np.array([row])))
            assert torch.allclose(alone.mean[0], together.mean[row], atol=1e-5)
            assert torch.allclose(alone.log_variance[0], together.log_variance[row], atol=1e-5)
            own = network.reconstruction(toy.batch(np.array([row])), latent[row : row + 1])
            assert float(own) == pytest.approx(float(cost[row]), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_longer_than_any_of_the_source_has_a_place(kind: Kind, toy: Sentences):
    row = int(np.argmax(toy.lengths))
    long = Sentences(
        Ragged.of_lists([9 * toy.symbols[row].tolist()]),
        toy.classes[[row]],
        9 * toy.bags[[row]],
        toy.vocabulary,
    )
    assert long.lengths.max() > 40
    assert torch.isfinite(encode(built(toy, kind), long).mean).all()


def test_the_decoder_sees_latent_class_and_bag(toy: Sentences):
    network = built(toy)
    latent, classes, bags = torch.ones(2, 4), torch.tensor([0, 1]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    shown = network.condition(latent, classes, bags)
    assert shown.shape == (2, TextVae.condition_width(4, 2)) == (2, 4 + 32 + 32)
    assert torch.equal(shown[:, :4], latent)
    assert not torch.equal(shown[0, 4:36], shown[1, 4:36])
    assert not torch.equal(shown[0, 36:], shown[1, 36:])
    assert TextVae.condition_width(4, 0) == 36
    assert built(toy, labels=0).condition(latent, classes, bags).shape == (2, 36)


def test_the_nats_of_sentences_by_hand():
    logits = torch.log(torch.tensor([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], [[0.2, 0.2, 0.6], [1.0, 1.0, 1.0]]]))
    found = sentence_nats(logits, torch.tensor([[1, 1], [2, -100]]))
    assert found.tolist() == pytest.approx([-math.log(0.25) - math.log(0.8), -math.log(0.6)])


def test_costs_come_in_the_order_of_the_sentences(toy: Sentences):
    network = built(toy)
    with torch.no_grad():
        network.log_variance.weight.zero_()
        network.log_variance.bias.fill_(-30.0)  # is held at -8: hardly any noise
    found, where = costs(network, toy)
    for row in (0, 13, 79):
        cost, place = costs(network, toy.take(np.array([row])))
        assert torch.allclose(place.mean[0], where.mean[row], atol=1e-5)
        assert float(cost) == pytest.approx(float(found[row]), rel=1e-2)
    assert rebuilt(network, toy)[0] == pytest.approx(float(found.mean()), rel=1e-2)
    assert float(where.log_variance.min()) == float(where.log_variance.max()) == -8


# The importance-weighted likelihood.


def blind(toy: Sentences) -> TextVae:
    """A VAE whose decoder does not look at its latent."""
    network = built(toy)
    with torch.no_grad():
        network.decoder.first.weight[:, :4] = 0
        network.decoder.cell.weight_ih_l0[:, 16:20] = 0
    return network


def exact(toy: Sentences) -> float:
    """What sentences cost a decoder that does not look at its latent."""
    batch = toy.batch(np.arange(len(toy)))
    with torch.no_grad():
        return float(blind(toy).reconstruction(batch, torch.zeros(len(toy), 4)).mean())


def weighted(network: TextVae, toy: Sentences, prior: GaussianPrior | None = None, samples: int = 100) -> float:
    with seed_torch(3):
        [found] = importance_weighted_nats(network, toy, [prior], samples)
    return found


@pytest.mark.parametrize("samples", [1, 7])
def test_a_vae_that_is_a_language_model_has_its_likelihood(toy: Sentences, samples: int):
    network = blind(toy)
    with torch.no_grad():
        for layer in (network.mean, network.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
    assert weighted(network, toy, samples=samples) == pytest.approx(exact(toy), rel=1e-6)


def test_the_bound_falls_with_more_samples_to_the_likelihood(toy: Sentences):
    network = blind(toy)
    with torch.no_grad():
        network.mean.weight.mul_(2)
    divergence = float(encode(network, toy).kl().sum(dim=1).mean())
    few, some, many = (weighted(network, toy, samples=samples) for samples in (1, 10, 300))
    assert divergence > 0.2
    assert few == pytest.approx(exact(toy) + divergence, abs=0.5)
    assert few > some > many
    assert many == pytest.approx(exact(toy), abs=0.05)


def test_the_likelihood_of_one_latent_number_is_that_of_its_integral(toy: Sentences):
    network, few = built(toy, latent=1), toy.take(np.arange(36, 44))
    with torch.no_grad():
        network.decoder.first.weight.mul_(4)
        grid = torch.linspace(-8, 8, 401)
        for prior, centre, deviation in (
            (None, 0.0, 1.0),
            (GaussianPrior(np.ones((2, 1)), np.full((2, 1, 1), 0.5)), 1, 0.5),
        ):
            before = -((grid - centre) ** 2) / (2 * deviation**2) - math.log(deviation * math.sqrt(2 * math.pi))
            costs_at = [
                network.reconstruction(few.batch(np.full(len(grid), row)), grid[:, None]) for row in range(len(few))
            ]
            logs = torch.stack([torch.logsumexp(before - cost, dim=0) + math.log(0.04) for cost in costs_at])
            assert weighted(network, few, prior=prior, samples=1000) == pytest.approx(float(-logs.mean()), abs=0.15)


def test_a_fitted_standard_gaussian_is_no_other_prior(toy: Sentences):
    network = built(toy)
    standard = GaussianPrior(np.zeros((2, 4)), np.array([np.eye(4)] * 2))
    assert weighted(network, toy, prior=standard, samples=3) == pytest.approx(
        weighted(network, toy, samples=3), rel=1e-5
    )


def test_priors_are_compared_on_the_same_points(toy: Sentences):
    network = built(toy)
    other = GaussianPrior(np.ones((2, 4)), np.array([np.eye(4)] * 2))
    with seed_torch(3):
        both = importance_weighted_nats(network, toy, [None, other], 3)
    assert both == pytest.approx([weighted(network, toy, samples=3), weighted(network, toy, other, 3)], rel=1e-6)


def test_a_language_model_costs_what_its_chances_say(toy: Sentences):
    vocabulary = toy.vocabulary
    with seed_torch(1):
        network = LanguageModel(Shape("gru", vocabulary.inputs, vocabulary.outputs, 16, 16)).eval()
    with torch.no_grad():
        network.decoder.output.weight.zero_()
        network.decoder.output.bias.zero_()
    assert nats(network, toy) == pytest.approx(toy.lengths.mean() * math.log(vocabulary.outputs), rel=1e-5)
