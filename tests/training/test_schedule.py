from __future__ import annotations

from typing import Any

import pytest
from toy import prepared, source, spec

pytest.importorskip("torch")

from textsynth.training.options import SMALL, NetworkSpec
from textsynth.training.schedule import Schedule, choose_schedule


def private(**options: Any) -> NetworkSpec:
    return spec(epsilon=8.0, **options)


@pytest.mark.parametrize(
    ("sentences", "schedule"),
    [
        (1, Schedule(60, 3e-3, 0.0)),
        (SMALL - 1, Schedule(60, 3e-3, 0.0)),
        (SMALL, Schedule(40, 1e-3, 0.1)),
        (100_000, Schedule(40, 1e-3, 0.1)),
    ],
)
def test_a_small_source_is_learnt_faster_for_longer_and_to_the_last_sentence(sentences: int, schedule: Schedule):
    assert choose_schedule(spec(), sentences) == schedule


@pytest.mark.parametrize("sentences", [50, 50_000])
def test_what_is_given_holds_whatever_the_size(sentences: int):
    assert choose_schedule(spec(epochs=3, learning_rate=0.5, heldout=0.4), sentences) == Schedule(3, 0.5, 0.4)
    assert choose_schedule(spec(heldout=0.0), sentences).heldout == 0.0


@pytest.mark.parametrize("sentences", [50, 50_000])
def test_private_training_goes_by_one_pace_and_holds_nothing_out(sentences: int):
    assert choose_schedule(private(), sentences) == Schedule(40, 1e-3, 0.0)
    assert choose_schedule(private(epochs=7, heldout=0.5), sentences) == Schedule(7, 1e-3, 0.0)


def test_a_source_is_studied_at_its_pace(monkeypatch: pytest.MonkeyPatch):
    assert not prepared().has_heldout
    assert len(prepared(heldout=0.25).heldout) == 20
    monkeypatch.setattr("textsynth.training.schedule.SMALL", 80)
    assert len(source()) == 80
    assert len(prepared().heldout) == 8


@pytest.mark.parametrize(("sentences", "own", "nats"), [(80, None, 20.0), (2000, None, 10.0), (80, 7.5, 7.5)])
def test_a_small_source_keeps_more_of_each_sentence(sentences: int, own: float | None, nats: float):
    from textsynth.networks.vae_options import LatentOptions

    assert LatentOptions(nats=own).choose_nats(spec(), sentences) == nats
    assert LatentOptions(nats=own).choose_nats(private(), sentences) == (own or 10.0)
