"""English inflection both ways: which forms of which words a word can be, and the form of another word."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from textsynth.language.irregular import (
    GRADES,
    NO_PLURAL_IN_MEN,
    PLURALS,
    VERBS,
    choose_doubling,
    find_past,
    split_prefix,
)

Part = Literal["noun", "verb", "adjective", "adverb"]
Form = Literal["base", "plural", "third", "gerund", "past", "participle", "comparative", "superlative"]

PARTS: tuple[Part, ...] = get_args(Part)
FORMS: Mapping[Part, tuple[Form, ...]] = {
    "noun": ("base", "plural"),
    "verb": ("base", "third", "gerund", "past", "participle"),
    "adjective": ("base", "comparative", "superlative"),
    "adverb": ("base",),
}

Exceptions = Mapping[Part, Mapping[str, tuple[str, ...]]]
"""For a part of speech and an inflected form the words it is a form of, as WordNet's `.exc` files have them."""

_ENDINGS: Mapping[Part, tuple[tuple[str, str], ...]] = {
    "noun": (("s", ""), ("es", ""), ("ies", "y"), ("men", "man")),
    "verb": (("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("d", ""), ("ied", "y"), ("ing", ""), ("ing", "e"),
             ("ying", "ie"), ("cked", "c"), ("cking", "c")),
    "adjective": (("er", ""), ("r", ""), ("ier", "y"), ("est", ""), ("st", ""), ("iest", "y")),
    "adverb": (),
}  # fmt: skip
"""What an inflected form may end in, and what its base has instead."""

_DOUBLED = re.compile(r"(?:([bdfgklmnprstvz])\1)(?=(?:ed|ing|er|est)$)")
_SHORT = re.compile(r"(?:[^aeiouy]|qu|y(?=[aeiou]))*[aeiouy][bdfgklmnprtvz]")
"""One syllable that ends in a single vowel and a single consonant: stop, quit, big, trek.

Not in -s, as bused, nor in -w, -x or -y, as showed, fixed, played.
"""

_VOWEL_C = re.compile(r"[aeiou]c$")
"""What takes a k before a suffix, so that the c is not spoken as s: panicked."""
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")
_GRADABLE = re.compile(r"(?:[^aeiouy]|qu)*[aeiouy]+[^aeiouy]*e?|(?:[^aeiouy]|qu)*[aeiouy]+[^aeiouy]+(?:y|le|ow)")
"""What takes -er and -est: one syllable, or two of which the second is -y, -le or -ow."""


class Inflector:
    """Knows the forms of English words.

    Args:
        exceptions: irregular forms beside the commonest, which are known.

    >>> Inflector().inflect("stop", "verb", "gerund"), Inflector().inflect("mouse", "noun", "plural")
    ('stopping', 'mice')
    """

    def __init__(self, exceptions: Exceptions | None = None) -> None:
        self._bases = exceptions or {}
        self._forms: dict[Part, dict[str, list[str]]] = {part: {} for part in PARTS}
        for part, bases in self._bases.items():
            for form, words in bases.items():
                for word in words:
                    self._forms[part].setdefault(word, []).append(form)

    def inflect(self, word: str, part: Part, form: Form) -> str | None:
        """Returns a form of a word in its base form; None if there is none or it is not known.

        Of several words the one that carries the inflection changes: "gave up", "men of war".

        >>> Inflector().inflect("give up", "verb", "past"), Inflector().inflect("beautiful", "adjective", "comparative")
        ('gave up', None)
        """
        if form == "base":
            return word
        before, head, behind = _head(word, part)
        spellings = self.spellings(head, part, form)
        return before + spellings[0] + behind if spellings else None

    def spellings(self, word: str, part: Part, form: Form) -> tuple[str, ...]:
        """Returns the spellings of a form of a single word, the best first; none if it is not known."""
        exceptional = tuple(self._forms[part].get(word, ()))
        if part == "noun":
            return _plurals(word, exceptional)
        if part == "verb":
            return _verb_forms(word, form, exceptional)
        return _grades(word, form, exceptional) if part == "adjective" else ()

    def bases(self, word: str, part: Part) -> list[str]:
        """Returns every word that a word in lower case may be a form of; which of them exist is not known here.

        >>> Inflector().bases("running", "verb")
        ['running', 'runn', 'run', 'runne', 'rune']
        """
        irregular = self._bases.get(part, {}).get(word, ()) + _irregular().get((word, part), ())
        if part == "verb":
            compounds = [(prefix, _irregular().get((stem, part), ())) for prefix, stem in split_prefix(word)]
            irregular += tuple(prefix + base for prefix, bases in compounds for base in bases)
        return list(dict.fromkeys([word, *irregular, *_regular_bases(word, part)]))

    def forms(self, word: str, base: str, part: Part) -> frozenset[Form]:
        """Returns the forms of a base that a word can be; none if it is no form of it.

        >>> sorted(Inflector().forms("put", "put", "verb")), sorted(Inflector().forms("goed", "go", "verb"))
        (['base', 'participle', 'past'], [])
        """
        forms = [form for form in FORMS[part][1:] if word in self.spellings(base, part, form)]
        if base == word:
            forms.append("base")
        elif not forms and word in self._forms[part].get(base, ()):
            forms = _likely(word, part)
        return frozenset(forms)


@functools.cache
def _irregular() -> dict[tuple[str, Part], tuple[str, ...]]:
    """Returns the bases of the irregular forms that are known without WordNet."""
    found: dict[tuple[str, Part], tuple[str, ...]] = {}
    tables: tuple[tuple[Part, Mapping[str, tuple[str, ...]]], ...] = (
        ("verb", VERBS),
        ("noun", {noun: (plural,) for noun, plural in PLURALS.items()}),
        ("adjective", GRADES),
    )
    for part, table in tables:
        for base, forms in table.items():
            for form in set(forms):
                found[form, part] = (*found.get((form, part), ()), base)
    return found


def _regular_bases(word: str, part: Part) -> Iterator[str]:
    single = _DOUBLED.sub(r"\1", word)
    for ending, instead in _ENDINGS[part]:
        for spelling in dict.fromkeys([word, single]):
            if spelling.endswith(ending) and len(spelling) > len(ending):
                yield spelling[: len(spelling) - len(ending)] + instead


def _likely(word: str, part: Part) -> list[Form]:
    """Says what an exceptional form is that no rule makes: bidden, wharves."""
    if part == "verb":
        return ["gerund"] if word.endswith("ing") else ["past", "participle"]
    if part == "adjective":
        return ["superlative" if word.endswith("st") else "comparative"]
    return ["plural"] if part == "noun" else []


def _head(word: str, part: Part) -> tuple[str, str, str]:
    """Cuts several words into what stands before the one that is inflected, that one, and what stands behind."""
    if " " not in word:
        return "", word, ""
    if part == "verb":
        head, _, rest = word.partition(" ")
        return "", head, " " + rest
    main = re.split(r" (?=(?:of|in|at|for|to|on|with|from|de|la)\b)", word, maxsplit=1)
    before, space, head = main[0].rpartition(" ")
    return before + space, head, word[len(main[0]) :]


def _plurals(word: str, exceptional: tuple[str, ...]) -> tuple[str, ...]:
    if word in PLURALS:
        return (PLURALS[word],)
    if word.endswith("man") and word.lower() not in NO_PLURAL_IN_MEN:
        return (word.removesuffix("man") + "men",)
    return *exceptional, _with_s(word)


def _verb_forms(word: str, form: Form, exceptional: tuple[str, ...]) -> tuple[str, ...]:
    if form == "third":
        return ("has",) if word == "have" else (_with_s(word, "o"),)
    gerunds = tuple(each for each in exceptional if each.endswith("ing"))
    if form == "gerund":
        return *gerunds, *_with_suffix(word, "ing")
    if irregular := find_past(word):
        return (irregular[form == "participle"],)
    pasts = tuple(each for each in exceptional if each not in gerunds and not each.endswith("s"))
    regular = _with_suffix(word, "ed")
    both = [each for each in pasts if each.endswith("ed")]
    if len(pasts) > 1 and not both:
        return ()
    return *both, *(pasts if len(pasts) == 1 else ()), *regular


def _grades(word: str, form: Form, exceptional: tuple[str, ...]) -> tuple[str, ...]:
    if word in GRADES:
        return (GRADES[word][form == "superlative"],)
    listed = tuple(each for each in exceptional if each.endswith("st") == (form == "superlative"))
    regular = _with_suffix(word, "est" if form == "superlative" else "er") if _GRADABLE.fullmatch(word) else ()
    return *listed, *regular


def _with_s(word: str, also: str = "") -> str:
    if _CONSONANT_Y.search(word):
        return word[:-1] + "ies"
    if _SIBILANT.search(word) or (also and re.search(rf"[^aeiou]{also}$", word)):
        return word + "es"
    return word + "s"


def _with_suffix(word: str, suffix: str) -> tuple[str, ...]:
    """Adds -ing, -ed, -er or -est; if there are two spellings, the one without doubling is the first."""
    if suffix == "ing":
        if word.endswith("ie"):
            return (word[:-2] + "ying",)
        if word.endswith("e") and not word.endswith(("ee", "oe", "ye")) and len(word) > 2:
            return (word[:-1] + "ing",)
    elif word.endswith("e"):
        return (word + suffix[1:],)
    elif _CONSONANT_Y.search(word):
        return (word[:-1] + "i" + suffix,)
    if _VOWEL_C.search(word):
        return (word + "k" + suffix,)
    doubled = word + word[-1:] + suffix
    doubling = "always" if _SHORT.fullmatch(word) else choose_doubling(word)
    return {"always": (doubled,), "either": (word + suffix, doubled), "never": (word + suffix,)}[doubling]
