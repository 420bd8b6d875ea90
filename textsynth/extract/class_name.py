"""Texts that say what a class is: its name in words, and what a person said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textsynth.corpus import Corpus
from textsynth.corpus.classes import split_classes
from textsynth.errors import OptionError, nearest

_HUMP = re.compile(r"(?<=[^\W\d_])(?<![A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""The place before the capital of a new word, as in `BookFlight` and `PDFExport`."""

_JOINTS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ACRONYM = 4
"""Letters that a word in capitals may have to stay so; a longer one is a word that somebody shouts."""


def spell_class(name: str) -> str:
    """Returns the name of a class as words of a sentence; empty if it has no word, as numbers have none.

    >>> spell_class("card_arrival"), spell_class("BookFlight"), spell_class("ATM_support"), spell_class("17")
    ('card arrival', 'book flight', 'ATM support', '')
    >>> spell_class("alarm/set-alarm"), spell_class("REFUND_REQUEST"), spell_class("PDFExport")
    ('alarm set alarm', 'refund request', 'PDF export')
    """
    words = _JOINTS.sub(" ", _HUMP.sub(" ", name)).split()
    shouted = len(words) > 1 and all(word.isupper() for word in words)
    text = " ".join(word if _is_acronym(word) and not shouted else word.lower() for word in words)
    return text if _WORD.search(text) else ""


def _is_acronym(word: str) -> bool:
    return word.isupper() and 1 < len(word) <= _ACRONYM


def describe_all_classes(source: Corpus, descriptions: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns for each class, or combination of classes, of a source the texts that say what it is, the name first.

    Args:
        source: the texts with their classes.
        descriptions: what a person said of classes, by name.

    Raises:
        OptionError: if there is a description of a class that the source has not.

    >>> source = Corpus.from_columns(text=["hi", "Rome, please"], label=["greet", "BookFlight"])
    >>> describe_all_classes(source, {"greet": "says hello"})
    {'BookFlight': ['book flight'], 'greet': ['greet', 'says hello']}
    """
    for name in descriptions:
        if name not in source.classes:
            raise OptionError(f"option 'classes': the source has no class {name!r}; {nearest(name, source.classes)}")
    return {each: _describe(split_classes(each), descriptions) for each in source.combinations}


def _describe(names: tuple[str, ...], descriptions: Mapping[str, str]) -> list[str]:
    """Returns the names in words, and the descriptions; each only if all classes of a combination have one."""
    spelt = [spell_class(name) for name in names]
    told = [descriptions.get(name, "").strip() for name in names]
    return list(dict.fromkeys(", ".join(texts) for texts in (spelt, told) if texts and all(texts)))


def describe_as_corpus(descriptions: Mapping[str, list[str]]) -> Corpus:
    """Returns texts that say what classes are as examples of them."""
    pairs = [(text, name) for name, texts in descriptions.items() for text in texts]
    return Corpus.from_columns(text=[text for text, _ in pairs], label=[split_classes(name) for _, name in pairs])
