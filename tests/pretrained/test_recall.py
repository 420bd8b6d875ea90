"""What is recalled, and what is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textsynth.pretrained.recall import Recall


def test_only_the_same_texts_in_the_same_order_are_recalled():
    encoded: list[Sequence[str]] = []
    known = Recall(5)

    def encode(texts: Sequence[str]) -> np.ndarray:
        def work_out() -> np.ndarray:
            encoded.append(texts)
            return np.full((len(texts), 2), len(encoded))

        return known.get(tuple(texts), work_out)

    assert encode(["a", "b"]).tolist() == encode(["a", "b"]).tolist() == [[1, 1], [1, 1]]
    assert encode(["a"]).tolist() == [[2, 2]]
    encode(["1", "2", "3", "4", "5"])
    assert encode(["a"]).tolist() == [[4, 4]], "what would be too much is forgotten"
    assert encode(["too many"] * 6).tolist() == [[5, 5]] * 6
    assert encode(["a"]).tolist() == [[6, 6]]
