"""Between points of a VAE's latent space and examples: what the generators that have a VAE share."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from textsynth.components.generator import Draft
from textsynth.corpus.classes import Label, join_classes
from textsynth.networks.class_guess import ClassGuesser
from textsynth.networks.latent import GaussianPrior
from textsynth.networks.trained_vae import TrainedVae, Wanted
from textsynth.training.device import one_thread
from textsynth.training.options import Device
from textsynth.wording.filling import read_filler, sentence_of

OTHER_CLASS = "reads like another class"
"""The reason for which an example is rejected."""


class VaeWriter:
    """A trained VAE that writes examples.

    Args:
        directory: what the generator has fitted.
        device: on which it writes.
        style: temperature and top_p.
        same_class: whether what reads like another class is rejected; the directory must have a class guesser then.
    """

    def __init__(self, directory: Path, device: Device, style: tuple[float, float], same_class: bool) -> None:
        self.vae = TrainedVae.read(directory, device)
        self._guesser = ClassGuesser.read(directory) if same_class else None
        self._filler = read_filler(directory, slots=True)
        self._style = style

    def rows(self, label: Label | None) -> np.ndarray:
        """Returns the sentences of the source that have a class, `(sentences,)`; all of them if it is None."""
        classes, asked = self.vae.vocabulary.classes, join_classes(label)
        if asked is None:
            return np.arange(len(self.vae.latents.classes))
        number = classes.index(asked) if asked in classes else -1
        return np.flatnonzero(self.vae.latents.classes == number)

    @functools.cached_property
    def prior(self) -> GaussianPrior:
        """A Gaussian for each class, fitted to where its sentences lie when it is first asked for."""
        return GaussianPrior.of(self.vae.latents, len(self.vae.vocabulary.classes))

    def at(self, points: np.ndarray, classes: np.ndarray, rng: np.random.Generator) -> Draft:
        """Writes an example at each point; its slots are those of the sentence of its class that lies nearest.

        Args:
            points: `(examples, latent)`.
            classes: `(examples,)` numbers of classes.
            rng: draws symbols and values.
        """
        return self.near(points, self.vae.latents.nearest(points, classes), rng)

    def near(self, points: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Writes an example at each point, with the class and the slots of a sentence of the source.

        Args:
            points: `(examples, latent)`.
            rows: `(examples,)`; the sentences.
            rng: draws symbols and values.
        """
        vocabulary, latents = self.vae.vocabulary, self.vae.latents
        with one_thread():
            wanted = Wanted(points, latents.classes[rows], self.vae.bags[rows])
            written = self.vae.decode(wanted, self._style, rng)
        sentences = [sentence_of(symbols, vocabulary) for symbols in written]
        draft = self._filler.corpus(sentences, [vocabulary.classes[each] for each in wanted.classes], rng)
        if self._guesser is None:
            return draft
        return _reject_others(draft, self._guesser.classes_of(written) == wanted.classes)


def _reject_others(draft: Draft, same: np.ndarray) -> Draft:
    """Rejects the examples that do not read like their class, unless they are rejected for something worse.

    Args:
        draft: the examples.
        same: `(examples,)`; which read like their class.
    """
    verdicts = zip(draft.reasons, same, strict=True)
    return Draft(draft.corpus, [reason or (None if good else OTHER_CLASS) for reason, good in verdicts])
