"""CoNLL columns: one token a line with its tag, sentences separated by a blank line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow as pa

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus, Tokenizer, span_array
from textsynth.corpus.fields import read_fields, to_text
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tag_notation import EDGE, Scheme, TagNotation, choose_notation, list_steps
from textsynth.corpus.tokens import TokenTable, encode_tags, list_tags, tokenize, warn_of_splits
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.column_search import ColumnOptions, Place, Separator, find_columns, measure_tagged
from textsynth.reading.json_object import read_provenance
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import Fault, Faults, Record, batch_records, write_lines
from textsynth.reading.tagged_block import read_tagged
from textsynth.reading.token_columns import (
    Sentence,
    TokenColumns,
    read_sentences,
    read_text_comment,
    write_field_comment,
    write_scheme_comment,
    write_text_comment,
)
from textsynth.reading.token_text import Join, find_starts, join_tokens
from textsynth.reading.unread import Unread

_HEAD = 1000
_MOSTLY = 0.5


@dataclass(frozen=True, kw_only=True)
class Conll(Format):
    """CoNLL columns with spans as tags; CoNLL-U, CoNLL-2012 and lines of `word|POS|TAG` are read too.

    The text is the tokens with a space between them, or none in scripts that have none. If it is not, or if a line
    would be taken for something else, a comment `# text = ` gives it as a JSON string, and every line below it is a
    token. Other lines that begin with `#` and have no tag are comments; `-DOCSTART-` lines separate sentences. Columns
    and scheme are found out from the whole file; if several fit, reading stops. Columns that are not read are named,
    and refused if they look like tags.

    Args:
        scheme: `auto` reads all schemes, also with prefixes as in `B_PER` and `PER-B`, and writes IOB2; a scheme that
            is named is held to strictly.
        separator: what separates the columns; `auto` finds it out in reading and writes tabs.
        tag_column: where the tag is: its number, counted from 1, or the outer column at one end; `auto` finds it out
            in reading and writes it last.
        token_column: where the token is, likewise; in writing it is beside the tag.
        join: what stands between tokens: a `space`, `none`, or, with `auto`, none beside a letter of Han, kana, Thai,
            Lao, Khmer or Burmese and a space else.
        ignore: the numbers of columns that are passed over, whatever they look like, and not named.
        comments: whether comments may be written; if not, a text that needs one is refused, and fields are left out.
        keep: keys of comments `# key = value`, such as `sent_id`, that travel with an example to all that is made of
            it, and to what is written; "*" for all of them. A value is text; what is no text is written as JSON.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    scheme: Literal["auto", "iob1", "iob2", "bioes", "bilou", "bmes", "io"] = "auto"
    separator: Separator = "auto"
    tag_column: Place = "auto"
    token_column: Place = "auto"
    join: Join = "auto"
    ignore: tuple[int, ...] = ()
    comments: bool = True
    keep: KeptNames = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (
        *(".conll", ".iob", ".iob2", ".bio", ".bioes", ".bilou", ".bmes", ".conllu", ".v4_gold_conll"),
    )
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a file of columns in which half of the lines have a tag."""
        some = head.split("\n")[:_HEAD]
        sure = any(read_text_comment(line) is not None for line in some)
        sure = sure or measure_tagged(some) >= _MOSTLY
        return 2 if sure else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a sentence; one bad line sets the whole sentence aside."""
        scheme = None if self.scheme == "auto" else self.scheme
        options = ColumnOptions(separator=self.separator, token=self.token_column, tag=self.tag_column, scheme=scheme)
        unread = Unread(map(str, self.ignore))
        columns, notation = find_columns(path, self.encoding, options, unread)
        first = list(itertools.islice(read_sentences(path, self.encoding, columns), _HEAD))
        touching = [sentence for sentence in first if _has_words(sentence, notation, self.join)]
        # A few names in a script without spaces do not change how the tokens of all other sentences are cut; a comment
        # that gives the text does, since it was written because tokens touch.
        words = any(_has_text(sentence) for sentence in touching) or 2 * len(touching) > len(first)
        if words:
            cut = {name: _count_kept(first, name, notation, self.join) for name in ("words", "whitespace")}
            words = cut["words"] >= cut["whitespace"]
        keep = Keep(self.keep, where=str(path))
        # Comments have what is kept, and lines with comments are read one by one.
        sentences = (
            read_sentences(path, self.encoding, columns)
            if self.keep
            else read_tagged(path, self.encoding, columns, notation, self.join)
        )
        records = (
            each if isinstance(each, pa.Table) else _interpret(each, notation, self.join, keep) for each in sentences
        )
        yield from batch_records(records, path, faults, "words" if words else "whitespace")
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one sentence an example, with tokens that no span begins or ends inside of."""
        with whole_file(path) as partial:
            write_lines(partial, self._write_sentences(batches))

    def _write_sentences(self, batches: Iterable[Corpus]) -> Iterator[str]:
        scheme: Scheme = "iob2" if self.scheme == "auto" else self.scheme
        first = self.tag_column in ("first", 1)
        columns = TokenColumns(" " if self.separator == "space" else "\t", tag=int(not first), token=int(first))
        row, told, splitting = 0, not self.comments, 0
        for batch in batches:
            _check_labels(batch.labels, scheme, columns)
            table = tokenize(batch)
            splitting += table.splitting
            tagged = list(_tag(batch, table, scheme))
            if not told and _is_misleading([tags for _, _, tags, _ in tagged], scheme):
                told = True
                yield write_scheme_comment(scheme) + "\n\n"
            fields = map(read_fields, batch.fields.to_pylist())
            for (text, tokens, tags, spans), held in zip(tagged, fields, strict=True):
                if scheme == "io" and len(TagNotation("io").read(tags)) != spans:
                    raise CarryError(f"example {row}: spans of one label side by side are one in the scheme 'io'")
                yield from _write_comments(row, held) if self.comments else ()
                yield self._write_sentence(row, text, (tokens, tags), columns)
                row += 1
        warn_of_splits("conll", splitting)

    def _write_sentence(self, row: int, text: str, tagged: tuple[list[str], list[str]], columns: TokenColumns) -> str:
        """Writes one sentence."""
        written = [columns.mark.join(cells) for cells in zip(*tagged[:: 1 if columns.tag else -1], strict=True)]
        mistakable = any(columns.is_comment(line) or columns.is_marker(line) for line in written)
        if written and not mistakable and text == join_tokens(tagged[0], self.join):
            return "\n".join(written) + "\n\n"
        if not self.comments:
            raise CarryError(f"example {row}: a text must be tokens with a space between, was: {text[:40]!r}")
        return "\n".join([write_text_comment(text), *written]) + "\n\n"


def _write_comments(row: int, fields: Mapping[str, Any]) -> Iterator[str]:
    """Yields a comment for each field but those that are null."""
    for name, value in fields.items():
        line = None if value is None else write_field_comment(name, to_text(value))
        if line is not None:
            yield line + "\n"
        elif value is not None:
            raise CarryError(f"example {row}: the field {name!r} cannot be the key of a comment in 'conll'")


def _check_labels(labels: Iterable[str], scheme: Scheme, columns: TokenColumns) -> None:
    refused = r"[\t\r\n]|^\s|\s$" if columns.mark == "\t" else r"\s"
    for label in labels:
        if re.search(refused, label) or (scheme == "io" and label == "O"):
            raise CarryError(f"a label must be free of white space and no 'O' of its own in 'conll', was: {label!r}")


def _tag(batch: Corpus, table: TokenTable, scheme: Scheme) -> Iterator[tuple[str, list[str], list[str], int]]:
    """Yields each text with its tokens, their tags and the number of its spans."""
    names = list_tags(batch.labels, scheme)
    tokens = table.strings.to_pylist()
    tags = [names[code] for code in encode_tags(table, batch, scheme, names).tolist()]
    rows, spans = table.rows.tolist(), Ragged.of_bounds(batch.spans.rows).lengths.tolist()
    for text, begin, end, count in zip(batch.texts.to_pylist(), rows, rows[1:], spans, strict=False):
        yield text, tokens[begin:end], tags[begin:end], count


def _is_misleading(sentences: Iterable[list[str]], scheme: Scheme) -> bool:
    """Says whether the tags that are written would be taken for another scheme, or for two."""
    steps = {step for tags in sentences for step in list_steps(tags)}
    if not any(tag not in ("O", EDGE) for step in steps for tag in step):
        return False
    try:
        chosen = choose_notation(steps, None, "")
    except FormatError:
        return True
    return chosen != TagNotation("io" if scheme == "io" else None)


def _interpret(
    sentence: Sentence | Fault, notation: TagNotation, join: Join, keep: Keep | None = None
) -> Record | Fault:
    if isinstance(sentence, Fault):
        return sentence
    placed = find_starts(sentence, join)
    if isinstance(placed, Fault):
        return placed
    text, starts = placed
    wrong_tag = notation.find_fault(sentence.tags)
    if wrong_tag is not None:
        return Fault(wrong_tag.reason, sentence.numbers[wrong_tag.position])
    tokens = sentence.tokens
    places = [
        (starts[first], starts[stop - 1] + len(tokens[stop - 1]), label)
        for first, stop, label in notation.read(sentence.tags)
    ]
    fields = None
    if keep:
        others = [name for name in sentence.fields if name not in ("origin", "parent")]
        fields = keep.take(sentence.fields, keep.choose(sentence.fields, others))
    return Record(sentence.line, text, places, None, *read_provenance(sentence.fields), fields)


def _count_kept(sentences: Iterable[Sentence | Fault], tokenizer: Tokenizer, notation: TagNotation, join: Join) -> int:
    """Returns of how many sentences a tokenizer gives the very tokens."""
    read = [(each, _interpret(each, notation, join)) for each in sentences if isinstance(each, Sentence)]
    good = [(list(each.tokens), record) for each, record in read if isinstance(record, Record)]
    records = [record for _, record in good]
    texts = pa.array([record.text for record in records], pa.string())
    spans = span_array(sorted(record.spans) for record in records)
    corpus = Corpus.from_trusted(pa.table([texts, spans], names=["text", "spans"]), tokenizer)
    return sum(own == cut for (own, _), cut in zip(good, tokenize(corpus).lists().to_pylist(), strict=True))


def _has_text(sentence: Sentence | Fault) -> bool:
    return isinstance(sentence, Sentence) and sentence.text is not None


def _has_words(sentence: Sentence | Fault, notation: TagNotation, join: Join) -> bool:
    """Says whether tokens touch at a place that is no edge of a span: those of `whitespace` never do."""
    record = _interpret(sentence, notation, join)
    if isinstance(sentence, Fault) or isinstance(record, Fault):
        return False
    placed = find_starts(sentence, join)
    assert not isinstance(placed, Fault)
    starts = placed[1]
    edges = {edge for start, end, _ in record.spans for edge in (start, end)}
    ends = [start + len(token) for start, token in zip(starts, sentence.tokens, strict=True)]
    return any(end == start and end not in edges for end, start in zip(ends, starts[1:], strict=False))
