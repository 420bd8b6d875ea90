from __future__ import annotations

import numpy as np

from textsynth.foundation.seeding import child_rng
from textsynth.scores.intervals import difference_interval, estimate


def test_an_interval_covers_no_difference_about_95_times_in_100():
    rng, covered = child_rng(1), 0
    for _ in range(400):
        groups = [rng.integers(0, 60, 200) for _ in range(2)]
        found = []
        for group in groups:
            _, group = np.unique(group, return_inverse=True)
            numbers = rng.normal(size=60)[group] + rng.normal(size=200)  # rows of one group depend on each other
            found.append(estimate(lambda rows, numbers=numbers: [numbers[rows].mean()], group, rng))
        low, high = difference_interval(*found)
        covered += bool(low[0] <= 0 <= high[0])
    assert 0.91 < covered / 400 < 0.99


def test_too_few_groups_have_no_interval():
    found = estimate(lambda rows: [len(rows)], np.arange(100) % 19, child_rng(1))
    assert found.values.tolist() == [100]
    assert np.isnan(found.variances).all()
