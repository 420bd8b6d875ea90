from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from edited import corpus_of, edited, marked, mentions, pairs
from faker.config import AVAILABLE_LOCALES
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources, Template
from textsynth.foundation.seeding import child_rng
from textsynth.generators.edits import counterfactual_names
from textsynth.generators.edits.counterfactual_names import CounterfactualNames
from textsynth.values.faker_source import name_lists

NAMES: dict[str, dict[str, list[str]]] = {
    "en_US": {
        "first_female": ["Ann", "Eve", "Robin"],
        "first_male": ["Bob", "Robin", "Tom"],
        "last_female": ["Jones", "Lee", "Smith"],
        "last_male": ["Jones", "Lee", "Smith"],
    },
    "cs_CZ": {
        "first_female": ["Jana", "Eva"],
        "first_male": ["Jan", "Petr"],
        "last_female": ["Nováková", "Malá"],
        "last_male": ["Novák", "Malý"],
    },
    "lt_LT": {kind: ["Jonas", "Ona"] for kind in ("first_female", "first_male", "last_female", "last_male")},
}


@pytest.fixture
def few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives each locale a handful of names instead of Faker's."""
    monkeypatch.setattr(counterfactual_names, "name_lists", lambda locale, size, rng: NAMES[locale])


def made(text: str, copies: int = 200, **options: Any) -> set[str]:
    return {marked(each) for each in edited(CounterfactualNames(**options), corpus_of(text), copies)}


@pytest.mark.usefixtures("few_names")
class TestFewNames:
    def test_by_hand(self):
        assert made("[Ann Lee](PERSON) and [Bob](PERSON) in [Lee](CITY).  She left [ANN](PERSON)'s.") == {
            f"[{woman} Lee](PERSON) and [{man}](PERSON) in [Lee](CITY).  She left [{woman.upper()}](PERSON)'s."
            for woman in ("Bob", "Tom")
            for man in ("Ann", "Eve")
        }

    def test_the_locale(self):
        options = {"change": "locale", "locales": ("cs_CZ",)}
        assert made("[Ann Lee](PERSON), [Bob](PERSON)", **options) == {
            f"[{first} {last}](PERSON), [{other}](PERSON)"
            for first in ("Jana", "Eva")
            for last in ("Nováková", "Malá")
            for other in ("Jan", "Petr")
        }

    def test_both(self):
        options = {"change": "both", "locales": ("cs_CZ",)}
        assert made("[Ann Lee](PERSON)", **options) == {
            f"[{first} {last}](PERSON)" for first in ("Jan", "Petr") for last in ("Novák", "Malý")
        }

    def test_all_names_of_a_text_are_of_one_locale(self):
        options = {"change": "locale", "locales": ("cs_CZ", "lt_LT")}
        for each in made("[Ann](PERSON) [Tom](PERSON)", **options):
            assert ("Jan" in each or "Ev" in each or "Petr" in each) != ("Jonas" in each or "Ona" in each)

    def test_where_nothing_tells_the_gender_it_is_any(self):
        assert made("[Xu Lee](PERSON)") == {f"[{each} Lee](PERSON)" for each in ("Ann", "Bob", "Eve", "Tom")}
        assert made("[Robin](PERSON)") == {f"[{each}](PERSON)" for each in ("Ann", "Bob", "Eve", "Tom")}

    def test_a_word_alone_that_is_no_given_name_is_a_family_name(self):
        assert made("[Xu](PERSON) [Smith](PERSON)") == {"[Xu](PERSON) [Smith](PERSON)"}
        options = {"change": "locale", "locales": ("en_US",)}
        assert made("[Smith](PERSON)", **options) == {"[Jones](PERSON)", "[Lee](PERSON)"}
        assert made("[Xu](PERSON) met [Xu Lee](PERSON)") == {
            f"[{each}](PERSON) met [{each} Lee](PERSON)" for each in ("Ann", "Bob", "Eve", "Tom")
        }

    def test_titles_change_along(self):
        assert made("[Mr. Lee](PERSON), [DR. TOM J. LEE JR.](PERSON)", 400) == {
            f"[Ms. Lee](PERSON), [DR. {each.upper()} J. LEE JR.](PERSON)" for each in ("Ann", "Eve")
        }
        assert made("[Mrs Xu Lee](PERSON)") == {f"[Mr {each} Lee](PERSON)" for each in ("Bob", "Tom")}
        assert made("[Mr Ann](PERSON)", change="locale", locales=("cs_CZ",)) == {
            "[Mr Novák](PERSON)",
            "[Mr Malý](PERSON)",
        }

    def test_family_names_of_a_locale_that_has_them_by_gender_change_along(self):
        assert made("[Jan Malý](PERSON), [Malá](PERSON)", locale="cs_CZ") == {
            f"[{first} {last}](PERSON), [{other}](PERSON)"
            for first in ("Jana", "Eva")
            for last in ("Nováková", "Malá")
            for other in ("Novák", "Malý")
        }

    def test_names_that_are_not_the_first_nor_the_last(self):
        assert made("[Ann van Eve Lee](PERSON)", 400) == {
            f"[{one} van {two} Lee](PERSON)" for one in ("Bob", "Tom") for two in ("Bob", "Tom")
        }

    def test_a_person_has_one_gender(self):
        assert made("[Ann Tom Lee](PERSON)") == {
            f"[{one} {two} Lee](PERSON)" for one in ("Bob", "Tom") for two in ("Bob", "Tom")
        } - {"[Tom Tom Lee](PERSON)", "[Bob Tom Lee](PERSON)"}
        assert made("[Ann Lee](PERSON), [Bob Lee](PERSON)") == {
            f"[{one} Lee](PERSON), [{two} Lee](PERSON)" for one in ("Bob", "Tom") for two in ("Ann", "Eve")
        }
        assert made("[Mr Ann Lee](PERSON)") == {"[Ms Eve Lee](PERSON)"}

    def test_casing(self):
        options = {"change": "locale", "locales": ("lt_LT",)}
        assert made("[ann](PERSON) [LEE](PERSON)", **options) == {
            f"[{first}](PERSON) [{last}](PERSON)" for first in ("jonas", "ona") for last in ("JONAS", "ONA")
        }

    def test_other_labels_and_policies(self):
        assert made("[Ann](PER) [Bob](PERSON) [Tom](CITY)", labels=("PER", "PERSON"), policy={"PERSON": "keep"}) == {
            f"[{each}](PER) [Bob](PERSON) [Tom](CITY)" for each in ("Bob", "Tom")
        }
        assert made("[Ann Lee](PERSON)", protect=("lee",)) == {"[Ann Lee](PERSON)"}

    def test_mentions_that_share_a_name_are_one_person(self):
        text = "[Ann Xu](PERSON), [Xu](PERSON), [Bob](PERSON)"
        assert made(text, rate=0.01, change="locale", locales=("lt_LT",)) == {
            *(
                f"[{one} {two}](PERSON), [{two}](PERSON), [Bob](PERSON)"
                for one in ("Jonas", "Ona")
                for two in ("Jonas", "Ona")
            ),
            *(f"[Ann Xu](PERSON), [Xu](PERSON), [{each}](PERSON)" for each in ("Jonas", "Ona")),
        }

    def test_the_rate_is_the_share_of_the_persons(self):
        text = " ".join(f"[{one}{two} {two}{one}](PERSON)" for one in "Bcdf" for two in "aeiou")
        changed = [
            sum(a != b for a, b in zip(*map(mentions, pair), strict=True))
            for pair in pairs(CounterfactualNames(rate=0.3), corpus_of(text), 200)
        ]
        assert sum(changed) / 200 / 20 == pytest.approx(0.3, rel=0.1)

    @given(corpora())
    def test_hostile_text(self, source: Corpus):
        if "PERSON" not in source.labels:
            return
        operation = CounterfactualNames(change="both", locales=("cs_CZ", "en_US"))
        for before, after in pairs(operation, source, 2):
            assert Template.of(after).literals == Template.of(before).literals
            for (label, old), (same, new) in zip(mentions(before), mentions(after), strict=True):
                assert same == label
                assert len(new.split()) == len(old.split())
                assert label == "PERSON" or new == old


def test_fakers_names(tmp_path: Path):
    operation = CounterfactualNames(change="both", locales=("de_DE", "pl_PL"))
    source = corpus_of("[Mary Smith](PERSON) met [James](PERSON).")
    operation.fit(Resources.of(source), tmp_path, child_rng(1))
    names = json.loads((tmp_path / "names.json").read_text(encoding="utf-8"))
    assert set(names) == {"en_US", "de_DE", "pl_PL"}
    counts: Counter[str] = Counter()
    for each in operation.sampler(tmp_path)(400, child_rng(2)):  # type: ignore[union-attr]
        (_, name), (_, alone) = mentions(each)
        first, last = name.split(maxsplit=1)
        locales = [
            locale
            for locale in ("de_DE", "pl_PL")
            if first in names[locale]["first_male"]
            and last in names[locale]["last_male"]
            and alone in names[locale]["first_female"]
        ]
        assert locales
        counts[locales[0]] += 1
    assert counts["de_DE"] == pytest.approx(200, abs=60)


LOCALES = ("cs_CZ", "de_DE", "en_US", "es_ES", "he_IL", "is_IS", "ru_RU")


@pytest.mark.parametrize("locale", [*LOCALES, pytest.param("", marks=pytest.mark.slow)])
def test_no_new_given_name_is_of_both_genders(locale: str):
    """By all lists that Faker has, in the slow test."""
    own = name_lists("en_US", 500, child_rng(1))
    known = [locale] if locale else [each for each in AVAILABLE_LOCALES if each != "fr_QC"]
    for each in known:
        names = name_lists(each, 500, child_rng(1))
        telling = counterfactual_names._telling_names(names, own)
        women, men = ({name.casefold() for name in telling[kind]} for kind in ("first_female", "first_male"))
        by_gender = names["first_female"] != names["first_male"]
        assert bool(women and men) == by_gender, each
        assert not women & {name.casefold() for lists in (names, own) for name in lists["first_male"]}
        assert not men & {name.casefold() for lists in (names, own) for name in lists["first_female"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": ("PERSONS",)}, "option 'labels': the source has no label 'PERSONS'; did you mean 'PERSON'?"),
        ({"locale": "xx_XX"}, "Faker has no locale 'xx_XX'"),
        (
            {"change": "both", "locales": ("lt_LT",)},
            "option 'change': Faker has no names by gender in the locale 'lt_LT'",
        ),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        made("[Ann](PERSON)", 1, **options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("options", [{"labels": ()}, {"locales": ()}, {"change": "name"}])
def test_options_out_of_range(options: dict[str, Any]):
    with pytest.raises(OptionError, match=f"^option '{next(iter(options))}'"):
        CounterfactualNames(**options)
