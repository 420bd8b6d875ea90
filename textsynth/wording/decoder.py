"""Decoders: networks that say, symbol after symbol, what comes next in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

Kind = Literal["gru", "lstm", "transformer"]


@dataclass(frozen=True)
class Shape:
    """How large a network is.

    Args:
        kind: its architecture.
        inputs: symbols it may read.
        outputs: symbols it may write; the first of those it may read.
        embedding: numbers a symbol becomes.
        hidden: numbers of its state.
        layers: layers of a transformer; recurrent networks have one.
        longest: symbols of the longest sentence a transformer can write.
        dropout: share of the numbers left out at random in training.
        condition: numbers that are shown beside every symbol.
    """

    kind: Kind
    inputs: int
    outputs: int
    embedding: int
    hidden: int
    layers: int = 2
    longest: int = 256
    dropout: float = 0.0
    condition: int = 0

    @property
    def heads(self) -> int:
        """Heads that a transformer attends with: of at least 64 numbers each, and all of one width.

        >>> [Shape("transformer", 1, 1, embedding, 1).heads for embedding in (16, 256, 200, 254)]
        [1, 4, 2, 2]
        """
        return next(heads for heads in range(max(1, self.embedding // 64), 0, -1) if self.embedding % heads == 0)


class Decoder(nn.Module):
    """Says what comes next, given what came before and a condition.

    `forward` reads whole sentences; `begin` and `step` go symbol by symbol, and give the same.
    """

    def forward(self, symbols: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Returns the logits of every next symbol, `(sentences, length, outputs)`.

        Args:
            symbols: `(sentences, length)`.
            condition: `(sentences, condition)`.
        """
        raise NotImplementedError

    def begin(self, condition: torch.Tensor) -> Any:
        """Returns the state before the first symbol."""
        raise NotImplementedError

    def step(self, symbols: torch.Tensor, condition: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Reads a symbol of each sentence, `(sentences,)`; returns logits `(sentences, outputs)` and the new state."""
        raise NotImplementedError

    def select(self, state: Any, rows: torch.Tensor) -> Any:
        """Returns the state of these sentences."""
        raise NotImplementedError


def decoder_of(shape: Shape) -> Decoder:
    """Builds a decoder of this shape."""
    return TransformerDecoder(shape) if shape.kind == "transformer" else RecurrentDecoder(shape)


class RecurrentDecoder(Decoder):
    """One layer of GRU or LSTM; the condition sets the first state and stands beside every symbol."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.inputs, shape.embedding)
        self.dropout = nn.Dropout(shape.dropout)
        cell = nn.GRU if shape.kind == "gru" else nn.LSTM
        self.cell = cell(shape.embedding + shape.condition, shape.hidden, batch_first=True)
        self.first = nn.Linear(shape.condition, shape.hidden) if shape.condition else None
        self.output = nn.Linear(shape.hidden, shape.outputs)
        self._hidden, self._remembers = shape.hidden, shape.kind == "lstm"

    def forward(self, symbols: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Reads whole sentences."""
        shown = condition[:, None].expand(-1, symbols.shape[1], -1)
        inputs = torch.cat([self.dropout(self.embedding(symbols)), shown], dim=-1)
        hidden, _ = self.cell(inputs, self.begin(condition))
        return self.output(self.dropout(hidden))

    def begin(self, condition: torch.Tensor) -> Any:
        """Makes the first state of the condition."""
        zeros = condition.new_zeros(1, len(condition), self._hidden)
        hidden = zeros if self.first is None else torch.tanh(self.first(condition))[None]
        return (hidden, zeros) if self._remembers else hidden

    def step(self, symbols: torch.Tensor, condition: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Reads one symbol of each sentence."""
        inputs = torch.cat([self.embedding(symbols), condition], dim=-1)[:, None]
        hidden, state = self.cell(inputs, state)
        return self.output(hidden[:, 0]), state

    def select(self, state: Any, rows: torch.Tensor) -> Any:
        """Returns the state of these sentences."""
        return tuple(each[:, rows] for each in state) if isinstance(state, tuple) else state[:, rows]


class TransformerDecoder(Decoder):
    """A small GPT (Radford et al. 2019), transformers' own; the condition is added to every symbol."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        from transformers import GPT2Config, GPT2Model

        self.embedding = nn.Embedding(shape.inputs, shape.embedding)
        self.condition = nn.Linear(shape.condition, shape.embedding, bias=False) if shape.condition else None
        config = GPT2Config(
            vocab_size=1,
            n_positions=shape.longest,
            n_embd=shape.embedding,
            n_layer=shape.layers,
            n_head=shape.heads,
            n_inner=shape.hidden * 2,
            bos_token_id=None,
            eos_token_id=None,
            embd_pdrop=shape.dropout,
            attn_pdrop=shape.dropout,
            resid_pdrop=shape.dropout,
        )
        self.body = GPT2Model(config)
        del self.body.wte  # Symbols are embedded here, so that the condition can be added.
        self.output = nn.Linear(shape.embedding, shape.outputs)

    def forward(self, symbols: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Reads whole sentences; what is beyond the end of one cannot be seen from before it."""
        return self.output(self.body(inputs_embeds=self._embed(symbols, condition), use_cache=False)[0])

    def begin(self, condition: torch.Tensor) -> Any:
        """Begins with nothing read."""
        from transformers import DynamicCache

        return DynamicCache()

    def step(self, symbols: torch.Tensor, condition: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Reads one symbol of each sentence."""
        embedded = self._embed(symbols[:, None], condition)
        done = self.body(inputs_embeds=embedded, past_key_values=state, use_cache=True)
        return self.output(done.last_hidden_state[:, 0]), done.past_key_values

    def select(self, state: Any, rows: torch.Tensor) -> Any:
        """Returns the state of these sentences."""
        state.batch_select_indices(rows)
        return state

    def _embed(self, symbols: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        embedded = self.embedding(symbols)
        return embedded if self.condition is None else embedded + self.condition(condition)[:, None]
