"""How long and how fast a network learns if its options leave that to the size of the source."""

from __future__ import annotations

from typing import NamedTuple

from textsynth.training.options import SMALL, NetworkSpec


class Schedule(NamedTuple):
    """How a network learns.

    Args:
        epochs: times the source is read, at most.
        learning_rate: how far a training step goes at first.
        heldout: share of the source that training only watches.
    """

    epochs: int
    learning_rate: float
    heldout: float


_LARGE = Schedule(40, 1e-3, 0.1)
_SMALL = Schedule(60, 3e-3, 0.0)
"""What suits sources of at least `SMALL` sentences, and smaller ones."""


def choose_schedule(spec: NetworkSpec, sentences: int) -> Schedule:
    """Returns what the options say, and for those that are not given what suits a source of this many sentences.

    Held out, a tenth of a small source ends training while the network still writes nonsense; and a tagger that learns
    from what a network wrote gained most from those that knew nearly all of their source.
    """
    private, training = spec.privacy.is_private(), spec.training
    usual = _LARGE if sentences >= SMALL or private else _SMALL
    return Schedule(
        usual.epochs if training.epochs is None else training.epochs,
        usual.learning_rate if training.learning_rate is None else training.learning_rate,
        # Whatever is watched has a say in the weights, and no noise hides it.
        0.0 if private else usual.heldout if training.heldout is None else training.heldout,
    )
