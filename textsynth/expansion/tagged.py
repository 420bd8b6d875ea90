"""Mentions in raw text that a CRF is sure of, which was taught on gold text with other mentions too."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.corpus import Corpus
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


@dataclass(frozen=True)
class Tagged:
    """Takes mentions from raw text.

    Args:
        others: mentions by label that other sources gave, put into gold sentences for the CRF to learn from.
    """

    others: Found
    invents: bool = False
    cuts: int = 1

    def wants_proof(self, label: str) -> bool:
        """Wants none: the CRF is sure."""
        return False

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Finds the mentions that have one label all over the raw text, written as inside a sentence."""
        tagger = teach_tagger(Corpus.concat([gold, replace_mentions(gold, self.others, _COPIES, rng)]))
        found = tagger.tag(raw)
        sure = found.take(found.confidences >= _SURE)
        labels: dict[str, Counter[str]] = defaultdict(Counter)
        for label, mentions in Gazetteer.of(found.label(raw)).mentions.items():
            for mention, count in mentions.items():
                labels[mention.casefold()][label] += count
        labelled = sure.label(raw)
        inside = Usage.of(labelled).inside
        return {
            label: list(_write(mentions, label, labels, inside.get(label, {})))
            for label, mentions in Gazetteer.of(labelled).mentions.items()
        }


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
