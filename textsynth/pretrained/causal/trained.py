"""A causal model that was fine-tuned on a source: learnt, kept in a directory, and asked for sentences."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Gazetteer
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.causal.constraint import ConstraintMaker, find_forbidden
from textsynth.pretrained.causal.objective import Sequences, learn_sequences
from textsynth.pretrained.causal.options import CausalOptions
from textsynth.pretrained.causal.sentence_codec import SentenceCodec
from textsynth.pretrained.decoding import Decoding, continue_prompts
from textsynth.pretrained.loading import load
from textsynth.pretrained.tokenizing import limit_of
from textsynth.pretrained.tuning import prepare, read_tuned, write_tuned
from textsynth.wording.filling import Sentence
from textsynth.wording.rejection import Rejection
from textsynth.wording.stray_mention import EXTRA, StrayMentions
from textsynth.wording.symbol_sampling import Style
from textsynth.wording.vocabulary import Marks, Part, parts_of

_NOTES = "causal.json"
_MARGIN = 1.5
"""How much longer than the longest of the source a sentence may be."""

logger = logging.getLogger(__name__)


class SentenceSpec(NamedTuple):
    """What a sentence is asked for with.

    Args:
        name: its class, None for none.
        mentions: the slots or mentions it must have; the model has learnt to write them in this order.
        spare: those that it may have beside them: mentions once each, slots as often as the model likes.
    """

    name: str | None
    mentions: list[Part]
    spare: list[Part]


@dataclass(frozen=True)
class TrainedCausal:
    """A causal model with the symbols it was given.

    Args:
        model: of transformers.
        codec: what its symbols mean.
        longest: symbols a sentence may have.
        limit: symbols that the model reads at a time, those it has written among them.
        forbidden: symbols that none may have.
        stray: mentions of the source, which are mentions wherever they stand.
    """

    model: Any
    codec: SentenceCodec
    longest: int
    limit: int
    forbidden: torch.Tensor
    stray: StrayMentions

    def write(
        self,
        specs: Sequence[SentenceSpec],
        style: tuple[float, float],
        strict: bool,
        rng: np.random.Generator,
    ) -> list[Sentence]:
        """Writes a sentence for each spec, or says why there is none.

        Args:
            specs: what each is asked for with.
            style: temperature and top_p.
            strict: whether marks that do not fit are held back.
            rng: draws the symbols.

        Raises:
            OptionError: if the model cannot read what it is asked with.
        """
        prompts = [self.codec.encode_prompt(spec.name, spec.mentions) for spec in specs]
        room = self.limit - max(map(len, prompts), default=0)
        if room < 1:
            raise OptionError(
                f"causal_lm: the model reads {self.limit} symbols, and what it is asked with has as many; "
                "lower option 'mentions'"
            )
        maker = ConstraintMaker(self.codec, [(spec.mentions, spec.spare) for spec in specs], strict, self.forbidden)
        pad = int(self.codec.tokenizer.pad_token_id)
        decoding = Decoding(Style(*style, min(self.longest, room)), (self.codec.end,), pad, make_constraint=maker)
        written = continue_prompts(self.model, prompts, decoding, rng)
        return [self._check(symbols, spec) for symbols, spec in zip(written, specs, strict=True)]

    def _check(self, symbols: list[int], spec: SentenceSpec) -> Sentence:
        """Returns the sentence that symbols stand for, or why it is none, or not the one that was asked for."""
        parts = self.codec.decode(symbols)
        if isinstance(parts, Rejection):
            return parts
        mentions = Counter(part for part in parts if part.label is not None)
        wanted = Counter(spec.mentions)
        if wanted - mentions:
            return Rejection("lacks a mention")
        if self.codec.mode != "linearised" and not (mentions - wanted).keys() <= set(spec.spare):
            return Rejection("has another mention")
        own = StrayMentions.of_texts(part.text for part in mentions if part.text)
        if self.stray.among(parts) or own.among(parts):
            return Rejection(EXTRA)
        return parts


def learn_causal(source: Corpus, options: CausalOptions, directory: Path, seed: int) -> None:
    """Fine-tunes a causal model on a source, and writes what moved."""
    loaded = load("causal", options)
    if loaded.tokenizer.eos_token_id is None:
        raise OptionError(f"{options.model}: must have a symbol that ends a text, its tokenizer has none")
    codec = SentenceCodec(loaded.tokenizer, loaded.symbols, source.labels, options.mode)
    sequences = _encode_source(source, codec, options, child_rng(seed, "listed"))
    sequences = _short_enough(sequences, limit_of(loaded.model, loaded.tokenizer))
    tuned = prepare(loaded, options.tuning, codec.find_meanings(Gazetteer.of(source)), seed)
    learn_sequences(tuned, sequences, options.tuning, options.loading.device, directory, seed)
    write_tuned(tuned, loaded.model_source, directory)
    longest = int(max(map(len, sequences.sentences)) * _MARGIN)
    breaks = any("\n" in text or "\r" in text for text in source.texts.to_pylist())
    notes = {"labels": source.labels, "mode": options.mode, "longest": longest, "line_breaks": breaks}
    (directory / _NOTES).write_text(json.dumps(notes))


def read_causal(source: Corpus, options: CausalOptions, directory: Path) -> TrainedCausal:
    """Loads the model again, with what moved when it learnt this source."""
    notes = json.loads((directory / _NOTES).read_text())
    loaded = load("causal", options)
    codec = SentenceCodec(loaded.tokenizer, loaded.symbols, tuple(notes["labels"]), notes["mode"])
    tuned = prepare(loaded, options.tuning, [[0]] * codec.size, 0)
    model = read_tuned(tuned, loaded.model_source, directory)
    unwanted = find_forbidden(codec, line_breaks=notes["line_breaks"])
    limit = limit_of(loaded.model, loaded.tokenizer)
    return TrainedCausal(model, codec, notes["longest"], limit, unwanted, StrayMentions.of(source))


def _short_enough(sequences: Sequences, limit: int) -> Sequences:
    """Leaves out what is longer than the model reads."""
    short = np.flatnonzero(sequences.lengths <= limit)
    total = len(sequences)
    if len(short) == 0:
        raise OptionError(
            f"causal_lm: the model reads {limit} symbols at a time, every sentence of the source has more"
        )
    if len(short) < total:
        reason = f"longer than the {limit} symbols that the model reads"
        logger.warning("causal_lm: left out %d of %s: %s", total - len(short), tell_count(total, "sentence"), reason)
    return sequences.take(short)


def _encode_source(source: Corpus, codec: SentenceCodec, options: CausalOptions, rng: np.random.Generator) -> Sequences:
    """Returns the sentences of a source with their prefixes, in which mentions stand in their order.

    If a sentence may have more mentions than it is asked for with, prefixes list as many as they will when sentences
    are asked for.
    """
    slots: Marks = "slots" if codec.mode == "delexicalised" else "linear"
    parts = [parts_of(example, slots) for example in source]
    mentions = [[part for part in each if part.label is not None] for each in parts]
    listed = [options.draw_listed(each, rng) for each in mentions] if options.more_mentions else mentions
    classes = source.table.column("label").to_pylist()
    prefixes = [codec.encode_prompt(name, each) for name, each in zip(classes, listed, strict=True)]
    return Sequences(prefixes, [codec.encode(each) for each in parts])
