"""Varies sentences by a text VAE (Bowman et al. 2016, Generating Sentences from a Continuous Space)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pydantic

from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label
from textsynth.edits.copies import make_distinct_copies
from textsynth.extract import Resources
from textsynth.networks.fit import train_vae
from textsynth.networks.vae_options import LatentOptions, VaeWritingOptions
from textsynth.training.options import Device, NetworkOptions, NetworkSpec, PrivacyOptions, TrainingOptions

_SOURCE = "source.parquet"
"""The file of a fitted directory that has the source, whose examples are varied."""


@dataclass(frozen=True, kw_only=True)
class Vae(VaeWritingOptions, Generator):
    """Trains a VAE on the delexicalised source, and writes sentences from points of its latent space.

    Args:
        sample: where points come from: "posterior", around sentences of the source; "prior", a Gaussian for each class
            fitted to where its sentences lie, or the standard one if training is private; "interpolation", between two
            sentences of one class. Copies of the source are around its sentences.
        sigmas: how far from its sentence a point of the posterior lies, in standard deviations.
        same_class: whether what reads like another class than its own, by the symbols that the classes of the source
            have, is rejected; not if training is private.
        device: where to train and sample; "auto" takes a GPU if there is one.
    """

    extras = ("torch",)

    example_options: ClassVar[Mapping[str, Any]] = {
        "network": {"hidden": 32, "embedding": 32},
        "training": {"epochs": 5},
    }

    sample: Literal["posterior", "prior", "interpolation"] = "posterior"
    sigmas: Annotated[float, pydantic.Field(ge=0)] = 2.0
    device: Device = "auto"
    network: NetworkOptions = field(default_factory=NetworkOptions)
    latent: LatentOptions = field(default_factory=LatentOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    privacy: PrivacyOptions = field(default_factory=PrivacyOptions)

    def __post_init__(self) -> None:
        super().__post_init__()
        demand = self.privacy.demand
        demand("network.kind", self.network.kind, ("gru", "lstm"), "a transformer gives no gradients of one sentence")
        demand("sample", self.sample, ("prior",), "the budget covers the weights, and no sentence of the source")
        demand("latent.bag", self.latent.bag, (False,), "bags are those of sentences of the source")
        demand("latent.kl", self.latent.kl, ("free_bits",), "batch norm mixes sentences")

    def is_private(self) -> bool:
        """Says whether there is a privacy budget."""
        return self.privacy.is_private()

    def makes_copies(self) -> bool:
        """Makes copies if points lie around the sentences of the source."""
        return self.sample == "posterior"

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains the VAE, and keeps the source to make copies of, unless training is private."""
        from textsynth.networks.class_guess import write_class_guesser
        from textsynth.wording.filling import write_filler

        spec = NetworkSpec(self.network, self.training, self.privacy, self.device)
        train_vae("vae", spec, self.latent, resources.source, directory, int(rng.integers(2**62)))
        write_filler(self, resources, rng, directory)
        if not self.is_private():
            resources.source.write_parquet(directory / _SOURCE)
            write_class_guesser(resources.source, directory)

    def sampler(self, directory: Path) -> Sampler:
        """Loads the VAE."""
        return _FromPrior(self, directory) if self.is_private() else _Varying(self, directory)


class _FromPrior:
    """The sampler if training was private: points of the prior, and what the decoder makes of them."""

    def __init__(self, options: Vae, directory: Path) -> None:
        from textsynth.networks.vae_writer import VaeWriter

        self._options = options
        same_class = options.same_class and not options.is_private()
        self._writer = VaeWriter(directory, options.device, (options.temperature, options.top_p), same_class)
        self._latents = self._writer.vae.latents

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        rows = self._writer.rows(label)
        if len(rows) == 0:
            return Corpus.empty()
        return self._write(rows[rng.integers(len(rows), size=count)], rng)

    def _write(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Writes at points of the prior, for the classes of these sentences."""
        classes = self._latents.classes[rows]
        return self._writer.at(self._writer.prior.draw(classes, rng), classes, rng)


class _Varying(_FromPrior):
    """The sampler: points around, beside or between the sentences of the source, and what the decoder makes of them."""

    def __init__(self, options: Vae, directory: Path) -> None:
        super().__init__(options, directory)
        self._source = Corpus.read_parquet(directory / _SOURCE)
        self._parents = self._source.table.column("parent").to_pylist()
        self._known = frozenset(self._parents)

    def copies(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Makes one copy for each row, all copies of a row different from it and from each other."""
        return make_distinct_copies(self._source, rows, lambda chosen: self._copy(chosen, rng))

    def _copy(self, rows: np.ndarray, rng: np.random.Generator) -> Corpus:
        """Writes a neighbour of each of these sentences; if it is malformed the sentence stays as it was."""
        draft = self.around(rows, rng)
        if not any(draft.reasons):
            return draft.corpus
        malformed = np.array([reason is not None for reason in draft.reasons])
        both = Corpus.concat([draft.corpus, self._source.take(rows)])
        return both.take(np.where(malformed, len(rows), 0) + np.arange(len(rows)))

    def _write(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        write = {"posterior": self.around, "prior": super()._write, "interpolation": self._between}
        return write[self._options.sample](rows, rng)

    def around(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Writes an example at a point of the posterior of each of these sentences.

        Args:
            rows: `(examples,)` positions in the source.
            rng: draws points, symbols and values.
        """
        points = self._latents.draw(rows, rng, self._options.sigmas)
        draft = self._near(points, rows, rng)
        return Draft(draft.corpus.with_fields_of(self._source, rows), draft.reasons)

    def _near(self, points: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Writes an example at each point.

        Its parent is the sentence of the source whose wording it has, or else the one it was made from: one wording on
        both sides of a split would be a leak.
        """
        draft = self._writer.near(points, rows, rng)
        written = draft.corpus.table.column("parent").to_pylist()
        pairs = zip(written, rows, strict=True)
        parents = [each if each in self._known else self._parents[row] for each, row in pairs]
        return Draft(draft.corpus.with_column("parent", pa.array(parents, pa.string())), draft.reasons)

    def _between(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Writes at points between these sentences and others of their class; slots are those of the nearer one."""
        latents = self._latents
        others, share = rows.copy(), rng.random((len(rows), 1), np.float32)
        for number in np.unique(latents.classes[rows]):
            asked = np.flatnonzero(latents.classes[rows] == number)
            others[asked] = rng.choice(np.flatnonzero(latents.classes == number), size=len(asked))
        points = (1 - share) * latents.mean[rows] + share * latents.mean[others]
        nearer = np.where(share[:, 0] < 0.5, rows, others)
        return self._near(points, nearer, rng)
