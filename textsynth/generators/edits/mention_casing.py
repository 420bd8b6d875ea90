"""Changes the casing of mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from textsynth.edits.mention_edit import MentionEdit, MentionEditor
from textsynth.edits.tokenised import Tokenised

Style = Literal["lower", "upper", "title", "swap"]


@dataclass(frozen=True, kw_only=True)
class MentionCasing(MentionEdit):
    """Writes mentions in another case: Paris, paris, PARIS; one without letters that have case stays.

    Args:
        styles: the cases that are written, each as likely as the next where it makes a difference: "lower", "upper",
            "title" (each word with a capital), or "swap" (each letter in the other case).
    """

    styles: Annotated[tuple[Style, ...], pydantic.Field(min_length=1)] = ("lower", "upper", "title", "swap")

    def editor(self, tokenised: Tokenised, directory: Path) -> MentionEditor:
        """Writes every distinct mention in the cases."""
        return MentionEditor.of(tokenised, self.editable_mentions(tokenised), self._variants)

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
