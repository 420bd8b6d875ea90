"""The token table: where tokens lie, and spans to tags.

Tokens never cross the edge of a span: a span that begins or ends inside a token splits it, so tags can say every span
exactly. Punctuation is always a token of its own under the `words` tokenizer, entity or not: if only entities split
tokens off ("Anna" + "'s"), a tagger would learn the split instead of the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import CodePoints, byte_slices
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.table import Corpus, Tokenizer
from textsynth.corpus.tag_notation import Scheme, list_prefixes

_BLANK, _WORD, _MARK = range(3)
"""Kinds of characters."""

_PLANE = 0x10000
"""Code points that have an entry in the tables of kinds: those of the basic plane. All beyond count as its last."""

_PUNCTUATION_RANGES = [
    (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xA9), (0xAB, 0xB1), (0xB4, 0xB4), (0xB6, 0xB8),
    (0xBB, 0xBB), (0xBF, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x060C, 0x060D), (0x061B, 0x061F), (0x066A, 0x066D),
    (0x06D4, 0x06D4), (0x0964, 0x0965), (0x2010, 0x2027), (0x2030, 0x205E), (0x20A0, 0x20C0), (0x3001, 0x3003),
    (0x3008, 0x3011), (0x3014, 0x301F), (0xFF01, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65),
]  # fmt: skip
"""First and last code points of marks that are tokens of their own, "_" excepted."""

_PUNCTUATION = np.zeros(_PLANE, bool)
for _first, _last in _PUNCTUATION_RANGES:
    _PUNCTUATION[_first : _last + 1] = True
_PUNCTUATION[ord("_")] = False
_SPACE = np.array([chr(point).isspace() for point in range(_PLANE)])
_KINDS: dict[Tokenizer, np.ndarray] = {
    "words": np.where(_SPACE, _BLANK, np.where(_PUNCTUATION, _MARK, _WORD)).astype(np.int8),
    "whitespace": np.where(_SPACE, _BLANK, _WORD).astype(np.int8),
}
"""For each tokenizer the kind of each code point of the basic plane."""


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens of a corpus as columns.

    Args:
        rows: `(examples + 1,)`; the tokens of example `i` are `rows[i]:rows[i + 1]`.
        starts: `(tokens,)`; characters from the start of their own text.
        ends: `(tokens,)`; the same, half-open.
        first: `(spans,)`; the first token of each span of the corpus.
        stop: `(spans,)`; the token after its last.
        strings: `(tokens,)` surface forms.
    """

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    strings: pa.StringArray

    def lists(self) -> pa.ListArray:
        """Returns the surface forms as one list an example."""
        return pa.ListArray.from_arrays(pa.array(self.rows, pa.int32()), self.strings)


def tokenize(corpus: Corpus, tokenizer: Tokenizer | None = None) -> TokenTable:
    """Cuts the texts of a corpus into tokens that respect its spans.

    Args:
        corpus: any corpus.
        tokenizer: `words` or `whitespace`; the corpus' own if None.

    >>> corpus = Corpus.from_columns(text=["Anna's e-mail"], spans=[[(0, 4, "PERSON")]])
    >>> tokenize(corpus).lists().to_pylist()
    [['Anna', "'", 's', 'e', '-', 'mail']]
    """
    # All texts are handled as one long row of characters, and cut at the edges of texts and spans as well as of words;
    # begins and ends count from its start, and only the table's offsets count from the start of their own text.
    points = CodePoints.of(corpus.texts)
    spans = corpus.spans
    row = spans.row_of_span()
    span_begin, span_end = points.rows[row] + spans.starts, points.rows[row] + spans.ends
    cuts = np.concatenate([points.rows, span_begin, span_end])
    begins, ends = _runs(_kinds(points, tokenizer or corpus.tokenizer), cuts)
    rows = np.searchsorted(begins, points.rows)
    offset = Ragged.of_bounds(rows).expand(points.rows[:-1])
    # The edges of spans are cuts, so a token begins exactly where a span does.
    first, stop = np.searchsorted(begins, span_begin), np.searchsorted(begins, span_end)
    strings = byte_slices(corpus.texts, points.byte_of[begins], points.byte_of[ends])
    return TokenTable(rows, begins - offset, ends - offset, first, stop, strings)


def encode_tags(tokens: TokenTable, corpus: Corpus, scheme: Scheme, names: Sequence[str]) -> np.ndarray:
    """Returns the tag of every token as a position in `names`, `(tokens,)`.

    Args:
        tokens: the token table of the corpus.
        corpus: the corpus, for its spans.
        scheme: the tagging scheme.
        names: all tags, as `list_tags` gives them.
    """
    position = {name: code for code, name in enumerate(names)}
    codes = np.zeros(len(tokens.starts), np.int64)
    labels = corpus.spans.labels.dictionary_encode()
    label = labels.indices.to_numpy(zero_copy_only=False)
    prefixes = list_prefixes(scheme)
    table = np.array([[position[_tag(p, name)] for p in prefixes] for name in labels.dictionary.to_pylist()])
    if len(label) == 0:
        return codes
    of_span = Ragged.of_ranges(tokens.first, tokens.stop)
    # All tokens of a span are inner ones at first; then its last, its first and its only one are written over that.
    codes[of_span.values] = of_span.expand(table[label, 1])
    codes[tokens.stop - 1] = table[label, 2]
    codes[tokens.first] = table[label, 0]
    single = of_span.lengths == 1
    codes[tokens.first[single]] = table[label[single], 3]
    if scheme == "iob1":  # B- is only for a span that touches one of its own label; every other begins with I-.
        alone = ~_follows_its_like(tokens, label)
        codes[tokens.first[alone]] = table[label[alone], 1]
    return codes


def list_tags(labels: Iterable[str], scheme: Scheme = "iob2") -> list[str]:
    """Returns every tag of a scheme, `O` first.

    >>> list_tags(["ORG", "PER"])
    ['O', 'B-ORG', 'I-ORG', 'B-PER', 'I-PER']
    >>> list_tags(["PER"], "bilou")
    ['O', 'B-PER', 'I-PER', 'L-PER', 'U-PER']
    """
    prefixes = dict.fromkeys(list_prefixes(scheme))
    return ["O"] + [_tag(prefix, label) for label in sorted(labels) for prefix in prefixes]


def _tag(prefix: str, label: str) -> str:
    return f"{prefix}-{label}" if prefix else label


def _follows_its_like(tokens: TokenTable, label: np.ndarray) -> np.ndarray:
    """Says for each span whether one of the same label, in the same sentence, ends right before it."""
    touches = np.zeros(len(label), bool)
    row = np.searchsorted(tokens.rows, tokens.first, side="right")
    touches[1:] = (tokens.first[1:] == tokens.stop[:-1]) & (label[1:] == label[:-1]) & (row[1:] == row[:-1])
    return touches


def _kinds(points: CodePoints, tokenizer: Tokenizer) -> np.ndarray:
    """Returns for each character whether it is white space, of a word or a mark: `_BLANK`, `_WORD`, `_MARK`."""
    return _KINDS[tokenizer][np.minimum(points.points, _PLANE - 1)]


def _runs(kinds: np.ndarray, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns where tokens begin and end: at a change of kind, at punctuation and at the cuts."""
    edge = np.ones(len(kinds) + 1, bool)
    # Every mark of punctuation is a token of its own: one that follows another has an edge before it all the same.
    edge[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == _MARK)
    edge[cuts] = True
    edges = np.flatnonzero(edge)  # Between two neighbouring edges all characters are of one kind.
    begins, ends = edges[:-1], edges[1:]
    keep = kinds[begins] != _BLANK
    return begins[keep], ends[keep]
