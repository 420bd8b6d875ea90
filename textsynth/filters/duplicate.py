"""Drops examples whose text, or wording, the run or the source has already."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.components.filter import Filter, Judge
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.corpus.code_points import decode_at, text_buffers
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.wording import list_wordings
from textsynth.foundation.distinct import find_distinct, group_equal

Difference = Literal["case", "white_space", "punctuation", "unicode_form"]

_REASONS = {"text": "duplicate", "wording": "wording"}
"""How the reason begins, by what is compared."""
_SPACE = r"[\s\p{Z}\x{0b}\x{85}\x{1c}-\x{1f}]"
_UNTIDY = rf"[^\P{{Z}} ]|[\t-\r\x{{85}}\x{{1c}}-\x{{1f}}]|{_SPACE}{{2}}|^ | $"
_WIDE_SPACES = {0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
"""White space that is no ASCII."""
_PLANE = 0x10000
_CHANGING = ("Mn", "Mc", "Me", "Cn", "Cs")
_JAMO = range(0x1100, 0x1200)
"""Kinds of characters that may compose with others, or are not known; letters of Hangul, which do."""
_LEAD = 0xC0
"""The first bytes of characters of UTF-8 that are no ASCII begin here."""
_MET, _UNSTABLE, _CASED, _SPACING = 1, 2, 4, 8
_TRAITS = np.zeros(_PLANE + 1, np.int8)
_TRAITS[_PLANE] = _MET | _UNSTABLE | _CASED
"""What is to be known of each code point of the basic plane, found out when it is first met: whether NFKC may change
it, whether letters of another case are the same letter, whether it is white space; of all beyond the plane at once."""
_FEWEST_BITS = 12
_HASHES = "source.npy"
"""The file of the hashes of the source, sorted, without repeats."""


@dataclass(frozen=True, kw_only=True)
class Duplicate(Filter):
    """Drops an example whose text or wording, once normalised, equals one of the source or an earlier one of the run.

    Texts are compared by 64-bit hashes (16 to 32 bytes an example): among ten million, the chance that any two
    different texts pass for equal is three in a million.

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
        np.save(directory / _HASHES, find_distinct(hashes))

    def judge(self, directory: Path) -> Judge:
        """Compares with the source and with all examples that were judged before."""
        source = np.load(directory / _HASHES)
        seen = _HashSet()
        begin = _REASONS[self.compare]
        of_source, of_run = f"{begin} of the source", f"{begin} of another example"

        def reasons(corpus: Corpus) -> list[str | None]:
            hashes = self._hash(corpus)
            distinct, group, first = group_equal(hashes)
            given = np.full(len(hashes), None, object)
            if self.against_run:
                met = seen.find(distinct)
                seen.add(distinct[~met])
                again = np.ones(len(hashes), bool)
                again[first] = met
                given[again] = of_run
            given[_find(source, distinct)[group]] = of_source
            reasons: list[str | None] = given.tolist()
            return reasons

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
    wide = _Wide.of(texts)
    unstable = wide.find(_UNSTABLE) if "unicode_form" in ignore else np.zeros(len(texts), bool)
    if unstable.any():
        texts = _change(texts, unstable, lambda some: pc.utf8_normalize(some, form="NFKC"))
        wide = _Wide.of(texts)
    if "case" in ignore:
        # Both ways, so that the two small sigmas are one. What is white space stays it.
        texts = _change(pc.ascii_lower(texts), wide.find(_CASED), lambda some: pc.utf8_lower(pc.utf8_upper(some)))
    if "punctuation" in ignore:
        texts = pc.replace_substring_regex(texts, r"\p{P}+", "")
        wide = _Wide.of(texts)
    if "white_space" in ignore:
        texts = _change(texts, _find_untidy(texts, wide), _tidy)
    return texts


@dataclass(frozen=True)
class _Wide:
    """The characters of texts that are no ASCII.

    Args:
        count: texts.
        rows: the text that each of the characters is in.
        traits: what is known of each.
    """

    count: int
    rows: np.ndarray
    traits: np.ndarray

    @classmethod
    def of(cls, texts: pa.StringArray) -> Self:
        """Looks them up."""
        offsets, raw = text_buffers(texts)
        lead = np.flatnonzero(raw >= _LEAD)
        return cls(len(texts), _find_rows(offsets, lead), _look_up(np.minimum(decode_at(raw, lead), _PLANE)))

    def find(self, trait: int) -> np.ndarray:
        """Says for each text whether one of its characters has a trait, `(texts,)`."""
        found = np.zeros(self.count, bool)
        found[self.rows[(self.traits & trait) != 0]] = True
        return found


def _change(
    texts: pa.StringArray, rows: np.ndarray, change: Callable[[pa.StringArray], pa.StringArray]
) -> pa.StringArray:
    """Changes some of the texts: most of them need nothing of what is slow."""
    if not rows.any():
        return texts
    mask = pa.array(rows)
    return pc.replace_with_mask(texts, mask, change(texts.filter(mask)))


def _look_up(points: np.ndarray) -> np.ndarray:
    """Returns the traits of code points.

    What composes with the character before it are marks, and the vowels and finals of Hangul.

    >>> [int(each) & _UNSTABLE for each in _look_up(np.array([0x2019, 0xFB01, 0x301]))]
    [0, 2, 2]
    """
    new = find_distinct(points[_TRAITS[points] == 0]).tolist()
    characters = pa.array(map(chr, new), pa.string())
    cased = pc.not_equal(pc.utf8_lower(pc.utf8_upper(characters)), characters).to_pylist()
    for point, changes in zip(new, cased, strict=True):
        character = chr(point)
        alone = unicodedata.category(character) not in _CHANGING and point not in _JAMO
        stable = alone and unicodedata.is_normalized("NFKC", character)
        spacing = _SPACING if point in _WIDE_SPACES else 0
        _TRAITS[point] = _MET | (0 if stable else _UNSTABLE) | (_CASED if changes else 0) | spacing
    traits: np.ndarray = _TRAITS[points]
    return traits


def _find_untidy(texts: pa.StringArray, wide: _Wide) -> np.ndarray:
    """Says for each text whether its white space is anything but single spaces inside."""
    offsets, raw = text_buffers(texts)
    suspect = wide.find(_SPACING)
    spaces = raw == ord(" ")
    if raw.min(initial=ord(" ")) < ord(" ") or _has_pair_of_spaces(raw):  # Most texts have neither.
        fault = raw < ord(" ")
        fault[1:] |= spaces[1:] & spaces[:-1]
        suspect[_find_rows(offsets, np.flatnonzero(fault))] = True
    full = np.flatnonzero(np.diff(offsets))
    suspect[full] |= spaces[offsets[full]] | spaces[offsets[full + 1] - 1]
    if suspect.any():
        some = pc.match_substring_regex(texts.filter(pa.array(suspect)), _UNTIDY)  # quicker than to replace nothing
        suspect[suspect] = some.to_numpy(zero_copy_only=False)
    return suspect


def _has_pair_of_spaces(raw: np.ndarray) -> bool:
    """Says whether two spaces follow each other: looked at in pairs, in a sixth of the time of one by one."""
    pairs = (raw[begin : begin + (len(raw) - begin) // 2 * 2].view(np.uint16) for begin in range(min(2, len(raw))))
    return any((each == ord(" ") * 0x101).any() for each in pairs)


def _find_rows(offsets: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Returns the text that each of some bytes is in."""
    rows: np.ndarray = np.searchsorted(offsets, places, "right") - 1
    return rows


def _tidy(texts: pa.StringArray) -> pa.StringArray:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, f"{_SPACE}+", " "))


class _HashSet:
    """A growing set of hashes in one array with open addressing: 16 to 32 bytes an entry, a Python set takes about 60.

    A hash stands at the place that its first bits say, or at the next that is free. So hashes that are asked for in
    order are found in order, one part of the memory after the other.
    """

    def __init__(self) -> None:
        self._bits = _FEWEST_BITS
        self._places = np.zeros(1 << self._bits, np.uint64)
        self._count = 0

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """Says for each hash whether it was added before; quickest if they are sorted."""
        found = np.zeros(len(hashes), bool)
        left, asked = np.arange(len(hashes)), _avoid_zero(hashes)
        place = self._first_place(asked)
        while len(left):
            there = self._places[place]
            found[left[there == asked]] = True
            on = (there != asked) & (there != 0)
            left, asked, place = left[on], asked[on], (place[on] + 1) & (len(self._places) - 1)
        return found

    def add(self, hashes: np.ndarray) -> None:
        """Adds distinct hashes of which it has none."""
        self._count += len(hashes)
        if 2 * self._count > len(self._places):
            before = self._places[self._places != 0]
            self._bits = int(2 * self._count).bit_length()
            self._places = np.zeros(1 << self._bits, np.uint64)
            self._put(before)
        self._put(_avoid_zero(hashes))

    def _put(self, hashes: np.ndarray) -> None:
        place = self._first_place(hashes)
        while len(hashes):
            free = self._places[place] == 0
            self._places[place[free]] = hashes[free]
            on = self._places[place] != hashes  # Of several that want one place the last has it.
            hashes, place = hashes[on], (place[on] + 1) & (len(self._places) - 1)

    def _first_place(self, hashes: np.ndarray) -> np.ndarray:
        return (hashes >> np.uint64(64 - self._bits)).astype(np.int64)


def _avoid_zero(hashes: np.ndarray) -> np.ndarray:
    """Returns the hashes, 1 instead of 0, which says that a place is free."""
    return np.maximum(hashes, np.uint64(1))


def _find(array: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Says for each hash whether a sorted array has it, by binary search."""
    if len(array) == 0:
        return np.zeros(len(hashes), bool)
    # A hash larger than all would stand behind the last, at no valid index; the last is as unequal to it.
    position = np.minimum(np.searchsorted(array, hashes), len(array) - 1)
    return array[position] == hashes
