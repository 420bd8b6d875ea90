"""A causal model: fine-tuned on sentences, kept, and asked for others; or asked in a chat as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from textsynth.models.device import accelerator_on
from textsynth.models.options import Device
from textsynth.models.record import Facts, write_record
from textsynth.models.sentences import length_batches
from textsynth.models.training import Descent, Plan, Stateful, train
from textsynth.models.writing import Style
from textsynth.pretrained.decoding import Ask, continuations
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.pretrained.tuning import Tuned, heldout_rows
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.seeding import child_rng

_IGNORED = -100


@dataclass(frozen=True)
class Sequences:
    """What a causal model learns: prefixes that it is only shown, and what follows them.

    Args:
        prefixes: symbols of each.
        sentences: symbols of each, with its end.
    """

    prefixes: Sequence[Sequence[int]]
    sentences: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.sentences)

    @property
    def lengths(self) -> np.ndarray:
        """Symbols of each, `(sentences,)`."""
        return np.array([len(one) + len(two) for one, two in zip(self.prefixes, self.sentences, strict=True)])

    def take(self, rows: np.ndarray) -> Sequences:
        """Returns some of them."""
        return Sequences([self.prefixes[row] for row in rows], [self.sentences[row] for row in rows])

    def batch(self, rows: np.ndarray) -> dict[str, torch.Tensor]:
        """Returns symbols, mask and targets, `(rows, longest)`; prefixes are no targets."""
        longest = int(self.lengths[rows].max())
        symbols, targets = np.zeros((len(rows), longest), np.int64), np.full((len(rows), longest), _IGNORED, np.int64)
        mask = np.zeros((len(rows), longest), np.int64)
        for place, row in enumerate(rows):
            prefix, sentence = self.prefixes[row], self.sentences[row]
            stop = len(prefix) + len(sentence)
            symbols[place, :stop], mask[place, :stop] = [*prefix, *sentence], 1
            targets[place, len(prefix) : stop] = sentence
        columns = {"input_ids": symbols, "attention_mask": mask, "targets": targets}
        return {name: torch.from_numpy(column) for name, column in columns.items()}


class CausalLesson:
    """Minimises the negative log-likelihood of sentences, given their prefixes.

    Args:
        network: the model.
        descent: its optimiser.
        sequences: what to learn from.
        heldout: what tells when to stop.
        size: sentences a batch.
    """

    def __init__(self, network: Tuned, descent: Descent, sequences: Sequences, heldout: Sequences, size: int) -> None:
        self.network, self._descent = network, descent
        self._sequences, self._heldout, self._size = sequences, heldout, size

    def parts(self) -> Mapping[str, Stateful]:
        """Returns what moves, and the optimiser."""
        return {"network": self.network, "optimiser": self._descent.optimiser}

    def batches(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yields positions of sentences, like lengths together."""
        return length_batches(self._sequences.lengths, self._size, rng)

    def slow_down(self, share: float) -> None:
        """Sets the learning rate to a share of what it was at first."""
        self._descent.slow_down(share)

    def learn(self, rows: np.ndarray) -> Mapping[str, float]:
        """Takes one step."""
        return self._descent.follow(rows, lambda some: self._nats(self._sequences, some) / len(some))

    def measure(self) -> Mapping[str, float]:
        """Returns the nats a held-out sentence costs; those of the last batches of training where none is held out."""
        if not len(self._heldout):
            return {}
        with torch.inference_mode():
            batches = length_batches(self._heldout.lengths, self._size)
            return {"loss": sum(self._nats(self._heldout, rows).item() for rows in batches) / len(self._heldout)}

    def settled(self) -> bool:
        """Losses can be compared where there are any."""
        return len(self._heldout) > 0

    def _nats(self, sequences: Sequences, rows: np.ndarray) -> torch.Tensor:
        device = self._descent.accelerator.device
        batch = {name: each.to(device) for name, each in sequences.batch(rows).items()}
        targets = batch.pop("targets")[:, 1:]
        logits = self.network(**batch, use_cache=False).logits[:, :-1]
        learnt = targets != _IGNORED
        return torch.nn.functional.cross_entropy(logits[learnt].float(), targets[learnt], reduction="sum")


def fine_tune(
    tuned: Tuned,
    sequences: Sequences,
    options: TuningOptions,
    device: Device,
    directory: Path,
    seed: int,
) -> None:
    """Fine-tunes a model, and leaves it with its best weights; curves and facts are written into the directory.

    Args:
        tuned: the model; it is changed.
        sequences: what it learns.
        options: how.
        device: where it is trained.
        directory: where checkpoints stand in the meantime.
        seed: of all that is random.
    """
    heldout = heldout_rows(len(sequences), options, child_rng(seed, "heldout"))
    training = np.setdiff1d(np.arange(len(sequences)), heldout)
    descent = Descent(tuned, accelerator_on(device), options.learning_rate, quick=tuned.new_symbols())
    size = min(options.batch_size, max(1, len(training) // 8))
    lesson = CausalLesson(tuned, descent, sequences.take(training), sequences.take(heldout), size)
    plan = Plan("causal_lm", options.epochs, options.patience if len(heldout) else None, seed)
    curves = train(lesson, plan, directory)
    facts: Facts = {"epochs": len(curves["training_loss"]), "training_loss": curves["training_loss"][-1]}
    if len(heldout):
        facts["nats_per_sentence"] = min(curves["loss"])
    write_record(directory, {"causal_lm": curves}, facts)


@dataclass(frozen=True)
class Reply:
    """What a chat model said.

    Args:
        text: without the symbols that end it.
        ended: whether it came to an end, rather than being cut off.
        prompt_tokens: symbols it read.
        new_tokens: symbols it wrote.
    """

    text: str
    ended: bool
    prompt_tokens: int
    new_tokens: int


@dataclass(frozen=True)
class Causal:
    """A causal model as it is."""

    pretrained: Pretrained

    @classmethod
    def load(cls, options: PretrainedOptions) -> Causal:
        """Loads it."""
        return cls(load("causal", options))

    def chat(
        self, conversations: Sequence[Sequence[Mapping[str, str]]], style: Style, rng: np.random.Generator
    ) -> list[Reply]:
        """Replies to conversations, many at a time.

        Args:
            conversations: messages with `role` and `content`, written out by the model's own chat template.
            style: how symbols are drawn; `longest` counts those of a reply.
            rng: draws one uniform number a symbol.
        """
        tokenizer: Any = self.pretrained.tokenizer
        prompts = [
            tokenizer.apply_chat_template(list(each), add_generation_prompt=True, return_dict=True)["input_ids"]
            for each in conversations
        ]
        ends = self._ends()
        pad = int(tokenizer.pad_token_id)
        found = continuations(self.pretrained.model, prompts, Ask(style, ends, pad), rng)
        return [
            Reply(
                tokenizer.decode(symbols, skip_special_tokens=True),
                bool(symbols) and symbols[-1] in ends,
                len(prompt),
                len(symbols),
            )
            for prompt, symbols in zip(prompts, found, strict=True)
        ]

    def _ends(self) -> tuple[int, ...]:
        """The symbols that end a reply: the tokenizer's, and those the model's own settings name."""
        named = self.pretrained.model.generation_config.eos_token_id
        named = named if isinstance(named, list) else [named]
        return tuple({each for each in [*named, self.pretrained.tokenizer.eos_token_id] if each is not None})
