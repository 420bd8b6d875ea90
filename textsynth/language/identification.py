"""Which language sentences are in, by py3langid, each in the light of all the others."""

from __future__ import annotations

import functools
import importlib.metadata
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from textsynth.errors import OptionError, OutputError
from textsynth.foundation.seeding import fingerprint
from textsynth.foundation.unpacked import unpack_once

_KNOWN = tuple(
    "af ar bg bn ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lb lo lt "
    "lv mk ml mn mr ms mt my nb ne nl nn oc pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur vi zh".split()
)
"""The languages looked for. py3langid knows more, some of which take short English sentences for their own."""

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
        likelihood = _log_likelihoods(sample)
        for _ in range(_ROUNDS):
            # The first shares count as one text more, so that no language is ruled out.
            shares = (_posterior(likelihood, shares).sum(axis=0) + first) / (len(sample) + 1)
        return cls(dict(zip(_labels(), shares.tolist(), strict=True)))

    @property
    def main(self) -> str:
        """The commonest language."""
        return max(self.shares, key=lambda language: self.shares[language])

    def are_english(self, texts: Sequence[str]) -> np.ndarray:
        """Says for each text whether it is rather English than not."""
        return self.find_chances(texts, ["en"]) > _ENGLISH_FIRST

    def find_chances(self, texts: Sequence[str], languages: Sequence[str]) -> np.ndarray:
        """Returns how likely each text is in one of some languages, `(texts,)`."""
        shares = np.array([self.shares.get(each, 0.0) for each in _labels()])
        columns = [_labels().index(each) for each in languages]
        chances: np.ndarray = _posterior(_log_likelihoods(texts), shares)[:, columns].sum(axis=1)
        return chances


def check_languages(languages: Sequence[str], where: str) -> None:
    """Checks that languages can be told apart.

    Raises:
        OptionError: with the first that is not known.
    """
    for each in languages:
        if each not in _labels():
            raise OptionError(f"{where} must have languages of {', '.join(_labels())}, was: {each!r}")


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
    return dict(zip(_labels(), _log_likelihoods([joined])[0].tolist(), strict=True))


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
    if language not in _labels():
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
    shares = np.full(len(_labels()), (1 - _ENGLISH_FIRST) / (len(_labels()) - 1))
    shares[_labels().index("en")] = _ENGLISH_FIRST
    return shares


def _log_likelihoods(texts: Sequence[str]) -> np.ndarray:
    """Returns `(texts, languages)`, up to a constant a text; 0 if nothing in a text tells of a language."""
    scores = np.array([_rank(text) for text in texts]).reshape(len(texts), len(_labels()))
    return scores - scores.max(axis=1, keepdims=True) if len(texts) else scores


@functools.lru_cache(maxsize=2 * _SAMPLE)
def _rank(text: str) -> list[float]:
    """Returns how well each language explains a text; the same texts of a source are asked about again and again."""
    rank = dict(_identifier().rank(text))
    return [rank[label] for label in _labels()]


@functools.cache
def _labels() -> tuple[str, ...]:
    return tuple(_identifier().labels)


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import LanguageIdentifier

    version = importlib.metadata.version("py3langid")
    folder = unpack_once(f"{_MODEL}-{version}-{fingerprint(' '.join(_KNOWN))}", _unpack)
    if folder is None:
        return _load_packed()
    ptc, pc, next_move, row, output = (np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _ARRAYS)
    classes = (folder / "classes.txt").read_text(encoding="utf-8").split()
    return LanguageIdentifier(ptc, pc, classes, next_move.data, output.tolist(), tk_row=row.tolist())


_MODEL, _ARRAYS = "py3langid", ("nb_ptc", "nb_pc", "tk_nextmove", "tk_row", "tk_output")
"""The folder in the cache, and what of a model lies there as arrays."""


def _unpack(folder: Path) -> None:
    """Writes the model of the languages looked for as it lies in memory: to unpack it takes half a second each time."""
    identifier = _load_packed()
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", np.asarray(getattr(identifier, name)))
    (folder / "classes.txt").write_text(" ".join(identifier.nb_classes), encoding="utf-8")


def _load_packed() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    except OSError as error:  # It unpacks the model there first.
        raise OutputError(f"{tempfile.gettempdir()}: cannot be written: {error.strerror or error}") from error
    identifier.set_languages([each for each in _KNOWN if each in identifier.labels])
    return identifier
