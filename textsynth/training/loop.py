"""The one training loop: epochs, early stopping, checkpoints, curves, progress."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from torch import nn

from textsynth.errors import OptionError
from textsynth.foundation.progress import current_stage
from textsynth.foundation.seeding import child_rng, child_seed
from textsynth.training.checkpoint import read_state, write_state
from textsynth.training.device import has_fused_adamw
from textsynth.training.together import add_up, add_up_gradients, together
from textsynth.training.training_log import Curves

if TYPE_CHECKING:
    from accelerate import Accelerator

CHECKPOINT_SECONDS = 10.0
"""An epoch may take less time than its checkpoint; a kill costs at most this, or one epoch."""

_LAST_SHARE = 0.05
"""Share of the first learning rate that is left in the last epoch."""

_QUICK = 10.0
"""How many times as far parameters go that have everything to learn."""


class Stateful(Protocol):
    """What a checkpoint holds: a network or an optimiser."""

    def state_dict(self) -> Any:
        """Returns all it knows."""

    def load_state_dict(self, state: Any) -> Any:
        """Takes over what another knew."""


class Objective(Protocol):
    """What is to be learnt, and how."""

    @property
    def network(self) -> nn.Module:
        """The network whose best weights are kept."""

    def parts(self) -> Mapping[str, Stateful]:
        """Returns all that changes in training, by name."""

    def batches(self, rng: np.random.Generator) -> Iterable[Any]:
        """Yields the batches of one epoch."""

    def slow_down(self, share: float) -> None:
        """Sets the learning rate to a share of what it was at first."""

    def learn(self, batch: Any) -> Mapping[str, float]:
        """Takes one step, and returns its losses by name."""

    def measure(self) -> Mapping[str, float]:
        """Returns what the curves show after an epoch; the lowest "loss" is the best."""

    def is_comparable(self) -> bool:
        """Says whether losses can be compared already; until then no weights are the best and nothing stops early."""


@dataclass(frozen=True)
class Plan:
    """How long to train.

    Args:
        name: what is trained; the checkpoint bears it.
        epochs: at most.
        patience: epochs without a better loss before training stops; None never stops early, and keeps the last
            weights.
        seed: of all that is random.
    """

    name: str
    epochs: int
    patience: int | None
    seed: int


@dataclass
class _Progress:
    """How far training has come."""

    epoch: int = 0
    best: float = float("inf")
    worse: int = 0
    weights: Any = None
    curves: Curves = field(default_factory=dict)


class Descent:
    """AdamW on one network, its gradients clipped to a norm; it counts its steps, through checkpoints.

    Args:
        network: whose weights move; it is brought to the device.
        accelerator: the device and its precision.
        rate: the learning rate.
        betas: how long the optimiser remembers gradients, and their squares.
        clip: the norm that gradients may have; infinite for any.
        quick: those of its parameters that go ten times as far, as they have everything to learn.
        shared: whether the loss of a step is one part of it, the others being those of processes that train together.

    Raises:
        OptionError: if it takes over what another number of processes knew: that would come out otherwise.
    """

    def __init__(  # noqa: PLR0913
        self,
        network: nn.Module,
        accelerator: Accelerator,
        rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        clip: float = 5.0,
        quick: Sequence[nn.Parameter] = (),
        *,
        shared: bool = False,
    ) -> None:
        self.accelerator = accelerator
        self.network = network.to(accelerator.device)
        fused = has_fused_adamw(accelerator.device)
        chosen = {id(each) for each in quick}
        others = [each for each in network.parameters() if id(each) not in chosen]
        groups = {rate: others, _QUICK * rate: list(quick)} if quick else {rate: others}
        # Not wrapped by accelerate, which looks for a package three times a step: of one process, with neither scaled
        # losses nor gradients that add up, it would do the same, and a small network's step takes less than the look.
        self.optimiser: Any = torch.optim.AdamW(
            [{"params": each, "lr": own} for own, each in groups.items()], betas=betas, fused=fused
        )
        self._rates, self._clip = list(groups), clip
        self._processes = together().size if shared else 1
        self.steps = 0

    def state_dict(self) -> dict[str, Any]:
        """Returns what the optimiser knows, the number of steps taken, and by how many processes."""
        return {"optimiser": self.optimiser.state_dict(), "steps": self.steps, "processes": self._processes}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over what another knew."""
        if state["processes"] != self._processes:
            raise OptionError(
                f"training must go on with as many processes as it began with, {state['processes']}, has "
                f"{self._processes}: it would come out otherwise"
            )
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]

    def slow_down(self, share: float) -> None:
        """Sets the learning rate to a share of what it was at first."""
        for group, rate in zip(self.optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * share

    def step(self, loss: torch.Tensor) -> None:
        """Goes down one step."""
        self.optimiser.zero_grad()
        loss.backward()
        if self._processes > 1:
            add_up_gradients(self.network.parameters())
        if math.isfinite(self._clip):
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._clip)
        self.optimiser.step()
        self.steps += 1

    def follow(self, batch: Any, cost: Callable[[Any], torch.Tensor]) -> dict[str, float]:
        """Takes one step on a batch, and returns its loss by name.

        Args:
            batch: such as the positions of sentences, `(sentences,)`.
            cost: returns the mean loss of a batch.
        """
        return self.take(lambda: cost(batch))

    def take(self, cost: Callable[[], torch.Tensor]) -> dict[str, float]:
        """Takes one step down a loss, and returns it by name."""
        with self.accelerator.autocast():
            loss = cost()
        self.step(loss)
        return {"training_loss": add_up(loss.item()) if self._processes > 1 else loss.item()}


def train(objective: Objective, plan: Plan, directory: Path) -> Curves:
    """Trains a network, and leaves it with its best weights.

    After every epoch, though not oftener than every ten seconds, a checkpoint is written into the directory; if there
    is one, training goes on from it and comes out the same. It is removed in the end.

    Args:
        objective: what is learnt.
        plan: how long.
        directory: where the checkpoint lies.

    Returns:
        For each name that `learn` and `measure` give, one value an epoch.
    """
    path = directory / f"{plan.name}.checkpoint.safetensors"
    progress = _resume(objective, path) if path.exists() else _Progress()
    stage, saved = current_stage(), time.monotonic()
    stage.expect(plan.epochs)
    stage.advance(progress.epoch)
    while progress.epoch < plan.epochs and (plan.patience is None or progress.worse < plan.patience):
        _run_epoch(objective, plan, progress)
        stage.advance(1)
        stage.tell(_describe(plan, progress))
        # Seconds decide only when a checkpoint is written, never what comes out.
        if time.monotonic() - saved >= CHECKPOINT_SECONDS:
            write_state(_state(objective, progress), path)
            saved = time.monotonic()
    if progress.weights is not None and plan.patience is not None:
        objective.network.load_state_dict(progress.weights)
    objective.network.eval()
    path.unlink(missing_ok=True)
    return progress.curves


@contextmanager
def seed_torch(*names: int | str) -> Iterator[None]:
    """Seeds torch while the block runs, and leaves its global generator as it was."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(child_seed(0, *names) % 2**63)
        yield


def _run_epoch(objective: Objective, plan: Plan, progress: _Progress) -> None:
    """Trains for one epoch, which has random numbers of its own, so that it does not matter when the process began."""
    losses: dict[str, list[float]] = {}
    with seed_torch(plan.seed, plan.name, progress.epoch):
        objective.network.train()
        objective.slow_down(_share(progress.epoch / plan.epochs))
        for batch in objective.batches(child_rng(plan.seed, plan.name, progress.epoch)):
            for name, value in objective.learn(batch).items():
                losses.setdefault(name, []).append(value)
        objective.network.eval()
        with torch.no_grad():
            measured = objective.measure()
    progress.epoch += 1
    for name, value in {**{name: float(np.mean(each)) for name, each in losses.items()}, **measured}.items():
        progress.curves.setdefault(name, []).append(round(value, 6))
    if objective.is_comparable():
        _compare(objective, progress, measured["loss"])


def _share(done: float) -> float:
    """Returns the share of the learning rate after a share of the epochs: half a wave from 1 down to almost 0.

    >>> [round(_share(done), 3) for done in (0, 0.5, 1)]
    [1.0, 0.525, 0.05]
    """
    return _LAST_SHARE + (1 - _LAST_SHARE) * (1 + math.cos(math.pi * done)) / 2


def _compare(objective: Objective, progress: _Progress, loss: float) -> None:
    progress.worse += 1
    if loss < progress.best:
        progress.best, progress.worse = loss, 0
        progress.weights = copy.deepcopy(objective.network.state_dict())


def _state(objective: Objective, progress: _Progress) -> dict[str, Any]:
    parts = {name: part.state_dict() for name, part in objective.parts().items()}
    return {"parts": parts, "progress": vars(progress)}


def _resume(objective: Objective, path: Path) -> _Progress:
    state = read_state(path)
    for name, part in objective.parts().items():
        part.load_state_dict(state["parts"][name])
    return _Progress(**state["progress"])


def _describe(plan: Plan, progress: _Progress) -> str:
    last = ", ".join(f"{name.replace('_', ' ')} {values[-1]:.4g}" for name, values in progress.curves.items())
    return f"{plan.name}: {last}"
