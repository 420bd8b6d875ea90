"""The source of a run: read, labelled if it is raw, and what generators learn from extracted, once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from textsynth.conversion.corpora import read, write
from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize, warn_of_splits
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.label_choice import with_labels
from textsynth.extract.resources import HOW_TO_LABEL
from textsynth.extract.template import write_templates
from textsynth.foundation.disk import whole_directory
from textsynth.foundation.progress import Progress, Silence
from textsynth.labelers.gold import Gold
from textsynth.labelling.label import Labelled, LabelPlan, label_corpus
from textsynth.labelling.options import LabelOptions
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Extract, Source
from textsynth.runs.label import name_labelers

EXTRACTED = "extracted"
SET_ASIDE = "set_aside.jsonl"
"""The sentences that labelling set aside, with their reasons, beside what was extracted."""

LABELERS = "labelers.tsv"
"""What each labeler found of each label."""

_NOTE = "source.json"


@dataclass(frozen=True)
class Inputs:
    """What decides the bytes of a run beside its recipe.

    Args:
        files: what stands for the bytes of each file that the recipe names.
        versions: of textsynth, Python, libraries and plug-ins.
    """

    files: Mapping[str, str]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Note:
    """What a run remembers of its source.

    Args:
        inputs: what stands for the bytes of each file that the recipe names.
        versions: of textsynth, Python, libraries and plug-ins.
        rejected: records that were set aside.
    """

    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    rejected: int


def read_note(directory: Path) -> Note:
    """Reads what a run remembers of its source."""
    return Note(**json.loads((directory / EXTRACTED / _NOTE).read_text(encoding="utf-8")))


def extract_once(  # noqa: PLR0913
    source: Source | None,
    plan: LabelPlan,
    options: Extract,
    inputs: Inputs,
    directory: Path,
    workers: int,
    progress: Progress,
) -> Resources:
    """Returns what generators learn from; it is extracted if it does not stand in the run's directory yet.

    Args:
        source: what to read; None if the run has none.
        plan: what finds mentions in raw text.
        options: what is extracted, and how.
        inputs: is remembered beside what was extracted.
        directory: the run's directory.
        workers: processes that a labeler may take.
        progress: is told how far the work is.
    """
    extracted = directory / EXTRACTED
    if not extracted.exists():
        with whole_directory(extracted) as partial:
            faults = Faults(source.on_error if source else "stop")
            resources, labelled = read_resources(source, plan, options, faults, workers, progress)
            resources.write(partial)
            if labelled is not None:
                write_labelled(labelled, partial)
            faults.write(partial / "rejected_source.jsonl")
            note = Note(inputs.files, inputs.versions, len(faults.rejected))
            (partial / _NOTE).write_text(json.dumps(asdict(note)), encoding="utf-8")
    return Resources.read(extracted)


def write_labelled(labelled: Labelled, directory: Path) -> None:
    """Writes the sentences that labelling set aside, and what each labeler found."""
    labelled.write_aside(directory / SET_ASIDE)
    labelled.write_lines(directory / LABELERS)


def read_resources(
    source: Source | None, plan: LabelPlan, options: Extract, faults: Faults, workers: int, progress: Progress
) -> tuple[Resources, Labelled | None]:
    """Reads a source, has its mentions found if the plan says how, and extracts what generators learn from.

    Args:
        source: what to read; None for nothing.
        plan: what finds mentions in raw text.
        options: what is extracted, and how.
        faults: what becomes of bad records.
        workers: processes that a labeler may take.
        progress: is told how far the work is.
    """
    labelled = None
    if source is None:
        corpus = Corpus.empty()
    else:
        with progress.stage(f"read {source.path.name}") as stage:
            batches = []
            for batch in to_batches(source.path, source.format, source.options, faults, source.keep):
                batches.append(batch)
                stage.advance(len(batch))
        whole = Corpus.concat(batches)
        whole = whole.with_tokenizer(source.tokenizer) if source.tokenizer else whole
        corpus, labelled = _label(whole, plan, options, workers, progress)
        if corpus.labels:  # Without spans there is nothing that could split a token.
            warn_of_splits(str(source.path), tokenize(corpus).splitting)
    return Resources.of(corpus).with_edits(options.templates, options.gazetteer), labelled


def extract_source(  # noqa: PLR0913
    path: str | Path,
    out: str | Path,
    *,
    format: str | None = None,
    format_options: Mapping[str, object] | None = None,
    labelers: Sequence[Any] = (),
    language: str = "",
    labels: Sequence[str] = (),
    workers: int = 1,
    progress: Progress | None = None,
) -> Resources:
    """Writes gazetteer, templates and the labelled corpus of a source, to look at and to edit.

    Args:
        path: a corpus of any format, or raw text; a pattern for several files, or `-` for standard input.
        out: the directory for gazetteer.tsv, templates.tsv and annotated.jsonl.
        format: the name of the format; found out from name and content if None.
        format_options: the options of the format.
        labelers: what finds the mentions of raw text, as for `textsynth.label`.
        language: of raw text; found out if empty.
        labels: the labels to keep; all if empty.
        workers: processes that a labeler may take.
        progress: is told how far the work is.

    Raises:
        TextsynthError: for whatever is wrong with the source, the model or the directory.
    """
    path, out, progress = Path(path), Path(out), progress or Silence()
    with progress.stage(f"read {path.name}"):
        corpus = read(path, format, options=format_options)
    plan = LabelPlan(name_labelers(labelers), LabelOptions(language=language))
    if not corpus.labels and not labelers:
        raise OptionError(
            f"{path}: must have spans to extract, or a pipeline that finds them, --model en_core_web_sm for English; "
            "has no spans"
        )
    corpus, labelled = _label(corpus, plan, Extract(labels=tuple(labels)), workers, progress)
    resources = Resources.of(corpus)
    if labelled is not None:
        write_labelled(labelled, out)
    resources.gazetteer.write(out / "gazetteer.tsv")
    write_templates(resources.templates, out / "templates.tsv")
    write(resources.source, out / "annotated.jsonl")
    return resources


def _label(
    corpus: Corpus, plan: LabelPlan, options: Extract, workers: int, progress: Progress
) -> tuple[Corpus, Labelled | None]:
    """Returns a corpus with the labels asked for: its own, or those that labelers find."""
    if not plan.labelers:
        if options.labels and not corpus.labels:
            raise OptionError(f"[extract] labels: the source must have spans, has none; {HOW_TO_LABEL}")
        return (with_labels(corpus, options.labels) if corpus.labels else corpus), None
    if corpus.labels and not any(isinstance(each.labeler, Gold) for each in plan.labelers):
        raise OptionError(
            "[[labeler]]: the source has spans, which labelers would not see; leave the labelers out, or add one with "
            'use = "gold", which takes the spans that are there'
        )
    check = plan.options.check
    gold = read(check) if check else None
    labelled = label_corpus(corpus, plan, progress, labels=options.labels, gold=gold, workers=workers)
    progress.note(labelled.describe())
    return labelled.corpus, labelled
