from __future__ import annotations

import datetime
import re
from typing import Any

import anyascii
import pytest

from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.values.identity import FIELDS, Identity
from textsynth.values.town import list_towns

faker = pytest.importorskip("faker")

from faker.config import AVAILABLE_LOCALES  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

RESERVED = re.compile(r"(?:[a-z0-9-]+\.example|example\.(?:com|org|net))")
ADDRESS = "faker.providers.address"


def seeded(locale: str, seed: int) -> Any:
    made = faker.Faker(locale)
    made.seed_instance(seed)
    return made


def people(locale: str, count: int = 6) -> list[Identity]:
    generator = seeded(locale, 1)
    return [Identity(generator, locale, DEFAULT_TODAY) for _ in range(count)]


def ascii_of(text: str) -> str:
    for letter, plain in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}.items():
        text = text.replace(letter, plain)
    return re.sub("[^a-z0-9]", "", anyascii.anyascii(text).lower())


def test_there_are_as_many_locales_as_we_say():
    assert len(AVAILABLE_LOCALES) >= 110


@pytest.mark.parametrize("locale", sorted(AVAILABLE_LOCALES))
def test_every_field_of_every_locale_is_a_filler(locale: str):
    for person in people(locale):
        record = {field: getattr(person, field) for field in FIELDS}
        for field, value in record.items():
            assert isinstance(value, str), field
            assert value == " ".join(value.split()), field
            assert value.strip(" ,;") == value != "", field
        local, _, domain = record["email"].partition("@")
        assert RESERVED.fullmatch(domain), domain
        assert re.fullmatch(r"[a-z0-9][a-z0-9._]*", local), local
        assert RESERVED.fullmatch(record["url"].removeprefix("https://www."))
        assert record["first_name"] in record["name"]
        assert record["last_name"] in record["name"]
        assert record["country"] == people(locale)[0].country


@pytest.mark.parametrize(
    "locale", ["en_US", "de_DE", "fr_FR", "pl_PL", "ru_RU", "el_GR", "zh_CN", "ko_KR", "ar_SA", "hi_IN"]
)
def test_addresses_are_made_of_the_name(locale: str):
    for person in people(locale, 30):
        if not locale.startswith("de"):
            first, last = (
                re.sub("[^a-z0-9]", "", anyascii.anyascii(x).lower()) for x in (person.first_name, person.last_name)
            )
        else:
            first, last = ascii_of(person.first_name), ascii_of(person.last_name)
        numbered = re.sub(r"\d\d$", "", person.username)
        assert numbered in (f"{first}.{last}", f"{first[0]}{last}", first, f"{last}_{first}", f"{first}{last}")
        assert person.email.partition("@")[0] in (f"{first}.{last}", f"{first[0]}.{last}", person.username)


def test_japanese_names_in_latin_letters():
    romaji = {
        "佐藤": "sato",
        "鈴木": "suzuki",
        "高橋": "takahashi",
        "田中": "tanaka",
        "渡辺": "watanabe",
        "伊藤": "ito",
    }
    known = [person for person in people("ja_JP", 120) if person.last_name in romaji]
    spelt = [person for person in known if romaji[person.last_name] in person.email.partition("@")[0] + person.username]
    assert len(spelt) > len(known) / 2 > 4
    assert not any(ascii_of(person.last_name) in person.email + person.username for person in known)
    assert all(person.name == f"{person.last_name} {person.first_name}" for person in known)


def test_fields_are_drawn_once():
    person = people("en_US")[0]
    assert [getattr(person, field) for field in FIELDS] == [getattr(person, field) for field in FIELDS]


def test_names_go_with_the_gender():
    person = seeded("pl_PL", 0).provider("faker.providers.person")
    female, male = set(person.first_names_female), set(person.first_names_male)
    for each in people("pl_PL", 60):
        assert (each.first_name in female) or not each.last_name.endswith(("ska", "cka"))
        assert (each.first_name in male) or not each.last_name.endswith(("ski", "cki"))


def within(postcode: str, ranges: Any) -> bool:
    bounds = ranges if isinstance(ranges[0], (tuple, list)) else [ranges]
    return any(low <= int(postcode) <= high for low, high in bounds)


@pytest.mark.parametrize(
    ("locale", "table"),
    [
        ("en_IN", "state_pincode"),
        ("en_MS", "states_postcode"),
        ("vi_VN", "provinces_postcode"),
        ("hy_AM", "states_postcode"),
        ("am_ET", "states_postcode"),
    ],
)
def test_the_postcode_is_one_of_the_state(locale: str, table: str):
    ranges = getattr(seeded(locale, 0).provider(ADDRESS), table)
    drawn = [(person.state, person.postcode) for person in people(locale, 80)]
    assert [(state, postcode) for state, postcode in drawn if not within(postcode, ranges[state])] == []
    assert len({state for state, _ in drawn}) > 5


KNOWN_TOWNS = {
    "en_US": {("DC", "Washington", "20001"), ("TX", "Houston", "77002"), ("CA", "Los Angeles", "90012")},
    "de_DE": {("Berlin", "Berlin", "10115"), ("Bayern", "München", "80331"), ("Sachsen", "Leipzig", "04109")},
}


@pytest.mark.parametrize("locale", KNOWN_TOWNS)
def test_city_state_and_postcode_are_of_a_real_town(locale: str):
    towns = set(list_towns(locale))
    assert towns >= KNOWN_TOWNS[locale]
    assert all(re.fullmatch(r"\d{5}", town.postcode) for town in towns)
    drawn = [(person.state, person.city, person.postcode) for person in people(locale, 60)]
    assert set(drawn) <= towns
    assert len(set(drawn)) > 40
    assert list_towns("fr_FR") == ()


@pytest.mark.parametrize("locale", ["en_CA", "fr_CA"])
def test_the_postcode_is_one_of_the_province(locale: str):
    prefixes = seeded(locale, 0).provider(ADDRESS).provinces_postcode_prefixes
    for person in people(locale, 80):
        assert person.postcode[0] in prefixes[person.state]


@pytest.mark.parametrize(
    ("locale", "country"),
    [("de_AT", "Austria"), ("en_MS", "Malaysia"), ("pt_BR", "Brazil"), ("de", "Germany"), ("en_US", "United States")],
)
def test_the_country_is_the_locales(locale: str, country: str):
    assert {person.country for person in people(locale)} == {country}


@pytest.mark.parametrize("locale", sorted(AVAILABLE_LOCALES))
def test_check_sums_are_right(locale: str):
    for person in people(locale, 2):
        digits = [int(digit) for digit in person.credit_card][::-1]
        assert sum(d if at % 2 == 0 else d * 2 - 9 * (d > 4) for at, d in enumerate(digits)) % 10 == 0
        iban = person.iban.replace(" ", "")
        assert int("".join(str(int(each, 36)) for each in iban[4:] + iban[:4])) % 97 == 1


DATES = {"en_US": "%m/%d/%Y", "en_GB": "%d/%m/%Y", "de_DE": "%d.%m.%Y", "fr_FR": "%d/%m/%Y", "ja_JP": "%Y/%m/%d"} | {
    "sv_SE": "%Y-%m-%d", "hu_HU": "%Y. %m. %d.", "nl_NL": "%d-%m-%Y", "fr_CH": "%d.%m.%Y", "en_CA": "%Y-%m-%d"
}  # fmt: skip


@pytest.mark.parametrize("locale", DATES)
def test_dates_are_written_as_in_the_locale(locale: str):
    for person in people(locale, 40):
        born = datetime.datetime.strptime(person.birth_date, DATES[locale]).date()
        day = datetime.datetime.strptime(person.date, DATES[locale]).date()
        assert datetime.date(1940, 1, 1) <= born <= datetime.date(2006, 12, 31)
        assert datetime.date(1940, 1, 1) <= day <= datetime.date(2025, 12, 31)


def test_dates_count_from_today():
    leap = datetime.date(2020, 2, 29)
    made = [Identity(seeded("en_CA", seed), "en_CA", leap) for seed in range(200)]
    born = [datetime.date.fromisoformat(each.birth_date) for each in made]
    days = [datetime.date.fromisoformat(each.date) for each in made]
    assert datetime.date(1935, 1, 1) <= min(born) < max(born) <= datetime.date(2001, 2, 28)
    assert datetime.date(2001, 2, 28) < max(days) <= leap
