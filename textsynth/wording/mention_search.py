"""Where mentions stand in a text that a model wrote, or why that is not clear.

The rules, for each mention:

* It stands where its words stand, whatever their case, with any white space between them and either kind of
  apostrophe, hyphen and quotation mark. Its last word may be inflected: a plural or a verb's form of a word in small
  letters, a plural of an abbreviation (GPUs). A capitalised name may not, as Williams is not William; a possessive 's
  stays outside.
* It stands alone: not inside a word (Oslo in Osloer), a number (5 in 2.5), a contraction or a name (Malley in
  O'Malley). Scripts without spaces between words have no such edges.
* A place that lies inside the place of a longer mention belongs to that one (York in New York).
* If it stands at several places they must be written alike, and all of them are labelled: one left out would teach a
  tagger that it is no mention. Written differently (Apple and apple, nurse and nurses), it is not clear which are
  meant.
* Places of different mentions must not overlap, and two labels for the same words are not clear.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textsynth.corpus.example import Span
from textsynth.corpus.script import is_unspaced
from textsynth.language.inflection import Form, Inflector

MISSING = "mention missing"
AMBIGUOUS = "mention ambiguous"
"""Why a text is rejected."""

_ALIKE = str.maketrans("’‘ʼ“”\xa0\u202f‑‐", "'''\"\"  --")
"""Characters that are written for each other, one for one, so that offsets stay."""

_NUMBER_BEFORE, _NUMBER_BEHIND = re.compile(r"\d[.,:/]\Z"), re.compile(r"[.,:/]\d")
"""What makes digits a part of a longer number: 5 in 2.5, 2 in 2.5."""
_NAME_BEFORE = re.compile(r"[A-Z]\w*'\Z")
"""O', as in O'Malley; not l', as in l'eau."""
_WORD_BEHIND = re.compile(r"'(?!(?:s|ll|d|ve|re|m)\b)\w", re.IGNORECASE)
"""Not what may stand behind any name: Ada's, Ada'll."""
_NEAR = 20
"""Characters on either side that are looked at."""
_VERB_FORMS: tuple[Form, ...] = ("third", "gerund", "past", "participle")
_SHORTEST = 3
"""Letters of a word, at least, that may be inflected."""


@dataclass(frozen=True, order=True)
class Mention:
    """Words that are to be a mention.

    Args:
        text: the words.
        label: the label of the mention.
    """

    text: str
    label: str


class Unclear(Exception):
    """Says why it is not clear where the mentions of a text are: `MISSING` or `AMBIGUOUS`."""


def locate(text: str, mentions: Sequence[Mention]) -> tuple[Span, ...]:
    """Returns the spans of mentions in a text.

    Args:
        text: what a model wrote.
        mentions: each must be there.

    Raises:
        Unclear: if one is missing, or it is not clear what is meant.

    >>> locate("Ada's cat left oslo.", [Mention("Oslo", "CITY"), Mention("Ada", "PERSON")])
    (Span(start=0, end=3, label='PERSON'), Span(start=15, end=19, label='CITY'))
    """
    wanted = {fold(each.text): each for each in mentions}
    if len(wanted) < len({(fold(each.text), each.label) for each in mentions}):
        raise Unclear(AMBIGUOUS)
    places = {each: list(find_places(text, each.text)) for each in wanted.values()}
    found: list[Span] = []
    for mention, own in places.items():
        longer = [place for other, theirs in places.items() if other is not mention for place in theirs]
        free = [place for place in own if not any(_inside(place, other) for other in longer)]
        _check_alike(text, mention.text, free)
        found += [Span(begin, end, mention.label) for begin, end in free]
    found.sort()
    if any(one.end > other.start for one, other in itertools.pairwise(found)):
        raise Unclear(AMBIGUOUS)
    return tuple(found)


def find_places(text: str, mention: str, *, exactly: bool = False) -> Iterator[tuple[int, int]]:
    """Yields where a mention stands alone in a text, each a start and an end in characters.

    Args:
        text: where to look.
        mention: what to look for.
        exactly: in its own case and form alone.
    """
    alike = text.translate(_ALIKE)
    for match in _pattern(mention, exactly).finditer(alike):
        if _stands_alone(alike, *match.span()):
            yield match.span()


def plain(words: str) -> str:
    """Returns words so that those that differ in white space or kind of apostrophe are equal.

    >>> plain("O’Malley  & Co")
    "O'Malley & Co"
    """
    return " ".join(unicodedata.normalize("NFC", words).translate(_ALIKE).split())


def fold(words: str) -> str:
    """Returns words so that those that differ in case are equal too.

    >>> fold("O’Malley  & Co") == fold("o'malley & co")
    True
    """
    return plain(words).casefold()


@functools.lru_cache(4096)
def _pattern(mention: str, exactly: bool) -> re.Pattern[str]:
    forms = [mention] if exactly else [mention, *inflections(mention)]
    spelt = dict.fromkeys(
        unicodedata.normalize(form, each).translate(_ALIKE) for each in forms for form in ("NFC", "NFD")
    )
    longest_first = sorted({*spelt, *(each.translate(_ALIKE) for each in forms)}, key=lambda each: (-len(each), each))
    written = "|".join(r"\s+".join(map(re.escape, each.split())) for each in longest_first)
    return re.compile(written, 0 if exactly else re.IGNORECASE)


@functools.lru_cache(4096)
def inflections(mention: str) -> tuple[str, ...]:
    """Returns the inflected forms under which a mention is found too; those of its last word.

    >>> inflections("registered nurse"), inflections("GPU"), inflections("William")
    (('registered nursed', 'registered nurses', 'registered nursing'), ('GPUs',), ())
    """
    before, space, word = mention.rpartition(" ")
    if len(word) < _SHORTEST or not word.isalpha():
        return ()
    if word.isupper():
        return (f"{before}{space}{word}s",)
    if not word.islower():
        return ()
    return tuple(f"{before}{space}{form}" for form in sorted(_forms(word) - {word}))


def _forms(word: str) -> set[str]:
    """Returns the plural and singular of a word, and the forms of the verb it may be that share its stem."""
    inflector = Inflector()
    singular = {base for base in inflector.bases(word, "noun") if word in inflector.spellings(base, "noun", "plural")}
    verbs = {base for base in inflector.bases(word, "verb") if base == word or inflector.forms(word, base, "verb")}
    verbal = {form for base in verbs for each in _VERB_FORMS for form in inflector.spellings(base, "verb", each)}
    stem = word[: max(_SHORTEST, len(word) - 4)]
    return {*singular, *inflector.spellings(word, "noun", "plural"), *(f for f in verbal | verbs if f.startswith(stem))}


def _check_alike(text: str, mention: str, places: Sequence[tuple[int, int]]) -> None:
    """Checks that a mention is there, and always written alike, but for a capital at the beginning of a sentence."""
    small = mention[:1].islower()
    forms = {" ".join(text[begin:end].translate(_ALIKE).split()) for begin, end in places}
    if not forms:
        raise Unclear(MISSING)
    if len({form[:1].lower() + form[1:] if small else form for form in forms}) > 1:
        raise Unclear(AMBIGUOUS)


def _inside(place: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= place[0] and place[1] <= other[1] and place != other


def _stands_alone(text: str, begin: int, end: int) -> bool:
    """Says whether what lies between two offsets is no part of a longer word, number or name."""
    if begin and _belong_together(text[begin - 1], text[begin]):
        return False
    if end < len(text) and _belong_together(text[end - 1], text[end]):
        return False
    before, behind = text[max(0, begin - _NEAR) : begin], text[end : end + _NEAR]
    first, last = text[begin], text[end - 1]
    return not (
        (first.isdigit() and _NUMBER_BEFORE.search(before))
        or (last.isdigit() and _NUMBER_BEHIND.match(behind))
        or (first.isalpha() and _NAME_BEFORE.search(before))
        or (last.isalpha() and _WORD_BEHIND.match(behind))
    )


def _belong_together(one: str, other: str) -> bool:
    """Says whether two neighbours belong to one word."""
    both = all(_is_of_word(each) for each in (one, other))
    return both and not is_unspaced(one) and not is_unspaced(other)


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
