"""Fillers that fit: both generators, on sources of a few sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsynth.components import registry
from textsynth.components.learned import read_learned
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.generators.template_fill import TemplateFill
from textsynth.language.person_name import FEMALE, MALE
from textsynth.values.given_name import find_gender

BOTH = pytest.mark.parametrize("name", ["template_fill", "mention_replacement"])


def corpus(*written: str) -> Corpus:
    """Reads sentences such as "talk: [Ann|PERSON] left": a class, and mentions with their labels."""
    texts, spans, classes = [], [], []
    for each in written:
        head, colon, rest = each.partition(": ")
        text, found = "", []
        for place, part in enumerate((rest if colon else head).replace("]", "[").split("[")):
            mention, _, label = part.partition("|")
            found += [(len(text), len(text) + len(mention), label)] if place % 2 else []
            text += mention
        texts.append(text)
        spans.append(found)
        classes.append(head if colon else None)
    return Corpus.from_columns(text=texts, spans=spans, label=classes)


def made(name: str, folder: Path, source: Corpus, count: int = 200, **options: Any) -> set[str]:
    generator: Any = registry.look_up("generator", name)(**options)
    generator.fit(Resources.of(source), folder, child_rng(1, "fit"))
    return set(generator.sampler(folder)(count, child_rng(2)).texts.to_pylist())


DRUGS = corpus("[Aspirin|D] helped.", "They took [ibuprofen|D].", "They sold [NSAID|D].", "He saw [warfarin|D].")


@BOTH
def test_the_casing_of_the_place(tmp_path: Path, name: str):
    texts = made(name, tmp_path, DRUGS)
    assert {each for each in texts if "helped" in each} >= {"Ibuprofen helped.", "NSAID helped.", "Warfarin helped."}
    assert {each for each in texts if "took" in each} >= {"They took aspirin.", "They took NSAID."}
    assert not any("took A" in each or each[0].islower() for each in texts)


@BOTH
def test_a_source_that_begins_small_stays_small(tmp_path: Path, name: str):
    source = corpus("[aspirin|D] helped.", "they took [ibuprofen|D].", "they sold [codeine|D].")
    assert all(each == each.lower() for each in made(name, tmp_path, source))


CONTEXTS = corpus(
    "The mill closed in [June|DATE].", "They met in [2011|DATE].", "It rained in [May|DATE].",
    "The mill closed on [Friday|DATE].", "They met on [Sunday|DATE].", "They met on [Monday|DATE].",
    "It cost [£5|MONEY].",
    "It is £[6|MONEY].", "She has £[7|MONEY] now.",
)  # fmt: skip


@BOTH
def test_mentions_stay_behind_their_words(tmp_path: Path, name: str):
    texts = made(name, tmp_path, CONTEXTS)
    assert {each.removesuffix(".").split()[-1] for each in texts if " in " in each} == {"June", "2011", "May"}
    assert {each.removesuffix(".").split()[-1] for each in texts if " on " in each} == {"Friday", "Sunday", "Monday"}
    assert not any("££" in each for each in texts)


@BOTH
def test_no_currency_stands_twice(tmp_path: Path, name: str):
    """Only one filler is known behind the sign, so that others are taken, but none with a sign of its own."""
    source = corpus("It cost £[6|MONEY].", "It is [£5|MONEY].", "It was [€8|MONEY].", "He has [9 francs|MONEY].")
    texts = {each for each in made(name, tmp_path, source) if "cost" in each}
    assert texts | {"It cost £6."} == {"It cost £6.", "It cost £9 francs."}


@BOTH
def test_switched_off_they_stand_anywhere(tmp_path: Path, name: str):
    texts = made(name, tmp_path, CONTEXTS, context="off")
    assert any("in Friday" in each for each in texts)
    assert read_learned(tmp_path).facts == {}


@BOTH
def test_what_was_given_up_is_told(tmp_path: Path, name: str):
    source = corpus(
        "It is in [June|DATE].", "It was in [May|DATE].", "He was in [July|DATE].", "It is on [Sunday|DATE]."
    )
    made(name, tmp_path, source)
    expected = {"slots by context": 4, "context given up": 1, "class given up": 0}
    assert read_learned(tmp_path).facts == expected


@BOTH
def test_mentions_stay_in_their_class(tmp_path: Path, name: str):
    source = corpus(
        "rate: Rate the [book|THING].", "rate: I like the [novel|THING].", "rate: I like an [essay|THING].",
        "show: See the [movie schedule|THING].", "show: Show me the [film|THING].", "show: Show a [trailer|THING].",
    )  # fmt: skip
    texts = made(name, tmp_path, source)
    assert "Rate the novel." in texts
    assert not any("Rate" in each and any(word in each for word in ("movie", "film", "trailer")) for each in texts)


@BOTH
def test_a_number_has_the_plural_behind_it(tmp_path: Path, name: str):
    source = corpus(
        "She took two [tablets|D].",
        "She took an [aspirin|D].",
        "She sold [codeine|D].",
        "I use [kits|D].",
        "Bring [cups|D].",
    )
    texts = made(name, tmp_path, source)
    assert {each for each in texts if "two" in each} <= {
        f"She took two {each}." for each in ("tablets", "kits", "cups")
    }
    assert not any("took a" in each and each.endswith("s.") for each in texts)


def test_what_has_no_plural_in_the_pool_is_made_one(tmp_path: Path):
    templates = tmp_path / "t.txt"
    templates.write_text("She took two {D}.\n", "utf-8")
    values = {"D": ["blood test", "NSAID", "x-ray"]}
    generator = TemplateFill(templates=templates, values=values)
    generator.fit(Resources.of(Corpus.empty()), tmp_path, child_rng(1))
    assert set(generator.sampler(tmp_path)(50, child_rng(2)).texts.to_pylist()) == {
        "She took two blood tests.", "She took two NSAID.", "She took two x-ray.",
    }  # fmt: skip


PEOPLE = corpus(
    "[Anna Lee|PERSON] sat down before [Lee|PERSON] spoke.", "She said that [Mary Fox|PERSON] would come.",
    "He said that [Peter Hall|PERSON] would come.", "I met [Robert Moss|PERSON].", "I met [Jane Birch|PERSON].",
    "I met [Paul Reed|PERSON].", "I met [Ruth Sedge|PERSON].",
)  # fmt: skip


@BOTH
def test_a_short_form_follows_its_full_name(tmp_path: Path, name: str):
    texts = [each for each in made(name, tmp_path, PEOPLE) if "spoke" in each]
    assert len(texts) >= 2
    for each in texts:
        full, _, short = each.removesuffix(" spoke.").partition(" sat down before ")
        assert len(full.split()) == 2
        assert full.split()[1] == short


@BOTH
def test_names_fit_the_pronouns(tmp_path: Path, name: str):
    for text in made(name, tmp_path, PEOPLE):
        if "said that" in text:
            gender = find_gender(text.partition("said that ")[2])
            assert gender == find_gender("Anna" if text.startswith("She") else "Peter")


@BOTH
def test_names_of_any_gender_if_asked(tmp_path: Path, name: str):
    texts = made(name, tmp_path, PEOPLE, gender="any")
    assert "She said that Peter Hall would come." in texts


def test_records_fit_the_pronouns(tmp_path: Path):
    templates = tmp_path / "t.txt"
    templates.write_text("She is {PERSON}, {EMAIL}.\nMr. {PERSON} wrote from {EMAIL}.\n", "utf-8")
    generator = TemplateFill(templates=templates, pool_size=60)
    generator.fit(Resources.of(Corpus.empty()), tmp_path, child_rng(1))
    for each in generator.sampler(tmp_path)(200, child_rng(2)):
        name, email = each.mentions()
        other = "Peter" if each.text.startswith("She") else "Anna"
        assert find_gender(name) != find_gender(other)
        assert email[0] == name[0].lower() or name.split()[-1].lower() in email


def test_a_kept_mention_keeps_its_short_form(tmp_path: Path):
    source = corpus("[Anna Lee|PERSON] of [Rome|CITY] saw [Lee|PERSON].", "[Bo Fox|PERSON] of [Oslo|CITY] left.")
    texts = made("mention_replacement", tmp_path, source, policy={"PERSON": "keep"})
    assert texts == {"Anna Lee of Oslo saw Lee.", "Bo Fox of Rome left."}


def test_one_drug_in_two_casings_is_one_drug(tmp_path: Path):
    source = corpus("[Aspirin|D] helps, so take [aspirin|D].", "They took [codeine|D] today.", "They sold [heparin|D].")
    texts = made("mention_replacement", tmp_path, source)
    assert {each for each in texts if "helps" in each} == {
        "Codeine helps, so take codeine.", "Heparin helps, so take heparin.",
    }  # fmt: skip


def test_a_value_of_a_list_is_the_mention_that_begins_a_sentence(tmp_path: Path):
    source = corpus("[Aspirin|D] helped.", "They took [codeine|D].")
    texts = made("mention_replacement", tmp_path, source, values={"D": ["aspirin", "codeine", "heparin"]})
    assert texts == {"Codeine helped.", "Heparin helped.", "They took aspirin.", "They took heparin."}


def test_values_that_a_person_added_may_stand_anywhere(tmp_path: Path):
    known = {"in": ("June", "May"), "on": ("Friday", "Sunday")}
    lines = [f"DATE\t{each}\t1\n" for each in (*known["in"], *known["on"], "Michaelmas")]
    (tmp_path / "g.tsv").write_text("".join(lines), "utf-8")
    source = corpus(*(f"They met {word} [{each}|DATE]." for word, dates in known.items() for each in dates))
    generator = MentionReplacement()
    generator.fit(Resources.of(source).with_edits(None, tmp_path / "g.tsv"), tmp_path, child_rng(1))
    texts = set(generator.sampler(tmp_path)(50, child_rng(2)).texts.to_pylist())
    assert texts == {f"They met {word} {each}." for word in known for each in (*known[word], "Michaelmas")}


@BOTH
def test_a_number_that_is_a_mention_fits_the_noun_behind_it(tmp_path: Path, name: str):
    source = corpus(
        "A table for [two|N] people.", "A table for [1|N] person.", "We are [5|N] guests.", "It is for [six|N] now.",
        "Give it [one|N] [star|U].", "Give it [four|N] [stars|U].", "Give it [three|N] [points|U].", "A [point|U].",
    )  # fmt: skip
    texts = made(name, tmp_path, source)
    assert not texts & {"A table for one people.", "We are 1 guests.", "A table for 5 person."}
    assert {"A table for six people.", "It is for 1 now."} <= texts
    given = [each.removeprefix("Give it ").removesuffix(".").split() for each in texts if each.startswith("Give")]
    assert len(given) > 3
    assert all((number in ("one", "1")) == (unit in ("star", "point")) for number, unit in given)


@BOTH
def test_names_of_several_words_keep_their_capital_inside(tmp_path: Path, name: str):
    source = corpus(
        "[The Hague|LOC] sleeps.", "They came to [Delft|LOC].", "They came to [Gouda|LOC].",
        "[General Field|LOC] sleeps.",
        "They saw the general [there|X].",
    )  # fmt: skip
    texts = made(name, tmp_path, source)
    assert {"They came to The Hague.", "They came to General Field."} <= texts


GERMAN = corpus(
    "Gestern sagte Frau [Anna Krüger|PER], dass es in der Stadt regnet.",
    "Gestern sagte Herr [Peter Lang|PER] nichts dazu.",
    "Gestern sagte die Kanzlerin [Maria Holm|PER] nichts dazu.", "Wir haben [Thomas Beck|PER] in der Stadt gesehen.",
    "Wir haben [Sabine Roth|PER] in der Stadt gesehen.", "Er weiß, dass [Stefan Voss|PER] heute nicht mehr kommt.",
)  # fmt: skip
FRENCH = corpus(
    "Hier, Mme [Anne Petit|PER] a dit que la ville est grande.",
    "Hier, M. [Pierre Morel|PER] n'a rien dit dans la ville.",
    "Nous avons vu [Jacques Blanc|PER] dans la ville avec les autres.",
    "Elle est née ici, dit [Claire Roux|PER] dans la ville.",
    "Nous avons vu [Sophie Faure|PER] dans la ville avec les autres.",
)  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    ("source", "women", "men"),
    [(GERMAN, ("Frau", "Kanzlerin"), ("Herr", "Er weiß")), (FRENCH, ("Mme", "Elle"), ("M. ",))],
)
def test_names_fit_german_and_french_titles(
    tmp_path: Path, name: str, source: Corpus, women: tuple[str, ...], men: tuple[str, ...]
):
    seen = set()
    for text in made(name, tmp_path, source):
        (person,) = (each for names in source for each in names.mentions() if each in text)
        for words, gender in ((women, FEMALE), (men, MALE)):
            if any(each in text for each in words):
                assert find_gender(person) == gender, text
                seen.add((gender, person))
    assert len(seen) >= 4


@BOTH
def test_a_plural_that_begins_a_sentence_is_one(tmp_path: Path, name: str):
    source = corpus(
        "[Seizures|D] were rare.", "They saw [seizures|D].", "They saw [sepsis|D].", "They saw [tremors|D].",
        "[Headaches|D] were rare.", "They saw [headaches|D].", "They saw [nausea|D].",
    )  # fmt: skip
    texts = {each for each in made(name, tmp_path, source) if "rare" in each}
    assert texts == {"Seizures were rare.", "Headaches were rare.", "Tremors were rare."}
