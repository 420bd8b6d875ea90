"""The source of a run: read, labelled if it is raw, and what generators learn from extracted, once."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from textsynth.conversion.corpora import read, write
from textsynth.conversion.python_objects import to_batches
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize, warn_of_splits
from textsynth.errors import OptionError
from textsynth.expansion.expand import Searched
from textsynth.extract import Resources
from textsynth.extract.escape import unescape
from textsynth.extract.label_choice import with_labels
from textsynth.extract.resources import DEFAULT_TODAY, HOW_TO_LABEL, MENTIONS, WORDINGS
from textsynth.extract.template_columns import TemplateColumns
from textsynth.foundation.disk import check_absent, whole_directory
from textsynth.foundation.progress import Progress, Silence
from textsynth.labelers.gold import Gold
from textsynth.labelling.label import Labelled, LabelPlan, label_corpora
from textsynth.labelling.options import LabelOptions
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.sections import Extract, Raw, Source
from textsynth.runs.expansion import BROUGHT, ExpansionPlan, add_expansion, write_searched
from textsynth.runs.heldout import Divided, drop_known_wordings, join_parts, label_apart, put_aside, write_heldout
from textsynth.runs.label import name_labelers

ANSWERS, EXTRACTED = "answers", "extracted"
EXTRACTED_FILES = ("gazetteer.tsv", "templates.tsv", "annotated.jsonl")
"""What `extract_source` writes, to look at and to edit."""

SET_ASIDE = "set_aside.jsonl"
"""The sentences that labelling set aside, with their reasons, beside what was extracted."""

LABELERS = "labelers.tsv"
"""What each labeler found of each label."""

NOTE = "source.json"
"""What a run remembers of its source."""


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
        gold_heldout: the splits of held-out examples of which it was so.
        repeated: examples that were left out, since a held-out one has their wording or text.
    """

    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    rejected: int
    gold: bool
    gold_heldout: Sequence[str]
    repeated: int


@dataclass(frozen=True)
class SourcePlan:
    """How a source becomes what generators learn from.

    Args:
        source: what to read; None for nothing.
        label: what finds mentions in raw text.
        extract: what is extracted, and how.
        seed: of the run; draws what is held out.
        expansion: how new mentions are looked for; None if no generator takes them.
        today: the day that invented values count from.
    """

    source: Source | None
    label: LabelPlan
    extract: Extract
    seed: int
    expansion: ExpansionPlan | None = None
    today: datetime.date = DEFAULT_TODAY

    @classmethod
    def of(cls, recipe: Recipe) -> SourcePlan:
        """Returns that of a recipe."""
        production = recipe.production
        plan = cls(recipe.source, recipe.label_plan, recipe.extract, production.seed)
        return replace(plan, expansion=ExpansionPlan.of(recipe), today=production.today)

    def shorten(self) -> SourcePlan:
        """Returns the plan without what takes long or costs: raw text, and asking for new mentions."""
        return replace(self, expansion=self.expansion.shorten()) if self.expansion is not None else self

    def keep_answers(self, directory: Path) -> SourcePlan:
        """Returns the plan with a place for what a chat model says, so that none of it is paid twice."""
        return (
            replace(self, expansion=replace(self.expansion, answers=directory)) if self.expansion is not None else self
        )

    def begin_faults(self) -> Faults:
        """Returns what takes the bad records of the source."""
        return Faults(self.source.on_error if self.source else "stop")


@dataclass(frozen=True)
class ReadSource:
    """What came of reading a source.

    Args:
        resources: what generators learn from.
        divided: the parts it was divided into.
        labelled: what labelers made of the part to learn from; None if there were none.
        searched: what came of the search for new mentions and wordings; None if there was none.
    """

    resources: Resources
    divided: Divided
    labelled: Labelled | None
    searched: Searched | None = None


def read_note(directory: Path) -> Note:
    """Reads what a run remembers of its source."""
    return Note(**json.loads((directory / EXTRACTED / NOTE).read_text(encoding="utf-8")))


def extract_once(plan: SourcePlan, inputs: Inputs, directory: Path, workers: int, progress: Progress) -> Resources:
    """Returns what generators learn from; it is extracted if it does not stand in the run's directory yet.

    Args:
        plan: what to read, and what becomes of it.
        inputs: is remembered beside what was extracted.
        directory: the run's directory.
        workers: processes that a labeler may take.
        progress: is told how far the work is.
    """
    extracted = directory / EXTRACTED
    if not extracted.exists():
        with whole_directory(extracted) as partial:
            _extract(plan.keep_answers(directory / ANSWERS), inputs, partial, workers, progress)
    return Resources.read(extracted)


def _extract(plan: SourcePlan, inputs: Inputs, directory: Path, workers: int, progress: Progress) -> None:
    """Writes what is extracted into a directory, and keeps none of it in memory."""
    faults = plan.begin_faults()
    read = read_resources(plan, faults, workers, progress, folder=directory)
    read.resources.write(directory)
    write_heldout(read.divided.heldout, directory)
    if read.labelled is not None:
        write_labelled(read.labelled, directory)
    if read.searched is not None:
        write_searched(read.searched, directory)
    faults.write(directory / "rejected_source.jsonl")
    told = read.divided.gold, read.divided.gold_heldout, read.divided.repeated
    note = Note(inputs.files, inputs.versions, len(faults.rejected), *told)
    (directory / NOTE).write_text(json.dumps(asdict(note)), encoding="utf-8")


def write_labelled(labelled: Labelled, directory: Path) -> None:
    """Writes the sentences that labelling set aside, and what each labeler found."""
    labelled.write_aside(directory / SET_ASIDE)
    labelled.write_lines(directory / LABELERS)


def read_labelers(directory: Path) -> list[dict[str, str]]:
    """Reads what each labeler of a run found of each label, as text by column; nothing if it had none."""
    path = directory / EXTRACTED / LABELERS
    if not path.exists():
        return []
    head, *rows = (line.split("\t") for line in path.read_text("utf-8").removesuffix("\n").split("\n"))
    return [dict(zip(head, map(unescape, row), strict=True)) for row in rows]


def read_resources(
    plan: SourcePlan,
    faults: Faults,
    workers: int,
    progress: Progress,
    *,
    most: int | None = None,
    folder: Path | None = None,
) -> ReadSource:
    """Reads a source, puts aside what is held out, has mentions found if the plan says how, extracts the resources.

    Args:
        plan: what to read, and what becomes of it.
        faults: what becomes of bad records.
        workers: processes that a labeler may take.
        progress: is told how far the work is.
        most: how many examples are read, the first ones; all if None.
        folder: on whose disk the source is kept while it is used; in memory if None.
    """
    found: list[Labelled] = []

    def label(parts: Sequence[Corpus]) -> list[Corpus]:
        corpora, labelled = label_parts(parts, plan.label, plan.extract, workers, progress)
        found.extend(labelled)
        return corpora

    divided = Divided(Corpus.empty(), {}, gold=False, gold_heldout=())
    if plan.source is not None:
        whole = _read_whole(plan.source, faults, progress, most, folder)
        divided = label_apart(put_aside(whole, plan.source, plan.seed, faults), label, plan.extract.labels)
        if divided.learnt.labels:  # Without spans there is nothing that could split a token.
            warn_of_splits(str(plan.source.path), sum(map(_count_splitting, divided.learnt.in_batches())))
    resources = Resources.of(divided.learnt, plan.today).with_edits(plan.extract.templates, plan.extract.gazetteer)
    heldout = join_parts(divided.heldout)
    resources = replace(resources, given_templates=drop_known_wordings(resources.templates, heldout))
    searched = None
    if plan.expansion is not None:
        resources, searched = add_expansion(plan.expansion, resources, heldout, progress)
    # The part to learn from is labelled first.
    return ReadSource(resources, divided, found[0] if found else None, searched)


def _count_splitting(corpus: Corpus) -> int:
    return tokenize(corpus).splitting


def _read_whole(source: Source, faults: Faults, progress: Progress, most: int | None, folder: Path | None) -> Corpus:
    """Reads a source, or its first examples."""
    batches = _read_batches(source, faults, progress, most)
    whole = (Corpus.spool(batches, folder) if folder is not None else Corpus.concat(batches))[:most]
    return whole.with_tokenizer(source.tokenizer) if source.tokenizer else whole


def _read_batches(source: Source, faults: Faults, progress: Progress, most: int | None) -> Iterator[Corpus]:
    """Yields the batches of a source until there are as many examples as are asked for."""
    rows = 0
    with progress.stage(f"read {source.path.name}") as stage:
        for batch in to_batches(source.path, source.format, source.options, faults, source.keep):
            yield batch
            rows += len(batch)
            stage.advance(len(batch))
            if most is not None and rows >= most:
                break


def extract_source(  # noqa: PLR0913
    path: str | Path,
    out: str | Path,
    *,
    format: str | None = None,
    format_options: Mapping[str, object] | None = None,
    labelers: Sequence[Any] = (),
    language: str = "",
    labels: Sequence[str] = (),
    expand: bool = False,
    raw: str | Path | None = None,
    encoder: str | None = None,
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
        labelers: what finds the mentions of raw text, as for `textsynth.label`.
        language: of raw text; found out if empty.
        labels: the labels to keep; all if empty.
        expand: whether new mentions are looked for, and written into mentions.tsv.
        raw: more text of the kind of the source, in which they are looked for too; without labels.
        encoder: a transformer that helps to find them there, as for `textsynth.generate`.
        workers: processes that a labeler may take.
        overwrite: whether files that stand there already, and may have been edited, are written over.
        progress: is told how far the work is.

    Raises:
        TextsynthError: for whatever is wrong with the source, the model or the directory.
    """
    path, out, progress = Path(path), Path(out), progress or Silence()
    if raw is not None and not expand:
        raise OptionError("raw text must be given with --expand, which looks for new mentions in it, is without")
    if encoder is not None and raw is None:
        raise OptionError("an encoder must be given with --raw, the text that it helps to read, is without")
    if not overwrite:
        names = (
            *EXTRACTED_FILES,
            *((SET_ASIDE, LABELERS) if labelers else ()),
            *((MENTIONS, BROUGHT) if expand else ()),
            *((WORDINGS,) if raw is not None else ()),
        )
        check_absent(out, names)
    with progress.stage(f"read {path.name}"):
        corpus = read(path, format, options=format_options)
    plan = LabelPlan(name_labelers(labelers), LabelOptions(language=language))
    if not corpus.labels and not labelers:
        raise OptionError(
            f"{path}: must have spans to extract, or a pipeline that finds them, --model en_core_web_sm for English; "
            "has no spans"
        )
    corpus, labelled = label_source(corpus, plan, Extract(labels=tuple(labels)), workers, progress)
    resources, searched = Resources.of(corpus), None
    if expand:
        plan_of_new = ExpansionPlan(
            Raw(path=Path(raw), encoder=encoder) if raw is not None else None, None, (), None, None, seed=0
        )
        resources, searched = add_expansion(plan_of_new, resources, Corpus.empty(), progress)
    if labelled is not None:
        write_labelled(labelled, out)
    gazetteer, templates, annotated = (out / name for name in EXTRACTED_FILES)
    resources.gazetteer.write(gazetteer)
    TemplateColumns.of(resources.templates).write_lines(templates)
    write(resources.source, annotated)
    if searched is not None:
        searched.expansion.write(out / MENTIONS)
        write_searched(searched, out)
    return resources


def label_source(
    corpus: Corpus, plan: LabelPlan, options: Extract, workers: int, progress: Progress
) -> tuple[Corpus, Labelled | None]:
    """Returns a corpus with the labels asked for, as `label_parts` does, and what labelers made of it, if any did."""
    (labelled,), made = label_parts([corpus], plan, options, workers, progress)
    return labelled, made[0] if made else None


def label_parts(
    parts: Sequence[Corpus], plan: LabelPlan, options: Extract, workers: int, progress: Progress
) -> tuple[list[Corpus], list[Labelled]]:
    """Returns the parts of a source with the labels asked for: their own, or those that labelers find in each alone.

    Beside them stands what labelers made of each, nothing if there are none.

    Raises:
        OptionError: if a part has spans that labelers would not see, or labels are asked for and it has none.
    """
    if not plan.labelers:
        return [_choose_labels(part, options) for part in parts], []
    if any(part.labels for part in parts) and not any(isinstance(each.labeler, Gold) for each in plan.labelers):
        raise OptionError(
            "[[labeler]]: the source has spans, which labelers would not see; leave the labelers out, or add one with "
            'use = "gold", which takes the spans that are there'
        )
    check = plan.options.check
    gold = read(check) if check else None
    made = label_corpora(parts, plan, progress, labels=options.labels, gold=gold, workers=workers)
    for labelled in made:
        progress.note(labelled.describe())
    return [labelled.corpus for labelled in made], made


def _choose_labels(corpus: Corpus, options: Extract) -> Corpus:
    if options.labels and not corpus.labels:
        raise OptionError(f"[extract] labels: the source must have spans, has none; {HOW_TO_LABEL}")
    return with_labels(corpus, options.labels) if corpus.labels else corpus
