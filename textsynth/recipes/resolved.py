"""A recipe as data, every default written out: what a run writes down, compares with what it was, and shows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from textsynth.components import registry
from textsynth.components.component import Component, build, options_of, without_adjustable, without_none
from textsynth.errors import RunMismatch, UnknownName
from textsynth.recipes.inputs import SECTIONS, change_paths, find_inputs, without_folders
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.sections import Export

_KINDS: tuple[registry.Kind, ...] = ("labeler", "generator", "filter")


@dataclass(frozen=True)
class ResolvedRecipe:
    """A recipe as TOML can hold it; `parse` reads its content back.

    Args:
        content: its options and tables.
    """

    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> ResolvedRecipe:
        """Reads what a run wrote.

        Raises:
            RunMismatch: if it is not TOML.
        """
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise RunMismatch(f"{path}: must be the recipe of a run: {error}") from error

    @property
    def seed(self) -> int:
        """The root of all randomness."""
        return int(self.content["seed"])

    @property
    def has_source(self) -> bool:
        """Whether there is real text to start from."""
        return "source" in self.content

    @property
    def licence(self) -> str:
        """The licence of the source, for the dataset card."""
        return str(self.content["source"]["licence"]) if self.has_source else "unknown"

    @property
    def language(self) -> str:
        """The language of the texts, if it says it."""
        return self.export.language or str(self.content.get("label", {}).get("language", ""))

    @property
    def export(self) -> Export:
        """What is written."""
        return build(Export, self.content["export"], "[export]")

    def to_toml(self) -> str:
        """Returns the file that `textsynth run` takes."""
        return tomli_w.dumps(self.content)

    def lasting(self) -> dict[str, Any]:
        """Returns the content without the options that cannot change what comes out."""
        tables = {kind: [_lasting(kind, table) for table in self.content.get(kind, [])] for kind in _KINDS}
        found: dict[str, Any] = {kind: each for kind, each in tables.items() if kind in self.content}
        sections = {
            name: without_adjustable(cls, self.content[name]) for name, cls in SECTIONS.items() if name in self.content
        }
        return {**self.content, **found, **sections}

    def without_folders(self) -> dict[str, Any]:
        """Returns the lasting content with file names instead of paths, for others to read."""
        return without_folders(self.lasting())

    def with_places(self, places: Mapping[str, str]) -> ResolvedRecipe:
        """Returns the recipe with other absolute paths of files, as far as they are given."""
        return ResolvedRecipe(change_paths(self.content, places))

    def fingerprint_inputs(self) -> dict[str, str]:
        """Returns for each file or directory that the recipe reads what stands for its bytes."""
        return find_inputs(self.lasting())


def resolve(recipe: Recipe) -> ResolvedRecipe:
    """Returns a recipe with every default written out."""
    content: dict[str, Any] = without_none(
        {
            **options_of(recipe.production),
            "source": options_of(recipe.source) if recipe.source else None,
            "raw": options_of(recipe.raw) if recipe.raw else None,
            "chat": options_of(recipe.chat) if recipe.chat else None,
            "labeler": [
                {"use": registry.name_of(each.labeler), "name": each.name} | options_of(each.labeler)
                for each in recipe.labelers
                if isinstance(each.labeler, Component)
            ]
            or None,
            "label": options_of(recipe.label) if recipe.labelers else None,
            "extract": options_of(recipe.extract),
            "export": options_of(recipe.export),
            "evaluate": options_of(recipe.evaluate) if recipe.evaluate else None,
            "canaries": options_of(recipe.canaries) if recipe.canaries else None,
            "generator": [
                {"use": registry.name_of(step.generator), "name": step.name, "weight": step.weight}
                | options_of(step.generator)
                for step in recipe.steps
            ],
            "filter": [
                {"use": registry.name_of(each.filter), "name": each.name} | options_of(each.filter)
                for each in recipe.filters
            ],
        }
    )
    return ResolvedRecipe(change_paths(content, recipe.urls))


def differences(one: Any, other: Any, name: str = "") -> list[str]:
    """Says in which options two resolved recipes differ: `count was 300, is 500`.

    >>> differences({"seed": 1, "export": {"test": 0.1}}, {"seed": 1, "export": {"test": 0.2}})
    ['export.test was 0.1, is 0.2']
    """
    if isinstance(one, dict) and isinstance(other, dict):
        keys = list(dict.fromkeys([*one, *other]))
        return [text for key in keys for text in differences(one.get(key), other.get(key), f"{name}.{key}".lstrip("."))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other) and name in _KINDS:
        pairs = zip(one, other, strict=True)
        return [text for each in pairs for text in differences(*each, f"{name} {each[0].get('name')!r}")]
    return [] if one == other else [f"{name} was {_show(one)}, is {_show(other)}"]


def _lasting(kind: registry.Kind, table: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return without_adjustable(registry.look_up(kind, str(table.get("use"))), table)
    except UnknownName:
        return dict(table)


def _show(value: Any) -> str:
    return "not given" if value is None else repr(value)
