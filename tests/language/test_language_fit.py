from __future__ import annotations

import numpy as np
import pytest

from textsynth.language import language_fit
from textsynth.language.language_fit import find_log_likelihoods, list_languages

TEXTS = [
    *["Where is my parcel?", "Wo ist mein Paket?", "Où est mon colis ?", "小包はどこですか", "Где моя посылка?"],
    *["Где је мој пакет?", "WHERE IS MY PARCEL?", "Cafe\u0301 Zu\u0308rich", "broken \ud800 text", "", "  ", "1234"],
    *["a" * 50, "The refund has not come. " * 300],
]


@pytest.mark.parametrize("together", [1, 3, 1000])
def test_languages_fit_as_py3langid_says(together: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language_fit, "_TOGETHER", together)
    ranks = [dict(language_fit._identifier().rank(text)) for text in TEXTS]
    expected = np.array([[rank[each] for each in list_languages()] for rank in ranks])
    expected -= expected.max(axis=1, keepdims=True)
    assert np.allclose(find_log_likelihoods(TEXTS), expected, rtol=1e-5, atol=1e-3)
    assert find_log_likelihoods([]).shape == (0, len(list_languages()))


def test_the_packed_model_has_the_same_arrays(monkeypatch: pytest.MonkeyPatch):
    expected = find_log_likelihoods(TEXTS)
    packed = language_fit._load_packed()
    monkeypatch.setattr(language_fit, "_identifier", lambda: packed)
    monkeypatch.setattr(language_fit, "_model", language_fit._model.__wrapped__)
    assert (find_log_likelihoods(TEXTS) == expected).all()
