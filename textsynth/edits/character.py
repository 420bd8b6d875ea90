"""What edits of single characters share: finding the strings in words that may be replaced.

A character is what a reader takes for one: a letter with its combining marks, or a digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import Stretches


def find_strings(graphemes: Graphemes, variants: Mapping[str, Sequence[str]]) -> Stretches:
    """Finds all places in words where one of some strings stands.

    Args:
        graphemes: the characters of the words.
        variants: for each string of letters and digits, what may replace it: not itself.
    """
    code_of = {grapheme: code for code, grapheme in enumerate(graphemes.distinct)}
    single = np.full(len(graphemes.distinct), -1, np.int64)
    joined = graphemes.find_joined()
    several = []
    for kind, key in enumerate(variants):
        codes = [code_of.get(character, -1) for character in key]
        if len(codes) == 1 and codes[0] >= 0:
            single[codes[0]] = kind
        elif -1 not in codes:
            at = _find_run(graphemes, joined, codes)
            several.append((at, at + len(codes) - 1, np.full(len(at), kind)))
    # Strings of one character are found all at once, by a table; the few longer ones one by one.
    known = single[graphemes.code]
    at = np.flatnonzero(known >= 0)
    first, last, kinds = at, at, known[at]
    if several:
        first, last, kinds = (np.concatenate(parts) for parts in zip((first, last, kinds), *several, strict=True))
        order = np.lexsort((last, first))
        first, last, kinds = first[order], last[order], kinds[order]
    columns = graphemes.begin[first], graphemes.end[last], graphemes.token[first]
    return Stretches(*columns, kinds, list(variants.values()))


def _find_run(graphemes: Graphemes, joined: np.ndarray, codes: Sequence[int]) -> np.ndarray:
    """Returns the graphemes at which a run of given graphemes begins."""
    at = np.flatnonzero(graphemes.code == codes[0])
    for step, code in enumerate(codes[1:], 1):
        # A grapheme that is joined to the next one is never the last, so the next one is there.
        at = at[joined[at + step - 1]]
        at = at[graphemes.code[at + step] == code]
    return at
