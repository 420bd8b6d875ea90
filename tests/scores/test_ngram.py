from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.ragged import Ragged
from textsynth.scores.ngram import NgramModel

SENTENCES = st.lists(st.lists(st.integers(1, 4), max_size=5), min_size=1, max_size=6)


@given(sentences=SENTENCES, history=st.lists(st.integers(1, 4), max_size=3))
def test_the_chances_of_all_that_may_follow_add_up_to_one(sentences: list[list[int]], history: list[int]):
    model = NgramModel.of(Ragged.of_lists(sentences), 5)
    following = model.find_chances(Ragged.of_lists([[*history, each] for each in range(1, 5)]))
    end = model.find_chances(Ragged.of_lists([history]))[0][-1]
    assert end + sum(following[row][len(history)] for row in range(4)) == pytest.approx(1)


def test_chances_by_hand():
    """Of 1 2, 1 2 and 1 3: after the start and 1, 2 has (2 - D3) / 3 and its share of what is left over."""
    model = NgramModel.of(Ragged.of_lists([[1, 2], [1, 2], [1, 3]]), 4)
    lone = (1 - 0.6) / 5 + 0.6 * 4 / 5 / 4
    pair = (1 - 0.95) / 2 + 0.95 * 2 / 2 * lone
    whole = (2 - 1 / 3) / 3 + 1 / 3 * 2 / 3 * pair
    assert np.isclose(model.find_chances(Ragged.of_lists([[1, 2]]))[0][1], whole)
