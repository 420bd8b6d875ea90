"""Real towns and cities with their states and postcodes, for the locales that have a table in `towns/`."""

from __future__ import annotations

import functools
from importlib import resources
from typing import NamedTuple

from textsynth.extract.escape import is_comment

_SAME = {"de": "de_DE", "en": "en_US"}
"""Locales that Faker has under two names."""


class Town(NamedTuple):
    """A town or city.

    Args:
        state: the state it lies in, as postal addresses of the country have it.
        city: its name.
        postcode: one of its postcodes.
    """

    state: str
    city: str
    postcode: str


@functools.cache
def list_towns(locale: str) -> tuple[Town, ...]:
    """Returns the towns of a locale, one for each postcode, so that large cities come often; none without a table."""
    table = resources.files(__package__) / "towns" / f"{_SAME.get(locale, locale)}.tsv"
    if not table.is_file():
        return ()
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if not is_comment(line)]
    rows = [line.split("\t") for line in lines]
    return tuple(Town(state, city, postcode) for state, city, codes in rows for postcode in codes.split())
