"""Encoders that others have trained: static embeddings of model2vec, and transformers whose vectors are averaged."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from textsynth.components.component import Component
from textsynth.errors import OptionError
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load, resolve_model
from textsynth.pretrained.model_source import ModelSource, fetch, locate
from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.recall import Recall
from textsynth.pretrained.tokenizing import cut_texts, frame_of, limit_of
from textsynth.scores.encoders import TFIDF, Encoder

_BATCH = 32
_RECALLED = 20_000
"""Texts whose vectors are kept as long as the process lives, some 3 kB each."""


@dataclass(frozen=True, kw_only=True)
class EncoderOptions(Component):
    """Which encoder gives texts their vectors.

    Args:
        encoder: "tfidf", or a model: a directory, "package:NAME/PATH" inside an installed package, or "owner/name" on
            the hub. Static embeddings of model2vec, or a transformer.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"encoder"})

    encoder: str = TFIDF

    def libraries(self) -> frozenset[str]:
        """Names what may run the encoder."""
        ours = frozenset() if self.encoder == TFIDF else {"model2vec", "torch", "transformers", "tokenizers"}
        return super().libraries() | ours

    def resolve_paths(self, folder: Path) -> Self:
        """Takes an encoder that is a path from a folder."""
        return replace(self, encoder=resolve_model(self.encoder, folder))

    def needs(self) -> list[str]:
        """Says which model will be loaded, from where, and how large it is; none for the one that is built in.

        Raises:
            MissingDependency: if it cannot be reached, or what loads it is not installed.
            TextsynthError: if it cannot be found, as `locate` says.
        """
        return [] if self.encoder == TFIDF else [str(locate(self.encoder))]


def load_encoder(name: str) -> Encoder:
    """Loads an encoder; it remembers the texts that it has seen.

    Args:
        name: a directory, "package:NAME/FILE" inside an installed package, or "owner/name" on the hub: static
            embeddings of model2vec, or a transformer, of sentence-transformers or not.

    Raises:
        OptionError: if it is no encoder.
        TextsynthError: as `locate`.
    """
    return _Remembering(_load(name, fetch(locate(name))))


@functools.lru_cache(1)
def _load(name: str, source: ModelSource) -> Encoder:
    """Loads an encoder; the last one stays loaded, as `tune` fits with one again and again."""
    encode, known = _load_static(source) if source.is_static else _load_transformer(name, source), Recall(_RECALLED)
    return lambda texts: known.get(tuple(texts), lambda: encode(texts))


def find_hidden_size(model: Any) -> int:
    """Returns the width of the vectors that a transformer gives."""
    return int(getattr(model.config, "hidden_size", None) or model.config.d_model)


def load_transformer(name: str) -> Pretrained:
    """Loads a transformer without a head.

    Raises:
        OptionError: if it is none, such as static embeddings.
    """
    if locate(name).is_static:
        raise OptionError(f"option 'encoder' must be a transformer if spans are to be found, was: {name!r}")
    return load("encoder", PretrainedOptions(model=name))


@dataclass(frozen=True)
class _Pooling:
    """How the vectors of the pieces of a text become one.

    Args:
        first: whether the first one stands for all, rather than their mean.
        unit: whether it is made of length 1.
    """

    first: bool = False
    unit: bool = False


class _Remembering:
    """An encoder that encodes a text once."""

    def __init__(self, encode: Encoder) -> None:
        self._encode = encode
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encode(new) if new else (), strict=True))
        return np.array([self._known[text] for text in texts], np.float64)


def _load_static(source: ModelSource) -> Encoder:
    from model2vec import StaticModel

    try:
        model = StaticModel.from_pretrained(source.path)
    except (ValueError, OSError, KeyError) as error:
        raise OptionError(
            f"{source.name}: must be static embeddings of model2vec: {' '.join(str(error).split())}"
        ) from error
    return lambda texts: np.asarray(model.encode(list(texts), use_multiprocessing=False), np.float64)


def _load_transformer(name: str, source: ModelSource) -> Encoder:
    loaded, pooling = load("encoder", PretrainedOptions(model=name)), _read_pooling(source)
    before, behind = frame_of(loaded.tokenizer)
    room = limit_of(loaded.model, loaded.tokenizer) - len(before) - len(behind)

    def encode(texts: Sequence[str]) -> np.ndarray:
        pieces = cut_texts(texts, loaded.tokenizer)["input_ids"]
        rows = [[*before, *each[:room], *behind] for each in pieces]
        # Texts of like length together, so that there is little padding.
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        vectors = np.zeros((len(rows), find_hidden_size(loaded.model)))
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            vectors[chosen] = _pool(loaded, [rows[row] for row in chosen], pooling)
        return vectors

    return encode


def _pool(loaded: Pretrained, rows: list[list[int]], pooling: _Pooling) -> np.ndarray:
    """Returns a vector for each row of symbols."""
    import torch

    device = loaded.model.device
    ids = torch.from_numpy(pad(rows, loaded.tokenizer.pad_token_id or 0)).to(device)
    mask = torch.from_numpy(attention_mask(rows)).to(device)
    with torch.inference_mode():
        hidden = loaded.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    weight = mask[:, :, None].float()
    vectors = hidden[:, 0] if pooling.first else (hidden * weight).sum(1) / weight.sum(1)
    return torch.nn.functional.normalize(vectors).cpu().numpy() if pooling.unit else vectors.cpu().numpy()


def _read_pooling(source: ModelSource) -> _Pooling:
    """Returns what sentence-transformers says of a model, the mean if it says nothing."""
    assert source.path is not None
    try:
        parts = json.loads((source.path / "modules.json").read_text(encoding="utf-8"))
        settings = json.loads((source.path / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _Pooling()
    return _Pooling(
        first=bool(settings.get("pooling_mode_cls_token")),
        unit=any(str(part.get("type", "")).endswith("Normalize") for part in parts),
    )
