"""New mentions of a run: what it has for raw text, what is told of what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.expansion.expand import Brought, Place, Search, find_mentions
from textsynth.expansion.gate import Trial
from textsynth.extract import Resources
from textsynth.extract.escape import escape, unescape
from textsynth.extract.expansion import Expansion
from textsynth.foundation.disk import write_whole
from textsynth.foundation.progress import Progress
from textsynth.foundation.seeding import child_rng
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.sections import Raw

BROUGHT = "places.tsv"
"""What each place brought of each label."""

FROM_RAW: tuple[Place, ...] = ("lists", "raw")
"""The places that are in raw text."""

_HEADER = ["label", "from", "mentions", *(each.name for each in fields(Trial))]


@dataclass(frozen=True)
class ExpansionPlan:
    """How a run comes by new mentions.

    Args:
        raw: text to look in; None if there is none.
        places: where to look; everywhere if empty.
        mentions: a file that has them; None if they are looked for.
        seed: of the run.
    """

    raw: Raw | None
    places: Sequence[Place]
    mentions: Path | None
    seed: int

    @classmethod
    def of(cls, recipe: Recipe) -> ExpansionPlan | None:
        """Returns that of a recipe; None if no generator takes new mentions."""
        if not recipe.expands():
            return None
        extract = recipe.extract
        return cls(recipe.raw, extract.places, extract.mentions, recipe.production.seed)

    def without_raw(self) -> ExpansionPlan:
        """Returns the plan without what is looked for in raw text."""
        places = [place for place in self.places if place not in FROM_RAW]
        return replace(self, raw=None, places=places or (self.places and ["numbers"]))


def add_expansion(plan: ExpansionPlan, resources: Resources, progress: Progress) -> tuple[Resources, list[Brought]]:
    """Returns the resources of a source with new mentions, and what each place brought."""
    if plan.mentions is not None:
        return replace(resources, expansion=Expansion.read(plan.mentions)), []
    raw = read_raw(plan.raw) if plan.raw else Corpus.empty()
    with progress.stage("look for new mentions"):
        return expand(resources, raw, plan.places, plan.seed, progress.note)


def expand(
    resources: Resources, raw: Corpus, places: Sequence[Place], seed: int, note: Callable[[str], None]
) -> tuple[Resources, list[Brought]]:
    """Returns resources with the new mentions that a search finds, and what each place brought."""
    search = Search(raw, places, resources.today, note)
    expansion, brought = find_mentions(resources.source, search, child_rng(seed, "expand"))
    for line in describe_brought(brought):
        note(line)
    return replace(resources, expansion=expansion), brought


def read_raw(raw: Raw) -> Corpus:
    """Reads raw text; records that are bad stop the run."""
    return Corpus.concat(list(to_batches(raw.path, raw.format, raw.options, Faults(), ())))


def describe_brought(brought: Sequence[Brought]) -> list[str]:
    """Tells in a line for each place what it brought, by label; and the labels that no place has mentions for."""
    places = dict.fromkeys(each.place for each in brought)
    lines = [f"new mentions from {place}: {_join(place, brought) or 'none'}" for place in places]
    without = sorted({each.label for each in brought} - {each.label for each in brought if each.mentions})
    if without:
        lines.append(f"no new mentions: {', '.join(without)}; those of the source are used")
    return lines


def _join(place: str, brought: Sequence[Brought]) -> str:
    own = [each for each in brought if each.place == place and each.mentions]
    return ", ".join(f"{each.mentions} {each.label}" for each in own)


def write_brought(brought: Sequence[Brought], path: Path) -> None:
    """Writes a table of what each place brought of each label, and what the gate says of it."""
    rows = ["\t".join(_HEADER)]
    for each in brought:
        rows.append("\t".join(map(str, [escape(each.label), each.place, each.mentions, *vars(each.trial).values()])))
    write_whole(path, "\n".join(rows) + "\n")


def read_brought(path: Path) -> list[Brought]:
    """Reads what `write_brought` wrote; nothing if nothing was looked for."""
    if not path.exists():
        return []
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [Brought(unescape(label), place, int(count), Trial(*map(int, rest))) for label, place, count, *rest in rows]
