"""Finds entities with a spaCy pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from textsynth.components.labeler import Finder, Finding, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.corpus.example import trim_edges
from textsynth.errors import InvalidExample, OptionError
from textsynth.foundation.disk import prefer_directory
from textsynth.foundation.pipeline import load_pipeline

_ALL_LANGUAGES = "xx"
"""What spaCy calls the language of a pipeline for several."""

_BATCH = 256
"""Texts that spaCy is given at a time."""

_MANY = 2000
"""Texts from which on a pipeline is worth several processes: each takes seconds to load it."""

_OTHER_WORK = ("parser", "tagger", "lemmatizer", "attribute_ruler", "morphologizer", "textcat", "textcat_multilabel")
"""Components that no usual finder of entities needs; they take most of the time."""


@dataclass(frozen=True, kw_only=True)
class Spacy(Labeler):
    """Finds entities with a spaCy pipeline.

    It takes for an entity what it takes for one, and does not say how sure it is: the cleaning asks it again.

    Args:
        model: the pipeline, by the name of its package or the path of its directory.
        rename: other names for its labels, such as { PER = "PERSON" }.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"model"})

    extras = ("spacy",)
    reads_context = True
    example_options = {"model": "en_core_web_sm"}

    model: str = "en_core_web_sm"
    rename: dict[str, str] = field(default_factory=dict)

    def libraries(self) -> frozenset[str]:
        """Names spaCy."""
        return frozenset({"spacy"})

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the directory of the pipeline from a folder, if there is one."""
        return dataclasses.replace(self, model=prefer_directory(folder, self.model))

    def load(self, language: str, workers: int = 1) -> Finder:
        """Loads the pipeline; it must be of the language of the texts, or of all.

        Raises:
            MissingDependency: if spaCy or the model is not installed.
            OptionError: if the pipeline finds no entities, or is of another language than the texts.
        """
        nlp = load_pipeline(self.model)
        if nlp.lang not in (language, _ALL_LANGUAGES):
            raise OptionError(
                f"option 'model': {self.model!r} is a pipeline for {nlp.lang!r}, the text is taken to be {language!r}; "
                f"name a pipeline for {language!r}, or give [label] language = {nlp.lang!r}"
            )
        return finder_of(nlp, self.model, workers, self.rename)


def finder_of(nlp: Any, name: str, workers: int = 1, rename: Mapping[str, str] | None = None) -> Finder:
    """Returns what finds the entities of a pipeline.

    Args:
        nlp: the pipeline.
        name: what messages call it.
        workers: processes.
        rename: other names for its labels.

    Raises:
        OptionError: if it finds no entities.
    """
    finders = [nlp.get_pipe(each) for each in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(each).assigns]
    if not finders:
        raise OptionError(f"the spaCy model {name!r} must have a component that finds entities, has: {nlp.pipe_names}")
    names = dict(rename or {})
    says = all(hasattr(finder, "labels") for finder in finders)
    labels = frozenset(names.get(label, label) for finder in finders for label in finder.labels) if says else None
    usual = all(nlp.get_pipe_meta(each).factory == "ner" for each in nlp.pipe_names if nlp.get_pipe(each) in finders)
    unused = [each for each in nlp.pipe_names if usual and each in _OTHER_WORK]

    def find(corpus: Corpus) -> Findings:
        texts = corpus.texts.to_pylist()
        _check_lengths(texts, nlp.max_length)
        processes = workers if len(texts) > _MANY else 1
        with nlp.select_pipes(disable=unused):
            docs = nlp.pipe(texts, batch_size=_BATCH, n_process=processes)
            return Findings.of_lists([_read(doc, names) for doc in docs])

    return Finder(find, labels)


def _check_lengths(texts: list[str], longest: int) -> None:
    for row, text in enumerate(texts):
        if len(text) > longest:
            raise InvalidExample(
                f"example {row}: spaCy takes at most {longest:,} characters, the text has {len(text):,}; "
                "break it into lines"
            )


def _read(doc: Any, names: Mapping[str, str]) -> list[Finding]:
    """Returns the entities without the white space that pipelines sometimes leave at their edges."""
    found = []
    text = doc.text  # Put together from its tokens at each look.
    for ent in doc.ents:
        begin, end = trim_edges(text, ent.start_char, ent.end_char)
        if begin < end:
            found.append((begin, end, names.get(ent.label_, ent.label_), 1.0))
    return found
