"""Compiles templates, one by one, into the rows of numbers that `Blueprints` works on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from textsynth.extract import Slot, Template
from textsynth.language.english import ends_in_sibilant, takes_an, takes_bare_apostrophe
from textsynth.values.pool import Pools, one_line

SLOT, UNLABELLED, LITERAL, ARTICLE, POSSESSIVE = range(5)
"""Kinds of items: slots whose fillers are mentions, or are none; text as it is; words that follow a slot: a/an, 's."""

_LEAST = 1e-9
"""The least weight of a value beside its pool's largest: chances must be told apart in double precision."""

# An article that closes a literal, with what may stand between it and its slot; where a sentence may begin; what opens
# a literal as a possessive; what looks like one and is a contraction of "is" or "has"; and what opens a quotation.
_ARTICLE = re.compile(r"(?:^|(?<=[\s(\"“'‘]))(an?|An?|AN)( +[\"“'‘(]?)$")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\"“'‘(\n\r])[^\S\n\r]*$")
_POSSESSIVE = re.compile(r"^(['’])(s\b|(?=\s|$))")
_NEVER_POSSESSIVE = re.compile(
    r"^['’]s +(?:a|an|the|not|been|got|gone|going|just|so|too|here|there|now|in|at|on|from|with|for|to|by|about|off|"
    r"out|up|down|back|away|over|under|my|your|his|her|its|our|their|this|that|one|still|already|always|never|also|"
    r"only|almost|very|really|quite|such|supposed|able|about|ready|late|busy|sick|ill|sorry|sure|glad|happy|alive|dead|"
    r"alone|born|done|made|had|taken|become|why|what|where|how|who|\w+ing|\w+ed|"
    r"afraid|angry|asleep|awake|aware|cold|correct|drunk|fine|free|funny|good|great|hungry|innocent|kind|like|likely|lost|"
    r"nice|okay|old|pregnant|quiet|right|safe|smart|strong|tall|thirsty|true|unable|upset|welcome|well|wrong|young|all|"
    r"better|worse|more|less|enough|no|someone|everywhere|mine|yours|hers|theirs|then|yet|perhaps|probably|certainly|"
    r"clearly|currently|actually|finally|usually|often|sometimes|today|tomorrow|tonight)\b"
)
"""What follows an 's that is short for "is" or "has". Some may follow a possessive too, where 's is right as well."""
_WORD_FOLLOWS = re.compile(r"['’][^\S\n\r]+(?:[^\W\d_]|$)")
"""A bare apostrophe with a word behind it, or with a slot."""
_OPEN_QUOTE = re.compile(r"‘|(?:^|(?<=[\s(\[\"“—–-]))'(?=\S|$)")
_FILLED = "\ufffc"
"""Stands for a slot when only the words around it matter."""


def is_bound(template: Template) -> bool:
    """Says whether anything in a template would follow its fillers if it is English."""
    literals = template.literals
    return any(map(_ARTICLE.search, literals[:-1])) or any(map(_POSSESSIVE.match, literals[1:]))


def text_around(template: Template) -> str:
    """Returns what a template says without its fillers, which may be of any language."""
    return _FILLED.join(template.literals)


class Program:
    """Items, variables and values of many templates.

    Args:
        labels: all labels of their slots, sorted.
        pools: what the slots are filled from.
        unlabelled: labels whose slots are no mentions.

    An item is `(kind, code, alternative, variable)`: for a literal its piece; for a slot its label; for a word that
    follows a slot, the piece it mostly is and the one it is if the filler asks for it. A variable is
    `(label, record, alike, original, excluded, replaceable)`: which record of its template it belongs to or -1, how
    many variables of the template have its label, the piece its source has and the value of the pool that equals it or
    -1, and whether there is a value other than that of the source.
    """

    def __init__(self, labels: Sequence[str], pools: Pools, unlabelled: frozenset[str]) -> None:
        self.labels = {label: index for index, label in enumerate(labels)}
        self.items: list[tuple[int, int, int, int]] = []
        self.item_rows = [0]
        self.variables: list[tuple[int, int, int, int, int, int]] = []
        self.variable_rows = [0]
        self.record_rows = [0]
        self.store: list[str] = []
        self.first: list[int] = []
        self.size: list[int] = []
        self.bounds: list[np.ndarray] = []
        self.records = len(next(iter(pools.records.values()))) if pools.records else 0
        self._keyed = {label for label in labels if label in pools.records}
        self._unlabelled = unlabelled
        self._english = False
        self._literals: dict[str, int] = {}
        self._positions: dict[str, dict[str, int]] = {}
        self._add_values(pools)

    def add(self, template: Template, originals: Sequence[str] | None, *, english: bool) -> None:
        """Compiles one template.

        Args:
            template: the sentence with its slots.
            originals: the values of its variables in the source, if it has one.
            english: whether a/an and possessives follow the filler.
        """
        self._english = english
        variables = list(dict.fromkeys(template.slots))
        known = dict(zip(variables, originals, strict=True)) if originals is not None else {}
        self._add_variables(variables, known)
        rest = template.literals[0]
        for position, slot in enumerate(template.slots):
            # An article is cut off the text before a slot, a possessive off the text behind it: `rest` is what of a
            # literal no slot has taken yet.
            variable, original = variables.index(slot), known.get(slot)
            self._literal_before(rest, variable, original, _FILLED if position else "")
            kind = UNLABELLED if slot.label in self._unlabelled else SLOT
            self.items.append((kind, self.labels[slot.label], 0, variable))
            rest = self._literal_after(template, position, variable, original)
        self._literal(rest)
        self.item_rows.append(len(self.items))

    def _add_values(self, pools: Pools) -> None:
        """Lays the values of all labels side by side in the store; label `i` has `[i, i + 1)` of the chance."""
        for label, index in self.labels.items():
            values = pools.values(label).to_pylist()
            weights = np.ones(len(values)) if label in self._keyed else pools.pools[label].weights
            # In double precision a much smaller weight would vanish beside the sum, and its value never be drawn.
            weights = np.maximum(weights / weights.max(), _LEAST)
            self._positions[label] = {value: len(self.store) + offset for offset, value in enumerate(values)}
            self.first.append(len(self.store))
            self.size.append(len(values))
            # Where the part of each value ends in the interval of its label; `Blueprints` finds values by this.
            self.bounds.append(index + np.cumsum(weights) / weights.sum())
            self.store += values

    def _add_variables(self, variables: Sequence[Slot], originals: dict[Slot, str]) -> None:
        records = list(dict.fromkeys(slot.number for slot in variables if slot.label in self._keyed))
        labels = [slot.label for slot in variables]
        for slot in variables:
            keyed = slot.label in self._keyed
            # A value and its original may differ in white space; in a pool all values are of one line.
            original, positions = originals.get(slot), self._positions[slot.label]
            self.variables.append(
                (
                    self.labels[slot.label],
                    records.index(slot.number) if keyed else -1,
                    labels.count(slot.label),
                    -1 if original is None else self._piece(original),
                    -1 if original is None or keyed else positions.get(one_line(original), -1),
                    int(len(positions) > 1 or original is None or one_line(original) not in positions),
                )
            )
        self.variable_rows.append(len(self.variables))
        self.record_rows.append(self.record_rows[-1] + len(records))

    def _piece(self, text: str) -> int:
        if text not in self._literals:
            self._literals[text] = len(self.store)
            self.store.append(text)
        return self._literals[text]

    def _literal(self, text: str) -> None:
        if text:
            self.items.append((LITERAL, self._piece(text), 0, 0))

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
        self.items.append((ARTICLE, self._piece(bare), self._piece(full), variable))
        self._literal(match[2])

    def _literal_after(self, template: Template, position: int, variable: int, original: str | None) -> str:
        """Adds an 's or ' right after a slot as an item of its own, and returns the rest of the literal."""
        before, literal = template.literals[: position + 1], template.literals[position + 1]
        match = _POSSESSIVE.match(literal) if self._english else None
        if match is None or _NEVER_POSSESSIVE.match(literal) or not _is_possessive(match, original, before):
            return literal
        self.items.append((POSSESSIVE, self._piece(match[1] + "s"), self._piece(match[1]), variable))
        return literal[match.end() :]


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
    if match[2] == "s":
        return original is None or not takes_bare_apostrophe(original)
    may = _WORD_FOLLOWS.match(match.string) is not None if original is None else ends_in_sibilant(original)
    return may and not _OPEN_QUOTE.search(_FILLED.join(before))
