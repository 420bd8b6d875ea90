"""Stray mentions: those that a model put into a text though nobody asked for them; they would have no label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from textsynth.corpus import Corpus
from textsynth.corpus.example import Span
from textsynth.wording.vocabulary import Part

EXTRA = "extra mention"
"""Why a text is rejected."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class StrayMentions:
    """What is a mention wherever it stands.

    Args:
        begun: mentions by their first word, each with how many characters it has before that; those without a word
            under "".
    """

    begun: Mapping[str, Sequence[tuple[int, str]]]

    @classmethod
    def of(cls, source: Corpus) -> Self:
        """Takes the mentions of a source, but for those that it also has without a label.

        >>> source = Corpus.from_columns(text=["Ada May", "May I?"], spans=[[(0, 3, "P"), (4, 7, "P")], []])
        >>> sorted(StrayMentions.of(source).mentions)
        ['Ada']
        """
        every = cls.of_texts({mention for example in source for mention in example.mentions()})
        unlabelled = {each for example in source for each in every.find(example.text, example.spans)}
        return cls.of_texts(every.mentions - unlabelled)

    @classmethod
    def of_texts(cls, mentions: Iterable[str]) -> Self:
        """Takes these mentions."""
        begun: dict[str, list[tuple[int, str]]] = {}
        for mention in sorted(mentions):
            first = _WORD.search(mention)
            word, lead = (first[0], first.start()) if first else ("", 0)
            begun.setdefault(word, []).append((lead, mention))
        return cls(begun)

    @property
    def mentions(self) -> frozenset[str]:
        """The mentions, as they are written."""
        return frozenset(mention for mentions in self.begun.values() for _, mention in mentions)

    def among(self, parts: Sequence[Part]) -> bool:
        """Says whether a sentence has any outside of its mentions."""
        return any(any(self.find(part.text, ())) for part in parts if part.label is None)

    def find(self, text: str, spans: Sequence[Span]) -> Iterator[str]:
        """Yields the known mentions that stand alone in a text and touch none of its spans."""
        for begin, mention in self._candidates(text):
            end = begin + len(mention)
            free = all(end <= span.start or span.end <= begin for span in spans)
            if free and text.startswith(mention, begin) and _stands_alone(text, begin, end):
                yield mention

    def _candidates(self, text: str) -> Iterator[tuple[int, str]]:
        """Yields mentions, each with the offset at which it might begin."""
        for match in _WORD.finditer(text):
            for lead, mention in self.begun.get(match[0], ()):
                if lead <= match.start():
                    yield match.start() - lead, mention
        for _, mention in self.begun.get("", ()):
            for match in re.finditer(re.escape(mention), text):
                yield match.start(), mention


def _stands_alone(text: str, begin: int, end: int) -> bool:
    """Says whether no letter or digit stands directly before or behind a stretch of a text."""
    return not (begin > 0 and _WORD.match(text[begin - 1])) and not _WORD.match(text[end : end + 1])
