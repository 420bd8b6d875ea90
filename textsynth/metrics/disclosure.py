"""What of the source can be read in the synthetic text, beside what can be read of held-out text, by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from textsynth.components.component import Positive
from textsynth.components.metric import Cell, Evidence, Measured, Metric, Score, Table
from textsynth.corpus import Corpus
from textsynth.pretrained.encoding import EncoderOptions, load_encoder
from textsynth.privacy.distances import measure_distances
from textsynth.privacy.excess import Count, Disclosed, Repeats, find_disclosed
from textsynth.privacy.exposure import tell_exposures
from textsynth.privacy.token_runs import KINDS
from textsynth.scores.encoders import TFIDF, Encoder

_COLUMNS = (
    "of", "tokens", "source", "source share", "heldout", "heldout share",
    "excess", "low", "high", "p", "corrected p", "smallest leak",
)  # fmt: skip
_SAYS = {"text": "text", "wording": "wording", "mention": "mention", "mention_in_wording": "mention in its wording"}
"""How a reader is told what a run is of."""

_BY_CHANCE = (
    "a held-out record can be repeated by chance alone: only what is more of the source than of held-out text was "
    "disclosed. Intervals and p are corrected for the number of counts"
)
_BY_DESIGN = "what draws its mentions from the source discloses mentions by design; look at wordings then"
_DISTANCES = "distances cannot prove safety: they do not see rare copies; they only describe"


@dataclass(frozen=True, kw_only=True)
class Disclosure(EncoderOptions, Metric):
    """Counts the records of the source that the synthetic text gives away; ranks canaries, if some were planted.

    A record is disclosed if the synthetic text repeats a run of 3, 4, 5, 6, 8 or 10 tokens, the whole text, or a
    mention, that no other record has, of source and held-out text together. The same count for held-out text is what
    chance does, so the excess is what the source has more, as a share of its records; its p is that of a binomial test
    by the sizes of source and held-out text, corrected for all counts (Holm). `copies p` is that of whole texts alone,
    weighted by how rare their words are, so that a few copies are seen among many short texts that anybody writes; `p`
    takes both into account. `excess` is the count that stands out most. Pitfalls: it sees words and no meaning, so that
    a paraphrase is not seen. Records that stand in the source twice disclose nothing, as each has what another has;
    held-out text must be like the source, or chance is another.

    The option `encoder` is that of the distances; words alone with "tfidf".

    Args:
        worst: how many records are listed, beside what repeats them, for the owner of the source alone.
        sample: rows of the synthetic text, and of both others, whose distances are looked at.
    """

    extras = ("metrics",)

    worst: Positive = 10
    sample: Positive = 2000

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Counts by every kind of run."""
        missing, canaries = _find_missing(evidence), tell_exposures(evidence.exposures)
        if missing:
            return replace(canaries, notes=(missing, *canaries.notes))
        found = find_disclosed(evidence.synthetic, evidence.source, evidence.heldout)
        distances = measure_distances(self._choose_encoder(), evidence, self.sample, rng)
        tables = (_tell_all(found), _list_worst(found.levels, evidence.synthetic, evidence.source, self.worst))
        scores = _score(found) | _describe(distances) | canaries.scores
        return Measured(scores, (*tables, *canaries.tables), (_BY_CHANCE, _BY_DESIGN, _DISTANCES, *canaries.notes))

    def _choose_encoder(self) -> Encoder | None:
        return None if self.encoder == TFIDF else load_encoder(self.encoder)


def _find_missing(evidence: Evidence) -> str:
    empty = [name for name in ("synthetic", "source", "heldout") if not len(getattr(evidence, name))]
    return f"disclosure cannot be told without {' and '.join(empty)} text" if empty else ""


def _score(found: Repeats) -> dict[str, Score]:
    """Returns the excess that stands out most, of all and of each kind, and how likely it is by chance."""
    first = min(found.levels, key=lambda each: each.p).count
    scores = {
        "excess": _to_score(first, found.tests),
        "p": Score(found.p, better="higher"),
        "copies p": Score(found.copies_p, better="higher"),
        "smallest leak": Score(first.find_smallest_leak(found.tests), better="lower", unit="share"),
    }
    for kind in KINDS:
        levels = [each for each in found.levels if each.kind == kind]
        if levels:
            scores[f"excess by {_SAYS[kind]}"] = _to_score(min(levels, key=lambda each: each.p).count, found.tests)
    return scores


def _to_score(count: Count, tests: int) -> Score:
    low, high = count.find_interval(tests)
    return Score(count.excess, 0.0, low, high, better="lower", unit="share")


def _describe(distances: tuple[float, float] | None) -> dict[str, Score]:
    closer, ratio = distances or (None, None)
    return {
        "share closer to source": Score(closer, 0.5 if distances else None, unit="share"),
        "nearest neighbour ratio": Score(ratio, 1.0 if distances else None),
    }


def _tell_all(found: Repeats) -> Table:
    both = sorted(zip(found.levels, found.corrected, strict=True), key=lambda pair: KINDS.index(pair[0].kind))
    rows = [_to_row(each, p, found.tests) for each, p in both]
    return Table("Records disclosed", _COLUMNS, tuple(rows))


def _to_row(disclosed: Disclosed, corrected: float, tests: int) -> tuple[Cell, ...]:
    count = disclosed.count
    shares = count.source / count.records, count.heldout / count.heldout_records
    about = (count.source, shares[0], count.heldout, shares[1], count.excess, *count.find_interval(tests))
    return (
        _SAYS[disclosed.kind],
        disclosed.length or "whole",
        *about,
        disclosed.p,
        corrected,
        count.find_smallest_leak(tests),
    )


def _list_worst(found: Sequence[Disclosed], synthetic: Corpus, source: Corpus, most: int) -> Table:
    """Lists the records of which most is repeated, each beside the example that does it."""
    worst: dict[int, tuple[Disclosed, int]] = {}
    for each in found:
        for row in np.flatnonzero(each.source >= 0)[: most + len(worst)].tolist():
            worst.setdefault(row, (each, int(each.source[row])))
    rows = [
        (_SAYS[by.kind], by.length or "whole", source.texts[row].as_py(), synthetic.texts[made].as_py())
        for row, (by, made) in list(worst.items())[:most]
    ]
    return Table(
        "Records of which most is repeated", ("of", "tokens", "source", "synthetic"), tuple(rows), private=True
    )
