"""Replaces tokens by others of their label.

This is LwTR of Dai & Adel 2020, An Analysis of Simple Data Augmentation for Named Entity Recognition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from textsynth.corpus.tokens import encode_tags, list_tags
from textsynth.edits.edit import Edit, Policy
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole

_COUNTS, _UNSPACED = "tokens.json", "unspaced"


@dataclass(frozen=True)
class TagEditor(SubstitutionEditor):
    """An editor that knows the tokens of each tag and how often it has them.

    Args:
        pair: `(tokens,)`; which pair of tag and word each token is.
        low: `(pairs,)`; the counts of all tags before the pair's own, which are those below its tag's.
        own: `(pairs,)`; the counts up to the pair, itself not among them.
        count: `(pairs,)`; how often the source has it.
        high: `(pairs,)`; the counts up to and with its tag's.
        reached: `(strings,)`; the counts up to and with each string.
    """

    pair: np.ndarray
    low: np.ndarray
    own: np.ndarray
    count: np.ndarray
    high: np.ndarray
    reached: np.ndarray

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws another word of the same tag by count: a number among the counts, those of the word itself left out."""
        pair = self.pair[token]
        others = self.high[pair] - self.low[pair] - self.count[pair]
        # The counts of a tag are a stretch of numbers, cut into those of its words: a number is a word by its count.
        # Drawn from as many fewer as the word has itself, and moved behind these if it is beyond.
        number = self.low[pair] + (rng.random(len(pair)) * others).astype(np.int64)
        number += np.where(number >= self.own[pair], self.count[pair], 0)
        drawn = np.searchsorted(self.reached, number, side="right")
        begin, end = self.tokenised.begin[token], self.tokenised.end[token]
        return Edits(copy, begin, end, self.material.first[drawn], self.material.stop[drawn])


@dataclass(frozen=True, kw_only=True)
class LabelWiseTokenReplacement(Edit[TagEditor]):
    """Replaces words by others that the source has under the same tag.

    A tag is a label with first or later word of a mention, or outside of mentions. Words are drawn by count; labels and
    tags stay as they are. Punctuation is neither replaced nor drawn, so that no tokens run together; nor is what has
    punctuation inside, as don't and well-known. As in the paper, words of mentions are replaced too.

    Args:
        policy: for a label ("*" for all), what happens with its mentions: "edit" them (the default), "keep" them, or
            "replace" them by other mentions of that label.
    """

    default_policy: ClassVar[Policy] = "edit"

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Counts the words of each tag."""
        tokenised = Tokenised.of(resources.source)
        may = self.find_words(tokenised) & ~self.find_protected(tokenised)
        words, word = tokenised.vocabulary
        names, tag = _tags(tokenised)
        pairs, counts = np.unique(tag[may] * len(words) + word[may], return_counts=True)
        known: dict[str, dict[str, int]] = {name: {} for name in names}
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            known[names[pair // len(words)]][words[pair % len(words)]] = count
        write_whole(directory / _COUNTS, json.dumps(known, ensure_ascii=False, sort_keys=True))

    def editor(self, tokenised: Tokenised, directory: Path) -> TagEditor:
        """Reads the counts, and takes the words whose tag has others."""
        known = json.loads((directory / _COUNTS).read_text(encoding="utf-8"))
        return _tag_editor(tokenised, self.find_editable(tokenised) & self.find_words(tokenised), known)

    def find_words(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it is a word by itself, no part of don't or well-known, `(tokens,)`."""
        left_over = tokenised.is_cut & (tokenised.span < 0)
        return tokenised.is_word & tokenised.is_lone & ~left_over


def _tags(tokenised: Tokenised) -> tuple[list[str], np.ndarray]:
    """Returns the tags there may be, and which each token has, `(tokens,)`.

    Words of scripts with and without spaces have tags of their own: in the place of the other they would run together.
    """
    names = list_tags(tokenised.corpus.labels)
    tag = encode_tags(tokenised.tokens, tokenised.corpus, "iob2", names)
    return [*names, *(f"{name} {_UNSPACED}" for name in names)], tag + len(names) * tokenised.is_unspaced


def _tag_editor(tokenised: Tokenised, may: np.ndarray, known: Mapping[str, Mapping[str, int]]) -> TagEditor:
    words, word = tokenised.vocabulary
    names, tag = _tags(tokenised)
    counts = np.array([count for some in known.values() for count in some.values()], np.int64)
    reached = np.cumsum(counts)
    ends = np.cumsum([sum(some.values()) for some in known.values()]).tolist()
    edges = dict(zip(known, zip([0, *ends], ends, strict=False), strict=True))
    number = {(name, string): place for place, (name, string) in enumerate(_strings(known))}
    pairs, pair = np.unique(tag * len(words) + word, return_inverse=True)
    found = [(names[each // len(words)], words[each % len(words)]) for each in pairs.tolist()]
    place = np.array([number.get(each, -1) for each in found], np.int64)
    edge = np.array([edges.get(name, (0, 0)) for name, _ in found], np.int64).reshape(-1, 2)
    count = np.where(place >= 0, np.append(counts, 0)[place], 0)
    own = np.where(place >= 0, np.append(reached, 0)[place] - count, edge[:, 1])
    others = edge[:, 1] - edge[:, 0] - count
    material = Material(tokenised, [string for _, string in _strings(known)])
    places = np.flatnonzero(may & (others[pair] > 0))
    return TagEditor(tokenised, material, places, pair, edge[:, 0], own, count, edge[:, 1], reached)


def _strings(known: Mapping[str, Mapping[str, int]]) -> Sequence[tuple[str, str]]:
    return [(name, string) for name, some in known.items() for string in some]
