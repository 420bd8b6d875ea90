"""A probe out of a transformer: all of it is taught to tag tokens, for a fixed time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.corpus.tag_notation import read_tags
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.pretrained.encoding import find_hidden_size, load_transformer
from textsynth.pretrained.loading import Pretrained
from textsynth.pretrained.token_reading import OUTSIDE, TokenReader
from textsynth.pretrained.tokenizing import check_offsets
from textsynth.scores.probes import Tag, without_spans
from textsynth.training.device import has_fused_adamw
from textsynth.training.loop import seed_torch

_BATCH = 16
_RATE, _HEAD_RATE, _DECAY = 5e-5, 1e-3, 0.01
"""The learning rates of the encoder and of the layer on it, and the weight of the norm."""

_POOLED = 16
"""Batches whose texts are drawn at once and dealt by length: few positions are padding, else a third to half are."""

_WARMUP = 0.1
"""The share of the steps in which the rates rise; then they fall to nothing."""


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
    reader = TokenReader(loaded, corpus, tokens)
    codes = encode_tags(tokens, corpus, "iob2", names)
    with seed_torch(int(rng.integers(2**62)), "probe"):
        head = torch.nn.Linear(find_hidden_size(loaded.model), len(names)).to(loaded.model.device)
        _teach(loaded.model, head, _list_batches(reader, codes, rows, steps, rng), steps, weaker)
    return lambda given: _find(loaded, head, names, without_spans(given)).label(given)


def _list_batches(
    reader: TokenReader, codes: np.ndarray, rows: np.ndarray, steps: int, rng: np.random.Generator
) -> Iterator[tuple[Any, Any, Any]]:
    """Yields symbols, mask and tags of texts that are drawn with replacement, those of a batch of like length."""
    for begin in range(0, steps, _POOLED):
        count = min(_POOLED, steps - begin)
        drawn = rng.choice(rows, size=(count, min(_BATCH, len(rows))))
        drawn = drawn.ravel()[np.argsort(reader.lengths[drawn.ravel()], kind="stable")].reshape(drawn.shape)
        for chosen in rng.permutation(drawn):
            ids, mask = reader.read(chosen)
            yield ids, mask, reader.lay_out(chosen, codes, ids.shape[1])


def _teach(model: Any, head: Any, batches: Any, steps: int, weaker: float) -> None:
    groups = [{"params": list(part.parameters()), "lr": rate} for part, rate in ((model, _RATE), (head, _HEAD_RATE))]
    optimiser = torch.optim.AdamW(groups, weight_decay=_DECAY * weaker, fused=has_fused_adamw(model.device))
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
        torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=OUTSIDE).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    model.eval()


def _find(loaded: Pretrained, head: Any, names: list[str], corpus: Corpus) -> Findings:
    """Returns the mentions of each text: the likeliest tag of each token."""
    tokens = tokenize(corpus)
    reader = TokenReader(loaded, corpus, tokens)
    found: list[list[tuple[int, int, str, float]]] = [[] for _ in range(len(corpus))]
    for rows in reader.batches(_BATCH):
        ids, mask = reader.read(rows)
        with torch.inference_mode():
            best = head(loaded.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()).argmax(-1)
        for place, row in enumerate(rows.tolist()):
            tags = [names[code] for code in reader.gather(row, best[place].cpu().numpy()).tolist()]
            first = int(tokens.rows[row])
            found[row] = [
                (int(tokens.starts[first + begin]), int(tokens.ends[first + end - 1]), label, 1.0)
                for begin, end, label in read_tags(tags)
            ]
    return Findings.of_lists(found)
