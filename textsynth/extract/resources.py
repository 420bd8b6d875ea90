"""Resources: what was extracted once and is shared by all generators."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.extract.expansion import Expansion
from textsynth.extract.gazetteer import Gazetteer
from textsynth.extract.template import Template, read_templates
from textsynth.extract.template_columns import TemplateColumns
from textsynth.extract.usage import Usage
from textsynth.extract.wording import fingerprint_wordings

DEFAULT_TODAY = datetime.date(2025, 12, 31)
"""What "today" is if nothing is said. It is fixed, so that a seed gives the same values on any day."""

MENTIONS, WORDINGS = "mentions.tsv", "wordings.jsonl"
"""The files of new mentions, and of raw sentences with the mentions found in them, beside what was extracted."""

_RAW_SENTENCES = "raw_sentences.parquet"
"""Those that generators read: found in raw text, or given by a person; no file for people."""

_TEMPLATES = "templates.arrow"
"""The templates that generators read; `templates.tsv` is for people."""

HOW_TO_LABEL = (
    'give spans with the source, or name what finds them in a table [[labeler]], such as use = "spacy" for English '
    'text, or use = "word_list"; in Python, textsynth.label'
)
"""What to do if mentions are needed and the source has none."""


@dataclass(frozen=True)
class Resources:
    """The source, and what was extracted from it.

    Args:
        source: the source corpus; its `parent` is the fingerprint of each example's template.
        gazetteer: its mentions by label, with their counts.
        today: the day that invented values count from.
        expansion: mentions that the source has not; None if nobody looked for them.
        wordings: sentences of raw text with the mentions in them, if a tagger is sure of every word, the surest first;
            None if nobody looked for them.
        validation: what the source has put aside for validation. Only filters that ask for it see it, and no generator.
        given_templates: what stands for the templates of the source; those that it has if None.
    """

    source: Corpus
    gazetteer: Gazetteer
    today: datetime.date = DEFAULT_TODAY
    expansion: Expansion | None = None
    wordings: Corpus | None = None
    validation: Corpus = field(default_factory=Corpus.empty)
    given_templates: Sequence[Template] | None = None

    @functools.cached_property
    def templates(self) -> Sequence[Template]:
        """The distinct templates of the source with their counts, in order of first appearance; some need none."""
        return TemplateColumns.of_corpus(self.source) if self.given_templates is None else self.given_templates

    @functools.cached_property
    def usage(self) -> Usage:
        """How the source uses its mentions; found out when a generator first asks, once for all of them."""
        return Usage.of(self.source)

    @classmethod
    def of(cls, source: Corpus, today: datetime.date = DEFAULT_TODAY) -> Resources:
        """Extracts the resources of a labelled corpus."""
        known = with_parents(source)
        return cls(known, Gazetteer.of(source), today)

    @classmethod
    def read(cls, directory: Path) -> Resources:
        """Reads what `write` wrote; "today" is not among it."""
        mentions, wordings = directory / MENTIONS, directory / _RAW_SENTENCES
        return cls(
            Corpus.map_parquet(directory / "source.parquet"),
            Gazetteer.read(directory / "gazetteer.tsv"),
            expansion=Expansion.read(mentions) if mentions.exists() else None,
            wordings=Corpus.read_parquet(wordings) if wordings.exists() else None,
            given_templates=TemplateColumns.read(directory / _TEMPLATES),
        )

    def write(self, directory: Path) -> None:
        """Writes source, templates, gazetteer and new mentions; all but the first are for people too."""
        templates = TemplateColumns.of(self.templates)
        self.source.write_parquet(directory / "source.parquet")
        self.gazetteer.write(directory / "gazetteer.tsv")
        templates.write(directory / _TEMPLATES)
        if templates:
            templates.write_lines(directory / "templates.tsv")
        if self.expansion is not None:
            self.expansion.write(directory / MENTIONS)
        if self.wordings is not None:
            self.wordings.write_parquet(directory / _RAW_SENTENCES)

    def with_edits(self, templates: Path | None, gazetteer: Path | None) -> Resources:
        """Returns the resources with files that a person edited instead of what was extracted."""
        return replace(
            self,
            given_templates=read_templates(templates) if templates else self.given_templates,
            gazetteer=Gazetteer.read(gazetteer) if gazetteer else self.gazetteer,
        )


def with_parents(corpus: Corpus) -> Corpus:
    """Returns the corpus with the fingerprint of each example's template as its parent."""
    return corpus.with_column("parent", fingerprint_wordings(corpus))
