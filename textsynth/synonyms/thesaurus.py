"""The user's own thesaurus: a text file that anybody can write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textsynth.errors import FormatError, nearest
from textsynth.extract.escape import is_comment
from textsynth.language.inflection import PARTS, Part
from textsynth.reading.records import Faults, read_lines
from textsynth.synonyms.synonym import Sense

_PARTS: Mapping[str, Part] = {part: part for part in PARTS} | {
    "n": "noun",
    "v": "verb",
    "a": "adjective",
    "adj": "adjective",
    "r": "adverb",
    "adv": "adverb",
}


@dataclass(frozen=True)
class Thesaurus:
    """Synonyms that a user wrote down.

    Args:
        entries: for a part of speech and a word in lower case its senses, one a line of the file. Words without a part
            of speech are among all parts, and are not inflected.
    """

    entries: Mapping[tuple[str, Part], tuple[Sense, ...]]

    @classmethod
    def read(cls, path: Path) -> Thesaurus:
        """Reads a file with one word a line: the word, a tab, its synonyms with commas between.

        After another tab may stand the part of speech: noun, verb, adjective or adverb. With it, other forms of the
        word are found too, and the synonyms inflected like them. Blank lines, and comments, which begin with `# `, are
        passed over. Several lines for a word are several senses, each as likely as the next.

        Raises:
            FormatError: `file:line` for a line that is not like that.
            InputError: if the file cannot be read.
        """
        entries: dict[tuple[str, Part], tuple[Sense, ...]] = {}
        for number, line in read_lines(path, "utf-8", Faults()):
            if line.strip() and not is_comment(line):
                word, synonyms, part = _read_entry(line.removesuffix("\r"), f"{path}:{number}")
                sense = Sense(word, synonyms, inflected=part is not None)
                for each in PARTS if part is None else (part,):
                    entries[word.lower(), each] = (*entries.get((word.lower(), each), ()), sense)
        return cls(entries)

    def senses(self, word: str, part: Part) -> Sequence[Sense]:
        """Returns the senses of a word."""
        return self.entries.get((word, part), ())


def _read_entry(line: str, origin: str) -> tuple[str, tuple[str, ...], Part | None]:
    """Returns word, synonyms and part of speech of a line; `origin` is its `file:line`, for messages."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) not in (2, 3):
        must = "must have a word, a tab and its synonyms, then perhaps a tab and a part of speech"
        raise FormatError(f"{origin}: a line {must}, was: {line!r}")
    word, synonyms = cells[0], tuple(synonym.strip() for synonym in cells[1].split(","))
    if len(word.split()) != 1:
        raise FormatError(f"{origin}: the word must be a single one, was: {word!r}")
    for synonym in synonyms:
        if not synonym or synonym.lower() == word.lower():
            raise FormatError(f"{origin}: a synonym of {word!r} must be another word, was: {synonym!r}")
    if len(cells) == 2:
        return word, synonyms, None
    part = _PARTS.get(cells[2].lower())
    if part is None:
        raise FormatError(f"{origin}: there is no part of speech {cells[2]!r}; {nearest(cells[2], PARTS)}")
    return word, synonyms, part
