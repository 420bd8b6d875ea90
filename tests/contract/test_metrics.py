"""What every metric must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from textsynth.components import registry
from textsynth.metrics import Metric
from textsynth.testing import build_example, check_component
from textsynth.testing.corpora import example_source
from textsynth.testing.metric_checks import METRIC_CHECKS, MetricTrial


@pytest.fixture(params=registry.names("metric"))
def trial(request: pytest.FixtureRequest) -> MetricTrial:
    metric = cast("Metric", build_example(registry.look_up("metric", request.param)))
    return MetricTrial(metric, example_source())


def test_it_is_a_component(trial: MetricTrial):
    check_component(type(trial.metric))


@pytest.mark.parametrize("check", METRIC_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_metric(check: Callable[[MetricTrial], None], trial: MetricTrial):
    check(trial)
