from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from edited import corpus_of, edited, long_corpus, results

from textsynth.edits.character import find_strings
from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor
from textsynth.edits.tokenised import Tokenised

TABLE = {"a": ("x", "y"), "ab": ("z",), "bcb": ("w",), "é": ("e",), "q": ()}


@dataclass(frozen=True, kw_only=True)
class Replacing(Edit[StretchEditor]):
    """Replaces by a table."""

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        return StretchEditor.of(tokenised, self.find_editable(tokenised), find_strings(Graphemes.of(tokenised), TABLE))


def found(text: str, tokenizer: str = "words") -> list[tuple[int, int, int]]:
    """Returns begin, end and key of all stretches."""
    stretches = find_strings(Graphemes.of(Tokenised.of(corpus_of(text, tokenizer=tokenizer))), TABLE)
    keys = list(TABLE)
    columns = stretches.begin.tolist(), stretches.end.tolist(), stretches.kind.tolist()
    return [(begin, end, keys[kind]) for begin, end, kind in zip(*columns, strict=True)]


def test_strings_are_found_where_they_stand():
    assert found("abcbcb") == [(0, 1, "a"), (0, 2, "ab"), (1, 4, "bcb"), (3, 6, "bcb")]
    assert found("é e\u0301 ba") == [(0, 1, "é"), (6, 7, "a")]


def test_not_across_the_edges_of_words_and_graphemes():
    assert found("a b") == [(0, 1, "a")]
    assert found("a-b", "whitespace") == [(0, 1, "a")]
    assert found("a[b](X)") == [(0, 1, "a")]
    assert found("a\u0301b a\u200db ab\u0301") == [(8, 9, "a")]
    assert found("") == found("xyz") == []


def test_one_edit_a_word():
    assert results(Replacing(), "ab") == {"xb", "yb", "z"}
    assert results(Replacing(rate=1), "a a") == {f"{one} {other}" for one in "xy" for other in "xy"}


def test_words_without_any_are_no_places():
    assert results(Replacing(), "q b a") == {"q b x", "q b y"}


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_one_slip_a_word_by_the_rate(rate: float):
    source = long_corpus()
    made = edited(Replacing(rate=rate), source, 20)
    words = [word for text in source.texts.to_pylist() for word in text.split() if "a" in word and word.islower()]
    changed = sum(
        one != other
        for place, text in enumerate(made.texts.to_pylist())
        for one, other in zip(text.split(), source[place // 20].text.split(), strict=True)
    )
    assert changed == pytest.approx(rate * 20 * len(words), rel=0.1)
