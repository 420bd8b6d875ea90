from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, examples

pytest.importorskip("tokenizers")

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.extract import Template
from textsynth.wording.filling import EMPTY, UNENDED, example_of, sentence_of, template_of
from textsynth.wording.rejection import Rejection
from textsynth.wording.vocabulary import Marks, Part, Vocabulary, parts_of

BYTES = 256


def learnt(corpus: Corpus, marks: Marks, size: int = 300) -> Vocabulary:
    parts = [parts_of(example, marks) for example in corpus]
    return Vocabulary.learn(parts, corpus.table.column("label").to_pylist(), size, marks)


def by_bytes(marks: Marks, labels: tuple[str, ...] = ("CITY", "PERSON")) -> Vocabulary:
    """Each symbol of text is one byte; the classes are "go" and none."""
    parts = [[Part("x", label)] for label in labels]
    return Vocabulary.learn(parts, ["go", *[None] * (len(labels) - 1)], BYTES, marks)


def letters(vocabulary: Vocabulary, text: str | bytes) -> list[int]:
    """The symbols of single bytes, found by what they are decoded to."""
    of_byte = {piece: number for number, piece in enumerate(vocabulary._bytes)}
    return [of_byte[bytes([byte])] for byte in (text if isinstance(text, bytes) else text.encode())]


@given(corpora())
def test_a_sentence_with_slots_comes_back(corpus: Corpus):
    vocabulary = learnt(corpus, "slots")
    for example, symbols in zip(corpus, vocabulary.encode([parts_of(each, "slots") for each in corpus]), strict=True):
        assert symbols[-1] == vocabulary.end
        parts = vocabulary.decode(symbols[:-1])
        assert not isinstance(parts, Rejection)
        expected = Template.of(example)
        found = template_of(parts, expected.label)
        assert (found.literals, found.label) == (expected.literals, expected.label)
        assert [slot.label for slot in found.slots] == [slot.label for slot in expected.slots]


@given(corpora())
def test_a_sentence_between_marks_comes_back(corpus: Corpus):
    vocabulary = learnt(corpus, "linear")
    for example, symbols in zip(corpus, vocabulary.encode([parts_of(each, "linear") for each in corpus]), strict=True):
        parts = vocabulary.decode(symbols[:-1])
        assert not isinstance(parts, Rejection)
        found = example_of(parts, example.label)
        assert found == example
        assert found.parent == Template.of(example).fingerprint()


@given(examples(), st.sampled_from(["slots", "linear"]))
def test_text_the_tokenizer_has_never_seen_comes_back(example: Example, marks: Marks):
    vocabulary = by_bytes(marks, tuple(sorted({"CITY", "PERSON", *(span.label for span in example.spans)})))
    parts = parts_of(example, marks)
    [symbols] = vocabulary.encode([parts])
    assert vocabulary.decode(symbols[:-1]) == parts
    assert len(set(symbols)) <= vocabulary.outputs
    assert 0 <= min(symbols) <= max(symbols) < vocabulary.outputs


@given(st.lists(st.integers(0, BYTES + 6), max_size=12), st.sampled_from(["slots", "linear"]))
def test_what_can_be_decoded_is_a_sentence(symbols: list[int], marks: Marks):
    vocabulary = by_bytes(marks)
    symbols = [symbol for symbol in symbols if symbol != vocabulary.end and symbol < vocabulary.outputs]
    parts = vocabulary.decode(symbols)
    if isinstance(parts, Rejection):
        assert parts.reason in ("not UTF-8", "marks do not match", "a mention is empty or begins or ends with a space")
    elif marks == "linear":
        example = example_of(parts, None)
        assert vocabulary.decode(vocabulary.encode([parts_of(example, "linear")])[0][:-1]) == parts_of(
            example, "linear"
        )
    else:
        assert [part.label for part in template_of(parts, None).slots] == [part.label for part in parts if part.label]


def test_slots_by_hand():
    vocabulary = by_bytes("slots")
    city, spaced_city, person, spaced_person = range(BYTES + 1, BYTES + 5)
    assert (vocabulary.pieces, vocabulary.end, vocabulary.outputs, vocabulary.inputs) == (256, 256, 261, 263)
    example = Example("Hi  Ann, Bo\tin Rome", (Span(4, 7, "PERSON"), Span(9, 11, "PERSON"), Span(15, 19, "CITY")))
    [symbols] = vocabulary.encode([parts_of(example, "slots")])
    between = [letters(vocabulary, text) for text in ("Hi ", ",", "\tin")]
    assert symbols == [*between[0], spaced_person, *between[1], spaced_person, *between[2], spaced_city, 256]
    [symbols] = vocabulary.encode([[Part("", "PERSON"), Part("", "CITY"), Part(" "), Part("", "CITY"), Part(" ")]])
    assert symbols == [person, city, spaced_city, *letters(vocabulary, " "), 256]


def test_marks_by_hand():
    vocabulary = by_bytes("linear")
    opened, opened_spaced, closed = range(BYTES + 4, BYTES + 7)
    assert (vocabulary.outputs, vocabulary.inputs) == (263, 265)
    example = Example("to  Bo Li!Ann", (Span(4, 9, "PERSON"), Span(10, 13, "PERSON")))
    [symbols] = vocabulary.encode([parts_of(example, "linear")])
    to, bo_li, mark, ann = (letters(vocabulary, text) for text in ("to ", "Bo Li", "!", "Ann"))
    assert symbols == [*to, opened_spaced, *bo_li, closed, *mark, opened, *ann, closed, 256]


def test_labels_classes_and_starts():
    slots, linear = by_bytes("slots"), by_bytes("linear")
    assert slots.labels == linear.labels == ("CITY", "PERSON")
    assert slots.classes == ("go", None)
    assert slots.start(np.array([1, 0])).tolist() == [262, 261]
    assert slots.label_of()[BYTES:].tolist() == [-1, 0, 0, 1, 1]
    assert linear.label_of()[BYTES:].tolist() == [-1, 0, 0, -1, 1, 1, -1]
    assert set(slots.label_of()[:BYTES]) == {-1}


def test_a_sentence_of_nothing():
    vocabulary = Vocabulary.learn([[]], [None], BYTES, "slots")
    assert vocabulary.encode([[]]) == [[vocabulary.end]]
    assert vocabulary.decode([]) == []
    assert sentence_of([vocabulary.end], vocabulary) == EMPTY
    assert sentence_of([], vocabulary) == sentence_of([1], vocabulary) == UNENDED


def test_frequent_words_are_one_piece():
    corpus = Corpus.from_columns(text=["walking home"] * 3)
    [symbols] = learnt(corpus, "slots", 300).encode([[Part("walking home")]])
    assert len(symbols) == 3
    assert len(learnt(corpus, "slots", 256).encode([[Part("walking home")]])[0]) == 13


@pytest.mark.parametrize(
    ("marks", "symbols", "reason"),
    [
        ("slots", [b"\xc3"], "not UTF-8"),
        ("slots", [b"\xa9", 3], "not UTF-8"),
        ("slots", [b"\xc3", 3, b"\xa9"], "not UTF-8"),
        ("linear", [4, b"\xf0\x9f", 6], "not UTF-8"),
        ("linear", [4, b"Ann"], "marks do not match"),
        ("linear", [b"Ann", 6], "marks do not match"),
        ("linear", [4, b"Ann", 3], "marks do not match"),
        ("linear", [4, b"Ann", 1, b"Bo", 6], "marks do not match"),
        ("linear", [4, b"Ann", 6, 6], "marks do not match"),
        ("linear", [4, 6], "a mention is empty or begins or ends with a space"),
        ("linear", [4, b" Ann", 6], "a mention is empty or begins or ends with a space"),
        ("linear", [5, b"Ann\xe2\x80\xa8", 6], "a mention is empty or begins or ends with a space"),
        ("linear", [4, b"\t", 6], "a mention is empty or begins or ends with a space"),
    ],
)
def test_rows_that_are_no_sentence(marks: Marks, symbols: list[bytes | int], reason: str):
    """Marks are numbered from the end: for linear ones 1, 2, 3 are those of CITY, and 4, 5, 6 those of PERSON."""
    vocabulary = by_bytes(marks)
    row = [
        number
        for each in symbols
        for number in ([vocabulary.end + each] if isinstance(each, int) else letters(vocabulary, each))
    ]
    assert vocabulary.decode(row) == Rejection(reason)
    assert sentence_of([*row, vocabulary.end], vocabulary) == Rejection(reason)


@given(corpora(), st.sampled_from(["slots", "linear"]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, marks: Marks):
    directory, vocabulary = tmp_path_factory.mktemp("vocabulary"), learnt(corpus, marks)
    vocabulary.write(directory)
    again = Vocabulary.read(directory)
    assert (again.labels, again.classes, again.marks) == (vocabulary.labels, vocabulary.classes, marks)
    parts = [parts_of(example, marks) for example in corpus]
    assert again.encode(parts) == vocabulary.encode(parts)
    assert again.start(np.arange(1)) == vocabulary.start(np.arange(1))


def test_a_label_nobody_knows(tmp_path: Path):
    with pytest.raises(KeyError):
        by_bytes("slots").encode([[Part("", "ORG")]])
