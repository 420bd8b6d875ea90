"""Sentences and their spans out of a block of tokens and tags, all at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa

from textsynth.corpus import SCHEMA
from textsynth.corpus.code_points import join_runs, raw_slices
from textsynth.corpus.span_columns import span_list
from textsynth.corpus.tag_notation import TagNotation
from textsynth.reading.block import Block
from textsynth.reading.records import Fault, Faults
from textsynth.reading.token_block import TokenBlock, read_token_blocks
from textsynth.reading.token_columns import Sentence, TokenColumns, parse_sentences
from textsynth.reading.token_text import Join, has_unspaced


def read_tagged(
    path: Path, encoding: str, columns: TokenColumns, notation: TagNotation, join: Join
) -> Iterator[Sentence | Fault | pa.Table]:
    """Reads the sentences of a file: rows of a corpus, as many at a time as have nothing peculiar about them.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        columns: how the lines fall into cells.
        notation: what the tags mean.
        join: what stands between tokens.
    """
    bad = Faults("skip")
    parts = read_token_blocks(path, encoding, columns, bad)
    tried = (_try_block(part, columns, notation, join) if isinstance(part, TokenBlock) else part for part in parts)
    for done, group in itertools.groupby(tried, lambda part: isinstance(part, pa.Table)):
        if done:
            yield from cast("Iterator[pa.Table]", group)
        else:
            yield from parse_sentences(cast("Iterator[Block]", group), columns, bad)


def _try_block(block: TokenBlock, columns: TokenColumns, notation: TagNotation, join: Join) -> pa.Table | Block:
    table = read_block(block, columns, notation, join)
    return block.to_block() if table is None else table


def read_block(block: TokenBlock, columns: TokenColumns, notation: TagNotation, join: Join) -> pa.Table | None:
    """Returns the sentences of a block as rows of a corpus; None if a tag is none, or there may be no spaces.

    Args:
        block: the lines.
        columns: which cell is the token and which the tag.
        notation: what the tags mean.
        join: what stands between tokens.
    """
    if join == "none" or (join == "auto" and has_unspaced(block.text)):
        return None
    tags = block.strings(columns.tag).dictionary_encode()
    names = tags.dictionary.to_pylist()
    if notation.scheme not in (None, "io"):
        _, steps = block.find_steps(columns.tag)
        if not notation.allows(steps):
            return None
    meanings = [notation.find_meaning(name) for name in names]
    if None in meanings:
        return None
    spans = _find_spans(tags.indices.to_numpy(), [each for each in meanings if each], block.sentences)
    texts = _join_tokens(block, columns.token)
    rows = len(texts)
    nothing, none = pa.nulls(rows, pa.string()), pa.repeat(pa.scalar(""), rows)
    return pa.table([texts, _place_spans(block, columns.token, *spans), nothing, none, none], schema=SCHEMA)


def _find_spans(
    code: np.ndarray, meanings: list[tuple[str, str]], sentences: np.ndarray
) -> tuple[np.ndarray, np.ndarray, pa.StringArray]:
    """Returns the first token of each span, the token after its last, and its label, as `TagNotation.read` has them.

    Args:
        code: `(tokens,)`; which meaning the tag of each has.
        meanings: the kind and the label of each distinct tag.
        sentences: `(sentences + 1,)` bounds of the tokens.
    """
    kinds, labels = zip(*meanings, strict=True)
    label_names, label_of = np.unique(np.array(labels, object), return_inverse=True)
    label = label_of[code]
    opens, follows = (np.isin(kinds, each)[code] for each in (["B", "I"], ["I", "E"]))
    tagged = np.array([bool(each) for each in labels])[code]
    goes_on = np.zeros(len(code) + 1, bool)
    goes_on[1:-1] = opens[:-1] & follows[1:] & (label[1:] == label[:-1])
    goes_on[sentences] = False
    first = np.flatnonzero(tagged & ~goes_on[:-1])
    stop = np.flatnonzero(tagged & ~goes_on[1:]) + 1
    return first, stop, pa.array(label_names.tolist(), pa.string()).take(pa.array(label[first]))


def _join_tokens(block: TokenBlock, column: int) -> pa.StringArray:
    """Returns the texts of sentences: their tokens with a space between."""
    begins, ends = block.begins[:, column], block.ends[:, column].copy()
    raw = block.raw.copy()
    raw[ends] = ord(" ")  # What stands behind each token gives the space.
    ends[np.delete(np.arange(len(ends)), block.sentences[1:] - 1)] += 1
    return join_runs(raw_slices(raw, begins, ends), block.sentences)


def _place_spans(
    block: TokenBlock, column: int, first: np.ndarray, stop: np.ndarray, labels: pa.StringArray
) -> pa.ListArray:
    """Returns the column of spans: where in their texts these tokens stand, in characters."""
    begins, ends = (block.characters[each[:, column]] for each in (block.begins, block.ends))
    # Characters from the start of the first token of all, with a space behind each; then from that of the sentence.
    places = np.concatenate([[0], np.cumsum(ends - begins + 1)])
    start_of_text = places[block.sentences[np.searchsorted(block.sentences, first, "right") - 1]]
    rows = np.searchsorted(first, block.sentences)
    return span_list(rows, places[first] - start_of_text, places[stop] - 1 - start_of_text, labels)
