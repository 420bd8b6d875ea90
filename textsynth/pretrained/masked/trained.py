"""A masked language model: fine-tuned on a source with its labels in view, or taken as it is; kept, and read again."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.foundation.disk import write_whole
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.encoded_corpus import EncodedCorpus
from textsynth.pretrained.fine_tuning import batch_size, descent_of, divide_rows, fine_tune
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.pretrained.marker import Markers
from textsynth.pretrained.masked.candidate import Candidates
from textsynth.pretrained.masked.cloze import Cloze
from textsynth.pretrained.masked.objective import MaskedObjective, MaskedTrainingSet
from textsynth.pretrained.masked.whole_word import WholeWords
from textsynth.pretrained.tokenizing import check_offsets, limit_of
from textsynth.pretrained.tuning import TunedModel, prepare, read_tuned, write_tuned
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.training.shortage import warn_of_few

_NOTES, _NAME = "masked.json", "masked_lm"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MaskedModel:
    """A masked language model with the markers and the words that it knows.

    Args:
        model: of transformers.
        tokenizer: its own.
        markers: of labels and classes; none if it was not fine-tuned.
        letters: words of a single letter that the source has.
    """

    model: Any
    tokenizer: Any
    markers: Markers
    letters: tuple[str, ...]

    @classmethod
    def of(cls, loaded: Pretrained, source: Corpus, letters: tuple[str, ...], *, marked: bool) -> MaskedModel:
        """Says what a model is to know of a source."""
        labels, classes = (source.labels, source.combinations) if marked else ((), ())
        return cls(loaded.model, loaded.tokenizer, Markers(loaded.symbols, labels, classes), letters)

    @property
    def limit(self) -> int:
        """How many symbols it can read at a time."""
        return limit_of(self.model, self.tokenizer)

    @property
    def mask(self) -> int:
        """The symbol of a hidden word."""
        return int(self.tokenizer.mask_token_id)

    def cloze(self) -> Cloze:
        """Returns what asks it for hidden words."""
        return Cloze(self.model, int(self.tokenizer.pad_token_id))

    def encode(self, tokenised: Tokenised) -> tuple[EncodedCorpus, Candidates]:
        """Returns a corpus as the model reads it, and what may replace its words.

        Nothing may in an example that is longer than the model can read.
        """
        encoded = EncodedCorpus.of(tokenised, self.tokenizer, self.markers)
        candidates = Candidates.of(tokenised, encoded, WholeWords.of(self.tokenizer, self.letters), self.tokenizer)
        return encoded, candidates.restrict((encoded.lengths <= self.limit)[tokenised.row])


def learn_masked(
    tokenised: Tokenised,
    may: np.ndarray,
    options: PretrainedOptions,
    tuning: TuningOptions | None,
    directory: Path,
    seed: int,
) -> None:
    """Fine-tunes a masked language model on a source, and writes what moved.

    Args:
        tokenised: the source.
        may: `(tokens,)`; whether each is to be learnt.
        options: which model.
        tuning: how it is fine-tuned; if None, it is only checked.
        directory: is written to.
        seed: of all that is random.

    Raises:
        OptionError: for a model without a mask or without whole words, and a source without words to learn.
    """
    loaded = load("masked", options)
    _check(loaded, options.model)
    letters = tuple(sorted({word for word in tokenised.vocabulary[0] if len(word) == 1}))
    masked = MaskedModel.of(loaded, tokenised.corpus, letters, marked=tuning is not None)
    encoded, candidates = masked.encode(tokenised)
    _warn_of_long(encoded, masked.limit)
    if tuning:
        warn_of_few(_NAME, tokenised.corpus)
        training_set = MaskedTrainingSet(encoded, masked.mask, _find_learnable(tokenised, encoded, candidates, may))
        tuned = prepare(loaded, tuning, masked.markers.meanings(loaded.tokenizer), seed)
        _fine_tune(tuned, training_set, options, tuning, directory, seed)
        write_tuned(tuned, loaded.model_source, directory)
    notes = {"labels": masked.markers.labels, "classes": masked.markers.classes, "letters": letters}
    write_whole(directory / _NOTES, json.dumps(notes, ensure_ascii=False) + "\n")


def read_masked(options: PretrainedOptions, tuning: TuningOptions | None, directory: Path) -> MaskedModel:
    """Loads the model again, with what moved if it was fine-tuned."""
    notes = json.loads((directory / _NOTES).read_text(encoding="utf-8"))
    loaded = load("masked", options)
    markers = Markers(loaded.symbols, tuple(notes["labels"]), tuple(notes["classes"]))
    model = loaded.model
    if tuning:
        tuned = prepare(loaded, tuning, markers.meanings(loaded.tokenizer), 0)
        model = read_tuned(tuned, loaded.model_source, directory)
    return MaskedModel(model, loaded.tokenizer, markers, tuple(notes["letters"]))


def _find_learnable(tokenised: Tokenised, encoded: EncodedCorpus, candidates: Candidates, may: np.ndarray) -> Ragged:
    """Returns for each example the tokens that are one symbol each, as their replacements are."""
    # Candidates are single symbols, so that only such words teach what is asked for later.
    single = (encoded.stop - encoded.first == 1) & (candidates.group >= 0) & may
    single &= np.isin(encoded.first_symbols(), candidates.words.pieces)
    tokens = np.flatnonzero(single)
    if len(tokens) == 0:
        raise OptionError(
            "masked_lm: the source must have words that are whole in the model's vocabulary to learn from, has none; "
            "fine_tune = false takes the model as it is"
        )
    return Ragged(tokens, np.searchsorted(tokens, tokenised.tokens.rows))


def _fine_tune(
    tuned: TunedModel,
    training_set: MaskedTrainingSet,
    options: PretrainedOptions,
    tuning: TuningOptions,
    directory: Path,
    seed: int,
) -> None:
    """Trains, and leaves the model with its best weights; curves and facts are written."""
    training, heldout = divide_rows(training_set.rows, tuning, seed)
    watched = training_set.mask_heldout(heldout, child_rng(seed, "watched"))
    descent = descent_of(tuned, tuning, options.loading.device)
    objective = MaskedObjective(tuned, descent, watched, training_set, training, batch_size(tuning, len(training)))
    fine_tune(objective, _NAME, "hidden_word", tuning, directory, seed)


def _check(loaded: Pretrained, name: str) -> None:
    tokenizer = loaded.tokenizer
    if tokenizer.mask_token_id is None:
        raise OptionError(f"option 'model' must be a model whose tokenizer has a mask, has none: {name!r}")
    check_offsets(tokenizer, name)


def _warn_of_long(encoded: EncodedCorpus, limit: int) -> None:
    long = int((encoded.lengths > limit).sum())
    if long:
        logger.warning(
            "%s: %s longer than the %d pieces that the model reads: they stay",
            _NAME,
            tell_count(long, "example is", "examples are"),
            limit,
        )
