"""Edits that change one character of a word: a letter with its combining marks, or a digit."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.alternatives import PassageEditor, Passages
from textsynth.edits.grapheme import Clusters
from textsynth.edits.substitution import Substitution
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True, kw_only=True)
class CharacterEdit(Substitution):
    """Changes one character, or a few neighbours, of some of the words."""

    @abc.abstractmethod
    def passages(self, clusters: Clusters) -> Passages:
        """Finds what may be changed in the words of a corpus, and by what."""

    def editor(self, tokenised: Tokenised, directory: Path) -> PassageEditor:
        """Finds what may be changed in the words that may be."""
        return PassageEditor.of(tokenised, self.editable(tokenised), self.passages(Clusters.of(tokenised)))


def find_strings(clusters: Clusters, replacements: Mapping[str, Sequence[str]]) -> Passages:
    """Finds all places in words where one of some strings stands.

    Args:
        clusters: the characters of the words.
        replacements: for each string of letters and digits, what may stand in its place: not itself.
    """
    code_of = {cluster: code for code, cluster in enumerate(clusters.distinct)}
    single = np.full(len(clusters.distinct), -1, np.int64)
    joined = clusters.joined()
    several = []
    for which, key in enumerate(replacements):
        codes = [code_of.get(character, -1) for character in key]
        if len(codes) == 1 and codes[0] >= 0:
            single[codes[0]] = which
        elif -1 not in codes:
            at = _find_run(clusters, joined, codes)
            several.append((at, at + len(codes) - 1, np.full(len(at), which)))
    known = single[clusters.code]
    at = np.flatnonzero(known >= 0)
    first, last, kind = at, at, known[at]
    if several:
        first, last, kind = (np.concatenate(parts) for parts in zip((first, last, kind), *several, strict=True))
        order = np.lexsort((last, first))
        first, last, kind = first[order], last[order], kind[order]
    columns = clusters.begin[first], clusters.end[last], clusters.token[first]
    return Passages(*columns, kind, list(replacements.values()))


def _find_run(clusters: Clusters, joined: np.ndarray, codes: Sequence[int]) -> np.ndarray:
    """Returns the clusters at which a run of given clusters begins."""
    at = np.flatnonzero(clusters.code == codes[0])
    for step, code in enumerate(codes[1:], 1):
        at = at[joined[at + step - 1]]
        at = at[clusters.code[at + step] == code]
    return at
