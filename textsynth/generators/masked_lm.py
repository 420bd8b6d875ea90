"""Replaces words by others that a masked language model takes for likely there, with the label in view.

After MELM (Zhou et al. 2022, Data Augmentation with Masked Entity Language Modeling for Low-Resource NER) and C-BERT
(Wu et al. 2019, Conditional BERT Contextual Augmentation).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
import pydantic

from textsynth.components.component import Positive, Share
from textsynth.edits.edit import ANY_LABEL, Edit, Policy, Rate
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.pretrained.loading import PretrainedOptions
from textsynth.pretrained.tuning_options import TuningOptions

if TYPE_CHECKING:
    from textsynth.pretrained.masked.refilling import RefillEditor


@dataclass(frozen=True, kw_only=True)
class MaskedLm(PretrainedOptions, TuningOptions, Edit["RefillEditor"]):
    """Hides words of source examples, and has a masked language model fill them in.

    Fine-tuned on the source, the model sees the label of each mention, and the class: in the place of a person comes a
    person. As it is, it does not, and mentions that it refills may no longer be of their label. A word is replaced by
    one that is whole in the model's vocabulary, in the same casing; numbers, marks and parts of compounds stay.

    Args:
        model: a masked model: a directory, "package:NAME/FILE" inside an installed package, or "owner/name" on the hub.
        fine_tune: whether the model first learns the source with its labels; otherwise it is taken as it is.
        target: which words are refilled: those of the "context", those of "mentions", or "both".
        rate: share of these words that are refilled, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "edit" refills them where `target` has
            mentions, "keep" keeps them, "replace" puts others of that label in their place.
        top_k: only so many of the likeliest words are drawn from.
        min_p: only words are drawn from that have this share of the probability of the likeliest, the word itself among
            them; a word for which the model sees no other stays.
        temperature: under 1 for likely words, over 1 for rare ones; 0 always takes the likeliest.
        epochs: times the source is read, at most; other words are hidden each time.
        patience: epochs without a better loss on held-out sentences before training stops.
    """

    model: str = "distilbert/distilbert-base-cased"
    fine_tune: bool = True
    target: Literal["context", "mentions", "both"] = "context"
    rate: Rate = 0.15
    top_k: Positive = 20
    min_p: Share = 0.02
    temperature: Annotated[float, pydantic.Field(ge=0)] = 1.0
    epochs: Positive = 20
    patience: Positive = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target == "context" and "edit" in self.policy.values():
            raise OptionError(
                'option \'policy\' must not "edit" mentions where target = "context"; "both" refills them'
            )

    def resolve_paths(self, folder: Path) -> Self:
        """Takes a model that is a path from a folder."""
        return dataclasses.replace(self, model=self.resolve_model_path(folder))

    def policy_of(self, label: str) -> Policy:
        """Returns what happens with the mentions of a label."""
        usual: Policy = "keep" if self.target == "context" else "edit"
        return self.policy.get(label, self.policy.get(ANY_LABEL, usual))

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Fine-tunes the model, or looks whether it can be used as it is."""
        from textsynth.pretrained.masked.trained import learn_masked

        tokenised = Tokenised.of(resources.source)
        seed = int(rng.integers(2**63))
        learn_masked(tokenised, self._find_targets(tokenised), self, self._tuning(), directory, seed)

    def editor(self, tokenised: Tokenised, directory: Path) -> RefillEditor:
        """Loads the model, and finds the words that it can refill."""
        from textsynth.pretrained.masked.refilling import RefillEditor, Refilling, Taste
        from textsynth.pretrained.masked.trained import read_masked

        masked = read_masked(self, self._tuning(), directory)
        taste = Taste(self.top_k, self.min_p, self.temperature)
        refilling = Refilling(masked.cloze(), masked.mask, *masked.laid_out(tokenised), taste)
        return RefillEditor.of(tokenised, self._find_targets(tokenised), refilling, self.threads)

    def _tuning(self) -> TuningOptions | None:
        return self if self.fine_tune else None

    def _find_targets(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it may be refilled, `(tokens,)`."""
        editable = self.find_editable(tokenised)
        return editable & (tokenised.span >= 0) if self.target == "mentions" else editable
