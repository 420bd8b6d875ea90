from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from edited import corpus_of, edited, marked, results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.edit import Edit
from textsynth.edits.tokenised import Tokenised
from textsynth.edits.variant import VariantEditor

TABLE = {"colour": ["color"], "big": ["large", "great", "📏"], "Ann": ["Bo"]}


@dataclass(frozen=True, kw_only=True)
class Rewording(Edit[VariantEditor]):
    """Replaces by a table."""

    table: dict[str, list[str]] = field(default_factory=lambda: dict(TABLE))

    def editor(self, tokenised: Tokenised, directory: Path) -> VariantEditor:
        words, _ = tokenised.words
        return VariantEditor.of(tokenised, self.find_editable(tokenised), [self.table.get(word, ()) for word in words])


def test_by_hand():
    assert results(Rewording(), "Big colour, [Ann](PERSON)!") == {"Big color, [Ann](PERSON)!"}
    assert results(Rewording(), "colour big") == {"color big", *(f"colour {word}" for word in TABLE["big"])}


def test_all_words_and_mentions_by_the_policy():
    operation = Rewording(rate=1, policy={"PERSON": "edit"})
    assert results(operation, "colour [Ann](PERSON) colour") == {"color [Bo](PERSON) color"}


def test_every_variant_is_as_likely():
    made = edited(Rewording(), corpus_of("big"), 9000)
    counts = Counter(marked(each) for each in made)
    assert counts == {word: pytest.approx(3000, abs=200) for word in TABLE["big"]}


def test_words_without_variants_are_no_places():
    tokenised = Tokenised.of(corpus_of("big, colour a"))
    editor = VariantEditor.of(tokenised, tokenised.is_word, [TABLE.get(word, []) for word in tokenised.words[0]])
    assert editor.places.tolist() == [0, 2]


@given(corpora())
def test_the_tokens_that_have_a_variant_are_replaced_and_no_others(source: Corpus):
    made = edited(Rewording(rate=1, table={"Ada": ["x"], "in": ["😀😀", ""]}), source)
    for before, after in zip(source, made, strict=True):
        assert len(before.spans) == len(after.spans)
        assert ("Ada" in before.text or "in" in before.text) or before == after
