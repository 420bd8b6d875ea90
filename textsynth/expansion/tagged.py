"""Mentions and sentences of raw text that a tagger is sure of, which learnt from gold text with other mentions too."""

from __future__ import annotations

import itertools
import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.example import Example, Span
from textsynth.corpus.tokens import tokenize
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer, Template
from textsynth.extract.usage import Usage, capitalise
from textsynth.scores.probes import teach_tagger
from textsynth.values import Blueprints, Pools
from textsynth.values.pool import Pool, one_line

_SURE = 0.7
"""How likely every tag of a mention must be."""

_COPIES = 3
"""Sentences with other mentions for each gold one."""


Examine = Callable[[Corpus], tuple[Findings, np.ndarray]]
"""Finds the mentions in texts, and says how sure it is of each text, as `Tagger.examine` does."""

Teach = Callable[[Corpus, Corpus], Examine]
"""Teaches a tagger gold text and copies of it with other mentions."""


@dataclass(frozen=True)
class RawReader:
    """How raw text is read.

    Args:
        teach: teaches what finds mentions in it.
        least: how likely the likeliest tag of every token of a sentence must be for it to be taken.
    """

    teach: Teach
    least: float


CRF = RawReader(lambda gold, copies: teach_tagger(Corpus.concat([gold, copies])).examine, 0.6)
"""A CRF, which is taught gold text and copies alike."""


@dataclass(frozen=True)
class Tagged:
    """Takes mentions from raw text.

    Args:
        others: mentions by label that other sources gave, put into copies of gold sentences for the tagger to learn
            from.
        reader: says which tagger.
    """

    others: Found
    reader: RawReader
    invents: bool = False
    cuts: int = 1

    def wants_proof(self, label: str) -> bool:
        """Wants none: the tagger is sure."""
        return False

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Finds the mentions that have one label all over the raw text, written as inside a sentence."""
        return _take_mentions(self._teach(gold, rng)(raw)[0], raw)

    def find_with_wordings(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> tuple[Found, Corpus]:
        """Finds the mentions, as `find` does, and the sentences that the same tagger is sure of."""
        found, sure = self._teach(gold, rng)(raw)
        return _take_mentions(found, raw), _take_wordings(found.label(raw), sure, self.reader.least, gold.tokenizer)

    def _teach(self, gold: Corpus, rng: np.random.Generator) -> Examine:
        return self.reader.teach(gold, replace_mentions(gold, self.others, _COPIES, rng))


def _take_mentions(found: Findings, raw: Corpus) -> Found:
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for label, mentions in Gazetteer.of(found.label(raw)).mentions.items():
        for mention, count in mentions.items():
            labels[mention.casefold()][label] += count
    labelled = found.take(found.confidences >= _SURE).label(raw)
    inside = Usage.of(labelled).inside
    return {
        label: list(_write(mentions, label, labels, inside.get(label, {})))
        for label, mentions in Gazetteer.of(labelled).mentions.items()
    }


def _take_wordings(labelled: Corpus, sure: np.ndarray, least: float, wanted: Tokenizer) -> Corpus:
    """Returns the sentences that have a mention, the surest first, with how sure it is."""
    # To four places: what is as sure on one processor is so on every other.
    sure = np.round(sure, 4)
    rows = np.flatnonzero((sure >= least) & (np.diff(labelled.spans.rows) > 0))
    rows = rows[np.argsort(-sure[rows], kind="stable")]
    laid_out = [_lay_out(example, labelled.tokenizer, wanted) for example in labelled.take(rows)]
    fields = pa.array([json.dumps({"sure": each}) for each in sure[rows].tolist()], pa.string())
    return Corpus.from_examples(laid_out, tokenizer=wanted).with_fields(fields)


def _lay_out(example: Example, tokenizer: Tokenizer, wanted: Tokenizer) -> Example:
    """Returns an example with white space between its tokens if the source came as tokens, and raw text did not."""
    if wanted != "whitespace" or tokenizer == wanted or " " not in example.text:
        return example
    tokens = tokenize(Corpus.from_examples([example], tokenizer=tokenizer))
    inside = {place for span in example.spans for place in range(span.start + 1, span.end)}
    gaps = [place for place in tokens.starts.tolist() if place and place not in inside]
    gaps = [place for place in gaps if not example.text[place - 1].isspace()]
    parts = [example.text[low:high] for low, high in itertools.pairwise([0, *gaps, len(example.text)])]
    spans = [
        Span(span.start + bisect_right(gaps, span.start), span.end + bisect_right(gaps, span.start), span.label)
        for span in example.spans
    ]
    return replace(example, text=" ".join(parts), spans=tuple(spans))


def _write(
    mentions: Mapping[str, int], label: str, labels: Mapping[str, Counter[str]], inside: Mapping[str, str]
) -> dict[str, None]:
    """Returns the mentions that have this label alone, each once."""
    alone = (each for each in mentions if len(labels[each.casefold()]) == 1)
    return dict.fromkeys(one_line(inside.get(capitalise(each), each)) for each in alone)


def replace_mentions(gold: Corpus, others: Found, copies: int, rng: np.random.Generator) -> Corpus:
    """Returns sentences with other mentions of their labels: those of the corpus and others, half and half."""
    examples = list(gold.mask(np.diff(gold.spans.rows) > 0))
    if not examples:
        return Corpus.empty()
    templates = [Template.of(example) for example in examples]
    own = Gazetteer.of(gold).mentions
    pools = {label: _pool([list(mentions), others.get(label, ())]) for label, mentions in own.items()}
    originals = [
        list(dict(zip(template.slots, example.mentions(), strict=True)).values())
        for template, example in zip(templates, examples, strict=True)
    ]
    blueprints = Blueprints(templates, Pools(pools, {}), originals=originals, english=False, tokenizer=gold.tokenizer)
    chosen = np.repeat(np.arange(len(templates)), copies)
    return blueprints.fill(chosen, blueprints.draw(chosen, rng))


def _pool(parts: Sequence[Sequence[str]]) -> Pool:
    weights: dict[str, float] = {}
    for part in parts:
        for each in part:
            weights[one_line(each)] = weights.get(one_line(each), 0.0) + 1 / len(part)
    return Pool(pa.array(list(weights), pa.string()), np.array(list(weights.values())))
