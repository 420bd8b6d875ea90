"""Scores: how good, how diverse and how new text is; small models that tell what can be learnt from it."""

from textsynth.scores.bleu import bleu, self_bleu
from textsynth.scores.coverage import coverage
from textsynth.scores.diversity import distinct, distinct_ngrams, novelty
from textsynth.scores.frechet import frechet_distance

__all__ = ["bleu", "coverage", "distinct", "distinct_ngrams", "frechet_distance", "novelty", "self_bleu"]
