"""Replaces words by others that a masked language model takes for likely there, with the label in view.

After MELM (Zhou et al. 2022, Data Augmentation with Masked Entity Language Modeling for Low-Resource NER) and C-BERT
(Wu et al. 2019, Conditional BERT Contextual Augmentation).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pydantic

from textsynth.components.component import Positive, Share
from textsynth.edits.edit import ANY_LABEL, Edit, Policy, Rate
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.pretrained.loading import PretrainedOptions
from textsynth.pretrained.tuning_options import RepeatedTuning, TuningOptions

if TYPE_CHECKING:
    from textsynth.pretrained.masked.refiller import RefillEditor


@dataclass(frozen=True, kw_only=True)
class MaskedLm(PretrainedOptions, Edit["RefillEditor"]):
    """Hides words of source examples, and has a masked language model fill them in.

    Fine-tuned on the source, the model sees the label of each mention, and the class: a person is replaced by a
    person. As it is, it does not, and mentions that it refills may no longer be of their label. A word is replaced by
    one that is whole in the model's vocabulary, in the same casing; numbers, marks and parts of compounds stay.

    Args:
        model: a masked model: a directory, "package:NAME/FILE" inside an installed package, or "owner/name" on the hub.
        fine_tune: whether the model first learns the source with its labels; otherwise it is taken as it is.
        target: which words are refilled: those of the "context", those of "mentions", or "both".
        rate: share of these words that are refilled, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "edit" refills them if `target` has
            mentions, "keep" keeps them, "replace" puts others of that label there.
        top_k: words are drawn from this many of the likeliest.
        min_p: only words are drawn from that have this share of the probability of the likeliest, the word itself among
            them; a word for which the model sees no other stays.
        temperature: under 1 for likely words, over 1 for rare ones; 0 always takes the likeliest.
        tuning: how it is fine-tuned; other words are hidden in each epoch.
    """

    extras = ("models",)

    example_options: ClassVar[Mapping[str, Any]] = {"loading": {"device": "cpu"}, "tuning": {"epochs": 1}, "min_p": 0.0}

    model: str = "distilbert/distilbert-base-cased"
    fine_tune: bool = True
    target: Literal["context", "mentions", "both"] = "context"
    rate: Rate = 0.15
    top_k: Positive = 20
    min_p: Share = 0.02
    temperature: Annotated[float, pydantic.Field(ge=0)] = 1.0
    tuning: RepeatedTuning = field(default_factory=RepeatedTuning)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target == "context" and "edit" in self.policy.values():
            raise OptionError('option \'policy\' must not "edit" mentions with target = "context"; "both" refills them')

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
        learn_masked(tokenised, self._find_targets(tokenised), self, self._get_tuning(), directory, seed)

    def editor(self, tokenised: Tokenised, directory: Path) -> RefillEditor:
        """Loads the model, and finds the words that it can refill."""
        from textsynth.pretrained.masked.refiller import RefillEditor, Refiller, WordSampling
        from textsynth.pretrained.masked.trained import read_masked

        masked = read_masked(self, self._get_tuning(), directory)
        sampling = WordSampling(self.top_k, self.min_p, self.temperature)
        refiller = Refiller(masked.cloze(), masked.mask, *masked.encode(tokenised), sampling)
        return RefillEditor.of(tokenised, self._find_targets(tokenised), refiller, self.loading.threads)

    def _get_tuning(self) -> TuningOptions | None:
        return self.tuning if self.fine_tune else None

    def _find_targets(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether it may be refilled, `(tokens,)`."""
        editable = self.find_editable(tokenised)
        return editable & (tokenised.span >= 0) if self.target == "mentions" else editable
