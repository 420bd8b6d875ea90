"""Candidates: the recipes that `tune` tries, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textsynth.recipes.sections import Task

SPANS: Task = "token-classification"
CLASSES: Task = "text-classification"


@dataclass(frozen=True)
class Candidate:
    """A recipe that may help: what makes examples, and what is dropped of them.

    Args:
        name: what it is called.
        task: what it is for.
        generators: its tables [[generator]], as TOML.
        amount: what says how much is made: "copies" of each example, or a "count" of as many.
        times: how many examples are made for each of the source; the first is tried first, the others if it goes on.
        spans: whether it needs mentions.
        raw: whether it needs raw text.
    """

    name: str
    task: Task
    generators: str
    amount: Literal["copies", "count"] = "copies"
    times: Sequence[int] = (3, 10)
    spans: bool = False
    raw: bool = False

    def write(self, times: int, examples: int, source: str) -> str:
        r"""Returns a recipe.

        Args:
            times: how many examples are made for each of the source.
            examples: how many the source has.
            source: its table [source], and what else follows how much is made.

        >>> print(CANDIDATES[0].write(3, 100, '[source]\npath = "a.jsonl"').partition("[[filter]]")[0].rstrip())
        copies = 3
        <BLANKLINE>
        [source]
        path = "a.jsonl"
        <BLANKLINE>
        [[generator]]
        use = "mention_replacement"
        """
        amount = times if self.amount == "copies" else times * examples
        parts = [f"{self.amount} = {amount}", source.strip(), self.generators.strip(), '[[filter]]\nuse = "duplicate"']
        return "\n\n".join([*parts, f'[export]\ntask = "{self.task}"']) + "\n"


CANDIDATES = (
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
    return [each for each in chosen if (spans or not each.spans) and (raw or not each.raw)]
