"""Fields of the source in a whole run: every copy has those of its example, and every export that can hold them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from workbench import SENTENCES, call, make_recipe, tree, write_recipe, write_source

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import OptionError, UnknownField
from textsynth.extract import Resources
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.generators.template_fill import TemplateFill
from textsynth.production.shard import read_shard
from textsynth.recipes import recipe
from textsynth.runs.run import run

CHAIN = {"use": "chain", "steps": [{"use": "character_swap"}, {"use": "word_deletion"}]}
COPIES = [{"use": "mention_replacement"}, {"use": "word_swap"}, CHAIN]
EXPORTS = ["jsonl", "parquet", "csv", "conll", "gliner", "spacy", "doccano", "prodigy", "label_studio"]


def write_fields(folder: Path) -> list[dict[str, Any]]:
    """Writes a source whose records say where they are from, and returns what they say."""
    path = write_source(folder / "source.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    fields = [{"id": row, "domain": ("news", None)[row % 2], "by": {"name": f"B {row}"}} for row in range(len(rows))]
    lines = (json.dumps(row | said, ensure_ascii=False) + "\n" for row, said in zip(rows, fields, strict=True))
    path.write_text("".join(lines), encoding="utf-8")
    return fields


def deliver(folder: Path, out: str, workers: int = 1, **content: Any) -> datasets.DatasetDict:
    content = {"source": {"path": "source.jsonl", "keep": "*"}, "generator": COPIES, "shard_size": 7} | content
    run(make_recipe(folder, **content), folder / out, workers=workers)
    return datasets.load_from_disk(str(folder / out / "dataset"))


def test_every_copy_has_the_fields_of_its_example(tmp_path: Path):
    fields = write_fields(tmp_path)
    made = deliver(tmp_path, "one", export={"formats": EXPORTS, "drop": ["label"], "parent": True})
    deliver(tmp_path, "two", 2, export={"formats": EXPORTS, "drop": ["label"], "parent": True})
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    parents = dict(zip(Resources.of(ts.read(SENTENCES)).source.table.column("parent").to_pylist(), fields, strict=True))
    rows = [row for split in made.values() for row in split]
    assert {row["origin"] for row in rows} == {"mention_replacement", "word_swap", "chain", "source"}
    assert [{name: row[name] for name in ("id", "domain", "by")} for row in rows] == [
        parents[row["parent"]] for row in rows
    ]
    for name in EXPORTS:
        path = next((tmp_path / "one" / "exports").glob(f"train{_suffix(name)}"))
        back = ts.read(path, name, keep=["id"])
        assert [str(example.fields["id"]) for example in back] == [str(row) for row in made["train"]["id"]], name


def _suffix(name: str) -> str:
    from textsynth.components import registry

    return str(registry.look_up("format", name).suffixes[0])  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_parent_is_in_every_export_that_can_hold_it(tmp_path: Path):
    write_fields(tmp_path)
    names = [*EXPORTS, "datasets"]
    made = deliver(tmp_path, "out", export={"formats": names, "parent": True})["train"]
    plain = deliver(tmp_path, "plain", export={"formats": names})["train"]
    assert "parent" not in plain.column_names
    for name in names:
        path = next((tmp_path / "out" / "exports").glob(f"train{_suffix(name)}"))
        assert ts.read(path, name).table.column("parent").to_pylist() == made["parent"][:], name
    for name in ("conll", "gliner"):
        text = next((tmp_path / "plain" / "exports").glob(f"train{_suffix(name)}")).read_text(encoding="utf-8")
        assert "parent" not in text


def test_copies_of_each_example_have_its_fields(tmp_path: Path):
    write_fields(tmp_path)
    made = deliver(tmp_path, "out", count=None, copies=3, generator=[{"use": "character_swap"}])
    words = {example.fields["id"]: len(example.text) for example in ts.read(tmp_path / "source.jsonl", keep=["id"])}
    rows = [(row["id"], row["text"]) for split in made.values() for row in split]
    assert {number for number, _ in rows} == set(words)
    assert all(len(text) == words[number] for number, text in rows)  # Two characters swapped are as many.
    assert max(Counter(number for number, _ in rows).values()) == 1 + 3  # The example itself is there too.


def test_what_is_no_copy_has_no_fields(tmp_path: Path):
    write_fields(tmp_path)
    made = deliver(tmp_path, "out", generator=[{"use": "template_fill"}, {"use": "word_swap"}])
    told = {(row["origin"], row["id"] is None) for split in made.values() for row in split}
    assert told == {("template_fill", True), ("word_swap", False), ("source", False)}
    alone = deliver(tmp_path, "alone", generator=[{"use": "template_fill"}], export={"source": False})
    assert alone["train"].features["id"] == datasets.Value("int64")
    assert set(alone["train"]["id"]) == {None}


def test_gold_and_what_is_made_of_it_concatenate(tmp_path: Path):
    write_fields(tmp_path)
    gold = ts.read(tmp_path / "source.jsonl", keep="*").to_dataset()
    both = datasets.concatenate_datasets([gold, deliver(tmp_path, "out")["train"]])
    assert both.features == gold.features
    assert both["id"][: len(SENTENCES)] == list(range(len(SENTENCES)))


def test_types_and_names_of_classes_are_those_of_the_source(tmp_path: Path):
    fields = write_fields(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "source.jsonl").read_text(encoding="utf-8").splitlines()]
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "spans": [
                {"start": datasets.Value("int64"), "end": datasets.Value("int64"), "label": datasets.Value("string")}
            ],
            "id": datasets.Value("int16"),
            "topic": datasets.ClassLabel(names=["sport", "news", "unused"]),
        }
    )
    columns = {"text": [row["text"] for row in rows], "spans": [row["spans"] for row in rows]}
    columns |= {"id": [each["id"] for each in fields], "topic": [row % 2 for row in range(len(rows))]}
    datasets.Dataset.from_dict(columns, features=features).save_to_disk(tmp_path / "gold")
    source = {"path": "gold", "keep": ["id", "topic"]}
    made = deliver(tmp_path, "out", source=source)["train"]
    assert (made.features["id"], made.features["topic"]) == (features["id"], features["topic"])
    assert all(row["topic"] == row["id"] % 2 for row in made)
    gold = ts.read(tmp_path / "gold", keep=["topic"])
    assert (gold[1].fields, gold[1].label) == ({"topic": "news"}, "news")


def test_exports_without_fields_say_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    write_fields(tmp_path)
    made = deliver(tmp_path, "out", export={"formats": ["brat"]})
    total = sum(map(len, made.values()))
    told = [record.message for record in caplog.records if "fields" in record.message]
    assert told == [f"exports/{{split}}.brat: the format 'brat' has no fields: left out of {total} examples"]
    summary = json.loads((tmp_path / "out" / "run.json").read_text())
    assert summary["left_out"]["brat"]["fields"] == total


def test_a_name_that_the_source_has_not_stops_a_run(tmp_path: Path):
    write_fields(tmp_path)
    with pytest.raises(UnknownField, match=r"keep: no record has the field 'idd'; did you mean 'id'\? there is: by, "):
        deliver(tmp_path, "out", source={"path": "source.jsonl", "keep": ["idd"]})
    assert not (tmp_path / "out" / "extracted").exists()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"keep": ["text"]}, "[source]: option 'keep' must not name 'text', a column of ours"),
        ({"keep": "id", "format": "text"}, "[source]: keep: the format 'text' has no fields to keep"),
        ({"keep": 3}, "[source]: option 'keep' must be an array, was: 3"),
    ],
)
def test_a_recipe_that_keeps_what_cannot_be_kept(source: dict[str, Any], told: str, tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        recipe.load(write_recipe(tmp_path / "recipe.toml", source={"path": "source.jsonl"} | source))
    assert f"{tmp_path / 'recipe.toml'}: {told}" in str(caught.value)


def test_bad_records_are_set_aside_with_fields_too(tmp_path: Path):
    write_fields(tmp_path)
    with (tmp_path / "source.jsonl").open("a") as file:
        file.write('{"id": 99}\n{"text": "It rained again.", "id": 100, "domain": "x", "by": {"name": "y"}}\n')
    deliver(tmp_path, "out", source={"path": "source.jsonl", "keep": ["id"], "on_error": "skip"})
    source = Corpus.read_parquet(tmp_path / "out" / "extracted" / "source.parquet")
    assert [example.fields["id"] for example in source] == [*range(len(SENTENCES)), 100]


def test_a_run_without_keep_has_no_trace_of_fields(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    made = deliver(tmp_path, "out", source={"path": "source.jsonl"})
    assert made["train"].column_names == ["text", "spans", "origin"]
    for path in (tmp_path / "out").rglob("*.parquet"):
        assert not Corpus.read_parquet(path).has_fields, path
    for path in (tmp_path / "out").rglob("shard-*.arrow"):
        assert not read_shard(path).corpus.has_fields, path


def test_fields_of_a_program(tmp_path: Path):
    fields = write_fields(tmp_path)
    source = ts.read(tmp_path / "source.jsonl", keep=["id"])
    corpus = ts.generate(source, [MentionReplacement(), TemplateFill()], 30)
    told = {example.origin: set() for example in corpus}
    for example in corpus:
        told[example.origin] |= {example.fields.get("id")}
    assert told["template_fill"] == {None}
    assert told["mention_replacement"] <= {each["id"] for each in fields}
    assert "id" in corpus.to_dataset().column_names
    assert len(np.unique([example.fields.get("id") for example in source])) == len(source)


def test_convert_keeps_fields(tmp_path: Path):
    write_fields(tmp_path)
    out = tmp_path / "out.csv"
    assert call("convert", tmp_path / "source.jsonl", out, "--keep", "id", "--keep", "domain").code == 0
    assert out.read_text(encoding="utf-8").splitlines()[0] == "text,label,spans,origin,parent,id,domain"
    told = call("convert", tmp_path / "source.jsonl", tmp_path / "out.txt", "--keep", "*", "--drop", "spans")
    assert (told.code, "left out: fields of 8 examples" in told.out) == (0, True)
    told = call("convert", tmp_path / "source.jsonl", out, "--keep", "idd")
    assert told.code == 2
    assert told.err.splitlines()[-1].endswith(
        "source.jsonl: keep: no record has the field 'idd'; did you mean 'id'? there is: by, domain, id, spans, text"
    )
