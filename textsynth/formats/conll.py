"""CoNLL columns: one token a line with its tag, sentences separated by a blank line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import Scheme, encode_tags, find_tag_fault, is_tag, list_tags, read_tags, tokenize
from textsynth.errors import CarryError
from textsynth.foundation.disk import whole_file
from textsynth.reading.records import Fault, Faults, Record, batch_records, read_lines, write_lines
from textsynth.reading.token_columns import (
    Sentence,
    Separator,
    TagColumn,
    TokenColumns,
    find_token_columns,
    read_sentences,
    read_text_comment,
    write_text_comment,
)

_HEAD = 1000


@dataclass(frozen=True, kw_only=True)
class Conll(Format):
    """CoNLL columns with spans as tags.

    The text is the tokens with a space between them. If it is not, or if a line would be taken for something
    else, a comment `# text = ` gives it as a JSON string, and every line below it is a token. Other lines that begin
    with `#` and have no tag are comments; `-DOCSTART-` lines separate sentences.

    Args:
        scheme: `auto` reads IOB1, IOB2, BIOES, BILOU and tags without prefix, and writes IOB2; a scheme that is named
            is held to strictly.
        separator: what separates the columns; `auto` finds it out in reading and writes tabs.
        tag_column: where the tag is; `auto` finds it out in reading and writes it last. The token is in the other
            outer column; those between are skipped.
        comments: whether comments may be written; if not, a text that needs one is refused.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    scheme: Literal["auto", "iob1", "iob2", "bioes", "bilou", "io"] = "auto"
    separator: Separator = "auto"
    tag_column: TagColumn = "auto"
    comments: bool = True
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".conll", ".iob", ".iob2", ".bio", ".bioes", ".bilou")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a file of columns in which half of the lines have a tag."""
        some = head.split("\n")[:_HEAD]
        sure = any(read_text_comment(line) is not None for line in some)
        sure = sure or find_token_columns(some, "auto", "auto").measure_tagged(some) >= 0.5
        return 2 if sure else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a sentence; one bad line sets the whole sentence aside."""
        head = itertools.islice(read_lines(path, self.encoding, Faults("skip")), _HEAD)
        columns = find_token_columns([line for _, line in head], self.separator, self.tag_column)
        stream = read_sentences(path, self.encoding, columns)
        first = list(itertools.islice(stream, _HEAD))
        scheme = self._choose_scheme(
            {tag for sentence in first if isinstance(sentence, Sentence) for tag in sentence.tags}
        )
        words = any(_has_words(sentence, scheme) for sentence in first)
        records = (_interpret(sentence, scheme) for sentence in itertools.chain(first, stream))
        yield from batch_records(records, path, faults, "words" if words else "whitespace")

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one sentence an example, with tokens that no span begins or ends inside of."""
        with whole_file(path) as partial:
            write_lines(partial, self._write_sentences(batches))

    def _choose_scheme(self, tags: set[str]) -> Scheme | None:
        """Returns the scheme to read by; None takes any with prefixes."""
        if self.scheme != "auto":
            return self.scheme
        return "io" if len(tags) > 1 and [tag for tag in tags if is_tag(tag)] == ["O"] else None

    def _write_sentences(self, batches: Iterable[Corpus]) -> Iterator[str]:
        scheme: Scheme = "iob2" if self.scheme == "auto" else self.scheme
        columns = TokenColumns(self.separator != "space", 2, 0 if self.tag_column == "first" else -1)
        row = 0
        for batch in batches:
            _check_labels(batch.labels, scheme, columns)
            for text, tokens, tags, spans in _tag(batch, scheme):
                if scheme == "io" and len(read_tags(tags, "io")) != spans:
                    raise CarryError(f"example {row}: spans of one label side by side are one in the scheme 'io'")
                yield self._write_sentence(row, text, (tokens, tags), columns)
                row += 1

    def _write_sentence(self, row: int, text: str, tagged: tuple[list[str], list[str]], columns: TokenColumns) -> str:
        """Writes one sentence."""
        mark = "\t" if columns.tab else " "
        written = [mark.join(cells) for cells in zip(*tagged[:: 1 if columns.tag else -1], strict=True)]
        mistakable = any(columns.is_comment(line) or columns.is_marker(line) for line in written)
        if written and text == " ".join(tagged[0]) and not mistakable:
            return "\n".join(written) + "\n\n"
        if not self.comments:
            raise CarryError(f"example {row}: a text must be tokens with a space between, was: {text[:40]!r}")
        return "\n".join([write_text_comment(text), *written]) + "\n\n"


def _check_labels(labels: Iterable[str], scheme: Scheme, columns: TokenColumns) -> None:
    refused = r"[\t\r\n]|^\s|\s$" if columns.tab else r"\s"
    for label in labels:
        if re.search(refused, label) or (scheme == "io" and label == "O"):
            raise CarryError(f"a label must be free of white space and no 'O' of its own in 'conll', was: {label!r}")


def _tag(batch: Corpus, scheme: Scheme) -> Iterator[tuple[str, list[str], list[str], int]]:
    """Yields each text with its tokens, their tags and the number of its spans."""
    table, names = tokenize(batch), list_tags(batch.labels, scheme)
    tokens = table.strings.to_pylist()
    tags = [names[code] for code in encode_tags(table, batch, scheme, names).tolist()]
    rows, spans = table.rows.tolist(), Ragged.of_bounds(batch.spans.rows).lengths.tolist()
    for text, begin, end, count in zip(batch.texts.to_pylist(), rows, rows[1:], spans, strict=False):
        yield text, tokens[begin:end], tags[begin:end], count


def _interpret(sentence: Sentence | Fault, scheme: Scheme | None) -> Record | Fault:
    if isinstance(sentence, Fault):
        return sentence
    starts = _find_starts(sentence)
    if isinstance(starts, Fault):
        return starts
    wrong_tag = find_tag_fault(sentence.tags, scheme)
    if wrong_tag is not None:
        return Fault(wrong_tag.reason, sentence.numbers[wrong_tag.position])
    spans = read_tags(sentence.tags, scheme)
    tokens = sentence.tokens
    text = " ".join(tokens) if sentence.text is None else sentence.text
    places = [(starts[first], starts[stop - 1] + len(tokens[stop - 1]), label) for first, stop, label in spans]
    return Record(sentence.line, text, places)


def _find_starts(sentence: Sentence) -> list[int] | Fault:
    """Finds the first character of each token; between them stands nothing but white space."""
    text = sentence.text
    if text is None:
        return list(itertools.accumulate((len(token) + 1 for token in sentence.tokens[:-1]), initial=0))
    starts, end = [], 0
    for number, token in zip(sentence.numbers, sentence.tokens, strict=True):
        start = text.find(token, end)
        if start < 0 or text[end:start].strip():
            return Fault(
                f"the token {token!r} must come next in the text of its comment, {text[end:][:40]!r} does", number
            )
        starts.append(start)
        end = start + len(token)
    if text[end:].strip():
        must = "the text of a comment must be the tokens below it"
        return Fault(f"{must}, has more: {text[end:][:40]!r}", sentence.line)
    return starts


def _has_words(sentence: Sentence | Fault, scheme: Scheme | None) -> bool:
    """Says whether tokens touch at a place that is no edge of a span: those of `whitespace` never do."""
    record = _interpret(sentence, scheme)
    if isinstance(sentence, Fault) or isinstance(record, Fault) or sentence.text is None:
        return False
    starts = _find_starts(sentence)
    assert not isinstance(starts, Fault)
    edges = {edge for start, end, _ in record.spans for edge in (start, end)}
    ends = [start + len(token) for start, token in zip(starts, sentence.tokens, strict=True)]
    return any(end == start and end not in edges for end, start in zip(ends, starts[1:], strict=False))
