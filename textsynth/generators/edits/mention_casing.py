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

Style = Literal["lower", "upper", "title", "sentence"]

_WORD = re.compile(r"[^\W_]+(['’][^\W_]+)*")


@dataclass(frozen=True, kw_only=True)
class MentionCasing(Edit[MentionEditor]):
    """Writes mentions in another case: Paris, paris, PARIS; one without letters that have case stays.

    Args:
        rate: share of the mentions that are changed, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "edit" them (the default), "keep" them, or
            "replace" them by other mentions of that label.
        styles: the cases that are written, each as likely as the next if it makes a difference: "lower", "upper",
            "title" (each word with a capital), or "sentence" (the first word with a capital).
    """

    default_policy: ClassVar[Policy] = "edit"

    rate: Rate = 1.0
    styles: Annotated[tuple[Style, ...], pydantic.Field(min_length=1)] = ("lower", "upper", "title", "sentence")

    def own_differences(self) -> frozenset[str]:
        """Letters are the same in another case."""
        return frozenset({"case"})

    def editor(self, tokenised: Tokenised, directory: Path) -> MentionEditor:
        """Writes every distinct mention in the cases."""
        return MentionEditor.of(tokenised, self.find_editable_mentions(tokenised), self._variants)

    def _variants(self, mention: str, label: str) -> Sequence[str]:
        return [
            each for each in dict.fromkeys(_write_cased(mention, style) for style in self.styles) if each != mention
        ]


def _write_cased(mention: str, style: Style) -> str:
    """Writes a mention in a case; a letter may become two.

    >>> [_write_cased("JON'S McAdam straße", style) for style in ("lower", "upper", "title", "sentence")]
    ["jon's mcadam straße", "JON'S MCADAM STRASSE", "Jon's McAdam Straße", "Jon's mcadam straße"]
    """
    if style == "title":
        return _WORD.sub(lambda word: _capitalise(word[0]), mention)
    if style == "sentence":
        first = _WORD.search(mention)
        end = first.end() if first else 0
        return _write_cased(mention[:end], "title") + mention[end:].lower()
    return mention.lower() if style == "lower" else mention.upper()


def _capitalise(word: str) -> str:
    """Writes a word with a capital; capitals inside stay if small letters stand before them, as in McAdam."""
    shouted = word == word.upper() or word[1:] == word[1:].upper()
    return word.capitalize() if shouted else word[0].upper() + word[1:]
