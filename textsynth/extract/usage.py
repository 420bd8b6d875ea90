"""How a source uses its mentions: in which classes, behind which words, and with which letter inside a sentence."""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from textsynth.corpus import Corpus
from textsynth.corpus.texts import Texts
from textsynth.extract.context import ContextFinder, opens_sentence
from textsynth.extract.template import list_rows
from textsynth.language.casing import casing
from textsynth.language.function_word import DETERMINERS

Use = tuple[str | None, str]
"""A class, as `join_classes` gives it, and a context."""

_INSIDE = re.compile(r"(?<=[\w,;] )[^\W\d_]+")
"""Words that begin no sentence."""

_MAY_OPEN = re.compile(r"[:\"“‘«•]\s*$")
"""Behind what a capital is no surprise: a colon, an opening quotation mark, a bullet."""

_CAPITAL_NOUNS = "de"
"""The language in which a capital inside a mention says nothing of its first word."""

_KNOWN = 100_000
"""What stands before mentions, and mentions, of which it is remembered what came of them."""

_FEW = 0.2
"""The share of the mentions with a capital further on that may begin small where most are names."""

_FIRST_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000
"""Texts in which words are looked for; of more, some, evenly spaced."""


@dataclass(frozen=True)
class Usage:
    """How a source uses its mentions.

    Args:
        is_empty: whether there is no source.
        finder: finds contexts as they were found here.
        uses: for each label and mention, written as at the beginning of a sentence, its classes and contexts.
        inside: for each label and mention, written so, how it is written inside a sentence.
        capitals: whether sentences of the source begin with a capital.
    """

    is_empty: bool
    finder: ContextFinder
    uses: Mapping[str, Mapping[str, frozenset[Use]]]
    inside: Mapping[str, Mapping[str, str]]
    capitals: bool

    @classmethod
    def of(cls, source: Corpus) -> Self:
        """Looks at every mention of a corpus."""
        texts = Texts(source.table.column("text"))
        finder = ContextFinder.of(texts)
        find = functools.lru_cache(_KNOWN)(functools.partial(_look_before, finder))
        keys = functools.lru_cache(_KNOWN)(capitalise)
        uses: dict[str, dict[str, set[Use]]] = defaultdict(lambda: defaultdict(set))
        forms: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for text, spans, of_class in list_rows(source):
            end, neighbour = 0, None
            for start, stop, label in spans:
                mention = text[start:stop]
                key = keys(mention)
                context, may_open = find(text[end:start], neighbour)
                uses[label][key].add((of_class, context))
                forms[label][key][mention] += 0 if may_open else 1
                end, neighbour = stop, label
        frozen = {label: {key: frozenset(each) for key, each in known.items()} for label, known in uses.items()}
        inside = _find_inside(forms, texts, nouns_are_small=finder.language != _CAPITAL_NOUNS)
        return cls(not texts, finder, frozen, inside, begin_with_capitals(texts))


def _look_before(finder: ContextFinder, before: str, neighbour: str | None) -> tuple[str, bool]:
    """Returns the context of a mention, and whether it begins a sentence, or may.

    What does so does not show whether its capital is its own.
    """
    may_open = opens_sentence(before, neighbour) or _MAY_OPEN.search(before) is not None
    return finder.find(before, neighbour), may_open


def capitalise(mention: str) -> str:
    """Returns a mention as it begins a sentence; one whose first word has capitals further on stays, such as mRNA.

    >>> [capitalise(each) for each in ("aspirin", "the 1880s", "iPhone", "NASA", "5 mg")]
    ['Aspirin', 'The 1880s', 'iPhone', 'NASA', '5 mg']
    """
    first = _FIRST_WORD.match(mention)
    return mention[0].title() + mention[1:] if first and first[0].islower() else mention


def uncapitalise(mention: str) -> str:
    """Returns a mention with a small letter in front.

    >>> uncapitalise("Aspirin")
    'aspirin'
    """
    return mention[:1].lower() + mention[1:]


def begin_with_capitals(texts: Iterable[str]) -> bool:
    """Says whether most texts that begin with a letter begin with a capital; yes if none begins so."""
    first = [text[0] for text in texts if text]
    return 2 * sum(each.isupper() for each in first) >= sum(each.isupper() or each.islower() for each in first)


def _find_inside(
    forms: Mapping[str, Mapping[str, Counter[str]]], texts: Sequence[str], *, nouns_are_small: bool
) -> Mapping[str, Mapping[str, str]]:
    """Chooses how each mention is written inside a sentence: as it is there most often, else as its words are."""
    words = Counter(word for text in texts[:: max(1, len(texts) // _SAMPLE)] for word in _INSIDE.findall(text))
    return {label: _find_inside_of_label(known, words, nouns_are_small) for label, known in forms.items()}


def _find_inside_of_label(
    known: Mapping[str, Counter[str]], words: Counter[str], nouns_are_small: bool
) -> dict[str, str]:
    seen = {key: max(counts, key=lambda form: counts[form]) for key, counts in known.items() if any(counts.values())}
    small = _are_small(seen.values())
    names = _Names.of(seen.values()) if nouns_are_small and not small else None
    return {
        key: seen[key] if key in seen else key if names and names.begin_with(key) else _lower(key, words, small)
        for key in known
    }


def _are_small(forms: Iterable[str]) -> bool:
    """Says whether most of those that begin with a letter begin with a small one."""
    cased = [form for form in forms if form[0].isupper() or form[0].islower()]
    return 2 * sum(form[0].islower() for form in cased) > len(cased)


@dataclass(frozen=True)
class _Names:
    """Tells names of several words, such as "The Hague", from what only has one in it, such as "early May".

    Args:
        alike: the mentions of the label, as they are inside a sentence, by their first words.
        are_names: whether of those that have a capital further on few begin small, articles and the like left apart.
    """

    alike: Mapping[str, list[str]]
    are_names: bool

    @classmethod
    def of(cls, inside: Collection[str]) -> Self:
        """Looks at how the mentions of a label are written inside a sentence."""
        alike: dict[str, list[str]] = defaultdict(list)
        for each in inside:
            alike[_first_of(each)].append(each)
        named = [each for each in inside if _has_inner_capital(each) and _first_of(each) not in DETERMINERS]
        return cls(alike, sum(each[0].islower() for each in named) <= _FEW * len(named))

    def begin_with(self, mention: str) -> bool:
        """Says whether the first word of a mention belongs to a name, though it was only seen where sentences begin."""
        first = _first_of(mention)
        may = self.are_names or first in DETERMINERS
        return may and _has_inner_capital(mention) and not _are_small(self.alike.get(first, ()))


def _first_of(mention: str) -> str:
    return mention.partition(" ")[0].casefold()


def _has_inner_capital(mention: str) -> bool:
    """Says whether a word behind the first is written as a name; a letter alone and an acronym say nothing."""
    return any(len(word) > 1 and casing(word) == "title" for word in mention.split()[1:])


def _lower(mention: str, words: Counter[str], small: bool) -> str:
    """Writes a mention that is only known from the beginning of sentences as it stands inside.

    Args:
        mention: with its capital.
        words: those inside of sentences.
        small: whether mentions of its label are rather small there.
    """
    first = _FIRST_WORD.match(mention)
    # One letter alone is a symbol, capitals in a row are an acronym, and a digit or a hyphen may belong to a name.
    if first is None or len(first[0]) == 1 or casing(first[0]) != "title":
        return mention
    lower = first[0].lower()
    is_small = words[lower] > words[first[0]] if words[lower] != words[first[0]] else small
    return uncapitalise(mention) if is_small else mention
