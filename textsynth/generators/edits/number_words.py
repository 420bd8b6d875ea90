"""Writes numbers as English words, and such words as digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textsynth.edits.edit import Edit
from textsynth.edits.stretch import FoundStretch, StretchEditor, texts_with
from textsynth.edits.tokenised import Tokenised

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {word: 10 * (2 + n) for n, word in enumerate(_TENS)}
"""The value of each word for a number below one hundred that is one word."""

_MONTH = re.compile(
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?",
    re.IGNORECASE,
)
_YEARS = range(1000, 3000)
"""Numbers that may be years, and stay."""

_MOST = 999_999
"""The largest number that is written in words."""


def spell(number: int) -> str:
    """Returns a number below a million in words.

    >>> spell(0), spell(21), spell(105), spell(1250), spell(40_007)
    ('zero', 'twenty-one', 'one hundred and five', 'one thousand two hundred and fifty', 'forty thousand and seven')
    """
    if number < 20:
        return _SMALL[number]
    if number < 100:
        return _TENS[number // 10 - 2] + (f"-{_SMALL[number % 10]}" if number % 10 else "")
    large, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = number % large
    link = " and " if rest < 100 else " "
    return f"{spell(number // large)} {name}" + (link + spell(rest) if rest else "")


def spell_ordinal(number: int) -> str:
    """Returns an ordinal in words.

    >>> spell_ordinal(3), spell_ordinal(20), spell_ordinal(101)
    ('third', 'twentieth', 'one hundred and first')
    """
    words = re.split(r"(\W)", spell(number))
    last = words.pop()
    regular = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return "".join(words) + _IRREGULAR.get(last, regular)


_CARDINAL = {spell_ordinal(value).split()[-1]: spell(value).split()[-1] for value in [*_VALUES.values()]} | {
    "hundredth": "hundred",
    "thousandth": "thousand",
}


def read(words: str) -> tuple[int, bool] | None:
    """Returns the number that words say, and whether it is an ordinal; nothing for words that say no one number.

    >>> read("twelve"), read("Two hundred and third"), read("nineteen eighty-four")
    ((12, False), (203, True), None)
    """
    parts = [part for part in re.split(r"[ -]", words.lower()) if part != "and"]
    ordinal = parts[-1] in _CARDINAL
    parts[-1] = _CARDINAL.get(parts[-1], parts[-1])
    total, part = 0, 0
    for word in parts:
        if word == "thousand":
            total, part = total + 1000 * part, 0
        elif word == "hundred":
            part *= 100
        elif word in _VALUES:
            part += _VALUES[word]
        else:
            return None
    number = total + part
    said = number <= _MOST and [each for each in re.split(r"[ -]", spell(number)) if each != "and"] == parts
    return (number, ordinal) if said else None


_WORD = "|".join(sorted([*_VALUES, *_CARDINAL, "hundred", "thousand"], key=len, reverse=True))
_WORDS = re.compile(
    rf"(?<![\w'’./@#:&=-])(?ai:(?:{_WORD})(?:(?:-| (?:and )?)(?:{_WORD}))*)(?![\w'’@#/]|[-.:]\w| point\b)"
)
_DIGITS = re.compile(
    r"(?<![\w.,:;/\\+#@$£€¥%‰'’<=*^~&-])(?<![$£€¥#] )(?P<number>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,4})"
    r"(?P<ending>(?ai:st|nd|rd|th))?(?![\w/\\:+*=^'’#@_-]|[.,][0-9]| ?[%‰°€£$¢¥])"
)
_HINT = rf"(?i)[0-9]|{_WORD}"
# What makes digits a part of something else: a time, a fraction, a sign, a date by its month; where sentences open.
_PART_BEFORE = re.compile(r"(?:[0-9] ?[:/.,–-]|<|&lt;) ?$")
_PART_BEHIND = re.compile(r" ?[:/–-] ?[0-9]")
_BEFORE = re.compile(r"([^\W\d_]+)[ .]*$")
_BEHIND = re.compile(r" *([^\W\d_]+)")
_OPENING = re.compile(r"(?:^|[.!?…]\s)[\s\"“‘(]*$")


@dataclass(frozen=True, kw_only=True)
class NumberWords(Edit[StretchEditor]):
    """Writes numbers and ordinals below a million as English words, and such words as digits.

    What may be a year, a part of a date, of an identifier or of a decimal number stays, and so does what is not one
    number for sure, such as "one", "a third" or "nineteen eighty-four". The rate is the share of the numbers.

    Args:
        direction: "words" writes digits as words, "digits" words as digits, "both" does both.
    """

    direction: Literal["words", "digits", "both"] = "both"

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds what may be rewritten, and leaves out what touches anything that may not be changed."""
        return StretchEditor.of_found(tokenised, self.find_free(tokenised), self._find(tokenised))

    def _find(self, tokenised: Tokenised) -> Iterator[FoundStretch]:
        """Finds numbers."""
        for row, text in texts_with(tokenised, _HINT):
            found = []
            if self.direction != "digits":
                found += [(match.span(), in_words(match)) for match in _DIGITS.finditer(text)]
            if self.direction != "words":
                found += [(match.span(), in_digits(match)) for match in _WORDS.finditer(text)]
            yield from (FoundStretch(row, *place, (written,)) for place, written in sorted(found) if written)


def in_words(match: re.Match[str]) -> str:
    """Writes digits as words, with a capital at the start of a sentence; the empty string if they may be no number.

    >>> [in_words(_DIGITS.search(text)) for text in ("1,250 men", "the 3rd", "in 1984", "14 March", "at 9 : 45")]
    ['One thousand two hundred and fifty', 'third', '', '', '']
    """
    number, ending = int(match["number"].replace(",", "")), match["ending"]
    plain = "," not in match["number"]
    if match["number"] != f"{number}" if plain else match["number"] != f"{number:,}":
        return ""
    if (plain and number in _YEARS and not ending) or number > _MOST or _is_part(match):
        return ""
    if not ending:
        words = spell(number)
    elif number and ending.lower() == _ending(number):
        words = spell_ordinal(number).upper() if ending.isupper() else spell_ordinal(number)
    else:
        return ""
    return words[0].upper() + words[1:] if _OPENING.search(match.string, 0, match.start()) else words


def in_digits(match: re.Match[str]) -> str:
    """Writes words as digits; the empty string if they may be no number.

    >>> [in_digits(_WORDS.search(text)) for text in ("Twelve men", "a third", "two thousand and one", "the second")]
    ['12', '', '2,001', '2nd']
    """
    found = read(match[0])
    before = _BEFORE.search(match.string, max(0, match.start() - 20), match.start())
    previous = before[1].lower() if before else ""
    alone = match[0].lower()
    if found is None or alone == "one" or previous == "point" or (alone in ("first", "second") and previous != "the"):
        return ""
    number, ordinal = found
    if not ordinal:
        return f"{number:,}"
    ending = _ending(number)
    return "" if previous in ("a", "one") else f"{number:,}" + (ending.upper() if match[0].isupper() else ending)


def _ending(number: int) -> str:
    """Returns what is written behind the digits of an ordinal."""
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _is_part(match: re.Match[str]) -> bool:
    """Says whether a match is a part of a time, a fraction or a sign, or of a date, by the month beside it."""
    if _PART_BEFORE.search(match.string, max(0, match.start() - 8), match.start()):
        return True
    if _PART_BEHIND.match(match.string, match.end()):
        return True
    before = _BEFORE.search(match.string, max(0, match.start() - 20), match.start())
    behind = _BEHIND.match(match.string, match.end())
    return any(each is not None and _MONTH.fullmatch(each[1]) is not None for each in (before, behind))
