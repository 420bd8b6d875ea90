from __future__ import annotations

import pytest

from textsynth.language.inflection import Form, Inflector, Part

KNOWN = Inflector({"noun": {"cacti": ("cactus",)}, "verb": {"bade": ("bid",), "bidden": ("bid",), "spelt": ("spell",)}})


@pytest.mark.parametrize(
    ("word", "part", "form", "expected"),
    [
        ("car", "noun", "plural", "cars"),
        ("box", "noun", "plural", "boxes"),
        ("church", "noun", "plural", "churches"),
        ("city", "noun", "plural", "cities"),
        ("boy", "noun", "plural", "boys"),
        ("mouse", "noun", "plural", "mice"),
        ("policeman", "noun", "plural", "policemen"),
        ("German", "noun", "plural", "Germans"),
        ("human", "noun", "plural", "humans"),
        ("cactus", "noun", "plural", "cacti"),
        ("photo", "noun", "plural", "photos"),
        ("hero", "noun", "plural", "heroes"),
        ("school bus", "noun", "plural", "school buses"),
        ("man of war", "noun", "plural", "men of war"),
        ("walk", "verb", "third", "walks"),
        ("go", "verb", "third", "goes"),
        ("carry", "verb", "third", "carries"),
        ("have", "verb", "third", "has"),
        ("stop", "verb", "gerund", "stopping"),
        ("make", "verb", "gerund", "making"),
        ("see", "verb", "gerund", "seeing"),
        ("lie", "verb", "gerund", "lying"),
        ("begin", "verb", "gerund", "beginning"),
        ("open", "verb", "gerund", "opening"),
        ("fix", "verb", "gerund", "fixing"),
        ("quit", "verb", "gerund", "quitting"),
        ("rain", "verb", "gerund", "raining"),
        ("walk", "verb", "past", "walked"),
        ("like", "verb", "past", "liked"),
        ("carry", "verb", "past", "carried"),
        ("play", "verb", "past", "played"),
        ("prefer", "verb", "past", "preferred"),
        ("visit", "verb", "past", "visited"),
        ("go", "verb", "past", "went"),
        ("go", "verb", "participle", "gone"),
        ("put", "verb", "past", "put"),
        ("spell", "verb", "participle", "spelt"),
        ("bid", "verb", "past", None),
        ("give up", "verb", "participle", "given up"),
        ("big", "adjective", "comparative", "bigger"),
        ("large", "adjective", "superlative", "largest"),
        ("happy", "adjective", "comparative", "happier"),
        ("simple", "adjective", "superlative", "simplest"),
        ("good", "adjective", "comparative", "better"),
        ("beautiful", "adjective", "comparative", None),
        ("modern", "adjective", "superlative", None),
        ("quickly", "adverb", "base", "quickly"),
    ],
)
def test_forms(word: str, part: Part, form: Form, expected: str | None):
    assert KNOWN.inflect(word, part, form) == expected


@pytest.mark.parametrize(
    ("word", "part", "base", "forms"),
    [
        ("mice", "noun", "mouse", {"plural"}),
        ("sheep", "noun", "sheep", {"base", "plural"}),
        ("went", "verb", "go", {"past"}),
        ("walked", "verb", "walk", {"past", "participle"}),
        ("run", "verb", "run", {"base", "participle"}),
        ("put", "verb", "put", {"base", "past", "participle"}),
        ("travelling", "verb", "travel", {"gerund"}),
        ("traveling", "verb", "travel", {"gerund"}),
        ("dying", "verb", "die", {"gerund"}),
        ("making", "verb", "make", {"gerund"}),
        ("bidden", "verb", "bid", {"past", "participle"}),
        ("bigger", "adjective", "big", {"comparative"}),
        ("worst", "adjective", "bad", {"superlative"}),
        ("goed", "verb", "go", set()),
    ],
)
def test_what_a_word_can_be(word: str, part: Part, base: str, forms: set[Form]):
    assert KNOWN.forms(word, base, part) == forms
    if forms:
        assert base in KNOWN.bases(word, part)


@pytest.mark.parametrize("part", ["noun", "verb", "adjective", "adverb"])
def test_every_form_leads_back(part: Part):
    inflector = Inflector()
    forms: dict[Part, list[Form]] = {
        "noun": ["plural"],
        "verb": ["third", "gerund", "past"],
        "adjective": ["comparative"],
    }
    for word in ["stop", "carry", "make", "go", "die", "walk", "mouse", "box", "leaf", "big", "happy", "nice", "good"]:
        for form in forms.get(part, []):
            made = inflector.inflect(word, part, form)
            assert made is None or (word in inflector.bases(made, part) and form in inflector.forms(made, word, part))
