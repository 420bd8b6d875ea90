from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edited import corpus_of, edited, long_corpus, marked, mentions, pairs, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.edits.copies import UNCHANGED
from textsynth.edits.edit import PLACEHOLDERS, Edit
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Gazetteer, Resources
from textsynth.foundation.seeding import child_rng


class CrossEditor(SubstitutionEditor):
    """Writes an x instead of words."""

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        first = np.full(len(token), self.material.first[0])
        return Edits(copy, self.tokenised.begin[token], self.tokenised.end[token], first, first + 1)


@dataclass(frozen=True, kw_only=True)
class Crossing(Edit[CrossEditor]):
    """Replaces words by an x."""

    def editor(self, tokenised: Tokenised, directory: Path) -> CrossEditor:
        return CrossEditor(tokenised, Material(tokenised, ["x"]), np.flatnonzero(self.find_editable(tokenised)))


def crossed(text: str, tokenizer: str = "words", **options: Any) -> str:
    """Returns a marked text with all words crossed out that may be."""
    [result] = results(Crossing(**{"rate": 1.0, **options}), text, tokenizer, copies=3)
    return result


def sample(folder: Path, source: Corpus, count: int = 50, label: str | None = None, **options: Any) -> Corpus | Draft:
    operation = Crossing(**options)
    operation.fit(Resources.of(source), folder, child_rng(1))
    return operation.sampler(folder)(count, child_rng(2), label)


# --- what may be changed


def test_mentions_are_kept_by_default():
    assert crossed("[Ada](P) met 4 of [Bo-Li's](Q), ok?") == "[Ada](P) x x x [Bo-Li's](Q), x?"


def test_the_policy_of_a_label():
    text = "see [Ada Lee](P), [Rome](C), [May](D)"
    assert crossed(text, policy={"P": "edit"}) == "x [x x](P), [Rome](C), [May](D)"
    assert crossed(text, policy={"*": "edit"}) == "x [x x](P), [x](C), [x](D)"
    assert crossed(text, policy={"*": "edit", "C": "keep"}) == "x [x x](P), [Rome](C), [x](D)"


def test_mentions_may_be_replaced_by_others():
    operation = Crossing(policy={"P": "replace"}, rate=1.0)
    source = corpus_of("see [Ada](P) in [Rome](C)", "hi [Bo](P)", "[Ada](P)")
    made = {marked(each) for each in edited(operation, source, 20)}
    assert made == {"x [Bo](P) x [Rome](C)", "x [Ada](P)", "[Bo](P)"}


def test_what_is_protected_is_not_replaced_either(tmp_path: Path):
    options: dict[str, Any] = {"policy": {"P": "replace"}, "protect": ("ada", "ad")}
    source = corpus_of("[Ada](P) Lee", "[Bo](P)", "[Cy Ada](P)")
    made = {marked(each) for each in edited(Crossing(**options), source, 30)}
    assert made == {"[Ada](P) x", "[Ada](P)", "[Cy Ada](P)"}
    sampled = sample(tmp_path, source, 60, **options)
    assert isinstance(sampled, Corpus)  # the third example is not even tried
    assert {marked(each) for each in sampled} == made


@pytest.mark.parametrize(
    ("text", "crossed_out"),
    [
        ("dear [name], {user} and <b> of %s %d", "x [name], {user} x <b> x %s %d"),
        ("[first name] a[0] {} x < y > %sx", "[x x] x[0] {} x < x > %x"),
        ("[id]: pay [id]s{{amount}}", "[id]: x [id]x{{amount}}"),
    ],
)
def test_placeholders_are_protected_by_default(text: str, crossed_out: str):
    source = Corpus.from_columns(text=[text])
    assert edited(Crossing(rate=1.0), source)[0].text == crossed_out


def test_a_pattern_protects_every_word_it_touches():
    assert crossed("order AB-12 of 2015-01", protect_patterns=(r"[A-Z]+-\d", r"15")) == "x AB-12 x 2015-01"
    assert crossed("dear {name}", protect_patterns=()) == "x {x}"


def test_words_and_phrases_are_protected_whatever_their_case():
    assert crossed("New York is new in NEW YORK, York", protect=("new york",)) == "New York x x x NEW YORK, x"
    assert crossed("not nothing but C++ and c", protect=("not", "C++", " ")) == "not x x C++ x x"


@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
def test_no_edit_leaves_its_token(tokenizer: str):
    assert crossed("a\u00a0b\r\n  cd\t", tokenizer) == "x\u00a0x\r\n  x\t"


@given(corpora(), st.sampled_from([{}, {"PERSON": "edit"}, {"*": "edit", "ORG": "keep"}]))
def test_hostile_text(source: Corpus, policy: dict[str, Any]):
    operation = Crossing(
        rate=1.0, policy={label: each for label, each in policy.items() if label in ("*", *source.labels)}
    )
    for before, after in pairs(operation, source):
        kept = [each for each in mentions(before) if operation.policy_of(each[0]) == "keep"]
        assert [each for each in mentions(after) if operation.policy_of(each[0]) == "keep"] == kept
        assert [label for label, _ in mentions(before)] == [label for label, _ in mentions(after)]
        assert len(after.text.split()) == len(before.text.split())


# --- how much


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3, 0.7, 1.0])
def test_the_rate_is_the_share_of_the_words_that_may_be_changed(rate: float):
    source = long_corpus()
    words = sum(len(each.text.split()) - sum(len(m.split()) for m in each.mentions()) for each in source)
    touched = sum(after.text.replace(".", "").split().count("x") for _, after in pairs(Crossing(rate=rate), source, 5))
    assert touched / 5 / words == pytest.approx(rate, rel=0.1)


def test_at_least_one():
    for _, after in pairs(Crossing(rate=1e-6), long_corpus(20)):
        assert after.text.replace(".", "").split().count("x") == 1


# --- the sampler


def test_every_usable_example_as_often_as_the_next(tmp_path: Path):
    source = corpus_of("one", "two", "[Ada](P)", "!!!", "", "three")
    made = sample(tmp_path, source, 9)
    assert isinstance(made, Corpus)
    assert [each.text for each in made] == ["x"] * 9
    parents = made.table.column("parent").to_pylist()
    assert {parents.count(each) for each in set(parents)} == {3}


def test_what_comes_out_as_it_was_is_counted_as_unchanged(tmp_path: Path):
    made = sample(tmp_path, corpus_of("x", "y"), 4)
    assert isinstance(made, Draft)
    assert sorted(map(str, made.reasons)) == ["None", "None", UNCHANGED, UNCHANGED]


def test_where_nothing_may_be_changed_nothing_is_made(tmp_path: Path):
    assert len(sample(tmp_path, corpus_of("[Ada](P)", "!!!", ""))) == 0  # type: ignore[arg-type]


def test_a_mention_to_replace_is_enough(tmp_path: Path):
    made = sample(tmp_path, corpus_of("[Ada](P)", "[Bo](P)!", "?"), 4, policy={"P": "replace"})
    assert {marked(each) for each in made} == {"[Bo](P)", "[Ada](P)!"}  # type: ignore[union-attr]
    assert Gazetteer.read(tmp_path / "gazetteer.tsv").labels == ("P",)


# --- what is refused


def test_a_policy_for_a_label_nobody_has(tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        sample(tmp_path, corpus_of("[Ada](PERSON)"), policy={"PERSONS": "edit"})
    message = "option 'policy': the source has no label 'PERSONS'; did you mean 'PERSON'? there is: PERSON"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "option 'rate' must be greater than 0, was: 0"),
        ({"rate": 1.1}, "option 'rate' must be at most 1, was: 1.1"),
        ({"policy": {"P": "protect"}}, "option 'policy'"),
        ({"protect": "word"}, "option 'protect' must be "),
        (
            {"protect_patterns": ("a", "(b")},
            "option 'protect_patterns' must have regular expressions: missing )",
        ),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        Crossing(**options)
    assert str(caught.value).startswith(message)


def test_the_default_patterns_are_regular_expressions():
    assert Crossing().protect_patterns == PLACEHOLDERS


def test_a_pattern_that_takes_for_ever_is_refused(tmp_path: Path):
    source = Corpus.from_columns(text=["a" * 5000 + "! and some more words"])
    with pytest.raises(OptionError, match=r"option 'protect_patterns': .* must be done with a text in timeout = 1 sec"):
        sample(tmp_path, source, protect_patterns=("(a|aa|b?a)+$",))
