"""Disclosure: what a run tells of its source beside a network that was trained with differential privacy."""

from __future__ import annotations

from collections.abc import Iterator

from textsynth.models.options import is_private
from textsynth.recipe import Recipe

_GUESSED = 2**32
"""Seeds below this can all be tried."""


def disclosures(recipe: Recipe) -> Iterator[str]:
    """Yields what takes a part of the privacy away that a recipe asks for; nothing where it asks for none."""
    private = [step.name for step in recipe.steps if is_private(step.generator)]
    if not private:
        return
    seed = recipe.production.seed
    if seed < _GUESSED:
        yield (
            f"seed {seed} can be guessed, and with it the noise that hides the source can be drawn again; take one at "
            "random, as Python's secrets.randbits(62) gives, and keep it secret"
        )
    for step in recipe.steps:
        if step.name not in private:
            yield f"generator {step.name!r} is not private, and writes into the same dataset"
    for each in recipe.filters:
        if each.filter.knows_source():
            yield f"filter {each.name!r} compares with the source, so what it keeps and drops tells of that"
