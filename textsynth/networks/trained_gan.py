"""A latent GAN, or flow, that was trained beside a VAE: learnt, judged, kept in a directory, and sampled."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from textsynth.foundation.seeding import child_rng
from textsynth.networks.latent import GaussianPrior, Latents
from textsynth.networks.latent_flow import FlowObjective, LatentFlow
from textsynth.networks.latent_gan import BETAS, GanObjective, LatentGan
from textsynth.networks.latent_network import Draw, Heldout, LatentShape, class_distance
from textsynth.networks.trained_vae import TrainedVae, Wanted
from textsynth.scores import coverage, distinct
from textsynth.training.checkpoint import read_weights, write_weights
from textsynth.training.device import accelerator_on, one_thread, place_of
from textsynth.training.loop import Descent, Plan, seed_torch, train
from textsynth.training.options import Device
from textsynth.training.shortage import FEW
from textsynth.training.training_log import Facts, write_record

Rival = Literal["gan", "flow"]

_WEIGHTS, _NOTES = "latent.safetensors", "latent.json"
_EPOCH = 250
_BATCH = 128
_STEPS_A_SENTENCE = 20
_WORSE = 2.0
_COLLAPSED = 0.5
_DECODED = 500
_RATES = {"gan": 2e-4, "flow": 1e-3}
_UNSEEN = ("held-out sentences", "others of the source")
_SEEN = ("the sentences of the source", "other points around them")
_MOST = 2000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LatentPlan:
    """How a network learns the latent space.

    Args:
        rival: "gan" or "flow".
        steps: training steps, at most; those of the critic for a GAN.
        hidden: numbers of a layer.
        device: where.
    """

    rival: Rival
    steps: int
    hidden: int
    device: Device


@dataclass(frozen=True)
class TrainedLatent:
    """A network that draws points of a latent space, and whether it may be used.

    Args:
        network: the GAN or flow.
        failed: why it should not be used; empty where it may.
    """

    network: LatentGan | LatentFlow
    failed: str = ""

    def write(self, directory: Path) -> None:
        """Writes the network."""
        write_weights(self.network, directory / _WEIGHTS)
        kind = "gan" if isinstance(self.network, LatentGan) else "flow"
        notes = {"kind": kind, "shape": asdict(self.network.shape), "failed": self.failed}
        (directory / _NOTES).write_text(json.dumps(notes))

    @classmethod
    def read(cls, directory: Path, device: Device) -> TrainedLatent:
        """Reads what `write` wrote, onto a device."""
        notes = json.loads((directory / _NOTES).read_text())
        with seed_torch(0):
            network = _network(notes["kind"], LatentShape(**notes["shape"]))
        read_weights(network, directory / _WEIGHTS)
        return cls(network.to(place_of(device)), notes["failed"])


def learn_latent(plan: LatentPlan, vae: TrainedVae, directory: Path, seed: int) -> TrainedLatent:
    """Trains a GAN or a flow on where the sentences of a VAE lie; writes its curves, and its checkpoints.

    It is compared with a Gaussian for each class. One that ends more than twice as far from held-out sentences as that
    has failed, and says so; so does a GAN whose modes have collapsed: it covers much less of them, or its points become
    sentences that are much oftener the same. Where few are held out, it is compared with the whole source.
    """
    latents = vae.latents
    classes = len(vae.vocabulary.classes)
    training, heldout = _divide(vae, seed)
    with seed_torch(seed, "weights"):
        network = _network(plan.rival, LatentShape(latents.mean.shape[1], classes, plan.hidden))
    network.settle(training)
    objective = _objective(plan, network, training, heldout)
    with one_thread():
        steps = min(plan.steps, _STEPS_A_SENTENCE * len(training.classes))
        curves = train(objective, Plan(plan.rival, max(1, steps // _EPOCH), steps, seed), directory)
        facts, failed = _judge(network, GaussianPrior.of(training, classes), training, heldout)
        if facts:
            facts |= _distinct(network, training, heldout, vae)
            failed = failed or _find_collapse(facts)
    facts["judged"] = bool(facts)
    facts = {f"{plan.rival}_{name}": value for name, value in facts.items()} | {f"{plan.rival}_warning": failed or None}
    if failed:
        logger.warning("%s: %s", plan.rival, failed)
    write_record(directory, {plan.rival: curves}, {name: fact for name, fact in facts.items() if fact is not None})
    return TrainedLatent(network, failed)


def _network(kind: str, shape: LatentShape) -> LatentGan | LatentFlow:
    return LatentGan(shape) if kind == "gan" else LatentFlow(shape)


def _objective(
    plan: LatentPlan, network: LatentGan | LatentFlow, latents: Latents, heldout: Heldout
) -> FlowObjective | GanObjective:
    accelerator = accelerator_on(plan.device)
    network.to(accelerator.device)
    rate, steps, size = _RATES[plan.rival], min(_EPOCH, plan.steps), min(_BATCH, len(latents.classes))
    if isinstance(network, LatentFlow):
        return FlowObjective(network, [Descent(network, accelerator, rate)], latents, heldout, size, steps)
    generator = Descent(network.generator, accelerator, rate, BETAS, float("inf"))
    critic = Descent(network.critic, accelerator, rate, BETAS, float("inf"))
    return GanObjective(network, [critic, generator], latents, heldout, size, steps)


def _divide(vae: TrainedVae, seed: int) -> tuple[Latents, Heldout]:
    """Divides latents into those to learn and those to compare with; these are all where few are held out."""
    latents, rows = vae.latents, vae.comparison_rows
    rest = np.setdiff1d(np.arange(len(latents.classes)), vae.heldout)
    training = Latents(latents.mean[rest], latents.deviation[rest], latents.classes[rest])
    points = latents.draw(rows, child_rng(seed, "heldout"))
    return training, Heldout(points, latents.classes[rows], unseen=len(rows) < len(latents.classes))


def _judge(
    network: LatentGan | LatentFlow, prior: GaussianPrior, latents: Latents, heldout: Heldout
) -> tuple[Facts, str]:
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
    asked = np.resize(heldout.classes, _MOST)
    real = heldout.mark_classes(heldout.points, heldout.classes)[:_MOST]
    return coverage(real, heldout.mark_classes(draw(asked, child_rng(0, "judged")), asked))


def _distinct(network: LatentGan | LatentFlow, latents: Latents, heldout: Heldout, vae: TrainedVae) -> Facts:
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
    """Says where sentences are much oftener the same than those of the source."""
    own, other = float(facts["distinct"] or 0), float(facts["distinct_of_source"] or 0)
    if own >= _COLLAPSED * other:
        return ""
    return f"modes collapsed: {own:.0%} of its sentences are distinct, of those at points of the source {other:.0%}"
