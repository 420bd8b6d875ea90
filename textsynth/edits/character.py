"""Edits that change one character of a word: a letter with its combining marks, or a digit."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.alternatives import Alternatives, AlternativesEditor
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.substitution import Substitution
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True, kw_only=True)
class CharacterEdit(Substitution):
    """Changes one character, or a few neighbours, of some of the words."""

    @abc.abstractmethod
    def alternatives(self, graphemes: Graphemes) -> Alternatives:
        """Finds what may be changed in the words of a corpus, and by what."""

    def editor(self, tokenised: Tokenised, directory: Path) -> AlternativesEditor:
        """Finds what may be changed in the words that may be."""
        return AlternativesEditor.of(tokenised, self.editable(tokenised), self.alternatives(Graphemes.of(tokenised)))


def find_strings(graphemes: Graphemes, replacements: Mapping[str, Sequence[str]]) -> Alternatives:
    """Finds all places in words where one of some strings stands.

    Args:
        graphemes: the characters of the words.
        replacements: for each string of letters and digits, what may stand in its place: not itself.
    """
    code_of = {grapheme: code for code, grapheme in enumerate(graphemes.distinct)}
    single = np.full(len(graphemes.distinct), -1, np.int64)
    joined = graphemes.find_joined()
    several = []
    for which, key in enumerate(replacements):
        codes = [code_of.get(character, -1) for character in key]
        if len(codes) == 1 and codes[0] >= 0:
            single[codes[0]] = which
        elif -1 not in codes:
            at = _find_run(graphemes, joined, codes)
            several.append((at, at + len(codes) - 1, np.full(len(at), which)))
    known = single[graphemes.code]
    at = np.flatnonzero(known >= 0)
    first, last, kind = at, at, known[at]
    if several:
        first, last, kind = (np.concatenate(parts) for parts in zip((first, last, kind), *several, strict=True))
        order = np.lexsort((last, first))
        first, last, kind = first[order], last[order], kind[order]
    columns = graphemes.begin[first], graphemes.end[last], graphemes.token[first]
    return Alternatives(*columns, kind, list(replacements.values()))


def _find_run(graphemes: Graphemes, joined: np.ndarray, codes: Sequence[int]) -> np.ndarray:
    """Returns the graphemes at which a run of given graphemes begins."""
    at = np.flatnonzero(graphemes.code == codes[0])
    for step, code in enumerate(codes[1:], 1):
        at = at[joined[at + step - 1]]
        at = at[graphemes.code[at + step] == code]
    return at
