"""Labels a corpus: sentences, what each labeler finds in them, the vote, the cleaning, and the account of all that."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from textsynth.components.labeler import Finder, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.errors import OptionError, TextsynthError, nearest
from textsynth.extract.escape import escape
from textsynth.foundation.disk import write_whole
from textsynth.foundation.progress import Progress
from textsynth.foundation.seeding import child_rng
from textsynth.labelling.account import Line, Measured, count_lines, measure
from textsynth.labelling.asking import ask_again
from textsynth.labelling.consistency import find_inconsistent
from textsynth.labelling.missed import find_missed
from textsynth.labelling.options import LabelOptions
from textsynth.labelling.sentences import split_sentences
from textsynth.labelling.votes import CONFLICT, MISSED, UNSURE, Ballot, Result, vote
from textsynth.language.identification import find_other_language

_BATCH = 10_000
"""Sentences that a labeler is given at a time."""

_FIRST_LANGUAGE = "en"
"""What texts are taken to be in unless they are in another language beyond doubt."""

_MEANINGS = {
    CONFLICT: "labelers differ, or the words mostly have another label elsewhere",
    UNSURE: "a labeler is not sure enough of a mention",
    MISSED: "beside the mentions stands a name by its capital, a sum of money or a known mention; "
    "more labels or longer lists find it",
}
"""What a person is told of the reasons."""

VOTE = "the vote"
"""What the account calls all labelers together, before the cleaning."""


class Loadable(Protocol):
    """What can be loaded as a labeler: the components are, and so is what holds a pipeline of a Python program."""

    @property
    def reads_context(self) -> bool:
        """As of a `Labeler`."""

    def load(self, language: str, workers: int = 1) -> Finder:
        """As of a `Labeler`."""


@dataclass(frozen=True)
class NamedLabeler:
    """A labeler with its name, unique in the run."""

    name: str
    labeler: Labeler | Loadable


@dataclass(frozen=True)
class LabelPlan:
    """Which labelers find mentions, and how they decide.

    Args:
        labelers: in the order of their priority; none if nothing is to be labelled.
        options: how what they find becomes labels.
        seed: the root of the randomness.
    """

    labelers: tuple[NamedLabeler, ...] = ()
    options: LabelOptions = field(default_factory=LabelOptions)
    seed: int = 0


@dataclass(frozen=True)
class Labelled:
    """What labelling came to.

    Args:
        corpus: the labelled sentences, those without mentions too.
        aside: the sentences that were set aside, with the spans that they would have.
        reasons: `(aside,)`; why each was.
        lines: what each labeler found of each label.
        mentions: how many mentions the vote gave all sentences, set aside or not; of the labels asked for.
    """

    corpus: Corpus
    aside: Corpus
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    mentions: int

    def count_reasons(self) -> Mapping[str, int]:
        """Returns how many sentences were set aside for each reason."""
        return dict(sorted(Counter(self.reasons).items()))

    def explain_reasons(self) -> list[str]:
        """Says in a line each what the reasons mean for which sentences were set aside."""
        return [f"{reason}: {_MEANINGS[reason]}" for reason in self.count_reasons()]

    def write_aside(self, path: Path) -> None:
        """Writes the sentences that were set aside with spans and reasons, as JSON lines; nothing if there are none."""
        rows = [
            {"text": each.text, "spans": [asdict(span) for span in each.spans], "reason": reason}
            for each, reason in zip(self.aside, self.reasons, strict=True)
        ]
        if rows:
            write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def write_lines(self, path: Path) -> None:
        """Writes what each labeler found of each label as a table between tabs."""
        header = [each.name for each in fields(Line)]
        rows = [list(line.to_cells().values()) for line in self.lines]
        write_whole(path, "".join("\t".join(escape(cell) for cell in row) + "\n" for row in [header, *rows]))

    def describe(self) -> str:
        """Says in a line what was kept, and what was given up for it."""
        total, kept = len(self.corpus) + len(self.aside), len(self.corpus.spans.starts)
        told = ", ".join(f"{count} {reason}" for reason, count in self.count_reasons().items()) or "none"
        return (
            f"labelled {len(self.corpus)} of {total} sentences with {kept} of the {self.mentions} mentions found; "
            f"set aside: {told}"
        )


def label_corpora(
    corpora: Sequence[Corpus],
    plan: LabelPlan,
    progress: Progress,
    *,
    labels: Sequence[str] = (),
    gold: Corpus | None = None,
    workers: int = 1,
) -> list[Labelled]:
    """Labels corpora, each by itself; labelers are loaded once, and measured in the account of the first corpus.

    Args:
        corpora: texts, in the language of the first corpus; those without a class fall into sentences if the options
            say so.
        plan: what finds mentions, and how that becomes labels.
        progress: is told how far the work is.
        labels: the labels to keep; all if empty.
        gold: sentences with spans on which labelers are measured.
        workers: processes that a labeler may take.

    Raises:
        MissingDependency: if what a labeler wants is not installed.
        OptionError: if an option of a labeler is wrong, or no labeler can give a label asked for.
    """
    texts = corpora[0].texts.to_pylist()
    language = plan.options.language or find_other_language(texts, _FIRST_LANGUAGE) or _FIRST_LANGUAGE
    finders = [_load(each, language, workers) for each in plan.labelers]
    _check_labels(finders, labels)
    voting = _Voting(finders, tuple(each.name for each in plan.labelers), plan.options, tuple(labels))
    measured = [_measure(voting, gold), *([] for _ in corpora[1:])]
    return [_label(*each, voting, plan, language, progress) for each in zip(corpora, measured, strict=True)]


def _label(
    corpus: Corpus,
    measured: Sequence[Mapping[str, tuple[Measured, Measured]]],
    voting: _Voting,
    plan: LabelPlan,
    language: str,
    progress: Progress,
) -> Labelled:
    """Labels one corpus with labelers that are loaded."""
    options = plan.options
    sentences = split_sentences(corpus, language) if options.sentences else corpus
    found = []
    for named, finder in zip(plan.labelers, voting.finders, strict=True):
        with progress.stage(f"label with {named.name}", len(sentences)) as stage:
            found.append(find_all(finder, sentences, stage.advance))
    ballot = Ballot.of(found)
    result = voting.vote(ballot, found, len(sentences))
    if options.clean and options.again and any(named.labeler.reads_context for named in plan.labelers):
        with progress.stage("ask again about each mention elsewhere") as stage:
            result = _ask(result, voting.finders, voting.want(result.findings), sentences, plan, stage.advance)
    wanted = voting.want(result.findings)
    result = result.with_reason(UNSURE, result.findings.rows[result.findings.confidences < options.unsure])
    result = _clean(result, sentences, wanted, language) if options.clean else result
    lines = count_lines(ballot, (*voting.names, VOTE), len(sentences), result.findings, measured)
    return _divide(result, sentences, wanted, tuple(lines))


def find_all(finder: Finder, corpus: Corpus, advance: Callable[[int], None] = lambda _: None) -> Findings:
    """Returns what a labeler finds in a corpus, which it is given in batches."""
    parts, sizes = [], []
    for first in range(0, len(corpus), _BATCH):
        batch = corpus[first : first + _BATCH]
        parts.append(finder.find(batch))
        sizes.append(len(batch))
        advance(len(batch))
    return Findings.concat(parts, sizes)


@dataclass(frozen=True)
class _Voting:
    """Several labelers, and how they decide together.

    Args:
        finders: the labelers, loaded.
        names: theirs.
        options: how they decide.
        labels: the labels to keep; all if empty.
    """

    finders: Sequence[Finder]
    names: tuple[str, ...]
    options: LabelOptions
    labels: tuple[str, ...]

    def vote(self, ballot: Ballot, found: Sequence[Findings], rows: int) -> Result:
        """Decides what was found; a labeler that does not say which labels it can give covers those that it found."""
        covers = [
            finder.labels if finder.labels is not None else frozenset(findings.labels.tolist())
            for finder, findings in zip(self.finders, found, strict=True)
        ]
        return vote(ballot, covers, self.options.vote, rows)

    def want(self, findings: Findings) -> np.ndarray:
        """Says which findings have a label to keep."""
        return np.array([not self.labels or label in self.labels for label in findings.labels.tolist()], bool)


def _load(named: NamedLabeler, language: str, workers: int) -> Finder:
    try:
        return named.labeler.load(language, workers)
    except TextsynthError as error:
        raise type(error)(f"labeler {named.name!r}: {error}") from error


def _check_labels(finders: Sequence[Finder], labels: Sequence[str]) -> None:
    """Checks that each label asked for can be given, if all labelers say which they give."""
    if any(finder.labels is None for finder in finders):
        return
    known = frozenset().union(*(finder.labels or () for finder in finders))
    for each in labels:
        if each not in known:
            raise OptionError(f"[extract] labels: no labeler gives the label {each!r}; {nearest(each, known)}")


def _ask(
    result: Result,
    finders: Sequence[Finder],
    wanted: np.ndarray,
    sentences: Corpus,
    plan: LabelPlan,
    advance: Callable[[int], None],
) -> Result:
    """Returns the result with what labelers that read the context say of their mentions elsewhere."""
    confidences = result.findings.confidences.copy()
    for number, named in enumerate(plan.labelers):
        own = result.labelers == number
        if named.labeler.reads_context and own.any():
            rng = child_rng(plan.seed, "labeler", named.name)
            found = result.findings.take(own)
            sure = ask_again(finders[number], found, wanted[own], sentences, plan.options.again, rng, advance)
            confidences[own] = np.minimum(confidences[own], sure)
    return replace(result, findings=replace(result.findings, confidences=confidences))


def _clean(result: Result, sentences: Corpus, wanted: np.ndarray, language: str) -> Result:
    """Returns the result with more reasons: other labels elsewhere, and what looks like a mention that was missed."""
    result = result.with_reason(CONFLICT, result.findings.rows[find_inconsistent(result.findings, sentences)])
    good = np.flatnonzero(result.reasons == "")
    position = np.full(len(sentences), -1)
    position[good] = np.arange(len(good))
    kept = position[result.findings.rows] >= 0
    findings = result.findings.take(kept)
    findings = replace(findings, rows=position[findings.rows])
    missed = find_missed(findings, wanted[kept], sentences.take(good), language)
    return result.with_reason(MISSED, good[missed])


def _measure(voting: _Voting, gold: Corpus | None) -> list[dict[str, tuple[Measured, Measured]]]:
    """Returns for each labeler, and at last for the vote, precision and recall by label; nothing without gold."""
    if gold is None:
        return []
    found = [find_all(finder, gold) for finder in voting.finders]
    result = voting.vote(Ballot.of(found), found, len(gold))
    return [measure(each, gold) for each in (*found, result.findings)]


def _divide(result: Result, sentences: Corpus, wanted: np.ndarray, lines: tuple[Line, ...]) -> Labelled:
    """Divides the sentences into those that are kept and those that are set aside."""
    labelled = result.findings.take(wanted).label(sentences)
    aside = result.reasons != ""
    reasons = tuple(result.reasons[aside].tolist())
    return Labelled(labelled.mask(~aside), labelled.mask(aside), reasons, lines, int(wanted.sum()))
