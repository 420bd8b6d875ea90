from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.corpus.tag_notation import SCHEMES, Scheme, TagNotation, choose_notation, list_steps
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.errors import FormatError

HOSTILE_LABELS = ("E-MAIL", "I-94", "B-cell", "B-", "-", "_", "I-O", "B_PER", "PER-B", "O-", "a b", "S-S", "b-x", "M-M")


def steps_of(sentences: list[list[str]]) -> set[tuple[str, str]]:
    return {step for tags in sentences for step in list_steps(tags)}


def read_all(*sentences: str, scheme: Scheme | None = None) -> list[list[tuple[int, int, str]]]:
    tags = [sentence.split() for sentence in sentences]
    notation = choose_notation(steps_of(tags), scheme, "x")
    assert all(notation.find_fault(each) is None for each in tags)
    return [notation.read(each) for each in tags]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("I-PER I-PER B-PER O", [(0, 2, "PER"), (2, 3, "PER")]),
        ("B-PER I-PER O", [(0, 2, "PER")]),
        ("B-PER M-PER E-PER O S-LOC", [(0, 3, "PER"), (4, 5, "LOC")]),
        ("B-PER I-PER L-PER U-LOC", [(0, 3, "PER"), (3, 4, "LOC")]),
        ("B_PER I_PER O B_B-cell", [(0, 2, "PER"), (3, 4, "B-cell")]),
        ("PER-B PER-I O LOC-B", [(0, 2, "PER"), (3, 4, "LOC")]),
        ("PER_B PER_I O", [(0, 2, "PER")]),
        ("B:PER I:PER O", [(0, 2, "PER")]),
        ("b-per i-per O", [(0, 2, "per")]),
        ("PER PER O LOC", [(0, 2, "PER"), (3, 4, "LOC")]),
        ("O E-MAIL E-MAIL I-94 O", [(1, 3, "E-MAIL"), (3, 4, "I-94")]),
        ("B-cell T-cell O", [(0, 1, "B-cell"), (1, 2, "T-cell")]),
        ("B-E-MAIL I-E-MAIL O B-I-94", [(0, 2, "E-MAIL"), (3, 4, "I-94")]),
        ("U-bahn S-bahn O", [(0, 1, "U-bahn"), (1, 2, "S-bahn")]),
        ("B-PER B-LOC O B-PER B-PER", [(0, 1, "PER"), (1, 2, "LOC"), (3, 4, "PER"), (4, 5, "PER")]),
        ("O O", []),
    ],
)
def test_the_tags_of_a_file_say_what_they_mean(tags: str, spans: list[tuple[int, int, str]]):
    assert read_all(tags) == [spans]


@pytest.mark.parametrize("tags", ["I-94 O", "B-cell B-cell O", "O I-LOC B-PER", "E-MAIL I-94"])
def test_what_may_be_prefix_or_label_is_refused(tags: str):
    with pytest.raises(FormatError, match=r"^x: the tags .* may have a prefix .* the option scheme, 'io' for labels"):
        read_all(tags)
    labels = set(tags.split()) - {"O"}
    assert {label for *_, label in read_all(tags, scheme="io")[0]} == labels


def test_another_sentence_of_the_file_decides():
    assert read_all("B-cell B-cell O", "O T-cell")[0] == [(0, 2, "B-cell")]
    assert read_all("B-cell B-cell O", "B-cell I-cell")[0] == [(0, 1, "cell"), (1, 2, "cell")]


def test_a_tag_that_is_none_among_others_that_are():
    notation = choose_notation(list_steps(["B-PER", "I-PER", "O", "week"]), None, "x")
    fault = notation.find_fault(["O", "week"])
    assert fault is not None
    assert (fault.position, fault.reason) == (
        1,
        "a tag must be O or a prefix of B I E L U S M and a label, was: 'week'",
    )


def test_a_named_scheme_is_held_to_in_every_way_to_write_it():
    with pytest.raises(AssertionError):
        read_all("O I_PER", scheme="iob2")
    assert read_all("O B_PER I_PER", scheme="iob2") == [[(1, 3, "PER")]]


@given(
    rows=st.lists(st.lists(st.sampled_from(("", *HOSTILE_LABELS)), min_size=1, max_size=5), min_size=1, max_size=4),
    scheme=st.sampled_from(SCHEMES),
)
def test_every_label_survives_in_every_scheme(rows: list[list[str]], scheme: Scheme):
    texts = [" ".join("abcde"[: len(row)]) for row in rows]
    spans = [[(2 * at, 2 * at + 1, label) for at, label in enumerate(row) if label] for row in rows]
    corpus = Corpus.from_columns(text=texts, spans=spans, tokenizer="whitespace")
    tokens, names = tokenize(corpus), list_tags(corpus.labels, scheme)
    tags = [names[code] for code in encode_tags(tokens, corpus, scheme, names)]
    sentences = [tags[begin:end] for begin, end in itertools.pairwise(tokens.rows.tolist())]
    meant = [[(at, at + 1, label) for at, label in enumerate(row) if label] for row in rows]
    if scheme == "io":
        meant = [[(run[0][0], run[-1][1], run[0][2]) for run in _join_touching(row)] for row in meant]
    named = choose_notation(steps_of(sentences), scheme, "x")
    assert [named.read(each) for each in sentences] == meant
    assert TagNotation(scheme).holds(steps_of(sentences))


def _join_touching(spans: list[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    runs: list[list[tuple[int, int, str]]] = []
    for span in spans:
        if runs and runs[-1][-1][1] == span[0] and runs[-1][-1][2] == span[2]:
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs
