from __future__ import annotations

from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters.near_duplicate import NearDuplicate
from textsynth.foundation.seeding import child_rng


def test_by_hand(tmp_path: Path):
    source = Corpus.from_columns(text=["a b c d e f g h i"])
    filter = NearDuplicate(similarity=0.8)
    filter.fit(Resources.of(source), tmp_path, child_rng(0))
    made = ["I h g f e d c b A!", "a b c d e f g h x", "a b c d e f g x y", "x y a b c d e f g", ""]
    reasons = filter.judge(tmp_path)(Corpus.from_columns(text=made))
    # 9 of 9 words; 8 of 10; 7 of 11, which is kept; the same again.
    source_has, run_has = "near duplicate of the source", "near duplicate of another example"
    assert reasons == [source_has, source_has, None, run_has, None]


def test_the_run_is_not_compared_with_if_it_shall_not_be(tmp_path: Path):
    filter = NearDuplicate(against_run=False)
    filter.fit(Resources.of(Corpus.from_columns(text=["a b c d e"])), tmp_path, child_rng(0))
    judge = filter.judge(tmp_path)
    assert judge(Corpus.from_columns(text=["v w x y z", "v w x y z", "e d c b a"])) == [
        None,
        None,
        "near duplicate of the source",
    ]
