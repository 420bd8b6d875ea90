"""Drops texts in another language than the source's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.corpus.texts import Texts
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.language.identification import LanguageMixture, check_languages, find_languages

_LEARNT = "languages.json"
"""The file with the languages, the shares of all languages, and the chance under which a text is dropped."""

_SAMPLE = 10_000
"""Texts of the source by which the line is drawn."""

_DOUBT = 0.5
"""A text that is rather in a language of the source than not is never dropped, however sure the source is of itself."""


@dataclass(frozen=True, kw_only=True)
class Language(Filter):
    """Drops texts that are in another language than the source, by py3langid in the light of the source's languages.

    If nobody can tell the source's languages, nothing is dropped.

    Args:
        languages: those that may be, two letters of ISO 639 each; those of the source if none is given.
        keep: share of the source that must pass.
    """

    languages: tuple[str, ...] = ()
    keep: Share = 0.98

    def libraries(self) -> frozenset[str]:
        """Names what tells languages apart."""
        return frozenset({"py3langid"})

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Finds the languages of the source, and draws the line."""
        check_languages(self.languages, "option 'languages'")
        texts = Texts(resources.source.table.column("text"))
        languages = list(self.languages) or find_languages(texts)
        mixture = LanguageMixture.of(texts)
        sample = texts[:: max(1, len(texts) // _SAMPLE)]
        line = np.quantile(mixture.find_chances(sample, languages), 1 - self.keep) if sample else _DOUBT
        write_whole(directory / _LEARNT, json.dumps([languages, mixture.shares, min(float(line), _DOUBT)]))

    def judge(self, directory: Path) -> Judge:
        """Weighs each text by itself."""
        languages, shares, line = json.loads((directory / _LEARNT).read_text())
        if not languages:
            return lambda corpus: [None] * len(corpus)
        mixture, reason = LanguageMixture(shares), f"not in {' or '.join(languages)}"

        def reasons(corpus: Corpus) -> list[str | None]:
            chances = mixture.find_chances(corpus.texts.to_pylist(), languages)
            return [reason if chance < line else None for chance in chances.tolist()]

        return reasons
