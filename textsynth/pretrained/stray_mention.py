"""Stray mentions: those that a model put into a text though nobody asked, where they would stand without a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textsynth.corpus import Corpus
from textsynth.example import Span
from textsynth.models.vocabulary import Part

EXTRA = "extra mention"

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class StrayMentions:
    """What is a mention wherever it stands.

    Args:
        known: mentions, as they are written.
        longest: words of the longest.
    """

    known: frozenset[str]
    longest: int

    @classmethod
    def of(cls, source: Corpus) -> StrayMentions:
        """Takes the mentions of a source, but for those that it also has without a label.

        >>> source = Corpus.from_columns(text=["Ada May", "May I?"], spans=[[(0, 3, "P"), (4, 7, "P")], []])
        >>> sorted(StrayMentions.of(source).known)
        ['Ada']
        """
        mentions = {mention for example in source for mention in example.mentions()}
        every = cls(frozenset(mentions), max((len(_WORD.findall(each)) for each in mentions), default=0))
        unlabelled = {each for example in source for each in every.find(example.text, example.spans)}
        return cls(every.known - unlabelled, every.longest)

    def among(self, parts: Sequence[Part]) -> bool:
        """Says whether a sentence has any outside of its mentions."""
        return any(any(self.find(part.text, ())) for part in parts if part.label is None)

    def find(self, text: str, spans: Sequence[Span]) -> Iterator[str]:
        """Yields the known mentions in a text that touch none of its spans."""
        words = [match.span() for match in _WORD.finditer(text)]
        for place, (begin, _) in enumerate(words):
            for _, end in words[place : place + self.longest]:
                if text[begin:end] in self.known and all(end <= span.start or span.end <= begin for span in spans):
                    yield text[begin:end]
