"""English words that follow their neighbour: a or an before a filler, 's or ' after it."""

from __future__ import annotations

import re

_VOWEL_LETTER = set("aefhilmnorsx8")
"""What is spoken with a vowel first when it is spelt out: an F, an 8."""

_CONSONANT_SOUND = re.compile(
    r"(?:uni(?!n|m|d[eo]|ss)|une(?=sco)|u(?!ber)[bcfhjkqrst][aeiou]|ukr|ugand|ulys|use|usa|uk\b|eu|ewe|one\b|once|ouija)",
    re.IGNORECASE,
)
_ONSET = "B[LR]|C[HLR]|D[RW]|F[LR]|G[HLNR]|K[LNR]|P[HLRST]|RH|S[CHKLMNPQTW]|SCH|T[HRSW]|W[HR]"
_SPELT = re.compile(rf"[^AEIOUY]+|.[^AEIOUY]{{3,}}|(?!{_ONSET})[^AEIOUY]{{2}}.*|NAACP|UCLA|UEFA")
"""Capitals that no one can say as a word, for one since no word begins so; and some that nobody does."""

_SAID = frozenset(("HUD", "LAN", "MAC", "RAM", "REM", "ROM", "SAM", "SIM"))
"""Capitals of three letters that are said as a word; most of such are spelt out."""

_VOWEL_Y = re.compile(r"y(?![aeiouy])\w", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hour|heir|honest|honou?r|honoré)", re.IGNORECASE)
_AN_NUMBER = re.compile(r"(?:8|1[18](?!\d)|1[18](?=\d\d\D|\d\d$|\d{3}(?!\d)))")
"""Eight, eleven and eighteen; eleven hundred and 1850; eleven thousand."""


def takes_an(filler: str) -> bool:
    """Says whether "an" goes before a filler rather than "a".

    >>> [takes_an(each) for each in ("engineer", "university", "hour", "MRI", "UN", "NATO", "8-year-old", "Uber")]
    [True, False, True, True, False, False, True, True]
    """
    word = re.match(r"[^\W_]+", filler.lstrip("\"'“‘«([#@$€£¥+-– "))
    if word is None:
        return False
    first = word[0]
    if first[0].isdigit():
        return _AN_NUMBER.match(first) is not None
    letters = first.removesuffix("s") if len(first) > 2 else first
    if letters.isupper() and letters not in _SAID and (len(letters) <= 3 or _SPELT.fullmatch(letters)):
        return letters[0].lower() in _VOWEL_LETTER
    if _SILENT_H.match(first) or _VOWEL_Y.match(first):
        return True
    return first[0].lower() in "aeiouàáâãäåæèéêëìíîïòóôõöøœùúûü" and not _CONSONANT_SOUND.match(first)


def ends_in_sibilant(filler: str) -> bool:
    """Says whether some writers would give a filler a bare apostrophe for its possessive: James', Marx', the NHS'.

    >>> ends_in_sibilant("Marx"), ends_in_sibilant("NHS"), ends_in_sibilant("Anna")
    (True, True, False)
    """
    return filler.endswith(("s", "x", "z", "S", "X", "Z"))


def takes_bare_apostrophe(filler: str) -> bool:
    """Says whether the possessive of a filler is a bare apostrophe (the Beatles', James'), as the AP stylebook has it.

    >>> takes_bare_apostrophe("James"), takes_bare_apostrophe("Anna"), takes_bare_apostrophe("NHS")
    (True, False, False)
    """
    return filler.endswith("s")
