"""Words of labelled sentences replaced by a masked language model: ours, a plain loop, and nlpaug, with one model.

The model has the size of DistilBERT (66 million weights) and random weights: nothing is downloaded, and what a word
costs does not depend on them. Its vocabulary has 6,000 pieces of the source, and made-up words up to DistilBERT's size.
"""

from __future__ import annotations

import contextlib
import io
import json
import string
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
import transformers
from material import EDITED, tokenised_source
from measure import Effort, Row
from peers import guarded
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

import textsynth as ts
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.masked_lm import MaskedLm
from textsynth.pretrained.loading import LoadingOptions
from textsynth.training.loop import seed_torch

OURS = "masked_lm"
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_NAMES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
_PIECES, _VOCABULARY = 6_000, 28_996
_SENTENCES, _FEW = 256, 32
_BATCH, _TOP_K = 32, 20


def masked_rows(effort: Effort) -> list[Row]:
    """Measures sentences a CPU second, 10 % of the words refilled, at least one, all with the same model."""
    _, whole = tokenised_source()
    some = whole.take(child_rng(7, "sentences").permutation(len(whole))[:_SENTENCES])
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        place = Path(folder) / "model"
        _write_model(whole, place)
        rows = [_ours(some, place, Path(folder) / "fitted", effort), _plain_loop(some, place, effort)]
        return [*rows, *_nlpaug(some, place, effort)]


def _ours(source: ts.Corpus, place: Path, directory: Path, effort: Effort) -> Row:
    directory.mkdir()
    loading = LoadingOptions(device="cpu")
    made = MaskedLm(model=str(place), loading=loading, fine_tune=False, rate=EDITED, min_p=0.0, top_k=_TOP_K)
    made.fit(Resources.of(source), directory, child_rng(7))
    sampler, rng = made.sampler(directory), child_rng(7, "speed")
    rate = effort.rate(lambda: sampler(_SENTENCES, rng), _SENTENCES)
    tokenizer = transformers.AutoTokenizer.from_pretrained(place)
    symbols = float(np.mean([len(each) for each in tokenizer(source.texts.to_pylist())["input_ids"]]))
    note = f"{symbols:.0f} symbols a sentence; spans exact"
    return Row(name=OURS, rate=rate, note=note, figures={"symbols": symbols})


def _plain_loop(source: ts.Corpus, place: Path, effort: Effort) -> Row:
    """Measures what one would write first: sentences by length, in batches, all logits, text alone."""
    loop = _Loop(place, source.texts.to_pylist())
    rate = effort.rate(loop.run, _SENTENCES)
    return Row(name="a plain loop, sorted by length", rate=rate, note="no labels", beside=OURS)


class _Loop:
    def __init__(self, place: Path, texts: Sequence[str]) -> None:
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(place)
        self._model = transformers.AutoModelForMaskedLM.from_pretrained(place).eval()
        self._texts = sorted(texts, key=len)
        self._rng = np.random.default_rng(7)

    @torch.inference_mode()
    def run(self) -> list[str]:
        made: list[str] = []
        for first in range(0, len(self._texts), _BATCH):
            batch = self._tokenizer(self._texts[first : first + _BATCH], padding=True, return_tensors="pt")
            hidden = self._drawn(batch["attention_mask"].numpy())
            symbols = batch["input_ids"].masked_fill(hidden, self._tokenizer.mask_token_id)
            logits = self._model(input_ids=symbols, attention_mask=batch["attention_mask"]).logits
            best = torch.softmax(logits, dim=-1).topk(_TOP_K)
            drawn = torch.from_numpy(self._rng.integers(_TOP_K, size=(*symbols.shape, 1)))
            symbols = torch.where(hidden, best.indices.gather(-1, drawn)[..., 0], symbols)
            made += self._tokenizer.batch_decode(symbols, skip_special_tokens=True)
        return made

    def _drawn(self, there: np.ndarray) -> torch.Tensor:
        hidden = (self._rng.random(there.shape) < EDITED) & (there == 1)
        hidden[:, 0] = False
        hidden[~hidden.any(axis=1), 1] = True
        return torch.from_numpy(hidden)


@guarded("nlpaug", "nlpaug==1.1.11")
def _nlpaug(source: ts.Corpus, place: Path, effort: Effort) -> list[Row]:
    """Measures nlpaug sentence by sentence; it was written for older tokenizers, which had two methods more."""
    import nlpaug.augmenter.word as naw

    texts = source.texts.to_pylist()[:_FEW]
    older = {"_convert_token_to_id": _number_of, "_convert_id_to_token": _piece_of}
    with contextlib.ExitStack() as stack:
        for name, method in older.items():
            stack.enter_context(mock.patch.object(transformers.PreTrainedTokenizerFast, name, method, create=True))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        augmenter = naw.ContextualWordEmbsAug(
            model_path=str(place), model_type="bert", action="substitute", aug_p=EDITED, top_k=_TOP_K, device="cpu"
        )
        rate = effort.rate(lambda: [augmenter.augment(text) for text in texts], _FEW)
    return [Row(name="nlpaug 1.1.11", rate=rate, note="no labels, one sentence at a time", beside=OURS)]


def _number_of(tokenizer: Any, piece: str) -> int:
    return int(tokenizer.convert_tokens_to_ids(piece))


def _piece_of(tokenizer: Any, number: int) -> str:
    return str(tokenizer.convert_ids_to_tokens(number))


def _write_model(source: ts.Corpus, place: Path) -> None:
    """Writes a model with its tokenizer."""
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(source.texts.to_pylist()),
        model_max_length=512,
        **dict(zip(_NAMES, _SPECIAL, strict=True)),
    )
    config = transformers.DistilBertConfig(vocab_size=_VOCABULARY)
    with seed_torch(7, "model"), contextlib.redirect_stderr(io.StringIO()):
        transformers.DistilBertForMaskedLM(config).save_pretrained(place)
    tokenizer.save_pretrained(place)


def _tokenizer(texts: Sequence[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=_PIECES, special_tokens=list(_SPECIAL), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    content = json.loads(tokenizer.to_str())
    pieces = content["model"]["vocab"]
    made_up = (word for word in _made_up() if word not in pieces)
    while len(pieces) < _VOCABULARY:
        pieces[next(made_up)] = len(pieces)
    return Tokenizer.from_str(json.dumps(content))


def _made_up() -> Iterator[str]:
    """Yields words of four letters."""
    letters = string.ascii_lowercase
    for number in range(len(letters) ** 4):
        yield "".join(letters[number // len(letters) ** place % len(letters)] for place in range(4))
