"""Asks metrics what a corpus is worth."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from textsynth.components import registry
from textsynth.components.component import build, check_extras, options_of
from textsynth.components.description import summary
from textsynth.components.metric import Evidence, Exposure, Measured, Metric
from textsynth.components.versions import read_versions
from textsynth.conversion.python_objects import to_corpus
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.evaluation.facts import describe_corpora, sample_examples
from textsynth.evaluation.report import Asked, Report
from textsynth.evaluation.verdicts import decide
from textsynth.foundation.progress import current_stage
from textsynth.foundation.seeding import child_rng

logger = logging.getLogger(__name__)

LONGEST = "use"
"""The metric that takes by far the longest, and may be left out."""

_LIBRARIES = ("scikit-learn", "python-crfsuite")
"""What metrics use, if it is installed."""


def evaluate(  # noqa: PLR0913
    synthetic: Any,
    *,
    source: Any,
    heldout: Any = None,
    metrics: Sequence[Metric | str] | None = None,
    use: bool = True,
    seed: int = 0,
    exposures: Sequence[Exposure] = (),
) -> Report:
    """Measures a synthetic corpus beside held-out real text, both against the source.

    Args:
        synthetic: what is measured: a corpus, or whatever `textsynth.read` takes.
        source: the real text that it was made from.
        heldout: real text of the same kind that nothing was made from; without it, no difference can be told.
        metrics: what is measured, by name or as components; all there are if None.
        use: whether the metric `use` is among all there are, which trains models and takes the longest.
        seed: of all that is drawn.
        exposures: of canaries that were planted into the source, as `textsynth.privacy.canaries` finds them.

    Returns:
        What was measured, with four sentences on top: right, useful, varied, private.

    Raises:
        UnknownName: for a metric that does not exist.
        MissingDependency: if one needs something that is not installed.
        TextsynthError: as `textsynth.read`, for what is no corpus yet.
    """
    corpora = {"synthetic": to_corpus(synthetic), "source": to_corpus(source)}
    if heldout is not None:
        corpora["heldout"] = to_corpus(heldout)
    parts = corpora["synthetic"], corpora["source"], corpora.get("heldout", Corpus.empty())
    evidence = Evidence(*parts, tuple(exposures))
    chosen = choose_metrics(metrics, use)
    asked = _ask(chosen, evidence, seed)
    return Report(
        seed=seed,
        corpora={name: {"path": _name(given)} | facts for (name, facts), given in zip(
            describe_corpora(corpora).items(), (synthetic, source, heldout), strict=False
        )},
        verdicts=decide({name: each.measured for name, each in asked.items()}),
        metrics=asked,
        examples=sample_examples(evidence.synthetic, evidence.source, child_rng(seed, "report")),
        made_by=_list_versions(chosen.values()),
    )  # fmt: skip


def choose_metrics(
    metrics: Sequence[Metric | str] | None,
    use: bool = True,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Metric]:
    """Returns metrics by name, built, and with all that they need.

    Args:
        metrics: names or components; all there are if None.
        use: whether the longest of them is among all there are.
        options: of those that are named, by their names; defaults if None.

    Raises:
        UnknownName: for a metric that does not exist.
        OptionError: for options that it does not have, and those of a metric that is not asked.
        MissingDependency: if one needs something that is not installed.
        TextsynthError: if one needs a model that cannot be found.
    """
    options = options or {}
    if metrics is None:
        metrics = [name for name in registry.names("metric") if use or name != LONGEST]
    built = [each if isinstance(each, Metric) else build_metric(each, options.get(each, {})) for each in metrics]
    chosen = {registry.name_of(each): each for each in built}
    for name in options:
        if name not in chosen:
            raise OptionError(f"options of the metric {name!r}: it must be asked, asked are {', '.join(chosen)}")
    for name, metric in chosen.items():
        check_extras(metric, f"metric {name!r}")
        for need in metric.needs():
            logger.info("metric %s: %s", name, need)
    return chosen


def build_metric(name: str, options: Mapping[str, Any]) -> Metric:
    """Builds a metric by its name; for what it raises see `choose_metrics`."""
    return cast("Metric", build(registry.look_up("metric", name), options, f"metric {name!r}"))


def _ask(metrics: dict[str, Metric], evidence: Evidence, seed: int) -> dict[str, Asked]:
    """Asks one metric after the other, each with a stream of its own."""
    stage, asked = current_stage(), {}
    stage.expect(len(metrics))
    for name, metric in metrics.items():
        stage.tell(name)
        begin = time.perf_counter()
        measured: Measured = metric.measure(evidence, child_rng(seed, "metric", name))
        seconds = round(time.perf_counter() - begin, 3)
        asked[name] = Asked(summary(type(metric)), options_of(metric), seconds, measured)
        stage.advance(1)
    return asked


def _name(given: Any) -> str:
    """Returns the path of a corpus, empty if it came from a program."""
    return str(given) if isinstance(given, str) or hasattr(given, "__fspath__") else ""


def _list_versions(metrics: Iterable[Metric]) -> dict[str, Any]:
    libraries = read_versions(_LIBRARIES, metrics)
    return {name: libraries.pop(name) for name in ("textsynth", "python")} | {"libraries": libraries}
