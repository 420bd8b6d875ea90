"""Cloze: which words a masked language model takes for likely in the places of hidden ones.

The layer over the vocabulary is as large as some layers of the model, so that it sees hidden words alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from textsynth.pretrained.padding import attention_mask, pad

_SYMBOLS = 1024
"""Symbols a batch, padding included: more of them are no faster on a processor."""
_TOLERANCE = 1e-2
"""How far logits may differ, absolutely and relatively, that are computed in another order, in 16 bits too."""


class Cloze:
    """A masked language model, and how it is asked.

    Args:
        model: of transformers or peft.
        pad: the symbol behind sentences that are shorter than others.
    """

    def __init__(self, model: Any, pad: int) -> None:
        self.model, self._pad = model, pad
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._body = inner.base_model
        self._is_sparse = self._body is not inner and self._agrees()

    def logits(self, sentences: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> torch.Tensor:
        """Returns how likely each symbol is at some places, `(places, vocabulary)`, sentence after sentence.

        Args:
            sentences: symbols.
            places: for each sentence, positions of its symbols.
        """
        inputs = self._inputs(sentences)
        device = inputs["input_ids"].device
        row = torch.tensor([row for row, each in enumerate(places) for _ in each], device=device)
        place = torch.tensor([place for each in places for place in each], device=device)
        if not self._is_sparse:
            return self.model(**inputs).logits[row, place].float()
        return self._at(inputs, row, place)

    def _at(self, inputs: dict[str, torch.Tensor], row: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        """Runs the model, and has what is above its body see some places alone."""

        def select(module: Any, given: Any, output: Any) -> Any:
            output["last_hidden_state"] = output["last_hidden_state"][row, place].unsqueeze(0)
            return output

        hook = self._body.register_forward_hook(select)
        try:
            return self.model(**inputs).logits[0].float()
        finally:
            hook.remove()

    def _inputs(self, sentences: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
        """Returns sentences as tensors; without a mask if all have the same length."""
        device = next(self.model.parameters()).device
        inputs = {"input_ids": torch.from_numpy(pad(sentences, self._pad)).to(device)}
        if len(set(map(len, sentences))) > 1:
            inputs["attention_mask"] = torch.from_numpy(attention_mask(sentences)).to(device)
        return inputs

    @torch.inference_mode()
    def _agrees(self) -> bool:
        """Tries whether the model's head can be given some places alone: not every architecture is built that way."""
        inputs = self._inputs([[3, 4, 5]])
        before, _ = self.model.training, self.model.eval()
        row, place = (torch.tensor(each, device=inputs["input_ids"].device) for each in ([0, 0], [0, 2]))
        try:
            some, whole = self._at(inputs, row, place), self.model(**inputs).logits[row, place].float()
            return some.shape == whole.shape and bool(torch.allclose(some, whole, atol=_TOLERANCE, rtol=_TOLERANCE))
        except (TypeError, KeyError, IndexError, RuntimeError):
            return False
        finally:
            self.model.train(before)


def group_by_length(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Yields sentences by length, as many at a time as have about a thousand symbols.

    Args:
        lengths: `(sentences,)` symbols.
    """
    order = np.argsort(lengths, kind="stable")
    first = 0
    while first < len(order):
        # Sentences are sorted by length, so that the last of a batch is as long as its rows are padded to.
        widths = lengths[order[first:]] * np.arange(1, len(order) - first + 1)
        stop = first + max(1, int(np.searchsorted(widths, _SYMBOLS, side="right")))
        yield order[first:stop]
        first = stop
