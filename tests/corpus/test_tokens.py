from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.script import is_unspaced
from textsynth.corpus.tag_notation import Scheme, TagFault, find_tag_fault, is_tag, read_tags
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.errors import OptionError

SCHEMES: tuple[Scheme, ...] = ("iob1", "iob2", "bilou", "bioes", "bmes", "io")


def tags_of(corpus: Corpus, scheme: Scheme) -> list[list[str]]:
    tokens, names = tokenize(corpus), list_tags(corpus.labels, scheme)
    tags = [names[code] for code in encode_tags(tokens, corpus, scheme, names)]
    return [tags[begin:end] for begin, end in itertools.pairwise(tokens.rows.tolist())]


@pytest.mark.parametrize(
    ("tokenizer", "tokens"),
    [
        ("words", ["Anna", "'", "s", "e", "-", "mail", ":", "a_b", "@", "Zoe\u0308", ".", "…", "3", ".", "5", "€"]),
        ("whitespace", ["Anna", "'s", "e-mail:", "a_b@", "Zoe\u0308", ".…", "3.5€"]),
    ],
)
def test_cuts_texts_into_tokens(tokenizer: str, tokens: list[str]):
    corpus = Corpus.from_columns(
        text=["Anna's  e-mail:\u2028a_b@Zoe\u0308.… 3.5€\n"], spans=[[(0, 4, "PER"), (20, 24, "PER")]]
    )
    assert tokenize(corpus, tokenizer).lists().to_pylist() == [tokens]  # type: ignore[arg-type]


def test_the_columns_of_a_token_table():
    corpus = Corpus.from_columns(
        text=["zero", "", " Ada ", "\n", "to Zoë Li!"],
        spans=[[], [], [(1, 4, "PER")], [], [(3, 9, "PER")]],
    )[1:]
    tokens = tokenize(corpus)
    assert tokens.strings.to_pylist() == ["Ada", "to", "Zoë", "Li", "!"]
    assert tokens.rows.tolist() == [0, 0, 1, 1, 5]
    assert tokens.starts.tolist() == [1, 0, 3, 7, 9]
    assert tokens.ends.tolist() == [4, 2, 6, 9, 10]
    assert (tokens.first.tolist(), tokens.stop.tolist()) == ([0, 2], [1, 4])


@given(corpus=corpora(min_size=0))
def test_tokens_are_slices_and_every_span_is_a_run_of_them(corpus: Corpus):
    tokens = tokenize(corpus)
    spans = corpus.spans
    row_of_token = [row for row, (a, b) in enumerate(itertools.pairwise(tokens.rows.tolist())) for _ in range(a, b)]
    texts = corpus.texts.to_pylist()
    places = list(zip(row_of_token, tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
    assert tokens.strings.to_pylist() == [texts[row][start:end] for row, start, end in places]
    assert places == sorted(places)
    covered = {(row, at) for row, start, end in places for at in range(start, end)}
    assert covered == {
        (row, at) for row, text in enumerate(texts) for at, char in enumerate(text) if not char.isspace()
    }
    assert len(covered) == sum(end - start for _, start, end in places)
    for index, row in enumerate(spans.row_of_span().tolist()):
        first, last = places[tokens.first[index]], places[tokens.stop[index] - 1]
        assert first[:2] == (row, spans.starts[index])
        assert (last[0], last[2]) == (row, spans.ends[index])


@given(corpus=corpora())
def test_whitespace_tokens_are_cut_at_white_space_and_spans_only(corpus: Corpus):
    texts = [text for text in corpus.texts.to_pylist() if not any(map(is_unspaced, text))]
    bare = Corpus.from_columns(text=texts, tokenizer="whitespace")
    assert tokenize(bare).lists().to_pylist() == [text.split() for text in texts]


@given(corpus=corpora(min_size=0), scheme=st.sampled_from(SCHEMES))
def test_tags_say_every_span(corpus: Corpus, scheme: Scheme):
    tokens, spans = tokenize(corpus), corpus.spans
    told = [
        (row, first + tokens.rows[row], stop + tokens.rows[row], label)
        for row, tags in enumerate(tags_of(corpus, scheme))
        for first, stop, label in read_tags(tags, scheme)
    ]
    labels = spans.labels.to_pylist()
    meant = list(zip(spans.row_of_span().tolist(), tokens.first, tokens.stop, labels, strict=True))
    if scheme == "io":
        touching = any(a[0] == b[0] and a[2] == b[1] and a[3] == b[3] for a, b in itertools.pairwise(meant))
        if touching or "O" in labels:
            return
    assert told == meant


@given(corpus=corpora(), scheme=st.sampled_from(SCHEMES[:5]))
def test_one_reading_serves_all_schemes_with_prefixes(corpus: Corpus, scheme: Scheme):
    for tags in tags_of(corpus, scheme):
        assert read_tags(tags) == read_tags(tags, scheme)


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("iob1", ["I-P", "I-P", "B-P", "I-Q", "O", "I-P"]),
        ("iob2", ["B-P", "I-P", "B-P", "B-Q", "O", "B-P"]),
        ("bilou", ["B-P", "L-P", "U-P", "U-Q", "O", "U-P"]),
        ("bioes", ["B-P", "E-P", "S-P", "S-Q", "O", "S-P"]),
        ("io", ["P", "P", "P", "Q", "O", "P"]),
    ],
)
def test_tags_of_each_scheme(scheme: Scheme, tags: list[str]):
    corpus = Corpus.from_columns(
        text=["a b c d e f"], spans=[[(0, 3, "P"), (4, 5, "P"), (6, 7, "Q"), (10, 11, "P")]], tokenizer="whitespace"
    )
    assert tags_of(corpus, scheme) == [tags]


def test_the_end_of_a_text_ends_a_span():
    corpus = Corpus.from_columns(text=["a", "b"], spans=[[(0, 1, "P")], [(0, 1, "P")]])
    assert tags_of(corpus, "iob1") == [["I-P"], ["I-P"]]


def test_names_of_tags():
    assert list_tags([], "iob2") == ["O"]
    assert list_tags(["b", "a"], "bioes") == ["O", "B-a", "I-a", "E-a", "S-a", "B-b", "I-b", "E-b", "S-b"]
    assert list_tags(["b", "a"], "io") == ["O", "a", "b"]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ([], []),
        (["O", "O"], []),
        (["I-P", "I-Q", "I-Q"], [(0, 1, "P"), (1, 3, "Q")]),
        (["B-P", "I-Q"], [(0, 1, "P"), (1, 2, "Q")]),
        (["B-P", "B-P"], [(0, 1, "P"), (1, 2, "P")]),
        (["B-P", "L-P", "I-P"], [(0, 2, "P"), (2, 3, "P")]),
        (["E-P", "S-P"], [(0, 1, "P"), (1, 2, "P")]),
        (["U-creative-work", "B-creative-work", "I-creative-work"], [(0, 1, "creative-work"), (1, 3, "creative-work")]),
    ],
)
def test_reads_tags_as_conlleval_does(tags: list[str], spans: list[tuple[int, int, str]]):
    assert read_tags(tags) == spans


@pytest.mark.parametrize(
    ("tags", "scheme", "position", "reason"),
    [
        (["O", "week"], None, 1, "a tag must be O or a prefix of B I E L U S M and a label, was: 'week'"),
        (["B-"], None, 0, "a tag must be O or a prefix of B I E L U S M and a label, was: 'B-'"),
        (["b-P"], None, 0, "a tag must be O or a prefix of B I E L U S M and a label, was: 'b-P'"),
        ([""], None, 0, "a tag must be O or a prefix of B I E L U S M and a label, was: ''"),
        (["E-P"], "iob1", 0, "a tag must be O or a prefix of B I and a label, was: 'E-P'"),
        (["U-P"], "bioes", 0, "a tag must be O or a prefix of B I E S and a label, was: 'U-P'"),
        (["I-P"], "iob2", 0, "a span must begin with B- in iob2, was: 'I-P' after the start"),
        (["O", "I-P"], "iob2", 1, "a span must begin with B- in iob2, was: 'I-P' after 'O'"),
        (["B-P", "I-P", "I-Q"], "iob2", 2, "a span must begin with B- in iob2, was: 'I-Q' after 'I-P'"),
        (["U-P", "I-P"], "bilou", 1, "a span must begin with B- in bilou, was: 'I-P' after 'U-P'"),
        (["B-P", "E-P", "E-P"], "bioes", 2, "a span must begin with B- in bioes, was: 'E-P' after 'E-P'"),
        (["B-P", "O", "O"], "bioes", 1, "a span must end with E- in bioes, was: 'B-P' before 'O'"),
        (["B-P", "I-P"], "bilou", 1, "a span must end with L- in bilou, was: 'I-P' before the end"),
    ],
)
def test_a_tag_that_breaks_the_scheme(tags: list[str], scheme: Scheme | None, position: int, reason: str):
    assert find_tag_fault(tags, scheme) == TagFault(position, reason)
    with pytest.raises(OptionError) as caught:
        read_tags(tags, scheme)
    assert str(caught.value) == reason


def test_what_is_a_tag():
    assert all(map(is_tag, ["O", "B-P", "S-a-b", "U- ", "I-地名"]))
    assert not any(map(is_tag, ["", "B-", "B", "o", "X-P", "PER", "week", "BI-P"]))


def test_labels_are_looked_up_where_there_are_no_spans():
    corpus = Corpus.from_columns(text=["a b", ""])
    assert tags_of(corpus, "bilou") == [["O", "O"], []]
    assert tags_of(Corpus.empty(), "iob2") == []
