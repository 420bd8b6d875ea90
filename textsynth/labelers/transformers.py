"""Finds mentions with a transformer that was trained to classify tokens."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from textsynth.components.component import Positive
from textsynth.components.labeler import Finder, Finding, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.corpus.example import trim_edges
from textsynth.errors import OptionError
from textsynth.pretrained.loading import PretrainedOptions
from textsynth.pretrained.tokenizing import check_offsets

_STRIDE = 4
"""The part of what a model can read at a time that is read again if a text is longer: one of so many."""


@dataclass(frozen=True, kw_only=True)
class Transformers(PretrainedOptions, Labeler):
    """Finds mentions with a transformer for token classification; how sure it is, is its own probability.

    Args:
        model: a directory, "package:NAME/FILE" inside an installed package, or "owner/name" on the hub.
        rename: other names for its labels, such as { PER = "PERSON" }.
        batch: texts that it reads at a time.
    """

    extras: ClassVar[tuple[str, ...]] = ("models",)
    reads_context: ClassVar[bool] = True

    model: str = "dslim/bert-base-NER"
    rename: dict[str, str] = field(default_factory=dict)
    batch: Positive = 16

    def resolve_paths(self, folder: Path) -> Self:
        """Takes a model that is a path from a folder."""
        return dataclasses.replace(self, model=self.resolve_model_path(folder))

    def load(self, language: str, workers: int = 1) -> Finder:
        """Loads the model.

        Raises:
            MissingDependency: if what it takes is not installed.
            OptionError: if it is no model for token classification, or its tokenizer does not say where tokens are.
            TextsynthError: if it cannot be found.
        """
        import torch
        from transformers import TokenClassificationPipeline

        from textsynth.pretrained.loading import load
        from textsynth.pretrained.tokenizing import limit_of

        loaded = load("tagging", self)
        check_offsets(loaded.tokenizer, self.model)
        loaded.tokenizer.model_max_length = limit_of(loaded.model, loaded.tokenizer)
        pipeline = TokenClassificationPipeline(
            model=loaded.model,
            tokenizer=loaded.tokenizer,
            aggregation_strategy="first",
            stride=loaded.tokenizer.model_max_length // _STRIDE,
            batch_size=self.batch,
        )
        labels = frozenset(self._name(tag) for tag in loaded.model.config.id2label.values() if tag != "O")
        if not labels:
            raise OptionError(f"option 'model': {self.model!r} must have tags such as B-PER, has none")

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts.to_pylist()
            full = [row for row, text in enumerate(texts) if text.strip()]
            found: list[list[Finding]] = [[] for _ in texts]
            # The pipeline would draw from torch's own generator, and warn of tokenizers without word pieces.
            with torch.random.fork_rng(devices=[]), warnings.catch_warnings(action="ignore", category=UserWarning):
                entities = pipeline([texts[row] for row in full]) if full else []
            for row, own in zip(full, entities, strict=True):
                found[row] = self._read(texts[row], own)
            return Findings.of_lists(found)

        return Finder(find, labels)

    def _name(self, tag: str) -> str:
        """Returns the label of a tag, as the recipe wants it called."""
        label = tag[2:] if tag[:2] in ("B-", "I-", "E-", "S-", "L-", "U-") else tag
        return self.rename.get(label, label)

    def _read(self, text: str, entities: list[dict[str, Any]]) -> list[Finding]:
        """Returns entities without white space around them; of two that overlap the first."""
        found: list[Finding] = []
        for each in entities:
            begin, end = trim_edges(text, each["start"], each["end"])
            if max(begin, found[-1][1] if found else 0) == begin < end:
                found.append((begin, end, self._name(each["entity_group"]), float(each["score"])))
        return found
