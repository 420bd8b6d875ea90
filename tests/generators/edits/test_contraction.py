from __future__ import annotations

import pytest
from edit_rules import changes
from edited import corpus_of, edited, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.generators.edits.contraction import Contraction

WORDS = "I you he It THAT do not n't is 's 'm 'd 've ’s cannot can will wo can't what DON'T been had . ? have here"
PIECES = [" ", "  ", "\u00a0", "e\u0301", *WORDS.split(), *(f"{word} " for word in WORDS.split())]


def test_by_hand():
    text = "I don't know who it is, [Bo](PERSON), but he is late."
    expanded = "I do not know who it is, [Bo](PERSON), but he is late."
    contracted = "I don't know who it is, [Bo](PERSON), but he's late."
    assert results(Contraction(), text) == {expanded, contracted}
    assert results(Contraction(direction="expand"), text) == {expanded}
    assert results(Contraction(direction="contract"), text) == {contracted}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("I'm here", "I am here"),
        ("I'M HERE", "I AM HERE"),
        ("It’s hot", "It is hot"),
        ("it's been hot", "it has been hot"),
        ("she hasn't gone", "she has not gone"),
        ("DON'T GO", "DO NOT GO"),
        ("Won't go", "Will not go"),
        ("We'll go", "We will go"),
        ("they've gone", "they have gone"),
        ("I'd better go", "I had better go"),
        ("I'd like it", "I would like it"),
        ("can't go", "cannot go"),
        ("SHAN'T GO", "SHALL NOT GO"),
        ("That's all", "That is all"),
    ],
)
def test_both_ways(short: str, long: str):
    assert results(Contraction(direction="expand"), short, copies=3) == {long}
    assert short.replace("’", "'") in results(Contraction(direction="contract"), long, copies=60)


@pytest.mark.parametrize(
    ("long", "short"), [("It is not me", {"It's not me", "It isn't me"}), ("can not go", {"can't go"})]
)
def test_more_than_one_way(long: str, short: set[str]):
    assert results(Contraction(), long) == short


def test_curly_apostrophes_where_the_text_has_them():
    assert results(Contraction(direction="contract"), "‘We are off’") == {"‘We’re off’"}
    assert results(Contraction(), "it’s", copies=3) == {"it is"}


@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("I do n't go", "I do not go"),
        ("It 's me", "It is me"),
        ("wo n't", "will not"),
        ("ca n't", "can not"),
        ("I 'm", "I am"),
    ],
)
def test_contractions_of_two_tokens(short: str, long: str, tokenizer: str):
    assert results(Contraction(direction="expand"), short, tokenizer, copies=3) == {long}


def test_tokens_that_came_with_the_text_are_contracted_as_the_rest():
    def second(*texts: str, tokenizer: str = "whitespace") -> str:
        made = edited(Contraction(direction="contract"), corpus_of(*texts, tokenizer=tokenizer))
        return made[1].text

    assert second("I do n't", "I am so") == "I 'm so"
    assert second("I do n't", "I cannot") == "I ca n't"
    assert second("I don't", "I am so") == "I'm so"
    assert second("I do n't", "I am so", tokenizer="words") == "I'm so"


@pytest.mark.parametrize(
    "text",
    [
        "Ann's hat",
        "the dog's gone",
        "he's bored",
        "he'd gone",
        "Yes, I am.",
        "who it is",
        "I know what it is now",
        "I have a car",
        "don't you see",
        "can not only",
        "its and ive and rock'n'roll",
        "[It](X) is here",
        "it [is](X) here",
        "[do](X) not",
        "I ain't",
        "@don't http://it's",
        "do\u00a0not",
        "do  not",
    ],
)
def test_what_stays(text: str):
    assert results(Contraction(), text, copies=5) == {text}


def test_white_space_between_two_tokens_stays():
    assert results(Contraction(), "it\u00a0's me", copies=3) == {"it\u00a0is me"}


def test_inside_a_mention_where_the_policy_is_to_edit_it():
    assert results(Contraction(policy={"X": "edit"}), "[I am here](X)") == {"[I'm here](X)"}


@given(corpora(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | texts()))
def test_words_and_apostrophes(source: Corpus):
    for change in changes(Contraction(rate=0.5), source):
        assert change.new[0] == change.old[0]
        apostrophes = [sum(each in "'’" for each in text) for text in (change.old, change.new)]
        assert sorted(apostrophes) == [0, 1]
