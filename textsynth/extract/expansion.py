"""The expansion: mentions that the source of a run has not, by label and by where they came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textsynth.errors import FormatError
from textsynth.extract.escape import escape, is_comment, unescape
from textsynth.foundation.disk import write_whole
from textsynth.reading.records import Faults, read_lines

_HEADER = ["label", "mention", "from"]


@dataclass(frozen=True)
class Expansion:
    """New mentions.

    Args:
        mentions: for each label and each place that they came from, the mentions, each once.
    """

    mentions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Expansion:
        """Reads what `write` wrote, edited by hand perhaps.

        A line of label and mention alone is a mention from the file. Blank lines and comments, which begin with `# `
        and have no tab, are passed over.

        Raises:
            FormatError: `file:line` for a line that has not label and mention.
            InputError: if the file cannot be read.
        """
        found: dict[str, dict[str, dict[str, None]]] = {}
        for number, line in read_lines(path, "utf-8", Faults()):
            cells = list(map(unescape, line.removesuffix("\r").split("\t")))
            if not line.strip() or cells == _HEADER or (len(cells) == 1 and is_comment(line)):
                continue
            if len(cells) < 2 or not cells[0] or not cells[1].strip():
                raise FormatError(
                    f"{path}:{number}: a line must have label, mention and where it is from between tabs, was: {line!r}"
                )
            origin = cells[2] if len(cells) > 2 and cells[2] else "file"
            found.setdefault(cells[0], {}).setdefault(origin, {})[cells[1].strip()] = None
        return cls({label: {name: tuple(each) for name, each in some.items()} for label, some in found.items()})

    def without(self, origins: Collection[str]) -> Expansion:
        """Returns it without what came from these places.

        >>> found = Expansion({"GPE": {"raw": ("Bern",), "wordnet": ("Oslo",)}, "ORG": {"raw": ("Acme",)}})
        >>> found.without({"raw"}).mentions
        {'GPE': {'wordnet': ('Oslo',)}}
        """
        kept = {
            label: {name: each for name, each in some.items() if name not in origins}
            for label, some in self.mentions.items()
        }
        return Expansion({label: some for label, some in kept.items() if some})

    def write(self, path: Path) -> None:
        """Writes tab-separated `label`, `mention`, `from`, to look at and to edit."""
        rows = ["\t".join(_HEADER)]
        for label, some in self.mentions.items():
            for name, mentions in some.items():
                rows += [f"{escape(label)}\t{escape(mention)}\t{escape(name)}" for mention in mentions]
        write_whole(path, "\n".join(rows) + "\n")
