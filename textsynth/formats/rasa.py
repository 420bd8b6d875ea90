"""Rasa: the YAML of its training data, intents with examples in which mentions are marked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import describe_classes, to_label
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.class_name import tidy_class
from textsynth.reading.rasa_marks import read_marks, write_marks
from textsynth.reading.records import Fault, Faults, Record, batch_records, list_triples, open_binary, write_lines
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.unread import Unread

_EDGES = "\n\r "
"""What Rasa cuts off at both ends of an example."""
_PLAIN = re.compile(r"[A-Za-z][\w/+-]*")
_NO_CLASS = {"class": "none"}
"""The metadata of an intent that is there since Rasa asks for one, and says nothing of its texts."""


@dataclass(frozen=True, kw_only=True)
class Rasa(Format):
    """Rasa's training data in YAML: the intents under `nlu`, as classes, with mentions marked in their examples.

    A mention is `[Rome](city)`, `[Rome](city:value)` or `[Rome]{"entity": "city"}`; roles, groups and values are named,
    and not read, as are synonyms, regular expressions, lookup tables, stories, rules and responses. Texts that Rasa
    would read otherwise are refused when they are written: those with line breaks, with spaces at an end, or with
    brackets that would be marks. Texts without a class are written under an intent of their own, which its metadata
    mark as none. The file is held in memory while it is read.

    Args:
        no_class: the intent that texts without a class are written under.
        ignore: sections that are passed over and not named, such as `lookup`.
        repair: what is mended, and counted: `trim`.
    """

    no_class: str = "unlabelled"
    ignore: tuple[str, ...] = ()
    repair: tuple[Repair, ...] = ()

    suffixes: ClassVar[tuple[str, ...]] = (".yml", ".yaml")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows YAML by the key `nlu` at its top."""
        return 3 if re.search(r"^nlu *:", head, re.MULTILINE) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each line, or each item, of the examples of an intent."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        yield from batch_records(_read_sections(path, unread), path, faults, repairs=repairs)
        unread.log(path)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes an intent for each run of examples with the same class."""
        with whole_file(path) as partial:
            write_lines(partial, self._write_sections(batches))

    def _write_sections(self, batches: Iterable[Corpus]) -> Iterator[str]:
        rows = enumerate(row for batch in batches for row in batch.table.to_pylist())
        empty = True
        yield 'version: "3.1"\n'
        for label, numbered in itertools.groupby(rows, key=lambda row: row[1]["label"]):
            _check_one_class(label)
            yield "nlu:\n" if empty else ""
            empty = False
            yield f"- intent: {_write_name(self.no_class if label is None else label)}\n"
            yield "  metadata:\n    class: none\n" if label is None else ""
            yield "  examples: |\n"
            yield from (f"    - {_write_example(number, row)}\n" for number, row in numbered)
        yield "nlu: []\n" if empty else ""


def _check_one_class(label: str | None) -> None:
    if not isinstance(to_label(label), str | None):
        raise CarryError(f"Rasa has one intent a text, one text has: {describe_classes(label)}; choose another format")


def _write_example(number: int, row: Mapping[str, Any]) -> str:
    """Returns a text with its mentions marked, if it would be read back the same."""
    text, spans = row["text"], list_triples(row["spans"])
    marked = write_marks(text, spans)
    read = read_marks(marked)
    same = not isinstance(read, Fault) and (read.text, read.spans) == (text, spans)
    if not same or not _is_line(marked):
        raise CarryError(
            f"example {number}: a text must be one line without white space at its ends or brackets of its own in "
            f"'rasa', was: {text[:40]!r}"
        )
    return marked


def _is_line(marked: str) -> bool:
    """Says whether YAML and Rasa take a string for one line that has nothing to be cut off or left out."""
    plain = not re.search(
        r"[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", marked
    )
    return plain and len(marked.splitlines()) == 1 and marked == marked.strip()


def _write_name(name: str) -> str:
    if _PLAIN.fullmatch(name) and name.lower() not in ("yes", "no", "on", "off", "true", "false", "null", "y", "n"):
        return name
    quoted = yaml.dump(name, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=float("inf"))
    return quoted.removesuffix("\n")


def _read_sections(path: Path, unread: Unread) -> Iterator[Record | Fault]:
    """Yields the examples of all intents."""
    top = _load(path)
    if not isinstance(top, yaml.MappingNode):
        raise FormatError(f"{path}: must be YAML with the key 'nlu', is not")
    sections: Any = None
    for key, value in top.value:
        if key.value == "nlu":
            sections = value
        elif key.value != "version" and not unread.ignores(key.value):
            unread.add(key.value)
    for section in sections.value if isinstance(sections, yaml.SequenceNode) else ():
        yield from _read_section(section, unread)


def _load(path: Path) -> Any:
    """Returns the nodes of a file, each of which knows its line."""
    with open_binary(path) as file:
        raw = file.read()
    try:
        return yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: must be UTF-8, has byte 0x{raw[error.start]:02x} at {error.start}") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise FormatError(f"{path}{line}: must be YAML: {problem}") from error


def _read_section(section: Any, unread: Unread) -> Iterator[Record | Fault]:
    line = section.start_mark.line + 1
    parts = {key.value: value for key, value in section.value} if isinstance(section, yaml.MappingNode) else {}
    if "intent" not in parts:
        kind = next((name for name in ("synonym", "regex", "lookup") if name in parts), None)
        if kind is None:
            yield Fault("a section of 'nlu' must have one of intent, synonym, regex, lookup", line)
        elif not unread.ignores(kind):
            unread.add(kind)
        return
    name = _read_scalar(parts["intent"])
    label = None if _get(parts.get("metadata"), "class") == _NO_CLASS["class"] else tidy_class(name or "")
    if name is None or ("examples" not in parts):
        yield Fault("an intent must have a name and examples", line)
        return
    if "metadata" in parts and label is not None and not unread.ignores("metadata"):
        unread.add("metadata")
    for at, text in _list_examples(parts["examples"], unread):
        yield text.with_line(at) if isinstance(text, Fault) else _read_example(at, text, label, unread)


def _list_examples(examples: Any, unread: Unread) -> Iterator[tuple[int, str | Fault]]:
    """Yields each example with its line: the lines of a string that begin with `-`, or the items of a list."""
    if isinstance(examples, yaml.SequenceNode):
        for item in examples.value:
            text = _read_scalar(item) if isinstance(item, yaml.ScalarNode) else _get(item, "text")
            if _get(item, "metadata", plain=False) is not None and not unread.ignores("metadata"):
                unread.add("metadata")
            yield item.start_mark.line + 1, Fault("an example must have a 'text'") if text is None else text
        return
    block = isinstance(examples, yaml.ScalarNode) and examples.style in ("|", ">")
    first = examples.start_mark.line + (2 if block else 1)
    for number, written in enumerate((_read_scalar(examples) or "").split("\n"), first):
        if written.startswith("-"):
            yield number, written[1:]
        elif written.strip():
            yield number, Fault(f"an example must begin with '-', was: {written[:60]!r}")


def _read_example(line: int, marked: str, label: str | None, unread: Unread) -> Record | Fault:
    read = read_marks(marked.strip(_EDGES))
    if isinstance(read, Fault):
        return read.with_line(line)
    for name in read.others:
        unread.add(f"the {name} of mentions")
    return Record(line, read.text, read.spans, label)


def _read_scalar(node: Any) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _get(node: Any, name: str, *, plain: bool = True) -> Any:
    """Returns what an object has under a name: a string if it must be plain, else the node."""
    held = node.value if isinstance(node, yaml.MappingNode) else []
    found = next((value for key, value in held if key.value == name), None)
    return _read_scalar(found) if plain else found
