"""Labels found in one call, in whatever a program holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textsynth.components import registry
from textsynth.components.component import build
from textsynth.components.labeler import Finder, Labeler
from textsynth.conversion.python_objects import to_corpus
from textsynth.errors import OptionError
from textsynth.foundation.progress import Progress, Silence
from textsynth.labelers.spacy import finder_of
from textsynth.labelling.label import Labelled, LabelPlan, NamedLabeler, label_corpora
from textsynth.labelling.options import LabelOptions
from textsynth.recipes.recipe import number_name


def label(  # noqa: PLR0913
    corpus: Any,
    labelers: Sequence[Any],
    *,
    labels: Sequence[str] = (),
    check: Any = None,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> Labelled:
    """Finds the mentions of raw text, and sets aside the sentences of which that is not sure.

    Args:
        corpus: texts, as a corpus or whatever `textsynth.read` takes; their own spans are ignored, unless
            `labelers.Gold()` is among the labelers.
        labelers: what finds them, in the order of priority: components such as `labelers.WordList(path="drugs.txt")`,
            or pipelines of spaCy.
        labels: the labels to keep; all if empty.
        check: labelled sentences on which each labeler is measured, as a corpus or whatever `textsynth.read` takes.
        seed: the root of the randomness of the cleaning.
        workers: processes that a labeler may take.
        progress: is told how far the work is.
        options: as in the table [label] of a recipe: vote, clean, unsure, again, language, sentences.

    Returns:
        The labelled sentences as `corpus`, those set aside as `aside` with `reasons`, and `lines`, a table.

    Raises:
        MissingDependency: if what a labeler wants is not installed.
        OptionError: for an option that is unknown or wrong.
        TextsynthError: as `textsynth.read`, if it is no corpus yet.

    >>> import textsynth as ts
    >>> found = ts.label(["Ada took aspirin. She slept."], [ts.labelers.WordList(terms=["aspirin"], label="DRUG")])
    >>> found.corpus[0].mentions(), found.reasons
    (('aspirin',), ())
    """
    if not labelers:
        raise OptionError("there must be at least one labeler, there is none")
    built = build(LabelOptions, options, "textsynth.label")
    gold = None if check is None else to_corpus(check)
    plan = LabelPlan(name_labelers(labelers), built, seed)
    texts, progress = to_corpus(corpus), progress or Silence()
    return label_corpora([texts], plan, progress, labels=labels, gold=gold, workers=workers)[0]


def name_labelers(labelers: Sequence[Any]) -> tuple[NamedLabeler, ...]:
    """Returns labelers with the names that a recipe would give them.

    Raises:
        OptionError: for what is neither a labeler nor a pipeline.
    """
    named: list[NamedLabeler] = []
    for each in labelers:
        taken = [one.name for one in named]
        if isinstance(each, Labeler):
            named.append(NamedLabeler(number_name(registry.name_of(each), taken), each))
        elif hasattr(each, "pipe") and hasattr(each, "pipe_names"):
            named.append(NamedLabeler(number_name("spacy", taken), _Pipeline(each)))
        else:
            raise OptionError(f"a labeler must be one of textsynth.labelers or a pipeline of spaCy, was: {each!r}")
    return tuple(named)


@dataclass(frozen=True)
class _Pipeline:
    """A pipeline of spaCy that a program holds.

    Args:
        nlp: the pipeline.
    """

    nlp: Any
    reads_context: bool = True

    def load(self, language: str, workers: int = 1) -> Finder:
        """Returns what finds its entities; whoever holds it knows what language it is for."""
        return finder_of(self.nlp, self.nlp.meta.get("name", "pipeline"), workers)
