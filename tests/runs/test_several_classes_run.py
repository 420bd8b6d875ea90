"""Runs on texts with any number of classes: generators go by what texts have together, balance counts each class."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from workbench import call

import textsynth as ts
from textsynth.components import registry
from textsynth.components.component import build
from textsynth.components.preview import SamplerCall
from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes, to_label
from textsynth.corpus.example import Example, Span
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators import Generator
from textsynth.pretrained.rewriting.key_text import key_of
from textsynth.production.summary import read_finished
from textsynth.testing import build_example
from textsynth.testing.generator_checks import check_class_asked_for, check_labels_and_classes, try_generator
from textsynth.wording.vocabulary import Part

NETWORK: dict[str, Any] = {
    "network": {"hidden": 16, "embedding": 16},
    "training": {"epochs": 2},
}
GENERATORS: dict[str, dict[str, Any]] = {
    "template_fill": {},
    "mention_replacement": {},
    "word_swap": {},
    "word_deletion": {},
    "casing": {},
    "language_model": NETWORK,
    "vae": NETWORK | {"latent": {"size": 4}},
    "gan": NETWORK | {"latent": {"size": 4}, "critic": {"steps": 20}},
}
PEOPLE = ("Ada", "Omar", "Grace", "Bo Li")
WORDINGS: list[tuple[str, Any]] = [
    ("What a lovely day it is, said {}", ("joy", "love")),
    ("I am so glad about it, wrote {}", "joy"),
    ("Nobody ever told me why, cried {}", "grief"),
    ("I miss you and love you, {} sang", ("grief", "love")),
    ("The train leaves at nine, says {}", ()),
    ("Perhaps so, or perhaps not, {} said", None),
]


def sentences(repeat: dict[Any, int] | None = None) -> Corpus:
    """Returns sentences with a mention for each wording and person, some wordings more often than others."""
    made = []
    for wording, label in WORDINGS:
        for name in PEOPLE * (repeat or {}).get(label, 1):
            text, start = wording.format(name), wording.index("{")
            made.append(Example(text, (Span(start, start + len(name), "PERSON"),), label))
    return Corpus.from_examples(made)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_makes_just_the_classes_asked_for(name: str):
    generator: Generator = build(registry.look_up("generator", name), GENERATORS[name], name)
    with try_generator(generator, sentences()) as trial:
        check_labels_and_classes(trial)
        check_class_asked_for(trial)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), [("causal_lm", "gpt"), ("masked_lm", "bert"), ("seq2seq", "t5")])
def test_a_pretrained_generator_makes_just_the_classes_asked_for(name: str, kind: Any):
    import tiny_models

    generator: Any = build_example(registry.look_up("generator", name), model=tiny_models.model(kind))
    with try_generator(generator, sentences()) as trial:
        check_labels_and_classes(trial)
        check_class_asked_for(trial)


def test_a_sampler_takes_what_an_example_has_and_what_the_column_has(tmp_path: Path):
    generator: Generator = build(registry.look_up("generator", "template_fill"), {}, "template_fill")
    resources = Resources.of(sentences())
    generator.fit(resources, tmp_path, child_rng(0, "fit"))
    sampler = generator.sampler(tmp_path)
    for combination in resources.source.combinations:
        for asked in (combination, to_label(combination)):
            made = Corpus.concat([sampler(5, child_rng(0, "x"), asked)])  # type: ignore[list-item]
            assert {example.label for example in made} == {to_label(combination)}


def test_templates_keep_the_classes(tmp_path: Path):
    resources = Resources.of(sentences())
    resources.write(tmp_path)
    assert '4\t["joy", "love"]\tWhat a lovely day it is, said {PERSON}\n' in (tmp_path / "templates.tsv").read_text()
    assert Resources.read(tmp_path).templates == resources.templates
    assert Resources.read(tmp_path).source == resources.source


def test_what_is_made_keeps_the_classes_in_python():
    made = ts.generate(sentences(), [build(registry.look_up("generator", "word_swap"), {}, "word_swap")], 40)
    assert {example.label for example in made} <= {label for _, label in WORDINGS}
    assert made.several


RECIPE = """
seed = 3
{amount}
balance = {balance}

[source]
path = "source.jsonl"

[[generator]]
use = "template_fill"
values = {{ PERSON = ["Lin", "Sam", "Eve", "Ian", "Una", "Max", "Kim", "Joy", "Lee", "Ola"] }}

[[generator]]
use = "word_swap"

[[filter]]
use = "duplicate"
{more}
[export]
validation = 0.2
formats = ["jsonl", "csv", "parquet", "spacy", "doccano", "label_studio", "prodigy"]
"""


def run(folder: Path, source: Corpus, amount: str, *, balance: bool, more: str = "") -> Path:
    ts.write(source, folder / "source.jsonl")
    text = RECIPE.format(amount=amount, balance=str(balance).lower(), more=more)
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    outcome = call("run", folder / "recipe.toml", "--out", folder / "out", "--quiet")
    assert outcome.code == 0, outcome.err
    return folder / "out"


def test_a_run_delivers_them_in_every_format(tmp_path: Path):
    source = sentences()
    out = run(tmp_path, source, "count = 60", balance=False)
    loaded = datasets.load_from_disk(out / "dataset")
    names = ["grief", "joy", "love"]
    assert loaded["train"].features["label"] == datasets.List(datasets.ClassLabel(names=names))
    delivered = Corpus.concat([Corpus.from_dataset(split) for split in loaded.values()])
    known = {example.label for example in source}
    assert {example.label for example in delivered} <= known
    summary = read_finished(out)
    assert summary is not None
    assert summary.classes == Counter(name for example in delivered for name in example.classes)
    train = Corpus.from_dataset(loaded["train"])
    for file in (out / "exports").iterdir():
        if file.name.startswith("train"):
            assert list(ts.read(file)) == list(train), file.name
    gold = source.to_dataset().remove_columns("origin")
    both = datasets.concatenate_datasets([gold, loaded["train"].remove_columns("origin")])
    assert len(both) == len(gold) + len(train)
    card = (out / "dataset" / "README.md").read_text(encoding="utf-8")
    assert "- multi-label-classification" in card
    assert 'problem_type="multi_label_classification"' in card
    assert datasets.load_dataset("json", data_files=str(out / "exports" / "train.jsonl"), split="train")["label"]


def test_balance_counts_each_class(tmp_path: Path):
    source = sentences({"joy": 6, ("joy", "love"): 3})
    there = Counter(name for example in source for name in example.classes)
    assert there == {"joy": 36, "love": 16, "grief": 8}
    out = run(tmp_path, source, "count = 42", balance=True)
    summary = read_finished(out)
    assert summary is not None
    together = there + Counter(summary.classes)
    assert max(together.values()) - min(together.values()) <= 1
    assert summary.delivered == 42


@pytest.mark.slow
def test_realism_knows_what_texts_have_together(tmp_path: Path):
    more = """
[[filter]]
use = "realism"
network = { hidden = 16, embedding = 16 }
latent = { size = 4 }
training = { epochs = 2 }
critic = { steps = 20 }
"""
    out = run(tmp_path, sentences(), "count = 12", balance=False, more=more)
    summary = read_finished(out)
    assert summary is not None
    assert "a label or class the source does not have" not in summary.dropped
    assert summary.delivered == 12


def test_the_commands_show_them(tmp_path: Path):
    source = sentences()
    ts.write(source, tmp_path / "source.jsonl")
    shown = call("show", tmp_path / "source.jsonl", "-n", "24")
    assert "joy and love: What a lovely day it is" in shown.out
    assert "no class: The train leaves" in shown.out
    rows = [json.loads(line) for line in call("show", tmp_path / "source.jsonl", "-n", "24", "--json").out.splitlines()]
    assert {json.dumps(row["label"]) for row in rows} == {json.dumps(label) for _, label in WORDINGS}
    hot = ["--write-option", 'classes=["joy", "love", "grief"]']
    done = call("convert", tmp_path / "source.jsonl", tmp_path / "x.csv", *hot)
    assert done.code == 0, done.err
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").startswith("text,joy,love,grief,spans,origin,parent\n")
    refused = call("convert", tmp_path / "x.csv", tmp_path / "y.jsonl")
    assert refused.code == 2
    assert refused.err.endswith('or pass over them with ignore = ["joy", "love", "grief"]\n')
    assert refused.err.count("\n") == 1
    made = call("init", tmp_path / "source.jsonl", "--out", tmp_path / "made.toml", "--json").json
    assert made["classes"] == ["grief", "joy", "love"]


def test_numbers_of_a_dataset_mean_what_they_meant():
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.List(datasets.ClassLabel(names=["z", "b", "unused", "a"]))
    )
    gold = datasets.Dataset.from_dict(
        {"text": [f"word number {row} of the row" for row in range(12)], "label": [[0, 3], [1], []] * 4},
        features=features,
    )
    generator = build(registry.look_up("generator", "word_swap"), {}, "word_swap")
    source = ts.read(gold)
    made = (
        ts.generate(source, [generator], 20)
        .with_names(source.names)
        .to_dataset()
        .remove_columns(["spans", "origin", "parent"])
    )
    assert made.features == features
    assert len(datasets.concatenate_datasets([gold, made])) == 32
    assert {tuple(row) for row in made["label"]} <= {(0, 3), (1,), ()}
    assert np.unique([len(row) for row in made["label"]]).tolist() == [0, 1, 2]


def test_a_chat_model_is_asked_for_what_texts_have_together():
    described = {"joy": "somebody is glad", "love": "", "grief": "somebody mourns"}
    options = {"backend": "server", "model": "tiny", "server": {"base_url": "http://127.0.0.1:1/v1"}}
    prompt = build(registry.look_up("generator", "prompt"), options | {"classes": described}, "prompt")
    resources = Resources.of(sentences())
    asked = {
        ("grief", "love"): "Class of it: grief and love, that is: grief: somebody mourns",
        "joy": "Class of it: joy, that is: somebody is glad",
        (): "Class of it: no class, that is: none of joy, love, grief",
    }
    for label, said in asked.items():
        call_of_one = SamplerCall(1, child_rng(0, "x"), join_classes(label))
        (text,) = prompt.preview(resources, child_rng(0, "fit"), [call_of_one], 1).prompts
        assert said in text.splitlines()


def test_a_pretrained_model_is_asked_by_their_names():
    parts = [Part("Ada", "PERSON")]
    assert key_of(join_classes(("love", "grief")), parts, None) == "class: grief and love | PERSON: Ada"
    assert key_of(join_classes("love"), parts, None) == "class: love | PERSON: Ada"
