"""The synonyms that a fitted replacement knows, for words as a corpus has them; in a file that people can edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textsynth.errors import FormatError, nearest
from textsynth.extract.escape import escape, unescape
from textsynth.foundation.disk import write_whole
from textsynth.language.tagging import TAGS
from textsynth.reading.records import Faults, read_lines

_HEADER = ["word", "tag", "synonyms"]


@dataclass(frozen=True)
class SynonymTable:
    """Synonyms of words as they stand in a corpus.

    Args:
        entries: for a word and a tag its synonyms, in its form and casing; the most frequent tag of a word first.
    """

    entries: Mapping[tuple[str, str], Sequence[str]]

    @classmethod
    def read(cls, path: Path) -> SynonymTable:
        """Reads what `write` wrote, edited by hand perhaps.

        Raises:
            FormatError: `file:line` for a line that has not word, tag and synonyms, all of them between tabs.
            InputError: if the file cannot be read.
        """
        entries: dict[tuple[str, str], list[str]] = {}
        for number, line in read_lines(path, "utf-8", Faults()):
            cells = [unescape(cell) for cell in line.removesuffix("\r").split("\t")]
            if cells == _HEADER or not line.strip():
                continue
            if len(cells) < 3 or not all(cells):
                raise FormatError(
                    f"{path}:{number}: a line must have word, tag and synonyms between tabs, was: {line!r}"
                )
            if cells[1] not in TAGS:
                raise FormatError(f"{path}:{number}: there is no tag {cells[1]!r}; {nearest(cells[1], TAGS)}")
            entries[cells[0], cells[1]] = cells[2:]
        return cls(entries)

    def write(self, path: Path) -> None:
        """Writes word, tag and synonyms, tab-separated."""
        rows = [_HEADER, *([word, tag, *synonyms] for (word, tag), synonyms in self.entries.items() if synonyms)]
        write_whole(path, "".join("\t".join(escape(cell) for cell in row) + "\n" for row in rows))

    def usual_tags(self) -> dict[str, str]:
        """Returns for each word its most frequent tag."""
        usual: dict[str, str] = {}
        for word, tag in self.entries:
            usual.setdefault(word, tag)
        return usual
