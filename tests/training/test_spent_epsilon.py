"""The spent ε against dp-accounting, an accountant that others keep, from what a run writes down."""

from __future__ import annotations

import dp_accounting
import pytest
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant

from textsynth.training.private_training import Mechanism


def compose(rate: float, noise: float, steps: int) -> dp_accounting.DpEvent:
    step = dp_accounting.PoissonSampledDpEvent(rate, dp_accounting.GaussianDpEvent(noise))
    return dp_accounting.SelfComposedDpEvent(step, steps)


@pytest.mark.parametrize(
    ("sentences", "batch", "noise", "steps", "delta"),
    [
        (60, 4, 1.1, 600, 1e-3),
        (3000, 32, 4.0, 10_000, 1e-5),
        pytest.param(362, 11, 0.8, 330, 2.8e-4, marks=pytest.mark.slow),
        pytest.param(3000, 32, 0.7, 940, 3.3e-5, marks=pytest.mark.slow),
    ],
)
def test_it_is_what_others_account(sentences: int, batch: int, noise: float, steps: int, delta: float):
    mechanism = Mechanism(sentences, batch, 1.0, noise, delta)
    spent, event = mechanism.compute_spent(steps), compose(mechanism.rate, noise, steps)
    # The same bound by Rényi divergences, over other orders.
    assert spent == pytest.approx(RdpAccountant().compose(event).get_epsilon(delta), rel=0.02, abs=1e-3)
    # The loss itself, not its moments: nearly the true ε, which must never be more than what is told.
    assert 0.5 * spent < PLDAccountant().compose(event).get_epsilon(delta) <= spent
