"""Makes docs/formats.md out of the formats: what they say of themselves, what they write, and what they read.

    python docs/make_formats.py

A test holds that the page is what this makes.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from textsynth import formats
from textsynth.commands.display import show_default
from textsynth.components import registry
from textsynth.components.description import describe
from textsynth.conversion import files
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.errors import TextsynthError
from textsynth.formats import Format

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "formats.md"
WRITTEN = "<!-- not run: a file that the format wrote -->"

SAMPLE = Corpus.from_columns(
    text=["Ann Lee flew to Rome.", "No one is here."],
    spans=[[(0, 7, "PERSON"), (16, 20, "CITY")], []],
    label=["travel", "other"],
)

INTRODUCTION = """# Formats

<!-- Made by `python docs/make_formats.py`; change the docstrings of the formats, and not this page. -->

All that `textsynth convert`, a source and an export take. A file is recognised by its whole records, or its format is
named with `--from` and `--to`. What a reader does not use it names in one line; if that looks like an annotation,
reading stops and says which option reads it or passes over it.

One rule holds for the names of classes in all formats: a string is its own name, without the white space around it; a
whole number is its digits, also if it is written as 2.0; a boolean is `true` or `false`; null, NaN and a blank string
are no class. A cell of CSV is a string. A name with white space around it is refused when it is written.
"""

KINDS_INTRODUCTION = """## Files of other tools

What comes of small files as other tools write them: the mentions and the class of each text, or the message that
reading stops with.

| what it is | file | what comes of it |
|---|---|---|
"""


def make_page() -> str:
    """Returns the page."""
    sections = [_make_section(name) for name in registry.names("format")]
    return "\n".join([INTRODUCTION, *sections, KINDS_INTRODUCTION.rstrip(), *_list_kinds(), ""])


def _make_section(name: str) -> str:
    """Returns what is said of a format, with its options and a file that it wrote."""
    cls = cast("type[Format]", registry.look_up("format", name))
    first, _, rest = (inspect.getdoc(cls) or "").partition("\n")
    description = re.split(r"^Args:$", rest, flags=re.MULTILINE)[0].strip()
    holds = [part for part in ("spans", "label", "origin") if part in cls.carries]
    ends = ", ".join(f"`{suffix}`" for suffix in cls.suffixes)
    lines = [f"## `{name}`", "", first, "", description, ""] if description else [f"## `{name}`", "", first, ""]
    lines += [
        f"Names of files end in {ends}. It holds {_join(holds)}.",
        "",
        WRITTEN,
        "```",
        _write_sample(name),
        "```",
        "",
    ]
    lines += ["| option | what it may be | what it is |", "|---|---|---|"]
    for option in describe(cls):
        lines.append(
            f"| `{option.name}` | {_cell(f'{option.type}, {show_default(option.default)}')} | {_cell(option.meaning)} |"
        )
    return "\n".join([*lines, ""])


def _join(parts: list[str]) -> str:
    words = {"spans": "spans", "label": "classes", "origin": "origin and parent"}
    return ", ".join(["texts", *(words[part] for part in parts)])


def _write_sample(name: str) -> str:
    """Returns what a format writes of the sample."""
    made = cast("Format", registry.look_up("format", name)())
    corpus = files.keep_carried(SAMPLE, made, drop=("spans", "label"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"corpus{made.suffixes[0]}"
        made.write([corpus], path)
        return _show(path, name).rstrip("\n")


def _show(path: Path, name: str) -> str:
    """Returns a file as text; of one that is binary, its rows."""
    if name == "parquet":
        import pyarrow.parquet as pq

        return _show_rows(pq.read_table(path).to_pylist())
    if name == "datasets":
        import datasets

        return _show_rows(list(datasets.Dataset.load_from_disk(path)))
    if name == "spacy":
        import spacy
        from spacy.tokens import DocBin

        docs = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
        return _show_rows([{key: doc.to_json()[key] for key in ("text", "ents", "cats")} for doc in docs])
    if path.is_dir():
        inner = sorted(path.iterdir(), key=lambda each: (each.stem, each.suffix != ".txt"))
        return "".join(f"{each.name}:\n{each.read_text().rstrip()}\n" for each in inner if each.read_text())
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def _show_rows(rows: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def _list_kinds() -> list[str]:
    """Returns a row for each kind of file that the tests try."""
    sys.path.insert(0, str(ROOT / "tests" / "formats"))
    from kinds import KINDS

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            path = Path(folder) / kind.name
            path.write_bytes(kind.content if isinstance(kind.content, bytes) else kind.content.encode())
            try:
                outcome = "; ".join(_show_example(example) for example in formats.read(path))
            except TextsynthError as error:
                outcome = "refused: " + str(error).replace(f"{folder}/", "").partition("; there is: argilla")[0]
            rows.append(f"| {_cell(kind.title)} | `{kind.name}` | {_cell(outcome)} |")
    return rows


def _show_example(example: Example) -> str:
    mentions = [f"{mention} {span.label}" for mention, span in zip(example.mentions(), example.spans, strict=True)]
    said = [*mentions, *([f"class {example.label}"] if example.label is not None else [])]
    return ", ".join(said) or "a text alone"


def _cell(text: str) -> str:
    """Returns text as the cell of a table, in which Markdown reads no marks but those of code."""
    parts = text.replace("|", "\\|").split("`")
    plain = [re.sub(r"([<>\[\]*_])", r"\\\1", part) if at % 2 == 0 else part for at, part in enumerate(parts)]
    return "`".join(plain)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
    print(f"wrote {PAGE}")
