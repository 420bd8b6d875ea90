"""SNIPS: what a VAE that is shown the bag of slots makes of source sentences, at two sigmas.

All shares but the first are of what a run would keep: what is malformed, or reads like another class, it drops.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from network_sections.intent import Intent
from textsynth.corpus import Corpus
from textsynth.extract import Template
from textsynth.foundation.seeding import child_rng
from textsynth.generators.vae import Vae
from textsynth.wording.filling import read_filler
from textsynth.wording.vocabulary import parts_of

TEMPERATURES = (0.7, 1.0, 1.2)
_SAMPLES, _TIMED, _TEN = 2000, 10_000, 100


def neighbours(source: Corpus, heldout: Corpus, directory: Path, seed: int) -> dict[str, float]:
    """Measures them at some temperatures, and the same of real held-out sentences.

    The intent is judged by the wording, slots instead of mentions, and by the text. Mentions are drawn by label,
    not by class, so that the text of real sentences loses it too if mentions of their labels are drawn anew.
    """
    judges = Intent(_worded(source), seed), Intent(source, seed)
    known = set(_fingerprints(source))
    results = {
        "real: copies": float(np.mean([each in known for each in _fingerprints(heldout)])),
        "real: keeps intent": _kept(judges[0], _worded(heldout)),
        "real: keeps intent, text": _kept(judges[1], heldout),
        "real: keeps intent, text of new mentions": _kept(judges[1], _refilled(heldout, directory, seed)),
    }
    for temperature in TEMPERATURES:
        sampler: Any = Vae(temperature=temperature).sampler(directory)
        rows = child_rng(seed, "rows").integers(len(source), size=_SAMPLES)
        found = _measured(sampler, source, rows, seed)
        written, _ = _around(sampler, source, rows, seed)
        found["keeps intent"], found["keeps intent, text"] = (
            _kept(judges[0], _worded(written)),
            _kept(judges[1], written),
        )
        found["seconds for 10,000"] = _seconds(sampler, seed)
        results |= {f"at {temperature}: {name}": value for name, value in found.items()}
    return results


def _around(sampler: Any, source: Corpus, rows: np.ndarray, seed: int) -> tuple[Corpus, Corpus]:
    """Returns what is written around these sentences and not rejected, and those it is written around."""
    draft = sampler.around(rows, child_rng(seed, "neighbours"))
    made = np.array([reason is None for reason in draft.reasons])
    return draft.corpus.mask(made), source.take(rows[made])


def _measured(sampler: Any, source: Corpus, rows: np.ndarray, seed: int) -> dict[str, float]:
    reasons = sampler.around(rows, child_rng(seed, "neighbours")).reasons
    written, originals = _around(sampler, source, rows, seed)
    new, own, known = _fingerprints(written), _fingerprints(originals), set(_fingerprints(source))
    itself = np.array([one == two for one, two in zip(new, own, strict=True)])
    copied = np.array([each in known for each in new]) & ~itself
    slots = [_slots(one) == _slots(two) for one, two in zip(written, originals, strict=True)]
    ten, _ = _around(sampler, source, np.repeat(rows[:_TEN], 10), seed)
    return {
        "malformed": float(np.mean([bool(reason) and "class" not in reason for reason in reasons])),
        "reads like another class": float(np.mean([bool(reason) and "class" in reason for reason in reasons])),
        "keeps all slots": float(np.mean(slots)),
        "itself": float(itself.mean()),
        "copies another": float(copied.mean()),
        "novel": float(1 - itself.mean() - copied.mean()),
        "distinct of ten": _distinct(ten),
    }


def _distinct(corpus: Corpus) -> float:
    """Returns how many wordings there are of each wording they were made from, for every ten that were made."""
    parents = corpus.table.column("parent").to_pylist()
    pairs = list(zip(parents, _fingerprints(corpus), strict=True))
    return 10 * len(set(pairs)) / len(pairs)


def _seconds(sampler: Any, seed: int) -> float:
    begin = time.process_time()
    sampler(_TIMED, child_rng(seed, "speed"))
    return time.process_time() - begin


def _kept(judge: Intent, corpus: Corpus) -> float:
    labels = corpus.table.column("label").to_pylist()
    return float(np.mean([one == two for one, two in zip(judge.of(corpus.texts.to_pylist()), labels, strict=True)]))


def _worded(corpus: Corpus) -> Corpus:
    """Returns wordings as texts, slots instead of mentions."""
    texts = [Template.of(example).to_text() for example in corpus]
    return Corpus.from_columns(text=texts, label=corpus.table.column("label").to_pylist())


def _refilled(corpus: Corpus, directory: Path, seed: int) -> Corpus:
    """Draws the mentions of sentences anew, as those of samples are."""
    sentences = [parts_of(example, "slots") for example in corpus]
    classes = corpus.table.column("label").to_pylist()
    return read_filler(directory, slots=True).corpus(sentences, classes, child_rng(seed, "refilled")).corpus


def _fingerprints(corpus: Corpus) -> list[str]:
    return [Template.of(example).fingerprint() for example in corpus]


def _slots(example: Any) -> list[str]:
    return sorted(span.label for span in example.spans)
