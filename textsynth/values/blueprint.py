"""Blueprints: templates and pools compiled to arrays, from which any number of sentences is put together at once.

A template is a row of items. An item is a literal, a slot, or a word that follows its slot: a or an before it, 's or '
after it. The slots of one template that share label and number are one variable. A sentence is a template and a value
for each of its variables; values are positions in one store of pieces, so a sentence is a row of positions, and all the
text is gathered in one pass.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from textsynth.components.learned import Fact
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.assembly import Layout, Pieces, assemble
from textsynth.corpus.ragged import Ragged, bounds_of, find_repeats
from textsynth.extract import Template
from textsynth.foundation.bins import Bins
from textsynth.language.english import takes_an, takes_bare_apostrophe
from textsynth.language.person_name import UNKNOWN
from textsynth.values.demand import Demands
from textsynth.values.pool import Pools
from textsynth.values.program import ITEM, LITERAL, POSSESSIVE, SLOT, UNLABELLED, VARIABLE, Program
from textsynth.values.writing import Writings

_REDRAWS = 4
"""Times a value that another one equals is drawn again by weight; after that it is drawn evenly, as often."""


class Blueprints:
    """Templates with pools, compiled.

    Args:
        templates: what sentences are made of.
        pools: what their slots are filled from.
        originals: for each template the value its source has for each variable. `draw` avoids it; and if the source
            does not follow the rules for a/an and possessives, its wording stays.
        unlabelled: labels whose slots are filled but are no mentions.
        english: whether a/an and possessives follow the filler; in all templates, or in each.
        demands: what the slots of each template ask of their fillers; nothing if None.
        tokenizer: how the sentences fall into tokens.
    """

    def __init__(  # noqa: PLR0913
        self,
        templates: Sequence[Template],
        pools: Pools,
        *,
        originals: Sequence[Sequence[str]] | None = None,
        unlabelled: Sequence[str] = (),
        english: bool | Sequence[bool] = True,
        demands: Sequence[Demands] | None = None,
        tokenizer: Tokenizer = "words",
    ) -> None:
        self.labels = sorted({slot.label for template in templates for slot in template.slots})
        self.tokenizer: Tokenizer = tokenizer
        self.classes = pa.array([template.label for template in templates], pa.string())
        self.parents = pa.array([template.fingerprint() for template in templates], pa.string())
        program = Program(self.labels, pools, frozenset(unlabelled))
        follows = [english] * len(templates) if isinstance(english, bool) else english
        for index, template in enumerate(templates):
            program.add(
                template,
                originals[index] if originals else None,
                demands[index] if demands else Demands.none(template),
                english=bool(follows[index]),
            )
        self.given_up = program.given_up
        self._freeze(program)

    def _freeze(self, program: Program) -> None:
        self._kind, self._code, self._alternative, self._variable = _columns(program.items, ITEM)
        self._items = Ragged.of_bounds(np.array(program.item_rows))
        columns = _columns(program.variables, VARIABLE)
        self.label, self._record, self._alike, self.original, self._excluded, self._replaceable = columns[:6]
        self.group, self._base, self._form = columns[6:]
        self.variables = Ragged.of_bounds(np.array(program.variable_rows))
        self.writings = Writings.of(program)
        store = self.writings.store
        self.pieces = Pieces.of(store)
        self._same = self.pieces.strings.dictionary_encode().indices.to_numpy()
        self._takes_an = np.array([takes_an(piece) for piece in store], bool)
        self._takes_apostrophe = np.array([takes_bare_apostrophe(piece) for piece in store], bool)
        self.first, self.size = np.array(program.first, np.int64), np.array(program.size, np.int64)
        self.members = np.concatenate([*program.members, np.zeros(0, np.int64)])
        self.records = program.records
        # Group `i` has the interval [i, i + 1): a number drawn from it falls into the part of one of its members.
        self._upper = np.concatenate([*program.bounds, np.zeros(0)])
        self._lower = np.concatenate([[0.0], self._upper[:-1]])
        self._lower[self.first] = 0.0
        groups = np.repeat(np.arange(len(self.size)), self.size)
        self._bins = Bins(groups + self._upper if len(self._upper) else np.zeros(1))
        self._records_of = Ragged.of_bounds(np.array(program.record_rows))
        self.records_of_gender = program.records_of_gender()
        self._record_gender = np.array(program.record_genders, np.int64)

    def facts(self) -> dict[str, Fact]:
        """Returns how many variables are drawn by context, and from how many class or context had to be taken off."""
        if not self.given_up["slots"]:
            return {}
        return {
            "slots by context": self.given_up["slots"],
            "context given up": self.given_up["context"],
            "class given up": self.given_up["class"],
        }

    def replaceable(self) -> np.ndarray:
        """Says for each variable whether its pool has a value other than its original."""
        return self._replaceable == 1

    def draw(self, chosen: np.ndarray, rng: np.random.Generator, kept: np.ndarray | None = None) -> np.ndarray:
        """Draws a value for each variable of sentences made of these templates.

        The variables of one label in a sentence get different values wherever the pool has enough; records too.

        Args:
            chosen: `(sentences,)` positions of templates.
            rng: draws one uniform number a variable and record, and more for those that met their like.
            kept: `(variables,)`; the variables that keep their original; none if None.

        Returns:
            `(variables,)` positions in the store of pieces, sentence after sentence.
        """
        of_sentence = self.variables.take(chosen)
        variable, sentence = of_sentence.values, of_sentence.owner
        keyed = self._record[variable] >= 0
        values = np.empty(len(variable), np.int64)
        values[~keyed] = self._draw_free(variable[~keyed], rng)
        if keyed.any():
            values[keyed] = self._draw_records(chosen, sentence[keyed], variable[keyed], rng)
        if kept is None:
            kept = np.zeros(len(variable), bool)
        values[kept] = self.original[variable[kept]]
        # Only in a sentence that has a label twice can a value meet its like; records are drawn apart already.
        alike = np.flatnonzero((self._alike[variable] > 1) & ~(keyed & ~kept))
        if len(alike):
            # What is kept comes first: then it is never the later one of two, which is drawn again.
            alike = alike[np.argsort(~kept[alike], kind="stable")]
            places = sentence[alike] * len(self.labels) + self.label[variable[alike]]
            free = np.where(kept[alike], -1, variable[alike])
            values[alike] = self._redraw_repeats(values[alike], places, free, rng)
        tied = np.flatnonzero(self._base[variable] >= 0)
        if len(tied):
            base = of_sentence.bounds[sentence[tied]] + self._base[variable[tied]]
            short = self.writings.short[self._form[variable[tied]], values[base]]
            values[tied] = np.where(kept[base], self.original[variable[tied]], short)
        return values

    def fill(self, chosen: np.ndarray, values: np.ndarray) -> Corpus:
        """Puts the sentences together.

        Args:
            chosen: `(sentences,)` positions of templates.
            values: `(variables,)` positions in the store of pieces, as `draw` gives them.
        """
        items = self._items.take(chosen)
        item = items.values
        kind, codes = self._kind[item], self._code[item]
        bound = np.flatnonzero(kind != LITERAL)
        sentence = items.owner[bound]
        # An item knows its variable by its number within the template; the values lie sentence after sentence.
        first_value = bounds_of(self.variables.lengths[chosen])
        value = values[first_value[sentence] + self._variable[item[bound]]]
        # The code of a slot is its label, until the piece that fills it is written over that.
        is_slot = kind[bound] == SLOT
        mention = bound[is_slot]
        labels = codes[mention]
        codes[bound] = self._choose_codes(kind[bound], item[bound], value)
        layout = Layout(
            codes,
            items.bounds,
            Ragged.of_owner(sentence[is_slot], len(chosen)).bounds,
            mention,
            mention + 1,
            pa.array(self.labels, pa.string()).take(pa.array(labels, pa.int64())),
        )
        template = pa.array(chosen, pa.int64())
        label, parent = self.classes.take(template), self.parents.take(template)
        return assemble(self.pieces, layout, label=label, parent=parent, tokenizer=self.tokenizer)

    def _choose_codes(self, kind: np.ndarray, item: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Returns the piece of each item that depends on a value: the value itself, or the word that follows it."""
        follows = np.where(kind == POSSESSIVE, self._takes_apostrophe[value], self._takes_an[value])
        is_value = kind <= UNLABELLED
        word = np.where(follows, self._alternative[item], self._code[item])
        written = self.writings.written[np.where(is_value, self._alternative[item], 0), value]
        return np.where(is_value, written, word)

    def _draw_free(self, variable: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws by weight; the mass of the original is cut out of the interval, so nothing need be drawn twice."""
        group, excluded = self.group[variable], self._excluded[variable]
        point = rng.random(len(variable))
        avoid = np.flatnonzero(excluded >= 0)
        if len(avoid):
            low, high = self._lower[excluded[avoid]], self._upper[excluded[avoid]]
            # The interval is drawn from as if it were shorter by that part; what lies behind the part is moved back.
            shrunk = point[avoid] * (1 - (high - low))
            point[avoid] = np.where(shrunk >= low, shrunk + (high - low), shrunk)
        return self.members[self._find_member(group, point)]

    def _find_member(self, group: np.ndarray, point: np.ndarray) -> np.ndarray:
        """Returns for each number of [0, 1) the member of its group whose part it falls into.

        The sum of both is rounded by how many groups there are, and these depend on which templates were compiled
        together. What is found by the sum is put right by the number alone, so that all depends on that.
        """
        first = self.first[group]
        last = first + self.size[group] - 1
        found = np.clip(self._bins.find(group + point), first, last)
        while (before := (self._lower[found] > point)).any():
            found -= before
        while (behind := (self._upper[found] <= point) & (found < last)).any():
            found += behind
        return found

    def _draw_evenly(self, variable: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws whatever the weights, the original left out; for what weights would make take too long."""
        group, excluded = self.group[variable], self._excluded[variable]
        choices = np.maximum(self.size[group] - (excluded >= 0), 1)
        drawn = self.first[group] + rng.integers(choices)
        drawn = np.where((excluded >= 0) & (drawn >= excluded) & (choices < self.size[group]), drawn + 1, drawn)
        return self.members[drawn]

    def _redraw_repeats(
        self, values: np.ndarray, places: np.ndarray, variable: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Returns values of which those equal to another of their sentence and label are drawn again.

        Args:
            values: `(places,)`; those that cannot be drawn again come first, their variable is negative.
            places: `(places,)`; equal for one sentence and label.
            variable: `(places,)`.
            rng: draws by weight at first, then evenly.
        """
        for attempt in range(2 * _REDRAWS):
            again = self._to_redraw(values, places, variable)
            if len(again) == 0:
                return values
            draw = self._draw_free if attempt < _REDRAWS else self._draw_evenly
            values[again] = draw(variable[again], rng)
        order = np.argsort(places, kind="stable")
        for place in self._to_redraw(values, places, variable).tolist():
            begin, end = np.searchsorted(places, [places[place], places[place] + 1], sorter=order)
            values[place] = self._draw_unused(variable[place], values[order[begin:end]], values[place], rng)
        return values

    def _to_redraw(self, values: np.ndarray, places: np.ndarray, variable: np.ndarray) -> np.ndarray:
        """Returns the places whose value an earlier place has too, if there are values enough to change that."""
        again = np.flatnonzero(find_repeats(places, self._same[values]))
        again = again[variable[again] >= 0]
        return again[self.size[self.label[variable[again]]] >= self._alike[variable[again]]]

    def _draw_unused(self, variable: int, taken: np.ndarray, value: int, rng: np.random.Generator) -> int:
        """Draws evenly from the values that are not taken: of its group, else of its label, else the value at hand."""
        excluded = self._excluded[variable]
        own = self.members[excluded] if excluded >= 0 else -1
        for group in (self.group[variable], self.label[variable]):
            pool = self.members[self.first[group] : self.first[group] + self.size[group]]
            free = pool[~np.isin(self._same[pool], self._same[taken]) & (pool != own)]
            if len(free):
                return int(rng.choice(free))
        return value

    def _draw_records(
        self, chosen: np.ndarray, sentence: np.ndarray, variable: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Draws records, those of one sentence all different, and returns the value of each variable that takes one.

        A record that would give an original back is drawn again.
        """
        of_sentence = Ragged.of_lengths(self._records_of.lengths[chosen])
        bounds = of_sentence.bounds
        several = np.flatnonzero(of_sentence.expand(of_sentence.lengths > 1))
        group = of_sentence.owner[several]
        record = bounds[sentence] + self._record[variable]
        # The values of a label lie side by side, those of its records in their order.
        first, original = self.members[self.first[self.label[variable]]], self.original[variable]
        gender = self._record_gender[self._records_of.take(chosen).values]
        checked = np.flatnonzero((original >= 0) & self.replaceable()[variable])
        records = self._choose_records(gender, rng)
        for _ in range(2 * _REDRAWS):
            unchanged = self._same[(first + records[record])[checked]] == self._same[original[checked]]
            again = np.union1d(several[find_repeats(group, records[several])], record[checked[unchanged]])
            if len(again) == 0:
                return first + records[record]
            records[again] = self._choose_records(gender[again], rng)
        # Chance did not do it, as when about as many records are wanted as there are: what is left is looked for.
        for place in np.flatnonzero(find_repeats(group, records[several])).tolist():
            begin, end = bounds[group[place]], bounds[group[place] + 1]
            free = np.setdiff1d(np.arange(self.records), records[begin:end])
            records[several[place]] = rng.choice(free) if len(free) else records[several[place]]
        return first + records[record]

    def _choose_records(self, gender: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a record for each gender that is asked for, evenly among those that have it; among all for UNKNOWN."""
        if (gender == UNKNOWN).all():
            return rng.integers(self.records, size=len(gender))
        choices = self.records_of_gender
        row = gender - UNKNOWN
        return choices.values[choices.bounds[row] + rng.integers(choices.lengths[row])]


def _columns(numbers: array[int], width: int) -> np.ndarray:
    return np.ascontiguousarray(np.array(numbers, np.int64).reshape(-1, width).T)
