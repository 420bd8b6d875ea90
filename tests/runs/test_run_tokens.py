"""The tokenizer that a recipe names, from the source to what is delivered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workbench import call, write_recipe

from textsynth import formats

datasets = pytest.importorskip("datasets")
pytest.importorskip("spacy")

ROWS = [
    {"text": f"I don't know {name} of Rome", "spans": [{"start": 13, "end": 13 + len(name), "label": "PER"}]}
    for name in ("Ada", "Zoë", "Bo", "Cy", "Di", "Eve", "Flo", "Gus")
]
CHINESE = [
    {"text": f"我昨天在{city}看见他", "spans": [{"start": 4, "end": 4 + len(city), "label": "CITY"}]}
    for city in ("北京", "上海", "苏州", "天津", "呼和浩特", "西安", "拉萨", "大理")
]


def run(folder: Path, rows: list[dict[str, object]], **source: str) -> list[list[str]]:
    """Runs a recipe, and returns the tokens of the dataset; those of the exported CoNLL must be the same."""
    (folder / "source.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    recipe = write_recipe(
        folder / "recipe.toml",
        source={"path": "source.jsonl", **source},
        count=8,
        generator=[{"use": "mention_replacement"}, {"use": "word_deletion"}],
        export={"task": "token-classification", "formats": ["conll"], "validation": 0.0, "test": 0.0},
    )
    outcome = call("run", recipe, "--out", folder / "out", "-q")
    assert (outcome.code, outcome.err) == (0, "")
    tokens = datasets.load_from_disk(str(folder / "out" / "dataset"))["train"]["tokens"]
    lines = (folder / "out" / "exports" / "train.conll").read_text(encoding="utf-8").split("\n\n")
    exported = [[line.split("\t")[0] for line in each.split("\n") if line[:1] != "#"] for each in lines if each.strip()]
    assert exported == list(tokens)
    return exported


def test_the_tokenizer_of_a_recipe_cuts_all_that_is_delivered(tmp_path: Path):
    sentences = run(tmp_path, ROWS, tokenizer="spacy:en")
    assert any("n't" in tokens for tokens in sentences)
    assert not any("'" in tokens for tokens in sentences)


def test_a_pipeline_in_a_directory_beside_the_recipe_cuts_texts(tmp_path: Path):
    import spacy

    spacy.blank("en").to_disk(tmp_path / "mine")
    assert any("n't" in tokens for tokens in run(tmp_path, ROWS, tokenizer="mine"))


def test_chinese_falls_into_characters_and_operations_change_them(tmp_path: Path):
    sentences = run(tmp_path, CHINESE)
    assert all(len(token) == 1 for tokens in sentences for token in tokens)
    assert len({len(tokens) for tokens in sentences}) > 1


@pytest.mark.parametrize("name", ["word", "spacy:klingon"])
def test_an_unknown_tokenizer_is_refused_before_anything_runs(tmp_path: Path, name: str):
    recipe = write_recipe(tmp_path / "recipe.toml", source={"path": "source.jsonl", "tokenizer": name})
    outcome = call("run", recipe, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "[source]: option 'tokenizer': the tokenizer '" in outcome.err
    assert outcome.err.count("\n") == 1


def test_convert_and_read_take_a_tokenizer(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"text": "I don\'t"}\n')
    path = tmp_path / "a.conll"
    assert call("convert", tmp_path / "a.jsonl", path, "--tokenizer", "spacy:en", "-q").code == 0
    assert [line.split("\t")[0] for line in path.read_text().splitlines()[1:4]] == ["I", "do", "n't"]
    assert formats.read(tmp_path / "a.jsonl", tokenizer="en").tokenizer == "spacy:en"
    outcome = call("convert", tmp_path / "a.jsonl", path, "--tokenizer", "word", "-q")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)


def test_spans_that_split_tokens_are_counted(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"text": "Annas", "spans": [{"start": 0, "end": 4, "label": "PER"}]}\n')
    outcome = call("convert", tmp_path / "a.jsonl", tmp_path / "a.conll")
    assert "conll: 1 span begins or ends inside a token, which is split there" in outcome.err
