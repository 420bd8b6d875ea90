"""Starter recipes: what `textsynth init` writes for a file."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from textsynth.corpus import Corpus
from textsynth.language.identification import find_other_language

_TIMES = 5
_LEAST = 500
_BY_MENTIONS = ("template_fill", "mention_replacement")
_BY_WORDS = ("word_swap", "word_deletion")
"""Generators for texts with classes alone: nothing is labelled that nobody labelled."""


def describe_corpus(source: Corpus) -> str:
    """Says what is in a corpus, in one line.

    >>> describe_corpus(Corpus.from_columns(text=["Ada!", "hi"], spans=[[(0, 3, "PER")], []], label=["a", "b"]))
    '2 examples, labels PER, 2 classes'
    """
    labels = "labels " + ", ".join(source.labels) if source.labels else "no spans"
    classes = f"{len(source.classes)} classes" if source.classes else "no classes"
    return _one_line(f"{len(source)} examples, {labels}, {classes}")


def starter_recipe(source: Corpus, path: Path, format: str, folder: Path, options: Mapping[str, Any]) -> str:
    """Returns a recipe that fits a source, with comments on what to change.

    Args:
        source: what is in the file.
        path: the file, or a pattern for several.
        format: its format.
        folder: where the recipe will stand; the path of the source is written relative to it.
        options: those of the format that are not the default.
    """
    has_spans, classes = bool(source.labels), source.classes
    generators = _BY_WORDS if classes and not has_spans else _BY_MENTIONS
    parts = [
        f"# A recipe for {_one_line(path.name)}: {describe_corpus(source)}.",
        "# textsynth list shows every generator, filter and format with its options.",
        "",
        "seed = 7",
        f"count = {max(_LEAST, _TIMES * len(source))}  # examples to deliver, exactly",
    ]
    if len(classes) > 1:
        parts.append("balance = false  # true fills up the rare classes")
    parts += [
        "",
        "[source]",
        tomli_w.dumps({"path": _relative(path, folder), "format": format}).rstrip(),
        *([f"options = {_inline(options)}"] if options else []),
        'licence = "unknown"  # goes into the dataset card',
        "",
        *([] if has_spans or classes else _labeler(source)),
        *(line for name in generators for line in ("[[generator]]", f'use = "{name}"', "")),
        "[[filter]]",
        'use = "duplicate"',
        "",
        "[export]",
        'formats = ["jsonl"]',
        "" if classes and not has_spans else 'task = "token-classification"',
    ]
    return "\n".join(parts).rstrip() + "\n"


def _labeler(source: Corpus) -> list[str]:
    """Returns the table that says what labels raw text; the user must complete it if the text is not English."""
    language = find_other_language(source.texts.to_pylist(), "en")
    model = 'model = "en_core_web_sm"'
    if language is not None:
        model = f'model = ""  # must be a spaCy pipeline for "{language}", by package or directory'
    return ["[[labeler]]", 'use = "spacy"  # finds the entities; word_list and pattern find your own', model, ""]


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _inline(options: Mapping[str, Any]) -> str:
    pairs = (tomli_w.dumps({name: value}).strip() for name, value in options.items())
    return "{ " + ", ".join(pairs) + " }"


def _relative(path: Path, folder: Path) -> str:
    if not path.exists() and not glob.has_magic(str(path)):
        return path.as_posix()  # A dataset on the hub.
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
