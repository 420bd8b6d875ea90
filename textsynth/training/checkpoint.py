"""Checkpoints and weights: whatever training knows, in one safetensors file, never a pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from textsynth.foundation.disk import whole_file

_OUTLINE = "outline"
"""The key of the file's metadata under which everything but the tensors stands, as JSON."""


def write_state(state: Any, path: Path) -> None:
    """Writes nested mappings and lists of tensors and plain values, whole or not at all."""
    tensors: dict[str, torch.Tensor] = {}
    outline = _take_apart(state, tensors)
    with whole_file(path) as partial:
        save_file(tensors, partial, {_OUTLINE: json.dumps(outline)})


def read_state(path: Path) -> Any:
    """Reads what `write_state` wrote, onto the CPU."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        outline = json.loads(file.metadata()[_OUTLINE])
    return _put_together(outline, tensors)


def write_weights(network: nn.Module, path: Path) -> None:
    """Writes the weights of a network."""
    write_state(network.state_dict(), path)


def read_weights(network: nn.Module, path: Path) -> None:
    """Reads the weights of a network of the same shape, and sets it to evaluation."""
    network.load_state_dict(read_state(path))
    network.eval()


def _take_apart(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """Returns a value as JSON can hold it, tensors by the number they got; mappings keep the type of their keys."""
    if isinstance(value, torch.Tensor):
        tensors[str(len(tensors))] = value.detach().cpu().contiguous().clone()
        return {"tensor": len(tensors) - 1}
    if isinstance(value, Mapping):
        return {"mapping": [[key, _take_apart(inner, tensors)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [_take_apart(inner, tensors) for inner in value]}
    return {"plain": value}


def _put_together(outline: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    [(kind, inner)] = outline.items()
    if kind == "tensor":
        return tensors[str(inner)]
    if kind == "mapping":
        return {key: _put_together(value, tensors) for key, value in inner}
    if kind == "list":
        return [_put_together(value, tensors) for value in inner]
    return inner
