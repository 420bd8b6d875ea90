"""spaCy: the binary `.spacy` files that `spacy train` reads, and the JSON that it read before."""

from __future__ import annotations

import contextlib
import functools
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.conversion.docbin import ENTS, SUFFIX, write_docbins
from textsynth.corpus import Corpus
from textsynth.errors import FormatError
from textsynth.foundation.pipeline import load_blank
from textsynth.reading.class_scores import find_likely, read_scored_classes
from textsynth.reading.json_object import parse_head
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import Fault, Faults, Record, batch_records, open_binary
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.spacy_json import is_spacy_json, read_spacy_json
from textsynth.reading.unread import Unread

if TYPE_CHECKING:
    from spacy.tokens import Doc, DocBin, Span


_MOST_UNPACKED, _LEAST_LIMIT = 100, 1 << 26
"""How many times larger a file may be once it is unpacked, and bytes that any may have; docs come to ten times."""


@dataclass(frozen=True, kw_only=True)
class Spacy(Format):
    """spaCy's DocBin: spans as `doc.ents`, the class as `doc.cats`, origin, parent and fields in `doc.user_data`.

    A DocBin is written; the JSON for training of version 2, with paragraphs of sentences of tokens, is read too. The
    text of each doc is the text to the character; a token that a span begins or ends in is split there. A class
    is written as 1.0 beside 0.0 for every other class of the corpus; those that reach 0.5 are read, or else the one
    with the greatest value. If a doc of the file has several classes, one that has 0.0 for all has none of them. If a
    doc has a group of `doc.spans` and no `doc.ents`, the group is read; if it has several that differ, an option says
    which. What comes to more than 32 MB of tokens is written as a directory of files of that size, which spaCy takes in
    the place of a file, and which is read again; a file is held in memory as a whole. Docs count from 1 in messages.

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

    suffixes: ClassVar[tuple[str, ...]] = (SUFFIX,)
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
            several = _have_several(path)
            numbered = enumerate(_read_docs(path), 1)
            records = (
                self._interpret(f"doc {number}", doc, packed, unread, keep, several)
                for number, (doc, packed) in numbered
            )
        yield from batch_records(records, path, faults, repairs=repairs)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one doc an example."""
        write_docbins(batches, path, self.language, self.spans)

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


def _list_files(path: Path) -> list[Path]:
    """Returns the files of a directory, in the order that spaCy reads them in, or the file itself."""
    return sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]


def _have_several(path: Path) -> bool:
    """Says whether a doc has several classes."""
    docbins = map(_read_docbin, _list_files(path))
    return any(len(find_likely(cats)) > 1 for docs in docbins for cats in docs.cats)


def _read_docs(path: Path) -> Iterator[tuple[Doc, bytes | None]]:
    """Yields each doc with its user data, packed."""
    load_blank("xx")
    from spacy.vocab import Vocab

    for file in _list_files(path):
        docs = _read_docbin(file)
        packed, docs.user_data = docs.user_data, []
        with _damage_told(file):
            yield from zip(docs.get_docs(Vocab()), packed, strict=True)


def _read_docbin(file: Path) -> DocBin:
    """Reads what a file holds; its docs are still packed."""
    load_blank("xx")
    from spacy.tokens import DocBin

    with open_binary(file) as opened:
        raw = opened.read()
    with _damage_told(file):
        _check_size(raw, file)
        return DocBin().from_bytes(raw)


@contextlib.contextmanager
def _damage_told(file: Path) -> Iterator[None]:
    """Tells whatever goes wrong in what spaCy reads as ours."""
    try:
        yield
    except FormatError:
        raise
    except Exception as error:
        with open_binary(file) as opened:
            head = opened.read(8)
        raise FormatError(f"{file}: must be a spaCy DocBin, which starts as zlib does, starts: {head!r}") from error


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
def _unpack(packed: bytes | None) -> dict[str, Any]:
    """Returns what user data holds by name; that of a custom attribute is `("._.", name, None, None)`."""
    import srsly  # type: ignore[import-untyped]

    held: dict[Any, Any] = srsly.msgpack_loads(packed, use_list=False) if packed else {}
    named = {key[1] if isinstance(key, tuple) and key[2:] == (None, None) else key: held[key] for key in held}
    return {name: value for name, value in named.items() if isinstance(name, str)}
