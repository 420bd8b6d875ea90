"""The contracts as checks, for authors of plug-ins and for the project's own tests. No run needs what is here."""

from __future__ import annotations

from textsynth.testing.component_checks import build_example, check_component
from textsynth.testing.edit_checks import check_edit
from textsynth.testing.expectation import expect
from textsynth.testing.filter_checks import check_filter
from textsynth.testing.format_checks import check_format
from textsynth.testing.generator_checks import check_generator
from textsynth.testing.labeler_checks import check_labeler
from textsynth.testing.metric_checks import check_metric

__all__ = [
    "build_example",
    "check_component",
    "check_edit",
    "check_filter",
    "check_format",
    "check_generator",
    "check_labeler",
    "check_metric",
    "expect",
]
