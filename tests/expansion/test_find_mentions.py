"""Where new mentions come from, each place by itself and all together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faker
import numpy as np
import pytest
from tiny_wordnet import write_concepts

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.errors import MissingDependency, OptionError
from textsynth.expansion.casing import write_like
from textsynth.expansion.expand import Place, Search, search_for_new
from textsynth.expansion.fields import Fields
from textsynth.expansion.lists import Lists
from textsynth.expansion.numbers import Numbers
from textsynth.expansion.words import Words
from textsynth.extract.expansion import Expansion
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.foundation.seeding import child_rng
from textsynth.values.faker_source import _build

TOWNS = ("Rome", "Oslo", "Bern", "Cork", "Turin", "Lyon")
MORE = ("Kyiv", "Quito", "Lima", "Accra")


def corpus(pattern: str, mentions: tuple[str, ...], label: str) -> Corpus:
    start = pattern.index("{}")
    spans = [[(start, start + len(each), label)] for each in mentions]
    return Corpus.from_columns(text=[pattern.format(each) for each in mentions], spans=spans)


GOLD = corpus("They live in {} these days.", TOWNS, "CITY")


def look(gold: Corpus, *places: Place, raw: Corpus | None = None) -> Expansion:
    search = Search(Corpus.empty() if raw is None else raw, places, DEFAULT_TODAY)
    return search_for_new(gold, search, child_rng(1)).expansion


def test_words_below_a_shared_concept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    nouns = [("place", "", ""), ("town", "@", "place"), ("bird", "@", "place")]
    nouns += [(town, "@i", "town") for town in (*TOWNS, *MORE)] + [("robin", "@", "bird")]
    monkeypatch.setenv("WNSEARCHDIR", str(write_concepts(tmp_path, nouns)))
    assert look(GOLD, "wordnet").mentions == {"CITY": {"wordnet": MORE}}


def test_words_that_held_out_mentions_do_not_prove_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    nouns = [("place", "", ""), *((town, "@i", "place") for town in (TOWNS[0], *MORE))]
    monkeypatch.setenv("WNSEARCHDIR", str(write_concepts(tmp_path, nouns)))
    assert look(GOLD, "wordnet").mentions == {}


def test_mentions_in_raw_text_where_the_crf_is_sure():
    raw = Corpus.from_columns(text=[f"They live in {each} these days." for each in (*MORE, "Rome")])
    found = look(GOLD, "raw", raw=raw).mentions["CITY"]["raw"]
    assert set(found) == set(MORE)


def look_for_wordings(texts: list[str], gold: Corpus = GOLD, heldout: Corpus | None = None) -> list[Example]:
    held = Corpus.empty() if heldout is None else heldout
    found = search_for_new(gold, Search(Corpus.from_columns(text=texts), ("raw",), DEFAULT_TODAY, held), child_rng(1))
    assert found.wordings is not None
    return list(found.wordings)


def test_sentences_of_raw_text_that_the_crf_is_sure_of():
    gold = Corpus.concat(
        [GOLD, corpus("{} has a port.", TOWNS, "CITY"), corpus("It rains in {} a lot.", TOWNS, "CITY")]
    )
    texts = [
        "They live in Kyiv these days.",
        "It rains in Lima these days.",
        "It rains in Quito these days.",
        "these days.",
    ]
    texts.append("Zut alors, xyzzy plugh frobnicates quux Gribble near Frotz, Xyzzy and Plugh of Wibble.")
    # The first has a wording of the source, the last but one no mention, and the last is unlike all of the source.
    found = look_for_wordings(texts, gold)
    assert sorted(each.text for each in found) == texts[1:3]
    assert {each.mentions() for each in found} == {("Lima",), ("Quito",)}
    sure = [float((each.fields or {})["sure"]) for each in found]
    assert sure == sorted(sure, reverse=True)
    assert all(0.6 <= each <= 1 for each in sure)


def test_sentences_of_a_large_source_do_not_come_back_as_wordings():
    """Of a large source a tagger sees a part; none of its sentences is new."""
    towns = enumerate(TOWNS * 55)
    gold = Corpus.concat([corpus(f"House {number} in {{}} is ours.", (town,), "CITY") for number, town in towns])
    new = "House 400 in Rome is ours."
    assert [each.text for each in look_for_wordings([*gold.texts.to_pylist(), new], gold)] == [new]


def test_no_raw_text_no_wordings():
    assert search_for_new(GOLD, Search(Corpus.empty(), ("numbers",), DEFAULT_TODAY), child_rng(1)).wordings is None


def test_wordings_that_held_out_text_has_are_left_out():
    texts = [f"They live in {each} now." for each in MORE]
    assert len(look_for_wordings(texts)) == 4
    one = Corpus.from_columns(text=[texts[0]])  # Its mention is not marked, so that it has no wording but its text.
    assert len(look_for_wordings(texts, heldout=one)) == 3
    assert look_for_wordings(texts, heldout=corpus("They live in {} now.", ("Bern",), "CITY")) == []


def test_sentences_have_white_space_between_tokens_if_the_source_came_as_tokens():
    tokens = corpus("They live in {} , these days .", TOWNS, "CITY").with_tokenizer("whitespace")
    found = look_for_wordings(["They live in Kyiv, those days."], tokens)
    assert [(each.text, each.mentions()) for each in found] == [("They live in Kyiv , those days .", ("Kyiv",))]


def test_what_stands_between_others_of_a_list():
    raw = Corpus.from_columns(
        text=["We saw Rome, Kyiv, Oslo and Lima.", "He, she, and we saw Rome, the cat, Oslo too."]
    )
    assert dict(Lists().find(GOLD, raw, child_rng(1))) == {"CITY": ["Kyiv"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They like towns such as Kyiv, Rome and Lima.", ["Kyiv"]),
        ("Three towns (e.g. Rome, Kyiv and Lima) were seen.", ["Kyiv"]),
        ("They saw Oslo, Bern and towns including Kyiv, Quito, Rome, and more.", ["Quito"]),
        ("They like towns such as the old, Rome and Lima.", []),
        ("They like towns such as Kyiv, which is old.", []),
        ("They like Kyiv, Rome and Lima.", []),
    ],
)
def test_the_first_part_of_a_list_is_known_behind_such_as(text: str, found: list[str]):
    raw = Corpus.from_columns(text=[text])
    assert dict(Lists().find(GOLD, raw, child_rng(1))).get("CITY", []) == found


def test_other_numbers_of_as_many_digits_and_years_near():
    gold = corpus("Held as {} then.", ("the 1998 cup", "7 pm", "no number"), "EVENT")
    found = Numbers().find(gold, Corpus.empty(), child_rng(1))["EVENT"]
    years = [int(each.split()[1]) for each in found if each.startswith("the")]
    assert years
    assert all(1958 <= year < 2008 for year in years)
    assert {each for each in found if each.endswith("pm")} <= {f"{digit} pm" for digit in range(1, 10)}
    assert "no number" not in found


def test_other_words_that_end_alike_in_mentions():
    gold = corpus("By {} once.", ("Bank of Warsaw", "Lisbon Trust", "B2B"), "ORG")
    found = Words().find(gold, Corpus.empty(), child_rng(1))["ORG"]
    banks = [each.split() for each in found if " of " in each]
    assert banks
    assert all(bank.endswith("nk") and town.endswith("saw") for bank, _, town in banks)
    assert all(each.istitle() for words in banks for each in (words[0], words[2]))
    assert any(bank == "Bank" for bank, _, _ in banks)
    assert not any("B2B" in each for each in found)


def test_what_stands_in_several_mentions_stays():
    gold = corpus("By {} once.", ("Bank of Warsaw", "Bank of Lisbon", "40 million", "50 million"), "ORG")
    found = Words().find(gold, Corpus.empty(), child_rng(1))["ORG"]
    assert found
    assert all(each.startswith("Bank of ") and not each.endswith("million") for each in found)


def test_a_label_that_has_shown_all_its_mentions_gets_no_others():
    gold = corpus("It was {} then.", ("Monday", "Friday", "Sunday") * 3 + ("Tuesday",), "DAY")
    assert Words().find(gold, Corpus.empty(), child_rng(1)) == {"DAY": []}


def test_fields_by_name_and_by_look():
    gold = Corpus.concat(
        [
            corpus("{} it is.", ("Peru", "Chad"), "Country"),
            corpus("By {} once.", ("Anna Lee", "Mary Fox", "John Ray", "Paul Oz"), "author"),
            corpus("The {} shone.", ("xyzzy", "plugh", "frotz"), "lamp"),
        ]
    )
    found = Fields("en", DEFAULT_TODAY).find(gold, Corpus.empty(), child_rng(1))
    assert "Poland" in found["Country"]
    assert all(" " in name for name in found["author"][:50])
    assert not found["lamp"]


def test_a_place_that_is_named_and_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with pytest.raises(OptionError, match="raw must have raw text, has none"):
        look(GOLD, "raw")
    monkeypatch.setattr("textsynth.expansion.expand.locate", lambda: None)
    with pytest.raises(MissingDependency, match="wordnet is not installed"):
        look(GOLD, "wordnet")
    notes: list[str] = []
    search_for_new(GOLD, Search(Corpus.empty(), (), DEFAULT_TODAY, note=notes.append), child_rng(1))
    assert [note.split()[2] for note in notes] == ["wordnet", "lists", "raw"]


def test_a_source_in_another_language_has_no_english_words(monkeypatch: pytest.MonkeyPatch):
    german = corpus("Seit vielen Jahren wohnen sie mit ihren Kindern in {} und arbeiten dort.", TOWNS, "CITY")
    with pytest.raises(OptionError, match="wordnet is English"):
        look(german, "wordnet")


def test_nothing_is_new_that_the_source_has():
    found = look(corpus("It was {} then.", ("5 kg", "6 KG"), "MASS"), "numbers").mentions["MASS"]["numbers"]
    assert not {each.casefold() for each in found} & {"5 kg", "6 kg"}


def test_the_same_seed_finds_the_same():
    assert look(GOLD, "numbers", "fields") == look(GOLD, "numbers", "fields")


def test_words_in_the_letters_of_the_label():
    rng = np.random.default_rng(1)
    assert write_like(["Rome"] * 4, ["oslo", "bern"], rng) == ["rome"] * 4
    half = write_like(["Rome"] * 400, ["oslo", "Bern"], rng)
    assert half.count("rome") == pytest.approx(200, abs=40)
    assert write_like(["iPhone", "phone"], ["iPad", "Mac"], rng) == ["iPhone"]


def test_it_is_a_file_that_a_person_can_edit(tmp_path: Path):
    found = Expansion({"P": {"raw": ("A\tB", "C"), "wordnet": ("D",)}, "C:1": {"raw": ("# E",)}})
    found.write(tmp_path / "mentions.tsv")
    assert Expansion.read(tmp_path / "mentions.tsv") == found
    (tmp_path / "own.tsv").write_text("# mine\n\nP\tAda\nP\tBo\traw\n")
    assert Expansion.read(tmp_path / "own.tsv").mentions == {"P": {"file": ("Ada",), "raw": ("Bo",)}}


def test_a_search_builds_the_faker_of_each_locale_once(monkeypatch: pytest.MonkeyPatch):
    built = []

    def build(locale: str, **options: Any) -> faker.Faker:
        built.append(locale)
        return faker_class(locale, **options)

    faker_class = faker.Faker
    monkeypatch.setattr(faker, "Faker", build)
    _build.cache_clear()
    gold = corpus("{} left.", ("Ann Lee", "Bo Ray", "Cy Fox", "Di Moss"), "PERSON")
    found = look(gold, "fields").mentions["PERSON"]["fields"]
    assert len(found) > 1000
    assert len(set(built)) == len(built) == 10
    assert look(gold, "fields").mentions["PERSON"]["fields"] == found, "built before or not"
    assert len(built) == 10
