"""What stands before a mention."""

from __future__ import annotations

import pytest

from textsynth.extract.context import FREE, ContextFinder, kind_of, opens_sentence


@pytest.fixture(scope="module")
def english() -> ContextFinder:
    return ContextFinder.of(["They met in the park on Friday, and nobody was there.", "We have not been to the sea."])


@pytest.mark.parametrize(
    ("before", "context"),
    [
        ("They met in ", "in"),
        ("Since ", "since"),
        ("It costs £", "£"),
        ("the WHO (", "("),
        ("Limerick's ", "'s"),
        ("Limerick 's ", "'s"),
        ("Mr. ", "mr"),
        ("said Mrs ", "mrs"),
        ("They gave him two ", "#"),
        ("a dose of 12 ", "#"),
        ("only 1 ", "one"),
        ("It was significantly ", "-ly"),
        ("on Friday, ", ","),
        # what says nothing of the mention behind it
        ("They met ", FREE),
        ("", FREE),
        ("It rained. ", FREE),
        ("It rained.\n", FREE),
        ("(", FREE),
    ],
)
def test_the_context_in_english(before: str, context: str, english: ContextFinder):
    assert english.find(before, None) == context


def test_a_mention_right_before_is_the_context(english: ContextFinder):
    assert english.find(" ", "DOSE") == "{DOSE}"
    assert english.find(" of ", "DOSE") == "of"
    assert english.find(". ", "DOSE") == FREE


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        *((each, True) for each in ("", "“", "He left. ", "He left! ", 'He said "No." ', "A list:\n- ")),
        *((each, False) for each in ("e.g. ", "Dr. ", "aspirin vs. ", "J. ", "toxicity: ", "left.")),
    ],
)
def test_where_a_sentence_begins(before: str, opens: bool):
    assert opens_sentence(before, None) == opens


def test_the_function_words_of_another_language_are_those_that_many_texts_have():
    texts = ["Wir fahren nach Kiel.", "Sie zogen nach Bonn, in eine Wohnung.", "Er kam nach Hause in die Stadt Ulm."]
    german = ContextFinder.of(texts)
    assert german.language == "de"
    assert german.find("Wir fahren nach ", None) == "nach"
    assert german.find("Wir fahren ", None) == FREE


def test_in_a_script_without_spaces_a_character_is_a_word():
    japanese = ContextFinder.of(["私は東京に行きました。", "彼は大阪に住んでいます。", "母は京都に帰りました。"])
    assert japanese.find("彼は大阪に", None) == "に"


def test_kinds_tell_signs_and_words_apart():
    assert kind_of("(") != kind_of("£") == kind_of("€")
    assert kind_of("the") != kind_of("in") == kind_of("since")
    assert kind_of("{DOSE}") == "{DOSE}"
