"""Shortage: what is said if a source is too small to learn much from."""

from __future__ import annotations

import logging
from collections import Counter

from textsynth.corpus import Corpus
from textsynth.corpus.classes import describe_classes
from textsynth.foundation.plural import tell_count

FEW = 20
"""Sentences under which little can be learnt, and nothing is held out or judged."""

logger = logging.getLogger(__name__)


def warn_of_few(name: str, source: Corpus) -> None:
    """Warns of a source with few sentences, and of classes with one.

    Args:
        name: of the generator.
        source: what is learnt from.
    """
    if len(source) < FEW:
        few = tell_count(len(source), "sentence")
        logger.warning("%s: the source has %s, fewer than %d: little can be learnt", name, few, FEW)
    for label, count in sorted(Counter(source.table.column("label").drop_null().to_pylist()).items()):
        if count == 1:
            logger.warning(
                "%s: the class %r has one sentence: it can only be varied by those of others",
                name,
                describe_classes(label),
            )
