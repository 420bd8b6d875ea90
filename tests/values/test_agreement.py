"""English grammar only in English: each sentence by itself, in the light of its corpus."""

from __future__ import annotations

import numpy as np
import pytest

import textsynth as ts
from textsynth.extract import Template
from textsynth.extract.context import ContextFinder
from textsynth.extract.resources import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.language.identification import LanguageMixture
from textsynth.values import Blueprints, Pools
from textsynth.values.agreement import decide_agreement, find_english
from textsynth.values.pool import Pool
from textsynth.wording.filling import Filler
from textsynth.wording.vocabulary import Part

FOREIGN = {
    "it": ["passa prima a {X}", "Domani vado a {X} con mia sorella", "Abita a {X} da tre anni", "Scrivi a {X} per me"],
    "de": ["Ich denke oft an {X}", "Schreib bitte eine Karte an {X}", "Das Paket geht an {X} zurück"],
    "fr": ["Il y a {X} sur la table", "Elle a {X} dans son équipe", "Mon frère a {X} pour voisin"],
    "es": ["Mañana voy a {X} con mis padres", "Compré un libro a {X} ayer", "Invitaron a {X} a la fiesta"],
    "pt": ["Amanhã vou a {X} com a minha mãe", "Ela deu o livro a {X} ontem", "A {X} fica longe daqui"],
    "nl": ["Ik ga morgen naar an {X} toe", "Wij hebben an {X} gedacht", "Geef dat boek maar an {X}"],
}
ENGLISH = [
    "Book a {X} for tomorrow morning", "She works as an {X} in the city", "Is there a {X} near here?",
    "Find me a {X}", "I would like a {X}, please", "That is {X}'s house", "He wrote an {X}",
]  # fmt: skip


def parse(written: list[str]) -> list[Template]:
    return [Template.parse(each) for each in written]


def fill(templates: list[Template], values: list[str]) -> set[str]:
    made = Pools({"X": Pool(ts.Corpus.from_columns(text=values).texts, np.ones(len(values)))}, {})
    blueprints = Blueprints(templates, made, english=decide_agreement(templates, "auto"))
    chosen = np.repeat(np.arange(len(templates)), 40)
    return set(blueprints.fill(chosen, blueprints.draw(chosen, child_rng(1))).texts.to_pylist())


@pytest.mark.parametrize("language", FOREIGN)
def test_other_languages_are_left_alone(language: str):
    templates = parse(FOREIGN[language])
    assert decide_agreement(templates, "auto") == [False] * len(templates)
    assert LanguageMixture.of([" ".join(each.literals) for each in templates]).main == language
    values = ["Assisi", "Roma", "Anna", "James"]
    expected = {each.replace("{X}", value) for each in FOREIGN[language] for value in values}
    assert fill(templates, values) == expected


@pytest.mark.parametrize("written", [each for sentences in FOREIGN.values() for each in sentences])
def test_a_foreign_sentence_alone_is_left_alone(written: str):
    assert decide_agreement([Template.parse(written)], "auto") == [False]


@pytest.mark.parametrize("written", ENGLISH)
def test_an_english_sentence_alone_agrees(written: str):
    assert decide_agreement([Template.parse(written)], "auto") == [True]


@pytest.mark.parametrize("language", FOREIGN)
@pytest.mark.parametrize("times", [1, 30])
def test_in_a_mixed_corpus_each_sentence_counts_by_itself(language: str, times: int):
    foreign = FOREIGN[language]
    templates = parse([*(foreign * times), *ENGLISH])
    assert decide_agreement(templates, "auto") == [False] * (times * len(foreign)) + [True] * len(ENGLISH)
    templates = parse([*(ENGLISH * times), *foreign])
    assert decide_agreement(templates, "auto") == [True] * (times * len(ENGLISH)) + [False] * len(foreign)


def test_where_nothing_follows_nothing_is_looked_up():
    assert decide_agreement(parse(["I live in {X} now."]), "auto") == [False]
    assert decide_agreement(parse(["passa prima a {X}"]), "always") == [True]
    assert decide_agreement(parse(["Find me a {X}"]), "never") == [False]


def test_what_tells_of_no_language_follows_the_corpus():
    english = LanguageMixture.of(["I was at the station with my brother.", "We have been there before."])
    italian = LanguageMixture.of(["Siamo stati alla stazione con mio fratello.", "Non lo so ancora."] * 20)
    assert find_english(parse(["{X}'s"]), english) == [True]
    assert find_english(parse(["{X}'s"]), italian) == [False]


@pytest.mark.parametrize(
    "rest",
    [
        "'s coming to the party with us", "'s in the garden with her mother", "'s not at home", "'s very tired today",
        "'s my best friend", "'s been here before", "'s called her mother", "'s a good friend of mine",
    ],
)  # fmt: skip
def test_an_s_that_means_is_stays(rest: str):
    assert fill(parse([f"I think {{X}}{rest}"]), ["Ada", "James"]) == {f"I think Ada{rest}", f"I think James{rest}"}


def test_a_possessive_still_follows():
    made = fill(parse(["I borrowed {X}'s car for the weekend"]), ["Ada", "James"])
    assert made == {"I borrowed Ada's car for the weekend", "I borrowed James' car for the weekend"}


def test_mentions_of_a_mixed_source(tmp_path):
    source = ts.Corpus.from_columns(
        text=["passa prima a Roma", "I need a doctor", "passa prima a Assisi", "I need an engineer"],
        spans=[[(14, 18, "LOC")], [(9, 15, "JOB")], [(14, 20, "LOC")], [(10, 18, "JOB")]],
    )
    made = ts.generators.MentionReplacement()
    made.fit(Resources.of(source), tmp_path, child_rng(1))
    texts = set(made.sampler(tmp_path)(60, child_rng(2)).texts.to_pylist())
    assert texts == set(source.texts.to_pylist())


def test_what_networks_write():
    source = LanguageMixture.of(["Domani vado a casa con mia sorella", "I would like to go home with you"] * 5)
    made = Pools({"X": Pool(ts.Corpus.from_columns(text=["Assisi"]).texts, np.ones(1))}, {})
    sentences = [[Part(text), Part("", "X")] for text in ("passa prima a ", "I have never seen a ")]
    filler = Filler(made, source, ContextFinder.of(["I have seen a cat."]), capitals=False, tokenizer="words")
    draft = filler.corpus(sentences, [None, None], child_rng(1))
    assert draft.corpus.texts.to_pylist() == ["passa prima a Assisi", "I have never seen an Assisi"]
