"""Candidates: the recipes that `tune` tries, as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textsynth.recipes.sections import Task
from textsynth.scores.encoders import TFIDF

SPANS: Task = "token-classification"
CLASSES: Task = "text-classification"


RAW, ENCODER = "<raw>", "<encoder>"
"""Stand for the path of raw text, and for the encoder that helps to read or to label it, in what a candidate says."""


@dataclass(frozen=True)
class Candidate:
    """A recipe that may help: what makes examples, and what is dropped of them.

    Args:
        name: what it is called.
        task: what it is for.
        generators: its tables [[generator]], and [raw], as TOML, with `RAW` and `ENCODER`.
        amount: what says how much is made: "copies" of each example, or a "count" of as many.
        times: how many examples are made for each of the source; the first is tried first, the others if it goes on.
        spans: whether it needs mentions.
    """

    name: str
    task: Task
    generators: str
    amount: Literal["copies", "count"] = "copies"
    times: Sequence[int] = (3, 10)
    spans: bool = False

    @property
    def needs_raw(self) -> bool:
        """Whether it needs raw text."""
        return RAW in self.generators

    def write(self, times: int, examples: int, source: str, raw: str = "", encoder: str = TFIDF) -> str:
        r"""Returns a recipe.

        Args:
            times: how many examples are made for each of the source.
            examples: how many the source has.
            source: its table [source].
            raw: the path of raw text, if it needs some.
            encoder: what helps to read or to label raw text.

        >>> print(CANDIDATES[0].write(3, 100, '[source]\npath = "a.jsonl"').partition("[[filter]]")[0].rstrip())
        copies = 3
        allow_fewer = true
        <BLANKLINE>
        [source]
        path = "a.jsonl"
        <BLANKLINE>
        [[generator]]
        use = "mention_replacement"
        values = "expand"
        """
        amount = times if self.amount == "copies" else times * examples
        generators = self.generators.strip()
        if encoder == TFIDF:  # Which is no model that is named, and what is taken if none is.
            generators = generators.replace(f"\nencoder = {ENCODER}", "")
        for placeholder, given in ((RAW, raw), (ENCODER, encoder)):
            generators = generators.replace(placeholder, json.dumps(given, ensure_ascii=False))
        parts = [
            f"{self.amount} = {amount}\nallow_fewer = true",
            source.strip(),
            generators,
            '[[filter]]\nuse = "duplicate"',
        ]
        return "\n\n".join([*parts, f'[export]\ntask = "{self.task}"']) + "\n"


CANDIDATES = (
    Candidate("new_mentions", SPANS, '[[generator]]\nuse = "mention_replacement"\nvalues = "expand"'),
    Candidate(
        "new_mentions_and_raw",  # What recipes/augment_ner.toml has with raw text.
        SPANS,
        """
[raw]
path = <raw>
encoder = <encoder>

[[generator]]
use = "mention_replacement"
values = "expand"

[[generator]]
use = "mention_replacement"
wordings = "raw"
rate = 0.5
""",
    ),
    Candidate("mention_replacement", SPANS, '[[generator]]\nuse = "mention_replacement"'),
    Candidate("template_fill", SPANS, '[[generator]]\nuse = "template_fill"', amount="count"),
    Candidate(
        "mentions_and_edits",  # Three of the four of Dai & Adel 2020; the fourth needs WordNet, and rarely helps.
        SPANS,
        """
[[generator]]
use = "mention_replacement"

[[generator]]
use = "label_wise_token_replacement"

[[generator]]
use = "segment_shuffle"
""",
        amount="count",
    ),
    Candidate(
        "word_edits",  # Two of the four of EDA (Wei & Zou 2019) that need no list of synonyms.
        CLASSES,
        """
[[generator]]
use = "choice"
steps = [{ use = "word_swap", rate = 0.1 }, { use = "word_deletion", rate = 0.1 }]
""",
    ),
    Candidate("class_names", CLASSES, '[[generator]]\nuse = "class_names"', amount="count", times=(1,)),
    Candidate(
        "classify",  # What recipes/classify.toml has.
        CLASSES,
        """
[[generator]]
use = "class_names"
weight = 3

[[generator]]
use = "word_swap"

[[generator]]
use = "word_deletion"
""",
        amount="count",
    ),
    Candidate(
        "class_names_and_raw",
        CLASSES,
        """
[[generator]]
use = "class_names"

[[generator]]
use = "pseudo_labels"
path = <raw>
encoder = <encoder>
""",
        amount="count",
        times=(2, 5),
    ),
    Candidate("mention_replacement", CLASSES, '[[generator]]\nuse = "mention_replacement"', spans=True),
)
"""What is tried, in this order. A new recipe is a line here."""


def list_candidates(task: Task, spans: bool, raw: bool) -> list[Candidate]:
    """Returns those that can be tried.

    Args:
        task: what for.
        spans: whether the source has mentions.
        raw: whether there is raw text.
    """
    chosen = [each for each in CANDIDATES if each.task == task]
    return [each for each in chosen if (spans or not each.spans) and (raw or not each.needs_raw)]
