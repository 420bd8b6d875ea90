"""The path between two sentences through the latent space of a VAE."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.corpus.example import Example
from textsynth.errors import InputError, OptionError
from textsynth.extract import Template
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import child_rng
from textsynth.networks.objectives import costs
from textsynth.networks.trained_vae import NOTES, TrainedVae, Wanted
from textsynth.training.device import one_thread
from textsynth.training.loop import seed_torch
from textsynth.values import Pools
from textsynth.wording.filling import Sentence, example_of, read_filler
from textsynth.wording.rejection import Rejection
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import Part

_WORD_START, _WORD_END = re.compile(r"(?<!\w)(?=\S)"), re.compile(r"(?<=\S)(?!\w)")


def interpolate(directory: Path, first: str, second: str, steps: int) -> list[Example]:
    """Returns what a VAE writes at points between two sentences, both ends among them.

    Mentions are found by the values the VAE fills slots with; a sentence may also have slots, such as `{PERSON}`. Its
    class is the one it is likeliest with. Slots, and what fills them, are those of the nearer sentence.

    Args:
        directory: what the generator `vae` or `gan` has fitted.
        first: where the path begins.
        second: where it ends.
        steps: sentences, at least 2.

    Raises:
        InputError: if the directory has no VAE.
        OptionError: for a sentence that is empty, is too long for a transformer, or has a slot the VAE does not know.
    """
    if not (directory / NOTES).exists():
        raise InputError(f"{directory}: must be what the generator 'vae' or 'gan' has fitted, has no {NOTES}")
    vae, pools = TrainedVae.read(directory, "auto"), read_filler(directory, slots=True).pools
    if pools is None:
        raise InputError(f"{directory}: must have the values of slots, has none")
    with one_thread(), seed_torch(0):
        ends = [_End.of(sentence, vae, pools) for sentence in (first, second)]
        shares = np.linspace(0, 1, max(2, steps), dtype=np.float32)
        nearer = [ends[int(share > 0.5)] for share in shares]
        wanted = Wanted(
            np.array([(1 - share) * ends[0].point + share * ends[1].point for share in shares]),
            np.array([end.number for end in nearer]),
            np.array([end.bag for end in nearer]),
        )
        written = vae.decode(wanted, (0.0, 1.0), child_rng(0, "interpolate"))
    sentences = [vae.vocabulary.decode([each for each in row if each != vae.vocabulary.end]) for row in written]
    return [_example(*each, vae, pools) for each in zip(sentences, nearer, strict=True)]


@dataclass(frozen=True)
class _End:
    """One end of the path.

    Args:
        number: of its class.
        bag: `(labels,)`; its slots.
        point: `(latent,)`.
        mentions: by label, what fills its slots, in order.
    """

    number: int
    bag: np.ndarray
    point: np.ndarray
    mentions: Mapping[str, list[str]]

    @classmethod
    def of(cls, text: str, vae: TrainedVae, pools: Pools) -> _End:
        if not text.strip():
            raise OptionError("a sentence must not be empty")
        known = {label: pools.values(label).to_pylist() for label in vae.vocabulary.labels}
        parts, mentions = _slots(text, known) or _find_mentions(text, known)
        classes = vae.vocabulary.classes
        sentences = Sentences.encode([parts] * len(classes), classes, vae.vocabulary)
        shape, length = vae.network.shape.decoder, int(sentences.lengths.max())
        if shape.kind == "transformer" and length > shape.longest:
            most = tell_count(shape.longest, "piece")
            raise OptionError(f"a sentence must have at most {most}, had {length}: {text!r}")
        nats, posterior = costs(vae.network, sentences)
        best = int(torch.argmin(nats + posterior.kl().sum(dim=1)))
        return cls(best, sentences.bags[best], posterior.mean[best].numpy(), mentions)


def _slots(text: str, known: Mapping[str, list[str]]) -> tuple[list[Part], dict[str, list[str]]] | None:
    """Reads a sentence with slots; None if it has none."""
    if not re.search(r"\{[^{}]+\}", text):
        return None
    template = Template.parse(text)
    for label in template.labels():
        if label not in known:
            raise OptionError(f"a slot must have one of the labels {', '.join(known) or '(none)'}, was: {label!r}")
    parts = [Part(template.literals[0])]
    for slot, literal in zip(template.slots, template.literals[1:], strict=True):
        parts += [Part("", slot.label), Part(literal)]
    return [part for part in parts if part.text or part.label], {}


def _find_mentions(text: str, known: Mapping[str, list[str]]) -> tuple[list[Part], dict[str, list[str]]]:
    """Finds the longest mentions that are known, whatever their case, from left to right."""
    label_of = {value.lower(): label for label, values in known.items() for value in values}
    ends = [match.start() for match in _WORD_END.finditer(text)]
    parts, mentions, position = [], defaultdict[str, list[str]](list), 0
    for start in (match.start() for match in _WORD_START.finditer(text)):
        found = next((end for end in reversed(ends) if end > start and text[start:end].lower() in label_of), None)
        if found is None or start < position:
            continue
        label = label_of[text[start:found].lower()]
        mentions[label].append(text[start:found])
        parts += [Part(text[position:start]), Part("", label)]
        position = found
    parts.append(Part(text[position:]))
    return [part for part in parts if part.text or part.label], mentions


def _example(sentence: Sentence, end: _End, vae: TrainedVae, pools: Pools) -> Example:
    """Fills the slots of a sentence with the mentions of an end, then with the values of the label, and over again."""
    if isinstance(sentence, Rejection):
        return Example(f"({sentence.reason})")
    values = {
        label: [*end.mentions.get(label, ()), *pools.values(label).to_pylist()] for label in vae.vocabulary.labels
    }
    following = {label: itertools.cycle(each) for label, each in values.items()}
    filled = [part if part.label is None else Part(next(following[part.label]), part.label) for part in sentence]
    return example_of(filled, vae.vocabulary.classes[end.number])
