"""Disclosure: what a run tells of its source beside a network that was trained with differential privacy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textsynth.components.filter import Filter
from textsynth.components.generator import Generator

_GUESSED = 2**32
"""Seeds below this can all be tried."""


def disclosures(seed: int, generators: Mapping[str, Generator], filters: Mapping[str, Filter]) -> Iterator[str]:
    """Yields what takes away a part of the privacy that a run asks for; nothing if it asks for none.

    Args:
        seed: the run's.
        generators: by the names of their steps.
        filters: by their names.
    """
    private = {name for name, generator in generators.items() if generator.is_private()}
    if not private:
        return
    if seed < _GUESSED:
        yield (
            f"seed {seed} can be guessed, and with it the noise that hides the source can be drawn again; take one at "
            "random, as Python's secrets.randbits(62) gives, and keep it secret"
        )
    for name in generators:
        if name not in private:
            yield f"generator {name!r} is not private, and writes into the same dataset"
    for name, each in filters.items():
        if each.knows_source():
            yield f"filter {name!r} compares with the source, so what it keeps and drops tells of that"
