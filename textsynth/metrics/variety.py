"""How varied a corpus is, and how much in it is new."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.component import Positive, check_extras
from textsynth.components.metric import Evidence, Measured, Metric
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.corpus.tokens import TokenTable, tokenize
from textsynth.extract.gazetteer import mention_array
from textsynth.extract.wording import list_wordings
from textsynth.foundation.distinct import find_distinct
from textsynth.scores.bleu import self_bleu
from textsynth.scores.encoders import fit_tfidf
from textsynth.scores.intervals import Statistic
from textsynth.scores.sides import Sides, draw, draw_sides, encode_together, score_sides
from textsynth.scores.vendi import vendi_score

_REPEATED = 4
"""Tokens of what counts as repeated."""
_COMPARED = 300
"""Rows that self-BLEU compares; each with all others."""
_PACKED = 4_000
"""Rows that are compressed."""
_ORDERS = (1, 2, 3)

_KINDS = {
    **{f"distinct-{order}": ("higher", "share") for order in _ORDERS},
    "self-repetition": ("lower", ""),
    "self-BLEU-3": ("lower", ""),
    "xz ratio": ("lower", ""),
    "Vendi score": ("higher", ""),
    "distinct wordings": ("higher", "share"),
    "largest wording": ("lower", "share"),
    "new wordings": ("heldout", "share"),
    "new mentions": ("heldout", "share"),
    "new contexts": ("heldout", "share"),
}


@dataclass(frozen=True, kw_only=True)
class Variety(Metric):
    """Tells how varied a corpus is: n-grams, repeats, wordings; and how many wordings, mentions and contexts are new.

    All of it depends on the number of rows; both corpora have the same number here.

    * distinct-n: different n-grams over n-grams (Li et al. 2016). Longer texts have less.
    * self-repetition: the mean over texts of log(1 + N), N the other texts that share a run of four tokens, counted
      once for each run (Salkar et al. 2022, "Self-Repetition in Abstractive Neural Summarizers"). Real text of one
      kind repeats itself too.
    * self-BLEU-3: of each of 300 texts against the others (Zhu et al. 2018, "Texygen"), itself left out.
    * xz ratio: bytes over compressed bytes, of up to 4,000 rows (Shaib et al. 2024, "Standardizing the Measurement of
      Text Diversity", with gzip, whose window of 32 KiB cannot see that a corpus comes twice; xz sees it). A sample of
      a much larger corpus holds few of its repeats.
    * Vendi score: the effective number of different texts to TF-IDF in 64 dimensions fitted on the source (Friedman
      and Dieng 2023), 64 at most. It hardly sees repeats of everything: the shares stay as they are.
    * distinct wordings, largest wording: of texts with their mentions taken out, different ones over texts, and the
      share of texts that the most frequent one has. Without spans a wording is the text.
    * new wordings, mentions, contexts: the share that the source does not have. Mentions with their label; contexts
      are the token before, the label and the token behind. They count by occurrence. More is not better: nonsense is
      all new.

    Intervals: 20 blocks of wordings, each left out once.

    Args:
        sample: rows of the synthetic and of the held-out text that are looked at, at most.
    """

    extras: ClassVar[tuple[str, ...]] = ("metrics",)

    sample: Positive = 10_000

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Counts, compresses and compares."""
        check_extras(self, "metric 'variety'")
        sides = draw_sides(evidence, rng, self.sample)
        synthetic, heldout = _prepare(sides, rng)
        scores = score_sides(_KINDS, (_measure(synthetic), _measure(heldout)), sides, rng)
        return Measured(scores, (), sides.notes)


@dataclass(frozen=True)
class _Prepared:
    """A corpus as numbers.

    Args:
        texts: all of them.
        tokens: those of each text.
        ngrams: by their order, what stands for those of each text.
        wordings: `(rows,)`.
        new_wordings: `(rows,)`; whether the source has none like it.
        spans: the positions of each text's spans in what follows.
        new_mentions: `(spans,)`.
        new_contexts: `(spans,)`.
        vectors: `(rows, width)`.
        compared: `(rows,)`; whether self-BLEU compares it.
        packed: `(rows,)`; whether it is compressed.
    """

    texts: list[str]
    tokens: list[list[str]]
    ngrams: dict[int, Ragged]
    wordings: np.ndarray
    new_wordings: np.ndarray
    spans: Ragged
    new_mentions: np.ndarray
    new_contexts: np.ndarray
    vectors: np.ndarray
    compared: np.ndarray
    packed: np.ndarray


def _prepare(sides: Sides, rng: np.random.Generator) -> list[_Prepared]:
    corpora, tables = list(sides), [tokenize(corpus) for corpus in sides]
    words, _ = encode_together([table.strings for table in tables])
    wordings, _ = encode_together([list_wordings(corpus) for corpus in corpora])
    mentions, _ = encode_together([_list_mentions(corpus) for corpus in corpora])
    contexts, _ = encode_together([_list_contexts(*each) for each in zip(corpora, tables, strict=True)])
    vectors = _encode(sides, rng)
    return [
        _Prepared(
            corpora[side].texts.to_pylist(),
            tables[side].lists().to_pylist(),
            _number_ngrams(Ragged(words[side], tables[side].rows)),
            wordings[side],
            ~np.isin(wordings[side], wordings[1]),
            Ragged.of_bounds(corpora[side].spans.rows),
            ~np.isin(mentions[side], mentions[1]),
            ~np.isin(contexts[side], contexts[1]),
            vectors[side],
            _choose(len(corpora[side]), _COMPARED, rng),
            _choose(len(corpora[side]), _PACKED, rng),
        )
        for side in (0, 2)
    ]


def _choose(rows: int, most: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(rows) < most


def _list_mentions(corpus: Corpus) -> pa.StringArray:
    return pc.binary_join_element_wise(mention_array(corpus), corpus.spans.labels, "\t")


def _list_contexts(corpus: Corpus, table: TokenTable) -> pa.StringArray:
    """Returns for each span the token before it, its label and the token behind, "" at an edge of the text."""
    row = corpus.spans.row_of_span()
    strings = pa.concat_arrays([table.strings, pa.array([""], pa.string())])
    nothing = len(table.strings)
    before = np.where(table.first > table.rows[row], table.first - 1, nothing)
    behind = np.where(table.stop < table.rows[row + 1], table.stop, nothing)
    parts = [strings.take(pa.array(before)), corpus.spans.labels, strings.take(pa.array(behind))]
    return pc.binary_join_element_wise(*parts, "\t")


def _encode(sides: Sides, rng: np.random.Generator) -> dict[int, np.ndarray]:
    """Returns vectors of the synthetic and of the held-out texts; none that say anything if the source has no words."""
    source = draw(sides.source, max(len(sides.synthetic), len(sides.heldout)), rng).texts.to_pylist()
    corpora = {0: sides.synthetic.texts.to_pylist(), 2: sides.heldout.texts.to_pylist()}
    try:
        encode = fit_tfidf(source, rng)
    except ValueError:
        return {side: np.zeros((len(texts), 1)) for side, texts in corpora.items()}
    return {side: encode(texts) if texts else np.zeros((0, 1)) for side, texts in corpora.items()}


def _number_ngrams(words: Ragged) -> dict[int, Ragged]:
    """Returns for each order the n-grams of each text, equal ones with equal numbers."""
    size = int(words.values.max(initial=0)) + 1
    found = {1: words}
    for order in range(2, _REPEATED + 1):
        shorter = found[order - 1]
        lengths = np.maximum(0, words.lengths - order + 1)
        # An n-gram is a shorter one and the word behind it: the last shorter one of each text has none.
        first = Ragged.of_ranges(shorter.bounds[:-1], shorter.bounds[:-1] + lengths).values
        last = Ragged.of_ranges(words.bounds[:-1] + order - 1, words.bounds[:-1] + order - 1 + lengths).values
        _, codes = np.unique(shorter.values[first] * size + words.values[last], return_inverse=True)
        found[order] = Ragged(codes, bounds_of(lengths))
    return found


def _measure(prepared: _Prepared) -> Statistic:
    def numbers(rows: np.ndarray) -> list[float]:
        wordings = np.bincount(prepared.wordings[rows])
        spans = prepared.spans.take(rows).values
        return [
            *(_distinct(prepared.ngrams[order].take(rows).values) for order in _ORDERS),
            _self_repetition(prepared.ngrams[_REPEATED].take(rows)),
            _self_bleu([prepared.tokens[row] for row in rows[prepared.compared[rows]]]),
            _xz_ratio([prepared.texts[row] for row in rows[prepared.packed[rows]]]),
            vendi_score(prepared.vectors[rows]),
            np.count_nonzero(wordings) / len(rows),
            wordings.max() / len(rows),
            float(prepared.new_wordings[rows].mean()),
            _mean(prepared.new_mentions[spans]),
            _mean(prepared.new_contexts[spans]),
        ]

    return numbers


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _distinct(ngrams: np.ndarray) -> float:
    return np.count_nonzero(np.bincount(ngrams)) / len(ngrams) if len(ngrams) else float("nan")


def _self_repetition(ngrams: Ragged) -> float:
    """Returns the mean over texts of log(1 + other texts that share an n-gram), a text once for each n-gram.

    >>> round(_self_repetition(Ragged.of_lists([[5, 5], [5], [6]])), 4)  # two thirds of log 2
    0.4621
    """
    size = int(ngrams.values.max(initial=0)) + 1
    once = find_distinct(ngrams.owner * size + ngrams.values)
    row, ngram = once // size, once % size
    others = np.bincount(ngram, minlength=size)[ngram] - 1
    return float(np.log1p(np.bincount(row, others, minlength=len(ngrams))).mean())


def _self_bleu(sentences: list[list[str]]) -> float:
    return self_bleu(sentences, (3,))[3] if len(sentences) > 1 else float("nan")


def _xz_ratio(texts: list[str]) -> float:
    joined = "\n".join(texts).encode()
    return len(joined) / len(lzma.compress(joined, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 1}]))
