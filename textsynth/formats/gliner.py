"""GLiNER: the JSON that it is trained on, tokens with spans that count them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.tokens import tokenize
from textsynth.reading.json_object import (
    abridge,
    add_fields,
    as_triple,
    parse_head,
    read_objects,
    read_provenance,
    read_values,
    write_objects,
)
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import Fault, Faults, Record, Spans, batch_records
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.unread import Unread

_FIELDS = frozenset({"tokenized_text", "ner", "text", "origin", "parent"})


@dataclass(frozen=True, kw_only=True)
class Gliner(Format):
    """GLiNER's training data: `tokenized_text` and `ner`, spans as first token, last token and label.

    Lines or a JSON list of such objects are read, and lines are written, with the text beside the tokens. If a file has
    no text, the tokens are joined by single spaces.

    Args:
        keep: fields that travel with an example to all that is made of it, and to what is written; "*" for all that
            nothing reads. They are written beside the others.
        ignore: fields that are passed over, whatever they look like, and not named.
        repair: what is mended, and counted: `longest`.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".gliner.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows GLiNER's files by `tokenized_text` and `ner`."""
        known = any(isinstance(row, dict) and {"tokenized_text", "ner"} <= set(row) for row in parse_head(head))
        return 4 if known else 2 * super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example an object."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))

        def interpret(position: int | str, row: dict[str, Any]) -> Record | Fault:
            return _interpret(position, row, unread, keep)

        records = read_objects(path, self.encoding, faults, interpret)
        yield from batch_records(records, path, faults, self._find_tokenizer(path), repairs)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line."""
        write_objects((row for batch in batches for row in _make_rows(batch)), path)

    def _find_tokenizer(self, path: Path) -> Tokenizer:
        """Returns how texts fall into tokens: at white space if the first object has no text of its own."""
        _, first = next(iter(read_values(path, self.encoding, Faults("skip"))), (0, {}))
        return "whitespace" if isinstance(first, dict) and "text" not in first and first else "words"


def _interpret(position: int | str, row: Mapping[str, Any], unread: Unread, keep: Keep) -> Record | Fault:
    tokens = row.get("tokenized_text")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        return Fault(f"the field 'tokenized_text' must be a list of strings, was: {abridge(tokens)}")
    others = [name for name in row if name not in _FIELDS]
    kept = keep.choose(row, others)
    for name in others:
        fault = keep.refuse(name, row[name]) if name in kept else unread.pass_over(name, row[name])
        if fault:
            return fault
    text = row.get("text", " ".join(tokens))
    places = _find_tokens(text, tokens)
    if isinstance(places, Fault):
        return places
    spans = _read_spans(row.get("ner") or [], places)
    if isinstance(spans, Fault):
        return spans
    return Record(position, text, spans, None, *read_provenance(row), keep.take(row, kept))


def _find_tokens(text: Any, tokens: list[str]) -> list[tuple[int, int]] | Fault:
    """Returns where each token begins and ends in a text."""
    if not isinstance(text, str):
        return Fault(f"the field 'text' must be a string, was: {abridge(text)}")
    places: list[tuple[int, int]] = []
    end = 0
    for token in tokens:
        start = text.find(token, end)
        if start < 0:
            return Fault(f"the tokens must stand in the text in their order, {token!r} does not")
        end = start + len(token)
        places.append((start, end))
    return places


def _read_spans(ner: Any, places: list[tuple[int, int]]) -> Spans | Fault:
    """Reads spans that count tokens; the last token belongs to the span."""
    spans: Spans = []
    for span in ner if isinstance(ner, list) else [ner]:
        triple = as_triple(span)
        if triple is None:
            return Fault(f"a span must be [first token, last token, label], was: {abridge(span)}")
        first, last, label = triple
        if not 0 <= first <= last < len(places):
            return Fault(f"a span must lie in the tokens, 0 to {len(places) - 1}, was: {abridge(span)}")
        spans.append((places[first][0], places[last][1], label))
    return spans


def _make_rows(batch: Corpus) -> Iterator[dict[str, Any]]:
    """Yields the objects of a batch, with all tokens found at once."""
    table = tokenize(batch)
    strings, rows, span_rows = table.strings.to_pylist(), table.rows.tolist(), batch.spans.rows.tolist()
    firsts, stops = table.first.tolist(), table.stop.tolist()
    for index, row in enumerate(batch.table.to_pylist()):
        begin, stop = rows[index], rows[index + 1]
        ner = [
            [firsts[at] - begin, stops[at] - 1 - begin, span["label"]]
            for at, span in enumerate(row["spans"], span_rows[index])
        ]
        yield add_fields({"tokenized_text": strings[begin:stop], "ner": ner, "text": row["text"]}, row)
