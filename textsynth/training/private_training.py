"""Training with differential privacy: DP-SGD (Abadi et al. 2016), by opacus.

Each sentence is in a training step by a chance of its own, its gradient is clipped, and noise hides it in the sum. The
unit of privacy is one sentence; their number is taken to be known. The guarantee is of the weights of the last epoch
and of those before it. It is none of the curves, which are the plain losses of training sentences, and it holds only as
long as the seed is secret, since noise can be drawn again by whoever has it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from textsynth.components.learned import Guarantee
from textsynth.errors import MissingDependency, OptionError
from textsynth.foundation.distribution import say_how_to_install
from textsynth.training.descent_objective import DescentObjective
from textsynth.training.loop import Descent, Plan, seed_torch, train
from textsynth.training.options import NetworkSpec
from textsynth.training.schedule import choose_schedule
from textsynth.training.training_log import Curves, Facts
from textsynth.training.training_set import TrainingSet

if TYPE_CHECKING:
    from accelerate import Accelerator

_ORDERS = (*(1 + tenth / 10 for tenth in range(1, 110)), *range(12, 65), 80, 96, 128, 192, 256, 384, 512)
"""The orders of Rényi divergence among which the accountant takes the best."""

_TOLERANCE = 0.01
"""Share of a budget that may be left unspent."""

_PARTS = 10_000
"""Parts of 1 to which noise and ε are rounded up: four digits after the point."""

_AT_ONCE = 2**26
"""Numbers that the gradients of single sentences may have together, in memory: 256 MB, some three times over."""


@dataclass(frozen=True)
class Mechanism:
    """What is done to the gradients of sentences, and so what the weights may tell of one.

    Args:
        sentences: there are.
        batch: sentences a training step, on average.
        norm: what the gradient of each is clipped to.
        noise: standard deviation of the noise, in norms.
        delta: the δ of the guarantee.
    """

    sentences: int
    batch: int
    norm: float
    noise: float
    delta: float

    @property
    def rate(self) -> float:
        """The chance of a sentence to be in a training step."""
        return self.batch / self.sentences

    @property
    def steps_an_epoch(self) -> int:
        """Training steps after which a sentence was in one, on average."""
        return round(1 / self.rate)

    def compute_spent(self, steps: int) -> float:
        """Returns the ε that training steps have cost, rounded up."""
        return _up(_compute_epsilon(self.rate, self.noise, steps, self.delta))


def mechanism_of(spec: NetworkSpec, training_set: TrainingSet) -> Mechanism | None:
    """Returns the mechanism that spends the budget in all epochs; None if training is not private.

    Raises:
        OptionError: for a budget that no noise is enough for.
        MissingDependency: if opacus is not installed.
    """
    options = spec.privacy
    if options.epsilon is None:
        return None
    sentences = len(training_set.sentences)
    # Two digits: a guarantee is told as it is, and nobody wants to read 0.0016666666666666668.
    delta = options.delta or float(f"{1 / (10 * sentences):.1e}")
    # Without noise yet: how many steps there will be says how much is needed.
    quiet = Mechanism(sentences, min(training_set.batch, sentences), options.max_grad_norm, 0.0, delta)
    steps = choose_schedule(spec, sentences).epochs * quiet.steps_an_epoch
    noise = _noise(options.epsilon, quiet.rate, steps, delta)
    return Mechanism(sentences, quiet.batch, quiet.norm, noise, delta)


class PrivateDescent(Descent):
    """AdamW on one network, by the clipped gradients of single sentences and noise.

    Recurrent cells are exchanged for those of opacus until `restore`. The network must be of linear layers, embeddings
    and recurrent cells, sentences must not see each other, and must come by length, the longest first.

    Args:
        network: whose weights move; it is brought to the device.
        accelerator: the device. Its precision is not used: norms in bfloat16 are off by some thousandths.
        rate: the learning rate.
        mechanism: what is done to gradients.
    """

    def __init__(self, network: nn.Module, accelerator: Accelerator, rate: float, mechanism: Mechanism) -> None:
        self.mechanism = mechanism
        self._cells = _exchange_cells(network)
        super().__init__(network, accelerator, rate)
        self._hooks = _opacus().GradSampleModule(network)
        self.optimiser = _opacus().optimizers.DPOptimizer(
            self.optimiser,
            noise_multiplier=mechanism.noise,
            max_grad_norm=mechanism.norm,
            expected_batch_size=mechanism.batch,
        )
        # Each weight has a gradient for each sentence of a portion, all in memory at once.
        self._portion = max(1, _AT_ONCE // sum(weights.numel() for weights in network.parameters()))

    def step(self, loss: torch.Tensor) -> None:
        """Goes down one step; the loss must be the mean of those of single sentences."""
        self._gather(loss)
        self._advance()

    def follow(self, batch: Any, cost: Callable[[Any], torch.Tensor]) -> dict[str, float]:
        """Takes one step on some sentences, a portion after the other; without any it is a step of noise alone."""
        losses: list[float] = []
        for first in range(0, len(batch), self._portion):
            portion = batch[first : first + self._portion]
            loss = cost(portion)
            self._gather(loss)
            # Portions differ in size: the mean must be over sentences, not over portions.
            losses += [loss.item()] * len(portion)
        self._advance()
        return {"training_loss": float(np.mean(losses))} if losses else {}

    def restore(self) -> None:
        """Gives the network its own cells back, with what they have learnt."""
        self._hooks.to_standard_module()
        for owner, name, ordinary in self._cells:
            ordinary.load_state_dict(getattr(owner, name).state_dict())
            setattr(owner, name, ordinary.to(self.accelerator.device))

    def _gather(self, loss: torch.Tensor) -> None:
        """Adds up the clipped gradients of sentences."""
        with warnings.catch_warnings():
            # Symbols need no gradient; torch thinks that the hooks might have wanted one.
            warnings.filterwarnings("ignore", message="Full backward hook is firing")
            loss.backward()
        # A step that is skipped clips the gradients of each sentence and adds them to those before.
        self.optimiser.signal_skip_step(True)
        self.optimiser.step()
        self.optimiser.zero_grad()

    def _advance(self) -> None:
        """Adds noise to what was gathered, and goes that way: for opacus this is a last portion, of no sentence."""
        for weights in self.network.parameters():
            weights.grad_sample = weights.new_zeros(0, *weights.shape)  # type: ignore[attr-defined]
        # A step that is not skipped adds noise to what was summed up, and moves the weights.
        self.optimiser.signal_skip_step(False)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.steps += 1


class PrivateObjective(DescentObjective[nn.Module, np.ndarray]):
    """An objective whose batches are drawn by Poisson sampling; nothing is chosen by looking at the source.

    No loss is compared, so that training neither stops early nor picks the best weights.

    Args:
        objective: what is learnt.
        mechanism: how sentences are drawn.
        lengths: `(sentences,)`; symbols of each sentence.
    """

    def __init__(self, objective: DescentObjective[Any, np.ndarray], mechanism: Mechanism, lengths: np.ndarray) -> None:
        super().__init__(objective.network, objective.descent)
        self._objective, self._mechanism, self._lengths = objective, mechanism, lengths

    def batches(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yields positions of sentences, each drawn on its own, the longest first; there may be none."""
        for _ in range(self._mechanism.steps_an_epoch):
            # Poisson sampling: the accountant counts on draws that are independent, so batches differ in size.
            rows = np.flatnonzero(rng.random(len(self._lengths)) < self._mechanism.rate)
            yield rows[np.argsort(-self._lengths[rows], kind="stable")]

    def cost(self, batch: np.ndarray) -> torch.Tensor:
        """Returns what the sentences cost."""
        return self._objective.cost(batch)

    def measure(self) -> Mapping[str, float]:
        """Returns nothing: whatever is measured on the source would have to be paid for."""
        return {}

    def is_comparable(self) -> bool:
        """Says that losses are never compared."""
        return False


def descent_on(
    network: nn.Module, accelerator: Accelerator, rate: float, mechanism: Mechanism | None
) -> Descent | PrivateDescent:
    """Returns what goes down by a mechanism, or without one."""
    if mechanism is None:
        return Descent(network, accelerator, rate)
    return PrivateDescent(network, accelerator, rate, mechanism)


def train_privately(
    objective: DescentObjective[Any, np.ndarray],
    descent: PrivateDescent,
    lengths: np.ndarray,
    plan: Plan,
    directory: Path,
) -> tuple[Curves, Facts, Guarantee]:
    """Trains a network by a mechanism, for all epochs, and leaves it with its last weights.

    Args:
        objective: what is learnt, by this descent.
        descent: goes down by the mechanism.
        lengths: of the sentences.
        plan: how long.
        directory: where the checkpoint lies.

    Returns:
        The curves, which are not private, the facts, and the guarantee.
    """
    mechanism = descent.mechanism
    private = PrivateObjective(objective, mechanism, lengths)
    curves = train(private, plan, directory)
    descent.restore()
    # With δ, what any accountant needs to work out ε again.
    facts: Facts = {
        "epochs": plan.epochs,
        "steps": descent.steps,
        "sentences": mechanism.sentences,
        "batch": mechanism.batch,
        "noise_multiplier": mechanism.noise,
    }
    return curves, facts, Guarantee(mechanism.compute_spent(descent.steps), mechanism.delta)


def _noise(epsilon: float, rate: float, steps: int, delta: float) -> float:
    """Returns the least noise that keeps to a budget, rounded up."""
    _opacus()
    from opacus.accountants.utils import get_noise_multiplier

    budget = {"target_epsilon": epsilon, "target_delta": delta, "epsilon_tolerance": epsilon * _TOLERANCE}
    try:
        with _extremes():
            noise = get_noise_multiplier(**budget, sample_rate=rate, steps=steps, alphas=_ORDERS)
    except ValueError as error:
        raise OptionError(
            f"option 'privacy.epsilon': must be more for delta = {delta} and {steps} training steps, was: {epsilon}; "
            "no noise is enough"
        ) from error
    return _up(float(noise))


def _compute_epsilon(rate: float, noise: float, steps: int, delta: float) -> float:
    """Returns the ε of a Gaussian mechanism by its Rényi divergences (Mironov et al. 2019; Balle et al. 2020).

    If noise is so large that δ alone is enough, the formula falls under 0.
    """
    _opacus()
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    # All steps are alike, so their Rényi divergences are added up without a network.
    accountant.history = [(noise, rate, steps)]
    with _extremes():
        return max(0.0, float(accountant.get_epsilon(delta, list(_ORDERS))))


def _extremes() -> warnings.catch_warnings[None]:
    """Silences the warning that the best order is the first or the last: the bound holds, if not the tightest."""
    return warnings.catch_warnings(action="ignore", category=UserWarning)


def _up(value: float) -> float:
    """Rounds up to four digits after the point, so that no more is promised than holds.

    >>> _up(1.23451), _up(2.5)
    (1.2346, 2.5)
    """
    return math.ceil(value * _PARTS) / _PARTS


def _exchange_cells(network: nn.Module) -> list[tuple[nn.Module, str, nn.Module]]:
    """Exchanges recurrent cells for those of opacus.

    Returns:
        For each cell that was taken out: the module that had it, its name there, and the cell.
    """
    _opacus()
    from opacus.layers import DPGRU, DPLSTM

    kinds: dict[type[nn.Module], Any] = {nn.GRU: DPGRU, nn.LSTM: DPLSTM}
    found = [
        (owner, name, cell)
        for owner in network.modules()
        for name, cell in owner.named_children()
        if type(cell) in kinds
    ]
    for owner, name, cell in found:
        # Its first weights are thrown away, so they must not draw from the stream of the training.
        with seed_torch(0):
            private = kinds[type(cell)](
                cell.input_size, cell.hidden_size, batch_first=cell.batch_first, bidirectional=cell.bidirectional
            )
        # Both kinds of cell name their weights alike.
        private.load_state_dict(cell.state_dict())
        private.register_forward_pre_hook(_in_order)
        setattr(owner, name, private)
    return found


def _in_order(cell: nn.Module, inputs: tuple[Any, ...]) -> None:
    """Refuses sentences that packing has put in another order.

    The gradients of other layers keep the order they had, and opacus would clip parts of several sentences as one.
    """
    if isinstance(inputs[0], nn.utils.rnn.PackedSequence) and inputs[0].sorted_indices is not None:
        raise ValueError("sentences must come by length, the longest first, to have gradients of their own")


def _opacus() -> ModuleType:
    try:
        with warnings.catch_warnings(action="ignore"):
            import opacus
    except ImportError as error:
        raise MissingDependency(f"opacus is not installed; {say_how_to_install('torch')} ({error})") from error
    return opacus
