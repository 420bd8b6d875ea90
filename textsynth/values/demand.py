"""Demands: what the slots of a template ask of their fillers, as the text around them and the source have it.

A slot may ask for a filler that is known behind the word before it, for a plural, for a woman's or a man's name, for
the short form of another slot's name, and for a capital.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.extract import Slot, Template
from textsynth.extract.context import ANYWHERE, ContextFinder, opens_sentence
from textsynth.extract.usage import Usage, begin_with_capitals, capitalise
from textsynth.foundation.disk import whole_file
from textsynth.language.function_word import PLURAL_NUMBERS
from textsynth.language.inflection import Inflector
from textsynth.language.person_name import PRONOUNS, UNKNOWN, gender_before, words_of
from textsynth.values.given_name import are_people, find_gender
from textsynth.values.pool import Pools

Context = Literal["auto", "off"]
"""Whether mentions of the gazetteer are drawn by class and context, and written as their place asks."""

Gender = Literal["keep", "any"]
"""Whether names of persons keep their gender if a pronoun or a title in the sentence tells it."""

Form = Literal["", "same", "first", "last"]
"""Which part of another variable's value a variable takes: the given name, the family name, all of it; "" for none."""

Number = Literal["", "one", "several"]
"""What an English slot asks for: a singular, a plural, or nothing."""

_FIELDS = {
    "context": pa.string(), "number": pa.string(), "gender": pa.int8(), "base": pa.int32(), "form": pa.string(),
    "full": pa.bool_(),
}  # fmt: skip
_FILE = "demands.parquet"
_INFLECTOR = Inflector()
_LARGEST_COUNT = 4
"""Digits from which on a number is rather a year than a count."""

_WORD = re.compile(r"[^\W\d_]+")

_NUMERALS = frozenset("zero one".split()) | PLURAL_NUMBERS
_COUNTS = 1 / 2
"""The share of the values of a label that are numbers if it says how many."""

_SINGULARS = frozenset("a an one 1 this that each every another".split())
_PLURAL_VERBS = frozenset("are were have do aren weren haven don".split())
_LAST = re.compile(r"(?:^|\s)(\w+)\s+$")
_NOUN = re.compile(r"\s+([a-z]+)\b")
_VERB = re.compile(r"\s+(is|was|has|does|isn|wasn|hasn|doesn|are|were|have|do|aren|weren|haven|don)\b")


@dataclass(frozen=True, slots=True)
class Demand:
    """What a variable of a template asks of its filler.

    Args:
        context: what stands before it, as `ContextFinder` gives it; None if any filler will do.
        number: whether it must be a plural or must be none; "" if either will do.
        gender: that its name must fit; UNKNOWN for any.
        base: the position of the variable whose value it is a form of, -1 if it has its own.
        form: which form of that.
        full: whether others take a part of its name, so that it must have several words.
    """

    context: str | None = None
    number: Number = ""
    gender: int = UNKNOWN
    base: int = -1
    form: Form = ""
    full: bool = False

    def columns(self) -> tuple[str | int | None, ...]:
        """Returns what it is made of, in order."""
        return self.context, self.number, self.gender, self.base, self.form, self.full


@dataclass(frozen=True)
class Demands:
    """What the slots of one template ask for.

    Args:
        variables: of each variable, in order of first appearance.
        capitals: for each slot whether its filler takes a capital.
    """

    variables: tuple[Demand, ...]
    capitals: tuple[bool, ...]

    @classmethod
    def none(cls, template: Template) -> Demands:
        """Returns the demands of a template that takes any filler as it is."""
        return cls((Demand(),) * len(set(template.slots)), (False,) * len(template.slots))

    @classmethod
    def of_class(cls, template: Template) -> Demands:
        """Returns those of a template that says nothing but the class."""
        return cls((Demand(ANYWHERE),) * len(set(template.slots)), (False,) * len(template.slots))


@dataclass(frozen=True)
class DemandFinder:
    """Finds out what templates ask for.

    Args:
        finder: finds contexts.
        inside: for each label and mention how it is written inside a sentence, as in `Usage`.
        capitals: whether sentences begin with a capital.
        people: the labels of persons.
        counts: the labels that say how many.
        context: whether context, number, short forms and casing matter.
        gender: whether the gender of persons does.
    """

    finder: ContextFinder
    inside: Mapping[str, Mapping[str, str]]
    capitals: bool
    people: frozenset[str]
    counts: frozenset[str]
    context: bool
    gender: bool

    @classmethod
    def of(cls, templates: Sequence[Template], usage: Usage, pools: Pools, context: Context, gender: Gender) -> Self:
        """Takes what it needs from the source; from the templates if there is none.

        Args:
            templates: that will be asked about, or some of them.
            usage: how the source uses its mentions.
            pools: what fills the slots.
            context: as the generator has it.
            gender: as the generator has it.
        """
        finder, capitals = usage.finder, usage.capitals
        if usage.is_empty:
            finder = ContextFinder.of([" ".join(template.literals) for template in templates])
            capitals = begin_with_capitals(template.literals[0] for template in templates)
        people, counts = find_kinds([*pools.pools, *pools.records], pools)
        return cls(finder, usage.inside, capitals, people, counts, context == "auto", gender == "keep")

    def to_json(self) -> dict[str, Any]:
        """Returns it as data."""
        finder = {"language": self.finder.language, "words": sorted(self.finder.words)}
        kinds = {"people": sorted(self.people), "counts": sorted(self.counts)}
        own = {"inside": self.inside, "capitals": self.capitals, "context": self.context, "gender": self.gender}
        return {"finder": finder, **kinds, **own}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Self:
        """Returns what `to_json` gave."""
        finder = ContextFinder(content["finder"]["language"], frozenset(content["finder"]["words"]))
        kinds = {name: frozenset(content[name]) for name in ("people", "counts")}
        return cls(**{**content, "finder": finder, **kinds})

    def find(self, template: Template, mentions: Sequence[str] | None = None) -> Demands:
        """Returns the demands of a template.

        Args:
            template: the sentence with its slots.
            mentions: what the source has in its slots, if it is of the source.
        """
        variables = list(dict.fromkeys(template.slots))
        originals = dict(zip(template.slots, mentions, strict=True)) if mentions is not None else {}
        contexts = self._contexts(template)
        numbers = self._numbers(template, originals)
        genders = self._genders(template, originals)
        ties = self._ties(variables, originals) if self.context else {}
        bases = {base for base, form in ties.values() if form != "same"}
        return Demands(
            tuple(
                Demand(
                    contexts[slot] if self.context else None,
                    numbers.get(slot, ""),
                    genders.get(slot, UNKNOWN),
                    *ties.get(slot, (-1, "")),
                    full=place in bases,
                )
                for place, slot in enumerate(variables)
            ),
            tuple(self._capitals(template, mentions)),
        )

    def _contexts(self, template: Template) -> dict[Slot, str]:
        """Returns the context of each variable: of several slots, that of the first which has any."""
        found: dict[Slot, str] = {}
        for before, neighbour, slot in _gaps(template):
            found[slot] = found.get(slot) or self.finder.find(before, neighbour)
        return found

    def _numbers(self, template: Template, originals: Mapping[Slot, str]) -> dict[Slot, Number]:
        """Returns for each variable the number that the words beside it ask for."""
        if self.finder.language != "en" or not self.context:
            return {}
        found: dict[Slot, Number] = {}
        for place, slot in enumerate(template.slots):
            own = self._find_number(originals, slot)
            if self._is_counted(template, place):
                asked = own
            elif slot.label in self.counts:
                asked = self._number_of_noun(template, place, originals)
            else:
                asked = _number_before(template.literals[place]) or _number_behind(template.literals[place + 1])
                # What the source has there knows better: "two aspirin", "a drinks".
                asked = asked if own in ("", asked) else ""
            if asked:
                found.setdefault(slot, asked)
        return found

    def _is_counted(self, template: Template, place: int) -> bool:
        """Says whether a slot stands right behind one that says how many: "[two] [points]"."""
        return place > 0 and not template.literals[place].strip() and template.slots[place - 1].label in self.counts

    def _number_of_noun(self, template: Template, place: int, originals: Mapping[Slot, str]) -> Number:
        """Returns what a slot that says how many may be before a noun, which stands there or keeps its number."""
        word = _NOUN.match(template.literals[place + 1])
        number: Number = _number_of(word[1]) if word and word[1] not in self.finder.words else ""
        if place + 1 < len(template.slots) and self._is_counted(template, place + 1):
            number = self._find_number(originals, template.slots[place + 1])
        return self._find_number(originals, template.slots[place]) if number == "one" else number

    def _find_number(self, originals: Mapping[Slot, str], slot: Slot) -> Number:
        """Returns the number of what the source has in a slot; nothing if it has nothing there."""
        if slot not in originals:
            return ""
        mention = originals[slot]
        # Where a sentence begins a noun looks like a name, which has no plural.
        return _number_of(self.inside.get(slot.label, {}).get(capitalise(mention), mention))

    def _capitals(self, template: Template, mentions: Sequence[str] | None) -> Iterable[bool]:
        for place, (before, neighbour, slot) in enumerate(_gaps(template)):
            opens = self.context and self.capitals and opens_sentence(before, neighbour)
            yield self._has_capital(slot.label, mentions[place], opens) if mentions is not None else opens

    def _has_capital(self, label: str, mention: str, opens: bool) -> bool:
        """Says whether a place has a capital; what the source has in it tells more than the text before it."""
        if mention[0].islower():
            return False
        inside = self.inside.get(label, {}).get(capitalise(mention), mention)
        return self.context and (opens or inside != mention)

    def _genders(self, template: Template, originals: Mapping[Slot, str]) -> dict[Slot, int]:
        """Returns the gender that the text tells of each person; nothing if no title and no pronoun tells any."""
        language = self.finder.language
        pronouns = PRONOUNS.get(language, {})
        if not self.gender or not pronouns or not self.people & template.labels():
            return {}
        titles = [(slot, gender_before(before, language)) for before, _, slot in _gaps(template)]
        words = _WORD.findall(" ".join(template.literals).casefold())
        told = {pronouns[word] for word in words if word in pronouns} | {each for _, each in titles} - {UNKNOWN}
        if not told:
            return {}
        alone = told.pop() if len(told) == 1 else UNKNOWN
        found: dict[Slot, int] = {}
        for slot, titled in titles:
            if slot.label in self.people and found.get(slot, UNKNOWN) == UNKNOWN:
                own = find_gender(originals[slot]) if slot in originals else UNKNOWN
                found[slot] = next((each for each in (titled, own) if each != UNKNOWN), alone)
        return found

    def _ties(self, variables: Sequence[Slot], originals: Mapping[Slot, str]) -> dict[Slot, tuple[int, Form]]:
        """Returns for each variable that is a form of another one which one, and which form."""
        found: dict[Slot, tuple[int, Form]] = {}
        bases: set[Slot] = set()
        for slot, base in itertools.permutations(variables if originals else (), 2):
            # What another one is a form of is no form itself, and what is one is none of a second.
            if base.label == slot.label and not {slot, base} & found.keys() and slot not in bases:
                form = _find_form(originals[slot], originals[base], names=slot.label in self.people)
                if form:
                    found[slot] = (variables.index(base), form)
                    bases.add(base)
        return found


def find_kinds(labels: Iterable[str], pools: Pools) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the labels that are of persons, and those that say how many."""
    values = {label: pools.values(label).to_pylist() for label in labels}
    people = frozenset(label for label, each in values.items() if are_people(each))
    counts = frozenset(label for label, each in values.items() if sum(map(is_numeral, each)) >= _COUNTS * len(each))
    return people, counts


def write_demands(demands: Sequence[Demands], directory: Path) -> None:
    """Writes demands, in the order of their templates."""
    columns = {
        "variables": [[dict(zip(_FIELDS, each.columns(), strict=True)) for each in of.variables] for of in demands],
        "capitals": [of.capitals for of in demands],
    }
    types = {"variables": pa.list_(pa.struct(list(_FIELDS.items()))), "capitals": pa.list_(pa.bool_())}
    with whole_file(directory / _FILE) as partial:
        pq.write_table(pa.table({name: pa.array(column, types[name]) for name, column in columns.items()}), partial)


def read_demands(directory: Path) -> list[Demands]:
    """Reads what `write_demands` wrote."""
    rows = pq.read_table(directory / _FILE).to_pylist()
    return [Demands(tuple(Demand(**each) for each in row["variables"]), tuple(row["capitals"])) for row in rows]


def is_plural(value: str) -> bool:
    """Says whether an English value ends in a plural noun, or is a number other than one; names count as none.

    >>> [is_plural(each) for each in ("seizures", "blood tests", "aspirin", "sepsis", "Athens", "two", "1")]
    [True, True, False, False, False, True, False]
    """
    if is_numeral(value):
        return value.casefold() not in _SINGULARS
    word = value.split()[-1] if value.split() else ""
    if not word.islower() or word.endswith(("ss", "us", "is")):
        return False
    bases = [base for base in _INFLECTOR.bases(word, "noun") if base != word]
    return any("plural" in _INFLECTOR.forms(word, base, "noun") for base in bases)


def is_numeral(value: str) -> bool:
    """Says whether an English value says how many, and nothing else.

    >>> [is_numeral(each) for each in ("5", "Two", "1990", "two dogs")]
    [True, True, False, False]
    """
    return (value.isdecimal() and len(value) < _LARGEST_COUNT) or value.casefold() in _NUMERALS


def make_plural(value: str) -> str:
    """Returns an English value in the plural; a name, or what has no plural or is one, as it is.

    >>> make_plural("blood test"), make_plural("seizures"), make_plural("Monday"), make_plural("5 mg")
    ('blood tests', 'seizures', 'Monday', '5 mg')
    """
    head, space, word = value.rpartition(" ")
    if len(word) <= 2 or not word.isalpha() or not word.islower() or is_numeral(value) or is_plural(value):
        return value
    return head + space + (_INFLECTOR.inflect(word, "noun", "plural") or word)


def shorten(name: str, form: Form) -> str:
    """Returns a part of the name of a person; all of it if it has but one.

    >>> shorten("Dr. Ann B. Lee", "last"), shorten("Ann Lee", "first"), shorten("Lee", "first")
    ('Lee', 'Ann', 'Lee')
    """
    words = [word for word in words_of(name) if not word.is_title]
    if form == "same" or len(words) < 2:
        return name
    return words[0 if form == "first" else -1].text


def is_full(name: str) -> bool:
    """Says whether a name has several words, so that it has a short form."""
    return sum(not word.is_title for word in words_of(name)) > 1


def _find_form(short: str, name: str, *, names: bool) -> Form:
    """Returns which form of a name another mention is."""
    if capitalise(short) == capitalise(name):
        return "same"
    if not names or not is_full(name) or is_full(short):
        return ""
    if short == shorten(name, "last"):
        return "last"
    return "first" if short == shorten(name, "first") else ""


def _number_of(value: str) -> Number:
    return "several" if is_plural(value) else "one"


def _number_before(before: str) -> Number:
    found = _LAST.search(before.casefold())
    if found is None:
        return ""
    word = found[1]
    if word in _SINGULARS:
        return "one"
    is_count = word.isdigit() and len(word) < _LARGEST_COUNT
    return "several" if word in PLURAL_NUMBERS or is_count else ""


def _number_behind(behind: str) -> Number:
    found = _VERB.match(behind.casefold())
    return "" if found is None else "several" if found[1] in _PLURAL_VERBS else "one"


def _gaps(template: Template) -> Iterable[tuple[str, str | None, Slot]]:
    """Yields for each slot the text before it, the label of the slot before that, and itself."""
    neighbours = [None, *(slot.label for slot in template.slots)]
    return zip(template.literals, neighbours, template.slots, strict=False)
