"""The token table: where tokens lie, and spans to tags and back.

Tokens never cross the edge of a span: a span that begins or ends inside a token splits it, so tags can say every span
exactly. Punctuation is always a token of its own under the `words` tokenizer, entity or not: if only entities split
tokens off ("Anna" + "'s"), a tagger would learn the split instead of the name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import CodePoints, byte_slices
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.table import Corpus, Tokenizer
from textsynth.errors import OptionError

Scheme = Literal["iob1", "iob2", "bilou", "bioes", "io"]

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


@dataclass(frozen=True, slots=True)
class TagFault:
    """A tag that is none, or breaks its scheme.

    Args:
        position: the position of the tag in its sentence.
        reason: what must hold and what it was.
    """

    position: int
    reason: str


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
    prefixes = _prefixes(scheme)
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
    prefixes = dict.fromkeys(_prefixes(scheme))
    return ["O"] + [_tag(prefix, label) for label in sorted(labels) for prefix in prefixes]


def read_tags(tags: Sequence[str], scheme: Scheme | None = None) -> list[tuple[int, int, str]]:
    """Reads the spans, in tokens, out of the tags of one sentence.

    One reading serves IOB1, IOB2, BILOU and BIOES: a span goes on with an I, E or L of its own label, ends after an E
    or L, and anything else begins anew. That is how conlleval reads, which forgives an `I-` that opens a span.

    Args:
        tags: one a token.
        scheme: None takes any of the four; with a name, a span must open and end as that scheme has it.

    Returns:
        `(first token, the token after the last, label)` for each span.

    Raises:
        OptionError: for what is no tag, or breaks the scheme that was asked for.

    >>> read_tags(["B-PER", "I-PER", "O", "I-ORG", "B-ORG", "U-PER"])
    [(0, 2, 'PER'), (3, 4, 'ORG'), (4, 5, 'ORG'), (5, 6, 'PER')]
    """
    fault = find_tag_fault(tags, scheme)
    if fault:
        raise OptionError(fault.reason)
    spans: list[tuple[int, int, str]] = []
    begin, open_label = 0, ""
    for position, tag in enumerate([*tags, "O"]):
        prefix, label = ("I", tag) if scheme == "io" and tag != "O" else (tag[0], tag[2:])
        if not (open_label and label == open_label and prefix in "IEL"):
            if open_label:
                spans.append((begin, position, open_label))
            begin, open_label = position, label
        if prefix in "ELUS":
            spans.append((begin, position + 1, open_label))
            open_label = ""
    return spans


def find_tag_fault(tags: Sequence[str], scheme: Scheme | None = None) -> TagFault | None:
    """Finds the first tag that is none or breaks its scheme; `read_tags` says what it takes.

    >>> find_tag_fault(["B-PER", "O", "I-PER"])
    >>> find_tag_fault(["B-PER", "O", "I-PER"], "iob2")
    TagFault(position=2, reason="a span must begin with B- in iob2, was: 'I-PER' after 'O'")
    """
    before = ""
    for position, tag in enumerate([*tags, "O"]):  # The O behind the last tag closes a span that it leaves open.
        reason = _explain_step_fault(before, tag, scheme)
        if reason:
            return TagFault(min(position, len(tags) - 1), reason)
        before = tag
    return None


def is_tag(tag: str) -> bool:
    """Says whether a string is a tag of one of the schemes with prefixes.

    >>> is_tag("B-creative-work"), is_tag("O"), is_tag("weeks")
    (True, True, False)
    """
    return tag == "O" or re.fullmatch(r"[BIELUS]-.+", tag) is not None


@functools.lru_cache(maxsize=4096)
def _explain_step_fault(before: str, tag: str, scheme: Scheme | None) -> str | None:
    """Says what is wrong with a tag that comes after another one, or None."""
    if scheme == "io":
        return None
    known = "BIELUS" if scheme is None else "".join(dict.fromkeys(_prefixes(scheme)))
    if tag != "O" and not (is_tag(tag) and tag[0] in known):
        return f"a tag must be O or a prefix of {' '.join(known)} and a label, was: {tag!r}"
    if scheme is None or scheme == "iob1":
        return None
    opened = before.startswith(("B", "I"))
    goes_on = opened and tag[0] in "IEL" and tag[2:] == before[2:]
    if tag[0] in "IEL" and not goes_on:
        return f"a span must begin with B- in {scheme}, was: {tag!r} after {repr(before) if before else 'the start'}"
    if scheme != "iob2" and opened and not goes_on:
        return f"a span must end with {_prefixes(scheme)[2]}- in {scheme}, was: {before!r} before {tag!r}"
    return None


def _tag(prefix: str, label: str) -> str:
    return f"{prefix}-{label}" if prefix else label


def _prefixes(scheme: Scheme) -> tuple[str, str, str, str]:
    """Returns the prefixes of the first, an inner, the last and an only token."""
    known: dict[Scheme, tuple[str, str, str, str]] = {
        "iob1": ("B", "I", "I", "B"),
        "iob2": ("B", "I", "I", "B"),
        "bilou": ("B", "I", "L", "U"),
        "bioes": ("B", "I", "E", "S"),
        "io": ("", "", "", ""),
    }
    return known[scheme]


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
