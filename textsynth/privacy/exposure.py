"""What the exposures of canaries come to: bits, and how well learnt ones are told from those that were kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from textsynth.components.metric import Exposure, Measured, Score, Table
from textsynth.foundation.share import NORMAL, find_wilson

_COLUMNS = ("ranked by", "planted", "bits", "kept", "bits", "most", "AUC", "low", "high")

_HOW = (
    "a canary was ranked among the same beginning with other rare words; kept canaries, which nothing has learnt, show "
    "what chance does, an AUC of 50 %"
)


def tell_exposures(exposures: Sequence[Exposure]) -> Measured:
    """Returns the scores of canaries, and a table; nothing if none were planted."""
    if not exposures:
        return Measured()
    scores = {name: score for each in exposures for name, score in _score(each).items()}
    return Measured(scores, (Table("Canaries", _COLUMNS, tuple(map(_to_row, exposures))),), (_HOW,))


def compute_auc(exposure: Exposure) -> tuple[float, float, float]:
    """Returns how often a planted canary is more exposed than a kept one, ties counting half, with an interval.

    The variance of an AUC is at most that of a share of the smaller of the two numbers (Birnbaum and Klose 1957), so
    Wilson's interval of such a share is wide enough, also if the AUC is 1.
    """
    planted, kept = exposure.planted[:, None], exposure.kept[None, :]
    auc = float(((planted > kept) + 0.5 * (planted == kept)).mean())
    fewer = min(planted.size, kept.size)
    return auc, *find_wilson(auc * fewer, fewer)


def _score(exposure: Exposure) -> dict[str, Score]:
    planted, kept = float(exposure.planted.mean()), float(exposure.kept.mean())
    spread = math.sqrt(_find_error(exposure.planted) + _find_error(exposure.kept))
    ends = planted - kept - NORMAL * spread, planted - kept + NORMAL * spread
    auc, low, high = compute_auc(exposure)
    return {
        f"exposure by {exposure.by}": Score(planted, kept, *ends, better="lower", unit="bits"),
        f"canaries told by {exposure.by}": Score(auc, 0.5, low - 0.5, high - 0.5, better="lower", unit="share"),
    }


def _find_error(bits: np.ndarray) -> float:
    """Returns the square of the standard error of a mean."""
    return float(bits.var(ddof=1) / len(bits))


def _to_row(exposure: Exposure) -> tuple[str | int | float, ...]:
    told = len(exposure.planted), float(exposure.planted.mean()), len(exposure.kept), float(exposure.kept.mean())
    most = float(max(exposure.planted.max(), exposure.kept.max()))
    return (exposure.by, *told, most, *compute_auc(exposure))
