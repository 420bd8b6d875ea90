"""How well each language explains texts: the naive Bayes model of py3langid, many texts at a time.

py3langid walks through the bytes of a text with an automaton whose states tell of features, in Python. Here texts of
like length are walked through together, a byte of each at a time, which takes a fraction of the time.
"""

from __future__ import annotations

import functools
import importlib.metadata
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.errors import OutputError
from textsynth.foundation.seeding import fingerprint
from textsynth.foundation.unpacked import unpack_once

_KNOWN = tuple(
    "af ar bg bn ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lb lo lt "
    "lv mk ml mn mr ms mt my nb ne nl nn oc pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur vi zh".split()
)
"""The languages looked for. py3langid knows more, some of which take short English sentences for their own."""

_TOGETHER, _LONGEST = 1024, 4000
"""Texts that are walked through together, and bytes of a text that may be: a longer one is walked through alone."""


def find_log_likelihoods(texts: Sequence[str]) -> np.ndarray:
    """Returns `(texts, languages)`, up to a constant a text; 0 if nothing in a text tells of a language."""
    encoded = [_encode(text) for text in texts]
    lengths = np.array([len(each) for each in encoded], np.int64)
    scores = np.zeros((len(texts), len(list_languages())))
    for row in np.flatnonzero(lengths > _LONGEST).tolist():
        rank = dict(_identifier().rank(texts[row]))
        scores[row] = [rank[each] for each in list_languages()]
    short = np.flatnonzero(lengths <= _LONGEST)
    short = short[np.argsort(-lengths[short], kind="stable")]
    for begin in range(0, len(short), _TOGETHER):
        rows = short[begin : begin + _TOGETHER]
        scores[rows] = _score([encoded[row] for row in rows.tolist()])
    return scores - scores.max(axis=1, keepdims=True) if len(texts) else scores


@functools.cache
def list_languages() -> tuple[str, ...]:
    """Returns the languages that are looked for, two letters of ISO 639."""
    return tuple(_identifier().labels)


def _encode(text: str) -> bytes:
    """Returns the bytes that py3langid looks at."""
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", errors="surrogatepass")


def _score(texts: Sequence[bytes]) -> np.ndarray:
    """Scores texts, the longest first, as py3langid does: by the logarithm of how often each feature is met."""
    model = _model()
    text, feature = _walk(texts, model)
    pair, count = np.unique(text * len(model.weights) + feature, return_counts=True)
    text, feature = np.divmod(pair, len(model.weights))
    often = np.log1p(count.astype(np.float32))
    met = Ragged.of_owner(text, len(texts))
    # One feature of each text at a time: the texts that have many come first, so that those left are always the first.
    by_number = np.argsort(-met.lengths)
    first, lengths = met.bounds[by_number], met.lengths[by_number]
    sums = np.where(lengths[:, None] > 0, model.prior.astype(np.float64), 0)
    for turn, left in enumerate(_count_longer(lengths)):
        place = first[:left] + turn
        sums[:left] += often[place, None] * model.weights[feature[place]]
    scores = np.empty_like(sums)
    scores[by_number] = sums
    # A script may be a class of its own; a language is as likely as the likeliest of its scripts.
    return np.maximum.reduceat(scores[:, model.order], model.begins, axis=1)


def _walk(texts: Sequence[bytes], model: _Model) -> tuple[np.ndarray, np.ndarray]:
    """Returns the texts and the features of all that their bytes lead to."""
    lengths = np.array([len(each) for each in texts])
    longest = int(lengths.max(initial=0))
    padded = np.frombuffer(b"".join(each.ljust(longest, b"\0") for each in texts), np.uint8).reshape(
        len(texts), longest
    )
    columns, state = np.ascontiguousarray(padded.T), np.zeros(len(texts), np.int64)
    found = [np.zeros((2, 0), np.int64)]
    # The longest come first, so that those that have a byte left are always the first.
    for place, left in enumerate(_count_longer(lengths)):
        state = model.next_state[model.first_move[state[:left]] + columns[place, :left]].astype(np.int64)
        feature = model.features[state]
        told = np.flatnonzero(feature >= 0)
        found.append(np.stack([told, feature[told]]))
    text, feature = np.concatenate(found, axis=1)
    return text, feature


def _count_longer(lengths: np.ndarray) -> list[int]:
    """Returns for 0, 1, ... below the first of some lengths, which fall, how many are longer.

    >>> _count_longer(np.array([3, 1, 1]))
    [3, 1, 1]
    """
    longest = int(lengths.max(initial=0))
    counts: list[int] = np.searchsorted(-lengths, -np.arange(longest)).tolist()
    return counts


@dataclass(frozen=True)
class _Model:
    """The arrays of py3langid's model.

    Args:
        next_state: by what a state's moves begin at and the byte.
        first_move: `(states,)`; where the moves of each state begin.
        features: `(states,)`; the feature that each state tells of, -1 for none.
        weights: `(features, classes)`.
        prior: `(classes,)`.
        order: the classes, those of a language side by side, languages as `list_languages` has them.
        begins: where each language begins in that order.
    """

    next_state: np.ndarray
    first_move: np.ndarray
    features: np.ndarray
    weights: np.ndarray
    prior: np.ndarray
    order: np.ndarray
    begins: np.ndarray

    @classmethod
    def of(cls, identifier: Any) -> Self:
        """Takes them from py3langid."""
        languages = identifier.labels
        language = np.array([languages.index(each) for each in identifier.nb_classes])
        return cls(
            next_state=np.asarray(identifier.tk_nextmove),
            first_move=np.asarray(identifier.tk_row, np.int64) << 8,
            features=np.asarray(identifier.tk_output, np.int64),
            weights=np.asarray(identifier.nb_ptc),
            prior=np.asarray(identifier.nb_pc),
            order=np.argsort(language, kind="stable"),
            begins=np.searchsorted(np.sort(language), np.arange(len(languages))),
        )


@functools.cache
def _model() -> _Model:
    return _Model.of(_identifier())


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
