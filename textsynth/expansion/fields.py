"""Mentions that Faker and mimesis invent, for labels that are named for a field or have names of people."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.errors import MissingDependency, OptionError
from textsynth.expansion.casing import write_like
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer
from textsynth.values.faker_source import faker_values
from textsynth.values.given_name import are_people
from textsynth.values.mimesis_source import mimesis_values

_NAME = ("faker:name",)
_PEOPLE_LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL", "sv_SE", "pt_BR")
"""Where people come from that texts in English name; their scripts are Latin."""

_FIELDS: Mapping[str, Sequence[str]] = {
    "person": _NAME, "per": _NAME, "name": _NAME, "people": _NAME,
    "firstname": ("faker:first_name",), "lastname": ("faker:last_name",), "surname": ("faker:last_name",),
    "city": ("mimesis:address.city", "faker:city"), "town": ("mimesis:address.city", "faker:city"),
    "state": ("mimesis:address.state", "faker:state"), "country": ("mimesis:address.country", "faker:country"),
    "company": ("mimesis:finance.company", "faker:company"), "job": ("mimesis:person.occupation", "faker:job"),
    "occupation": ("mimesis:person.occupation", "faker:job"), "profession": ("faker:job",),
    "university": ("mimesis:person.university",), "language": ("mimesis:person.language", "faker:language_name"),
    "nationality": ("mimesis:person.nationality",), "currency": ("faker:currency_name",),
    "color": ("mimesis:text.color", "faker:color_name"), "colour": ("mimesis:text.color", "faker:color_name"),
    "programlang": ("mimesis:development.programming_language",),
    "programminglanguage": ("mimesis:development.programming_language",),
    "dish": ("mimesis:food.dish",), "serveddish": ("mimesis:food.dish",), "fruit": ("mimesis:food.fruit",),
    "vegetable": ("mimesis:food.vegetable",), "drink": ("mimesis:food.drink",), "email": ("faker:email",),
    "phone": ("faker:phone_number",), "phonenumber": ("faker:phone_number",), "url": ("faker:url",),
    "street": ("faker:street_name",), "address": ("faker:street_address",), "username": ("faker:user_name",),
}  # fmt: skip
"""What gives the values of a label, by its name in small letters without "_" and "-"; the first that is installed."""

_TELLING = 3
"""Mentions that can tell that a label has names of people, if its own name does not."""

_SIZE = 2000
"""Values drawn for a label."""

_LAST = ("faker:last_name",)


@dataclass(frozen=True)
class Fields:
    """Takes mentions from Faker and mimesis.

    Args:
        language: of the texts, two letters.
        today: the day that they count from.
    """

    language: str
    today: datetime.date
    invents: bool = True
    cuts: int = 1

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Invents values for each label that is named for a field, or has names of people."""
        known = Gazetteer.of(gold).mentions
        return {label: write_like(self._invent(label, list(some), rng), some, rng) for label, some in known.items()}

    def wants_proof(self, label: str) -> bool:
        """Wants proof unless the label is named for a field."""
        return _find_field(label) not in _FIELDS

    def _invent(self, label: str, mentions: Sequence[str], rng: np.random.Generator) -> list[str]:
        calls = _FIELDS.get(_find_field(label), ())
        if calls == _NAME or (not calls and len(mentions) >= _TELLING and are_people(mentions)):
            return self._invent_names(mentions, rng)
        return list(dict.fromkeys(self._draw(calls, self._locales[:1], _SIZE, rng)))

    def _invent_names(self, mentions: Sequence[str], rng: np.random.Generator) -> list[str]:
        """Invents names of people, as many of one word as the source has."""
        short = sum(len(mention.split()) == 1 for mention in mentions) / len(mentions)
        names = self._draw(_NAME, self._locales, round(_SIZE * (1 - short)), rng)
        return list(dict.fromkeys([*names, *self._draw(_LAST, self._locales, round(_SIZE * short), rng)]))

    def _draw(self, calls: Sequence[str], locales: Sequence[str], size: int, rng: np.random.Generator) -> Iterator[str]:
        for call in calls:
            kind, _, rest = call.partition(":")
            draw = faker_values if kind == "faker" else mimesis_values
            try:
                yield from draw(rest, size, locales, rng, self.today)
            except (MissingDependency, OptionError):
                continue
            return

    @property
    def _locales(self) -> tuple[str, ...]:
        if self.language == "en":
            return _PEOPLE_LOCALES
        from faker.config import AVAILABLE_LOCALES

        return tuple(sorted(each for each in AVAILABLE_LOCALES if each.partition("_")[0] == self.language)) or (
            "en_US",
        )


def _find_field(label: str) -> str:
    return re.sub(r"[\W_]", "", label.lower())
