"""From what networks wrote to examples: slots are filled, spans exact, and what is malformed has its reason.

Slots are filled as those of templates are: by class and by the text around them.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.example import Example, Span
from textsynth.extract import Resources, Slot, Template
from textsynth.extract.context import ContextFinder, opens_sentence
from textsynth.extract.usage import capitalise
from textsynth.language.identification import LanguageMixture
from textsynth.values import Blueprints, Pools, draw_pools
from textsynth.values.agreement import find_english
from textsynth.values.demand import DemandFinder, Demands, find_kinds
from textsynth.values.source import Draw
from textsynth.wording.options import WritingOptions
from textsynth.wording.rejection import Rejection, reasons_of
from textsynth.wording.vocabulary import Part, Vocabulary

_STYLE = "style.json"
"""The file of a fitted directory that says which languages and function words the source has, and how it is written."""

UNENDED, EMPTY = Rejection("does not end"), Rejection("empty")

Sentence = list[Part] | Rejection
"""A sentence in parts, or why it is none."""


@dataclass(frozen=True)
class Filler:
    """What fills the slots of sentences.

    Args:
        pools: the values of each label; None if networks write mentions themselves.
        languages: of the source; in sentences that are English by them, a/an and possessives follow what is filled in.
        contexts: finds what stands before a slot, as in the source.
        capitals: whether sentences of the source begin with a capital.
        tokenizer: how the source falls into tokens.
    """

    pools: Pools | None
    languages: LanguageMixture
    contexts: ContextFinder
    capitals: bool
    tokenizer: Tokenizer

    def corpus(self, sentences: Sequence[Sentence], classes: Sequence[str | None], rng: np.random.Generator) -> Draft:
        """Makes an example of each sentence.

        Args:
            sentences: in parts; those that are none become a rejected example without text.
            classes: the class of each.
            rng: draws what is filled in.
        """
        parts = [[] if isinstance(each, Rejection) else each for each in sentences]
        if self.pools is None:
            return Draft(self._fill_marked(parts, classes), reasons_of(sentences))
        templates = [template_of(*pair) for pair in zip(parts, classes, strict=True)]
        demands = [self._demands.find(template) for template in templates]
        return Draft(self._fill(templates, demands, rng), reasons_of(sentences))

    def mentions(
        self, labels: Sequence[Sequence[str]], classes: Sequence[str | None], rng: np.random.Generator
    ) -> list[list[Part]]:
        """Draws mentions to begin with, those of one sentence that share a label all different if there are enough.

        Args:
            labels: of each sentence.
            classes: the class of each, which mentions of the source must have been seen in.
            rng: draws them.
        """
        slots = [[part for label in each for part in (Part("", label), Part(" "))] for each in labels]
        templates = [template_of(*pair) for pair in zip(slots, classes, strict=True)]
        demands = [Demands.of_class(template) for template in templates]
        drawn = self._fill(templates, demands, rng)
        return [
            [Part(text, span.label) for text, span in zip(each.mentions(), each.spans, strict=True)] for each in drawn
        ]

    @functools.cached_property
    def _demands(self) -> DemandFinder:
        """Finds out what slots ask for; no mention of the source stands in any."""
        pools = self.pools or Pools({}, {})
        people, counts = find_kinds([*pools.pools, *pools.records], pools)
        return DemandFinder(self.contexts, {}, self.capitals, people, counts, context=True, gender=True)

    def _fill(self, templates: Sequence[Template], demands: Sequence[Demands], rng: np.random.Generator) -> Corpus:
        if not templates or self.pools is None:
            return Corpus.from_trusted(Corpus.empty().table, self.tokenizer)
        english = find_english(templates, self.languages)
        blueprints = Blueprints(templates, self.pools, english=english, demands=demands, tokenizer=self.tokenizer)
        every = np.arange(len(templates))
        return blueprints.fill(every, blueprints.draw(every, rng))

    def _fill_marked(self, sentences: list[list[Part]], classes: Sequence[str | None]) -> Corpus:
        cased = [_begin_with_capitals(sentence) if self.capitals else sentence for sentence in sentences]
        examples = [example_of(sentence, label) for sentence, label in zip(cased, classes, strict=True)]
        return Corpus.from_examples(examples, tokenizer=self.tokenizer)


def write_filler(options: WritingOptions, resources: Resources, rng: np.random.Generator, directory: Path) -> None:
    """Draws the values of slots, and keeps them with what is known of the source's style."""
    source = resources.source
    usage = resources.usage
    draw = Draw(options.pool_size, options.locales, True, rng, resources.today, usage)
    draw_pools(source.labels, options.values, resources.gazetteer, draw).write(directory)
    style = {
        "languages": dict(LanguageMixture.of(source.texts.to_pylist()).shares),
        "language": usage.finder.language,
        "function_words": sorted(usage.finder.words),
        "capitals": usage.capitals,
        "tokenizer": source.tokenizer,
    }
    (directory / _STYLE).write_text(json.dumps(style))


def read_filler(directory: Path, *, slots: bool) -> Filler:
    """Reads what `write_filler` wrote; without slots nothing is filled."""
    style = json.loads((directory / _STYLE).read_text())
    return Filler(
        Pools.read(directory) if slots else None,
        LanguageMixture(style["languages"]),
        ContextFinder(style["language"], frozenset(style["function_words"])),
        style["capitals"],
        style["tokenizer"],
    )


def sentence_of(symbols: Sequence[int], vocabulary: Vocabulary) -> Sentence:
    """Returns the sentence that symbols stand for, or why they stand for none."""
    if not symbols or symbols[-1] != vocabulary.end:
        return UNENDED
    return vocabulary.decode(symbols[:-1]) or EMPTY


def template_of(sentence: Sequence[Part], label: str | None) -> Template:
    """Returns a sentence with slots as a template; the slots of one label are numbered.

    >>> template_of([Part("Hi "), Part("", "PERSON"), Part(", "), Part("", "PERSON")], None).to_text()
    'Hi {PERSON}, {PERSON:2}'
    """
    literals, slots, seen = [""], [], Counter[str]()
    for part in sentence:
        if part.label is None:
            literals[-1] += part.text
        else:
            seen[part.label] += 1
            slots.append(Slot(part.label, seen[part.label]))
            literals.append("")
    return Template(tuple(literals), tuple(slots), label)


def _begin_with_capitals(sentence: Sequence[Part]) -> list[Part]:
    """Returns a sentence with its mentions, those with a capital that begin one."""
    cased: list[Part] = []
    before, neighbour = "", None
    for part in sentence:
        if part.label is None:
            before += part.text
            cased.append(part)
        else:
            cased.append(Part(capitalise(part.text), part.label) if opens_sentence(before, neighbour) else part)
            before, neighbour = "", part.label
    return cased


def example_of(sentence: Sequence[Part], label: str | None) -> Example:
    """Returns a sentence that has its mentions as an example."""
    text, spans = "", []
    for part in sentence:
        if part.label is not None:
            spans.append(Span(len(text), len(text) + len(part.text), part.label))
        text += part.text
    example = Example(text, tuple(spans), label)
    return Example(text, example.spans, label, "", Template.of(example).fingerprint())
