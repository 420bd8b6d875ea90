"""What every filter must do: one reason a row, the same for any batches, and no change to what it judges."""

from __future__ import annotations

import contextlib
import functools
import itertools
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from textsynth.components import registry
from textsynth.components.filter import Filter
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.testing.component_checks import check_built
from textsynth.testing.corpora import example_source, examples_to_judge, join_hostile_corpora
from textsynth.testing.expectation import (
    expect,
    expect_same_files,
    read_bytes,
    read_global_state,
    seed_global_generators,
)


@dataclass(frozen=True)
class FilterTrial:
    """A filter that is tried. It is fitted when a check first wants it, and once for all of them.

    Args:
        filter: what is tried.
        source: what it learns from.
        judged: what it judges.
        folder: an empty directory for what is written on the way.
    """

    filter: Filter
    source: Corpus
    judged: Corpus
    folder: Path

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"the filter {registry.name_of(self.filter)!r}"

    @functools.cached_property
    def directory(self) -> Path:
        """The directory in which it was fitted, while the global generators had one state; nothing is written later."""
        with seed_global_generators(1):
            return self.fit("fitted")

    def fit(self, name: str, source: Corpus | None = None) -> Path:
        """Fits the filter in a directory of the folder, from always the same randomness."""
        directory = self.folder / name
        directory.mkdir(parents=True, exist_ok=True)
        resources = replace(Resources.of(self.source if source is None else source), validation=self.source)
        self.filter.fit(resources, directory, child_rng(7, "fit"))
        return directory

    def judge(self, *batches: Corpus, directory: Path | None = None) -> list[str | None]:
        """Returns what a new judge says of batches, one after the other."""
        judge = self.filter.judge(self.directory if directory is None else directory)
        return [reason for batch in batches for reason in judge(batch)]


def check_filter(filter: Filter, source: Corpus | None = None, judged: Corpus | None = None) -> None:
    """Checks all that a run relies on. It fits the filter four times.

    Args:
        filter: with options that make it quick; see `build_example`.
        source: what it learns from, `example_source()` if None.
        judged: what it judges, `examples_to_judge()` if None; that texts full of what breaks offsets are judged too is
            checked in the latter case alone.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_built(filter)
    with try_filter(filter, source, judged) as trial:
        for each in FILTER_CHECKS:
            each(trial)
        if judged is None:
            for corpus in join_hostile_corpora():
                check_any_corpus(trial, corpus)


@contextlib.contextmanager
def try_filter(filter: Filter, source: Corpus | None = None, judged: Corpus | None = None) -> Iterator[FilterTrial]:
    """Gives a trial in a temporary directory."""
    source = example_source() if source is None else source
    with tempfile.TemporaryDirectory(prefix="textsynth-check-") as folder:
        yield FilterTrial(filter, source, examples_to_judge() if judged is None else judged, Path(folder))


def check_reasons(trial: FilterTrial) -> None:
    """Checks that there is one reason a row, None or a few words, and that what is judged stays as it is."""
    before = trial.judged.take(range(len(trial.judged)))  # type: ignore[arg-type]
    reasons = trial.judge(trial.judged)
    expect(len(reasons) == len(trial.judged), f"{trial.name} must give {len(trial.judged)} reasons", len(reasons))
    for reason in reasons:
        fine = reason is None or (isinstance(reason, str) and reason.strip() == reason != "")
        expect(fine, f"a reason of {trial.name} must be None or words without white space around", repr(reason))
    expect(trial.judged.table.equals(before.table), f"{trial.name} must leave what it judges as it was")


def check_judges_share_nothing(trial: FilterTrial) -> None:
    """Checks that two judges of one directory, and one of a copy of it, say the same."""
    first, second = trial.filter.judge(trial.directory), trial.filter.judge(trial.directory)
    one, other = list(first(trial.judged)), list(second(trial.judged))
    expect(one == other, f"two judges of {trial.name} must share nothing, and say the same", _differences(one, other))
    moved = Path(shutil.copytree(trial.directory, trial.folder / "moved", dirs_exist_ok=True))
    there = trial.judge(trial.judged, directory=moved)
    expect(one == there, f"{trial.name} must judge the same out of a copy of its directory", _differences(one, there))


def check_fit_repeats(trial: FilterTrial) -> None:
    """Checks that fitting again comes to the same, from scratch or where a fit was cut off, whatever is global."""
    trial.directory  # noqa: B018 - the first fit, under another state of the global generators
    with seed_global_generators(2):
        before = read_global_state()
        second = trial.fit("second")
        trial.judge(trial.judged, directory=second)
        expect(read_global_state() == before, f"{trial.name} must draw from the rng that it is given alone")
    first = read_bytes(trial.directory)
    expect_same_files(first, read_bytes(second), f"{trial.name} must write the same bytes when it is fitted again")
    shutil.copytree(trial.directory, trial.folder / "again", dirs_exist_ok=True)
    must = f"{trial.name} must come to the same bytes if it goes on where a fit was cut off"
    expect_same_files(first, read_bytes(trial.fit("again")), must)


def check_empty_corpora(trial: FilterTrial) -> None:
    """Checks that a source without examples is fine, and so are batches without any."""
    expect(trial.judge(Corpus.empty()) == [], f"{trial.name} must have no reasons for no examples")
    check_same_reasons(trial, trial.judged, [Corpus.empty(), trial.judged, Corpus.empty()])
    reasons = trial.judge(trial.judged, directory=trial.fit("nothing", Corpus.empty()))
    expect(len(reasons) == len(trial.judged), f"{trial.name} must judge if the source has no examples", len(reasons))


def check_batches(trial: FilterTrial, cuts: Iterable[int] | None = None) -> None:
    """Checks that reasons do not depend on the batches that a corpus comes in.

    Args:
        trial: of the filter.
        cuts: the rows that batches begin at, in order; after every row, and after every third, if None.
    """
    size = len(trial.judged)
    for bounds in [list(cuts)] if cuts is not None else [list(range(1, size)), list(range(3, size, 3))]:
        batches = [trial.judged[begin:end] for begin, end in itertools.pairwise([0, *bounds, size])]
        check_same_reasons(trial, trial.judged, batches)


def check_any_corpus(trial: FilterTrial, corpus: Corpus) -> None:
    """Checks that a corpus has one reason a row, the same when it comes row by row."""
    count = len(check_same_reasons(trial, corpus, [corpus[row : row + 1] for row in range(len(corpus))]))
    expect(count == len(corpus), f"{trial.name} must give {len(corpus)} reasons for {corpus.texts.to_pylist()}", count)


def check_same_reasons(trial: FilterTrial, corpus: Corpus, batches: list[Corpus]) -> list[str | None]:
    """Checks that batches have the reasons of the corpus that they make up, and returns these."""
    whole, parts = trial.judge(corpus), trial.judge(*batches)
    sizes = [len(batch) for batch in batches]
    found = _differences(whole, parts)
    expect(whole == parts, f"{trial.name} must judge batches of {sizes} as it does the whole", found)
    return whole


def _differences(one: list[str | None], other: list[str | None]) -> str:
    rows = [f"row {row}: {a!r} and {b!r}" for row, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return "; ".join(rows) or f"{len(one)} and {len(other)} reasons"


FILTER_CHECKS = (check_reasons, check_judges_share_nothing, check_fit_repeats, check_empty_corpora, check_batches)
"""All checks of a filter that is tried on a source and a corpus."""
