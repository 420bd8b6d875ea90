"""Starter recipes: what `textsynth init` writes for a file."""

from __future__ import annotations

import glob
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from textsynth.corpus import Corpus
from textsynth.corpus.classes import count_classes
from textsynth.corpus.table import count_values
from textsynth.extract import Gazetteer
from textsynth.extract.class_name import describe_all_classes
from textsynth.extract.resources import Resources
from textsynth.foundation.distribution import find_missing, say_how_to_install
from textsynth.foundation.fetch import find_url
from textsynth.foundation.plural import tell_count
from textsynth.recipes.first_labels import FirstLabels

_TIMES, _LEAST, _MOST = 5, 500, 20_000
"""Examples to make: so many times those of the source, but not fewer than the second nor, of a small source, more than
the third; of more than that, as many as the source has."""

_TIMES_EDITED = 20
"""Edited copies of a text that are asked for at most."""

_FILLINGS = 4
"""Ways to fill slots for each example to make: the others equal one of these, or do not fit their place."""

_FILLINGS_OF_ONE = 400
"""Ways to fill a wording that count at most: a corpus of one wording is none to train on."""

_HELDOUT = (
    "# heldout = { test = 0.2, validation = 0.1 }  # put aside before anything is learnt: two splits of real text"
)

_NAMED = 12
"""Classes that are named; of more it is said how many they are."""

_FEW = 10
"""Distinct mentions under which a label has few: a model would learn them by heart."""

_BY_MENTIONS = ("template_fill", "mention_replacement")
_BY_WORDS = ("word_swap", "word_deletion")
"""Generators for texts with classes alone: nothing is labelled that nobody labelled."""

_BY_CLASSES = r"""
# What a class is called is worth an example or two. Names that say little want a description here.
[[generator]]
use = "class_names"
weight = 3

[generator.classes]
# {name} = "what its texts say"

# Raw texts of the same kind help the most: those whose class a model is sure of. With many classes give it an encoder.
# [[generator]]
# use = "pseudo_labels"
# path = "raw.txt"
# weight = 3

# What the others cannot make, edits do: they make it robust. New wordings come from language_model and prompt.
"""


def find_few_mentions(source: Corpus) -> dict[str, int]:
    """Returns the labels that have few distinct mentions, with their numbers.

    >>> find_few_mentions(Corpus.from_columns(text=["Ada! Ada?"], spans=[[(0, 3, "PER"), (5, 8, "PER")]]))
    {'PER': 1}
    """
    mentions = Gazetteer.of(source).mentions
    return {label: len(mentions[label]) for label in source.labels if len(mentions[label]) < _FEW}


def describe_few_mentions(label: str, number: int) -> str:
    """Says what to do about a label with few distinct mentions."""
    file = "".join(letter if letter.isalnum() else "_" for letter in label.lower()) + ".txt"
    values = "{ " + tomli_w.dumps({label: f"words:{file}"}).strip() + " }"
    return _one_line(
        f"{label} has {tell_count(number, 'distinct mention')}: a list of others, one a line, makes more of it: "
        f"values = {values} under template_fill"
    )


def describe_corpus(source: Corpus) -> str:
    """Says what is in a corpus, in one line.

    >>> describe_corpus(Corpus.from_columns(text=["Ada!", "hi"], spans=[[(0, 3, "PER")], []], label=["a", "b"]))
    '2 examples, labels PER, classes a 1, b 1'
    """
    labels = "labels " + ", ".join(source.labels) if source.labels else "no spans"
    counts = count_classes(count_values(source.table.column("label").drop_null()))
    classes = f"classes {', '.join(f'{name} {count}' for name, count in counts.items())}" if counts else "no classes"
    if len(counts) > _NAMED:
        classes = f"{len(counts)} classes"
    return _one_line(f"{tell_count(len(source), 'example')}, {labels}, {classes}")


def starter_recipe(
    source: Corpus,
    path: Path,
    format: str,
    folder: Path,
    options: Mapping[str, Any],
    first: FirstLabels | None = None,
) -> str:
    """Returns a recipe that fits a source, with comments on what to change.

    Args:
        source: what is in the file.
        path: the file, or a pattern for several.
        format: its format.
        folder: where the recipe will stand; the path of the source is written relative to it.
        options: those of the format that are not the default.
        first: of raw text, what labelers find in its first texts.
    """
    classes, labelled = source.classes, bool(source.labels or source.classes)
    by_words = bool(classes) and not source.labels
    parts = [
        f"# A recipe for {_one_line(path.name)}: {describe_corpus(source)}.",
        "# textsynth list names every component there is; textsynth preview shows what this recipe makes.",
        "",
        "seed = 7",
        f"count = {_choose_count(source, by_words, first)}  # examples to make, exactly",
    ]
    if len(classes) > 1:
        parts.append("balance = false  # true fills up the rare classes")
    parts += [
        "",
        "[source]",
        tomli_w.dumps({"path": _relative(path, folder), "format": format}).rstrip(),
        *([f"options = {_inline(options)}"] if options else []),
        'licence = "unknown"  # goes into the dataset card',
        *([_HELDOUT] if labelled else []),
        "",
        *(_list_labelers(first) if first else []),
        *_list_generators(source, by_words),
        "[[filter]]",
        'use = "duplicate"',
        "",
        *_list_exports(by_words),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _choose_count(source: Corpus, by_words: bool, first: FirstLabels | None) -> int:
    """Returns how many examples to ask for: as many as usual, unless the source is too poor for that."""
    share, learnt = (first.share, first.kept) if first else (1.0, source)
    size = round(len(learnt) / share) if learnt.labels else len(source)
    usual = max(_LEAST, min(_TIMES * size, max(_MOST, size)))
    if by_words:
        return max(1, min(usual, _count_edits(source)))
    return max(1, min(usual, round(_count_fillings(learnt) / share) // _FILLINGS)) if learnt.labels else usual


def _count_fillings(source: Corpus) -> int:
    """Returns in how many ways the slots of all wordings can be filled with mentions of the source."""
    sizes = {label: len(mentions) for label, mentions in Gazetteer.of(source).mentions.items()}
    slots = [template.slots for template in Resources.of(source).templates]
    return sum(min(_FILLINGS_OF_ONE, math.prod(sizes[slot.label] for slot in each)) for each in slots if each)


def _count_edits(source: Corpus) -> int:
    """Returns how many edited copies of texts are asked for at most: half as many as word_swap and word_deletion make.

    They take out a word, or let two change places, at least.
    """
    words = [len(text.split()) for text in set(source.texts.to_pylist())]
    return sum(min(_TIMES_EDITED, number * (number + 1) // 4) for number in words)


def _list_generators(source: Corpus, by_words: bool) -> list[str]:
    """Returns the lines of the generators; those that fill slots say which labels want a list of values."""
    lines = _list_class_names(source) if by_words else []
    for name in _BY_WORDS if by_words else _BY_MENTIONS:
        lines += ["[[generator]]", f'use = "{name}"']
        if name == "template_fill":
            lines += [f"# {describe_few_mentions(*few)}" for few in find_few_mentions(source).items()]
        lines.append("")
    return lines


def _list_class_names(source: Corpus) -> list[str]:
    """Returns the lines for what classes are called, if that is words."""
    if not any(describe_all_classes(source, {}).values()):
        return ["# Edits make a classifier robust. New wordings come from language_model and vae, or from prompt."]
    return _BY_CLASSES.format(name=json.dumps(source.classes[0])).strip().splitlines()


def _list_exports(by_words: bool) -> list[str]:
    """Returns the lines that have a trainer find what it takes: tokens and tags, or texts and classes."""
    task = "text-classification" if by_words else "token-classification"
    docs = 'formats = ["spacy"]  # exports/train.spacy and its like are what spacy train takes'
    has_spacy = not find_missing("spacy")
    lines = docs if has_spacy else f'formats = ["jsonl"]  # "spacy" for spacy train: {say_how_to_install("spacy")}'
    return ["[export]", f'task = "{task}"  # the dataset has what trainers of transformers take', lines]


_OWN_LABELERS = r"""
# A list of your own, a term a line, and patterns; the first labeler decides, so put what is surest first.
# [[labeler]]
# use = "word_list"
# label = "DRUG"
# path = "drugs.txt"
#
# [[labeler]]
# use = "pattern"
# expressions = { TICKET = ['\bT-\d{4}\b'] }
"""


def _list_labelers(first: FirstLabels) -> list[str]:
    """Returns the tables that say what labels raw text; the user completes them if there is no pipeline."""
    return [
        *_tell_found(first),
        *_OWN_LABELERS.strip().splitlines(),
        "",
        *_list_expressions(first.expressions),
        *_name_pipeline(first),
        "[label]",
        'vote = "priority"  # where labelers differ the first decides; "agree" sets the sentence aside',
        "",
        *_name_labels(first),
    ]


def _tell_found(first: FirstLabels) -> list[str]:
    """Returns the comment on what was found."""
    texts = f"the first {first.texts} texts" if first.share < 1 else tell_count(first.texts, "text")
    if not first.mentions:
        missing = first.say_what_is_missing() or "add what finds your mentions"
        return [f"# In {texts} nothing was found yet; {missing}"]
    head = f"# Found in {texts}, mentions that the cleaning drops among them:"
    lines = [head, *(f"#   {label}: {told}" for label, told in first.describe().items()), "#"]
    return list(map(_one_line, lines))


def _list_expressions(expressions: Mapping[str, str]) -> list[str]:
    if not expressions:
        return []
    pairs = ", ".join(f"{label} = ['{expression}']" for label, expression in expressions.items())
    return ["[[labeler]]", 'use = "pattern"', f"expressions = {{ {pairs} }}", ""]


def _name_pipeline(first: FirstLabels) -> list[str]:
    """Returns the table of the pipeline; as a comment if none is installed and there is something else that labels."""
    mark = "# " if first.expressions and not first.model else ""
    model = first.model or ("en_core_web_sm" if first.language == "en" else "")
    hint = f"  # {missing}" if (missing := first.say_what_is_missing()) else ""
    return [f"{mark}[[labeler]]", f'{mark}use = "spacy"', f"{mark}model = {json.dumps(model)}{hint}", ""]


def _name_labels(first: FirstLabels) -> list[str]:
    """Returns the table of the labels to keep, as a comment."""
    if len(first.mentions) < 2:
        return []
    labels = json.dumps(list(first.mentions), ensure_ascii=False)
    return ["# [extract]", _one_line(f"# labels = {labels}  # of all that they find, the labels to keep"), ""]


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _inline(options: Mapping[str, Any]) -> str:
    pairs = (tomli_w.dumps({name: value}).strip() for name, value in options.items())
    return "{ " + ", ".join(pairs) + " }"


def _relative(path: Path, folder: Path) -> str:
    if url := find_url(path):
        return url
    if not path.exists() and not glob.has_magic(str(path)):
        return path.as_posix()  # A dataset on the hub.
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
