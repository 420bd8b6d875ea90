"""Masks mentions: replaces them by placeholders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus, span_list
from textsynth.corpus.ragged import Ragged
from textsynth.edits.edit import Edit, Policy, Rate
from textsynth.edits.mention_editor import MentionEditor
from textsynth.edits.operation import Maker
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract.gazetteer import mention_array


@dataclass(frozen=True, kw_only=True)
class MentionMasking(Edit[MentionEditor]):
    """Replaces mentions by a placeholder such as [PERSON]; one that reads like it already stays.

    Args:
        rate: share of the mentions that are changed, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "edit" them (the default), "keep" them, or
            "replace" them by other mentions of that label.
        mask: what replaces a mention; {label} in it becomes its label.
        keep_spans: whether the placeholder is a mention itself, with the label; else it is text like any other.
    """

    default_policy: ClassVar[Policy] = "edit"

    rate: Rate = 1.0
    mask: str = "[{label}]"
    keep_spans: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self._mask("LABEL")

    def editor(self, tokenised: Tokenised, directory: Path) -> MentionEditor:
        """Writes the placeholders."""
        return MentionEditor.of(tokenised, self.find_editable_mentions(tokenised), self._variants)

    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the operation for a corpus."""
        maker = super().maker(tokenised, directory)
        if self.keep_spans:
            return maker
        return _Unlabelling(
            maker, tokenised.corpus, [each for each in tokenised.corpus.labels if self._is_edited(each)]
        )

    def _is_edited(self, label: str) -> bool:
        return self.policy_of(label) == "edit"

    def _variants(self, mention: str, label: str) -> Sequence[str]:
        mask = self._mask(label)
        return [] if mention == mask else [mask]

    def _mask(self, label: str) -> str:
        try:
            mask = self.mask.format(label=label).strip()
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise OptionError(f"option 'mask' may have no field but {{label}}, was: {self.mask!r} ({error})") from error
        if not mask:
            raise OptionError(f"option 'mask' must be more than white space, was: {self.mask!r}")
        return mask


class _Unlabelling:
    """Takes the spans of masked mentions away: of those with certain labels that do not read as before."""

    def __init__(self, maker: Maker, source: Corpus, labels: Sequence[str]) -> None:
        self._maker, self._source, self._labels = maker, source, labels
        self._mentions = mention_array(source)
        self.usable = maker.usable

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        corpus = self._maker(chosen, rng)
        spans, source = corpus.spans, self._source.spans
        # Masking takes no span away, so a copy has those of its example, in the same order.
        which = Ragged.of_bounds(source.rows).take(chosen).values
        same = pc.equal(mention_array(corpus), self._mentions.take(pa.array(which, pa.int64())))
        other = pc.invert(pc.is_in(spans.labels, pa.array(self._labels, pa.string())))
        keep = np.flatnonzero(pc.or_(same, other).to_numpy(zero_copy_only=False))
        labels = spans.labels.take(pa.array(keep, pa.int64()))
        rows = Ragged.of_owner(spans.row_of_span()[keep], len(corpus)).bounds
        return corpus.with_column("spans", span_list(rows, spans.starts[keep], spans.ends[keep], labels))
