"""Compiles templates, one by one, into the rows of numbers that `Blueprints` works on."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.extract import Slot, Template
from textsynth.extract.usage import capitalise, uncapitalise
from textsynth.language.english import ends_in_sibilant, takes_an, takes_bare_apostrophe
from textsynth.language.person_name import FEMALE, MALE, UNKNOWN
from textsynth.values.choice import EVERY, Choice, Choices, Key
from textsynth.values.demand import Demand, Demands, Form
from textsynth.values.given_name import are_people, find_gender
from textsynth.values.pool import Pools, one_line

SLOT, UNLABELLED, LITERAL, ARTICLE, POSSESSIVE = range(5)
"""Kinds of items: slots whose fillers are mentions, or are none; text as it is; words that follow a slot: a/an, 's."""

ITEM, VARIABLE = 4, 9
"""Numbers of an item, and of a variable."""

CAPITAL, PLURAL = 1, 2
"""How a filler may be written otherwise than in its pool; the sum for both."""

FORMS: tuple[Form, ...] = get_args(Form)

GivenUp = Literal["slots", "class", "context"]
"""What is counted: slots that ask for class and context, and those in which one of the two had to be given up."""

_LEAST = 1e-9
"""The least weight of a value beside its pool's largest: chances must be told apart in double precision."""

# An article that closes a literal, with what may stand between it and its slot; where a sentence may begin; what opens
# a literal as a possessive; what looks like one and is a contraction of "is" or "has"; and what opens a quotation.
_ARTICLE = re.compile(r"(?:^|(?<=[\s(\"“'‘]))(an?|An?|AN)( +[\"“'‘(]?)$")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\"“'‘(\n\r])[^\S\n\r]*$")
_POSSESSIVE = re.compile(r"^(['’])(s\b|(?=\s|$))")
_SPACED_POSSESSIVE = re.compile(r"^( ['’])( ?s\b|(?=\s))")
"""A possessive of text that came as tokens."""
_NEVER_POSSESSIVE = re.compile(
    r"^ ?['’] ?s +(?:a|an|the|not|been|got|gone|going|just|so|too|here|there|now|in|at|on|from|with|for|to|by|about|"
    r"off|out|up|down|back|away|over|under|my|your|his|her|its|our|their|this|that|one|still|already|always|never|also|"
    r"only|almost|very|really|quite|such|supposed|able|about|ready|late|busy|sick|ill|sorry|sure|glad|happy|alive|dead|"
    r"alone|born|done|made|had|taken|become|why|what|where|how|who|\w+ing|\w+ed|"
    r"afraid|angry|asleep|awake|aware|cold|correct|drunk|fine|free|funny|good|great|hungry|innocent|kind|like|likely|lost|"
    r"nice|okay|old|pregnant|quiet|right|safe|smart|strong|tall|thirsty|true|unable|upset|welcome|well|wrong|young|all|"
    r"better|worse|more|less|enough|no|someone|everywhere|mine|yours|hers|theirs|then|yet|perhaps|probably|certainly|"
    r"clearly|currently|actually|finally|usually|often|sometimes|today|tomorrow|tonight)\b"
)
"""What follows an 's that is short for "is" or "has". Some may follow a possessive too, where 's is right as well."""
_WORD_FOLLOWS = re.compile(r" ?['’][^\S\n\r]+(?:[^\W\d_]|$)")
"""A bare apostrophe with a word behind it, or with a slot."""
_OPEN_QUOTE = re.compile(r"‘|(?:^|(?<=[\s(\[\"“—–-]))'(?=\S|$)")
_LONE_QUOTE = re.compile(r"(?:^|\s)['’](?:\s|$)")
_FILLED = "\ufffc"
"""Stands for a slot when only the words around it matter."""


def is_bound(template: Template) -> bool:
    """Says whether anything in a template would follow its fillers if it is English."""
    literals = template.literals
    return any(map(_ARTICLE.search, literals[:-1])) or any(map(_match_possessive, literals[1:]))


def text_around(template: Template) -> str:
    """Returns what a template says without its fillers, which may be of any language."""
    return _FILLED.join(template.literals)


class Program:
    """Items, variables and values of many templates.

    Args:
        labels: all labels of their slots, sorted.
        pools: what the slots are filled from.
        unlabelled: labels whose slots are no mentions.

    An item is `(kind, code, alternative, variable)`: for a literal its piece; for a slot its label, and which of its
    filler's writings stands there; for a word that follows a slot, the piece it mostly is and the one it is if the
    filler asks for it.

    A variable is `(label, record, alike, original, excluded, replaceable, group, base, form)`: which record of its
    template it belongs to or -1, how many variables of the template have its label, the piece its source has and the
    member of its group that equals it or -1, whether there is a value other than that of the source, the group that it
    is drawn from, and of which variable of the template it is a form or -1, and which form.

    A group is what a variable may be drawn from: some of the values of a label, its members. The first groups are the
    labels with all of their values. What is asked for are pairs of a label with a writing, or a form, of its values.
    """

    def __init__(self, labels: Sequence[str], pools: Pools, unlabelled: frozenset[str]) -> None:
        self.labels = {label: index for index, label in enumerate(labels)}
        # Their numbers lie side by side, in a quarter of the memory that tuples would take.
        self.items, self.variables = array("q"), array("q")
        self.asked_writings: set[tuple[int, int]] = set()
        self.asked_forms: set[tuple[int, int]] = set()
        self.item_rows, self.variable_rows, self.record_rows = array("q", [0]), array("q", [0]), array("q", [0])
        self.record_genders = array("q")
        self.given_up: Counter[GivenUp] = Counter()
        self.store: list[str] = []
        self.first: list[int] = []
        self.size: list[int] = []
        self.members: list[np.ndarray] = []
        self.bounds: list[np.ndarray] = []
        self.records = len(next(iter(pools.records.values()))) if pools.records else 0
        self._pools = pools
        self._keyed = {label for label in labels if label in pools.records}
        self._unlabelled = unlabelled
        self._english = False
        self._literals: dict[str, int] = {}
        self._positions: dict[str, dict[str, int]] = {}
        self._first: dict[str, int] = {}
        self._weights: dict[str, np.ndarray] = {}
        self._choices: dict[str, Choices] = {}
        self._groups: dict[tuple[str, Key], int] = {}
        self._add_values(pools)

    def add(self, template: Template, originals: Sequence[str] | None, demands: Demands, *, english: bool) -> None:
        """Compiles one template.

        Args:
            template: the sentence with its slots.
            originals: the values of its variables in the source, if it has one.
            demands: what its slots ask for.
            english: whether a/an and possessives follow the filler.
        """
        self._english = english
        variables = list(dict.fromkeys(template.slots))
        known = dict(zip(variables, originals, strict=True)) if originals is not None else {}
        inflected = self._add_variables(template, variables, known, demands)
        rest = template.literals[0]
        for position, slot in enumerate(template.slots):
            # An article is cut off the text before a slot, a possessive off the text behind it: `rest` is what of a
            # literal no slot has taken yet.
            variable, original = variables.index(slot), known.get(slot)
            self._literal_before(rest, variable, original, _FILLED if position else "")
            kind = UNLABELLED if slot.label in self._unlabelled else SLOT
            writing = CAPITAL * demands.capitals[position] + PLURAL * inflected[variable]
            self.items.extend((kind, self.labels[slot.label], writing, variable))
            self.asked_writings.add((self.labels[slot.label], writing))
            rest = self._literal_after(template, position, variable, original)
        self._literal(rest)
        self.item_rows.append(len(self.items) // ITEM)

    def records_of_gender(self) -> Ragged:
        """Returns the records for any gender, for women and for men: three rows; all of them if none is known of one.

        The rows are the genders, counted from UNKNOWN.
        """
        every = list(range(self.records))
        if not any(gender != UNKNOWN for gender in self.record_genders):
            return Ragged.of_lists([every] * 3)
        values = (self._pools.records[label].to_pylist() for label in sorted(self._pools.records))
        genders = list(map(find_gender, next(filter(are_people, values))))
        known = [[record for record in every if genders[record] == gender] for gender in (FEMALE, MALE)]
        return Ragged.of_lists([every, *(each or every for each in known)])

    def _add_values(self, pools: Pools) -> None:
        """Lays the values of all labels side by side in the store; each label is a group."""
        for label in self.labels:
            values = pools.values(label).to_pylist()
            pool = pools.pools.get(label)
            weights = np.ones(len(values)) if label in self._keyed or pool is None else pool.weights
            # In double precision a much smaller weight would vanish beside the sum, and its value never be drawn.
            self._weights[label] = np.maximum(weights / weights.max(), _LEAST)
            self._positions[label] = {value: offset for offset, value in enumerate(values)}
            self._choices[label] = Choices(values, pool.uses if pool else None)
            self._first[label] = len(self.store)
            self.store += values
            self._group(label, Choice(EVERY, np.arange(len(values))))

    def _group(self, label: str, choice: Choice) -> int:
        """Returns the number of a group."""
        key = (label, choice.key)
        if key not in self._groups:
            self._groups[key] = len(self._groups)
            weights = self._weights[label][choice.values]
            self.first.append(self.first[-1] + self.size[-1] if self.first else 0)
            self.size.append(len(weights))
            self.members.append(self._first[label] + choice.values)
            # Where the part of each value ends in the interval of its group; `Blueprints` finds values by this.
            self.bounds.append(np.cumsum(weights) / weights.sum())
        return self._groups[key]

    def _add_variables(
        self, template: Template, variables: Sequence[Slot], originals: dict[Slot, str], demands: Demands
    ) -> list[bool]:
        """Adds the variables of a template, and says for each whether its filler must be made plural."""
        records = list(dict.fromkeys(slot.number for slot in variables if slot.label in self._keyed))
        genders = dict.fromkeys(records, UNKNOWN)
        # What is a form of another variable's value needs no value of its own.
        drawn = [pair for pair in zip(variables, demands.variables, strict=True) if pair[1].base < 0]
        labels = Counter(slot.label for slot, _ in drawn)
        alike = Counter((slot.label, demand) for slot, demand in drawn)
        inflected = []
        for slot, demand in zip(variables, demands.variables, strict=True):
            original = originals.get(slot)
            position = -1 if original is None else self._find_position(slot.label, original, demand)
            choice = self._choose(template.label, slot.label, demand, position, alike[slot.label, demand])
            record = -1
            if slot.label in self._keyed:
                record = records.index(slot.number)
                genders[slot.number] = max(genders[slot.number], demand.gender)
            count = 0 if demand.base >= 0 else labels[slot.label]
            piece = -1 if original is None else self._piece(original)
            self.variables.extend(self._variable(slot.label, choice, position, demand, (record, count, piece)))
            inflected.append(demand.number == "several" and not choice.key[3])
        self.variable_rows.append(len(self.variables) // VARIABLE)
        self.record_rows.append(self.record_rows[-1] + len(records))
        self.record_genders.extend(genders.values())
        return inflected

    def _variable(
        self, label: str, choice: Choice, position: int, demand: Demand, known: tuple[int, int, int]
    ) -> tuple[int, ...]:
        """Returns the row of a variable.

        Args:
            label: of its slot.
            choice: what it is drawn from.
            position: of its original among the values of the label, -1 if it is not there.
            demand: what it asks for.
            known: its record, how many variables are of its label, and the piece of its original.
        """
        record, alike, original = known
        group = self._group(label, choice)
        among = int(np.searchsorted(choice.values, position)) if position >= 0 else len(choice.values)
        is_member = among < len(choice.values) and choice.values[among] == position
        # Records may share a value, so that the values of a column are fewer than its records.
        others = (len(self._positions[label]) if record >= 0 else len(choice.values)) - is_member
        excluded = self.first[group] + among if is_member and record < 0 else -1
        replaceable = int(demand.base < 0 and (others > 0 or original < 0))
        form = FORMS.index(demand.form)
        self.asked_forms.add((self.labels[label], form))
        return (self.labels[label], record, alike, original, excluded, replaceable, group, demand.base, form)

    def _choose(self, of_class: str | None, label: str, demand: Demand, original: int, alike: int) -> Choice:
        if label in self._keyed:
            return Choice(EVERY, np.arange(len(self._weights[label])))
        choice = self._choices[label].find(of_class, demand, original, alike)
        if demand.context is not None and demand.base < 0 and self._choices[label].has_uses:
            self.given_up["slots"] += 1
            self.given_up["class"] += not choice.has_class
            self.given_up["context"] += not choice.has_context
        return choice

    def _find_position(self, label: str, original: str, demand: Demand) -> int:
        """Returns the value of a pool that a mention is, -1 if it is none.

        A mention and its value may differ in white space, since in a pool all values are of one line, and in the
        capital that the mention takes from its place.
        """
        value, positions = one_line(original), self._positions[label]
        if value in positions or demand.context is None:
            return positions.get(value, -1)
        return next((positions[each] for each in (uncapitalise(value), capitalise(value)) if each in positions), -1)

    def _piece(self, text: str) -> int:
        if text not in self._literals:
            self._literals[text] = len(self.store)
            self.store.append(text)
        return self._literals[text]

    def _literal(self, text: str) -> None:
        if text:
            self.items.extend((LITERAL, self._piece(text), 0, 0))

    def _literal_before(self, literal: str, variable: int, original: str | None, before: str) -> None:
        """Adds the literal before a slot, a closing a/an as an item of its own; `before` is what comes before it."""
        # What stands for the slot before is looked at too: "a" right behind a slot is no article but its ending.
        match = _ARTICLE.search(before + literal) if self._english else None
        if match is None or not _is_article(match, original):
            self._literal(literal)
            return
        self._literal(literal[: match.start() - len(before)])
        # "AN" in capitals keeps them; of "An" and "an" the first letter tells the case.
        bare, full = ("A", "AN") if match[1] == "AN" else (match[1][0], match[1][0] + "n")
        self.items.extend((ARTICLE, self._piece(bare), self._piece(full), variable))
        self._literal(match[2])

    def _literal_after(self, template: Template, position: int, variable: int, original: str | None) -> str:
        """Adds an 's or ' right after a slot as an item of its own, and returns the rest of the literal."""
        before, literal = template.literals[: position + 1], template.literals[position + 1]
        match = _match_possessive(literal) if self._english else None
        if match is None or _NEVER_POSSESSIVE.match(literal) or not _is_possessive(match, original, before):
            return literal
        full = match[0] if match[2] else match[1] + "s"
        self.items.extend((POSSESSIVE, self._piece(full), self._piece(match[1]), variable))
        return literal[match.end() :]


def _match_possessive(literal: str) -> re.Match[str] | None:
    """Returns the match of a possessive right behind a slot, or with a space between in text that came as tokens."""
    return _POSSESSIVE.match(literal) or _SPACED_POSSESSIVE.match(literal)


def _is_article(match: re.Match[str], original: str | None) -> bool:
    """Says whether an "a" is the article, not the letter of "vitamin A", and goes with the original if there is one."""
    if match[1] == "A" and not _SENTENCE_START.search(match.string[: match.start()]):
        return False
    return original is None or takes_an(original) == (len(match[1]) == 2)


def _is_possessive(match: re.Match[str], original: str | None, before: Sequence[str]) -> bool:
    """Says whether an apostrophe is a possessive, which goes with the original if there is one.

    A bare one counts if the original ends so that it may have one, or, if there is none, if a word follows; but not if
    a quotation is open that it may close.
    """
    if match[2]:
        return original is None or not takes_bare_apostrophe(original)
    may = _WORD_FOLLOWS.match(match.string) is not None if original is None else ends_in_sibilant(original)
    text = _FILLED.join(before)
    is_open = _OPEN_QUOTE.search(text) or (match[1][0] == " " and _LONE_QUOTE.search(text))
    return may and not is_open
