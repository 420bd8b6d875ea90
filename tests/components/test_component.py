from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import pytest

from textsynth.components.component import (
    Component,
    Positive,
    Share,
    build,
    options_of,
    without_adjustable,
    without_none,
)
from textsynth.components.description import Option, describe, summary
from textsynth.errors import OptionError


@dataclass(frozen=True, kw_only=True)
class Sample(Component):
    """Shows what options can be.

    More about it.

    Args:
        weight: its share
            of all.
        rate: in [0, 1].
        unit: what counts.
        names: some: names.
        places: a table.
        limit: how many, if any.
    """

    weight: Positive = 2
    rate: Share = 0.5
    unit: Literal["line", "text"] = "line"
    names: tuple[str, ...] = ()
    places: dict[str, float] | None = None
    limit: Annotated[int, pydantic.Field(ge=0, lt=10)] | None = None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"wieght": 1},
            "there is no option 'wieght'; did you mean 'weight'? there is: limit, names, places, rate, unit, weight",
        ),
        ({"xyz": 1}, "there is no option 'xyz'; there is: limit, names, places, rate, unit, weight"),
        ({"weight": "3"}, "option 'weight' must be an integer, was: '3'"),
        ({"weight": 0}, "option 'weight' must be at least 1, was: 0"),
        ({"weight": 1.5}, "option 'weight' must be an integer, was: 1.5"),
        ({"weight": True}, "option 'weight' must be an integer, was: True"),
        ({"rate": 1.5}, "option 'rate' must be at most 1, was: 1.5"),
        ({"rate": None}, "option 'rate' must be a number, was: None"),
        ({"unit": "lines"}, "option 'unit' must be 'line' or 'text', was: 'lines'"),
        ({"names": ["a", 3]}, "option 'names'[1] must be a string, was: ['a', 3]"),
        ({"places": {"a": "b"}}, "option 'places'['a'] must be a number, was: {'a': 'b'}"),
        ({"limit": 10}, "option 'limit' must be less than 10, was: 10"),
        ({"names": object}, "option 'names' must be plain data, was: <class 'object'>"),
    ],
)
def test_says_what_is_wrong_with_an_option(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        build(Sample, options, "run.toml: filter 'sample'")
    assert str(caught.value) == f"run.toml: filter 'sample': {message}"
    assert isinstance(caught.value, ValueError)


def test_checks_options_however_it_is_made():
    with pytest.raises(OptionError) as caught:
        Sample(rate=-1)
    assert str(caught.value) == "option 'rate' must be at least 0, was: -1"


def test_takes_what_json_and_toml_have():
    made = build(Sample, {"names": ["a"], "rate": 1, "places": {"x": 2}, "limit": None}, "here")
    assert made == Sample(names=("a",), rate=1.0, places={"x": 2.0})
    assert isinstance(made.rate, float)


def test_an_option_without_default_must_be_given():
    @dataclass(frozen=True, kw_only=True)
    class Reader(Component):
        path: Path

    with pytest.raises(OptionError) as caught:
        build(Reader, {}, "here")
    assert str(caught.value) == "here: option 'path' must be given"
    assert build(Reader, {"path": "a/b"}, "here").path == Path("a/b")


def test_describes_its_options():
    assert summary(Sample) == "Shows what options can be."
    assert describe(Sample) == [
        Option("weight", "int ≥ 1", 2, "its share of all."),
        Option("rate", "float ≥ 0 ≤ 1", 0.5, "in [0, 1]."),
        Option("unit", "'line' | 'text'", "line", "what counts."),
        Option("names", "list of str", (), "some: names."),
        Option("places", "table of float", None, "a table."),
        Option("limit", "int ≥ 0 < 10", None, "how many, if any."),
    ]


def test_gives_its_options_as_plain_data():
    assert options_of(Sample(names=("a",))) == {"weight": 2, "rate": 0.5, "unit": "line", "names": ["a"]}
    assert without_none({"a": None, "b": [{"c": None, "d": 0}]}) == {"b": [{"d": 0}]}
    assert build(Sample, options_of(Sample(limit=3)), "here") == Sample(limit=3)


@dataclass(frozen=True, kw_only=True)
class Door(Component):
    """How it opens.

    Args:
        width: metres.
        colour: which one.
    """

    adjustable = frozenset({"colour"})

    width: Positive = 1
    colour: str = "red"


@dataclass(frozen=True, kw_only=True)
class House(Component):
    """Has a door.

    Args:
        floors: how many.
        door: of the front.
    """

    floors: Positive = 2
    door: Door = Door()


def test_options_that_belong_together_are_a_table():
    house = build(House, {"door": {"width": 2}}, "here")
    assert house == House(door=Door(width=2))
    assert options_of(house) == {"floors": 2, "door": {"width": 2, "colour": "red"}}
    assert [each.name for each in describe(House)] == ["floors", "door.width", "door.colour"]
    assert without_adjustable(House, options_of(house)) == {"floors": 2, "door": {"width": 2}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"door": {"width": 0}}, "[door]: option 'width' must be at least 1, was: 0"),
        ({"door": {"wdith": 2}}, "[door]: there is no option 'wdith'; did you mean 'width'? there is: colour, width"),
        ({"door": 3}, "option 'door' must be a table of options, [door], was: 3"),
        ({"width": 2}, "there is no option 'width'; it belongs in the table 'door': door.width"),
    ],
)
def test_says_in_which_table_an_option_is_wrong(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        build(House, options, "here")
    assert str(caught.value) == f"here: {message}"
