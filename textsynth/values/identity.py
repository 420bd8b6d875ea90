"""One invented person with all that belongs to them: names, addresses and numbers.

User name and e-mail address are made of the name; city, state and postcode go together for the locales that `towns/`
has a table of.
"""

from __future__ import annotations

import datetime
import functools
import re
from typing import Any

from textsynth.values.town import Town, list_towns

FIELDS = (
    "name", "first_name", "last_name", "email", "username", "phone", "street", "city", "state", "postcode", "country",
    "company", "job", "iban", "credit_card", "birth_date", "date", "url", "ip_address",
)  # fmt: skip
"""What a record has; each is a property of `Identity`."""

_FAMILY_FIRST = {"ja": " ", "zh": "", "ko": "", "hu": " ", "vi": " "}
"""Languages in which the family name comes first, and what stands between it and the given name."""

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
"""How German letters are written in addresses."""

_RESERVED_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
"""Domains that RFC 2606 keeps free, so that no invented address is anyone's."""

_DATE_FORMATS = (
    dict.fromkeys(
        ("en", "es", "fr", "it", "pt", "vi", "th", "id", "el", "he", "ar", "hi", "bn", "ta", "mr"), "%d/%m/%Y"
    )
    | dict.fromkeys(("zh", "sv", "lt", "en_CA", "fr_CA"), "%Y-%m-%d")
    | {"en_US": "%m/%d/%Y", "ja": "%Y/%m/%d", "zh_TW": "%Y/%m/%d", "ko": "%Y.%m.%d", "hu": "%Y. %m. %d."}
    | {"nl": "%d-%m-%Y", "fr_CH": "%d.%m.%Y", "it_CH": "%d.%m.%Y", "fa": "%Y/%m/%d"}
)
"""By locale or language; elsewhere `%d.%m.%Y`."""

_COUNTRIES = {"en_MS": "Malaysia"}
"""Countries that Faker does not know by the locale."""

_YEARS_BACK = 85
"""The years between today and the year in which dates begin."""

_ADULT = 19
"""The age of the youngest, in years."""


class Identity:
    """An invented person; every field is drawn once, when it is first asked for.

    Args:
        faker: a Faker of one locale, seeded; country, city, postcode and telephone number are that locale's.
        locale: that locale.
        today: no date is later.
    """

    def __init__(self, faker: Any, locale: str, today: datetime.date) -> None:
        self._faker = faker
        self._locale = locale
        self._today = today
        self._language = locale.partition("_")[0]

    @functools.cached_property
    def _gender(self) -> str:
        return str(self._faker.random.choice(["female", "male"]))

    @functools.cached_property
    def first_name(self) -> str:
        """A given name."""
        return self._of_gender("first_name")

    @functools.cached_property
    def last_name(self) -> str:
        """A family name, in the form that goes with the given name."""
        return self._of_gender("last_name")

    @functools.cached_property
    def name(self) -> str:
        """The full name, in the order of the locale."""
        if self._language in _FAMILY_FIRST:
            return f"{self.last_name}{_FAMILY_FIRST[self._language]}{self.first_name}"
        return f"{self.first_name} {self.last_name}"

    @functools.cached_property
    def username(self) -> str:
        """A user name made of the name."""
        first, last = self._slug(self.first_name), self._slug(self.last_name)
        number = self._faker.random.randint(1, 99)
        patterns = [f"{first}.{last}", f"{first[0]}{last}", f"{first}{number:02d}", f"{last}_{first}", f"{first}{last}"]
        return str(self._faker.random.choice(patterns))

    @functools.cached_property
    def email(self) -> str:
        """An address made of the name, at the company's domain or at one that is kept for examples."""
        first, last = self._slug(self.first_name), self._slug(self.last_name)
        local = self._faker.random.choice([f"{first}.{last}", f"{first[0]}.{last}", self.username])
        return f"{local}@{self._faker.random.choice([self._domain, *_RESERVED_DOMAINS])}"

    @functools.cached_property
    def phone(self) -> str:
        """A telephone number of the locale."""
        return self._own("phone_number") or self._own("mobile_number")

    @functools.cached_property
    def street(self) -> str:
        """Street and house number."""
        return self._own("street_address")

    @functools.cached_property
    def city(self) -> str:
        """A city: a real one if the locale has a table of towns, else in the style of the locale."""
        return self._town.city if self._town else self._own("city")

    @functools.cached_property
    def _town(self) -> Town | None:
        """A real town, if the locale has a table of them."""
        towns = list_towns(self._locale)
        return towns[self._faker.random.randrange(len(towns))] if towns else None

    @functools.cached_property
    def _state_code(self) -> str:
        """The state as its postcodes are known by; nothing if they are not known by any."""
        provider = self._faker.provider("faker.providers.address")
        if hasattr(provider, "postcode_in_state"):
            known = getattr(provider, "states_abbr", ()) or sorted(getattr(provider, "states_postcode", ()))
            return self._own("state_abbr") or str(self._faker.random.choice(known))
        return self._own("province_abbr") if hasattr(provider, "postcode_in_province") else ""

    @functools.cached_property
    def state(self) -> str:
        """The state or region: that of the city if there is a table; abbreviated if the postcode depends on it."""
        if self._town:
            return self._town.state
        return self._state_code or self._own("state") or self._own("administrative_unit") or self.city

    @functools.cached_property
    def postcode(self) -> str:
        """A postcode: one of the city if there is a table; else as the locale writes them, and of the state at best."""
        if self._town:
            return self._town.postcode
        for method in ("postcode_in_state", "postcode_in_province"):
            if self._state_code and hasattr(self._faker, method):
                return str(getattr(self._faker, method)(self._state_code))
        return self._own("postcode")

    @functools.cached_property
    def country(self) -> str:
        """The country of the locale, in English."""
        return _COUNTRIES.get(self._locale) or self._own("current_country")

    @functools.cached_property
    def company(self) -> str:
        """The employer."""
        return self._own("company")

    @functools.cached_property
    def job(self) -> str:
        """The occupation."""
        return self._own("job")

    @functools.cached_property
    def iban(self) -> str:
        """A bank account number with a right check sum."""
        return self._own("iban")

    @functools.cached_property
    def credit_card(self) -> str:
        """A card number with a right check digit."""
        return self._own("credit_card_number")

    @functools.cached_property
    def birth_date(self) -> str:
        """The date of birth of someone of 19 to 85 years, written as in the locale."""
        return self._date(_years_before(self._today, _ADULT))

    @functools.cached_property
    def date(self) -> str:
        """A date of the last 85 years, written as in the locale."""
        return self._date(self._today)

    @functools.cached_property
    def url(self) -> str:
        """The company's web page, at a domain that is kept for examples."""
        return f"https://www.{self._domain}"

    @functools.cached_property
    def ip_address(self) -> str:
        """An IPv4 address."""
        return self._own("ipv4")

    @functools.cached_property
    def _domain(self) -> str:
        words = [self._slug(word) for word in re.findall(r"\w+", self.company)]
        return "-".join(words[:2] or ["company"]) + ".example"

    def _date(self, last: datetime.date) -> str:
        first = datetime.date(self._today.year - _YEARS_BACK, 1, 1)
        day = first + datetime.timedelta(self._faker.random.randint(0, (last - first).days))
        pattern = _DATE_FORMATS.get(self._locale) or _DATE_FORMATS.get(self._language, "%d.%m.%Y")
        return day.strftime(pattern)

    def _of_gender(self, method: str) -> str:
        return self._own(f"{method}_{self._gender}") or self._own(method)

    def _own(self, method: str) -> str:
        """Draws from the locale, trimmed: some of Faker's word lists have spaces and commas at the edges."""
        call = getattr(self._faker, method, None)
        lines = str(call()).splitlines() if call else []
        return ", ".join(filter(None, (" ".join(line.split()).strip(" ,;") for line in lines)))

    @functools.cached_property
    def _romaji(self) -> dict[str, str]:
        """Japanese names in Latin letters: characters alone do not say how they are read."""
        provider = self._faker.provider("faker.providers.person")
        names = [*provider.last_name_pairs, *provider.first_name_female_pairs, *provider.first_name_male_pairs]
        return {characters: latin for characters, _, latin in names}

    def _slug(self, text: str) -> str:
        """Returns the letters and digits of a text in ASCII and lower case."""
        import anyascii

        if self._language == "ja":
            text = self._romaji.get(text, text)
        plain = anyascii.anyascii(text.translate(_GERMAN) if self._language == "de" else text)
        return re.sub(r"[^a-z0-9]", "", plain.lower()) or "x"


def _years_before(day: datetime.date, years: int) -> datetime.date:
    """Returns the same day some years before; of a 29 February the 28th, if need be."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
