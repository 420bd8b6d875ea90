"""The count of disclosed records: known answers, and how often it alarms, on the project's own text."""

from __future__ import annotations

import functools
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.privacy.excess import Count, find_disclosed, find_weighted_p

CORPORA = Path(__file__).resolve().parents[2] / "corpora"


@functools.cache
def read() -> Corpus:
    return ts.read(CORPORA / "support.jsonl")


def deal(*names: int | str) -> list[Corpus]:
    corpus = read()
    order, size = child_rng(3, *names).permutation(len(corpus)), len(corpus) // 3
    return [corpus.take(order[part * size : (part + 1) * size]) for part in range(3)]


def is_alarm(output: Corpus, source: Corpus, heldout: Corpus) -> bool:
    return find_disclosed(output, source, heldout).p < 0.05


@pytest.mark.slow
def test_other_real_text_seldom_alarms():
    alarms = [split for split in range(200) if is_alarm(*deal("split", split))]
    assert len(alarms) <= 10, alarms


def test_a_tenth_copied_is_found():
    for draw in range(2):
        source, heldout, output = deal("draw", draw)
        planted = output.take(np.arange(len(output) - 24)) + source.take(np.arange(24))
        assert is_alarm(planted, source, heldout), draw


@pytest.mark.parametrize("share", [1, 3])
def test_sizes_are_taken_into_account(share: int):
    """A held-out part of a third of the size has a third of what chance discloses, and that is no alarm."""
    assert Count(90, 900, 90 // share, 900 // share).p > 0.4
    assert Count(90, 900, 30 // share, 900 // share).p < 0.001


def test_a_perfect_copy_discloses_all_that_is_unique():
    source, heldout, _ = deal("copy")
    whole = find_disclosed(source, source, heldout).levels[0]
    assert (whole.kind, whole.length) == ("text", 0)
    texts = [text.lower() for text in (source + heldout).texts.to_pylist()]
    unique = [texts.count(text) == 1 for text in texts[: len(source)]]
    assert (whole.source >= 0).tolist() == unique
    assert whole.count.heldout == 0
    assert whole.source[unique].tolist() == np.flatnonzero(unique).tolist()


def test_without_mentions_only_texts_are_compared():
    corpus = Corpus.from_columns(text=["a b c d", "e f g h"])
    assert {each.kind for each in find_disclosed(corpus, corpus, corpus).levels} == {"text"}


def test_newcombe_and_wilson_as_published():
    """Newcombe 1998, table II, method 10: 56/70 - 48/80 and 9/10 - 3/10."""
    assert Count(56, 70, 48, 80).find_interval() == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert Count(9, 10, 3, 10).find_interval() == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_the_smallest_leak_is_the_first_that_is_found():
    for count in (Count(0, 500, 7, 400), Count(0, 100, 0, 300)):
        smallest = count.find_smallest_leak(tests=22)
        assert smallest is not None
        found = round((smallest + count.heldout / count.heldout_records) * count.records)
        first, before = (Count(n, count.records, count.heldout, count.heldout_records).p for n in (found, found - 1))
        assert first * 22 < 0.05 <= before * 22
    assert Count(0, 3, 0, 3).find_smallest_leak() is None


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.data())
def test_weights_are_dealt_out_as_by_hand(weights: list[int], data: st.DataObject):
    """Every way to deal them out, each record going to the first ones by their share."""
    count = data.draw(st.integers(0, len(weights)))
    share, least = count / len(weights), sum(weights[:count])
    chance = 0.0
    for first in itertools.product([True, False], repeat=len(weights)):
        if sum(itertools.compress(weights, first)) >= least:
            chance += math.prod(share if each else 1 - share for each in first)
    of_source, of_heldout = np.array(weights[:count], float), np.array(weights[count:], float)
    assert find_weighted_p(of_source, of_heldout, share) == pytest.approx(chance, abs=1e-9)


@pytest.mark.parametrize(("unit", "beyond"), [(1, 1370), (1000, 1380)])
def test_many_weights_are_as_gauss_says(unit: int, beyond: int):
    """Sums of 2,000 weights, 1,380 over their mean of 30,000: in steps of 20, and rounded to small ones."""
    weights = np.tile([20.0, 40.0], 1000) * unit
    spread = math.sqrt(1000 * (20**2 + 40**2) / 4)
    chance = math.erfc(beyond / spread / math.sqrt(2)) / 2
    assert find_weighted_p(weights[:1046], weights[1046:], 0.5) == pytest.approx(chance, rel=0.03)


def test_records_of_one_wording_are_drawn_together():
    """Five mentions in one wording, all of the source, are one draw: as likely of either side as not."""
    texts = [f"we met {name} here" for name in ("Ada", "Bo", "Cy", "Di", "Eva")]
    spans = [[(7, 7 + len(text) - len("we met  here"), "P")] for text in texts]
    source = Corpus.from_columns(text=texts, spans=spans)
    heldout = Corpus.from_columns(text=[f"nothing like {word}" for word in "abcde"])
    (mentions,) = (each for each in find_disclosed(source, source, heldout).levels if each.kind == "mention")
    assert mentions.count == Count(5, 5, 0, 5)
    assert mentions.count.p == pytest.approx(1 / 32)
    assert mentions.p == pytest.approx(1 / 2)


def test_a_few_copies_among_chance_ones():
    """Short texts of common words come twice by chance; five long ones of the source, and none held out, do not."""
    common = [f"play {word} music" for word in ("some", "good", "loud", "soft", "new", "old", "live", "more")]
    rare = [" ".join(f"{letter}{number}" for letter in "abcdefgh") for number in range(200)]
    source = Corpus.from_columns(text=[*common[:4], *rare[:100]])
    heldout = Corpus.from_columns(text=[*common[4:], *rare[100:]])
    copied = find_disclosed(Corpus.from_columns(text=[*common, *rare[:6]]), source, heldout)
    assert copied.levels[0].count.source == 10
    assert copied.levels[0].count.heldout == 4
    assert copied.levels[0].count.p > 0.05
    assert copied.copies_p < 0.025
    assert find_disclosed(Corpus.from_columns(text=common), source, heldout).copies_p > 0.3
