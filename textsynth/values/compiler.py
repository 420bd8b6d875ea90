"""Compiles the templates of a generator: those that are drawn, and all of them once as many were drawn as there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from textsynth.components.learned import Fact
from textsynth.corpus import Tokenizer
from textsynth.extract import Template
from textsynth.extract.usage import Usage
from textsynth.foundation.distinct import group_equal
from textsynth.values.agreement import Agreement, decide_agreement, share_languages
from textsynth.values.blueprint import Blueprints
from textsynth.values.demand import Context, DemandFinder, Demands, Gender, read_demands, write_demands
from textsynth.values.pool import Pools

_MANY, _LOOKED_AT = 20_000, 2_000
"""Up to so many templates, all that they ask for is found out when a generator is fitted. Of more, so many are looked
at, evenly spaced, and what the others ask for is found out when they are drawn: a source may have millions."""

_FILE = "style.json"

Mentions = Sequence[str]
"""What the source has in the slots of a template."""

Templates = tuple[Sequence[Template], Sequence[Mentions | None]]
"""Templates, and the mentions of each if it is of the source."""


class TemplateStore(Protocol):
    """Templates that are made when they are asked for."""

    def __len__(self) -> int: ...

    def take(self, rows: np.ndarray) -> Templates:
        """Returns those at some positions, `(rows,)`."""
        ...


@dataclass(frozen=True)
class Asked:
    """What templates ask for.

    Args:
        demands: what their slots ask of their fillers.
        english: whether a/an and possessives follow the filler.
    """

    demands: Sequence[Demands]
    english: Sequence[bool]

    def take(self, rows: np.ndarray) -> Asked:
        """Returns what some of the templates ask for."""
        return Asked([self.demands[row] for row in rows.tolist()], [self.english[row] for row in rows.tolist()])


@dataclass(frozen=True)
class AskFinder:
    """Finds out what templates ask for.

    Args:
        demands: finds what their slots ask of their fillers; None if they take any.
        agreement: whether a/an and possessives follow the filler.
        languages: of all templates, which help to tell that of a short one; nothing if that is not asked.
    """

    demands: DemandFinder | None
    agreement: Agreement
    languages: Mapping[str, float]

    @classmethod
    def of(
        cls, some: Sequence[Template], pools: Pools, usage: Usage, options: tuple[Context, Gender, Agreement]
    ) -> Self:
        """Takes what it needs from the source.

        Args:
            some: of the templates.
            pools: what their slots are filled from.
            usage: how the source uses its mentions.
            options: as the generator has them.
        """
        context, gender, agreement = options
        finds = context == "auto" or gender == "keep"
        demands = DemandFinder.of(some, usage, pools, context, gender) if finds else None
        return cls(demands, agreement, share_languages(some) if agreement == "auto" else {})

    def find(self, templates: Templates) -> Asked:
        """Returns what templates ask for."""
        finder = self.demands
        demands = [finder.find(*pair) if finder else Demands.none(pair[0]) for pair in zip(*templates, strict=True)]
        return Asked(demands, decide_agreement(templates[0], self.agreement, self.languages))

    def to_json(self) -> dict[str, Any]:
        """Returns it as data."""
        demands = self.demands.to_json() if self.demands else None
        return {"demands": demands, "agreement": self.agreement, "languages": dict(self.languages)}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Self:
        """Returns what `to_json` gave."""
        demands = content["demands"]
        return cls(DemandFinder.of_json(demands) if demands else None, content["agreement"], content["languages"])


@dataclass(frozen=True)
class Style:
    """How sentences are made of templates.

    Args:
        tokenizer: how they fall into tokens.
        unlabelled: labels whose slots are filled but are no mentions.
        originals: whether the mentions of a template are not to be drawn for it.
    """

    tokenizer: Tokenizer
    unlabelled: tuple[str, ...] = ()
    originals: bool = False


class Compiler:
    """Compiles templates; a sentence comes out the same whichever are compiled together.

    Args:
        store: has them.
        pools: what their slots are filled from.
        asks: what all of them ask for, or finds it out.
        style: how sentences are made of them.
    """

    def __init__(self, store: TemplateStore, pools: Pools, asks: Asked | AskFinder, style: Style) -> None:
        self._store, self._pools, self._asks, self._style = store, pools, asks, style
        self._drawn = 0
        self._whole: Blueprints | None = None

    def of(self, chosen: np.ndarray) -> tuple[Blueprints, np.ndarray]:
        """Returns blueprints that have the templates which were drawn, and where among them each is.

        Args:
            chosen: `(sentences,)` positions of templates.
        """
        self._drawn += len(chosen)
        if self._whole is None and self._drawn < len(self._store):
            rows, places, _ = group_equal(chosen)
            return self.compile(rows), places
        if self._whole is None:
            self._whole = self.compile(np.arange(len(self._store)))
        return self._whole, chosen

    def compile(self, rows: np.ndarray) -> Blueprints:
        """Compiles the templates at some positions."""
        found = self._store.take(rows)
        asked = self._asks.take(rows) if isinstance(self._asks, Asked) else self._asks.find(found)
        return _compile(found, self._pools, asked, self._style)


def _compile(found: Templates, pools: Pools, asked: Asked, style: Style) -> Blueprints:
    return Blueprints(
        found[0],
        pools,
        originals=[_list_originals(*pair) for pair in zip(*found, strict=True)] if style.originals else None,
        unlabelled=style.unlabelled,
        english=asked.english,
        demands=asked.demands,
        tokenizer=style.tokenizer,
    )


def _list_originals(template: Template, mentions: Mentions | None) -> list[str]:
    """Returns the mention that each variable of a template stands for in its example."""
    return list(dict(zip(template.slots, mentions or (), strict=True)).values())


def fit_compiler(
    store: TemplateStore,
    pools: Pools,
    usage: Usage,
    options: tuple[Context, Gender, Agreement],
    style: Style,
    directory: Path,
) -> Mapping[str, Fact]:
    """Writes what `read_asks` reads, and returns what is worth telling of the templates that were looked at.

    Args:
        store: has the templates.
        pools: what their slots are filled from.
        usage: how the source uses its mentions.
        options: as the generator has them.
        style: how sentences are made of them.
        directory: the one that is fitted.
    """
    rows = np.arange(len(store))[:: len(store) // _LOOKED_AT if len(store) > _MANY else 1]
    found = store.take(rows)
    finder = AskFinder.of(found[0], pools, usage, options)
    asked = finder.find(found)
    if len(rows) == len(store):
        write_demands(asked.demands, directory)
        content: dict[str, Any] = {"english": asked.english}
    else:
        content = {"finder": finder.to_json()}
    (directory / _FILE).write_text(json.dumps({"tokenizer": style.tokenizer, **content}))
    return _compile(found, pools, asked, style).facts()


def read_asks(directory: Path) -> tuple[Asked | AskFinder, Tokenizer]:
    """Reads what `fit_compiler` wrote: what all templates ask for, or what finds it out; and their tokenizer."""
    content = json.loads((directory / _FILE).read_text())
    found = content.get("finder")
    asks = AskFinder.of_json(found) if found else Asked(read_demands(directory), content["english"])
    return asks, content["tokenizer"]
