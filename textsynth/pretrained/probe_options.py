"""Which model stands in for the one that a corpus will train: a small one, spaCy's, or a pretrained encoder."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from textsynth.components.component import Positive, check_extra
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.pretrained.encoding import EncoderOptions, load_encoder
from textsynth.scores.encoders import TFIDF, Encoder
from textsynth.scores.probes import Classify, Tag, teach_classifier, teach_on_vectors, teach_tagger
from textsynth.scores.spacy_probes import teach_spacy_classifier, teach_spacy_tagger

_TAGGER, _CLASSIFIER = (0.1, 0.01), 0.1
"""The weights of the norms of the small probes."""


@dataclass(frozen=True, kw_only=True)
class ProbeOptions(EncoderOptions):
    """Which probe is taught, and for how long.

    * small: a CRF for spans, a logistic regression on TF-IDF for classes. Under a second each for 500 examples.
    * spacy: the recogniser and the text classifier of a blank pipeline, taught for a number of steps.
    * encoder: a transformer that is taught to tag tokens, all of it; for classes a logistic regression on its vectors
      as they are, or on static embeddings.

    Args:
        probe: "small", "spacy" or "encoder".
        steps: batches of 16 examples that spaCy and transformers are taught.
    """

    probe: Literal["small", "spacy", "encoder"] = "small"
    steps: Positive = 300

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.probe == "encoder") != (self.encoder != TFIDF):
            raise OptionError("options 'probe' and 'encoder': probe = 'encoder' must stand beside a model, and only it")

    def libraries(self) -> frozenset[str]:
        """Names what the probes are made with."""
        return super().libraries() | (frozenset({"spacy"}) if self.probe == "spacy" else frozenset())

    def needs(self) -> list[str]:
        """Says which encoder will be loaded, after a look for spaCy if that is asked for."""
        if self.probe == "spacy":
            check_extra("spacy", "probe 'spacy'")
        return super().needs()

    def teach_tagger(self, corpus: Corpus, weaker: float, rng: np.random.Generator) -> Tag:
        """Teaches the spans of a corpus.

        Args:
            corpus: the texts and their spans.
            weaker: what the regularisation is multiplied by.
            rng: draws first weights and the order of the texts, if the probe has any.
        """
        if self.probe == "spacy":
            return teach_spacy_tagger(corpus, self.steps, weaker, rng)
        if self.probe == "encoder":
            from textsynth.pretrained.probing import teach_encoder_tagger

            return teach_encoder_tagger(self.encoder, corpus, self.steps, weaker, rng)
        small = teach_tagger(corpus, (_TAGGER[0] * weaker, _TAGGER[1] * weaker))
        return lambda given: small.tag(given).label(given)

    def teach_classifier(self, corpus: Corpus, weaker: float, rng: np.random.Generator) -> Classify:
        """Teaches the classes of a corpus; for arguments see `teach_tagger`."""
        if self.probe == "spacy":
            return teach_spacy_classifier(corpus, self.steps, weaker, rng)
        # scikit-learn adds the losses of all examples up, as CRFsuite does: one norm weighs less beside more of them.
        if self.probe == "encoder":
            return teach_on_vectors(_load_encoder(self.encoder), corpus, _CLASSIFIER * weaker).classify
        return teach_classifier(corpus, _CLASSIFIER * weaker).classify


@functools.lru_cache(1)
def _load_encoder(name: str) -> Encoder:
    """Loads an encoder once for all trainings, as it is not taught."""
    return load_encoder(name)
