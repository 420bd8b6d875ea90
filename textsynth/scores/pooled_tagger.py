"""A tagger out of two that err differently: a CRF, and a regression on the vectors that an encoder has for tokens.

What they say is put together as a logarithmic opinion pool (Heskes 1998; of CRFs Smith, Cohn and Osborne 2005): the
chances of both, multiplied, and made to add up to 1. So one that is sure outweighs one that is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from textsynth.components.labeler import Finding, Findings
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import TokenTable, encode_tags, tokenize
from textsynth.scores.probes import Tagger, read_chances, regress, share_out, teach_tagger, without_spans

EncodeTokens = Callable[[Corpus, TokenTable], np.ndarray]
"""Gives the tokens of texts their vectors, `(tokens, width)`."""

_REGULARISATION = 1 / 30
"""The weight of the L2 norm of the regression; vectors are about as long as 1."""

_LEAST = 1e-4
"""Added to a chance, so that no tagger rules out what the other is sure of."""

_NEVER = -1e9
"""The logarithm of the chance of what cannot be."""

_BLOCK = 500
"""Texts whose vectors are in memory at a time."""


@dataclass(frozen=True)
class PooledTagger:
    """A tagger that finds mentions.

    Args:
        crf: one of the two.
        encode: gives the vectors that the other one sees.
        weights: of the regression, `(tags, width)`; the tags are those of the CRF.
        bias: `(tags,)`.
    """

    crf: Tagger
    encode: EncodeTokens
    weights: np.ndarray
    bias: np.ndarray

    def examine(self, corpus: Corpus) -> tuple[Findings, np.ndarray]:
        """Finds the mentions in texts, and says how sure it is of each text, as `Tagger.examine` does."""
        found: list[list[Finding]] = []
        sure = [np.zeros(0)]
        for start in range(0, len(corpus), _BLOCK):
            texts = without_spans(corpus[start : start + _BLOCK])
            tokens = tokenize(texts)
            chances = self._pool(texts, tokens)
            some, sure_of = read_chances(tokens, self._best_tags(tokens, chances), chances, self.crf.tags)
            found += some
            sure.append(sure_of)
        return Findings.of_lists(found), np.concatenate(sure)

    def _pool(self, texts: Corpus, tokens: TokenTable) -> np.ndarray:
        """Returns how likely each tag is of each token, `(tokens, tags)`."""
        regressed = share_out(self.encode(texts, tokens) @ self.weights.T + self.bias)
        both = (self.crf.chances(tokens) + _LEAST) * (regressed + _LEAST)
        return share_out(np.log(both) / 2)

    def _best_tags(self, tokens: TokenTable, chances: np.ndarray) -> Iterator[list[str]]:
        scores, follows = np.log(chances), _say_what_follows(self.crf.tags)
        for low, high in itertools.pairwise(tokens.rows.tolist()):
            yield [self.crf.tags[code] for code in _find_best_path(scores[low:high], follows)]


def teach_pooled_tagger(gold: Corpus, copies: Corpus, encode: EncodeTokens) -> PooledTagger:
    """Teaches a tagger the spans of a corpus.

    Args:
        gold: the texts and their spans; there must be some.
        copies: more for the CRF alone: the regression has met the words of the language in the vectors already.
        encode: gives tokens their vectors; it is not taught.
    """
    crf = teach_tagger(Corpus.concat([gold, copies]))
    tokens = tokenize(gold)
    codes = encode_tags(tokens, gold, "iob2", crf.tags)
    return PooledTagger(crf, encode, *regress(encode(gold, tokens), codes, len(crf.tags), _REGULARISATION))


def _say_what_follows(names: list[str]) -> np.ndarray:
    """Returns 0 where a tag may follow another, `(tags before, tags)`, and next to no chance elsewhere.

    The last row is for the tags that begin a text.
    """
    goes_on = np.array([name.startswith("I-") for name in names])
    labels = np.array([name[2:] for name in names])
    same = (labels[:, None] == labels) & (labels != "")[:, None]
    return np.where(goes_on & ~np.vstack([same, np.zeros_like(goes_on)]), _NEVER, 0.0)


def _find_best_path(scores: np.ndarray, follows: np.ndarray) -> list[int]:
    """Returns the likeliest tags, of those that may follow each other (Viterbi 1967).

    >>> follows = _say_what_follows(["O", "B-P", "I-P"])
    >>> _find_best_path(np.log([[0.5, 0.1, 0.4], [0.1, 0.1, 0.8]]), follows)
    [1, 2]
    """
    if not len(scores):
        return []
    best, back = scores[0] + follows[-1], []
    for each in scores[1:]:
        steps = best[:, None] + follows[:-1]
        back.append(steps.argmax(axis=0))
        best = steps.max(axis=0) + each
    path = [int(best.argmax())]
    for came_from in reversed(back):
        path.append(int(came_from[path[-1]]))
    return path[::-1]
