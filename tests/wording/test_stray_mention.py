from __future__ import annotations

from edited import corpus_of

from textsynth.corpus.example import Span
from textsynth.wording.stray_mention import StrayMentions
from textsynth.wording.vocabulary import Part

SOURCE = corpus_of("[New York](CITY) in [May](DATE)", "[Ada](PERSON) may", "May I see [O'Neil](PERSON)?")


def test_what_also_stands_without_a_label_is_none():
    assert StrayMentions.of(SOURCE).mentions == {"New York", "Ada", "O'Neil"}


def test_mentions_are_found_as_they_are_written_and_outside_of_spans():
    stray = StrayMentions.of(SOURCE)
    assert list(stray.find("ada, Ada and O'Neil in New York, Newer", ())) == ["Ada", "O'Neil", "New York"]
    assert list(stray.find("Ada in New York", [Span(0, 3, "PERSON")])) == ["New York"]


def test_mentions_may_begin_and_end_with_marks():
    marked = ["U.S.", "Acme Inc.", "Washington, D.C.", "$5,000", "C++", "@ada", "✈"]
    stray = StrayMentions.of(corpus_of(*(f"see [{each}](M) there" for each in marked)))
    assert stray.mentions == set(marked)
    for mention in marked:
        assert list(stray.find(f"the {mention} came", ())) == [mention]
        assert list(stray.find(mention, ())) == [mention]
    assert not list(stray.find("U.S.A, US$5,000s, C++x, C+, Washington", ()))


def test_only_text_between_mentions_counts():
    stray = StrayMentions.of(SOURCE)
    assert not stray.among([Part("Ada", "PERSON"), Part(" in May")])
    assert stray.among([Part("Bo", "PERSON"), Part(" in New York")])


def test_a_source_without_mentions_knows_none():
    assert not StrayMentions.of(corpus_of("hello", "")).among([Part("hello")])
