"""Gives persons names of another gender or locale, to find out what a model makes of it.

The idea is counterfactual data augmentation (Lu et al. 2018, Gender Bias in Neural Natural Language Processing).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pydantic

from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.edits.edit import Edit, Policy, Rate
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError, nearest
from textsynth.extract import Resources
from textsynth.extract.gazetteer import mention_array
from textsynth.foundation.disk import write_whole
from textsynth.language.person_name import TITLES, UNKNOWN, Name, Role, persons_of
from textsynth.values.faker_source import name_lists

Change = Literal["gender", "locale", "both"]
Locales = Annotated[tuple[str, ...], pydantic.Field(min_length=1)]

_NAMES = "names.json"
_DRAWS = 3000
"""Names that are drawn of each kind; many come more than once, and the distinct ones are kept."""

_KINDS = ("first_female", "first_male", "last_female", "last_male")
"""Kinds of names that each locale has a list of."""

_GENDERED = 0.25
"""Share of names in common under which a locale has other family names for women than for men."""


class _Lists:
    """What is known of the names of the source's locale."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        known = {kind: {name.casefold() for name in names[kind]} for kind in _KINDS}
        women, men = known["last_female"], known["last_male"]
        self.gendered = len(women & men) < _GENDERED * min(len(women), len(men))
        self._known = known

    def gender_of(self, role: Role, name: str) -> int | None:
        """Returns the gender of a name in folded case, `UNKNOWN` if it may be either, None if it is not known."""
        found = [name in self._known[f"{role}_{gender}"] for gender in ("female", "male")]
        if found == [False, False]:
            return None
        told = found[0] != found[1] and (role == "first" or self.gendered)
        return found.index(True) if told else UNKNOWN


class _Pools:
    """The strings that new names are drawn from: for each role or title, locale and gender a pool.

    Args:
        names: of each locale, the names by kind; those of a gender tell it.

    `low` and `size`, `(roles and titles, 2 * locales)`, say which of the strings make a pool; its column is twice the
    number of the locale plus the gender, 0 for female.
    """

    def __init__(self, names: Sequence[Mapping[str, list[str]]]) -> None:
        self.locales = len(names)
        genders = ("female", "male")
        table = [[each[f"{role}_{gender}"] for each in names for gender in genders] for role in ("first", "last")]
        table += [[[title] for title in pair] * len(names) for pair in TITLES.values()]
        self.strings = [string for row in table for pool in row for string in pool]
        self.size = np.array([[len(pool) for pool in row] for row in table], np.int64)
        self.low = bounds_of(self.size.ravel())[:-1].reshape(self.size.shape)
        self._places = [[{name.casefold(): at for at, name in enumerate(pool)} for pool in row] for row in table]

    def row_of(self, name: Name) -> int:
        """Returns the row of the pools for a name."""
        if name.role == "title":
            return 2 + list(TITLES).index(name.words[0].text.casefold())
        return 1 if name.role == "last" else 0

    def own(self, name: Name) -> list[int]:
        """Returns the position of a name in each of the pools for it, -1 if it is not there."""
        folded = name.words[0].text.casefold()
        return [pool.get(folded, -1) for pool in self._places[self.row_of(name)]]


@dataclass(frozen=True)
class NameEditor(SubstitutionEditor):
    """An editor whose places are persons, each known by the first of their words that is replaced.

    Args:
        change: what becomes another.
        pools: what is put in.
        names: for each person the names.
        gender: `(names,)`.
        row: `(names,)`; which row of the pools is for it.
        own: `(names, columns)`; its position in each pool, -1 if it is not there.
        words: for each name the words that are that name.
        begin: `(words,)`; the position of the first character.
        end: `(words,)`; the position after the last.
        case: `(words,)`; 0 as in the pool, 1 upper, 2 lower.
    """

    change: Change
    pools: _Pools
    names: Ragged
    gender: np.ndarray
    row: np.ndarray
    own: np.ndarray
    words: Ragged
    begin: np.ndarray
    end: np.ndarray
    case: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, persons: Sequence[Sequence[Name]], change: Change, pools: _Pools) -> NameEditor:
        """Lays the names of persons, who are in order, out as columns."""
        names = [name for person in persons for name in person]
        words = [word for name in names for word in name.words]
        first = np.array([_start(person) for person in persons], np.int64)
        cased = [form(each) for form in (str, str.upper, str.lower) for each in pools.strings]
        begin = np.array([word.start for word in words], np.int64)
        return cls(
            tokenised,
            Material(tokenised, cased),
            np.searchsorted(tokenised.begin, first, side="right") - 1,
            change,
            pools,
            _rows([len(person) for person in persons]),
            np.array([name.gender for name in names], np.int64),
            np.array([pools.row_of(name) for name in names], np.int64),
            np.array([pools.own(name) for name in names], np.int64).reshape(-1, pools.size.shape[1]),
            _rows([len(name.words) for name in names]),
            begin,
            begin + np.array([len(word.text) for word in words], np.int64),
            np.array([_case(word.text) for word in words], np.int64),
        )

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws a locale for each copy, and the names of each person."""
        person = np.searchsorted(self.places, token)
        names = self.names.take(person)
        name, owner = names.values, names.owner
        # One locale a copy, for all persons in it.
        locale = rng.integers(self.pools.locales, size=int(copy.max(initial=-1)) + 1)[copy][owner]
        drawn, known = rng.integers(2, size=len(person))[owner], self.gender[name]
        gender = np.where(known == UNKNOWN, drawn, known if self.change == "locale" else 1 - known)
        return self.replace_names(copy[owner], name, 2 * locale + gender, rng)

    def replace_names(self, copy: np.ndarray, name: np.ndarray, column: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws another name out of a column of the pools for each, and puts it wherever the name stands."""
        row, own = self.row[name], self.own[name, column]
        # Drawn from one fewer if the name itself is in the pool, and moved behind it; a pool of one has no other.
        size = self.pools.size[row, column]
        number = (rng.random(len(name)) * (size - (own >= 0))).astype(np.int64)
        number += (own >= 0) & (number >= own)
        drawn = self.pools.low[row, column] + np.minimum(number, size - 1)
        words = self.words.take(name)
        word, owner = words.values, words.owner
        # The material has all strings of the pools three times over, as they are, upper and lower.
        string = drawn[owner] + len(self.pools.strings) * self.case[word]
        first, stop = self.material.first[string], self.material.stop[string]
        return Edits(copy[owner], self.begin[word], self.end[word], first, stop).sort()


@dataclass(frozen=True, kw_only=True)
class CounterfactualNames(Edit[NameEditor]):
    """Gives persons other names: of the other gender, of another locale, or both.

    First name and last name stay what they are, and a name is replaced alike wherever a text has it: mentions that
    share a name are one person. The gender is that of the given name in Faker's lists, or of a title such as Mrs, which
    changes along; if neither tells it, new names are of any gender. No new given name is one that the lists of its
    locale or of the source's have for both. A word alone that is no known given name counts
    as a family name. Family names stay if only the gender changes, unless the locale has others for women than for
    men. Casing is kept if all of a name is lower or upper. Text outside of mentions, pronouns too, stays as it is.

    Args:
        rate: share of the persons of a text that get other names, on average; at least one.
        policy: for a label ("*" for all), what happens with its mentions: "edit" them (the default), "keep" them, or
            "replace" them by other mentions of that label.
        labels: the labels of persons.
        change: what becomes another: "gender", "locale", or "both".
        locale: the locale of the source's names, for Faker; if only the gender changes, of the new ones too.
        locales: the locales of new names otherwise; all names of a text are of one of them.
    """

    default_policy: ClassVar[Policy] = "edit"

    rate: Rate = 1.0
    labels: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("PERSON",)
    change: Change = "gender"
    locale: str = "en_US"
    locales: Locales = ("de_DE", "en_IN", "es_MX", "fr_FR", "pl_PL", "tr_TR")

    def libraries(self) -> frozenset[str]:
        """Names what names come from."""
        return super().libraries() | {"faker"}

    def learn(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Draws the names of each locale."""
        known = resources.source.labels
        for label in self.labels:
            if label not in known:
                raise OptionError(f"option 'labels': the source has no label {label!r}; {nearest(label, known)}")
        locales = dict.fromkeys([self.locale, *self._targets()])
        names = {locale: name_lists(locale, _DRAWS, rng) for locale in locales}
        for locale in self._targets():
            telling = _telling_names(names[locale], names[self.locale])
            if self.change != "locale" and not (telling["first_female"] and telling["first_male"]):
                raise OptionError(f"option 'change': Faker has no names by gender in the locale {locale!r}")
        write_whole(directory / _NAMES, json.dumps(names, ensure_ascii=False, sort_keys=True))

    def editor(self, tokenised: Tokenised, directory: Path) -> NameEditor:
        """Finds the persons of every text, and what is known of their names."""
        names = json.loads((directory / _NAMES).read_text(encoding="utf-8"))
        lists = _Lists(names[self.locale])
        labels = np.array([label in self.labels for label in tokenised.corpus.spans.labels.to_pylist()], bool)
        persons = [
            [name for name in person if self._changes(name.role, lists)]
            for mentions in _mentions(tokenised, np.flatnonzero(labels & self.find_editable_mentions(tokenised)))
            for person in persons_of(mentions, lists.gender_of)
        ]
        telling = [_telling_names(names[locale], names[self.locale]) for locale in self._targets()]
        known = [names[locale] for locale in self._targets()]
        pools = _Pools(
            [{kind: some[kind] or every[kind] for kind in _KINDS} for some, every in zip(telling, known, strict=True)]
        )
        return NameEditor.of(tokenised, sorted(filter(None, persons), key=_start), self.change, pools)

    def _targets(self) -> Sequence[str]:
        return [self.locale] if self.change == "gender" else self.locales

    def _changes(self, role: Role, lists: _Lists) -> bool:
        if role == "title":
            return self.change != "locale"
        return role == "first" or self.change != "gender" or lists.gendered


def _telling_names(names: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Returns the given names of a locale that tell the gender, there and in the source's locale; family names stay.

    >>> both = {"first_female": ["Ann", "Robin"], "first_male": ["Bob", "Robin"], "last_female": [], "last_male": []}
    >>> _telling_names(both, {**both, "first_male": ["Ann"]})["first_female"], _telling_names(both, both)["first_male"]
    ([], ['Bob'])
    """
    telling = dict(names)
    for kind, other in (("first_female", "first_male"), ("first_male", "first_female")):
        refused = {name.casefold() for each in (names, own) for name in each[other]}
        telling[kind] = [name for name in names[kind] if name.casefold() not in refused]
    return telling


def _start(person: Sequence[Name]) -> int:
    return min(word.start for name in person for word in name.words)


def _rows(sizes: Sequence[int]) -> Ragged:
    return Ragged.of_lengths(np.array(sizes, np.int64))


def _case(word: str) -> int:
    return 1 if word.isupper() and len(word) > 1 else 2 if word.islower() else 0


def _mentions(tokenised: Tokenised, spans: np.ndarray) -> Iterator[list[tuple[int, str]]]:
    """Returns the mentions of each text that has any of these spans, with their positions."""
    rows = tokenised.corpus.spans.row_of_span()[spans]
    begins = tokenised.begin[tokenised.tokens.first[spans]]
    mentions = mention_array(tokenised.corpus).take(pa.array(spans, pa.int64())).to_pylist()
    columns = zip(rows.tolist(), begins.tolist(), mentions, strict=True)
    for _, of_row in itertools.groupby(columns, key=lambda each: each[0]):
        yield [(begin, mention) for _, begin, mention in of_row]
