"""Which templates are English: only in those do a/an and possessives follow the filler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from textsynth.extract import Template
from textsynth.language.identification import LanguageMixture
from textsynth.values.program import is_bound, text_around

Agreement = Literal["auto", "always", "never"]
"""Whether a/an and 's follow the filler; "auto" where the sentence is English."""


def decide_agreement(
    templates: Sequence[Template], agreement: Agreement, languages: Mapping[str, float] | None = None
) -> list[bool]:
    """Says for each template whether a/an and possessives follow its fillers, each sentence by itself.

    Args:
        templates: of one corpus; its other sentences help to tell the language of a short one.
        agreement: "auto" for the English ones.
        languages: of the corpus, as `share_languages` gives them; those of the templates if None.
    """
    if agreement != "auto":
        return [agreement == "always"] * len(templates)
    return find_english(templates, LanguageMixture(share_languages(templates) if languages is None else languages))


def share_languages(templates: Sequence[Template]) -> Mapping[str, float]:
    """Returns the shares of the languages of templates; nothing if nothing in them would follow a filler."""
    if not any(map(is_bound, templates)):
        return {}
    return LanguageMixture.of([text_around(each) for each in templates]).shares


def find_english(templates: Sequence[Template], languages: LanguageMixture) -> list[bool]:
    """Says which templates are English; nothing is looked up for those in which it makes no difference."""
    bound = [index for index, template in enumerate(templates) if is_bound(template)]
    english = [False] * len(templates)
    if bound:
        found = languages.are_english([text_around(templates[index]) for index in bound])
        for index, each in zip(bound, found.tolist(), strict=True):
            english[index] = each
    return english
