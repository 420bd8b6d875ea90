"""Which language sentences are in, by py3langid, each in the light of all the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from textsynth.errors import OptionError
from textsynth.language.language_fit import find_log_likelihoods, list_languages

_SAMPLE = 2000
"""Texts from which the shares of the languages are estimated."""

_ROUNDS = 10
_ENGLISH_FIRST = 0.5
"""The share of English before any text is seen; the other languages have the rest evenly."""


@dataclass(frozen=True)
class LanguageMixture:
    """The languages of a corpus with their shares.

    A short sentence alone may be of many languages. So what a sentence looks like is weighed with how common each
    language is in its corpus; a mixture of naive Bayes models, whose shares are estimated by expectation maximisation.

    Args:
        shares: by language, two letters of ISO 639; they add up to 1.
    """

    shares: Mapping[str, float]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Estimates the shares from texts; of many, from some, evenly spaced."""
        sample = texts[:: max(1, len(texts) // _SAMPLE)]
        first = _first_shares()
        shares = first
        likelihood = find_log_likelihoods(sample)
        for _ in range(_ROUNDS):
            # The first shares count as one text more, so that no language is ruled out.
            shares = (_posterior(likelihood, shares).sum(axis=0) + first) / (len(sample) + 1)
        return cls(dict(zip(list_languages(), shares.tolist(), strict=True)))

    @property
    def main(self) -> str:
        """The commonest language."""
        return max(self.shares, key=lambda language: self.shares[language])

    def are_english(self, texts: Sequence[str]) -> np.ndarray:
        """Says for each text whether it is rather English than not."""
        return self.find_chances(texts, ["en"]) > _ENGLISH_FIRST

    def find_chances(self, texts: Sequence[str], languages: Sequence[str]) -> np.ndarray:
        """Returns how likely each text is in one of some languages, `(texts,)`."""
        shares = np.array([self.shares.get(each, 0.0) for each in list_languages()])
        columns = [list_languages().index(each) for each in languages]
        chances: np.ndarray = _posterior(find_log_likelihoods(texts), shares)[:, columns].sum(axis=1)
        return chances


def check_languages(languages: Sequence[str], where: str) -> None:
    """Checks that languages can be told apart.

    Raises:
        OptionError: with the first that is not known.
    """
    for each in languages:
        if each not in list_languages():
            raise OptionError(f"{where} must have languages of {', '.join(list_languages())}, was: {each!r}")


_ENOUGH = 0.1
"""The share of the texts from which on a language is one of the corpus' own."""
_LOOKED_AT, _MANY = 100, 50
"""Texts that tell which languages a corpus has; of fewer than so many, the main one alone is told."""


def find_languages(texts: Sequence[str]) -> list[str]:
    """Returns the languages that texts are in, the commonest first, two letters of ISO 639; none if nobody can tell.

    Args:
        texts: of a corpus; of many, some are looked at, evenly spaced.

    >>> find_languages(["Where is my parcel?", "I would like to return these shoes.", "The refund has not come."])
    ['en']
    """
    sample = [text[:_BEGINNING] for text in texts[:: max(1, len(texts) // _LOOKED_AT)]]
    main = _find_main(sample)
    if main is None or len(sample) < _MANY:
        return [main] if main else []
    shares = LanguageMixture.of(sample).shares
    common = sorted((each for each in shares if shares[each] >= _ENOUGH), key=lambda each: -shares[each])
    return common or [main]


def _find_main(texts: Sequence[str]) -> str | None:
    """Returns the language that all texts together are in, None if there is doubt."""
    scores = _score_together(texts)
    if not scores:
        return None
    first, second = sorted(scores, key=lambda each: -scores[each])[:2]
    return first if scores[first] - scores[second] > _SURE else None


def _score_together(texts: Iterable[str]) -> dict[str, float]:
    """Returns how well each language explains all texts together, in nats; nothing if they have too few words."""
    joined = "\n".join(texts)
    if len(set(joined.split())) < _FEWEST_WORDS:
        return {}
    return dict(zip(list_languages(), find_log_likelihoods([joined])[0].tolist(), strict=True))


_SURE = 10.0
"""By how much, in nats, one language must explain a text better than another before we say so."""

_BEGINNING = 1000
"""Characters of each text that are looked at; more would tell no more."""

_FEWEST_WORDS = 8
"""Different words that a text must have; of fewer, most may be names."""

_MUTUAL = ({"nb", "nn", "no", "da"}, {"hr", "sr", "bs"}, {"id", "ms"})
"""Languages that are too alike to be told apart for certain."""


def find_other_language(texts: Sequence[str], language: str) -> str | None:
    """Returns the language that texts are in if that is, beyond doubt, not the one they are said to be in.

    Args:
        texts: of a corpus; of many, some are looked at, evenly spaced.
        language: two letters of ISO 639; of a language that is not known, nothing can be said.
    """
    if language not in list_languages():
        return None
    sample = dict.fromkeys(text[:_BEGINNING] for text in texts[:: max(1, len(texts) // _SAMPLE)])
    scores = _score_together(sample)
    if not scores:
        return None
    best = max(scores, key=lambda each: scores[each])
    alike = any(best in group and language in group for group in _MUTUAL)
    return None if alike or scores[best] - scores[language] <= _SURE else best


def _posterior(likelihood: np.ndarray, shares: np.ndarray) -> np.ndarray:
    weight = likelihood + np.log(np.maximum(shares, 1e-12))
    chance = np.exp(weight - weight.max(axis=1, keepdims=True))
    return chance / chance.sum(axis=1, keepdims=True)


def _first_shares() -> np.ndarray:
    shares = np.full(len(list_languages()), (1 - _ENGLISH_FIRST) / (len(list_languages()) - 1))
    shares[list_languages().index("en")] = _ENGLISH_FIRST
    return shares
