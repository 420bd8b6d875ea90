"""Corpora that components are tried with: a small labelled source, and texts full of what breaks offsets and files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.example import Example, Span
from textsynth.foundation.seeding import child_rng

HOSTILE_PIECES: tuple[str, ...] = (
    "Ada",
    "lives",
    "in",
    "Zoë",
    "e\u0301",
    "n\u0303o",
    "😀",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "🇩🇪",
    "שלום",
    "مرحبا",
    "\u202e",
    "日本",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    "\xa0",
    "\u2028",
    "\u2029",
    "\u3000",
    "\x1c",
    "\x1f",
    "\x85",
    "\x0b",
    "\x00",
    "\ufeff",
    "\u200b",
    "\xad",
    "�",
    "\U0010ffff",
    "\ue000",
    "\x7f",
    "#",
    "# ",
    '# text = "x"',
    "-DOCSTART-",
    "-DOCSTART- -X- O O",
    "B-PER",
    "I-PER",
    "O",
    "Ada\tB-PER",
    "O\tO",
    "_",
    '"',
    "'",
    '""',
    ",",
    ";",
    "|",
    "\\",
    "\\n",
    "{}",
    "[",
    "null",
    "T1\tPERSON 0 3\tAda",
    "text,label",
    "<b>",
    "&amp;",
    ".",
)
"""Fragments of text: scripts, white space and breaks of every kind, and what formats take for their own syntax."""

_PEOPLE = ("Ada", "Zoë", "Bo Li", "Grace", "Omar", "Иван")
_CITIES = ("Paris", "Rome", "São Paulo", "Oslo", "Cairo", "Łódź")
_DAYS = ("Monday", "14 March 2024", "May 5", "2024-02-29", "Tue", "Friday")
_TOKENIZERS: tuple[Tokenizer, ...] = ("words", "whitespace")


def example_source() -> Corpus:
    """Returns twelve sentences with three labels and two classes, some without; every edit finds a place in them."""
    rows = []
    for row, (person, city, day) in enumerate(zip(_PEOPLE, _CITIES, _DAYS, strict=True)):
        moved = [(person, "PERSON"), (" moved to ", ""), (city, "CITY"), (" on ", ""), (day, "DATE")]
        call = [("It is the 3rd fiancé: call ", ""), (person, "PERSON"), (" before ", ""), (day, "DATE"), ("!", "")]
        rows.append((*join_parts(*moved, (", but didn't like its 12 cafés 😀.", "")), ["move", None][row % 2]))
        rows.append((*join_parts(*call), "call"))
    texts, spans, labels = zip(*rows, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=labels)


def join_parts(*parts: tuple[str, str]) -> tuple[str, list[tuple[int, int, str]]]:
    """Joins parts of a text to the text and its spans; a part with an empty label is no span.

    >>> join_parts(("Ada", "PERSON"), (" moved.", ""))
    ('Ada moved.', [(0, 3, 'PERSON')])
    """
    ends = list(itertools.accumulate(len(part) for part, _ in parts))
    text = "".join(part for part, _ in parts)
    return text, [(end - len(part), end, label) for (part, label), end in zip(parts, ends, strict=True) if label]


def examples_to_judge() -> Corpus:
    """Returns what filters judge: new texts, some of them twice, two that are like the source's, and an empty one."""
    texts = ["Bo lives in Rome.", "Call Ada 😀", "Bo lives in Rome.", "Call Zoë 😀", "", "bo  LIVES in Rome.", "!"]
    source = example_source().texts.to_pylist()[:2]
    return Corpus.from_columns(text=[*texts, *source, *(f"Call {number}" for number in range(20)), *texts])


def hostile_examples() -> list[Example]:
    """Returns an example for each hostile piece alone, and one with the piece on both sides of a mention."""
    pieces = ("\ufeff", "#", "", *HOSTILE_PIECES)
    marked = [Example(f"{piece}Ada{piece}", (Span(len(piece), len(piece) + 3, "PERSON"),)) for piece in pieces]
    return [*map(Example, pieces), *marked]


def hostile_corpora(count: int = 20) -> Iterator[Corpus]:
    """Returns corpora of a few texts that are joined of hostile pieces, under either tokenizer; always the same ones.

    Args:
        count: how many.
    """
    rng = child_rng(0, "hostile corpora")
    for number in range(count):
        rows = [_join_pieces([str(each) for each in rng.choice(HOSTILE_PIECES, rng.integers(0, 8))]) for _ in range(4)]
        labels = [("greet", None, "a\nb", "0")[each] for each in rng.integers(4, size=4)]
        examples = [Example(text, spans, label) for (text, spans), label in zip(rows, labels, strict=True)]
        yield Corpus.from_examples(examples, tokenizer=_TOKENIZERS[number % 2])


def join_hostile_corpora(count: int = 20) -> Iterator[Corpus]:
    """Returns the texts of all hostile corpora as one corpus for each tokenizer, for what learns anew from each.

    Args:
        count: how many are joined.
    """
    corpora = list(hostile_corpora(count))
    for tokenizer in _TOKENIZERS:
        yield Corpus.concat([corpus for corpus in corpora if corpus.tokenizer == tokenizer])


def _join_pieces(pieces: list[str]) -> tuple[str, tuple[Span, ...]]:
    """Joins pieces; every second one that neither begins nor ends in white space is a mention."""
    marked = [
        (piece, ("PERSON", "CITY", "DATE")[place % 3] if place % 2 and piece == piece.strip() != "" else "")
        for place, piece in enumerate(pieces)
    ]
    text, spans = join_parts(*marked)
    return text, tuple(Span(*span) for span in spans)
