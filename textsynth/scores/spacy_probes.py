"""Probes of spaCy: its named-entity recogniser and its text classifier, begun blank and taught for a fixed time."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.corpus.tag_notation import read_tags
from textsynth.corpus.tokens import TokenTable, encode_tags, list_tags, tokenize
from textsynth.foundation.pipeline import new_pipeline
from textsynth.scores.probes import Classify, Tag, have_classes, without_spans

_BATCH = 16
_DROPOUT, _DECAY = 0.2, 0.01
"""spaCy's own dropout and weight of the norm."""

_LANGUAGE = "xx"
"""No language: tokens are given, and a blank pipeline knows nothing else of one."""


def teach_spacy_tagger(corpus: Corpus, steps: int, weaker: float, rng: np.random.Generator) -> Tag:
    """Teaches a blank pipeline the spans of a corpus, over the tokens that the corpus has.

    Args:
        corpus: the texts and their spans.
        steps: batches of 16 texts that it is taught.
        weaker: what dropout and the weight of the norm are multiplied by.
        rng: first weights, batches and dropout.
    """
    tokens, names = tokenize(corpus), list_tags(corpus.labels)
    codes = encode_tags(tokens, corpus, "iob2", names)
    tags = [[names[code] for code in codes[low:high].tolist()] for low, high in itertools.pairwise(tokens.rows)]
    if not any(tags) or not corpus.labels:
        return without_spans
    with _seed(int(rng.integers(2**32))):
        nlp = new_pipeline(_LANGUAGE)
        nlp.add_pipe("ner")
        _teach(nlp, _make_examples(nlp, tokens, "entities", map(_to_biluo, tags)), steps, weaker, rng)
    return lambda given: _find(nlp, tokenize(without_spans(given))).label(given)


def teach_spacy_classifier(corpus: Corpus, steps: int, weaker: float, rng: np.random.Generator) -> Classify:
    """Teaches a blank pipeline the classes of a corpus; for arguments see `teach_spacy_tagger`."""
    corpus, names = have_classes(corpus), corpus.combinations
    tokens = tokenize(corpus)
    if len(names) < 2 or not len(tokens.starts):
        return lambda given: [next(iter(names), None)] * len(given)
    chances = ({name: float(name == label) for name in names} for label in corpus.table.column("label").to_pylist())
    with _seed(int(rng.integers(2**32))):
        nlp = new_pipeline(_LANGUAGE)
        nlp.add_pipe("textcat")
        _teach(nlp, _make_examples(nlp, tokens, "cats", chances), steps, weaker, rng)
    return lambda given: [max(names, key=doc.cats.__getitem__) for doc in nlp.pipe(_list_docs(nlp, tokenize(given)))]


def _find(nlp: Any, tokens: TokenTable) -> Findings:
    """Returns the mentions of each text."""
    found = []
    for low, doc in zip(tokens.rows.tolist(), nlp.pipe(_list_docs(nlp, tokens)), strict=False):
        tags = [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc]
        found.append(
            [
                (int(tokens.starts[low + begin]), int(tokens.ends[low + end - 1]), label, 1.0)
                for begin, end, label in read_tags(tags)
            ]
        )
    return Findings.of_lists(found)


def _to_biluo(tags: list[str]) -> list[str]:
    from spacy.training import iob_to_biluo

    return list(iob_to_biluo(tags))


def _make_examples(nlp: Any, tokens: TokenTable, kind: str, truth: Iterator[Any]) -> list[Any]:
    """Returns what spaCy learns from; texts without tokens teach nothing."""
    from spacy.training import Example

    docs = zip(_list_docs(nlp, tokens), truth, strict=True)
    return [Example.from_dict(doc, {kind: told}) for doc, told in docs if len(doc)]


def _list_docs(nlp: Any, tokens: TokenTable) -> Iterator[Any]:
    """Yields the texts as spaCy has them, cut as we do."""
    from spacy.tokens import Doc

    return (Doc(nlp.vocab, words=words) for words in tokens.lists().to_pylist())


def _teach(nlp: Any, examples: list[Any], steps: int, weaker: float, rng: np.random.Generator) -> None:
    optimiser = nlp.initialize(lambda: examples)
    optimiser.L2 = _DECAY * weaker
    for _ in range(steps):
        batch = [examples[row] for row in rng.integers(len(examples), size=_BATCH)]
        nlp.update(batch, drop=_DROPOUT * weaker, sgd=optimiser)


@contextlib.contextmanager
def _seed(seed: int) -> Iterator[None]:
    """Seeds the global generators that spaCy draws from, and gives them back as they were."""
    states = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
