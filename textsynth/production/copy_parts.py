"""Copies of one source example that come in several shards: what one has, the next may not repeat."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import xxhash

from textsynth.components.generator import Draft
from textsynth.edits.copies import REPEATED
from textsynth.production.shard import Shard


@dataclass
class CopyParts:
    """The copies so far of an example that has more of them than one shard.

    A shard sees to it that its own copies differ; only shards of the same example, which come one after the other, may
    have the same text. They hardly do if there are countless variants. If there are hardly more than copies, fewer come
    than could: of 150 copies in two shards 127 if there are 200 variants, 144 if there are 1,000, 150 if there are
    10,000. To make those that are missing would take further rounds; but only the copies of a text that come to more
    than 128 MB are in several shards, and a text as long as that with so few variants is better cut into several.

    Args:
        copies: how many of each example are asked for; None if none are.
        place: the step, and the rows of the example.
        seen: hashes of its copies' texts.
    """

    copies: int | None
    place: tuple[str, tuple[int, int] | None] = ("", None)
    seen: set[bytes] = field(default_factory=set)

    def tell_repeats(self, shard: Shard, draft: Draft) -> Draft:
        """Returns what a shard has, with the reason beside each copy that an earlier shard of the example had."""
        if shard.rows is None or self.copies is None or shard.count >= self.copies:
            return draft
        if self.place != (shard.step.name, shard.rows):
            self.place, self.seen = (shard.step.name, shard.rows), set()
        reasons = list(draft.reasons) or [None] * len(draft.corpus)
        for row, text in enumerate(draft.corpus.texts):
            code = xxhash.xxh3_128_digest(text.as_buffer())
            if reasons[row] is None and code in self.seen:
                reasons[row] = REPEATED
            self.seen.add(code)
        return replace(draft, reasons=reasons if any(reasons) else ())
