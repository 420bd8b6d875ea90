"""How gaps are written for a model, and how what it wrote is read: T5 numbers them, BART has one symbol for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textsynth.errors import OptionError
from textsynth.pretrained.rewriting.placeholder import BROKEN
from textsynth.pretrained.rewriting.rewriter import Rewriter
from textsynth.wording.filling import UNENDED
from textsynth.wording.rejection import Rejection

LOST, UNCLEAR = Rejection("the rest was changed"), Rejection("gaps do not match")
EMPTY_GAP = Rejection("a gap is empty")

_SENTINEL = "<extra_id_{}>"


class GapNotation(Protocol):
    """How a model is shown gaps, and says what belongs there."""

    @property
    def most(self) -> int:
        """How many gaps a text may have."""

    def symbol(self, number: int) -> int:
        """Returns what stands for a gap, counted from 0."""

    def encode_target(self, within: Sequence[Sequence[int]], whole: Sequence[int]) -> list[int]:
        """Returns what the model is to write: symbols, with the end.

        Args:
            within: the symbols of each gap.
            whole: those of the text, with all that stands around it.
        """

    def read_fills(self, written: Sequence[int], kept: Sequence[str]) -> list[str] | Rejection:
        """Returns what belongs into each gap, or what is wrong.

        Args:
            written: symbols, with the end if it came.
            kept: the text before, between and after the gaps.
        """


def notation_of(rewriter: Rewriter, name: str) -> GapNotation:
    """Returns how a model is shown gaps.

    Args:
        rewriter: the model.
        name: of the model, for messages.

    Raises:
        OptionError: if it has neither numbered symbols for gaps nor a mask.
    """
    vocabulary, sentinels = rewriter.tokenizer.get_vocab(), list[int]()
    while (sentinel := _SENTINEL.format(len(sentinels))) in vocabulary:
        sentinels.append(vocabulary[sentinel])
    if len(sentinels) > 1:
        return _Numbered(rewriter, tuple(sentinels))
    if rewriter.tokenizer.mask_token_id is not None:
        return _Unnumbered(rewriter, int(rewriter.tokenizer.mask_token_id))
    raise OptionError(
        f"option 'model' must have <extra_id_0> or a mask in its vocabulary to fill gaps, has neither: {name!r}"
    )


@dataclass(frozen=True)
class _Numbered:
    rewriter: Rewriter
    sentinels: tuple[int, ...]

    @property
    def most(self) -> int:
        """One sentinel stands behind the last gap."""
        return len(self.sentinels) - 1

    def symbol(self, number: int) -> int:
        return self.sentinels[number]

    def encode_target(self, within: Sequence[Sequence[int]], whole: Sequence[int]) -> list[int]:
        marked = [symbol for number, gap in enumerate(within) for symbol in (self.sentinels[number], *gap)]
        return [*marked, self.sentinels[len(within)], self.rewriter.end]

    def read_fills(self, written: Sequence[int], kept: Sequence[str]) -> list[str] | Rejection:
        """Takes what stands behind each sentinel, which must come in order; the model may write on after the last."""
        number = {symbol: place for place, symbol in enumerate(self.sentinels)}
        gaps: list[list[int]] = []
        wanted, ended = len(kept) - 1, False
        for symbol in written:
            ended = symbol == self.rewriter.end or number.get(symbol) == wanted == len(gaps)
            if ended:
                break
            if symbol in number:
                if number[symbol] != len(gaps):
                    return UNCLEAR
                gaps.append([])
            elif gaps:
                gaps[-1].append(symbol)
        if not ended or len(gaps) < wanted:
            return UNCLEAR if ended else UNENDED
        return _check([self.rewriter.text(gap) for gap in gaps])


@dataclass(frozen=True)
class _Unnumbered:
    rewriter: Rewriter
    mask: int

    @property
    def most(self) -> int:
        """Any number would do: a text is too long for the model before it has this many."""
        return 100

    def symbol(self, number: int) -> int:
        return self.mask

    def encode_target(self, within: Sequence[Sequence[int]], whole: Sequence[int]) -> list[int]:
        return list(whole)

    def read_fills(self, written: Sequence[int], kept: Sequence[str]) -> list[str] | Rejection:
        """Takes what stands between the texts that were kept; all of them must be there, in one way alone."""
        if not written or written[-1] != self.rewriter.end:
            return UNENDED
        text = self.rewriter.text(written)
        found = [re.fullmatch(_pattern(kept, gap), text) for gap in (r"(\S(?:.*?\S)??)", r"(\S(?:.*\S)?)")]
        if found[0] is None or found[1] is None:
            return LOST
        return _check(list(found[0].groups())) if found[0].regs == found[1].regs else UNCLEAR


def _pattern(kept: Sequence[str], gap: str) -> str:
    """Returns what finds the gaps between texts, with any white space around."""
    parts = [r"\s+".join(map(re.escape, text.split())) for text in kept]
    inner = [rf"\s+{part}\s+" if part else r"\s+" for part in parts[1:-1]]
    ends = [rf"{parts[0]}\s+" if parts[0] else "", rf"\s*{parts[-1]}" if parts[-1] else ""]
    return gap.join([ends[0], *inner, ends[1]])


def _check(fills: list[str]) -> list[str] | Rejection:
    if not all(fills):
        return EMPTY_GAP
    return BROKEN if any("\ufffd" in fill for fill in fills) else fills
