"""The count of disclosed records: known answers, and how often it alarms, on the project's own text."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.privacy.excess import Count, correct, find_disclosed

CORPORA = Path(__file__).resolve().parents[2] / "corpora"


@functools.cache
def read() -> Corpus:
    return ts.read(CORPORA / "support.jsonl")


def deal(*names: int | str) -> list[Corpus]:
    corpus = read()
    order, size = child_rng(3, *names).permutation(len(corpus)), len(corpus) // 3
    return [corpus.take(order[part * size : (part + 1) * size]) for part in range(3)]


def is_alarm(output: Corpus, source: Corpus, heldout: Corpus) -> bool:
    return min(correct([each.count.p for each in find_disclosed(output, source, heldout)])) < 0.05


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
    whole = next(each for each in find_disclosed(source, source, heldout) if (each.kind, each.length) == ("text", 0))
    texts = [text.lower() for text in (source + heldout).texts.to_pylist()]
    unique = [texts.count(text) == 1 for text in texts[: len(source)]]
    assert (whole.source >= 0).tolist() == unique
    assert whole.count.heldout == 0
    assert whole.source[unique].tolist() == np.flatnonzero(unique).tolist()


def test_without_mentions_only_texts_are_compared():
    corpus = Corpus.from_columns(text=["a b c d", "e f g h"])
    assert {each.kind for each in find_disclosed(corpus, corpus, corpus)} == {"text"}


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
