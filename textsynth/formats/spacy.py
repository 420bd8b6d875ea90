"""spaCy: the binary `.spacy` files that `spacy train` reads, and the JSON that it read before."""

from __future__ import annotations

import bisect
import functools
import itertools
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import split_classes
from textsynth.corpus.code_points import CodePoints
from textsynth.corpus.paragraph import cut_anywhere
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.script import are_unspaced
from textsynth.corpus.tokenizer_name import SPACY
from textsynth.corpus.tokens import LONGEST, tokenize
from textsynth.errors import FormatError
from textsynth.foundation.disk import whole_file
from textsynth.foundation.pipeline import load_blank, load_tokenizer
from textsynth.reading.class_scores import find_likely, read_scored_classes
from textsynth.reading.json_object import add_fields, parse_head
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import (
    Fault,
    Faults,
    Record,
    Spans,
    batch_records,
    list_triples,
    open_binary,
)
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.spacy_json import is_spacy_json, read_spacy_json
from textsynth.reading.unread import Unread

if TYPE_CHECKING:
    from spacy.tokens import Doc, DocBin, Span
    from spacy.vocab import Vocab


_DEFAULT = "en"
"""The language whose tokenizer cuts texts if none is named."""

_CUTTING = ("zh", "ja", "th")
"""Languages without spaces whose tokenizers cut words all the same."""

_MOST_UNPACKED, _LEAST_LIMIT = 100, 1 << 26
"""How many times larger a file may be once it is unpacked, and bytes that any may have; docs come to ten times."""

ENTS = "ents"
"""What options call `doc.ents`."""


@dataclass(frozen=True, kw_only=True)
class Spacy(Format):
    """spaCy's DocBin: spans as `doc.ents`, the class as `doc.cats`, origin, parent and fields in `doc.user_data`.

    A DocBin is written; the JSON for training of version 2, with paragraphs of sentences of tokens, is read too. The
    text of each doc is the text to the character; a token that a span begins or ends in is split there. A class
    is written as 1.0 beside 0.0 for every other class of the corpus; those that reach 0.5 are read, or else the one
    with the greatest value. If a doc of the file has several classes, one that has 0.0 for all has none of them. If a
    doc has a group of `doc.spans` and no `doc.ents`, the group is read; if it has several that differ, an option says
    which. A file is held in memory as a whole, read or written. Docs count from 1 in messages.

    Args:
        spans: the group of `doc.spans` that is read, such as `sc`, or `ents` for `doc.ents`; what other groups hold
            is named, and not read. Spans are written there too, by default as `doc.ents`.
        keep: what `doc.user_data` has, and custom attributes such as `doc._.id`, by name: it travels with an example to
            all that is made of it, and to what is written, into `doc.user_data`; "*" for all of it.
        ignore: groups of `doc.spans` that are passed over, or `ents`.
        repair: what is mended, and counted: `trim`, `longest`.
        language: the language whose tokenizer cuts the texts when they are written, as `spacy.blank` knows it; by
            default the tokenizer of the corpus if it is one of spaCy's, else English. If it knows no words of scripts
            without spaces, each of their characters is a token.
    """

    spans: str | None = None
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    repair: tuple[Repair, ...] = ()
    language: str | None = None

    suffixes: ClassVar[tuple[str, ...]] = (".spacy",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a DocBin by its name, and JSON by documents with paragraphs."""
        return 4 if any(map(is_spacy_json, parse_head(head))) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a doc, or a paragraph of JSON."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))
        if _is_json(path):
            records = read_spacy_json(path, faults, unread)
        else:
            docs = list(_read_docs(path))
            several = any(len(find_likely(doc.cats)) > 1 for doc, _ in docs)
            numbered = enumerate(docs, 1)
            records = (
                self._interpret(f"doc {number}", doc, packed, unread, keep, several)
                for number, (doc, packed) in numbered
            )
        yield from batch_records(records, path, faults, repairs=repairs)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one doc an example."""
        with whole_file(path) as partial:
            partial.write_bytes(_pack_docs(batches, self.language, self.spans).to_bytes())

    def _interpret(
        self, position: str, doc: Doc, packed: bytes | None, unread: Unread, keep: Keep, several: bool
    ) -> Record | Fault:
        label = read_scored_classes(doc.cats, several)
        if isinstance(label, Fault):
            return label.with_line(position)
        group = self._find_group(doc, unread)
        if isinstance(group, Fault):
            return group.with_line(position)
        held = _unpack(packed)
        made = str(held.get("origin", "")), str(held.get("parent", ""))
        others = {name: value for name, value in held.items() if name not in ("origin", "parent")}
        fields = keep.take(others, keep.choose(others, others)) if keep else None
        return Record(position, doc.text, list(map(_as_triple, group)), label, *made, fields)

    def _find_group(self, doc: Doc, unread: Unread) -> Iterable[Span] | Fault:
        """Returns the spans that are read: those named, else the only ones that a doc has."""
        groups: dict[str, list[Span]] = {ENTS: list(doc.ents)} | {
            name: list(group) for name, group in doc.spans.items()
        }
        if self.spans is not None:
            for name in groups:
                if groups[name] and name != self.spans and not unread.ignores(name):
                    unread.add(_describe_group(name))
            return groups.get(self.spans, [])
        filled = {name: group for name, group in groups.items() if group and not unread.ignores(name)}
        if len({frozenset(map(_as_triple, group)) for group in filled.values()}) > 1:
            return _explain_groups(list(filled))
        return next(iter(filled.values()), [])


def _is_json(path: Path) -> bool:
    if not path.is_file():
        return False
    with open_binary(path) as file:
        return file.read(64).lstrip()[:1] in (b"[", b"{")


def _as_triple(span: Span) -> tuple[int, int, str]:
    return span.start_char, span.end_char, span.label_


def _describe_group(name: str) -> str:
    return "doc.ents" if name == ENTS else f"doc.spans[{name!r}]"


def _explain_groups(names: list[str]) -> Fault:
    """Says that a doc has spans in several groups, and which options settle it."""
    described = " and ".join(map(_describe_group, names))
    return Fault(
        f'spans must be in one group, differ in {described}; say which are meant with spans = "{names[0]}", '
        f'or pass over others with ignore = ["{names[-1]}"]'
    )


def _pack_docs(batches: Iterable[Corpus], language: str | None, group: str | None) -> DocBin:
    """Packs docs, and sets their classes at the end: each doc has a value for every class."""
    vocab = load_blank(language or _DEFAULT).vocab
    from spacy.tokens import DocBin

    docs = DocBin()
    labels: list[str | None] = []
    for batch in batches:
        cut, cuts = _find_tokenizer(batch, language), _find_cuts(batch, language)
        for row, inside in zip(batch.table.to_pylist(), cuts, strict=True):
            doc = _make_doc(row["text"], vocab, cut, inside)
            _set_spans(doc, list_triples(row["spans"]), group)
            docs.add(doc)
            docs.user_data.append(_pack(row["origin"], row["parent"], row.get("fields")))
            labels.append(row["label"])
    combinations = {label: split_classes(label) for label in set(labels) if label is not None}
    classes = sorted({name for each in combinations.values() for name in each})
    cats = {label: {name: float(name in has) for name in classes} for label, has in combinations.items()}
    docs.cats = [{} if label is None else cats[label] for label in labels]
    docs.store_user_data = any(docs.user_data)
    return docs


def _find_tokenizer(batch: Corpus, language: str | None) -> Callable[[str], Iterable[Any]]:
    """Returns what cuts the texts: the tokenizer of a language, else the corpus' own if it is one of spaCy's."""
    if language is None and batch.tokenizer.startswith(SPACY):
        return cast("Callable[[str], Iterable[Any]]", load_tokenizer(batch.tokenizer.removeprefix(SPACY)))
    return cast("Callable[[str], Iterable[Any]]", load_blank(language or _DEFAULT).tokenizer)


def _find_cuts(batch: Corpus, language: str | None) -> list[list[int]]:
    """Returns for each text where its tokens are to be cut further: around lone characters, and at edges of spans."""
    known = language in _CUTTING or (language is None and batch.tokenizer.startswith(SPACY))
    table, spans = tokenize(batch, "words"), batch.spans
    lone = np.zeros(len(table.starts), bool)
    if not known:
        points = CodePoints.of(batch.texts)
        row = Ragged.of_bounds(table.rows).owner
        lone = are_unspaced(points.points[points.rows[row] + table.starts])
    tokens = Ragged.of_bounds(table.rows).owner[lone]
    rows = np.concatenate([tokens, tokens, spans.row_of_span(), spans.row_of_span()])
    places = np.concatenate([table.starts[lone], table.ends[lone], spans.starts, spans.ends])
    found = np.unique(np.stack([rows, places]), axis=1)
    bounds = np.searchsorted(found[0], np.arange(len(batch) + 1))
    return Ragged(found[1], bounds).to_lists()


def _make_doc(text: str, vocab: Vocab, cut: Callable[[str], Iterable[Any]], cuts: list[int]) -> Doc:
    from spacy.tokens import Doc

    words, spaces = _split_words(text, cut, cuts)
    return Doc(vocab, words=words, spaces=spaces)


def _set_spans(doc: Doc, spans: Spans, group: str | None) -> None:
    """Writes spans as `doc.ents`, or as a group of `doc.spans`."""
    found = [doc.char_span(start, end, label=label) for start, end, label in spans]
    if group in (None, ENTS):
        doc.ents = found
    else:
        doc.spans[group] = found


def _split_words(text: str, cut: Callable[[str], Iterable[Any]], cuts: list[int]) -> tuple[list[str], list[bool]]:
    """Returns the tokens of a text, split at the cuts, and whether a space follows each; long texts go in pieces."""
    words: list[str] = []
    spaces: list[bool] = []
    start = 0
    for piece in cut_anywhere(text, LONGEST):
        for token in cut(piece):
            begin, end = start + token.idx, start + token.idx + len(token)
            inside = cuts[bisect.bisect_right(cuts, begin) : bisect.bisect_left(cuts, end)]
            edges = [begin, *inside, end]
            words += [text[first:stop] for first, stop in itertools.pairwise(edges)]
            spaces += [False] * (len(edges) - 2) + [bool(token.whitespace_)]
        start += len(piece)
    return words, spaces


def _read_docs(path: Path) -> Iterator[tuple[Doc, bytes | None]]:
    """Yields each doc with its user data, packed."""
    load_blank("xx")
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    with open_binary(path) as file:
        raw = file.read()
    try:
        _check_size(raw, path)
        docs = DocBin().from_bytes(raw)
        packed, docs.user_data = docs.user_data, []
        yield from zip(docs.get_docs(Vocab()), packed, strict=True)
    except FormatError:
        raise
    except Exception as error:
        raise FormatError(f"{path}: must be a spaCy DocBin, which starts as zlib does, starts: {raw[:8]!r}") from error


def _check_size(raw: bytes, path: Path) -> None:
    """Checks that a file unpacks to no more than text and tokens can, a part of it at a time."""
    most = max(_LEAST_LIMIT, _MOST_UNPACKED * len(raw))
    unpack, size, left = zlib.decompressobj(), 0, raw
    while left and not unpack.eof:
        size += len(unpack.decompress(left, 1 << 20))
        left = unpack.unconsumed_tail
        if size > most:
            raise FormatError(
                f"{path}: must unpack to at most {most:,} bytes, {_MOST_UNPACKED} times its own, unpacks to more"
            )


@functools.lru_cache(maxsize=100_000)
def _pack(origin: str, parent: str, fields: str | None) -> bytes | None:
    """Returns user data as spaCy packs it; many docs share theirs, and packing is slow."""
    import srsly  # type: ignore[import-untyped]

    made = {name: value for name, value in {"origin": origin, "parent": parent}.items() if value}
    held = add_fields(made, {"fields": fields and json.dumps(json.loads(fields, parse_int=_read_whole))})
    return srsly.msgpack_dumps(held) if held else None


def _read_whole(digits: str) -> int | str:
    """Reads a whole number; spaCy's files have no room for one of more than 64 bits, which is left as text."""
    number = int(digits)
    return number if -(2**63) <= number < 2**64 else digits


@functools.lru_cache(maxsize=100_000)
def _unpack(packed: bytes | None) -> dict[str, Any]:
    """Returns what user data holds by name; that of a custom attribute is `("._.", name, None, None)`."""
    import srsly

    held: dict[Any, Any] = srsly.msgpack_loads(packed, use_list=False) if packed else {}
    named = {key[1] if isinstance(key, tuple) and key[2:] == (None, None) else key: held[key] for key in held}
    return {name: value for name, value in named.items() if isinstance(name, str)}
