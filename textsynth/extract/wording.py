"""Wordings: templates of sentences of raw text that a tagger is sure of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textsynth.extract.escape import escape
from textsynth.extract.template import COLUMNS, Template, write_template_cells
from textsynth.foundation.disk import write_whole


@dataclass(frozen=True)
class Wording:
    """A wording that raw text has.

    Args:
        template: the sentence with slots in the places of its mentions.
        sure: how likely the likeliest tag is of the token that the tagger is least sure of.
        sentence: the first sentence that has it.
    """

    template: Template
    sure: float
    sentence: str


def write_wordings(wordings: Iterable[Wording], path: Path) -> None:
    """Writes a table of templates that has two columns more, `sure` and `sentence`, to look at and to edit."""
    rows = [(*COLUMNS, "sure", "sentence")]
    rows += [(*write_template_cells(each.template), f"{each.sure:.2f}", escape(each.sentence)) for each in wordings]
    write_whole(path, "\n".join(map("\t".join, rows)) + "\n")
