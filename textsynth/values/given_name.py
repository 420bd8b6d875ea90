"""What given names say of the gender of a person, by the names that Faker has for women and for men."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textsynth.foundation.unpacked import unpack_once
from textsynth.language.person_name import FEMALE, MALE, UNKNOWN, title_gender, words_of

_CLEARLY = 3
"""In how many times as many locales as for the other gender a name must be known to tell the gender."""

SEVERAL = "several"
"""What stands for the language of a name that more than one language has."""

_PEOPLE = 1 / 3
"""The share of the mentions of a label that begin with a known given name if they are persons."""


@functools.lru_cache(maxsize=100_000)
def find_gender(mention: str) -> int:
    """Returns the gender that the title or the given name of a person tells; UNKNOWN if neither does.

    Without Faker only titles tell it.

    >>> found = [find_gender(each) for each in ("Anna Lee", "Mr. Lee", "Dr. John Lee", "Dr. Moss")]
    >>> found == [FEMALE, MALE, MALE, UNKNOWN]
    True
    """
    words = words_of(mention)
    for word in words:
        if word.is_title:
            return title_gender(word.text.casefold())
    return _find_genders().get(words[0].key, UNKNOWN) if words else UNKNOWN


def are_people(mentions: Iterable[str]) -> bool:
    """Says whether mentions are names of persons, by how many of them begin with a known given name or a title."""
    distinct = set(mentions)
    known = sum(find_gender(mention) != UNKNOWN for mention in distinct)
    return bool(distinct) and known >= _PEOPLE * len(distinct)


def find_language(mention: str) -> str:
    """Returns the language whose locales alone know the given name, `SEVERAL` if some do, "" if none does.

    Without Faker no name is known.

    >>> find_language("Anna Lee"), find_language("Dr. Xqz"), find_language("Søren")
    ('several', '', 'da')
    """
    known = (_find_languages().get(word.key) for word in words_of(mention) if not word.is_title)
    return next(known, None) or ""


@functools.cache
def _find_languages() -> dict[str, str]:
    """Returns for each given name in folded case its language, `SEVERAL` if it has more than one."""
    found: dict[str, str] = {}
    for locale, provider in _list_providers():
        language = locale.partition("_")[0]
        for kind in ("first_names", "first_names_female", "first_names_male"):
            names = getattr(provider, kind, ())  # some locales make it up when it is asked for
            for name in () if isinstance(names, property) else names:
                key = name.casefold()
                found[key] = language if found.get(key, language) == language else SEVERAL
    return found


def _list_providers() -> list[tuple[str, Any]]:
    """Returns each locale of Faker with what it knows of persons; nothing without Faker."""
    try:
        import faker.providers.person as people
    except ImportError:
        return []
    names = [locale.name for locale in pkgutil.iter_modules(people.__path__)]
    return [(name, importlib.import_module(f"{people.__name__}.{name}").Provider) for name in names]


@functools.cache
def _find_genders() -> dict[str, int]:
    """Returns the gender of each given name in folded case, if one clearly prevails over all locales of Faker."""
    try:
        from faker import VERSION
    except ImportError:
        return {}
    # A hundred modules say which names there are; to import them takes a tenth of a small run.
    folder = unpack_once(f"given-names-{VERSION}-{_CLEARLY}", _write_genders)
    if folder is None:
        return _count_genders()
    genders: dict[str, int] = json.loads((folder / _GENDERS).read_text(encoding="utf-8"))
    return genders


_GENDERS = "genders.json"
"""The file in the cache; if it comes about by another rule, its folder must have another name."""


def _write_genders(folder: Path) -> None:
    (folder / _GENDERS).write_text(json.dumps(_count_genders()), encoding="utf-8")


def _count_genders() -> dict[str, int]:
    counts: list[Counter[str]] = [Counter(), Counter()]
    for _, provider in _list_providers():
        for gender, kind in ((FEMALE, "first_names_female"), (MALE, "first_names_male")):
            counts[gender].update({name.casefold() for name in getattr(provider, kind, ())})
    return {
        name: gender
        for gender in (FEMALE, MALE)
        for name, count in counts[gender].items()
        if count >= _CLEARLY * counts[1 - gender][name]
    }
