from __future__ import annotations

from textsynth.language.identification import find_languages


def test_the_languages_of_a_corpus():
    english = ["Where is my parcel now, please?", "The refund has not come, and I am waiting."]
    german = ["Ich möchte mein Paket zurückgeben, bitte.", "Wo ist die Rechnung vom letzten Monat?"]
    assert find_languages(german) == ["de"]
    assert find_languages(german * 20 + english * 40) == ["en", "de"]
    assert find_languages(["Zürich", "Lima"]) == find_languages([]) == []
