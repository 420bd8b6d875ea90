from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from edited import corpus_of, edited, results

from textsynth.edits.edit import Edit, Policy
from textsynth.edits.stretch import FoundStretch, StretchEditor, Stretches, texts_with
from textsynth.edits.tokenised import Tokenised
from textsynth.foundation.seeding import child_rng


@dataclass(frozen=True, kw_only=True)
class Joining(Edit[StretchEditor]):
    """Writes "new york" in one of two other ways."""

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        return StretchEditor.of_found(tokenised, self.find_free(tokenised), find_new_york(tokenised))


def find_new_york(tokenised: Tokenised) -> Iterator[FoundStretch]:
    for row, text in texts_with(tokenised, "york"):
        for match in re.finditer("new york", text):
            yield FoundStretch(row, match.start(), match.end(), ("NYC", "ny"))


def test_by_hand():
    assert results(Joining(), "in new york, now") == {"in NYC, now", "in ny, now"}
    assert results(Joining(rate=1), "new york [in](X) new york") == {
        *("NYC [in](X) NYC", "NYC [in](X) ny", "ny [in](X) NYC", "ny [in](X) ny"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "[new york](X)",
        "[new](X) york",
        "new [york](X)",
        "ne[w](X) york",
        "new yor[k](X)",
        "new york\u0301",
        "old york",
    ],
)
def test_what_reaches_into_a_mention_or_cuts_a_letter_stays(text: str):
    assert results(Joining(), text, copies=3) == {text}


@pytest.mark.parametrize("text", ["[new york](X)", "a[new york b](X)", "ne[w](X) york"])
def test_where_the_policy_is_to_edit(text: str):
    policy: dict[str, Policy] = {"X": "edit"}
    expected = {text.replace("new york", each) for each in ("NYC", "ny")}
    assert results(Joining(policy=policy), text) == expected


def test_what_is_protected_stays():
    assert results(Joining(protect=["york"]), "new york", copies=3) == {"new york"}
    assert results(Joining(protect_patterns=["w y"]), "new york", copies=3) == {"new york"}


def test_a_sieve_of_texts():
    tokenised = Tokenised.of(corpus_of("a", "b", "ab"))
    assert list(texts_with(tokenised, "b")) == [(1, "b"), (2, "ab")]


def test_mentions_that_are_kept():
    tokenised = Tokenised.of(corpus_of("a [b](X) [c](Y), d"))
    assert Joining(policy={"Y": "edit"}).find_outside_kept(tokenised).tolist() == [True, False, True, True, True]


def test_every_stretch_and_every_variant_is_as_likely():
    """Two words; the first has two stretches, of which one may become one thing, the other two."""
    tokenised = Tokenised.of(corpus_of("ab c"))
    columns = np.array([0, 1, 3]), np.array([1, 2, 4]), np.array([0, 0, 1]), np.array([1, 0, 2])
    editor = StretchEditor.of(tokenised, np.array([True, True]), Stretches(*columns, [("x", "y"), ("z",), ()]))
    assert editor.places.tolist() == [0]
    edits = editor.substitutions(np.arange(8000), np.zeros(8000, np.int64), child_rng(1))
    text = bytes(editor.material.raw).decode()
    counts = Counter(
        (start, text[first]) for start, first in zip(edits.start.tolist(), edits.first.tolist(), strict=True)
    )
    assert counts == {
        (0, "z"): pytest.approx(4000, abs=200),
        (1, "x"): pytest.approx(2000, abs=200),
        (1, "y"): counts[1, "y"],
    }


def test_words_that_may_not_be_changed():
    tokenised = Tokenised.of(corpus_of("ab c"))
    columns = np.array([0, 3]), np.array([1, 4]), np.array([0, 1]), np.array([0, 0])
    assert StretchEditor.of(tokenised, np.array([False, True]), Stretches(*columns, [("x",)])).places.tolist() == [1]


def test_nothing_to_find():
    assert edited(Joining(), corpus_of("", "!", "york")).texts.to_pylist() == ["", "!", "york"]
