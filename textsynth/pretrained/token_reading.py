"""Reading token by token: what a transformer is given of texts, and which of its positions stands for which token."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import TokenTable
from textsynth.pretrained.loading import Pretrained
from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.tokenizing import cut_texts, frame_of, limit_of

OUTSIDE = -100
"""Stands for a position that is no token's; the loss of torch passes it over."""


class TokenReader:
    """Texts as a transformer reads them, and where in what it reads each of their tokens stands: at its first piece.

    Args:
        loaded: the transformer.
        corpus: the texts.
        tokens: theirs.

    Attributes:
        lengths: symbols of each text, `(texts,)`.
    """

    def __init__(self, loaded: Pretrained, corpus: Corpus, tokens: TokenTable) -> None:
        self._pad, self._device = loaded.tokenizer.pad_token_id or 0, loaded.model.device
        before, behind = frame_of(loaded.tokenizer)
        room = limit_of(loaded.model, loaded.tokenizer) - len(before) - len(behind)
        cut = cut_texts(corpus.texts.to_pylist(), loaded.tokenizer, offsets=True)
        self._ids = [[*before, *each[:room], *behind] for each in cut["input_ids"]]
        self.lengths = np.array([len(each) for each in self._ids], np.int64)
        self._places = [
            _find_first_pieces(offsets, tokens.starts[low:high], len(before), room)
            for offsets, (low, high) in zip(cut["offset_mapping"], itertools.pairwise(tokens.rows), strict=True)
        ]
        self._rows = tokens.rows

    def read(self, rows: np.ndarray) -> tuple[Any, Any]:
        """Returns symbols and mask of some texts."""
        ids = [self._ids[row] for row in rows]
        made = pad(ids, self._pad), attention_mask(ids)
        return torch.from_numpy(made[0]).to(self._device), torch.from_numpy(made[1]).to(self._device)

    def lay_out(self, rows: np.ndarray, codes: np.ndarray, width: int) -> Any:
        """Returns the tag of each position, that of a token at its first piece, `(texts, width)`."""
        wanted = np.full((len(rows), width), OUTSIDE, np.int64)
        for place, row in enumerate(rows.tolist()):
            seen = self._places[row] >= 0
            wanted[place, self._places[row][seen]] = codes[self._rows[row] : self._rows[row + 1]][seen]
        return torch.from_numpy(wanted).to(self._device)

    def gather(self, row: int, values: np.ndarray) -> np.ndarray:
        """Returns what each token of a text has, `(tokens, …)`, of what its positions have; 0 if it was not read."""
        places = self._places[row]
        gathered: np.ndarray = values[np.maximum(places, 0)]
        gathered[places < 0] = 0
        return gathered

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Yields the numbers of so many texts at a time, of like length, so that there is little padding."""
        order = np.argsort(self.lengths, kind="stable")
        yield from np.array_split(order, range(size, len(order), size)) if len(order) else ()


def _find_first_pieces(offsets: list[tuple[int, int]], starts: np.ndarray, before: int, room: int) -> np.ndarray:
    """Returns the position of the first piece of each token, -1 if it was not read, `(tokens,)`.

    >>> _find_first_pieces([(0, 2), (2, 3), (4, 7)], np.array([0, 4]), 1, 9).tolist()
    [1, 3]
    """
    ends = np.array([end for _, end in offsets], np.int64)
    piece = np.searchsorted(ends, starts, side="right")
    return np.where(piece < min(len(ends), room), piece + before, -1)
