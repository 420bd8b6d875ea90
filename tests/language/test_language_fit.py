from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from textsynth.language import language_fit
from textsynth.language.language_fit import find_log_likelihoods, list_languages

TEXTS = [
    *["Where is my parcel?", "Wo ist mein Paket?", "Où est mon colis ?", "小包はどこですか", "Где моя посылка?"],
    *["Где је мој пакет?", "WHERE IS MY PARCEL?", "Cafe\u0301 Zu\u0308rich", "broken \ud800 text", "", "  ", "1234"],
    *["a" * 50, "The refund has not come. " * 300],
]


@pytest.mark.parametrize("times", [1, 200])
def test_languages_fit_as_py3langid_says(times: int):
    assert (len(TEXTS) * times > 2 * language_fit._TOGETHER) == (times == 200)
    ranks = [dict(language_fit._identifier().rank(text)) for text in TEXTS]
    expected = np.array([[rank[each] for each in list_languages()] for rank in ranks])
    expected -= expected.max(axis=1, keepdims=True)
    found = find_log_likelihoods(TEXTS * times)
    assert np.allclose(found, np.tile(expected, (times, 1)), rtol=1e-5, atol=1e-3)
    assert find_log_likelihoods([]).shape == (0, len(list_languages()))


def test_the_packed_model_has_the_same_arrays():
    packed = language_fit._Model.of(language_fit._load_packed())
    for each in fields(packed):
        assert (getattr(packed, each.name) == getattr(language_fit._model(), each.name)).all(), each.name
