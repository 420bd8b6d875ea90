r"""Templates: sentences with typed slots, and the literals between.

Written form: `{LABEL}` is a slot, `{LABEL:2}` a second one of that label; `{{` and `}}` are braces; `\n`, `\t`, `\r`
and `\\` are a line break, a tab, a carriage return and a backslash. Slots with the same label and number are one value,
and slots with the same number draw on the same record, so that a person's name and e-mail address agree.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes, read_class_cell
from textsynth.corpus.example import Example
from textsynth.errors import FormatError, OptionError
from textsynth.extract.escape import escape, is_comment, unescape
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import fingerprint
from textsynth.reading.records import Faults, read_lines

_PART = re.compile(r"(?P<brace>\{\{|\}\})|\{(?P<slot>(?:[^{}\\]|\\.)+)\}|(?P<escaped>\\.)|(?P<plain>[^{}\\]+)")
_SLOT, _PECULIAR = re.compile(r"\{([^{}\\]+)\}"), re.compile(r"[{}\\]")
"""A slot without an escape; what else there may be in a template but text as it is. Most have slots and text alone."""
HEADER = ["count", "label", "template"]
"""The columns of a file of templates, if it has any."""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A place for a mention of `label`; `number` tells apart the slots of one label, and ties those of one record."""

    label: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with typed slots.

    Args:
        literals: the text before, between and after the slots; one more than there are slots.
        slots: where mentions go, in order.
        label: the class of the sentences made from it, or None; several as `join_classes` joins them.
        count: how often the source has it.

    >>> template = Template.parse("Dear {PERSON}, {{sic}} {PERSON:2} met {PERSON}.")
    >>> template.literals, [slot.number for slot in template.slots]
    (('Dear ', ', {sic} ', ' met ', '.'), [1, 2, 1])
    >>> template.to_text()
    'Dear {PERSON}, {{sic}} {PERSON:2} met {PERSON}.'
    """

    literals: tuple[str, ...]
    slots: tuple[Slot, ...]
    label: str | None = None
    count: int = 1

    @classmethod
    def parse(cls, written: str, label: str | None = None, count: int = 1) -> Template:
        """Reads the written form.

        Raises:
            OptionError: for a brace without its like, a slot without a label, or a backslash at the end.
        """
        plain = _SLOT.split(written)
        if not _PECULIAR.search("".join(plain[::2])):
            return cls(tuple(plain[::2]), tuple(map(_parse_slot, plain[1::2])), label, count)
        literals, slots = [""], []
        for part in _split(written):
            if part["slot"]:
                slots.append(_parse_slot(part["slot"]))
                literals.append("")
            else:
                literals[-1] += part["brace"][0] if part["brace"] else unescape(part[0])
        return cls(tuple(literals), tuple(slots), label, count)

    @classmethod
    def of(cls, example: Example) -> Template:
        """Takes the mentions out of an example; equal mentions of one label become one slot.

        >>> from textsynth.corpus.example import Span
        >>> Template.of(Example("Ann met Bo.", (Span(0, 3, "PERSON"), Span(8, 10, "PERSON")))).to_text()
        '{PERSON} met {PERSON:2}.'
        """
        spans = [(span.start, span.end, span.label) for span in example.spans]
        return cls.of_row(example.text, spans, join_classes(example.label))

    @classmethod
    def of_row(cls, text: str, spans: Iterable[tuple[int, int, str]], label: str | None) -> Template:
        """Takes the mentions out of a row of a corpus: its text, the `(start, end, label)` of its spans, its class."""
        numbers: dict[str, dict[str, int]] = {}
        literals, slots, position = [], [], 0
        for start, end, name in spans:
            known = numbers.setdefault(name, {})
            slots.append(Slot(name, known.setdefault(text[start:end], len(known) + 1)))
            literals.append(text[position:start])
            position = end
        return cls((*literals, text[position:]), tuple(slots), label)

    def to_text(self) -> str:
        """Returns the form that `parse` reads."""
        texts = [write_literal(literal) for literal in self.literals]
        return texts[0] + "".join(write_slot(slot) + text for slot, text in zip(self.slots, texts[1:], strict=True))

    def fingerprint(self) -> str:
        """Returns what stands for the wording, whatever fills it: the parent of all that is made from it."""
        return fingerprint(self.to_text())

    def labels(self) -> set[str]:
        """Returns the labels of its slots."""
        return {slot.label for slot in self.slots}


def list_rows(corpus: Corpus) -> Iterator[tuple[str, list[tuple[int, int, str]], str | None]]:
    """Yields the text, the spans and the class of each example, without an `Example` in between.

    A source may have millions, so few are Python objects at a time.
    """
    for part in corpus.in_batches():
        spans, bounds = part.spans, part.spans.rows.tolist()
        triples = list(zip(spans.starts.tolist(), spans.ends.tolist(), spans.labels.to_pylist(), strict=True))
        texts, labels = part.texts.to_pylist(), part.table.column("label").to_pylist()
        for text, (begin, end), label in zip(texts, itertools.pairwise(bounds), labels, strict=True):
            yield text, triples[begin:end], label


def list_templates(corpus: Corpus) -> Iterator[Template]:
    """Yields the template of each example."""
    for row in list_rows(corpus):
        yield Template.of_row(*row)


def write_literal(text: str) -> str:
    """Returns the text between slots as a template is written."""
    return escape(text).replace("{", "{{").replace("}", "}}")


@functools.cache
def write_slot(slot: Slot) -> str:
    """Returns a slot as a template is written; the number 1 goes without saying."""
    label = re.sub(r"[\\{}]", r"\\\g<0>", slot.label).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    plain = slot.number == 1 and not re.search(r":\d+$", slot.label)
    return f"{{{label}}}" if plain else f"{{{label}:{slot.number}}}"


def read_templates(path: Path) -> tuple[Template, ...]:
    """Reads what `TemplateColumns.write_lines` wrote, or a plain file with one template a line.

    Blank lines and comments, which begin with `# `, are passed over.

    Raises:
        FormatError: `file:line` for what is no template.
        InputError: if the file cannot be read.
    """
    rows = read_lines(path, "utf-8", Faults())
    first = next(rows, (1, ""))
    tabular = first[1].rstrip("\r").split("\t") == HEADER
    found = tuple(_read_table(rows, path) if tabular else _read_plain([first, *rows], path))
    if not found:
        raise FormatError(f"{path}: must have at least one template, has none")
    return found


def _read_plain(rows: Iterable[tuple[int, str]], path: Path) -> Iterator[Template]:
    for number, line in rows:
        text = line.removesuffix("\r")
        if text.strip() and not is_comment(text):
            yield _parse_line(path, number, text)


def _read_table(rows: Iterator[tuple[int, str]], path: Path) -> Iterator[Template]:
    for number, line in rows:
        cells = line.removesuffix("\r").split("\t")
        if len(cells) == 1 and (not line.strip() or is_comment(line)):
            continue
        if len(cells) != len(HEADER):
            wanted = "count, label and template between tabs"
            raise FormatError(f"{path}:{number}: a line must have {wanted}, has {tell_count(len(cells), 'cell')}")
        count, label, text = cells
        if not count.isdecimal() or int(count) < 1:
            raise FormatError(f"{path}:{number}: count must be a whole number of at least 1, was: {count!r}")
        yield _parse_line(path, number, text, read_class_cell(unescape(label)), int(count))


def _parse_line(path: Path, number: int, text: str, label: str | None = None, count: int = 1) -> Template:
    try:
        return Template.parse(text, label, count)
    except OptionError as error:
        raise FormatError(f"{path}:{number}: {error}") from error


def _split(written: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(written):
        part = _PART.match(written, position)
        if part is None:
            what = written[position : position + 20]
            if what == "\\":
                raise OptionError("a backslash must stand before a character, or be doubled, stands at the end")
            raise OptionError(
                f"a brace must open or close a slot such as {{PERSON}}, or be doubled; "
                f"was: {what!r} at character {position}"
            )
        yield part
        position = part.end()


@functools.cache
def _parse_slot(inner: str) -> Slot:
    label, colon, number = inner.rpartition(":")
    slot = Slot(unescape(label), int(number)) if colon and number.isdecimal() else Slot(unescape(inner))
    if not slot.label:
        raise OptionError(f"a slot must have a label, was: {{{inner}}}")
    return slot
