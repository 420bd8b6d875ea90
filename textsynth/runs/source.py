"""The source of a run: read, labelled if it is raw, and what generators learn from extracted, once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from textsynth.conversion.corpora import read, write
from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize, warn_of_splits
from textsynth.errors import OptionError, OutputError
from textsynth.extract import Resources
from textsynth.extract.annotation import annotate
from textsynth.extract.label_choice import with_labels
from textsynth.extract.resources import HOW_TO_LABEL
from textsynth.extract.template import write_templates
from textsynth.foundation.disk import whole_directory
from textsynth.foundation.progress import Progress, Silence
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Extract, Source
from textsynth.runs.heldout import Divided, drop_known_wordings, label_apart, put_aside, write_heldout

EXTRACTED = "extracted"
EXTRACTED_FILES = ("gazetteer.tsv", "templates.tsv", "annotated.jsonl")
"""What `extract_source` writes, to look at and to edit."""

_NOTE = "source.json"
_MANY = 2000
"""Texts from which on a pipeline is worth several processes: each takes seconds to load it."""


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
        gold: whether its spans or classes were read, or found by what the recipe names.
        gold_heldout: the same of what is held out.
        repeated: examples that are not learnt from, since a held-out one has their wording or text.
    """

    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    rejected: int
    gold: bool
    gold_heldout: bool
    repeated: int


@dataclass(frozen=True)
class ReadSource:
    """What came of reading a source: what generators learn from, and the parts it was divided into."""

    resources: Resources
    divided: Divided


def read_note(directory: Path) -> Note:
    """Reads what a run remembers of its source."""
    return Note(**json.loads((directory / EXTRACTED / _NOTE).read_text(encoding="utf-8")))


def extract_once(  # noqa: PLR0913
    source: Source | None,
    options: Extract,
    seed: int,
    inputs: Inputs,
    directory: Path,
    workers: int,
    progress: Progress,
) -> Resources:
    """Returns what generators learn from; it is extracted if it does not stand in the run's directory yet.

    Args:
        source: what to read; None if the run has none.
        options: what is extracted, and how.
        seed: of the run; draws what is held out.
        inputs: is remembered beside what was extracted.
        directory: the run's directory.
        workers: processes of a spaCy pipeline.
        progress: is told how far the work is.
    """
    extracted = directory / EXTRACTED
    if not extracted.exists():
        with whole_directory(extracted) as partial:
            faults = Faults(source.on_error if source else "stop")
            read = read_resources(source, options, seed, faults, workers, progress)
            read.resources.write(partial)
            write_heldout(read.divided.heldout, partial)
            faults.write(partial / "rejected_source.jsonl")
            told = read.divided.gold, read.divided.gold_heldout, read.divided.repeated
            note = Note(inputs.files, inputs.versions, len(faults.rejected), *told)
            (partial / _NOTE).write_text(json.dumps(asdict(note)), encoding="utf-8")
    return Resources.read(extracted)


def read_resources(  # noqa: PLR0913
    source: Source | None,
    options: Extract,
    seed: int,
    faults: Faults,
    workers: int,
    progress: Progress,
    most: int | None = None,
) -> ReadSource:
    """Reads a source, puts aside what is held out, finds entities if it has none, and extracts the resources.

    Args:
        source: what to read; None for nothing.
        options: what is extracted, and how.
        seed: of the run; draws what is held out.
        faults: what becomes of bad records.
        workers: processes of a spaCy pipeline.
        progress: is told how far the work is.
        most: how many examples are read, the first ones; all if None.
    """
    divided = Divided(Corpus.empty(), Corpus.empty(), gold=False, gold_heldout=False)
    if source is not None:
        with progress.stage(f"read {source.path.name}") as stage:
            batches = []
            for batch in to_batches(source.path, source.format, source.options, faults, source.keep):
                batches.append(batch)
                stage.advance(len(batch))
                if most is not None and sum(map(len, batches)) >= most:
                    break
        whole = Corpus.concat(batches)[:most]
        whole = whole.with_tokenizer(source.tokenizer) if source.tokenizer else whole
        divided = put_aside(whole, source, seed, faults)
        divided = label_apart(divided, lambda part: _label(part, options, workers, progress), options.labels)
        if divided.learnt.labels:  # Without spans there is nothing that could split a token.
            warn_of_splits(str(source.path), tokenize(divided.learnt).splitting)
    resources = Resources.of(divided.learnt).with_edits(options.templates, options.gazetteer)
    templates = drop_known_wordings(resources.templates, divided.heldout)
    return ReadSource(replace(resources, templates=templates), divided)


def extract_source(  # noqa: PLR0913
    path: str | Path,
    out: str | Path,
    *,
    format: str | None = None,
    format_options: Mapping[str, object] | None = None,
    spacy_model: str = "",
    language: str = "",
    labels: Sequence[str] = (),
    workers: int = 1,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Resources:
    """Writes gazetteer, templates and the labelled corpus of a source, to look at and to edit.

    Args:
        path: a corpus of any format, or raw text; a pattern for several files, or `-` for standard input.
        out: the directory for gazetteer.tsv, templates.tsv and annotated.jsonl.
        format: the name of the format; found out from name and content if None.
        format_options: the options of the format.
        spacy_model: the pipeline that finds the entities of raw text, by name or directory.
        language: of raw text; found out if empty.
        labels: the labels to keep; all if empty.
        workers: processes of the pipeline.
        overwrite: whether files that stand there already, and may have been edited, are written over.
        progress: is told how far the work is.

    Raises:
        TextsynthError: for whatever is wrong with the source, the model or the directory.
    """
    path, out, progress = Path(path), Path(out), progress or Silence()
    for name in () if overwrite else EXTRACTED_FILES:
        if (out / name).exists():
            raise OutputError(f"{out / name}: must not exist yet, or be given up with --overwrite")
    with progress.stage(f"read {path.name}"):
        corpus = read(path, format, options=format_options)
    options = Extract(spacy_model=spacy_model, language=language, labels=tuple(labels))
    if not corpus.labels and not spacy_model:
        raise OptionError(
            f"{path}: must have spans to extract, or a pipeline that finds them, --model en_core_web_sm for English; "
            "has no spans"
        )
    resources = Resources.of(_label(corpus, options, workers, progress))
    gazetteer, templates, annotated = (out / name for name in EXTRACTED_FILES)
    resources.gazetteer.write(gazetteer)
    write_templates(resources.templates, templates)
    write(resources.source, annotated)
    return resources


def _label(corpus: Corpus, options: Extract, workers: int, progress: Progress) -> Corpus:
    if corpus.labels:
        return with_labels(corpus, options.labels)
    if not options.spacy_model:
        if options.labels:
            raise OptionError(f"[extract] labels: the source must have spans, has none; {HOW_TO_LABEL}")
        return corpus
    if corpus.classes:
        raise OptionError(
            f"option 'spacy_model': the source has classes and no spans, so {options.spacy_model!r} must not label it; "
            "leave spacy_model out, or give the texts their spans with textsynth.annotate first"
        )
    with progress.stage(f"find entities with {options.spacy_model}", len(corpus)) as stage:
        return annotate(
            corpus,
            options.spacy_model,
            labels=options.labels,
            sentences=options.sentences,
            language=options.language,
            workers=workers if len(corpus) > _MANY else 1,
            advance=stage.advance,
        )
