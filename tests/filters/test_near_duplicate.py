from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters.near_duplicate import NearDuplicate, _Seen
from textsynth.foundation.seeding import child_rng

WORDS = st.sets(st.integers(1, 14), min_size=1, max_size=12)


def test_by_hand(tmp_path: Path):
    source = Corpus.from_columns(text=["a b c d e f g h i"])
    filter = NearDuplicate(similarity=0.8)
    filter.fit(Resources.of(source), tmp_path, child_rng(0))
    made = ["I h g f e d c b A!", "a b c d e f g h x", "a b c d e f g x y", "x y a b c d e f g", ""]
    reasons = filter.judge(tmp_path)(Corpus.from_columns(text=made))
    # 9 of 9 words; 8 of 10; 7 of 11, which is kept; the same again.
    source_has, run_has = "near duplicate of the source", "near duplicate of another example"
    assert reasons == [source_has, source_has, None, run_has, None]


@given(sets=st.lists(WORDS, max_size=30), similarity=st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_no_pair_above_is_left_and_none_below_is_dropped(sets: list[set[int]], similarity: float):
    seen, kept = _Seen(similarity), list[set[int]]()
    for each in sets:
        words = np.array(sorted(each), np.uint64)
        alike = [len(each & other) / len(each | other) >= similarity for other in kept]
        found = seen.find(words)
        assert found == (alike.index(True) if any(alike) else None)
        if found is None:
            seen.add(words)
            kept.append(each)
