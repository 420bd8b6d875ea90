"""Components that are tried: each with the small options that it names itself, fitted once by each process of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from textsynth.components import registry
from textsynth.corpus import Tokenizer
from textsynth.filters import Filter
from textsynth.generators import Generator
from textsynth.testing import build_example
from textsynth.testing.corpora import example_source, examples_to_judge
from textsynth.testing.filter_checks import FilterTrial
from textsynth.testing.generator_checks import GeneratorTrial
from textsynth.testing.other_process import OtherProcess


def _chat() -> dict[str, Any]:
    from tiny_chat import tiny_chat

    template = Path(tiny_chat()) / "spec.jinja"
    return {"model": tiny_chat(), "request": {"template": template, "sentences": 1, "longest": 60}}


def _tiny(kind: Any) -> Callable[[], dict[str, Any]]:
    def options() -> dict[str, Any]:
        import tiny_models

        return {"model": tiny_models.model(kind)}

    return options


MODELS: dict[str, Callable[[], dict[str, Any]]] = {
    "causal_lm": _tiny("gpt"),
    "masked_lm": _tiny("bert"),
    "prompt": _chat,
    "seq2seq": _tiny("t5"),
}
"""The pretrained models that generators need beside their example options; they are made when they are first used."""

TOKENIZERS: dict[str, Tokenizer] = {"prompt": "words"}
"""How texts fall into tokens that do not fall as the source's: a chat model writes prose."""


@pytest.fixture(scope="session")
def other() -> Iterator[OtherProcess]:
    """One process for all that are tried in this one."""
    with OtherProcess() as process:
        yield process


@pytest.fixture(scope="session")
def generator_trial(tmp_path_factory: pytest.TempPathFactory, other: OtherProcess) -> Callable[[str], GeneratorTrial]:
    """Gives the trial of a generator, the same one to every test."""
    trials: dict[str, GeneratorTrial] = {}

    def trial_of(name: str) -> GeneratorTrial:
        if name not in trials:
            options = MODELS[name]() if name in MODELS else {}
            generator = cast("Generator", build_example(registry.look_up("generator", name), **options))
            folder = tmp_path_factory.mktemp(name)
            trials[name] = GeneratorTrial(generator, example_source(), folder, other, TOKENIZERS.get(name))
        return trials[name]

    return trial_of


@pytest.fixture(scope="session")
def filter_trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], FilterTrial]:
    """Gives the trial of a filter, the same one to every test."""
    trials: dict[str, FilterTrial] = {}

    def trial_of(name: str) -> FilterTrial:
        if name not in trials:
            filter = cast("Filter", build_example(registry.look_up("filter", name)))
            trials[name] = FilterTrial(filter, example_source(), examples_to_judge(), tmp_path_factory.mktemp(name))
        return trials[name]

    return trial_of
