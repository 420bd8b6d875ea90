"""Rewrites source examples, or writes sentences for mentions, with a pretrained encoder-decoder such as T5 or BART."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pydantic

from textsynth.components.component import Share
from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label, describe_classes, join_classes
from textsynth.corpus.example import Example
from textsynth.edits.copies import CopyingSampler
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.pretrained.loading import PretrainedOptions, resolve_model
from textsynth.pretrained.rewriting.options import BackOptions, GapOptions, InputOptions
from textsynth.pretrained.tuning_options import RepeatedTuning, TuningOptions
from textsynth.wording.options import WritingOptions

if TYPE_CHECKING:
    from textsynth.pretrained.model_source import ModelSource
    from textsynth.pretrained.rewriting.infilling import Infilling
    from textsynth.pretrained.rewriting.key_text import KeyText
    from textsynth.pretrained.rewriting.paraphrasing import Paraphrasing
    from textsynth.pretrained.rewriting.placeholder import Placeholder
    from textsynth.pretrained.rewriting.rewriter import Rewriter
    from textsynth.wording.filling import Sentence
    from textsynth.wording.vocabulary import Part

_SOURCE = "source.parquet"
_MODELS = {
    "mentions": "google-t5/t5-small",
    "infill": "google-t5/t5-small",
    "paraphrase": "humarin/chatgpt_paraphraser_on_T5_base",
    "back_translation": "Helsinki-NLP/opus-mt-en-de",
}
_LEARNING = ("mentions", "infill")
_PREFIXES = {"paraphrase": "paraphrase: "}


@dataclass(frozen=True, kw_only=True)
class Seq2seq(PretrainedOptions, WritingOptions, Generator):
    """Writes sentences with a pretrained encoder-decoder: from mentions, into gaps, in other words, or there and back.

    "mentions" draws mentions and has the model write a sentence with them. "infill" takes words between mentions out
    and has the model fill the gaps (Kumar et al. 2020). "paraphrase" has it say a sentence in other words, and
    "back_translation" in another language and back (Sennrich et al. 2016); mentions are placeholders meanwhile. What
    lacks a mention, or has one twice or another, is rejected.

    Args:
        task: "mentions", "infill", "paraphrase" or "back_translation".
        model: an encoder-decoder: a directory, "package:NAME/FILE" inside an installed package, or "owner/name" on the
            hub. If empty, t5-small for the first two, a T5 that paraphrases, or one that translates to German.
        back: for "back_translation", the model that translates back.
        fine_tune: for "mentions" and "infill", whether the model first learns the source; the others take it as it is.
        input: what stands before a text and for its mentions when the model reads it.
        gaps: for "infill", how much is taken out.
        tuning: how it is fine-tuned; other words are taken out in each epoch.
    """

    extras = ("models",)

    example_options: ClassVar[Mapping[str, Any]] = {"loading": {"device": "cpu"}, "tuning": {"epochs": 1}}

    task: Literal["mentions", "infill", "paraphrase", "back_translation"] = "infill"
    model: str = ""
    fine_tune: bool = True
    input: InputOptions = field(default_factory=InputOptions)
    back: BackOptions = field(default_factory=BackOptions)
    gaps: GapOptions = field(default_factory=GapOptions)
    tuning: RepeatedTuning = field(default_factory=RepeatedTuning)
    top_p: Annotated[Share, pydantic.Field(gt=0)] = 0.95

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the models and files of words from a folder."""
        back = dataclasses.replace(self.back, model=resolve_model(self.back.model, folder))
        model = resolve_model(self.model, folder) if self.model else ""
        return dataclasses.replace(super().resolve_paths(folder), model=model, back=back)

    def makes_copies(self) -> bool:
        """All tasks make copies but the one that starts from mentions."""
        return self.task != "mentions"

    def locate_models(self) -> list[ModelSource]:
        """Finds the models."""
        return [each.locate_model() for each in self.models()]

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Fine-tunes the model, or sees to it that those asked for are there."""
        from textsynth.pretrained.loading import load
        from textsynth.pretrained.rewriting.trained import learn_rewriter
        from textsynth.training.shortage import warn_of_few
        from textsynth.wording.filling import write_filler

        source = resources.source
        if not any(text.strip() for text in source.texts.to_pylist()):
            raise OptionError("seq2seq: the source must have sentences to rewrite, has none")
        seed = int(rng.integers(2**63))
        source.write_parquet(directory / _SOURCE)
        if self.task == "mentions":
            write_filler(self, resources, rng, directory)
        loaded = [load("seq2seq", options) for options in self.models()]
        if self.task not in _LEARNING:
            return
        from textsynth.pretrained.rewriting.rewriter import Rewriter

        training_set = self.build_training_set(source, Rewriter(loaded[0].model, loaded[0].tokenizer))
        if self.fine_tune:
            warn_of_few("seq2seq", source)
            learn_rewriter(loaded[0], training_set, self, self.tuning, directory, seed)

    def sampler(self, directory: Path) -> Sampler:
        """Loads the model or models."""
        return _MentionSampler(self, directory) if self.task == "mentions" else _copying(self, directory)

    def models(self) -> list[PretrainedOptions]:
        """Returns the models that are used, one after the other."""
        first = dataclasses.replace(self, model=self.model or _MODELS[self.task])
        loading = dataclasses.replace(self.loading, revision=None)
        back = PretrainedOptions(model=self.back.model, loading=loading)
        return [first, back] if self.task == "back_translation" else [first]

    def get_tuning(self) -> TuningOptions | None:
        """Returns how the model was fine-tuned, None if it was not."""
        return self.tuning if self.fine_tune and self.task in _LEARNING else None

    def opening(self) -> str:
        """Returns what is put before each text."""
        return _PREFIXES.get(self.task, "") if self.input.prefix is None else self.input.prefix

    def build_training_set(self, source: Corpus, rewriter: Rewriter) -> KeyText | Infilling:
        """Returns what the model learns."""
        from textsynth.pretrained.rewriting.key_text import KeyText

        if self.task == "mentions":
            return KeyText.of(source, rewriter, self.opening(), self.stand_in())
        return self.build_infilling(source, rewriter)

    def build_infilling(self, source: Corpus, rewriter: Rewriter) -> Infilling:
        """Returns the gaps of the source: what the model learns to fill, and is asked to fill afterwards."""
        from textsynth.edits.tokenised import Tokenised
        from textsynth.pretrained.rewriting.gap_notation import notation_of
        from textsynth.pretrained.rewriting.infilling import Infilling
        from textsynth.pretrained.tokenizing import check_offsets

        model = self.models()[0].model
        check_offsets(rewriter.tokenizer, model)
        notation = notation_of(rewriter, model)
        classes = source.table.column("label").to_pylist() if self.fine_tune else [None] * len(source)
        prefixes = [self.opening() + (f"class: {describe_classes(name)} |" if name else "") for name in classes]
        whole = Corpus.from_trusted(source.table.combine_chunks(), source.tokenizer)
        return Infilling.of(rewriter, notation, self.gaps, Tokenised.of(whole), prefixes)

    def stand_in(self) -> Placeholder | None:
        """Returns what stands for mentions, None if they stand as they are."""
        from textsynth.pretrained.rewriting.placeholder import Placeholder

        return Placeholder(self.input.placeholder) if self.input.slots or self.task != "mentions" else None


def _copying(options: Seq2seq, directory: Path) -> CopyingSampler:
    """Returns the sampler that writes source examples anew."""
    from textsynth.pretrained.rewriting.trained import read_rewriter
    from textsynth.training.device import threads

    source = Corpus.read_parquet(directory / _SOURCE)
    rewriters = [read_rewriter(each, options.get_tuning(), directory) for each in options.models()]
    copier = _copier(options, source, rewriters)

    def copy(rows: np.ndarray, rng: np.random.Generator) -> Draft:
        with threads(options.loading.threads):
            return copier.copy(rows, (options.temperature, options.top_p), rng)

    return CopyingSampler(source, copy, copier.usable)


def _copier(options: Seq2seq, source: Corpus, rewriters: Sequence[Rewriter]) -> Infilling | Paraphrasing:
    from textsynth.pretrained.rewriting.paraphrasing import Paraphrasing, RewritingPass
    from textsynth.pretrained.rewriting.placeholder import Placeholder

    if options.task == "infill":
        return options.build_infilling(source, rewriters[0])
    passes = [RewritingPass(*each) for each in zip(rewriters, (options.opening(), options.back.prefix), strict=False)]
    return Paraphrasing.of(source, passes, Placeholder(options.input.placeholder))


class _MentionSampler:
    """The sampler that asks for sentences with mentions: those of a sentence of the source, by label, and its class."""

    def __init__(self, options: Seq2seq, directory: Path) -> None:
        from textsynth.pretrained.rewriting.trained import read_rewriter
        from textsynth.wording.filling import read_filler
        from textsynth.wording.stray_mention import StrayMentions

        self._options, self._placeholder = options, options.stand_in()
        self._rewriter = read_rewriter(options.models()[0], options.get_tuning(), directory)
        self._seeds = read_filler(directory, slots=True)
        self._filler = read_filler(directory, slots=options.input.slots)
        source = Corpus.read_parquet(directory / _SOURCE)
        self._stray = StrayMentions.of(source)
        self._classes = source.table.column("label").to_pylist()
        self._labels = [[span.label for span in example.spans] for example in source]

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        from textsynth.pretrained.rewriting.key_text import key_of
        from textsynth.training.device import threads

        asked = join_classes(label)
        rows = np.flatnonzero([asked in (None, each) for each in self._classes])
        if len(rows) == 0:
            return Corpus.empty()
        chosen = rows[rng.integers(len(rows), size=count)].tolist()
        classes = [self._classes[row] for row in chosen]
        mentions = self._mentions([self._labels[row] for row in chosen], classes, rng)
        keys = [key_of(*each, self._placeholder) for each in zip(classes, mentions, strict=True)]
        inputs = self._rewriter.read([self._options.opening() + key for key in keys])
        with threads(self._options.loading.threads):
            written = self._rewriter.write(inputs, self._options.temperature, self._options.top_p, rng)
        sentences = [self._sentence(*each) for each in zip(written, mentions, strict=True)]
        return self._filler.corpus(sentences, classes, rng)

    def _mentions(
        self, labels: Sequence[Sequence[str]], classes: Sequence[str | None], rng: np.random.Generator
    ) -> list[list[Part]]:
        """Returns slots for labels, or draws mentions if the model writes these itself."""
        from textsynth.wording.vocabulary import Part

        if self._placeholder is None:
            return self._seeds.mentions(labels, classes, rng)
        return [[Part("", label) for label in each] for each in labels]

    def _sentence(self, written: Sequence[int], mentions: Sequence[Part]) -> Sentence:
        """Returns the sentence that was written, in parts, or what is wrong with it."""
        from textsynth.pretrained.rewriting.spacing import separate_parts
        from textsynth.wording.filling import UNENDED
        from textsynth.wording.rejection import Rejection
        from textsynth.wording.stray_mention import EXTRA

        text = self._rewriter.sentence(written)
        if text is None:
            return UNENDED
        parts = self._placeholder.restore(text, mentions) if self._placeholder else _locate(text, mentions)
        if isinstance(parts, Rejection):
            return parts
        parts = separate_parts(parts) if self._filler.tokenizer == "whitespace" else parts
        return Rejection(EXTRA) if self._stray.among(parts) else parts


def _locate(text: str, mentions: Sequence[Part]) -> Sentence:
    """Returns a text in parts, its mentions where they stand, or why that is not clear."""
    from textsynth.pretrained.rewriting.placeholder import BROKEN, DOUBLED
    from textsynth.wording.filling import EMPTY
    from textsynth.wording.mention_search import Mention, Unclear, locate
    from textsynth.wording.rejection import Rejection
    from textsynth.wording.vocabulary import parts_of

    if "\ufffd" in text:
        return BROKEN
    try:
        spans = locate(text, [Mention(part.text, part.label or "") for part in mentions])
    except Unclear as unclear:
        return Rejection(str(unclear))
    if len(spans) > len(mentions):
        return DOUBLED
    return parts_of(Example(text, spans), "linear") or EMPTY
