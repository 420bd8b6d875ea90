"""What every generator must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.testing.generator_checks import GENERATOR_CHECKS, GeneratorTrial

# All tests of a generator go to one process, so that it is fitted once.
NAMES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in registry.names("generator")]


@pytest.fixture(params=NAMES)
def trial(request: pytest.FixtureRequest, generator_trial: Callable[[str], GeneratorTrial]) -> GeneratorTrial:
    return generator_trial(request.param)


@pytest.mark.parametrize("check", GENERATOR_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_generator(check: Callable[[GeneratorTrial], None], trial: GeneratorTrial):
    check(trial)


def test_nothing_to_learn_from_is_an_error(trial: GeneratorTrial):
    """A generator of another package may need no source; each of these does."""
    with pytest.raises(OptionError, match=r"must have") as caught:
        trial.fit("empty", Corpus.empty())
    assert "source" in str(caught.value)
    assert "\n" not in str(caught.value)
