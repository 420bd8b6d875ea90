"""The token table: where tokens lie, and spans to tags.

The tokens of a text follow from the text alone: if only entities split tokens off ("Anna" + "'s"), a tagger would learn
the split instead of the name. So punctuation is always a token of its own under `words`, and so is every grapheme of a
script that is written without spaces. A span that begins or ends inside a token all the same splits it, so that tags
can say every span exactly; such spans are counted, for whoever reads or writes them to say.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import CodePoints, byte_slices
from textsynth.corpus.grapheme import find_grapheme_starts
from textsynth.corpus.paragraph import cut_anywhere
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.script import are_unspaced
from textsynth.corpus.table import Corpus
from textsynth.corpus.tag_notation import Scheme, list_prefixes
from textsynth.corpus.tokenizer_name import SPACY, Tokenizer, name_tokenizer
from textsynth.foundation.distinct import find_distinct
from textsynth.foundation.pipeline import load_tokenizer
from textsynth.foundation.plural import tell_count

logger = logging.getLogger(__name__)

_BLANK, _WORD, _MARK, _LONE = range(4)
"""Kinds of characters: white space; of words; marks; and those of scripts without spaces."""

_WIDE_SPACE = 0x3000
"""The space of East Asian scripts, the first of their marks."""

LONGEST = 10_000
"""Characters that a tokenizer of the user's is given at a time: the Japanese one takes at most 49,149 bytes."""

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
_UNSPACED = are_unspaced(np.arange(_PLANE))
_WORDS = np.where(_SPACE, _BLANK, np.where(_PUNCTUATION, _MARK, np.where(_UNSPACED, _LONE, _WORD))).astype(np.int8)
_WHITESPACE = np.where(_SPACE, _BLANK, _WORD).astype(np.int8)
_EAST_ASIAN_MARKS = _PUNCTUATION & (np.arange(_PLANE) > _WIDE_SPACE)
_JOINED = np.where(_UNSPACED | _EAST_ASIAN_MARKS, _LONE, _WHITESPACE).astype(np.int8)
"""For each code point of the basic plane its kind: for `words`; for `whitespace`; and for texts that were joined."""


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
        splitting: the number of spans that begin or end inside a token, which is split there.
    """

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    strings: pa.StringArray
    splitting: int

    def lists(self) -> pa.ListArray:
        """Returns the surface forms as one list an example."""
        return pa.ListArray.from_arrays(pa.array(self.rows, pa.int32()), self.strings)


def tokenize(corpus: Corpus, tokenizer: Tokenizer | None = None) -> TokenTable:
    """Cuts the texts of a corpus into tokens; those that a span begins or ends in are split there.

    Args:
        corpus: any corpus.
        tokenizer: `words`, `whitespace`, or a pipeline of spaCy's by name; the corpus' own if None.

    >>> corpus = Corpus.from_columns(text=["Anna's e-mail", "周在IBM"], spans=[[(0, 4, "PERSON")], []])
    >>> tokenize(corpus).lists().to_pylist()
    [['Anna', "'", 's', 'e', '-', 'mail'], ['周', '在', 'IBM']]
    """
    # All texts are handled as one long row of characters; begins and ends count from its start, and only the table's
    # offsets count from the start of their own text.
    points = CodePoints.of(corpus.texts)
    spans = corpus.spans
    row = spans.row_of_span()
    span_begin, span_end = points.rows[row] + spans.starts, points.rows[row] + spans.ends
    begins, ends = _cut_words(corpus, points, name_tokenizer(tokenizer or corpus.tokenizer))
    inside = _are_inside(begins, ends, span_begin), _are_inside(begins, ends, span_end)
    begins, ends = _split(begins, ends, np.concatenate([span_begin[inside[0]], span_end[inside[1]]]))
    rows = np.searchsorted(begins, points.rows)
    offset = Ragged.of_bounds(rows).expand(points.rows[:-1])
    # Tokens are split at the edges of spans, so a token begins exactly where a span does.
    first, stop = np.searchsorted(begins, span_begin), np.searchsorted(begins, span_end)
    strings = byte_slices(corpus.texts, points.byte_of[begins], points.byte_of[ends])
    splitting = int(np.count_nonzero(inside[0] | inside[1]))
    return TokenTable(rows, begins - offset, ends - offset, first, stop, strings, splitting)


def warn_of_splits(where: str, splitting: int) -> None:
    """Says how many spans split tokens, if any does: tokens then tell where mentions are, as text will not.

    Args:
        where: begins the message.
        splitting: how many spans begin or end inside a token.
    """
    if splitting:
        logger.warning(
            "%s: %s inside a token, which is split there and so tells where they are; "
            "check their offsets, or name another 'tokenizer'",
            where,
            tell_count(splitting, "span begins or ends", "spans begin or end"),
        )


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


def _cut_words(corpus: Corpus, points: CodePoints, tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Returns where tokens begin and end, whatever spans there are."""
    if tokenizer == "words":
        return _find_runs(points, _look_up(_WORDS, points.points))
    if tokenizer == "whitespace":
        return _find_runs(points, _find_kinds_of_joined(points))
    return _cut_by_pipeline(corpus.texts.to_pylist(), load_tokenizer(tokenizer.removeprefix(SPACY)))


def _look_up(table: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns the kind of each character: `_BLANK`, `_WORD`, `_MARK`, `_LONE`."""
    kinds = table[np.minimum(points, _PLANE - 1)]
    high = np.flatnonzero(points >= _PLANE)
    if table is not _WHITESPACE and len(high):
        kinds[high[are_unspaced(points[high])]] = _LONE
    return kinds


def _find_kinds_of_joined(points: CodePoints) -> np.ndarray:
    """Returns the kinds of characters in texts of tokens with white space between them.

    Tokens of scripts without spaces were joined without any. What they were is not known any more, so each character
    counts as one; unless white space stands beside such a character, and so tells tokens apart in this text.
    """
    unspaced = are_unspaced(points.points)
    kinds = _look_up(_WHITESPACE, points.points)
    if not unspaced.any():
        return kinds
    blank = (kinds == _BLANK) & (points.points != _WIDE_SPACE)
    beside = np.zeros(len(kinds), bool)
    beside[1:] = (blank[1:] & unspaced[:-1]) | (unspaced[1:] & blank[:-1])
    beside[points.rows[points.rows < len(kinds)]] = False
    row = Ragged.of_bounds(points.rows).owner
    spaced = np.bincount(row[beside], minlength=len(points.rows) - 1) > 0
    return np.where(spaced[row], kinds, _look_up(_JOINED, points.points))


def _find_runs(points: CodePoints, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns where tokens begin and end: at a change of kind, around marks and around lone graphemes."""
    edge = np.ones(len(kinds) + 1, bool)
    lone = kinds == _LONE
    if lone.any():
        kinds, begins_grapheme = _keep_graphemes_whole(points, kinds)
        lone = (kinds == _LONE) & begins_grapheme
    # Every mark of punctuation is a token of its own: one that follows another has an edge before it all the same.
    edge[1:-1] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == _MARK) | lone[1:]
    edge[points.rows] = True
    edges = np.flatnonzero(edge)  # Between two neighbouring edges all characters are of one kind.
    begins, ends = edges[:-1], edges[1:]
    keep = kinds[begins] != _BLANK
    return begins[keep], ends[keep]


def _keep_graphemes_whole(points: CodePoints, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the kinds of characters, those of a grapheme with a letter of one kind, and whether each begins one.

    What continues a letter, as a variation selector does behind Han, belongs to it whatever it is by itself.
    """
    start = find_grapheme_starts(points)
    first = kinds[start]
    whole = (first == _LONE) | ((first == _WORD) & (kinds == _LONE))
    return np.where(whole, first, kinds), start == np.arange(len(kinds))


def _cut_by_pipeline(texts: Sequence[str], cut: Callable[[str], Iterable[Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Returns where tokens begin and end that a tokenizer of spaCy's finds; long texts are given to it in pieces."""
    begins: list[int] = []
    ends: list[int] = []
    first = 0
    for piece in itertools.chain.from_iterable(cut_anywhere(text, LONGEST) for text in texts):
        found = [(first + token.idx, first + token.idx + len(token)) for token in cut(piece) if not token.is_space]
        begins += [begin for begin, _ in found]
        ends += [end for _, end in found]
        first += len(piece)
    return np.array(begins, np.int64), np.array(ends, np.int64)


def _are_inside(begins: np.ndarray, ends: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Says for each place whether it is inside a token, not at its edge."""
    if not len(begins):
        return np.zeros(len(places), bool)
    token = np.searchsorted(begins, places, "right") - 1
    return (token >= 0) & (begins[token] < places) & (places < ends[token])


def split_tokens(begins: np.ndarray, ends: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns where tokens begin and end that are split at those of some places which are inside one.

    Args:
        begins: `(tokens,)`, sorted.
        ends: `(tokens,)`.
        places: in any order, repeated or not.

    >>> split_tokens(np.array([0, 5]), np.array([4, 9]), np.array([7, 4, 5]))
    (array([0, 5, 7]), array([4, 7, 9]))
    """
    return _split(begins, ends, places[_are_inside(begins, ends, places)])


def _split(begins: np.ndarray, ends: np.ndarray, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns tokens that are split at places inside them: each is one end more, and one begin."""
    if not len(cuts):
        return begins, ends
    cuts = find_distinct(cuts)
    return np.sort(np.concatenate([begins, cuts])), np.sort(np.concatenate([ends, cuts]))
