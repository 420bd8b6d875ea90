"""The concepts of Princeton WordNet: which nouns mean what, and which concept lies above which."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textsynth.synonyms.wordnet import HURTFUL, INSTANCE, Files

_KIND = b"@"
"""The pointer to what a concept is a kind of."""


Kind = tuple[int, bool]
"""A concept, and whether its instances are meant, single persons and places, or its kinds."""


@dataclass(frozen=True)
class Concepts:
    """The nouns of a database as a net of concepts, which are numbered as they stand there.

    Args:
        words: of each concept, cased as they are; none of those whose gloss calls them an insult.
        above: of each concept, those right above it.
        single: whether each concept is a single person, place or thing.
    """

    words: Sequence[Sequence[str]]
    above: Sequence[Sequence[int]]
    single: Sequence[bool]

    @classmethod
    def of(cls, files: Files) -> Concepts:
        """Reads the nouns of a database, in about a second."""
        lines = [line for line in files.read("data.noun").split(b"\n") if line[:1].isdigit()]
        number = {line[:8]: place for place, line in enumerate(lines)}
        words: list[list[str]] = []
        above: list[list[int]] = []
        single: list[bool] = []
        for line in lines:
            fields, _, gloss = line.partition(b"|")
            cells = fields.split()
            # Behind the words, whose number is hexadecimal, stands the number of pointers, each of four cells.
            end = 4 + 2 * int(cells[3], 16)
            pointers = list(zip(cells[end + 1 :: 4], cells[end + 2 :: 4], strict=False))
            above.append([number[to] for symbol, to in pointers if symbol in (_KIND, INSTANCE) and to in number])
            single.append(any(symbol == INSTANCE for symbol, _ in pointers))
            written = [] if HURTFUL.search(gloss) else cells[4:end:2]
            words.append([each.decode().replace("_", " ") for each in written])
        return cls(words, above, single)

    def find_kinds(self, word: str, senses: int | None = None) -> frozenset[Kind]:
        """Returns all concepts above what a word may mean, whatever its case.

        Args:
            word: or several words.
            senses: how many of its senses count, those that stand first in the database; all if None.
        """
        own = self._of_word.get(word.lower(), [])[:senses]
        found = ((above, self.single[each]) for each in own for above in self._walk(self.above[each], self.above))
        return frozenset(found)

    def list_above(self, concept: int) -> frozenset[int]:
        """Returns a concept and all above it."""
        return frozenset(self._walk([concept], self.above))

    def list_words(self, kind: Kind) -> list[str]:
        """Returns the words of all instances or kinds below a concept, each once, in the order of the database."""
        concept, single = kind
        below = sorted(each for each in self._walk(self._below[concept], self._below) if self.single[each] == single)
        return list(dict.fromkeys(word for each in below for word in self.words[each]))

    @functools.cached_property
    def _of_word(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for concept, words in enumerate(self.words):
            for word in words:
                found[word.lower()].append(concept)
        return found

    @functools.cached_property
    def _below(self) -> list[list[int]]:
        below: list[list[int]] = [[] for _ in self.words]
        for concept, above in enumerate(self.above):
            for each in above:
                below[each].append(concept)
        return below

    def _walk(self, begin: Iterable[int], along: Sequence[Sequence[int]]) -> Iterator[int]:
        """Yields concepts and all that lie along, each once."""
        seen, left = set(begin), list(begin)
        while left:
            concept = left.pop()
            yield concept
            left += [each for each in along[concept] if each not in seen]
            seen.update(along[concept])
