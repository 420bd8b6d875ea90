"""Drops examples whose text, or wording, the run or the source has already."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.components.filter import Filter, Judge
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.corpus.code_points import CodePoints, text_buffers
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.template import list_wordings

Difference = Literal["case", "white_space", "punctuation", "unicode_form"]

_REASONS = {"text": "duplicate", "wording": "wording"}
"""How the reason begins, by what is compared."""
_SPACE = r"[\s\p{Z}\x{0b}\x{85}\x{1c}-\x{1f}]"
_UNTIDY = rf"[^\P{{Z}} ]|[\t-\r\x{{85}}\x{{1c}}-\x{{1f}}]|{_SPACE}{{2}}|^ | $"
_WIDE_SPACES = np.array([0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
_SPACE_LEADS = np.zeros(256, bool)
_SPACE_LEADS[[chr(point).encode()[0] for point in _WIDE_SPACES]] = True
_TWO_BYTES = 0xC2
"""White space that is no ASCII; the bytes that it begins with in UTF-8, and the one of them that one more follows."""
_PLANE = 0x10000
_CHANGING = ("Mn", "Mc", "Me", "Cn", "Cs")
_JAMO = range(0x1100, 0x1200)
"""Kinds of characters that may compose with others, or are not known; letters of Hangul, which do."""
_UNKNOWN = 2
_STABLE = np.full(_PLANE + 1, _UNKNOWN, np.int8)
_STABLE[:128], _STABLE[_PLANE] = 1, 0
"""For each code point of the basic plane 1 if normalising leaves it alone, 0 if not, found out when it is first met."""
_HASHES = "source.npy"
"""The file of the hashes of the source, sorted, without repeats."""


@dataclass(frozen=True, kw_only=True)
class Duplicate(Filter):
    """Drops an example whose text or wording, once normalised, equals one of the source or an earlier one of the run.

    Texts are compared by 64-bit hashes (8 bytes an example): among ten million, the chance that any two different texts
    pass for equal is three in a million.

    Args:
        compare: "text", or "wording": the text with slots instead of mentions.
        ignore: differences that do not count: "case", "white_space" (runs of it are one space), "punctuation",
            "unicode_form" (NFKC).
        against_source: whether an example that the source has is dropped.
        against_run: whether an example that the run has made before is dropped.
    """

    compare: Literal["text", "wording"] = "text"
    ignore: tuple[Difference, ...] = ("case", "white_space", "unicode_form")
    against_source: bool = True
    against_run: bool = True

    def knows_source(self) -> bool:
        """Says whether it compares with the source."""
        return self.against_source

    def check_generator(self, generator: Generator) -> None:
        """Refuses a generator whose examples differ from the source in nothing but what is ignored."""
        differences = generator.list_differences()
        if not self.against_source or not differences:
            return
        if self.compare == "wording" and "mentions" in differences and differences <= {*self.ignore, "mentions"}:
            raise OptionError(
                'option \'compare\' must be "text" beside a generator that changes mentions alone, was "wording", '
                "which the source has of all of them; or against_source = false, which keeps one example of each"
            )
        if differences <= set(self.ignore):
            rest = json.dumps([each for each in self.ignore if each not in differences])
            says = "option 'ignore' must leave out what all that it makes differs in"
            names = " and ".join(sorted(differences))
            raise OptionError(f"{says}, {names}, or everything is a duplicate; ignore = {rest} keeps it")

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the hashes of the source."""
        hashes = self._hash(resources.source) if self.against_source else np.zeros(0, np.uint64)
        np.save(directory / _HASHES, np.unique(hashes))

    def judge(self, directory: Path) -> Judge:
        """Compares with the source and with all examples that were judged before."""
        source = np.load(directory / _HASHES)
        seen = _HashSet()
        begin = _REASONS[self.compare]
        of_source, of_run = f"{begin} of the source", f"{begin} of another example"

        def reasons(corpus: Corpus) -> list[str | None]:
            hashes = self._hash(corpus)
            distinct, first = np.unique(hashes, return_index=True)
            in_run = np.full(len(hashes), self.against_run)
            in_run[first] = seen.find(distinct)
            if self.against_run:
                seen.add(distinct[~in_run[first]])
            in_source = np.zeros(len(hashes), bool)
            in_source[first] = _find(source, distinct)
            again = np.flatnonzero(in_run)
            in_source[again] = _find(source, hashes[again])
            given: list[str | None] = [None] * len(hashes)
            for row in np.flatnonzero(in_source | in_run).tolist():
                given[row] = of_source if in_source[row] else of_run
            return given

        return reasons

    def _hash(self, corpus: Corpus) -> np.ndarray:
        """Returns the hash of each example, `(examples,)`."""
        compared = corpus.texts if self.compare == "text" else list_wordings(corpus)
        texts = normalise(compared, self.ignore).cast(pa.binary()).to_pylist()
        return np.fromiter(map(xxhash.xxh3_64_intdigest, texts), np.uint64, len(texts))


def normalise(texts: pa.StringArray, ignore: tuple[Difference, ...]) -> pa.StringArray:
    r"""Returns texts without the differences that do not count.

    >>> normalise(pa.array(["Ａ  quick\u00a0Fox."]), ("case", "white_space", "unicode_form")).to_pylist()
    ['a quick fox.']
    """
    if "unicode_form" in ignore:
        texts = _change(texts, _find_unstable(texts), lambda some: pc.utf8_normalize(some, form="NFKC"))
    if "case" in ignore:
        wide = _find_wide(texts)
        # Both ways, so that the two small sigmas are one.
        texts = _change(pc.ascii_lower(texts), wide, lambda some: pc.utf8_lower(pc.utf8_upper(some)))
    if "punctuation" in ignore:
        texts = pc.replace_substring_regex(texts, r"\p{P}+", "")
    if "white_space" in ignore:
        texts = _change(texts, _find_untidy(texts), _tidy)
    return texts


def _change(
    texts: pa.StringArray, rows: np.ndarray, change: Callable[[pa.StringArray], pa.StringArray]
) -> pa.StringArray:
    """Changes some of the texts: most of them need nothing of what is slow."""
    if not rows.any():
        return texts
    mask = pa.array(rows)
    return pc.replace_with_mask(texts, mask, change(texts.filter(mask)))


def _find_wide(texts: pa.StringArray) -> np.ndarray:
    """Says for each text whether it has more than ASCII."""
    offsets, raw = text_buffers(texts)
    return _find_rows(offsets, raw >= 128)


def _find_unstable(texts: pa.StringArray) -> np.ndarray:
    """Says for each text whether NFKC may change it: most of what is no ASCII are letters and marks that stay."""
    rows = np.flatnonzero(_find_wide(texts))
    points = CodePoints.of(texts.take(pa.array(rows)))
    odd = np.flatnonzero(~_are_stable(points.points))
    unstable = np.zeros(len(texts), bool)
    unstable[rows[np.searchsorted(points.rows, odd, "right") - 1]] = True
    return unstable


def _are_stable(points: np.ndarray) -> np.ndarray:
    """Says for each code point whether NFKC leaves it alone, whatever stands beside it; of those beyond the plane, no.

    What composes with the character before it are marks, and the vowels and finals of Hangul.

    >>> _are_stable(np.array([ord("a"), 0x2019, 0xFB01, 0x301])).tolist()
    [True, True, False, False]
    """
    points = np.minimum(points, _PLANE)
    for point in np.unique(points[_STABLE[points] == _UNKNOWN]).tolist():
        character = chr(point)
        alone = unicodedata.category(character) not in _CHANGING and point not in _JAMO
        _STABLE[point] = alone and unicodedata.is_normalized("NFKC", character)
    return _STABLE[points] == 1


def _find_untidy(texts: pa.StringArray) -> np.ndarray:
    """Says for each text whether its white space is anything but single spaces inside."""
    offsets, raw = text_buffers(texts)
    spaces = raw == ord(" ")
    fault = raw < ord(" ")
    fault[_find_wide_spaces(raw)] = True
    fault[1:] |= spaces[1:] & spaces[:-1]
    begins, ends = offsets[:-1][np.diff(offsets) > 0], offsets[1:][np.diff(offsets) > 0]
    fault[begins] |= spaces[begins]
    fault[ends - 1] |= spaces[ends - 1]
    suspect = _find_rows(offsets, fault)
    some = pc.match_substring_regex(texts.filter(pa.array(suspect)), _UNTIDY)  # far quicker than to replace nothing
    suspect[suspect] = some.to_numpy(zero_copy_only=False)
    return suspect


def _find_wide_spaces(raw: np.ndarray) -> np.ndarray:
    """Returns where in UTF-8 white space begins that is no ASCII."""
    lead = np.flatnonzero(_SPACE_LEADS[raw])
    first, second = raw[lead].astype(np.int64), raw[lead + 1].astype(np.int64)
    third = raw[np.minimum(lead + 2, len(raw) - 1)]
    three = ((first & 0x0F) << 12) | ((second & 0x3F) << 6) | (third & 0x3F)
    found: np.ndarray = lead[np.isin(np.where(first == _TWO_BYTES, second, three), _WIDE_SPACES)]
    return found


def _find_rows(offsets: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Says for each text whether one of its bytes is marked."""
    found = np.zeros(len(offsets) - 1, bool)
    found[np.searchsorted(offsets, np.flatnonzero(marked), "right") - 1] = True
    return found


def _tidy(texts: pa.StringArray) -> pa.StringArray:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, f"{_SPACE}+", " "))


class _HashSet:
    """A growing set of hashes as a few sorted arrays, each at least twice as long as the next: 8 bytes an entry.

    A Python set takes about 60 bytes an entry. One sorted array would have to be copied whole for each shard; here an
    entry is copied about as often as the set has doubled since it was added.
    """

    def __init__(self) -> None:
        self._arrays: list[np.ndarray] = []

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """Says for each hash whether it was added before."""
        found = np.zeros(len(hashes), bool)
        for array in self._arrays:
            found |= _find(array, hashes)
        return found

    def add(self, hashes: np.ndarray) -> None:
        """Adds sorted hashes of which it has none, and merges arrays of about the same size."""
        if not len(hashes):
            return  # An empty array would stand in the way of each search, and never be merged.
        while self._arrays and len(self._arrays[-1]) < 2 * len(hashes):
            hashes = np.sort(np.concatenate([self._arrays.pop(), hashes]), kind="stable")  # it merges what is in order
        self._arrays.append(hashes)


def _find(array: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Says for each hash whether a sorted array has it, by binary search."""
    if len(array) == 0:
        return np.zeros(len(hashes), bool)
    # A hash larger than all would stand behind the last, at no valid index; the last is as unequal to it.
    position = np.minimum(np.searchsorted(array, hashes), len(array) - 1)
    return array[position] == hashes
