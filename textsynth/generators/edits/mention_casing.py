"""Changes the casing of mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pydantic

from textsynth.edits.edit import Edit, Policy, Rate
from textsynth.edits.mention_editor import MentionEditor
from textsynth.edits.tokenised import Tokenised

Style = Literal["lower", "upper", "title", "swap"]


@dataclass(frozen=True, kw_only=True)
class MentionCasing(Edit[MentionEditor]):
    """Writes mentions in another case: Paris, paris, PARIS; one without letters that have case stays.

    Args:
        rate: share of the mentions that are changed, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "edit" them (the default), "keep" them, or
            "replace" them by other mentions of that label.
        styles: the cases that are written, each as likely as the next if it makes a difference: "lower", "upper",
            "title" (each word with a capital), or "swap" (each letter in the other case).
    """

    default_policy: ClassVar[Policy] = "edit"

    rate: Rate = 1.0
    styles: Annotated[tuple[Style, ...], pydantic.Field(min_length=1)] = ("lower", "upper", "title", "swap")

    def editor(self, tokenised: Tokenised, directory: Path) -> MentionEditor:
        """Writes every distinct mention in the cases."""
        return MentionEditor.of(tokenised, self.find_editable_mentions(tokenised), self._variants)

    def _variants(self, mention: str, label: str) -> Sequence[str]:
        return [
            each for each in dict.fromkeys(_write_cased(mention, style) for style in self.styles) if each != mention
        ]


def _write_cased(mention: str, style: Style) -> str:
    """Writes a mention in a case; a letter may become two.

    >>> [_write_cased("Jon's straße", style) for style in ("lower", "upper", "title", "swap")]
    ["jon's straße", "JON'S STRASSE", "Jon's Straße", "jON'S STRASSE"]
    """
    if style == "title":
        return re.sub(r"[^\W_]+(['’][^\W_]+)*", lambda word: word[0].capitalize(), mention)
    return {"lower": mention.lower, "upper": mention.upper, "swap": mention.swapcase}[style]()
