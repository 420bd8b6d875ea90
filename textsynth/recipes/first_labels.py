"""What the labelers of a starter recipe find in the first texts of a source that has no labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textsynth.corpus import Corpus
from textsynth.extract import Gazetteer
from textsynth.foundation.distribution import find_missing, say_how_to_install
from textsynth.foundation.pipeline import find_pipeline
from textsynth.foundation.progress import Progress
from textsynth.labelers.pattern import Pattern
from textsynth.labelers.spacy import Spacy
from textsynth.labelling.label import Labelled, LabelPlan, NamedLabeler, label_corpora
from textsynth.labelling.options import LabelOptions
from textsynth.language.identification import find_other_language

_TEXTS, _CHARACTERS = 100, 50_000
"""How many texts are looked at, and of how many characters together, at most: a pipeline takes seconds for them."""

_AGAIN = 2
"""Times that a pipeline is asked about a mention elsewhere; a run asks more often, which takes as much longer."""

_SHOWN, _LONG = 3, 40
"""Mentions of a label that are shown, the most frequent ones, if they are not longer than so many characters."""

EXPRESSIONS: Mapping[str, str] = {
    "MONEY": r"\p{Sc} ?\d[\d.,]*(?<![.,])(?: (?:thousand|million|billion))?\b",
    "PERCENT": r"\b\d[\d.,]*(?<![.,]) ?%",
    "EMAIL": r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",
}
"""What is the same in many languages and can be found without a pipeline, by label. Of money, pipelines leave out the
sign."""


@dataclass(frozen=True)
class FirstLabels:
    """What a starter for raw text rests on.

    Args:
        texts: of the source, how many were looked at.
        share: of the source, which part that is.
        language: of the texts, two letters of ISO 639.
        model: the pipeline that finds names; "" if none is installed for the language.
        expressions: those that found something.
        mentions: by label, how often each mention was found, before the cleaning.
        kept: the labelled sentences that the cleaning left.
    """

    texts: int
    share: float
    language: str
    model: str
    expressions: Mapping[str, str]
    mentions: Mapping[str, Mapping[str, int]]
    kept: Corpus

    def describe(self) -> dict[str, str]:
        """Returns for each label how many mentions were found, and some of them; the commonest label first."""
        often = sorted(self.mentions.items(), key=lambda item: -sum(item[1].values()))
        return {label: _describe(counts) for label, counts in often}

    def say_what_is_missing(self) -> str:
        """Says what would find names, if no pipeline does; empty if one does."""
        if self.model:
            return ""
        if self.language == "en":
            return f"names want a spaCy pipeline: {say_how_to_install('en')}"
        brought = f", and spaCy: {say_how_to_install('spacy')}" if find_missing("spacy") else ""
        return f'names want a spaCy pipeline for "{self.language}", by package or directory{brought}'


def find_first_labels(source: Corpus, progress: Progress) -> FirstLabels:
    """Labels the first texts of a source by what is installed.

    Args:
        source: raw text.
        progress: is told how far the work is.
    """
    texts = source.texts.to_pylist()
    looked = _take_first(texts)
    language = find_other_language(texts, "en") or "en"
    first = Corpus.from_columns(text=looked)
    found = _find_expressions(first, progress)
    model = find_pipeline(language) or ""
    if model:
        found = {name: expression for name, expression in found.items() if name == "MONEY"}
    labelled = _label(first, _list_labelers(found, model), language, progress)
    whole = Corpus.concat([labelled.corpus, labelled.aside]) if labelled else Corpus.empty()
    share = sum(map(len, looked)) / max(1, sum(map(len, texts)))
    mentions = Gazetteer.of(whole).mentions
    kept = labelled.corpus if labelled else Corpus.empty()
    return FirstLabels(len(looked), share, language, model, found, mentions, kept)


def _take_first(texts: Sequence[str]) -> list[str]:
    taken: list[str] = []
    left = _CHARACTERS
    for text in texts[:_TEXTS]:
        if left > 0:
            taken.append(text[:left])
            left -= len(text)
    return taken


def _find_expressions(texts: Corpus, progress: Progress) -> dict[str, str]:
    labelled = _label(texts, _list_labelers(EXPRESSIONS, ""), "en", progress, clean=False)
    return {name: EXPRESSIONS[name] for name in (labelled.corpus.labels if labelled else ())}


def _list_labelers(expressions: Mapping[str, str], model: str) -> tuple[NamedLabeler, ...]:
    options: dict[str, tuple[str, ...]] = {label: (expression,) for label, expression in expressions.items()}
    pattern = [NamedLabeler("pattern", Pattern(expressions=options))] if options else []
    return (*pattern, *([NamedLabeler("spacy", Spacy(model=model))] if model else []))


def _label(
    texts: Corpus, labelers: tuple[NamedLabeler, ...], language: str, progress: Progress, *, clean: bool = True
) -> Labelled | None:
    if not labelers:
        return None
    options = LabelOptions(vote="priority", clean=clean, again=_AGAIN, language=language)
    return label_corpora([texts], LabelPlan(labelers, options), progress)[0]


def _describe(counts: Mapping[str, int]) -> str:
    shown = [mention for mention in counts if len(mention) <= _LONG][:_SHOWN]
    return f"{sum(counts.values())}, such as {', '.join(shown)}" if shown else str(sum(counts.values()))
