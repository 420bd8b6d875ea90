"""Sentences as symbols of a pretrained model and marks of ours, there and back."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import tiny_models
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.example import Example, Span
from textsynth.extract import Gazetteer
from textsynth.pretrained.causal.options import Mode
from textsynth.pretrained.causal.sentence_codec import SentenceCodec
from textsynth.pretrained.loading import PretrainedOptions, load
from textsynth.wording.filling import EMPTY
from textsynth.wording.rejection import Rejection
from textsynth.wording.vocabulary import Part, parts_of

LABELS = ("CITY", "PERSON")


@pytest.fixture(scope="module")
def tokenizer():
    return load("causal", PretrainedOptions(model=tiny_models.model("gpt"))).tokenizer


def codec(tokenizer, mode: Mode) -> SentenceCodec:
    return SentenceCodec(tokenizer, len(tokenizer) + 5, LABELS, mode)


def test_a_delexicalised_sentence_by_hand(tokenizer):
    made = codec(tokenizer, "delexicalised")
    parts = [Part("", "PERSON"), Part(" flew to "), Part("", "CITY"), Part("!")]
    person, city = made.opening("PERSON", False), made.opening("CITY", True)
    assert (made.begin, made.close, made.opening("CITY", False), city, person) == tuple(
        made.first + place for place in (0, 1, 2, 3, 4)
    )
    assert made.encode(parts) == [person, *made.encode_text(" flew to"), city, *made.encode_text("!"), made.end]
    assert made.encode_prompt("go", parts) == [
        *made.encode_text("go:"),
        person,
        made.opening("CITY", False),
        made.begin,
    ]
    assert made.decode(made.encode(parts)) == parts


def test_a_marked_sentence_by_hand(tokenizer):
    made = codec(tokenizer, "entity_seeded")
    parts = [Part("we saw "), Part("Ada", "PERSON")]
    assert made.encode(parts) == [
        *made.encode_text("we saw"),
        made.opening("PERSON", True),
        *made.encode_text(" Ada"),
        made.close,
        made.end,
    ]
    assert made.encode_prompt(None, parts) == [
        made.opening("PERSON", False),
        *made.encode_text("Ada"),
        made.close,
        made.begin,
    ]
    assert made.decode(made.encode(parts)) == parts


def test_a_linearised_sentence_is_asked_for_with_its_class_alone(tokenizer):
    made = codec(tokenizer, "linearised")
    assert made.encode_prompt("go", [Part("Ada", "PERSON")]) == [*made.encode_text("go:"), made.begin]
    assert made.encode_prompt(None, []) == [made.begin]


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
words = st.text(st.sampled_from("ab Zé😀'-"), min_size=1, max_size=6).map(str.strip).filter(bool)
sentences = st.lists(st.tuples(texts, st.one_of(st.none(), st.tuples(words, st.sampled_from(LABELS)))), max_size=5)


@given(sentences)
def test_what_is_marked_comes_back(tokenizer, drawn):
    text, spans = "", []
    for before, mention in drawn:
        text += before
        if mention:
            spans.append(Span(len(text), len(text) + len(mention[0]), mention[1]))
            text += mention[0]
    example = Example(text, tuple(spans))
    if example.text != example.text.strip() or "\u200b" in text:
        return
    for mode, marks in (("linearised", "linear"), ("delexicalised", "slots")):
        made = codec(tokenizer, mode)
        parts = [part for part in parts_of(example, marks) if part.text or part.label]
        assert made.decode(made.encode(parts)) == (parts or EMPTY)


def test_a_text_cannot_forge_marks_or_ends(tokenizer):
    made = codec(tokenizer, "linearised")
    text = f"a {tokenizer.eos_token} b <|PERSON|>"
    symbols = made.encode_text(text)
    assert made.end not in symbols
    assert max(symbols) < made.first
    assert made.decode([*symbols, made.end]) == [Part(text)]


@pytest.mark.parametrize(
    ("symbols", "reason"),
    [
        ("text", "does not end"),
        ("", "does not end"),
        ("end", "empty"),
        ("PERSON text end", "marks do not match"),
        ("text close end", "marks do not match"),
        ("PERSON text PERSON text close end", "marks do not match"),
        ("PERSON close end", "empty mention"),
        ("begin text end", "marks do not match"),
    ],
)
def test_what_is_malformed_has_its_reason(tokenizer, symbols, reason):
    made = codec(tokenizer, "linearised")
    meaning = {
        "text": made.encode_text("Ada"),
        "end": [made.end],
        "close": [made.close],
        "PERSON": [made.opening("PERSON", True)],
        "begin": [made.begin],
    }
    assert made.decode([symbol for name in symbols.split() for symbol in meaning[name]]) == Rejection(reason)


def test_a_broken_character_is_malformed(tokenizer):
    made = codec(tokenizer, "linearised")
    half = made.encode_text("😀")[:-1]
    assert len(half) > 0
    assert made.decode([*half, made.end]) == Rejection("broken character")


def test_symbols_of_ours_first_mean_the_commonest_mentions(tokenizer):
    made = codec(tokenizer, "linearised")
    meanings = made.find_meanings(Gazetteer({"PERSON": {"Ada": 2, "Bo": 1}}))
    assert len(meanings) == made.size == 2 + 2 * len(LABELS)
    assert meanings[made.opening("PERSON", True) - made.first] == [*made.encode_text(" Ada"), *made.encode_text(" Bo")]
    assert meanings[made.opening("CITY", False) - made.first] == made.encode_text("CITY")
