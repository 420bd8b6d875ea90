"""Which templates are English: only in those do a/an and possessives follow the filler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textsynth.extract import Template
from textsynth.language.identification import LanguageMixture
from textsynth.values.program import is_bound, text_around

Agreement = Literal["auto", "always", "never"]
"""Whether a/an and 's follow the filler; "auto" where the sentence is English."""


def decide_agreement(templates: Sequence[Template], agreement: Agreement) -> list[bool]:
    """Says for each template whether a/an and possessives follow its fillers, each sentence by itself.

    Args:
        templates: of one corpus; its other sentences help to tell the language of a short one.
        agreement: "auto" for the English ones.
    """
    if agreement != "auto" or not any(map(is_bound, templates)):
        return [agreement == "always"] * len(templates)
    return find_english(templates, LanguageMixture.of([text_around(each) for each in templates]))


def find_english(templates: Sequence[Template], languages: LanguageMixture) -> list[bool]:
    """Says which templates are English; nothing is looked up for those in which it makes no difference."""
    bound = [index for index, template in enumerate(templates) if is_bound(template)]
    english = [False] * len(templates)
    found = languages.are_english([text_around(templates[index]) for index in bound])
    for index, each in zip(bound, found.tolist(), strict=True):
        english[index] = each
    return english
