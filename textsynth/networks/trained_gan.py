"""A latent GAN that was trained beside a VAE: learnt, judged, kept in a directory, and sampled."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from textsynth.foundation.seeding import child_rng
from textsynth.networks.latent import GaussianPrior, Latents
from textsynth.networks.latent_gan import BETAS, GanObjective, LatentGan
from textsynth.networks.latent_network import Draw, Heldout, LatentShape, class_distance
from textsynth.networks.trained_vae import TrainedVae, Wanted
from textsynth.networks.vae_options import CriticOptions
from textsynth.scores import coverage, distinct
from textsynth.training.checkpoint import read_weights, write_weights
from textsynth.training.device import accelerator_on, one_thread, torch_device
from textsynth.training.loop import Descent, Plan, seed_torch, train
from textsynth.training.options import Device
from textsynth.training.shortage import FEW
from textsynth.training.training_log import Facts, write_record

_WEIGHTS, _NOTES = "latent.safetensors", "latent.json"

_EPOCH = 250
"""Training steps an epoch: so often the distance is measured."""
_BATCH = 128
"""Points a training step."""
_STEPS_A_SENTENCE = 20
"""Training steps for each sentence of a source, at most."""
_RATE = 2e-4
"""Learning rate of generator and critic."""

_WORSE = 2.0
"""A GAN has failed if its Fréchet distance is this many times that of a Gaussian for each class."""
_COLLAPSED = 0.5
"""Its modes have collapsed if it covers, or says, less than this share of what sentences of the source do."""
_DECODED = 500
"""Points that are decoded to count different sentences."""
_COVERED = 2000
"""Held-out points, at most, that may be covered, and points that are drawn to cover them."""

_UNSEEN = ("held-out sentences", "others of the source")
_SEEN = ("the sentences of the source", "other points around them")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedGan:
    """A GAN that draws points of a latent space, and whether it may be used.

    Args:
        network: the GAN.
        failed: why it should not be used; empty if it may.
    """

    network: LatentGan
    failed: str = ""

    def write(self, directory: Path) -> None:
        """Writes the network."""
        write_weights(self.network, directory / _WEIGHTS)
        notes = {"shape": asdict(self.network.shape), "failed": self.failed}
        (directory / _NOTES).write_text(json.dumps(notes))

    @classmethod
    def read(cls, directory: Path, device: Device) -> TrainedGan:
        """Reads what `write` wrote, onto a device."""
        notes = json.loads((directory / _NOTES).read_text())
        with seed_torch(0):
            network = LatentGan(LatentShape(**notes["shape"]))
        read_weights(network, directory / _WEIGHTS)
        return cls(network.to(torch_device(device)), notes["failed"])


def learn_gan(options: CriticOptions, vae: TrainedVae, device: Device, directory: Path, seed: int) -> TrainedGan:
    """Trains a GAN on where the sentences of a VAE lie; writes its curves, and its checkpoints.

    It is compared with a Gaussian for each class. One that ends more than twice as far from held-out sentences as that
    has failed, and says so; so does one whose modes have collapsed: it covers much less of them, or its points become
    sentences that are much oftener the same. If few are held out, it is compared with the whole source.
    """
    classes = len(vae.vocabulary.classes)
    training, heldout = divide_latents(vae, seed)
    with seed_torch(seed, "weights"):
        network = LatentGan(LatentShape(vae.latents.mean.shape[1], classes, options.hidden))
    network.fit_whitening(training)
    objective = _objective(options, device, network, training, heldout)
    with one_thread():
        steps = min(options.steps, _STEPS_A_SENTENCE * len(training.classes))
        curves = train(objective, Plan("gan", max(1, steps // _EPOCH), steps, seed), directory)
        facts, failed = _judge(network, GaussianPrior.of(training, classes), training, heldout)
        # A GAN that few points judge is not decoded either.
        if facts:
            facts |= _distinct(network, training, heldout, vae)
            failed = failed or _find_collapse(facts)
    facts["judged"] = bool(facts)
    facts = {f"gan_{name}": value for name, value in facts.items()}
    if failed:
        logger.warning("gan: %s", failed)
        facts["gan_warning"] = failed
    write_record(directory, {"gan": curves}, facts)
    return TrainedGan(network, failed)


def _objective(
    options: CriticOptions, device: Device, network: LatentGan, latents: Latents, heldout: Heldout
) -> GanObjective:
    accelerator = accelerator_on(device)
    network.to(accelerator.device)
    critic, generator = (
        Descent(each, accelerator, _RATE, BETAS, clip=float("inf")) for each in (network.critic, network.generator)
    )
    size, steps = min(_BATCH, len(latents.classes)), min(_EPOCH, options.steps)
    return GanObjective(network, [critic, generator], latents, heldout, size, steps)


def divide_latents(vae: TrainedVae, seed: int) -> tuple[Latents, Heldout]:
    """Divides latents into those to learn and those to compare with; these are all of them if few are held out."""
    latents, rows = vae.latents, vae.comparison_rows
    rest = np.setdiff1d(np.arange(len(latents.classes)), vae.heldout)
    training = Latents(latents.mean[rest], latents.deviation[rest], latents.classes[rest])
    points = latents.draw(rows, child_rng(seed, "heldout"))
    return training, Heldout(points, latents.classes[rows], unseen=len(rows) < len(latents.classes))


def _judge(network: LatentGan, prior: GaussianPrior, latents: Latents, heldout: Heldout) -> tuple[Facts, str]:
    """Measures Fréchet distances and coverage of network and Gaussian beside the floor, and says what is wrong.

    Points of another class are far away. A few sentences say nothing.
    """
    if len(heldout.points) < FEW:
        return {}, ""
    own, other, floor = (class_distance(draw, heldout) for draw in (network.draw, prior.draw, latents.draw_like))
    covered, best = (_measure_coverage(draw, heldout) for draw in (network.draw, latents.draw_like))
    facts: Facts = {"frechet": own, "frechet_of_gaussian": other, "frechet_floor": floor, "coverage": covered}
    real, others = _UNSEEN if heldout.unseen else _SEEN
    if own > _WORSE * other:
        return facts, f"it ended {own:.2f} from {real}, a Gaussian for each class {other:.2f}"
    if covered < _COLLAPSED * best:
        return facts, f"modes collapsed: it covers {covered:.0%} of {real}, {others} {best:.0%}"
    return facts, ""


def _measure_coverage(draw: Draw, heldout: Heldout) -> float:
    """Returns the share of held-out points that have one of what is drawn for their class near."""
    asked = np.resize(heldout.classes, _COVERED)
    real = heldout.mark_classes(heldout.points, heldout.classes)[:_COVERED]
    return coverage(real, heldout.mark_classes(draw(asked, child_rng(0, "judged")), asked))


def _distinct(network: LatentGan, latents: Latents, heldout: Heldout, vae: TrainedVae) -> Facts:
    """Measures the share of different sentences among those that the network's points become, and the source's."""
    classes = np.resize(heldout.classes, _DECODED)
    own, other = (
        _decode(draw(classes, child_rng(0, "distinct")), classes, vae) for draw in (network.draw, latents.draw_like)
    )
    return {"distinct": distinct(own), "distinct_of_source": distinct(other)}


def _decode(points: np.ndarray, classes: np.ndarray, vae: TrainedVae) -> list[tuple[int, ...]]:
    """Returns the likeliest symbols at each point; slots are those of the nearest sentence of its class."""
    bags = vae.bags[vae.latents.nearest(points, classes)]
    return [tuple(each) for each in vae.decode(Wanted(points, classes, bags), (0.0, 1.0), child_rng(0, "decoded"))]


def _find_collapse(facts: Facts) -> str:
    """Says whether sentences are much oftener the same than those of the source; nothing if they are not."""
    own, other = float(facts["distinct"] or 0), float(facts["distinct_of_source"] or 0)
    if own >= _COLLAPSED * other:
        return ""
    return f"modes collapsed: {own:.0%} of its sentences are distinct, of those at points of the source {other:.0%}"
