"""Options of pretrained generators that belong together are tables, with the defaults of their generator."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from textsynth.components import registry
from textsynth.components.component import build, options_of, tables_of
from textsynth.errors import OptionError

NAMES = ("causal_lm", "masked_lm", "seq2seq")
every_generator = pytest.mark.parametrize("name", NAMES)


def made(name: str, options: dict[str, Any]) -> Any:
    return build(registry.look_up("generator", name), options, f"generator {name!r}")


@every_generator
def test_a_table_keeps_the_defaults_of_its_generator(name: str):
    usual, changed = made(name, {}), made(name, {"tuning": {"rank": 2}})
    assert changed.tuning == dataclasses.replace(usual.tuning, rank=2)
    assert changed.loading == usual.loading


def test_generators_are_fine_tuned_differently():
    tuning = {name: made(name, {"tuning": {"rank": 2}}).tuning for name in NAMES}
    assert (tuning["causal_lm"].learning_rate, tuning["causal_lm"].batch_size, tuning["causal_lm"].epochs) == (
        3e-4,
        4,
        4,
    )
    assert {(tuning[name].learning_rate, tuning[name].epochs) for name in NAMES[1:]} == {(1e-3, 20)}


@every_generator
def test_an_option_outside_of_its_table_is_sent_there(name: str):
    with pytest.raises(OptionError, match=r"there is no option 'epochs'; it belongs in the table 'tuning'"):
        made(name, {"epochs": 3})
    with pytest.raises(OptionError, match=r"there is no option 'device'; it belongs in the table 'loading'"):
        made(name, {"device": "cpu"})


@every_generator
def test_what_is_written_is_what_is_read(name: str):
    generator = made(name, {"tuning": {"method": "full"}, "loading": {"device": "cpu", "threads": 3}})
    assert made(name, options_of(generator)) == generator


@every_generator
def test_no_generator_has_more_than_a_dozen_options_of_its_own(name: str):
    cls = registry.look_up("generator", name)
    fields = {field.name for field in dataclasses.fields(cls)}
    assert len(fields - tables_of(cls).keys()) <= 12
    assert all(len(dataclasses.fields(table)) <= 12 for table in tables_of(cls).values())
