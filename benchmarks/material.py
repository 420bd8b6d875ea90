"""What is measured on: templates written here, the sources, fitted samplers, and the check of every span."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from measure import cpu_seconds

import textsynth as ts
from textsynth.components import registry
from textsynth.edits.copies import CopyingSampler
from textsynth.extract import Resources, Template
from textsynth.extract.usage import capitalise
from textsynth.foundation.seeding import child_rng
from textsynth.generators import Generator, Sampler
from textsynth.recipes.sections import Production
from textsynth.values import Pools
from textsynth.values.demand import make_plural, shorten

ROOT = Path(__file__).resolve().parent.parent
NEWSROOM = ROOT / "corpora" / "newsroom.jsonl"
WNUT = ROOT.parent / "shared" / "data" / "wnut17" / "train.conll"
SHARD = Production().shard_size
EDITED = 0.1
"""Share of the words that edits touch, ours and others'."""

OPENINGS = (
    "After the meeting, ",
    "As far as we know, ",
    "According to the minutes, ",
    "Two weeks later, ",
    "To everyone's surprise, ",
    "In the end, ",
    "That same evening, ",
    "Once the snow had melted, ",
    "Just before the holidays, ",
    "On the editor's advice, ",
)
CLAUSES = {
    "GPE": (
        "{PERSON} moved to {GPE}",
        "{PERSON} opened a bakery in {GPE}",
        "{PERSON}'s brother drove to {GPE}",
        "the train took {PERSON} as far as {GPE}",
        "a {GPE} newspaper printed a letter by {PERSON}",
        "{PERSON} was elected mayor of {GPE}",
        "the library in {GPE} invited {PERSON} to read",
        "{PERSON} and the choir sang in {GPE}",
        "nobody in {GPE} had heard of {PERSON}",
        "{PERSON} sold the house near {GPE}",
    ),
    "EMAIL": (
        "{PERSON} could be reached at {EMAIL}",
        "the invitation to {PERSON} went out to {EMAIL}",
        "a note from {EMAIL} reminded us of {PERSON}",
        "{PERSON} signed up with {EMAIL}",
        "the forms were sent to {PERSON} ({EMAIL})",
        "{PERSON}'s new address, {EMAIL}, was added to the list",
        "a copy for {PERSON} was forwarded to {EMAIL}",
        "we wrote to {EMAIL} and asked for {PERSON}",
        "{PERSON} asked for the reply to go to {EMAIL}",
        "the key was left with {PERSON} <{EMAIL}>",
    ),
}
ENDINGS = (
    ".",
    " without a word of explanation.",
    ", and that was the last we heard.",
    ", although the weather was bad.",
    "; the details are in the annex.",
    ", as agreed in March.",
    " for the third time this year.",
    ", which few had expected.",
    ", much to the council's relief.",
    " before the week was out.",
)

_FOLLOWS = re.compile(r"(?<=\b[aA])[nN](?=\W*$)|(?<=^['’])s\b")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A generator that has learned.

    Args:
        sampler: makes sentences.
        pools: what it fills slots from.
        seconds: the CPU seconds that it took, once, to draw the pools and to compile everything.
    """

    sampler: Sampler
    pools: Pools
    seconds: float

    def values(self) -> dict[str, set[str]]:
        """Returns the values of each label, in every form that a sentence may have them in."""
        columns = {label: pool.values for label, pool in self.pools.pools.items()} | dict(self.pools.records)
        return {label: set().union(*map(_forms, column.to_pylist())) for label, column in columns.items()}


def written_templates(second: str) -> list[str]:
    """Returns 1,000 templates with two slots, PERSON and a second label."""
    return ["".join(parts) for parts in product(OPENINGS, CLAUSES[second], ENDINGS)]


def tokenised_source() -> tuple[Path, ts.Corpus]:
    """Returns a labelled corpus and where it comes from: WNUT-17 if it is there, else the newsroom."""
    path = WNUT if WNUT.exists() else NEWSROOM
    return path, ts.read(path)


def fitted(generator: Generator, resources: Resources, directory: Path) -> Fitted:
    """Fits a generator in a new directory."""
    directory.mkdir()
    seconds = cpu_seconds(lambda: generator.fit(resources, directory, child_rng(7, directory.name)))
    samplers: list[Sampler] = []
    seconds += cpu_seconds(lambda: samplers.append(generator.sampler(directory)))
    return Fitted(samplers[0], Pools.read(directory), seconds)


def edit_sampler(name: str, source: ts.Corpus, directory: Path) -> CopyingSampler:
    """Fits an operation in a directory, by the rate at which all are measured."""
    operation: Any = registry.look_up("generator", name)
    operation(rate=EDITED).fit(Resources.of(source), directory, child_rng(7, name))
    return operation(rate=EDITED).sampler(directory)


def shards(sampler: Sampler, rng: np.random.Generator, count: int) -> Iterator[ts.Corpus]:
    """Makes sentences as a run does, shard by shard."""
    return (sampler(SHARD, rng) for _ in range(count))


def exact_spans(
    rows: Iterable[Mapping[str, Any]], templates: Sequence[Template], values: Mapping[str, set[str]]
) -> tuple[int, int]:
    """Counts the spans, and the exact ones among them, with Python's own slices.

    A span is exact if the text at it is a value of its label, and all text between the spans of its sentence is the
    wording of the template that the sentence was made from. What follows a value, a/an and 's, may differ.

    Args:
        rows: examples as dictionaries.
        templates: what they were made from, by `parent`.
        values: the values of each label.
    """
    wordings = {template.fingerprint(): _wording(template.literals) for template in templates}
    exact = total = 0
    for row in rows:
        text, spans = row["text"], row["spans"]
        begins, ends = [span["start"] for span in spans], [span["end"] for span in spans]
        between = [text[end:begin] for end, begin in zip([0, *ends], [*begins, len(text)], strict=True)]
        wording = wordings[row["parent"]]
        total += len(wording) - 1
        if _wording(between) == wording:
            exact += sum(text[span["start"] : span["end"]] in values[span["label"]] for span in spans)
    return exact, total


def _forms(value: str) -> set[str]:
    plain = {value, make_plural(value), shorten(value, "first"), shorten(value, "last")}
    return plain | {capitalise(each) for each in plain}


def _wording(literals: Iterable[str]) -> list[str]:
    return [_FOLLOWS.sub("", literal) for literal in literals]
