"""The names of persons in texts: which words are given names, family names and titles, and which belong together."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["first", "last", "title"]
FEMALE, MALE, UNKNOWN = 0, 1, -1
"""Genders; as positions in pairs, such as those of titles, the first two stand for a woman and a man."""

GenderOf = Callable[[Role, str], int | None]
"""Gives for a role and a name in folded case its gender, `UNKNOWN` if it may be either, None for no known name."""

TITLES = {
    "mr": ("Ms", "Mr"), "ms": ("Ms", "Mr"), "mrs": ("Mrs", "Mr"), "miss": ("Miss", "Mr"), "sir": ("Madam", "Sir"),
    "madam": ("Madam", "Sir"), "lord": ("Lady", "Lord"), "lady": ("Lady", "Lord"),
    "herr": ("Frau", "Herr"), "herrn": ("Frau", "Herrn"), "frau": ("Frau", "Herr"),
    "monsieur": ("Madame", "Monsieur"), "madame": ("Madame", "Monsieur"), "mme": ("Mme", "M."), "mlle": ("Mlle", "M."),
}  # fmt: skip
"""Titles that tell the gender, each as a woman and as a man has it: English, German and French ones."""

_FEMALE_TITLES = frozenset({"ms", "mrs", "miss", "madam", "lady", "frau", "madame", "mme", "mlle"})
"""Titles that women have."""

PRONOUNS: Mapping[str, Mapping[str, int]] = {
    "en": {"she": FEMALE, "her": FEMALE, "hers": FEMALE, "herself": FEMALE,
           "he": MALE, "him": MALE, "his": MALE, "himself": MALE},
    "de": {"sie": FEMALE, "er": MALE, "ihn": MALE, "ihm": MALE},
    "fr": {"elle": FEMALE, "née": FEMALE, "il": MALE, "né": MALE},
}  # fmt: skip
"""For a language the words that may tell the gender of a person in the sentence.

If one means something else too (German "sie" is they, French "il" is it), names keep a gender without need, and no harm
is done.
"""

_BEFORE_NAME = {
    "de": (re.compile(r"\b[A-ZÄÖÜ]\w*(?:er|ent|ist|or|är|at|ant|eur)in\s+$"), FEMALE),
    "fr": (re.compile(r"\bM\.?\s+$"), MALE),
}
"""What else stands before names and tells a gender: German "Kanzlerin", and "M.", which is no title elsewhere."""

_NEUTRAL = frozenset("dr prof professor doctor president senator captain saint st jr sr ii iii iv phd md".split())
"""Titles and additions that anybody may have: no names, and they tell no gender."""

_ADDITIONS = frozenset("jr sr ii iii iv phd md".split())
"""Those of them that stand behind a name."""


@dataclass(frozen=True)
class Word:
    """A word of a mention that is a name, or a title that tells the gender.

    Args:
        start: characters from where positions are counted.
        text: its letters.
        key: what two words have in common that must be replaced alike.
        is_title: whether it is a title.
    """

    start: int
    text: str
    key: str
    is_title: bool = False


@dataclass
class Name:
    """A name, or a title, of a person, wherever in the text it stands.

    Args:
        role: what it is.
        gender: of the person, as far as is known.
        words: where it stands.
    """

    role: Role
    gender: int
    words: list[Word]


def is_title(word: str) -> bool:
    """Says whether a word in folded case stands before names: Mr, Dr, President."""
    return word in TITLES or (word in _NEUTRAL and word not in _ADDITIONS)


def title_gender(word: str) -> int:
    """Returns the gender that a title in folded case tells, `UNKNOWN` if it tells none."""
    if word not in TITLES:
        return UNKNOWN
    return FEMALE if word in _FEMALE_TITLES else MALE


def gender_before(text: str, language: str) -> int:
    """Returns the gender that the end of a text tells of the name behind it, `UNKNOWN` if it tells none.

    Args:
        text: up to the name.
        language: two letters of ISO 639.

    >>> [gender_before("Heute sprach Kanzlerin ", "de") == FEMALE, gender_before("de M. ", "fr") == MALE]
    [True, True]
    """
    words = text.split()
    titled = title_gender(words[-1].casefold().strip("\"'([“‘«.")) if words else UNKNOWN
    pattern, gender = _BEFORE_NAME.get(language, (None, UNKNOWN))
    return gender if titled == UNKNOWN and pattern and pattern.search(text) else titled


def words_of(mention: str, start: int = 0) -> list[Word]:
    """Returns the words of a mention, without initials, numbers and titles that anybody may have.

    Args:
        mention: the mention.
        start: its position.

    >>> [word.text for word in (*words_of("Dr. Jean-Luc B. O'Neil's"), *words_of("(Mr. Li)"))]
    ['Jean-Luc', "O'Neil", 'Mr', 'Li']
    """
    found = [(start + place, text, text.casefold()) for place, text in _chunks(mention)]
    named = " ".join(folded for _, _, folded in found if folded not in TITLES)
    titled = [(*each, each[2] in TITLES) for each in found]
    return [Word(place, text, f"{key} {named}" if title else key, title) for place, text, key, title in titled]


def persons_of(mentions: Sequence[tuple[int, str]], gender_of: GenderOf) -> list[list[Name]]:
    """Finds out which names of a text belong together: those of mentions that share one.

    Of several words of a mention the first is the given name and the last the family name; of those between, only
    known given names count. A word that is always alone is a given name if it is known as one and no title stands
    before it, else a family name.

    Args:
        mentions: the mentions of persons, each with its position.
        gender_of: what is known of names.

    Returns:
        For each person the names.
    """
    known = [words_of(mention, start) for start, mention in mentions]
    roles = _roles(known, gender_of)
    names: dict[str, Name] = {}
    persons: list[list[str]] = []
    for words in known:
        named = [word for word in words if word.key in roles]
        told = _gender_of_person([(roles[word.key], word) for word in named], gender_of)
        for word in named:
            name = names.setdefault(word.key, Name(roles[word.key], told, []))
            name.words.append(word)
            name.gender = told if name.gender == UNKNOWN else name.gender
        persons = _join(persons, [word.key for word in named])
    return [[names[key] for key in keys] for keys in persons]


@functools.lru_cache(2**16)  # Whoever fills slots asks for the same names over and over.
def _chunks(mention: str) -> tuple[tuple[int, str], ...]:
    """Returns what stands between white space, without punctuation around it, if it may be a name."""
    return tuple(_find_chunks(mention))


def _find_chunks(mention: str) -> Iterable[tuple[int, str]]:
    for chunk in re.finditer(r"\S+", mention):
        start = len(chunk[0]) - len(chunk[0].lstrip("\"'([“‘«-"))
        text = re.sub(r"['’][sS]$", "", chunk[0][start:].rstrip("\"')],.:;?!”’»-"))
        kinds = {unicodedata.category(letter)[0] for letter in re.sub(r"['’-]", "", text)}
        initial = len(text) == 1 and text.lower() != text.upper()
        if "L" in kinds and kinds <= {"L", "M"} and not initial and text.casefold() not in _NEUTRAL:
            yield chunk.start() + start, text


def _roles(known: Sequence[Sequence[Word]], gender_of: GenderOf) -> dict[str, Role]:
    """Returns what each word of a text is, by key, but for words between that are no known names."""
    roles: dict[str, Role] = {word.key: "title" for words in known for word in words if word.is_title}
    names = [[word for word in words if not word.is_title] for words in known]
    for several in (some for some in names if len(some) > 1):
        roles.setdefault(several[0].key, "first")
        roles.setdefault(several[-1].key, "last")
        for word in several[1:-1]:
            if gender_of("first", word.key) is not None:
                roles.setdefault(word.key, "first")
    for words, some in zip(known, names, strict=True):
        if len(some) == 1:
            is_given = not words[0].is_title and gender_of("first", some[0].key) is not None
            roles.setdefault(some[0].key, "first" if is_given else "last")
    return roles


def _gender_of_person(named: Sequence[tuple[Role, Word]], gender_of: GenderOf) -> int:
    """Returns the one gender that the names of a mention have: by a title, else the first given name that tells it."""
    order: tuple[Role, ...] = ("title", "first", "last")
    found = [_gender(role, word, gender_of) for each in order for role, word in named if role == each]
    return next((gender for gender in found if gender != UNKNOWN), UNKNOWN)


def _gender(role: Role, word: Word, gender_of: GenderOf) -> int:
    if role == "title":
        return title_gender(word.text.casefold())
    known = gender_of(role, word.key)
    return UNKNOWN if known is None else known


def _join(persons: list[list[str]], keys: list[str]) -> list[list[str]]:
    """Adds the keys of a mention to the person that has one of them; persons that it joins become one."""
    touched = [person for person in persons if set(person) & set(keys)]
    merged = list(dict.fromkeys([*(key for person in touched for key in person), *keys]))
    if not touched:
        return [*persons, merged] if merged else persons
    return [merged if person is touched[0] else person for person in persons if person not in touched[1:]]
