"""Training with differential privacy: what a step is made of, what a budget is worth, and what is left behind."""

from __future__ import annotations

import copy
import math
import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent
from dp_accounting.rdp import RdpAccountant
from shared_work import build_once
from toy import make

torch = pytest.importorskip("torch")
pytest.importorskip("opacus")
special = pytest.importorskip("scipy.special")

from textsynth.components.generator import CopySampler, Draft, Generator  # noqa: E402
from textsynth.components.learned import read_learned  # noqa: E402
from textsynth.corpus import Corpus  # noqa: E402
from textsynth.errors import MissingDependency, OptionError  # noqa: E402
from textsynth.extract import Resources  # noqa: E402
from textsynth.foundation.progress import Silence, watch  # noqa: E402
from textsynth.foundation.seeding import child_rng  # noqa: E402
from textsynth.generators.language_model import LanguageModel  # noqa: E402
from textsynth.generators.vae import Vae  # noqa: E402
from textsynth.networks.language_model import LanguageModel as Network  # noqa: E402
from textsynth.networks.objectives import KlPlan, LanguageModelObjective  # noqa: E402
from textsynth.networks.trained_vae import TrainedVae  # noqa: E402
from textsynth.networks.vae import TextVae, VaeShape  # noqa: E402
from textsynth.networks.vae_writer import VaeWriter  # noqa: E402
from textsynth.training import loop as training  # noqa: E402
from textsynth.training.checkpoint import read_state  # noqa: E402
from textsynth.training.device import accelerator_on  # noqa: E402
from textsynth.training.loop import seed_torch  # noqa: E402
from textsynth.training.options import NetworkSpec  # noqa: E402
from textsynth.training.private_training import Mechanism, PrivateDescent, PrivateObjective, mechanism_of  # noqa: E402
from textsynth.training.training_log import read_curves  # noqa: E402
from textsynth.training.training_set import prepare_training_set  # noqa: E402
from textsynth.wording.decoder import Shape  # noqa: E402
from textsynth.wording.sentences import Sentences  # noqa: E402

# One process trains for all of them, so that no other waits for it.
pytestmark = pytest.mark.xdist_group("private_training")

SMALL: dict[str, Any] = {"hidden": 16, "embedding": 16, "vocabulary": 360, "device": "cpu"}
LEARNING = {"epochs": 2, "batch_size": 8, "epsilon": 8.0}
PRIOR: dict[str, Any] = {"sample": "prior", "bag": False, "size": 4}
PEOPLE = ["Adaline", "Zoë Quist", "Bo Liang", "Grace Hopwood", "Omar", "Иван Петров"]
CITIES = ["Parisville", "Rome", "São Paulo", "Oslo", "Cairo"]


def source() -> Corpus:
    """Sixty sentences of different lengths, with two labels and two classes."""
    rows = []
    for row in range(30):
        person, city = PEOPLE[row % len(PEOPLE)], CITIES[row % len(CITIES)]
        moved = f"{person} moved to " + "far " * (row % 3) + city
        rows.append((moved, [(0, len(person), "PERSON"), (len(moved) - len(city), len(moved), "CITY")], "move"))
        called = "do " * (row % 4) + "call " + person
        rows.append((called, [(len(called) - len(person), len(called), "PERSON")], "call"))
    texts, spans, labels = zip(*rows, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=labels)


def language_model(**options: Any) -> LanguageModel:
    return make(LanguageModel, **SMALL | LEARNING | options)


def spec_of(model: LanguageModel) -> NetworkSpec:
    return NetworkSpec(model.network, model.training, model.privacy, model.device)


def vae(**options: Any) -> Vae:
    return make(Vae, **SMALL | LEARNING | PRIOR | options)


def sentences() -> Sentences:
    """The sentences, the longest first."""
    all_of_them = prepare_training_set("here", source(), spec_of(language_model()), "slots", 1).sentences
    return all_of_them.take(np.argsort(-all_of_them.lengths, kind="stable"))


def fitted(generator: Generator, directory: Path, seed: int = 7) -> Path:
    directory.mkdir(exist_ok=True)
    generator.fit(Resources.of(source()), directory, child_rng(seed))
    return directory


def weights_in(directory: Path) -> dict[str, Any]:
    [path] = (path for name in ("vae", "language_model") for path in directory.glob(f"{name}.safetensors"))
    return read_state(path)


def network(kind: str, among: Sentences) -> Any:
    """A network with the mean costs of sentences; its randomness is left out, so that costs can be told apart."""
    vocabulary = among.vocabulary
    condition = TextVae.condition_width(4, 0) if kind == "vae" else 0
    cell = "gru" if kind == "vae" else kind
    shape = Shape(cell, vocabulary.inputs, vocabulary.outputs, 16, 16, condition=condition)
    with seed_torch(3):
        return TextVae(VaeShape(shape, 4, len(vocabulary.classes), 0)) if kind == "vae" else Network(shape)


def cost(network: Any, among: Sentences, rows: np.ndarray) -> Any:
    batch = among.batch(rows)
    if not isinstance(network, TextVae):
        return network(batch).mean()
    posterior = network.encode(batch)
    divergence = KlPlan("free_bits", 0.2, 0, single=True).cost(posterior.kl())
    return network.reconstruction(batch, posterior.mean).mean() + divergence


def gradients_alone(network: Any, among: Sentences, rows: np.ndarray) -> Any:
    """The gradient of each sentence by torch itself, `(sentences, weights)`."""
    return torch.stack(
        [
            flat(torch.autograd.grad(cost(network, among, rows[[row]]), list(network.parameters())))
            for row in range(len(rows))
        ]
    )


def flat(tensors: Any) -> Any:
    return torch.cat([each.flatten() for each in tensors])


def descent_of(network: Any, norm: float, noise: float, batch: int) -> tuple[PrivateDescent, list[Any]]:
    """A descent, and what it goes down each step: gradients in the order that ordinary networks have their weights."""
    order = [name for name, _ in network.named_parameters()]
    descent = PrivateDescent(network, accelerator_on("cpu"), 1e-3, Mechanism(60, batch, norm, noise, 1e-5))
    seen: list[Any] = []

    def look(_: Any) -> None:
        now = dict(descent.network.named_parameters())
        seen.append(flat([now[name].grad for name in order]).clone())

    descent.optimiser.attach_step_hook(look)
    return descent, seen


@pytest.mark.parametrize("kind", ["gru", "lstm", "vae"])
def test_a_step_is_the_sum_of_the_clipped_gradients_of_single_sentences(kind: str):
    among, rows = sentences(), np.arange(0, 60, 3)
    own = network(kind, among)
    alone = gradients_alone(copy.deepcopy(own), among, rows)
    norms = alone.norm(dim=1)
    norm = float(norms.median())
    assert norms.min() < norm < norms.max()
    clipped = (alone * (norm / norms).clamp(max=1)[:, None]).sum(dim=0) / 12
    descent, seen = descent_of(own, norm, 0.0, 12)
    descent.follow(rows, lambda part: cost(own, among, part))
    assert torch.allclose(seen[0], clipped, atol=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "vae"])
def test_a_huge_norm_and_hardly_any_noise_give_the_ordinary_gradient(kind: str):
    among, rows = sentences(), np.arange(20)
    own = network(kind, among)
    plain = copy.deepcopy(own)
    ordinary = flat(torch.autograd.grad(cost(plain, among, rows), list(plain.parameters())))
    descent, seen = descent_of(own, 1e6, 1e-12, 20)
    with seed_torch(1):
        descent.follow(rows, lambda part: cost(own, among, part))
    assert torch.nn.functional.cosine_similarity(seen[0], ordinary, dim=0) > 0.9999
    assert torch.allclose(seen[0], ordinary, atol=1e-4)


def test_portions_make_no_difference():
    among, rows, made = sentences(), np.arange(20), []
    for portion in (3, 100):
        own = network("vae", among)
        descent, seen = descent_of(own, 0.5, 0.0, 20)
        descent._portion = portion
        losses = descent.follow(rows, lambda part, own=own: cost(own, among, part))
        made.append((seen[0], losses["training_loss"]))
    assert torch.allclose(made[0][0], made[1][0], atol=1e-6)
    assert made[0][1] == pytest.approx(made[1][1], rel=1e-5)


def test_a_step_without_a_sentence_is_noise_of_the_right_size():
    descent, seen = descent_of(network("gru", sentences()), 0.5, 3.0, 4)
    with seed_torch(1):
        assert descent.follow(np.zeros(0, np.int64), lambda part: pytest.fail("there is none")) == {}
        assert descent.follow(np.zeros(0, np.int64), lambda part: pytest.fail("there is none")) == {}
    assert float(seen[0].std()) == pytest.approx(3.0 * 0.5 / 4, rel=0.02)
    assert abs(float(torch.corrcoef(torch.stack(seen))[0, 1])) < 0.05


def test_the_network_gets_its_own_cells_back_with_what_they_learnt():
    among = sentences()
    own = network("vae", among)
    before = copy.deepcopy(own)
    descent, _ = descent_of(own, 1.0, 1.0, 20)
    with seed_torch(1):
        descent.follow(np.arange(20), lambda part: cost(own, among, part))
        changed = float(cost(own, among, np.arange(20)).detach())
    descent.restore()
    assert list(own.state_dict()) == list(before.state_dict())
    assert [type(each) for each in own.modules()] == [type(each) for each in before.modules()]
    assert float(cost(own, among, np.arange(20)).detach()) == pytest.approx(changed, rel=1e-5)
    assert float(cost(before, among, np.arange(20)).detach()) != pytest.approx(changed, rel=1e-5)
    assert not any(hasattr(weights, "grad_sample") for weights in own.parameters())


def test_sentences_that_packing_would_put_in_another_order_are_refused():
    among = sentences()
    own = network("vae", among)
    descent, _ = descent_of(own, 1.0, 1.0, 20)
    with pytest.raises(ValueError, match="longest first"):
        descent.follow(np.arange(20)[::-1], lambda part: cost(own, among, part))


def test_sentences_are_drawn_each_on_its_own():
    among = sentences()
    mechanism = Mechanism(60, 5, 1.0, 1.0, 1e-5)
    objective = LanguageModelObjective(network("gru", among), None, among, among, 5)  # type: ignore[arg-type]
    private = PrivateObjective(objective, mechanism, among.lengths)
    drawn = [list(private.batches(child_rng(seed))) for seed in range(100)]
    assert all(len(epoch) == 12 for epoch in drawn)
    sizes = np.array([len(rows) for epoch in drawn for rows in epoch])
    counts = np.bincount(np.concatenate([rows for epoch in drawn for rows in epoch]), minlength=60)
    assert sizes.mean() == pytest.approx(5, rel=0.05)
    assert sizes.var() == pytest.approx(60 * (1 / 12) * (11 / 12), rel=0.15)
    assert (sizes == 0).any()
    assert np.abs(counts - 100).max() < 5 * math.sqrt(100)
    for rows in drawn[0]:
        assert len(set(rows)) == len(rows)
        assert (np.diff(among.lengths[rows]) <= 0).all()


# What a budget is worth. All that follows is written from the papers, without opacus.


def divergence(rate: float, noise: float, order: float) -> float:
    """The Rényi divergence of a step of the sampled Gaussian mechanism (Mironov, Talwar & Zhang 2019, section 3.3).

    For a whole order it is a sum, for others the integral that the sum stands for.
    """
    if order != int(order):
        points = np.linspace(-15 * noise, order + 15 * noise, 100_001)
        ratio = np.log1p(rate * np.expm1((2 * points - 1) / (2 * noise**2)))
        density = -np.square(points / noise) / 2 - math.log(noise * math.sqrt(2 * math.pi))
        return math.log(float(np.trapezoid(np.exp(density + order * ratio), points))) / (order - 1)
    terms = [
        math.lgamma(order + 1) - math.lgamma(k + 1) - math.lgamma(order - k + 1)
        + (order - k) * math.log(1 - rate) + k * math.log(rate) + k * (k - 1) / (2 * noise**2)
        for k in range(int(order) + 1)
    ]  # fmt: skip
    return float(special.logsumexp(terms)) / (order - 1)


def balle(order: float, divergence: float, delta: float) -> float:
    """From a Rényi divergence to ε (Balle et al. 2020, theorem 21)."""
    return divergence + math.log((order - 1) / order) - (math.log(delta) + math.log(order)) / (order - 1)


def mironov(order: float, divergence: float, delta: float) -> float:
    """From a Rényi divergence to ε, as first (Mironov 2017, proposition 3)."""
    return divergence - math.log(delta) / (order - 1)


def epsilon_by_divergences(
    rate: float, noise: float, steps: int, delta: float, conversion: Callable[[float, float, float], float] = balle
) -> float:
    orders = [*np.arange(1.25, 6, 0.25), *range(6, 257)]
    return min(conversion(order, steps * divergence(rate, noise, order), delta) for order in orders)


def delta_of(rate: float, noise: float, steps: int, epsilon: float) -> float:
    """The true δ of an ε: the distribution of privacy losses, convolved (Koskela et al. 2020), the worse direction."""
    width, size = 1e-3, 2**17
    edges = np.linspace(-14 * noise, 1 + 14 * noise, 400_001)
    middle = (edges[1:] + edges[:-1]) / 2
    without = np.diff(special.ndtr(edges / noise))
    within = (1 - rate) * without + rate * np.diff(special.ndtr((edges - 1) / noise))
    loss = np.log1p(rate * np.expm1((2 * middle - 1) / (2 * noise**2)))
    found = []
    for chance, losses in ((within, loss), (without, -loss)):
        cells = np.round(losses / width).astype(int) % size
        total = np.fft.irfft(np.fft.rfft(np.bincount(cells, chance, size)) ** steps, size)
        value = np.fft.fftfreq(size, 1 / size) * width
        found.append(float(np.sum(total * np.maximum(0, -np.expm1(epsilon - value)))))
    return max(found)


def test_the_accountants_of_this_test_are_right():
    # Abadi et al. 2016, section 5.1: q = 0.01, σ = 4, δ = 1e-5 and 100 epochs are ε = 1.26.
    assert epsilon_by_divergences(0.01, 4, 10_000, 1e-5, mironov) == pytest.approx(1.26, abs=0.005)
    assert divergence(0.07, 1.2, 2.999999) == pytest.approx(divergence(0.07, 1.2, 3), rel=1e-5)
    # Balle & Wang 2018, theorem 8: without sampling, all steps together are one Gaussian mechanism.
    spread = math.sqrt(30) / 5
    exact = special.ndtr(spread / 2 - 1 / spread) - math.e * special.ndtr(-spread / 2 - 1 / spread)
    assert delta_of(1.0, 5.0, 30, 1.0) == pytest.approx(float(exact), rel=1e-2)


@pytest.mark.parametrize(
    ("epsilon", "delta", "epochs"),
    [
        (0.5, 1e-5, 3),
        (1.0, None, 20),
        pytest.param(3.0, 1e-4, 40, marks=pytest.mark.slow),
        pytest.param(8.0, None, 40, marks=pytest.mark.slow),
    ],
)
def test_no_more_is_spent_than_asked_for_and_no_less_than_is_true(epsilon: float, delta: float | None, epochs: int):
    options = spec_of(language_model(epsilon=epsilon, delta=delta, epochs=epochs))
    mechanism = mechanism_of(options, prepare_training_set("here", source(), options, "slots", 1))
    assert mechanism is not None
    assert (mechanism.rate, mechanism.steps_an_epoch) == (4 / 60, 15)
    assert mechanism.delta == pytest.approx(delta or 1 / 600, rel=0.05)
    steps = epochs * 15
    spent = mechanism.compute_spent(steps)
    assert 0.98 * epsilon <= spent <= epsilon
    assert spent == pytest.approx(epsilon_by_divergences(4 / 60, mechanism.noise, steps, mechanism.delta), rel=0.05)
    assert delta_of(4 / 60, mechanism.noise, steps, spent) <= mechanism.delta
    assert mechanism.compute_spent(steps // 3) < spent


@pytest.mark.parametrize("noise", [1.0, 5.0, 40.0])
def test_without_sampling_it_lies_between_the_exact_epsilon_and_the_closed_form(noise: float):
    steps, delta = 30, 1e-5
    spent = Mechanism(10, 10, 1.0, noise, delta).compute_spent(steps)
    rho, spread = steps / (2 * noise**2), math.sqrt(steps) / noise
    # Mironov 2017: the best order of a Gaussian, in closed form.
    assert spent <= rho + 2 * math.sqrt(rho * math.log(1 / delta))
    log_other = spent + special.log_ndtr(-spread / 2 - spent / spread)
    assert special.ndtr(spread / 2 - spent / spread) - math.exp(log_other) <= delta


def test_a_budget_no_noise_is_enough_for_is_refused():
    options = spec_of(language_model(epsilon=1e-3, delta=1e-9))
    with pytest.raises(
        OptionError, match=r"option 'privacy.epsilon': must be more for delta = 1e-09 and 30 training steps"
    ):
        mechanism_of(options, prepare_training_set("here", source(), options, "slots", 1))


def test_free_bits_are_under_each_sentence():
    kl = torch.tensor([[0.0, 3.0], [2.0, 0.0]])
    assert float(KlPlan("free_bits", 2.0, 0).cost(kl)) == 2.5
    single = KlPlan("free_bits", 2.0, 0, single=True)
    assert float(single.cost(kl)) == np.mean([1 + 3, 2 + 1])
    assert float(single.cost(kl)) == np.mean([float(single.cost(row[None])) for row in kl])


# Generators that are trained so.

PRIVATE: dict[str, Callable[..., Any]] = {
    "linear": lambda **options: language_model(marks="linear", **options),
    "lstm": lambda **options: language_model(kind="lstm", **options),
    "vae": vae,
}


@pytest.fixture(scope="module", params=["linear", "vae", pytest.param("lstm", marks=pytest.mark.slow)])
def learned(request: pytest.FixtureRequest) -> tuple[str, Path]:
    """Each with a directory it was fitted in, and not a word said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = PRIVATE[request.param]()
        return request.param, build_once(f"private {request.param}", lambda place: fitted(made, place))


def test_the_guarantee_is_among_what_was_learned(learned: tuple[str, Path]):
    facts, guarantee = read_learned(learned[1]).facts, read_learned(learned[1]).guarantee
    assert set(facts) == {"epochs", "steps", "sentences", "batch", "noise_multiplier"}
    assert (facts["epochs"], facts["steps"], facts["sentences"], facts["batch"]) == (2, 30, 60, 4)
    assert guarantee is not None
    assert 7.8 <= guarantee.epsilon <= 8
    assert guarantee.delta == 0.0017
    mechanism = Mechanism(60, 4, 1.0, float(facts["noise_multiplier"] or 0), guarantee.delta)
    assert guarantee.epsilon == mechanism.compute_spent(30)


def test_dp_accounting_works_out_the_same_from_the_facts(learned: tuple[str, Path]):
    facts, guarantee = read_learned(learned[1]).facts, read_learned(learned[1]).guarantee
    assert guarantee is not None
    step = PoissonSampledDpEvent(facts["batch"] / facts["sentences"], GaussianDpEvent(facts["noise_multiplier"]))
    spent = RdpAccountant().compose(step, int(facts["steps"] or 0)).get_epsilon(guarantee.delta)
    assert guarantee.epsilon == pytest.approx(spent, rel=0.02)


def test_all_epochs_are_trained_and_no_loss_is_held_out(learned: tuple[str, Path]):
    [curves] = read_curves(learned[1]).values()
    assert list(curves) == ["training_loss"]
    assert len(curves["training_loss"]) == 2
    assert np.isfinite(curves["training_loss"]).all()


@pytest.mark.slow
def test_weights_move_and_another_seed_moves_them_elsewhere(learned: tuple[str, Path], tmp_path: Path):
    name, directory = learned
    last = weights_in(directory)
    still = weights_in(fitted(PRIVATE[name](epochs=1, learning_rate=1e-12), tmp_path / "still"))
    assert all(float((last[key] - still[key]).abs().max()) > 1e-3 for key in last)
    other = weights_in(fitted(PRIVATE[name](epochs=1), tmp_path / "other", seed=8))
    assert not any(torch.equal(other[key], last[key]) for key in last)


@pytest.mark.parametrize("label", [None, "move", "call"])
def test_examples_have_the_classes_and_exact_spans(learned: tuple[str, Path], label: str | None):
    name, directory = learned
    made = PRIVATE[name]().sampler(directory)(60, child_rng(3), label)
    corpus = made.corpus if isinstance(made, Draft) else made
    assert len(corpus) == 60
    assert Corpus(corpus.table) == corpus
    assert set(corpus.classes) <= ({"move", "call"} if label is None else {label})
    if name != "linear":
        mentions = [(span.label, example.text[span.start : span.end]) for example in corpus for span in example.spans]
        assert mentions
        assert all(mention in {"PERSON": PEOPLE, "CITY": CITIES}[label] for label, mention in mentions)


def test_a_class_nobody_has_gives_nothing(learned: tuple[str, Path]):
    assert len(PRIVATE[learned[0]]().sampler(learned[1])(5, child_rng(3), "no such class")) == 0


def test_nothing_of_a_sentence_is_left_in_the_directory(learned: tuple[str, Path]):
    name, directory = learned
    kept = {
        "curves.json",
        "learned.json",
        "pools.parquet",
        "records.parquet",
        "style.json",
        "uses.parquet",
        "vocabulary.json",
    }
    own = {"vae.json", "vae.safetensors", "latents.safetensors", "source.safetensors"}
    own = own if name == "vae" else {"language_model.json", "language_model.safetensors"}
    assert {path.name for path in directory.iterdir()} == kept | own
    for path in directory.iterdir():
        content = path.read_bytes()
        assert not any(text.encode() in content for text in source().texts.to_pylist())
        if path.name not in ("pools.parquet", "vocabulary.json"):
            assert not any(mention.encode() in content for mention in PEOPLE + CITIES)


@pytest.fixture(scope="module")
def private_vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fitted(vae(epochs=1), tmp_path_factory.mktemp("vae"))


def test_of_the_source_a_vae_keeps_how_many_sentences_each_class_has(private_vae: Path):
    trained = TrainedVae.read(private_vae, "cpu")
    assert not trained.latents.mean.any()
    assert (trained.latents.deviation == 1).all()
    assert trained.latents.classes.tolist() == [0] * 30 + [1] * 30
    assert not trained.bags.any()
    assert len(trained.heldout) == 0


def test_a_vae_draws_from_the_standard_gaussian(private_vae: Path):
    writer = VaeWriter(private_vae, "cpu", (0.7, 1.0), same_class=False)
    points = writer.prior.draw(np.repeat([0, 1], 5000), child_rng(1))
    assert np.allclose(points.mean(axis=0), 0, atol=0.05)
    assert np.allclose(np.cov(points.T), np.eye(4), atol=0.05)


def test_there_are_no_copies_of_what_is_not_kept(private_vae: Path):
    assert not isinstance(vae().sampler(private_vae), CopySampler)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "transformer"}, "network.kind must be 'gru' or 'lstm', was 'transformer'"),
        ({"sample": "posterior"}, "sample must be 'prior', was 'posterior'"),
        ({"sample": "interpolation"}, "sample must be 'prior', was 'interpolation'"),
        ({"bag": True}, "latent.bag must be false, was true"),
        ({"kl": "batch_norm"}, "latent.kl must be 'free_bits', was 'batch_norm'"),
    ],
)
def test_what_privacy_does_not_go_with_is_refused(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        vae(**options)
    assert str(caught.value).startswith(f"option 'privacy.epsilon': {message}: ")
    vae(**options, epsilon=None)


def test_a_private_transformer_is_refused():
    with pytest.raises(
        OptionError, match=r"^option 'privacy.epsilon': network.kind must be 'gru' or 'lstm', was 'transformer'"
    ):
        language_model(kind="transformer")
    language_model(kind="transformer", epsilon=None)


class Cut(Silence):
    """A stage that is cut off in its second epoch."""

    def __init__(self) -> None:
        self.epochs = 0

    def advance(self, amount: int) -> None:
        self.epochs += amount
        if self.epochs == 2:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_a_fit_that_was_cut_off_spends_and_learns_the_same_whatever_the_global_generators_say(
    learned: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    name, directory = learned
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt), watch(Cut()):
        fitted(PRIVATE[name](), tmp_path)
    [checkpoint] = tmp_path.glob("*.checkpoint.safetensors")
    assert read_state(checkpoint)["parts"]["descent 0"]["steps"] == 15
    fitted(PRIVATE[name](), tmp_path)
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before
    assert read_learned(tmp_path) == read_learned(directory)
    written = {path.name: path.read_bytes() for path in directory.iterdir()}
    assert written == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_without_opacus_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "opacus", None)
    options = spec_of(language_model())
    with pytest.raises(MissingDependency, match=r"opacus is not installed; pip install 'textsynth-corpora\[torch\]'"):
        mechanism_of(options, prepare_training_set("here", source(), options, "slots", 1))
