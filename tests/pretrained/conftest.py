"""Tiny pretrained models, for all tests of this folder."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import tiny_models


@pytest.fixture(scope="session")
def loaded() -> Callable[[tiny_models.Kind], Any]:
    """Loads a tiny model with its tokenizer, by name, in the precision in which sums in any order agree.

    It is loaded once for all tests, which leave it as it is.
    """
    pytest.importorskip("transformers")
    from textsynth.pretrained.loading import PretrainedOptions, load

    tasks = {"bert": "masked", "roberta": "masked", "unigram": "masked", "gpt": "causal"}

    def find(kind: tiny_models.Kind) -> str:
        """Families of which these tests need but the tokenizer and the shape need not be trained."""
        return tiny_models.untrained(kind) if kind in ("bart", "roberta", "unigram") else tiny_models.model(kind)

    @functools.cache
    def load_tiny(kind: tiny_models.Kind) -> Any:
        options = PretrainedOptions(model=find(kind), loading={"device": "cpu"})
        pretrained = load(tasks.get(kind, "seq2seq"), options)  # type: ignore[arg-type]
        pretrained.model.float()
        return pretrained

    return load_tiny
