"""What every labeler must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest
from chat_server import ChatServer, marking, running

from textsynth.components import registry
from textsynth.labelers import Labeler
from textsynth.testing import build_example
from textsynth.testing.corpora import example_source
from textsynth.testing.labeler_checks import LABELER_CHECKS, LabelerTrial


@contextlib.contextmanager
def _chat() -> Iterator[Mapping[str, Any]]:
    with running(ChatServer(marking({"Ada": "PERSON", "Paris": "CITY"}))) as server:
        options = {"base_url": server.address, "concurrency": 4}
        yield {"backend": "server", "model": "m", "server": options, "labels": {"PERSON": "", "CITY": "a city"}}


@contextlib.contextmanager
def _tagger() -> Iterator[Mapping[str, Any]]:
    from tiny_tagger import tiny_tagger

    yield {"model": tiny_tagger(), "loading": {"device": "cpu"}}


MODELS: dict[str, Callable[[], contextlib.AbstractContextManager[Mapping[str, Any]]]] = {
    "chat": _chat,
    "transformers": _tagger,
}
# All tests of a labeler go to one process, so that it is loaded once. The package of GLiNER is in no extra:
# tests/labelers/test_gliner_labeler.py tries its labeler where it is installed.
NAMES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in registry.names("labeler") if name != "gliner"
]


@pytest.fixture(scope="module", params=NAMES)
def trial(request: pytest.FixtureRequest) -> Iterator[LabelerTrial]:
    with MODELS.get(request.param, lambda: contextlib.nullcontext({}))() as options:
        labeler = build_example(registry.look_up("labeler", request.param), **options)
        yield LabelerTrial(cast("Labeler", labeler), example_source())


@pytest.mark.parametrize("check", LABELER_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_labeler(check: Callable[[LabelerTrial], None], trial: LabelerTrial):
    check(trial)
