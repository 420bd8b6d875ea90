"""Constraint: which symbols may come next in sentences of a pretrained model, so that their marks are right.

If it is strict, only marks that fit may come: slots and mentions that were asked for and are not there yet, those it
may have beside them, and the end when all are there that were asked for; if the model would end sooner, one of these
comes instead. The text of a seeded mention is not left to the model: once its mark is open, it follows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch

from textsynth.pretrained.causal.sentence_codec import SentenceCodec
from textsynth.pretrained.tokenizing import special_symbols
from textsynth.wording.vocabulary import Part


@dataclass
class _SentenceState:
    """What is open and owed in one sentence.

    Args:
        owed: mentions asked for that are not there yet.
        spare: mentions that it may have beside them.
        forced: symbols that must come next, in order.
        is_inside: whether a mention is open.
    """

    owed: list[Part]
    spare: list[Part]
    forced: list[int] = field(default_factory=list)
    is_inside: bool = False


@dataclass(frozen=True)
class ConstraintMaker:
    """Makes the constraint of each batch.

    Args:
        codec: what symbols mean.
        asked: for each sentence the mentions it must have, and those it may have.
        is_strict: whether marks that do not fit are held back.
        forbidden: symbols that no sentence may have.
    """

    codec: SentenceCodec
    asked: Sequence[tuple[Sequence[Part], Sequence[Part]]]
    is_strict: bool
    forbidden: torch.Tensor

    def __call__(self, prompts: np.ndarray) -> MentionConstraint:
        """Returns the constraint of these sentences."""
        rows = [self.asked[prompt] for prompt in prompts]
        return MentionConstraint([_SentenceState(list(owed), list(spare)) for owed, spare in rows], self)


class MentionConstraint:
    """What may come next in each sentence of a batch.

    Args:
        rows: the state of each sentence.
        maker: what holds for all.
    """

    def __init__(self, rows: list[_SentenceState], maker: ConstraintMaker) -> None:
        codec = maker.codec
        self._rows, self._maker, self._codec = rows, maker, codec
        opening = [codec.opening(label, spaced) for label in codec.labels for spaced in (False, True)]
        self._marks = [codec.close, codec.end, *opening]

    def mask_logits(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns the logits with what may not come at minus infinity."""
        known = self._codec.first + self._codec.size
        logits[:, known:] = -torch.inf
        logits[:, self._maker.forbidden] = -torch.inf
        if self._maker.is_strict:
            for number, row in enumerate(self._rows):
                self._put_off(logits[number], row)
            allowed = torch.tensor([self._find_allowed(row) for row in self._rows], device=logits.device)
            logits[:, self._marks] = logits[:, self._marks].masked_fill(~allowed, -torch.inf)
        for number, row in enumerate(self._rows):
            if row.forced:
                # A logit of 0 among nothing but minus infinity: this symbol comes, whatever the temperature.
                logits[number] = -torch.inf
                logits[number, row.forced[0]] = 0
        return logits

    def advance(self, symbols: torch.Tensor) -> None:
        """Goes on with what came in each row."""
        for row, symbol in zip(self._rows, symbols.tolist(), strict=True):
            self._go_on(row, symbol)

    def select(self, rows: torch.Tensor) -> Self:
        """Returns the constraint of some of the rows."""
        return type(self)([self._rows[row] for row in rows.tolist()], self._maker)

    def _put_off(self, logits: torch.Tensor, row: _SentenceState) -> None:
        """Gives the chance of an end that comes too early to the mentions that are owed; else anything might follow."""
        if not row.owed or row.is_inside:
            return
        # In log space: the share of the end is divided among the labels that are owed, and added to each of theirs.
        marks = [self._codec.opening(label, True) for label in {part.label: None for part in row.owed} if label]
        share = logits[self._codec.end] - math.log(len(marks))
        logits[marks] = torch.logaddexp(logits[marks], share)

    def _go_on(self, row: _SentenceState, symbol: int) -> None:
        if row.forced:
            row.forced.pop(0)
            row.is_inside = bool(row.forced)
            return
        label = self._codec.label_of(symbol)
        if label is None:
            row.is_inside = row.is_inside and symbol != self._codec.close
            return
        row.is_inside = self._codec.mode != "delexicalised"
        found = self._take_mention(row, label)
        if found is not None and self._maker.is_strict and self._codec.mode == "entity_seeded":
            spaced = symbol == self._codec.opening(label, True)
            row.forced = self._codec.encode_mention(found, spaced=spaced)[1:]

    def _take_mention(self, row: _SentenceState, label: str) -> Part | None:
        """Takes a mention of a label from those that are owed, or else from the spare ones; slots stay spare."""
        for mentions in (row.owed, row.spare):
            for part in mentions:
                if part.label == label:
                    if part.text or mentions is row.owed:
                        mentions.remove(part)
                    return part
        return None

    def _find_allowed(self, row: _SentenceState) -> list[bool]:
        """Says for each mark whether it may come: the closing one, the end, and two for each label."""
        free = self._codec.mode == "linearised"
        there = {part.label for part in (*row.owed, *row.spare)}
        opens = [not row.is_inside and (free or label in there) for label in self._codec.labels for _ in (0, 1)]
        return [row.is_inside, not row.is_inside and not row.owed, *opens]


def find_forbidden(codec: SentenceCodec, *, line_breaks: bool) -> torch.Tensor:
    """Returns the symbols that no sentence may have: special ones but the end, and those with a line break.

    Args:
        codec: what symbols mean.
        line_breaks: whether line breaks may come all the same, as the source has some.
    """
    tokenizer = codec.tokenizer
    unwanted = {*special_symbols(tokenizer), codec.begin} - {codec.end}
    if not line_breaks:
        texts = tokenizer.batch_decode([[symbol] for symbol in range(len(tokenizer))])
        unwanted |= {symbol for symbol, text in enumerate(texts) if "\n" in text or "\r" in text}
    return torch.tensor(sorted(unwanted))
