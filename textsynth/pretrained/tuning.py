"""Fine-tuning: which parameters of a pretrained model move, how they are trained, kept, and put back."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from textsynth.errors import InputError
from textsynth.pretrained.loading import Pretrained
from textsynth.pretrained.model_source import ModelSource
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.training.checkpoint import read_state, write_state
from textsynth.training.loop import seed_torch

_WEIGHTS, _NOTES = "tuned.safetensors", "tuned.json"
_SPREAD = 0.02
"""Noise on new symbols, as a share of the spread of the embedding, so that no two of them are the same."""


class TunedModel(nn.Module):
    """A pretrained model of which some parameters move; only these are its state.

    Args:
        model: of transformers or peft, those that do not move without gradient.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def moving_parameters(self) -> dict[str, nn.Parameter]:
        """Returns what moves, by name."""
        return {name: each for name, each in self.model.named_parameters() if each.requires_grad}

    def new_symbols(self) -> list[nn.Parameter]:
        """Returns the rows of symbols that the model was given, if they move apart from the others."""
        return [each for name, each in self.moving_parameters().items() if "trainable_tokens" in name]

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """Returns what moves."""
        return {name: each.detach() for name, each in self.moving_parameters().items()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Takes over what moved."""
        moving = self.moving_parameters()
        with torch.no_grad():
            for name, value in state_dict.items():
                moving[name].copy_(value)

    def forward(self, **inputs: torch.Tensor) -> Any:
        """Calls the model."""
        return self.model(**inputs)


def prepare(pretrained: Pretrained, options: TuningOptions, meanings: Sequence[Sequence[int]], seed: int) -> TunedModel:
    """Gives a model more symbols, and lets move what the options say, and these symbols.

    Args:
        pretrained: the model; it is changed.
        options: what moves.
        meanings: for each new symbol, which come after those the model has, the symbols whose mean it begins as.
        seed: of the matrices that begin at random.
    """
    first = add_symbols(pretrained.model, meanings, seed)
    if options.method == "full":
        return TunedModel(pretrained.model.requires_grad_(True))
    import peft

    new = list(range(first, first + len(meanings)))
    config = peft.LoraConfig(
        r=options.rank,
        lora_alpha=2 * options.rank,
        target_modules="all-linear",
        trainable_token_indices=dict.fromkeys(_vocabulary_layers(pretrained.model), new) if new else None,
    )
    with seed_torch(seed, "lora"), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for what that will call otherwise.
        return TunedModel(peft.get_peft_model(pretrained.model, config))


def add_symbols(model: Any, meanings: Sequence[Sequence[int]], seed: int) -> int:
    """Appends symbols to a model, each near the mean of others, and returns the first."""
    embedding = model.get_input_embeddings().weight
    first = embedding.shape[0]
    if not meanings:
        return first
    with torch.no_grad(), seed_torch(seed, "symbols"):
        means = torch.stack([embedding[list(meaning)].mean(dim=0) for meaning in meanings])
        noise = torch.randn_like(means) * _SPREAD * embedding.std()
        output = model.get_output_embeddings()
        # Models whose output shares the embedding's weights have their new rows by that alone.
        tied = output is None or output.weight is embedding
        heads = None if tied else torch.stack([output.weight[list(each)].mean(dim=0) for each in meanings])
        model.resize_token_embeddings(first + len(meanings), mean_resizing=False)
        model.get_input_embeddings().weight[first:] = means + noise
        if heads is not None:
            model.get_output_embeddings().weight[first:] = heads
    return first


def _vocabulary_layers(model: Any) -> list[str]:
    """Returns the names of the layers that have a row for each symbol: one if what is read and written is tied."""
    read, written = model.get_input_embeddings(), model.get_output_embeddings()
    tied = written is None or written.weight is read.weight
    wanted = [read] if tied else [read, written]
    return [name.rpartition(".")[2] for name, module in model.named_modules() if any(module is each for each in wanted)]


def write_tuned(tuned: TunedModel, model_source: ModelSource, directory: Path) -> None:
    """Writes what moved, and which model it belongs to."""
    write_state(tuned.state_dict(), directory / _WEIGHTS)
    (directory / _NOTES).write_text(json.dumps({"model": model_source.name, "bytes": model_source.size}))


def read_tuned(tuned: TunedModel, model_source: ModelSource, directory: Path) -> Any:
    """Puts what moved into a model that was prepared alike, and returns it as one model again, in evaluation mode.

    Raises:
        InputError: if it belongs to another model.
    """
    notes = json.loads((directory / _NOTES).read_text())
    if notes["bytes"] != model_source.size:
        raise InputError(
            f"{model_source.name}: must be the model that was fine-tuned, whose weights had {notes['bytes']:,} bytes, "
            f"has {model_source.size:,}"
        )
    tuned.load_state_dict(read_state(directory / _WEIGHTS))
    model: Any = tuned.model
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    return model.eval().requires_grad_(False)
