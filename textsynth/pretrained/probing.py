"""A probe out of a transformer: all of it is taught to tag tokens, for a fixed time."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.corpus.tag_notation import read_tags
from textsynth.corpus.tokens import TokenTable, encode_tags, list_tags, tokenize
from textsynth.pretrained.encoding import find_hidden_size, load_transformer
from textsynth.pretrained.loading import Pretrained
from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.tokenizing import check_offsets, cut_texts, frame_of, limit_of
from textsynth.scores.probes import Tag, without_spans
from textsynth.training.loop import seed_torch

_BATCH = 16
_RATE, _HEAD_RATE, _DECAY = 5e-5, 1e-3, 0.01
"""The learning rates of the encoder and of the layer on it, and the weight of the norm."""

_WARMUP = 0.1
"""The share of the steps in which the rates rise; then they fall to nothing."""

_OUTSIDE = -100
"""Stands for a position that is no token's; the loss of torch passes it over."""


def teach_encoder_tagger(name: str, corpus: Corpus, steps: int, weaker: float, rng: np.random.Generator) -> Tag:
    """Teaches a transformer the spans of a corpus: one layer on it tells the tag of each token by its first piece.

    Args:
        name: of the transformer, as `load_encoder` takes it; every probe begins with its weights.
        corpus: the texts and their spans.
        steps: batches of 16 texts that it is taught.
        weaker: what dropout and the weight of the norm are multiplied by.
        rng: first weights of the layer, batches and dropout.

    Raises:
        OptionError: if it is no transformer, or its tokenizer does not say where pieces are.
    """
    loaded = load_transformer(name)
    check_offsets(loaded.tokenizer, name)
    tokens, names = tokenize(corpus), list_tags(corpus.labels)
    rows = np.flatnonzero(np.diff(tokens.rows))
    if not corpus.labels or not len(rows):
        return without_spans
    reader = _Reader(loaded, corpus, tokens)
    codes = encode_tags(tokens, corpus, "iob2", names)
    with seed_torch(int(rng.integers(2**62)), "probe"):
        head = torch.nn.Linear(find_hidden_size(loaded.model), len(names)).to(loaded.model.device)
        _teach(loaded.model, head, _list_batches(reader, codes, rows, steps, rng), steps, weaker)
    return lambda given: _find(loaded, head, names, without_spans(given)).label(given)


class _Reader:
    """Texts as a transformer reads them.

    Args:
        loaded: the transformer.
        corpus: the texts.
        tokens: theirs.
    """

    def __init__(self, loaded: Pretrained, corpus: Corpus, tokens: TokenTable) -> None:
        self._pad, self._device = loaded.tokenizer.pad_token_id or 0, loaded.model.device
        before, behind = frame_of(loaded.tokenizer)
        room = limit_of(loaded.model, loaded.tokenizer) - len(before) - len(behind)
        cut = cut_texts(corpus.texts.to_pylist(), loaded.tokenizer, offsets=True)
        self._ids = [[*before, *each[:room], *behind] for each in cut["input_ids"]]
        self._places = [
            _find_first_pieces(offsets, tokens.starts[low:high], len(before), room)
            for offsets, (low, high) in zip(cut["offset_mapping"], itertools.pairwise(tokens.rows), strict=True)
        ]
        self._rows = tokens.rows

    def read(self, rows: np.ndarray) -> tuple[Any, Any]:
        """Returns symbols and mask of some texts."""
        ids = [self._ids[row] for row in rows]
        made = pad(ids, self._pad), attention_mask(ids)
        return torch.from_numpy(made[0]).to(self._device), torch.from_numpy(made[1]).to(self._device)

    def lay_out(self, rows: np.ndarray, codes: np.ndarray, width: int) -> Any:
        """Returns the tag of each position, that of a token at its first piece, `(texts, width)`."""
        wanted = np.full((len(rows), width), _OUTSIDE, np.int64)
        for place, row in enumerate(rows.tolist()):
            seen = self._places[row] >= 0
            wanted[place, self._places[row][seen]] = codes[self._rows[row] : self._rows[row + 1]][seen]
        return torch.from_numpy(wanted).to(self._device)

    def gather(self, row: int, best: np.ndarray) -> list[int]:
        """Returns the tag of each token of a text out of those of its positions, `O` if it was not read."""
        places = self._places[row]
        return np.where(places >= 0, best[np.maximum(places, 0)], 0).tolist()


def _find_first_pieces(offsets: list[tuple[int, int]], starts: np.ndarray, before: int, room: int) -> np.ndarray:
    """Returns the position of the first piece of each token, -1 if it was not read, `(tokens,)`.

    >>> _find_first_pieces([(0, 2), (2, 3), (4, 7)], np.array([0, 4]), 1, 9).tolist()
    [1, 3]
    """
    ends = np.array([end for _, end in offsets], np.int64)
    piece = np.searchsorted(ends, starts, side="right")
    return np.where(piece < min(len(ends), room), piece + before, -1)


def _list_batches(reader: _Reader, codes: np.ndarray, rows: np.ndarray, steps: int, rng: np.random.Generator) -> Any:
    """Yields symbols, mask and tags of texts that are drawn with replacement."""
    for _ in range(steps):
        chosen = rng.choice(rows, size=min(_BATCH, len(rows)))
        ids, mask = reader.read(chosen)
        yield ids, mask, reader.lay_out(chosen, codes, ids.shape[1])


def _teach(model: Any, head: Any, batches: Any, steps: int, weaker: float) -> None:
    groups = [{"params": list(part.parameters()), "lr": rate} for part, rate in ((model, _RATE), (head, _HEAD_RATE))]
    optimiser = torch.optim.AdamW(groups, weight_decay=_DECAY * weaker)
    rising = max(1, round(_WARMUP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / rising, (steps - step) / max(1, steps - rising))
    )
    for each in model.modules():
        if isinstance(each, torch.nn.Dropout):
            each.p *= weaker
    model.train()
    for ids, mask, wanted in batches:
        scores = head(model(input_ids=ids, attention_mask=mask).last_hidden_state.float())
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=_OUTSIDE).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    model.eval()


def _find(loaded: Pretrained, head: Any, names: list[str], corpus: Corpus) -> Findings:
    """Returns the mentions of each text: the likeliest tag of each token."""
    tokens = tokenize(corpus)
    reader = _Reader(loaded, corpus, tokens)
    found: list[list[tuple[int, int, str, float]]] = [[] for _ in range(len(corpus))]
    for start in range(0, len(corpus), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(corpus)))
        ids, mask = reader.read(rows)
        with torch.inference_mode():
            best = head(loaded.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()).argmax(-1)
        for place, row in enumerate(rows.tolist()):
            tags = [names[code] for code in reader.gather(row, best[place].cpu().numpy())]
            first = int(tokens.rows[row])
            found[row] = [
                (int(tokens.starts[first + begin]), int(tokens.ends[first + end - 1]), label, 1.0)
                for begin, end, label in read_tags(tags)
            ]
    return Findings.of_lists(found)
