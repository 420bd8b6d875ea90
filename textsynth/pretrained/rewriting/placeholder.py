"""Placeholders: what stands for mentions in a text that a model rewrites, and is told from its text again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textsynth.errors import OptionError
from textsynth.wording.filling import EMPTY, Sentence
from textsynth.wording.rejection import Rejection
from textsynth.wording.vocabulary import Part

BROKEN = Rejection("broken character")
MISSING, DOUBLED = Rejection("mention missing"), Rejection("mention doubled")
CHANGED = Rejection("mention changed")


@dataclass(frozen=True)
class Placeholder:
    """What placeholders look like.

    Args:
        written: with `{number}` for the number of the mention in its text, from 1, and perhaps `{label}` for its label
            in capitals.

    Raises:
        OptionError: if it has no number, or would not stand alone.
    """

    written: str

    def __post_init__(self) -> None:
        bare = self.written.replace("{number}", "1").replace("{label}", "X")
        if self.written.count("{number}") != 1 or not re.fullmatch(r"\S+", bare) or re.search(r"[{}]", bare):
            raise OptionError(
                "option 'placeholder' must have {number} once, and no spaces, such as 'XX{number}', "
                f"was: {self.written!r}"
            )

    def name(self, number: int, label: str) -> str:
        """Returns the placeholder of a mention.

        >>> Placeholder("{label}{number}").name(2, "creative-work")
        'CREATIVEWORK2'
        """
        return self.written.replace("{label}", _placeholder_word(label)).replace("{number}", str(number))

    def hide(self, parts: Sequence[Part]) -> str | None:
        """Returns the text of a sentence whose mentions are placeholders; None if it has others of its own."""
        pattern = self._pattern(parts)
        if any(pattern.search(part.text) for part in parts if part.label is None):
            return None
        names = iter(self.names(parts))
        return "".join(part.text if part.label is None else next(names) for part in parts)

    def names(self, parts: Sequence[Part]) -> list[str]:
        """Returns the placeholders of the mentions of a sentence, in order."""
        labels = [part.label for part in parts if part.label is not None]
        return [self.name(number, label) for number, label in enumerate(labels, 1)]

    def restore(self, text: str, mentions: Sequence[Part]) -> Sentence:
        """Returns a text in parts, with each placeholder replaced by its mention, or what is wrong with it.

        Args:
            text: what was written.
            mentions: those that it must have, each once, in any order.
        """
        if "\ufffd" in text:
            return BROKEN
        wanted = dict(zip(self.names(mentions), mentions, strict=True))
        parts: list[Part] = []
        position, seen = 0, set[str]()
        for match in self._pattern(mentions).finditer(text):
            if match[0] not in wanted or not _stands_alone(text, *match.span()):
                return CHANGED
            if match[0] in seen:
                return DOUBLED
            seen.add(match[0])
            parts += [Part(text[position : match.start()]), wanted[match[0]]]
            position = match.end()
        parts = [part for part in (*parts, Part(text[position:])) if part.text or part.label is not None]
        return MISSING if len(seen) < len(mentions) else parts or EMPTY

    def _pattern(self, parts: Sequence[Part]) -> re.Pattern[str]:
        """Returns what looks like a placeholder, in whatever case, and inside of words too.

        Any letters may be a label, but digits only in those labels that a sentence has: each year would be one else.
        The placeholders of the sentence come first: `10A0` is number 1 of the label `0A0`, not number 10 of `A`.
        """
        shown = {_placeholder_word(part.label) for part in parts if part.label is not None}
        labels = [*map(re.escape, sorted(shown, key=len, reverse=True)), r"[^\W\d_]+"]
        known = {"{number}": r"\d+", "{label}": f"(?:{'|'.join(labels)})"}
        written = re.split(r"(\{number\}|\{label\})", self.written)
        alike = "".join(known.get(each, re.escape(each)) for each in written)
        own = [re.escape(name) for name in sorted(self.names(parts), key=len, reverse=True)]
        return re.compile("|".join([*own, alike]), re.IGNORECASE)


def _placeholder_word(label: str) -> str:
    """Returns the letters and digits of a label, in capitals; a label that has none is an X."""
    return re.sub(r"\W|_", "", label).upper() or "X"


def _stands_alone(text: str, begin: int, end: int) -> bool:
    """Says whether no letter or digit touches a place in a text."""
    return not (text[:begin][-1:].isalnum() or text[end:][:1].isalnum())
