from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import prepared, rng

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")


from textsynth.errors import OptionError  # noqa: E402
from textsynth.foundation.progress import Silence, watch  # noqa: E402
from textsynth.networks.language_model import LanguageModel  # noqa: E402
from textsynth.networks.latent import Latents  # noqa: E402
from textsynth.networks.latent_gan import BETAS, GanObjective, LatentGan  # noqa: E402
from textsynth.networks.latent_network import Heldout, LatentShape  # noqa: E402
from textsynth.networks.objectives import KlPlan, LanguageModelObjective, VaeObjective  # noqa: E402
from textsynth.networks.vae import TextVae, VaeShape  # noqa: E402
from textsynth.training import loop as training  # noqa: E402
from textsynth.training.checkpoint import read_state  # noqa: E402
from textsynth.training.device import accelerator_on, one_thread  # noqa: E402
from textsynth.training.loop import Descent, Plan, seed_torch, train  # noqa: E402
from textsynth.wording.decoder import Shape  # noqa: E402

NAN = math.nan


class Counted(torch.nn.Module):
    """Its one weight counts the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = torch.nn.Parameter(torch.zeros(1))


class Toy:
    """A objective of two steps an epoch whose losses are given."""

    def __init__(self, losses: list[float], unsettled: int = 0) -> None:
        self.network = Counted()
        self.shares: list[float] = []
        self.drawn: list[int] = []
        self._losses, self._unsettled = losses, unsettled

    @property
    def epoch(self) -> int:
        return int(self.network.steps.item()) // 2

    def parts(self) -> Mapping[str, Any]:
        return {"network": self.network}

    def batches(self, stream: np.random.Generator) -> Iterator[int]:
        assert self.network.training
        return iter(stream.integers(1000, size=2).tolist())

    def slow_down(self, share: float) -> None:
        self.shares.append(share)

    def learn(self, batch: int) -> Mapping[str, float]:
        self.drawn.append(batch + int(torch.randint(1000, ()).item()))
        with torch.no_grad():
            self.network.steps += 1
        steps = self.network.steps.item()
        return {"step": steps} | ({"even": 1.0} if steps % 2 == 0 else {})

    def measure(self) -> Mapping[str, float]:
        assert not self.network.training
        return {"loss": self._losses[self.epoch - 1]}

    def is_comparable(self) -> bool:
        return self.epoch > self._unsettled


@pytest.mark.parametrize(
    ("losses", "unsettled", "patience", "epochs", "kept"),
    [
        ([5, 3, 4, 3, 1], 0, 2, 4, 2),
        ([5, 3, 4, 3, 1], 0, 3, 5, 5),
        ([5, 4, 3, 2, 1], 0, 1, 5, 5),
        ([1, 2, 3, 4, 5], 0, 1, 2, 1),
        ([5, 3, 4, 3, 1], 0, None, 5, 5),
        ([1, 2, 3, 4, 5], 0, None, 5, 5),
        ([1, 5, 3, 4, 5], 1, 2, 5, 3),
        ([1, 1, 1, 1, 1], 9, 1, 5, 5),
        ([NAN, 3, NAN, NAN, 1], 0, 2, 4, 2),
        ([NAN, NAN, 3, 2, 1], 0, 2, 2, 2),
    ],
)
def test_the_best_weights_are_kept(
    losses: list[float], unsettled: int, patience: int | None, epochs: int, kept: int, tmp_path: Path
):
    objective = Toy(losses, unsettled)
    curves = train(objective, Plan("toy", 5, patience, 1), tmp_path)
    assert curves["loss"] == pytest.approx(losses[:epochs], nan_ok=True)
    assert objective.epoch == kept
    assert not objective.network.training
    assert list(tmp_path.iterdir()) == []


def test_curves_have_the_mean_of_each_loss_by_epoch():
    assert train(Toy([3.0, 2.0, 1 / 3]), Plan("toy", 3, None, 1), Path("none")) == {
        "step": [1.5, 3.5, 5.5],
        "even": [1.0, 1.0, 1.0],
        "loss": [3.0, 2.0, 0.333333],
    }


def test_the_rate_falls_to_a_twentieth():
    objective = Toy([1.0] * 100)
    train(objective, Plan("toy", 100, None, 1), Path("none"))
    assert objective.shares[0] == 1.0
    assert objective.shares[50] == pytest.approx(0.525)
    assert objective.shares == sorted(objective.shares, reverse=True)
    assert 0.05 < objective.shares[-1] < 0.051


def test_every_epoch_has_randomness_of_its_own():
    objective, again, other = (Toy([1.0] * 4) for _ in range(3))
    torch.manual_seed(1)
    before = torch.get_rng_state()
    train(objective, Plan("toy", 4, None, 1), Path("none"))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    train(again, Plan("toy", 4, None, 1), Path("none"))
    train(other, Plan("toy", 4, None, 2), Path("none"))
    assert objective.drawn == again.drawn
    assert len(set(objective.drawn)) == 8
    assert not set(objective.drawn) & set(other.drawn)


def test_seeded_leaves_the_generator_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with seed_torch(1, "a"):
        first = torch.rand(3)
    with seed_torch(1, "b"):
        second = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with seed_torch(1, "a"):
        assert torch.equal(torch.rand(3), first)
    assert not torch.equal(first, second)


def test_threads_come_back():
    before = torch.get_num_threads()
    for asked, inside in ((True, 1), (False, before)):
        with one_thread(asked):
            assert torch.get_num_threads() == inside
        assert torch.get_num_threads() == before


class Told(Silence):
    """Takes down what is told; it may be cut off after so many epochs."""

    def __init__(self, epochs: int = 1000) -> None:
        self.total, self.done, self.said = 0, 0, [""]
        self._epochs = epochs

    def expect(self, total: int | None) -> None:
        self.total = total or 0

    def advance(self, amount: int) -> None:
        self.done += amount

    def tell(self, text: str) -> None:
        self.said.append(text)
        if self.done == self._epochs:
            raise KeyboardInterrupt


def test_progress_is_told():
    stage = Told()
    with watch(stage):
        train(Toy([3.0, 0.25]), Plan("toy", 2, None, 1), Path("none"))
    assert (stage.total, stage.done, stage.said[-1]) == (2, 2, "toy: step 3.5, even 1, loss 0.25")


def test_a_checkpoint_is_written_when_it_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "toy.checkpoint.safetensors"
    with pytest.raises(IndexError):
        train(Toy([1.0, 2.0]), Plan("toy", 5, 9, 1), tmp_path)
    assert not path.exists()
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(IndexError):
        train(Toy([1.0, 2.0]), Plan("toy", 5, 9, 1), tmp_path)
    state = read_state(path)
    assert (state["progress"]["epoch"], state["progress"]["best"], state["progress"]["worse"]) == (2, 1.0, 1)
    assert state["progress"]["weights"]["steps"].tolist() == [2]
    assert state["parts"]["network"]["steps"].tolist() == [4]


# Training that was cut off.


def text_vae(kl: Any) -> Callable[[], VaeObjective]:
    def built() -> VaeObjective:
        training_set = prepared(heldout=0.2)
        vocabulary, width = training_set.sentences.vocabulary, TextVae.condition_width(4, 2)
        shape = Shape("gru", vocabulary.inputs, vocabulary.outputs, 16, 16, dropout=0.2, condition=width)
        with seed_torch(1):
            network = TextVae(VaeShape(shape, 4, 2, 2, 1.0 if kl == "batch_norm" else None))
        descent = Descent(network, accelerator_on("cpu"), 0.01)
        training, heldout = (
            training_set.sentences.take(training_set.training),
            training_set.sentences.take(training_set.heldout),
        )
        return VaeObjective(network, descent, training, heldout, 16, KlPlan(kl, 2.0, 10))

    return built


def language_model(kind: Any) -> Callable[[], LanguageModelObjective]:
    def built() -> LanguageModelObjective:
        training_set = prepared("linear", heldout=0.2)
        vocabulary = training_set.sentences.vocabulary
        with seed_torch(1):
            shape = Shape(kind, vocabulary.inputs, vocabulary.outputs, 16, 16, 1, training_set.longest, 0.2)
            network = LanguageModel(shape)
        descent = Descent(network, accelerator_on("cpu"), 0.01)
        training, heldout = (
            training_set.sentences.take(training_set.training),
            training_set.sentences.take(training_set.heldout),
        )
        return LanguageModelObjective(network, descent, training, heldout, 16)

    return built


def latents() -> tuple[Latents, Heldout, LatentShape]:
    stream = rng("latents")
    classes = np.arange(60) % 2
    means = (stream.standard_normal((60, 3)) + 3 * classes[:, None]).astype(np.float32)
    source = Latents(means, np.full_like(means, 0.1), classes)
    return source, Heldout(means[:30], classes[:30]), LatentShape(3, 2, 16)


def gan(steps: int) -> Callable[[], GanObjective]:
    def built() -> GanObjective:
        source, heldout, shape = latents()
        with seed_torch(1):
            network = LatentGan(shape)
        network.fit_whitening(source)
        pair = [Descent(each, accelerator_on("cpu"), 1e-3, BETAS) for each in (network.critic, network.generator)]
        return GanObjective(network, pair, source, heldout, 16, steps)

    return built


OBJECTIVES: dict[str, Callable[[], Any]] = {
    **{f"vae, {kl}": text_vae(kl) for kl in ("free_bits", "batch_norm")},
    **{f"language model, {kind}": language_model(kind) for kind in ("gru", "lstm", "transformer")},
    "gan, 10 steps": gan(10),
    "gan, 7 steps": gan(7),
}


SIBLINGS = {"vae, batch_norm", "language model, lstm", "language model, transformer", "gan, 10 steps"}
"""Objectives that differ from another in a layer or a number; each has a twin that is not slow."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SIBLINGS else []) for name in OBJECTIVES]
)
def test_training_that_was_cut_off_comes_out_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It is killed twice: in the middle of the third epoch, and after the fourth, before its checkpoint."""
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    plan = Plan("here", 5, 3, 1)
    whole = OBJECTIVES[name]()
    torch.manual_seed(1)
    before = torch.get_rng_state()
    curves = train(whole, plan, tmp_path)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)

    objective = OBJECTIVES[name]()
    learn, steps = objective.learn, len(list(objective.batches(rng(1))))
    taken = iter(range(2 * steps + steps // 2))

    def cut(batch: Any) -> Mapping[str, float]:
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return dict(learn(batch))

    monkeypatch.setattr(objective, "learn", cut)
    with pytest.raises(KeyboardInterrupt):
        train(objective, plan, tmp_path)
    with pytest.raises(KeyboardInterrupt), watch(Told(4)):
        train(OBJECTIVES[name](), plan, tmp_path)
    assert read_state(tmp_path / "here.checkpoint.safetensors")["progress"]["epoch"] == 3

    last = OBJECTIVES[name]()
    assert train(last, plan, tmp_path) == curves
    assert list(tmp_path.iterdir()) == []
    expected, found = whole.network.state_dict(), last.network.state_dict()
    assert list(expected) == list(found)
    assert all(torch.equal(found[key], value) for key, value in expected.items())
    assert len(curves["loss"]) >= 4
    assert any(not torch.equal(found[key], value) for key, value in OBJECTIVES[name]().network.state_dict().items())


def test_losses_are_compared_once_the_divergence_has_its_weight():
    objective = text_vae("free_bits")()
    settled = []
    for rows in objective.batches(rng(1)):
        settled.append(objective.is_comparable())
        objective.learn(rows)
    assert settled == [False] * 4
    for _ in range(2):
        for rows in objective.batches(rng(1)):
            settled.append(objective.is_comparable())
            objective.learn(rows)
    assert settled == [False] * 10 + [True] * 2


def test_training_goes_on_with_as_many_processes_as_it_began_with():
    descent = Descent(Counted(), accelerator_on("cpu"), 0.01)
    state = descent.state_dict()
    descent.load_state_dict(state)
    with pytest.raises(OptionError, match="as many processes as it began with, 2, has 1"):
        descent.load_state_dict(state | {"processes": 2})
