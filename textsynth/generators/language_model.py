"""Samples a language model that was trained on the source from scratch: GRU, LSTM, or a small GPT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label, join_classes
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.training.options import Device, NetworkOptions, NetworkSpec, PrivacyOptions, TrainingOptions
from textsynth.wording.options import WritingOptions


@dataclass(frozen=True, kw_only=True)
class LanguageModel(WritingOptions, Generator):
    """Writes new sentences with a language model that is trained on the source, class by class.

    Delexicalised, the network writes typed slots that are filled afterwards; linearised (DAGA, Ding et al. 2020), it
    writes mentions itself, between marks. What it writes malformed is rejected.

    Args:
        marks: "slots" for delexicalised sentences, "linear" for linearised ones.
        device: where to train and sample; "auto" takes a GPU if there is one.
    """

    extras = ("torch",)

    example_options: ClassVar[Mapping[str, Any]] = {
        "network": {"hidden": 32, "embedding": 32},
        "training": {"epochs": 5},
    }

    marks: Literal["slots", "linear"] = "slots"
    device: Device = "auto"
    network: NetworkOptions = field(default_factory=NetworkOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    privacy: PrivacyOptions = field(default_factory=PrivacyOptions)

    def __post_init__(self) -> None:
        super().__post_init__()
        reason = "a transformer gives no gradients of one sentence"
        self.privacy.demand("network.kind", self.network.kind, ("gru", "lstm"), reason)
        if self.marks == "linear":
            self._refuse_values()

    def _refuse_values(self) -> None:
        usual = WritingOptions()
        for name in ("values", "locales"):
            if getattr(self, name) != getattr(usual, name):
                reason = "the network writes mentions itself, and there are no slots to fill"
                raise OptionError(f"option {name!r}: must not be given with marks = 'linear': {reason}")

    def is_private(self) -> bool:
        """Says whether there is a privacy budget."""
        return self.privacy.is_private()

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains the network."""
        from textsynth.networks.trained_language_model import learn_language_model
        from textsynth.training.training_set import prepare_training_set
        from textsynth.wording.filling import write_filler

        seed = int(rng.integers(2**63))
        spec = NetworkSpec(self.network, self.training, self.privacy, self.device)
        training_set = prepare_training_set("language_model", resources.source, spec, self.marks, seed)
        write_filler(self, resources, rng, directory)
        learn_language_model(training_set, spec, directory, seed).write(directory)

    def measure_costs(self, directory: Path, corpus: Corpus) -> np.ndarray | None:
        """Returns what each sentence costs the network, given its class."""
        from textsynth.networks.trained_language_model import TrainedLanguageModel
        from textsynth.training.device import one_thread

        with one_thread():
            return TrainedLanguageModel.read(directory, self.device).measure_costs(corpus)

    def sampler(self, directory: Path) -> Sampler:
        """Loads the network."""
        return _Writing(self, directory)


class _Writing:
    """The sampler: classes as frequent as in the source, a sentence for each."""

    def __init__(self, options: LanguageModel, directory: Path) -> None:
        from textsynth.networks.trained_language_model import TrainedLanguageModel
        from textsynth.wording.filling import read_filler

        self._options = options
        self._model = TrainedLanguageModel.read(directory, options.device)
        self._filler = read_filler(directory, slots=options.marks == "slots")

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        from textsynth.training.device import one_thread
        from textsynth.wording.filling import sentence_of

        vocabulary, counts = self._model.vocabulary, self._model.counts
        asked = join_classes(label)
        if asked is not None and asked not in vocabulary.classes:
            return Corpus.empty()
        chosen = vocabulary.classes.index(asked) if asked is not None else None
        drawn = rng.choice(len(counts), size=count, p=counts / counts.sum())
        classes = drawn if chosen is None else np.full(count, chosen)
        with one_thread():
            written = self._model.sample(classes, self._options.temperature, self._options.top_p, rng)
        sentences = [sentence_of(symbols, vocabulary) for symbols in written]
        return self._filler.corpus(sentences, [vocabulary.classes[each] for each in classes], rng)
