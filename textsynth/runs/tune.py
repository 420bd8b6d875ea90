"""Tuning: which recipe helps on a source, found out by trying, with the evidence."""

from __future__ import annotations

import functools
import itertools
import os
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from textsynth.conversion.python_objects import to_batches, to_corpus
from textsynth.corpus import Corpus
from textsynth.errors import InputError, MissingDependency, OptionError, TextsynthError, nearest
from textsynth.evaluation.contest import HALF, NOTHING, Attempt, Contest, Entry, Outcome
from textsynth.evaluation.probing import choose_probe, find_encoder, list_targets, name_metric, try_probe
from textsynth.evaluation.targets import Target, describe_classes, describe_labels
from textsynth.evaluation.tuning import Tuning, judge
from textsynth.extract import Resources
from textsynth.extract.expansion import Expansion
from textsynth.extract.folds import deal_folds, number_families
from textsynth.foundation.disk import write_whole
from textsynth.foundation.distribution import find_missing, say_how_to_install
from textsynth.foundation.fetch import find_url, to_local
from textsynth.foundation.hush import hush
from textsynth.foundation.progress import Silence
from textsynth.foundation.seeding import child_rng, child_seed
from textsynth.production.engines.local import Mapper, local_engine
from textsynth.production.fitting import fit
from textsynth.production.order import make_order
from textsynth.production.produce import produce
from textsynth.recipes.candidates import CLASSES, SPANS, Candidate, list_candidates
from textsynth.recipes.recipe import parse
from textsynth.recipes.sections import Raw, Task
from textsynth.runs.expansion import FROM_RAW, ExpansionPlan, add_expansion
from textsynth.scores.encoders import TFIDF
from textsynth.scores.probes import have_classes

EVIDENCE, PAGE, RECIPE = "tune.json", "tune.md", "recipe.toml"
"""What is written: the evidence for programs and for people, and the recipe that is recommended, if one is."""

_FOLDS = 5
_MOST = 500
"""Examples that are tried on at most: with more gold, trying takes longer and recipes bring less."""
_FINAL = 2
"""Rounds that the finalists are tried in with a probe that the user names."""
_BEFORE_FINAL = 0.5
"""The share of the time that the cheap probe has at most before them."""
_TASKS: tuple[Task, ...] = (SPANS, CLASSES)


def tune(  # noqa: PLR0913
    source: Any,
    *,
    raw: str | Path | None = None,
    dev: Any = None,
    task: str | None = None,
    probe: str | None = None,
    minutes: float = 4.0,
    rounds: int = 3,
    seed: int = 0,
    workers: int = 1,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Tuning:
    """Finds out by trying which recipe helps a model that is trained on a source, or that none does.

    Each recipe is fitted on four of five parts of the source, and a small model that is taught these and what was made
    of them is tested on the fifth. The better half of the recipes goes on to the next round, with other parts. What is
    recommended is above the source alone beyond chance.

    Args:
        source: labelled examples: a corpus, or whatever `textsynth.read` takes.
        raw: the path of unlabelled text of the same kind, for the recipes that learn from it.
        dev: labelled examples to test on, instead of parts of the source.
        task: "token-classification" for spans, "text-classification" for classes; if none, spans if there are some.
        probe: the model that decides between the last two: "crf" for spans, "tfidf" for classes, "spacy", or an encoder
            as `textsynth.metrics.Use` takes it. All other rounds are held with the first of each task.
        minutes: after which no more is tried. How many rounds were held is all that time decides.
        rounds: how many are held, if time allows.
        seed: of all that is drawn.
        workers: processes; they do not change the result of a round.
        format: of the source, if it is a path.
        options: of that format.

    Raises:
        OptionError: if the source has nothing to tune for, or too little.
        UnknownName: for a probe that there is not.
        MissingDependency: if the probes are not installed.
    """
    _check(minutes, rounds)
    corpus = source if isinstance(source, Corpus) else Corpus.concat(to_batches(source, format, options))
    ground = _find_ground(corpus, None if dev is None else to_corpus(dev), _find_raw(raw), task, seed)
    cheap, named = choose_probe(ground.task), choose_probe(ground.task, probe)
    ground = replace(ground, encoder=find_encoder(named))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder, local_engine(workers) as run_jobs:
        trying = _Trying(
            ground, run_jobs, begun + 60 * minutes * (1 if named == cheap else _BEFORE_FINAL), Path(folder)
        )
        contest = final = Contest(trying, cheap, _FOLDS)
        last = contest.hold({each.name: each.times for each in ground.candidates.values()}, rounds)
        if named != cheap:
            final = Contest(replace(trying, deadline=begun + 60 * minutes), named, _FOLDS, (Entry(NOTHING),))
            while final.rounds < _FINAL and last and final.hold_round(last[:2]):
                pass
    return _conclude(ground, contest, final, rounds, _write_source(source, format, options))


def write_tuning(tuning: Tuning, directory: Path) -> None:
    """Writes the evidence and, if one is recommended, the recipe; what another tuning wrote there is replaced.

    Raises:
        OutputError: if it cannot be written.
    """
    write_whole(directory / EVIDENCE, tuning.to_json())
    write_whole(directory / PAGE, tuning.to_markdown())
    if tuning.recommended:
        write_whole(directory / RECIPE, tuning.to_recipe())
    else:
        (directory / RECIPE).unlink(missing_ok=True)


def _check(minutes: float, rounds: int) -> None:
    if not minutes > 0:
        raise OptionError(f"minutes must be greater than 0, was: {minutes!r}")
    if rounds < 1:
        raise OptionError(f"rounds must be at least 1, was: {rounds!r}")
    if find_missing("metrics"):
        raise MissingDependency(f"tune tries recipes with small models; {say_how_to_install('metrics')}")


def _find_raw(raw: str | Path | None) -> str:
    """Returns the whole path of raw text, or its URL, after a look whether it is there; empty if there is none."""
    if raw is None:
        return ""
    path = to_local(raw)
    if not path.exists():
        raise InputError(f"raw: {raw} must be a file or directory to read, there is none")
    return find_url(path) or str(path.absolute())


@dataclass(frozen=True)
class _Ground:
    """What recipes are tried on.

    Args:
        task: what for.
        whole: how many examples the source has.
        corpus: those that are tried on.
        dev: what is tested on; None for folds.
        families: `(examples of what is tested on,)`; numbered from 0.
        targets: the labels or classes to find.
        candidates: by name.
        raw: the whole path of raw text; empty if there is none.
        seed: of all that is drawn.
        encoder: what helps to read or to label raw text, that of the probe that decides.
    """

    task: Task
    whole: int
    corpus: Corpus
    dev: Corpus | None
    families: np.ndarray
    targets: tuple[str, ...]
    candidates: Mapping[str, Candidate]
    raw: str
    seed: int
    encoder: str = TFIDF

    def write(self, entry: Entry, examples: int, source: str) -> str:
        """Returns the recipe of an entry for a source of so many examples."""
        return self.candidates[entry.candidate].write(entry.times, examples, source, self.raw, self.encoder)

    def describe_raw(self) -> Raw | None:
        """Returns where raw text is, and what helps to read it."""
        if not self.raw:
            return None
        return Raw(path=Path(self.raw), encoder=None if self.encoder == TFIDF else self.encoder)

    def divide(self, round: int, fold: int) -> tuple[Corpus, Corpus, np.ndarray]:
        """Returns what is taught and what is tested on in a fold, and the families of the latter."""
        if self.dev is not None:
            return self.corpus, self.dev, self.families
        folds = deal_folds(self.corpus, self.families, _FOLDS, child_rng(self.seed, "tune", "folds", round))
        tested = folds == fold
        return self.corpus.mask(~tested), self.corpus.mask(tested), self.families[tested]


def _find_ground(corpus: Corpus, dev: Corpus | None, raw: str, task: str | None, seed: int) -> _Ground:
    chosen = _choose_task(corpus, task)
    if chosen == CLASSES:
        corpus, dev = have_classes(corpus), None if dev is None else have_classes(dev)
    tried = _choose_some(corpus, child_rng(seed, "tune", "some"))
    tested = tried if dev is None else dev
    if not (tested.labels if chosen == SPANS else tested.classes):
        raise OptionError(f"dev: must have {_name(chosen)} to test on, has none")
    families = number_families(tested)
    number = int(families.max(initial=-1)) + 1
    if number < 2 * _FOLDS:
        what = "the source" if dev is None else "dev"
        raise OptionError(f"{what}: must have at least {2 * _FOLDS} different texts to try recipes on, has {number}")
    candidates = list_candidates(chosen, bool(corpus.labels), bool(raw))
    targets = list_targets(chosen, [tried, tested])
    named = {each.name: each for each in candidates}
    return _Ground(chosen, len(corpus), tried, dev, families, targets, named, raw, seed)


def _choose_task(corpus: Corpus, task: str | None) -> Task:
    """Returns what there is to tune for."""
    if task is not None and task not in _TASKS:
        raise OptionError(f"task: must be one of {', '.join(_TASKS)}, was: {task!r}; {nearest(task, _TASKS)}")
    has = {SPANS: bool(corpus.labels), CLASSES: len(corpus.classes) > 1}
    if not any(has.values()):
        raise OptionError("the source must have spans, or texts of two classes, to tune for; it has neither")
    chosen = next(each for each in _TASKS if (has[each] if task is None else each == task))
    if not has[chosen]:
        raise OptionError(f"task {chosen!r}: the source must have {_name(chosen)}, has none")
    return chosen


def _name(task: Task) -> str:
    return "spans" if task == SPANS else "texts of two classes"


def _choose_some(corpus: Corpus, rng: np.random.Generator) -> Corpus:
    """Returns so many examples as are tried on at most, each class and label with its share."""
    parts = -(-len(corpus) // _MOST)
    if parts < 2:
        return corpus
    return corpus.mask(deal_folds(corpus, number_families(corpus), parts, rng) == 0)


@dataclass(frozen=True)
class _Job:
    """An attempt, with all that a process needs for it.

    Args:
        recipe: what makes examples; empty for nothing.
        taught: the examples of the source.
        test: what is tested on.
        families: of the test.
        size: families of all folds together.
        task: what for.
        probe: the name of the probe.
        targets: what is counted by.
        seed: of the attempt; the same for all entries of a fold.
        found: the file for new mentions of the fold: they are looked for once, by what needs them first.
        raw: unlabelled text; None if there is none.
    """

    recipe: str
    taught: Corpus
    test: Corpus
    families: np.ndarray
    size: int
    task: Task
    probe: str
    targets: tuple[str, ...]
    seed: int
    found: Path
    raw: Raw | None

    def count(self, taught: Corpus, weaker: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Returns what a probe gets right that is taught a corpus: by family of the test, and by target."""
        rng = child_rng(self.seed, "probe")
        counts = try_probe(self.task, self.probe, taught, weaker, self.test, self.targets, rng)
        by_family = np.zeros((self.size, 3), np.int64)
        np.add.at(by_family, self.families, counts.sum(axis=1))
        return by_family, counts.sum(axis=0)


@dataclass(frozen=True)
class _Trying:
    """Tries attempts in several processes, and begins none when the time is up.

    Args:
        ground: what is tried on.
        run_jobs: works on jobs, in order.
        deadline: of the monotonic clock; the first round of the cheap probe tries the source alone in any case.
        folder: where the new mentions of each fold are kept.
    """

    ground: _Ground
    run_jobs: Mapper[_Job, Outcome]
    deadline: float
    folder: Path

    def __call__(self, attempts: Iterable[Attempt]) -> Iterator[Outcome]:
        begun = itertools.takewhile(self._has_time, attempts)
        return self.run_jobs(_work, map(self._prepare, begun))

    def _has_time(self, attempt: Attempt) -> bool:
        alone = not attempt.entry.times and attempt.round == 0 and attempt.probe == choose_probe(self.ground.task)
        return alone or time.monotonic() < self.deadline

    def _prepare(self, attempt: Attempt) -> _Job:
        ground = self.ground
        taught, test, families = ground.divide(attempt.round, attempt.fold)
        seed = child_seed(ground.seed, "tune", attempt.round, attempt.fold) % 2**63
        if attempt.entry == Entry(HALF):
            halves = deal_folds(taught, number_families(taught), 2, child_rng(seed, "half"))
            taught = taught.mask(halves == 0)
        recipe = ""
        if attempt.entry.times:
            recipe = ground.write(attempt.entry, len(taught), '[source]\npath = "source.jsonl"')
        size = int(ground.families.max(initial=-1)) + 1
        found = self.folder / f"{attempt.round}-{attempt.fold}.tsv"
        raw = ground.describe_raw()
        return _Job(recipe, taught, test, families, size, ground.task, attempt.probe, ground.targets, seed, found, raw)


def _work(job: _Job) -> Outcome:
    """Makes what the recipe makes of what is taught, and teaches the probe with it, and without."""
    if not job.recipe:
        alone, targets = job.count(job.taught)
        return Outcome(alone, alone, targets)
    try:
        with hush("textsynth"):  # A recipe is tried so often; its run will tell what it warns of.
            find = functools.partial(_find_mentions, job)
            both = Corpus.concat([job.taught, make_from(job.recipe, job.taught, job.seed, find)])
    except TextsynthError as error:
        none = np.zeros((0, 3), np.int64)
        return Outcome(none, none, none, str(error))
    taught, targets = job.count(both)
    control, _ = job.count(job.taught, len(job.taught) / len(both))
    return Outcome(taught, control, targets)


Expand = Callable[[ExpansionPlan, Resources], Resources]
"""Adds new mentions to what is known of a source."""


def _look_for_mentions(plan: ExpansionPlan, resources: Resources) -> Resources:
    return add_expansion(plan, resources, Corpus.empty(), Silence())[0]


def _find_mentions(job: _Job, plan: ExpansionPlan, resources: Resources) -> Resources:
    """Adds the new mentions and wordings of a fold: all its recipes share one search, in raw text if there is some.

    Raw text is looked at last, so that what was found elsewhere is what a recipe without raw text finds.
    """
    if plan.places or plan.mentions or plan.wordings:
        return _look_for_mentions(plan, resources)
    wordings = job.found.with_suffix(".parquet")
    if not job.found.exists():
        found = _look_for_mentions(replace(plan, raw=job.raw), resources)
        (found.wordings or Corpus.empty()).write_parquet(wordings)
        (found.expansion or Expansion()).write(job.found)
    expansion = Expansion.read(job.found)
    if plan.raw is None:
        return replace(resources, expansion=expansion.without(FROM_RAW))
    return replace(resources, expansion=expansion, wordings=Corpus.read_parquet(wordings))


def make_from(recipe: str, source: Corpus, seed: int, expand: Expand = _look_for_mentions) -> Corpus:
    """Returns what a recipe makes of a corpus; fewer examples than it asks for, if there can be no more.

    Args:
        recipe: as TOML; its table [source] plays no part.
        source: what it starts from.
        seed: of all that is drawn.
        expand: adds new mentions, if the recipe has some.
    """
    checked = parse(tomllib.loads(recipe) | {"seed": seed}, Path(), "the recipe")
    order = make_order(checked.production, checked.steps, checked.filters, source)
    resources = Resources.of(source, checked.production.today)
    plan = ExpansionPlan.of(checked)
    if plan is not None:
        resources = expand(plan, resources)
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder, local_engine(1) as run_shards:
        fit(order, resources, Path(folder))
        return Corpus.concat(list(produce(order, Path(folder), run_shards).corpora()))


def _write_source(source: Any, format: str | None, options: Mapping[str, Any] | None) -> str:
    """Returns the table [source] of a recipe."""
    if not isinstance(source, str | os.PathLike):
        return '[source]\npath = "source.jsonl"  # put the path of your file here'
    table = {
        "path": find_url(Path(source)) or str(Path(source).absolute()),
        "format": format,
        "options": dict(options or {}) or None,
    }
    return tomli_w.dumps({"source": {name: value for name, value in table.items() if value is not None}})


def _conclude(ground: _Ground, contest: Contest, final: Contest, rounds: int, source: str) -> Tuning:
    tried = [
        replace(
            each,
            recipe=f"seed = {ground.seed}\n{ground.write(Entry(each.candidate, each.times), ground.whole, source)}",
        )
        for each in judge(contest, final, child_rng(ground.seed, "tune", "greatest"))
    ]
    helping = [each for each in tried if each.helps and each.probe == final.probe]
    tuning = Tuning(
        source={"examples": ground.whole, "tried": len(ground.corpus), "families": int(ground.families.max()) + 1},
        task=ground.task,
        metric=name_metric(ground.task),
        dev=None if ground.dev is None else len(ground.dev),
        folds=_FOLDS,
        rounds=(contest.rounds, rounds),
        seed=ground.seed,
        cut=contest.cut or final.cut,
        untried=tuple(each.name for each in contest.untried),
        tried=tuple(tried),
        half=contest.find_score(Entry(HALF)),
        whole=contest.find_score(Entry(NOTHING)),
        targets=(),
        recommended=helping[0].name if helping else None,
        probe=final.probe,
        raw=bool(ground.raw),
    )
    return replace(tuning, targets=_describe(ground, contest, tuning))


def _describe(ground: _Ground, contest: Contest, tuning: Tuning) -> tuple[Target, ...]:
    best = tuning.best
    entries = [Entry(NOTHING), *([Entry(best.candidate, best.times)] if best else [])]
    counts = [contest.courses[each].targets for each in entries]
    if ground.task == CLASSES:
        return tuple(describe_classes(ground.corpus, ground.targets, counts))
    folds = range(_FOLDS) if ground.dev is None else range(1)
    pairs = (ground.divide(0, fold)[:2] for fold in folds)
    return tuple(describe_labels(ground.corpus, pairs, ground.targets, counts))
