from __future__ import annotations

import pytest
from edited import corpus_of, mentions, pairs, results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Template
from textsynth.generators.edits.mention_casing import MentionCasing


def test_by_hand():
    assert results(MentionCasing(), "See [Old Rome](C) Now, [4](N)!") == {
        f"See [{each}](C) Now, [4](N)!" for each in ("old rome", "OLD ROME", "Old rome")
    }
    assert results(MentionCasing(), "[Gdańsk](C)") == {"[gdańsk](C)", "[GDAŃSK](C)"}


@pytest.mark.parametrize(
    ("style", "expected"),
    [("lower", "o'neil mc-lee"), ("upper", "O'NEIL MC-LEE"), ("title", "O'neil Mc-Lee"), ("sentence", "O'neil mc-lee")],
)
def test_styles(style: str, expected: str):
    operation = MentionCasing(styles=(style,))  # type: ignore[arg-type]
    assert results(operation, "[O'NEIL mc-Lee](P)") == {f"[{expected}](P)"}


@pytest.mark.parametrize(
    ("mention", "upper", "lower"),
    [
        ("straße", "STRASSE", "straße"),
        ("ŉa", "ʼNA", "ŉa"),
        ("İzmir", "İZMIR", "i̇zmir"),
        ("ﬁ", "FI", "ﬁ"),
        ("ΑΣ", "ΑΣ", "ας"),
    ],
)
def test_a_letter_may_become_two(mention: str, upper: str, lower: str):
    text = f"ß [{mention}](X)[{mention}](Y) ß [x](Z)"
    for style, expected in (("upper", upper), ("lower", lower)):
        operation = MentionCasing(styles=(style,))  # type: ignore[arg-type]
        last = "X" if style == "upper" else "x"
        assert results(operation, text) == {f"ß [{expected}](X)[{expected}](Y) ß [{last}](Z)"}


def test_only_mentions_that_change_are_drawn():
    operation = MentionCasing(styles=("lower",), rate=0.01)
    assert results(operation, "[rome](C) [4](N) [Oslo](C)") == {"[rome](C) [4](N) [oslo](C)"}


def test_what_is_protected_stays():
    assert results(MentionCasing(styles=("upper",), protect=("rome",)), "[Rome](C) [Oslo](C)") == {
        "[Rome](C) [OSLO](C)"
    }
    operation = MentionCasing(styles=("upper",), policy={"*": "keep", "P": "edit"})
    assert results(operation, "[Rome](C) [Ada](P)") == {"[Rome](C) [ADA](P)"}


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_the_rate(rate: float):
    source = corpus_of(*[" ".join(f"[N{number}](P)" for number in range(30))] * 200)
    changed = sum(after.text.count("n") for _, after in pairs(MentionCasing(rate=rate, styles=("lower",)), source))
    assert changed / 6000 == pytest.approx(rate, rel=0.1)


def test_an_unknown_style():
    with pytest.raises(OptionError, match=r"^option 'styles'"):
        MentionCasing(styles=("capital",))  # type: ignore[arg-type]


@given(corpora())
def test_hostile_text(source: Corpus):
    for before, after in pairs(MentionCasing(protect_patterns=()), source, 2):
        assert Template.of(after).literals == Template.of(before).literals
        for (label, old), (same, new) in zip(mentions(before), mentions(after), strict=True):
            assert same == label
            assert new.casefold() == old.casefold() or new.upper().casefold() == old.upper().casefold()
            if {old.lower(), old.upper()} != {old}:
                assert new != old
