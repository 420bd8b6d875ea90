"""Canaries in a run: planted into what is learnt, kept out of what is delivered, looked for in what was made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from textsynth.components.filter import Filter, Judge
from textsynth.components.metric import Exposure
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.privacy.canaries import Canaries, draw_canaries
from textsynth.production.fitting import step_directory
from textsynth.production.order import Order
from textsynth.production.produce import Harvest
from textsynth.production.rejects import read_rejected
from textsynth.recipes.recipe import CANARY_FILTER, NamedFilter
from textsynth.recipes.sections import Canaries as Options
from textsynth.recipes.sections import Extract


@dataclass(frozen=True)
class Planted:
    """What a run learns from with canaries in it.

    Args:
        canaries: planted, and kept out.
        resources: the source with those that are planted at its end.
    """

    canaries: Canaries
    resources: Resources

    def guard(self, order: Order) -> Order:
        """Returns the order with a last filter, which drops what repeats a canary; nothing of them is delivered."""
        guard = NamedFilter(CANARY_FILTER, _DropCanaries(self.canaries))
        return replace(order, filters=(*order.filters, guard))

    def find_exposures(self, order: Order, harvest: Harvest, directory: Path) -> list[Exposure]:
        """Ranks canaries by the output, and by each step that knows a likelihood.

        Args:
            order: of the run.
            harvest: what was made.
            directory: the run's.
        """
        output = Corpus.concat([*harvest.corpora(), read_rejected(directory, CANARY_FILTER)])
        exposures = [self.canaries.find_exposure(output)]
        for step in order.steps:
            costs = step.generator.measure_costs(
                step_directory(directory, step.name) / "fitted", self.canaries.candidates
            )
            if costs is not None:
                exposures.append(self.canaries.find_exposure_by_cost(costs, f"likelihood by {step.name}"))
        return exposures


def plant(options: Options, resources: Resources, extract: Extract, seed: int) -> Planted:
    """Draws the canaries of a run, and plants half of them into its source.

    Files of templates and mentions that the recipe names stay as they are.

    Args:
        options: how many.
        resources: what was extracted from the source.
        extract: says which files stand for what is extracted.
        seed: of the run.

    Raises:
        OptionError: if the source has too few words.
    """
    canaries = draw_canaries(resources.source, options.count, child_rng(seed, "canaries"), options.words)
    whole = Resources.of(resources.source + canaries.planted, resources.today)
    edited = whole.with_edits(extract.templates, extract.gazetteer)
    kept = {name: getattr(resources, name) for name in ("expansion", "wordings", "validation")}
    return Planted(canaries, replace(edited, **kept))


@dataclass(frozen=True)
class _DropCanaries(Filter):
    """Drops what repeats a canary, or was made from one; it is no component of recipes."""

    canaries: Canaries

    def __post_init__(self) -> None:
        """Checks nothing: what it has is no option."""

    def judge(self, directory: Path) -> Judge:
        """Compares with the canaries."""

        def reasons(corpus: Corpus) -> list[str | None]:
            found: np.ndarray = self.canaries.find_repeats(corpus)
            return ["repeats a canary" if each else None for each in found]

        return reasons
