"""A VAE that was trained on a source, with the points of its sentences: learnt, kept in a directory, and sampled."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from textsynth.foundation.disk import write_whole
from textsynth.foundation.seeding import child_rng
from textsynth.networks.latent import Latents
from textsynth.networks.objectives import KlPlan, VaeObjective, encode
from textsynth.networks.vae import TextVae, VaeShape
from textsynth.networks.vae_options import LatentOptions
from textsynth.training.checkpoint import read_state, read_weights, write_state, write_weights
from textsynth.training.device import accelerator_on, one_thread, torch_device
from textsynth.training.loop import Plan, seed_torch, train
from textsynth.training.options import SMALL, Device, NetworkOptions, NetworkSpec
from textsynth.training.private_training import PrivateDescent, descent_on, mechanism_of, train_privately
from textsynth.training.schedule import choose_schedule
from textsynth.training.shortage import FEW
from textsynth.training.training_log import Facts, write_record
from textsynth.training.training_set import TrainingSet
from textsynth.wording.decoder import Shape
from textsynth.wording.sentences import Sentences
from textsynth.wording.symbol_sampling import Prompt, Script, Style, write
from textsynth.wording.vocabulary import Vocabulary

NOTES = "vae.json"
"""The file of a fitted directory that says that a VAE is there: it is written last."""

_WEIGHTS, _LATENTS, _SOURCE = "vae.safetensors", "latents.safetensors", "source.safetensors"
_COLLAPSED = 0.5
"""Mutual information, nats, under which the posterior has collapsed."""
_NOTHING = 0.01
"""Share of sentences that come back word for word under which next to nothing was learnt."""
_AGREEMENT = 0.3
"""Share by which the divergence may differ between batch norm in training and afterwards."""
_HANDFUL = 5
"""Sentences under which mutual information says nothing."""

logger = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """What a VAE is to write.

    Args:
        points: `(sentences, latent)`.
        classes: `(sentences,)`.
        bags: `(sentences, labels)`; the mentions each has.
    """

    points: np.ndarray
    classes: np.ndarray
    bags: np.ndarray


@dataclass(frozen=True)
class TrainedVae:
    """A VAE with what is known of its source.

    Args:
        network: the VAE.
        vocabulary: what its symbols mean.
        latents: where the sentences of the source lie.
        bags: `(sentences, labels)`; the mentions each has.
        heldout: the sentences that training only watched.
        known: `(outputs,)`; the symbols the source has.
        longest: symbols a sentence may have.
    """

    network: TextVae
    vocabulary: Vocabulary
    latents: Latents
    bags: np.ndarray
    heldout: np.ndarray
    known: np.ndarray
    longest: int

    @property
    def comparison_rows(self) -> np.ndarray:
        """The sentences that others are compared with: those held out, or all if these are too few to say much."""
        return self.heldout if len(self.heldout) >= FEW else np.arange(len(self.latents.classes))

    def decode(self, wanted: Wanted, style: tuple[float, float], rng: np.random.Generator) -> list[list[int]]:
        """Writes a sentence for each point.

        Args:
            wanted: points, classes and bags; each sentence has the mentions of its bag, if the network was shown bags.
            style: temperature and top_p.
            rng: draws the symbols.
        """
        device = next(self.network.parameters()).device
        starts = torch.from_numpy(self.vocabulary.start(wanted.classes)).to(device)
        classes = torch.from_numpy(wanted.classes).to(device)
        bags = torch.from_numpy(wanted.bags).to(device)
        with torch.inference_mode():
            points = torch.from_numpy(wanted.points.astype(np.float32)).to(device)
            condition = self.network.condition(points, classes, bags.float())
        prompt = Prompt(starts, condition, bags if self.network.bag is not None else None)
        script = Script(self.vocabulary.end, self.vocabulary.label_of(), self.known)
        return write(self.network.decoder, prompt, script, Style(*style, self.longest), rng)

    def rebuilds(self, sentences: Sentences) -> float:
        """Returns the share of sentences that the likeliest symbols at the mean of their posterior give back."""
        posterior = encode(self.network, sentences)
        wanted = Wanted(posterior.mean.numpy(), sentences.classes, sentences.bags)
        written = self.decode(wanted, (0.0, 1.0), child_rng(0, "rebuilds"))
        same = [(*sentences.symbols_of(row), self.vocabulary.end) == tuple(each) for row, each in enumerate(written)]
        return sum(same) / len(same)

    def write(self, directory: Path) -> None:
        """Writes all of it; the notes come last, so that all is there if they are."""
        self.vocabulary.write(directory)
        write_weights(self.network, directory / _WEIGHTS)
        self.latents.write(directory / _LATENTS)
        facts = {"bags": self.bags, "heldout": self.heldout, "known": self.known}
        write_state({name: torch.from_numpy(array) for name, array in facts.items()}, directory / _SOURCE)
        notes = {"shape": asdict(self.network.shape), "longest": self.longest}
        write_whole(directory / NOTES, json.dumps(notes))

    @classmethod
    def read(cls, directory: Path, device: Device) -> TrainedVae:
        """Reads what `write` wrote, onto a device."""
        vocabulary, notes = Vocabulary.read(directory), json.loads((directory / NOTES).read_text())
        shape = VaeShape(**{**notes["shape"], "decoder": Shape(**notes["shape"]["decoder"])})
        with seed_torch(0):
            network = TextVae(shape)
        read_weights(network, directory / _WEIGHTS)
        latents = Latents.read(directory / _LATENTS)
        facts = {name: tensor.numpy() for name, tensor in read_state(directory / _SOURCE).items()}
        return cls(network.to(torch_device(device)), vocabulary, latents, longest=notes["longest"], **facts)


def learn_vae(
    latent: LatentOptions, training_set: TrainingSet, spec: NetworkSpec, directory: Path, seed: int
) -> TrainedVae:
    """Trains a VAE on a training set; writes its curves into the directory, and its checkpoints.

    Says so if the posterior has collapsed, or if batch norm makes training and evaluation differ.
    """
    nats = latent.choose_nats(spec, len(training_set.sentences))
    network = _network(latent, nats, training_set, spec.network, seed)
    schedule = choose_schedule(spec, len(training_set.sentences))
    descent = descent_on(network, accelerator_on(spec.device), schedule.learning_rate, mechanism_of(spec, training_set))
    training, heldout = (
        training_set.sentences.take(training_set.training),
        training_set.sentences.take(training_set.heldout),
    )
    steps = round(latent.warm_up * schedule.epochs * len(training) / training_set.batch)
    kl_plan = KlPlan(latent.kl, nats, steps, single=isinstance(descent, PrivateDescent))
    objective = VaeObjective(network, descent, training, heldout, training_set.batch, kl_plan)
    loop_plan = Plan("vae", schedule.epochs, spec.training.patience if training_set.has_heldout else None, seed)
    if isinstance(descent, PrivateDescent):
        return _learn_privately(training_set, objective, descent, loop_plan, directory)
    with one_thread(training_set.small):
        curves = train(objective, loop_plan, directory)
    trained = _beside(network, training_set)
    with one_thread(), seed_torch(seed, "facts"):
        facts = {"epochs": len(curves["loss"])} | _facts(objective, trained, heldout)
        warning = (
            _find_collapse(nats, facts)
            or _find_failed_norm(objective, training, seed)
            or _find_ignorance(facts, trained)
        )
    if warning:
        logger.warning("vae: %s", warning)
        facts["warning"] = warning
    write_record(directory, {"vae": curves}, facts)
    return trained


def _beside(network: TextVae, training_set: TrainingSet) -> TrainedVae:
    """Puts what is known of its source beside a network."""
    sentences = training_set.sentences
    with one_thread():  # What is written must not depend on how many threads there are.
        latents = Latents.of(encode(network, sentences), sentences.classes)
    heldout = training_set.heldout if training_set.has_heldout else np.zeros(0, np.int64)
    return TrainedVae(
        network, sentences.vocabulary, latents, sentences.bags, heldout, training_set.find_known(), training_set.longest
    )


def _learn_privately(
    training_set: TrainingSet, objective: VaeObjective, descent: PrivateDescent, loop_plan: Plan, directory: Path
) -> TrainedVae:
    """Trains by a mechanism; of the sentences only their classes are kept, in no order, and no posterior is theirs."""
    sentences, network = training_set.sentences, objective.network
    with one_thread(training_set.small):
        curves, facts, guarantee = train_privately(objective, descent, sentences.lengths, loop_plan, directory)
    write_record(directory, {"vae": curves}, facts, guarantee)
    size = (len(sentences), network.shape.latent)
    latents = Latents(np.zeros(size, np.float32), np.ones(size, np.float32), np.sort(sentences.classes))
    nothing = np.zeros_like(sentences.bags), np.zeros(0, np.int64)
    return TrainedVae(network, sentences.vocabulary, latents, *nothing, training_set.find_known(), training_set.longest)


def _network(
    latent: LatentOptions, nats: float, training_set: TrainingSet, options: NetworkOptions, seed: int
) -> TextVae:
    vocabulary = training_set.sentences.vocabulary
    labels = len(vocabulary.labels) if latent.bag else 0
    decoder = training_set.shape(options, TextVae.condition_width(latent.size, labels))
    # Gaussians of this deviation, and of variances that are learnt, diverge by at least the nats aimed at.
    scale = float(np.sqrt(2 * nats / latent.size)) if latent.kl == "batch_norm" else None
    with seed_torch(seed, "weights"):
        return TextVae(VaeShape(decoder, latent.size, len(vocabulary.classes), labels, scale))


def _facts(objective: VaeObjective, trained: TrainedVae, heldout: Sentences) -> Facts:
    """Measures the weights that were kept: of those with the lowest loss of all, the divergence may weigh less."""
    measured = {name: value for name, value in objective.measure().items() if name != "loss"}
    facts: Facts = {**measured, "exact_reconstruction": trained.rebuilds(heldout)}
    # It cannot exceed the logarithm of the number of sentences, so that of one is 0 whatever was learnt.
    if len(heldout) >= _HANDFUL:
        facts["collapsed"] = measured["mutual_information"] < _COLLAPSED
    return facts


def _find_collapse(nats: float, facts: Facts) -> str:
    """Says whether points tell nothing of their sentences, and what may help; nothing if they do tell."""
    if not facts.get("collapsed"):
        return ""
    return (
        f"the posterior has collapsed: {facts['mutual_information']:.2f} nats of mutual information, so sentences "
        f"are no variations of their source; more sentences, more epochs or more nats may open it, was: nats = {nats:g}"
    )


def _find_failed_norm(objective: VaeObjective, training: Sentences, seed: int) -> str:
    """Says whether batch norm, by what it remembers, spreads sentences otherwise than in training; nothing if not."""
    if objective.network.norm is None:
        return ""
    usual = objective.divergence_in_training(child_rng(seed, "batch norm"))
    found = float(encode(objective.network, training).kl().sum(dim=1).mean())
    if abs(found - usual) <= _AGREEMENT * usual:
        return ""
    return (
        f"batch norm failed: the divergence is {usual:.1f} nats as in training, batch by batch, and {found:.1f} when "
        "sentences are written; more epochs or a lower learning_rate may help, or kl = 'free_bits'"
    )


def _find_ignorance(facts: Facts, trained: TrainedVae) -> str:
    """Says whether next to nothing was learnt of a small source; nothing if something was."""
    rebuilt = float(facts["exact_reconstruction"] or 0)
    if rebuilt >= _NOTHING or len(trained.latents.classes) >= SMALL:
        return ""
    watched, remedy = ("watched", "heldout = 0.0, ") if len(trained.heldout) else ("of the source", "")
    return (
        f"{rebuilt:.1%} of the sentences {watched} came back word for word, so little was learnt of them; more "
        f"sentences, {remedy}more epochs, more nats or a higher learning_rate may help"
    )
