"""Reading, checking, tokenising and writing, and the memory it takes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from material import NEWSROOM, SHARD, fitted, shards, tokenised_source, written_templates
from measure import Effort, Row
from memory import measured

import textsynth as ts
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.template_fill import TemplateFill

TITLE = "corpus: tokens, tags, columns and files (large files once, in a process of their own)"
_TOKENISED = 50_000
_TIMES = 10


def rows(effort: Effort) -> list[Row]:
    """Measures tokens and tags in this process, large files in others."""
    with tempfile.TemporaryDirectory() as folder:
        base = _write_base(Path(folder), effort.rows // _TIMES)
        return [*_tokens(effort), *_columns(base, effort.rows), *_streams(base)]


def _tokens(effort: Effort) -> list[Row]:
    path, source = tokenised_source()
    corpus = ts.Corpus(source.take(np.arange(_TOKENISED) % len(source)).table.combine_chunks())
    tokens, names = tokenize(corpus), list_tags(corpus.labels)
    read = effort.rate(lambda: tokenize(corpus), _TOKENISED)
    tagged = effort.rate(lambda: encode_tags(tokens, corpus, "iob2", names), _TOKENISED)
    a_sentence = len(tokens.starts) / _TOKENISED
    note = f"{path.parent.name}/{path.name}, {a_sentence:.1f} tokens a sentence: "
    return [
        Row(name="text to tokens", rate=read, note=note + _tokens_note(read * a_sentence)),
        Row(name="spans to IOB2 tags", rate=tagged, note=note + _tokens_note(tagged * a_sentence)),
    ]


def _tokens_note(rate: float) -> str:
    return f"{rate / 1e6:.1f} million tokens a second"


def _write_base(folder: Path, count: int) -> Path:
    """Writes examples with two spans each, which the large files repeat ten times."""
    templates = folder / "templates.txt"
    templates.write_text("\n".join(written_templates("GPE")), "utf-8")
    ready = fitted(TemplateFill(templates=templates), Resources.of(ts.read(NEWSROOM)), folder / "fitted")
    base = folder / "base.jsonl"
    ts.write(ts.Corpus.concat(shards(ready.sampler, child_rng(7, "base"), count // SHARD)), base)
    return base


def _columns(base: Path, count: int) -> list[Row]:
    result = measured("build", base, base.with_name("built.parquet"), count)
    note = (
        f"{count:,} rows, peak {result['built_mb']:,.0f} MB, of which {result['before_mb']:,.0f} MB before it began "
        f"(the columns {result['columns_mb']:,.0f} MB)"
    )
    write_note = f"{count:,} rows, peak {result['peak_mb']:,.0f} MB"
    return [
        Row(name="columns to a checked Corpus", rate=count / result["build"], unit="rows", note=note, figures=result),
        Row(name="Corpus to parquet", rate=count / result["write"], unit="rows", note=write_note),
    ]


def _streams(base: Path) -> list[Row]:
    """Reads and writes the tenth, and then all, since a bounded peak does not grow."""
    few, many = _streamed(base, 1), _streamed(base, _TIMES)
    return [
        _stream_row(name, few[task], many[task])
        for task, name in {"convert": "JSONL to parquet, streaming", "scan": "parquet read and checked"}.items()
    ]


def _streamed(base: Path, times: int) -> dict[str, dict[str, Any]]:
    lines, parquet = base.with_name(f"{times}.jsonl"), base.with_name(f"{times}.parquet")
    lines.write_bytes(base.read_bytes() * times)
    return {"convert": measured("convert", lines, parquet), "scan": measured("scan", parquet)}


def _stream_row(name: str, few: Mapping[str, Any], many: Mapping[str, Any]) -> Row:
    note = (
        f"{many['rows']:,} rows, peak {many['peak_mb']:,.0f} MB; "
        f"{few['rows']:,} rows, peak {few['peak_mb']:,.0f} MB; {many['before_mb']:,.0f} MB before it began"
    )
    rate = many["rows"] / many["seconds"]
    return Row(name=name, rate=rate, unit="rows", note=note, figures={"large": many, "small": few})
