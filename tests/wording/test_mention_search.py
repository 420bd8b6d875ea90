from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.example import Example
from textsynth.wording.mention_search import AMBIGUOUS, MISSING, Mention, Unclear, fold, inflections, locate

Found = list[tuple[str, str]]


def found(text: str, *mentions: tuple[str, str]) -> Found:
    spans = locate(text, [Mention(*each) for each in mentions])
    Example(text, spans)
    return [(text[span.start : span.end], span.label) for span in spans]


def unclear(text: str, *mentions: tuple[str, str]) -> str:
    with pytest.raises(Unclear) as caught:
        found(text, *mentions)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("Ada left Oslo.", "Oslo", ["Oslo"]),
        ("Ada left OSLO.", "Oslo", ["OSLO"]),
        ("Take Aspirin daily.", "aspirin", ["Aspirin"]),
        ("Oslo's mayor left Oslo.", "Oslo", ["Oslo", "Oslo"]),
        ("The Beatles' car", "Beatles", ["Beatles"]),
        ("Two nurses came.", "nurse", ["nurses"]),
        ("A nurse came.", "nurses", ["nurse"]),
        ("Three registered nurses", "registered nurse", ["registered nurses"]),
        ("Two Nurses help nurses.", "nurses", ["Nurses", "nurses"]),  # One word, once where a title begins.
        ("She welded ships.", "welding", ["welded"]),
        ("They study law.", "studies", ["study"]),
        ("Four GPUs at once", "GPU", ["GPUs"]),
        ("many children", "child", ["children"]),
        ("O’Malley came", "O'Malley", ["O’Malley"]),
        ("at\u00a0New\nYork", "New York", ["New\nYork"]),
        ("e‑mail it", "e-mail", ["e‑mail"]),
        ("C++ and C# at .NET", "C++", ["C++"]),
        ("It costs £5, or £5.50.", "£5", ["£5"]),
        ("York-based", "York", ["York"]),
        ("l'Oslo d'hier", "Oslo", ["Oslo"]),
        ("Ada'll come", "Ada", ["Ada"]),
        ("😀 Zoë", "Zoë", ["Zoë"]),
        ("我在东京工作", "东京", ["东京"]),
        ("in 2024.", "2024", ["2024"]),
        ("(Ada)", "Ada", ["Ada"]),
        ("STRASSE", "strasse", ["STRASSE"]),
    ],
)
def test_a_mention_is_found(text: str, mention: str, expected: list[str]):
    assert found(text, (mention, "X")) == [(each, "X") for each in expected]


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Ada left.", "Oslo"),
        ("An Osloer left.", "Oslo"),
        ("Williams came.", "William"),  # Another name, it may be.
        ("It costs £5.50.", "£5"),
        ("1,000 and 12:30", "12"),
        ("O'Malley came", "Malley"),
        ("don't", "don"),
        ("prices are rising", "rose"),
        ("post_office", "office"),
        ("e\u0301a", "e"),  # A letter and its accent are one.
        ("", "x"),
    ],
)
def test_a_mention_is_missing(text: str, mention: str):
    assert unclear(text, (mention, "X")) == MISSING


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Apple sells an apple.", "Apple"),
        ("US officials told us.", "US"),
        ("A nurse and two nurses", "nurse"),
        ("Aspirin, ASPIRIN", "aspirin"),
    ],
)
def test_a_mention_that_is_written_differently_is_ambiguous(text: str, mention: str):
    assert unclear(text, (mention, "X")) == AMBIGUOUS


def test_a_part_of_a_longer_mention_belongs_to_that():
    pair = ("York", "CITY"), ("New York", "CITY")
    assert found("From New York to York", *pair) == [("New York", "CITY"), ("York", "CITY")]
    assert unclear("From New York", *pair) == MISSING


def test_mentions_that_overlap_are_ambiguous():
    assert unclear("Bank of England team", ("Bank of England", "ORG"), ("England team", "ORG")) == AMBIGUOUS


def test_one_wording_with_two_labels_is_ambiguous():
    assert unclear("Paris met paris", ("Paris", "PERSON"), ("paris", "CITY")) == AMBIGUOUS


def test_a_mention_asked_for_twice_is_one():
    assert found("Ada met Ada.", ("Ada", "P"), ("Ada", "P")) == [("Ada", "P"), ("Ada", "P")]


def test_composed_and_decomposed_letters_are_alike():
    for form, other in (("NFC", "NFD"), ("NFD", "NFC")):
        text, mention = unicodedata.normalize(form, "Zoë left"), unicodedata.normalize(other, "Zoë")
        assert found(text, (mention, "P")) == [(unicodedata.normalize(form, "Zoë"), "P")]


def test_only_words_that_inflect_do():
    assert inflections("weld") == ("welded", "welding", "welds")
    assert inflections("GPU") == ("GPUs",)
    for each in ("Ada", "iPhone", "at", "£5", "3rd", "New York", "it's"):
        assert inflections(each) == ()


@given(st.text(max_size=20), st.text(min_size=1, max_size=10).map(str.strip).filter(bool), st.text(max_size=20))
def test_spans_are_exact_whatever_the_text(before: str, mention: str, behind: str):
    text = f"{before} {mention.swapcase()} {behind}"
    try:
        spans = locate(text, [Mention(mention, "X")])
    except Unclear:
        return
    Example(text, spans)
    forms = {fold(each) for each in (mention, *inflections(mention))}
    for span in spans:
        assert fold(text[span.start : span.end]) in forms


@given(st.lists(st.sampled_from(["Ada", "Oslo", "New York", "York", "nurse", "£5", "5"]), max_size=4, unique=True))
def test_mentions_between_plain_words_are_all_found(mentions: list[str]):
    text = "".join(f"then {each} " for each in mentions) + "end"
    if "£5" in mentions and "5" in mentions:
        return
    assert [words for words, _ in found(text, *((each, "X") for each in mentions))] == mentions
