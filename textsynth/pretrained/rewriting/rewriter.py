"""Rewriting: texts that an encoder-decoder writes for those it reads, many at a time, with its key-value cache.

What is read more than once is encoded once. Inputs of like length stand together; rows that have ended leave the batch.
Symbols are drawn from the `rng` that is handed in, never from torch's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.tokenizing import cut_texts, frame_of, limit_of
from textsynth.wording.symbol_sampling import Style, draw, write_rows

_BATCH = 64
"""Texts that are written at a time."""
_MARGIN, _ROOM = 1.5, 12
"""How much longer than what is read a text may be: half as long again, and a dozen symbols."""


@dataclass(frozen=True)
class Rewriter:
    """An encoder-decoder with its tokenizer.

    Args:
        model: of transformers, in evaluation mode.
        tokenizer: its own.
    """

    model: Any
    tokenizer: Any

    @property
    def limit(self) -> int:
        """How many symbols it can read at a time."""
        return limit_of(self.model, self.tokenizer)

    @property
    def end(self) -> int:
        """The symbol that ends a text."""
        return int(self.tokenizer.eos_token_id)

    def read(self, texts: Sequence[str], *, framed: bool = True) -> list[list[int]]:
        """Returns the symbols of texts, in which nothing is special.

        Args:
            texts: any.
            framed: whether the symbols that the tokenizer puts around texts are there.
        """
        pieces = cut_texts(texts, self.tokenizer)["input_ids"] if texts else []
        head, tail = frame_of(self.tokenizer) if framed else ([], [])
        return [[*head, *each, *tail] for each in pieces]

    def sentence(self, symbols: Sequence[int]) -> str | None:
        """Returns the text of symbols that came to an end, None if they did not."""
        return self.text(symbols) if symbols and symbols[-1] == self.end else None

    def text(self, symbols: Sequence[int]) -> str:
        """Returns the text of symbols, on one line, without those that are special."""
        text = self.tokenizer.decode(list(symbols), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return " ".join(str(text).split())

    @torch.inference_mode()
    def write(
        self, inputs: Sequence[Sequence[int]], temperature: float, top_p: float, rng: np.random.Generator
    ) -> list[list[int]]:
        """Writes a text for each input; one that did not end in time lacks an end.

        Args:
            inputs: symbols, at least one each; for more than the model can read nothing is written.
            temperature: under 1 for likely symbols, over 1 for rare ones; 0 always takes the likeliest.
            top_p: only the likeliest symbols that together have this probability.
            rng: draws one uniform number a symbol.

        Returns:
            The symbols of each, with the end if it came.
        """
        distinct = {each: number for number, each in enumerate(dict.fromkeys(map(tuple, inputs)))}
        which = np.array([distinct[tuple(each)] for each in inputs], np.int64)
        texts = list(distinct)
        lengths = np.array([len(each) for each in texts], np.int64)
        readable = np.flatnonzero(lengths[which] <= self.limit) if len(which) else which
        # Inputs of like length share a batch, and the same input stands in one place, so that it is encoded once.
        order = readable[np.lexsort((which[readable], lengths[which[readable]]))]
        found: list[list[int]] = [[] for _ in inputs]
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            some, own = np.unique(which[rows], return_inverse=True)
            longest = min(self.limit, int(lengths[some].max() * _MARGIN) + _ROOM)
            style = Style(temperature, top_p, longest)
            rewriting = _Rewriting(self, [texts[number] for number in some], own)
            for row, symbols in zip(rows, write_rows(rewriting, len(own), style, rng), strict=True):
                found[row] = symbols
        return found


class _Rewriting:
    """What is written for some inputs, all beginning with the model's first symbol."""

    def __init__(self, rewriter: Rewriter, inputs: Sequence[Sequence[int]], own: np.ndarray) -> None:
        from transformers.cache_utils import DynamicCache, EncoderDecoderCache

        self._model = rewriter.model
        device = next(self._model.parameters()).device
        symbols = torch.from_numpy(pad(inputs, int(rewriter.tokenizer.pad_token_id))).to(device)
        mask = torch.from_numpy(attention_mask(inputs)).to(device)
        encoded = self._model.get_encoder()(input_ids=symbols, attention_mask=mask)
        rows = torch.from_numpy(own).to(device)
        self._encoded, self._mask = encoded.last_hidden_state[rows], mask[rows]
        self._symbols = torch.full((len(own),), _first_symbol(self._model), device=device)
        self._cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        self._never = _never_written(self._model, rewriter.tokenizer).to(device)
        self._forced = self._model.generation_config.forced_bos_token_id
        self.ends = torch.tensor([rewriter.end], device=device)

    def following(self, style: Style, rng: np.random.Generator) -> torch.Tensor:
        """Draws the next symbol of each row; some models have one that always comes first."""
        output = self._model(
            encoder_outputs=(self._encoded,),
            attention_mask=self._mask,
            decoder_input_ids=self._symbols[:, None],
            past_key_values=self._cache,
            use_cache=True,
        )
        if self._forced is not None:
            self._symbols, self._forced = torch.full_like(self._symbols, self._forced), None
        else:
            self._symbols = draw(output.logits[:, -1].float().masked_fill(self._never, -torch.inf), style, rng)
        return self._symbols

    def keep(self, alive: torch.Tensor) -> None:
        """Goes on with some rows alone."""
        self._cache.batch_select_indices(alive)
        self._encoded, self._mask, self._symbols = self._encoded[alive], self._mask[alive], self._symbols[alive]


def _first_symbol(model: Any) -> int:
    """Returns what the decoder reads before anything is written."""
    places = (model.generation_config, "decoder_start_token_id"), (model.config, "decoder_start_token_id")
    named = [getattr(config, name, None) for config, name in (*places, (model.generation_config, "bos_token_id"))]
    return next((int(each) for each in named if each is not None), 0)


def _never_written(model: Any, tokenizer: Any) -> torch.Tensor:
    """Says for each symbol whether it may never come, `(symbols,)`: padding, and those that no tokenizer knows."""
    # The output layer may be wider than the vocabulary: those symbols have no text.
    never = torch.zeros(model.get_output_embeddings().weight.shape[0], dtype=torch.bool)
    never[len(tokenizer) :] = True
    config = model.generation_config
    single = [each[0] for each in config.bad_words_ids or [] if len(each) == 1]
    banned = [tokenizer.pad_token_id, tokenizer.unk_token_id, *(config.suppress_tokens or []), *single]
    never[[each for each in banned if each is not None and each != tokenizer.eos_token_id]] = True
    return never
