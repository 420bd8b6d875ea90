"""How a source uses its mentions."""

from __future__ import annotations

import pytest

from textsynth.corpus import Corpus
from textsynth.extract.usage import Usage, capitalise


def usage_of(*written: str, label: str | None = None) -> Usage:
    """Returns the usage of texts whose mentions stand in brackets, all of label X."""
    texts, spans = [], []
    for each in written:
        parts = each.replace("]", "[").split("[")
        begin, found = 0, []
        for place, part in enumerate(parts):
            if place % 2:
                found.append((begin, begin + len(part), "X"))
            begin += len(part)
        texts.append("".join(parts))
        spans.append(found)
    return Usage.of(Corpus.from_columns(text=texts, spans=spans, label=[label] * len(texts)))


def test_the_inside_of_a_sentence_shows_how_a_mention_is_written():
    inside = usage_of("[Aspirin] helps.", "They took [aspirin].", "[Warfarin] helps.", "[Anna] knew of [Bo].").inside[
        "X"
    ]
    assert inside["Aspirin"] == "aspirin"
    assert inside["Bo"] == "Bo"


def test_behind_a_colon_a_capital_shows_nothing():
    usage = usage_of("Aims: [Aspirin] in mice.", "It was: [Aspirin].", "They took [aspirin].")
    assert usage.inside["X"]["Aspirin"] == "aspirin"


def test_what_only_begins_sentences_is_written_as_its_words_are():
    source = ["[Cough syrup] helps.", "Take the cough seriously.", "[Galway] is wet.", "They left Galway."]
    assert usage_of(*source).inside["X"] == {"Cough syrup": "cough syrup", "Galway": "Galway"}


@pytest.mark.parametrize(
    ("other", "inside"),
    [("They took [ibuprofen] and [codeine].", "warfarin"), ("They met [Bo] and [Di].", "Warfarin")],
)
def test_what_is_never_seen_inside_is_written_as_others_of_its_label(other: str, inside: str):
    assert usage_of("[Warfarin] helps.", other).inside["X"]["Warfarin"] == inside


@pytest.mark.parametrize("mention", ["NSAID", "N-acetyl", "5 mg", "McCoy"])
def test_acronyms_and_symbols_stay(mention: str):
    assert (
        usage_of(f"[{mention}] helps.", "They took [ibuprofen] and [codeine].").inside["X"][capitalise(mention)]
        == mention
    )


def test_german_nouns_stay():
    inside = usage_of("[Husten] ist lästig.", "Er hat [Fieber] und [Schnupfen].", "Sie hatte [Masern].").inside["X"]
    assert inside["Husten"] == "Husten"


def test_uses_are_classes_with_contexts():
    usage = usage_of("We met in [June].", "[June] was wet.", label="talk")
    assert usage.uses["X"]["June"] == {("talk", "in"), ("talk", "")}


@pytest.mark.parametrize(
    ("texts", "capitals"), [(["add a song", "play it"], False), (["Add it"], True), (["1 song"], True)]
)
def test_whether_sentences_begin_with_a_capital(texts: list[str], capitals: bool):
    assert Usage.of(Corpus.from_columns(text=texts)).capitals == capitals
