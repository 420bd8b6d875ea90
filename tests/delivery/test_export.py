from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbench import call, installed, make_recipe, tree, write_package, write_recipe, write_source

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.delivery.export import parents_of
from textsynth.delivery.split import assign_parents
from textsynth.errors import CarryError, OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.production.shard import read_shard
from textsynth.recipes import recipe as recipes
from textsynth.runs.run import run

OFFSET, TEXT = datasets.Value("int32"), datasets.Value("string")
SPLITS = {"validation": 0.1, "test": 0.1}
SPANS = datasets.List({"start": OFFSET, "end": OFFSET, "label": TEXT})


def delivered(directory: Path) -> Corpus:
    return formats.read(directory / "dataset", "datasets", options={"split": "all"})


def all_examples(directory: Path) -> list[Example]:
    """The source and everything that was made of it, with its parents, which the dataset does not have."""
    made = sorted(directory.glob("steps/*/shard-*.arrow"))
    source = Corpus.read_parquet(directory / "extracted" / "source.parquet")
    return [*source, *(each for path in made for each in read_shard(path).corpus)]


def check_splits(directory: Path) -> None:
    """No parent and no text stands in two splits."""
    parent_of = {example.text: example.parent for example in all_examples(directory)}
    sides, splits = defaultdict(set), defaultdict(set)
    for name, split in datasets.load_from_disk(directory / "dataset").items():
        for text in split["text"]:
            sides[parent_of[text]].add(name)
            splits[text].add(name)
    assert all(len(names) == 1 for names in [*sides.values(), *splits.values()])
    assert "" not in sides


@pytest.mark.parametrize("task", [None, "token-classification", "text-classification"])
@pytest.mark.parametrize("classes", [True, False])
def test_the_dataset_has_the_columns_of_its_task(classes: bool, task: str | None, tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=classes)
    recipe = make_recipe(tmp_path, export=SPLITS | ({"task": task} if task else {}))
    if task == "text-classification" and not classes:
        with pytest.raises(OptionError, match="'text-classification' must have a corpus with classes"):
            run(recipe, tmp_path / "out")
        return
    run(recipe, tmp_path / "out")
    wanted: dict[str, Any] = {"text": TEXT, "spans": SPANS}
    if classes:
        wanted["label"] = datasets.ClassLabel(names=["meet", "move", "win"])
    wanted["origin"] = TEXT
    if task == "token-classification":
        tags = ["O", "B-GPE", "I-GPE", "B-PERSON", "I-PERSON"]
        wanted |= {"tokens": datasets.List(TEXT), "ner_tags": datasets.List(datasets.ClassLabel(names=tags))}
    loaded = datasets.load_from_disk(tmp_path / "out" / "dataset")
    assert list(loaded) == ["train", "validation", "test"]
    assert all(split.features == datasets.Features(wanted) for split in loaded.values())
    assert sum(len(split) for split in loaded.values()) == 40 + 8
    assert set(loaded["train"]["origin"]) == {"mention_replacement", "source"}


def test_tokens_and_tags_are_those_of_the_spans(tmp_path: Path):
    run(make_recipe(tmp_path, export={"task": "token-classification"}), tmp_path / "out")
    for split in datasets.load_from_disk(tmp_path / "out" / "dataset").values():
        names = split.features["ner_tags"].feature.names
        for row in split:
            assert "".join(row["tokens"]) == re.sub(r"\s", "", row["text"])
            begins = [names[tag][2:] for tag in row["ner_tags"] if names[tag].startswith("B-")]
            assert begins == [span["label"] for span in row["spans"]]


def test_labels_and_classes_that_came_to_nothing_are_still_in_the_features(tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=True)
    generator = [{"use": "mention_replacement", "policy": {"GPE": "skip"}}]
    recipe = make_recipe(tmp_path, generator=generator, count=5, export={"task": "token-classification"})
    summary = run(recipe, tmp_path / "out")
    assert {label: each.made > 0 for label, each in summary.labels.items()} == {"GPE": False, "PERSON": True}
    features = datasets.load_from_disk(tmp_path / "out" / "dataset")["train"].features
    assert features["ner_tags"].feature.names == ["O", "B-GPE", "I-GPE", "B-PERSON", "I-PERSON"]
    assert features["label"].names == ["meet", "move", "win"]


def test_no_parent_stands_on_both_sides(tmp_path: Path):
    generators = [{"use": "mention_replacement"}, {"use": "template_fill"}]
    summary = run(make_recipe(tmp_path, count=60, generator=generators, export=SPLITS), tmp_path / "out")
    check_splits(tmp_path / "out")
    assert set(summary.splits) == {"train", "validation", "test"}
    templates = {template.fingerprint() for template in Resources.read(tmp_path / "out" / "extracted").templates}
    assert {example.parent for example in all_examples(tmp_path / "out")} <= templates


def test_a_text_that_stands_twice_with_different_mentions_is_on_one_side(tmp_path: Path):
    people, places = (Example(f"{name} is away.", (Span(0, len(name), "NAME"),)) for name in ("Ann", "Bea"))
    rows = [
        Example(f"Ann saw {town}.", spans)
        for town in ("Ely", "Ulm", "Ayr", "Nice", "Bath", "Oslo", "Rome", "Bern", "Linz", "Graz")
        for spans in ((), (Span(0, 3, "PERSON"),), (Span(8, 8 + len(town), "PLACE"),), (Span(0, 3, "NAME"),))
    ]
    source = Corpus.from_examples([people, places, *rows])
    formats.write(source, tmp_path / "source.jsonl")
    generators = [{"use": "mention_replacement"}]
    options = {"source": {"path": str(tmp_path / "source.jsonl")}, "generator": generators, "filter": []}
    run(make_recipe(tmp_path, count=60, export={"validation": 0.3, "test": 0.3}, **options), tmp_path / "out")
    check_splits(tmp_path / "out")


def test_what_was_made_from_nothing_is_divided_too(tmp_path: Path):
    with installed(write_package(tmp_path / "package")):
        generator = [{"use": "numbers", "limit": 5000}]
        recipe = make_recipe(tmp_path, count=3000, generator=generator, filter=[], export=SPLITS | {"source": False})
        summary = run(recipe, tmp_path / "out")
    assert summary.splits.keys() == {"train", "validation", "test"}
    assert 200 < summary.splits["validation"].made <= 300
    assert 200 < summary.splits["test"].made <= 300
    loaded = datasets.load_from_disk(tmp_path / "out" / "dataset")
    texts = {name: set(split["text"]) for name, split in loaded.items()}
    assert len(set.union(*texts.values())) < 3000
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["validation"]
    assert not texts["validation"] & texts["test"]


def test_the_parent_of_what_came_from_nothing_is_its_text():
    corpus = Corpus.from_examples([Example("a", parent="p"), Example("b"), Example("b"), Example("c")])
    first, second, third, fourth = parents_of(corpus).to_pylist()
    assert first == "p"
    assert second == third != fourth


@pytest.mark.parametrize(
    ("validation", "test", "names"), [(0, 0, ["train"]), (0.3, 0, ["train", "validation"]), (0, 0.2, ["train", "test"])]
)
def test_a_split_nobody_asked_for_is_not_there(validation: float, test: float, names: list[str], tmp_path: Path):
    recipe = make_recipe(tmp_path, export={"validation": validation, "test": test, "formats": ["jsonl"]})
    summary = run(recipe, tmp_path / "out")
    assert list(datasets.load_from_disk(tmp_path / "out" / "dataset")) == list(summary.splits) == names
    assert sorted(path.stem for path in (tmp_path / "out" / "exports").glob("*.jsonl")) == sorted(names)


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 50), min_size=1, max_size=40),
    st.floats(0, 0.4),
    st.floats(0, 0.4),
    st.integers(0, 10),
)
def test_splits_take_no_more_than_their_share(counts: dict[str, int], validation: float, test: float, seed: int):
    sides = assign_parents(counts, validation, test, child_rng(seed, "split"))
    assert sides.keys() == counts.keys()
    total = sum(counts.values())
    for name, share in {"validation": validation, "test": test}.items():
        inside = [counts[parent] for parent, side in sides.items() if side == name]
        assert sum(inside) <= share * total or len(inside) == 1
        assert inside or share == 0 or len(counts) < 3
    assert "train" in sides.values()
    assert sides == assign_parents(dict(reversed(counts.items())), validation, test, child_rng(seed, "split"))


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet", "spacy", "datasets", "prodigy", "doccano", "label_studio"])
def test_every_split_is_exported_in_every_format_that_carries_all(name: str, tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=True)
    run(make_recipe(tmp_path, export=SPLITS | {"formats": [name]}), tmp_path / "out")
    for split in ("train", "validation", "test"):
        (path,) = (tmp_path / "out" / "exports").glob(f"{split}.*")
        assert formats.read(path) == formats.read(tmp_path / "out" / "dataset", options={"split": split})


def test_formats_are_exported_with_options_to_where_the_recipe_says(tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=True)
    files = [
        {"format": "conll", "scheme": "bilou", "path": "bilou/{split}.conll.gz", "drop": ["label"]},
        {"format": "spacy", "language": "de"},
        {"format": "jsonl", "text": "body", "path": "{split}.body.jsonl"},
        {"format": "doccano", "offsets": "characters"},
        {"format": "brat", "path": "brat/{split}", "drop": ["label"]},
    ]
    summary = run(make_recipe(tmp_path, export=SPLITS | {"formats": ["jsonl"], "files": files}), tmp_path / "out")
    exports = tmp_path / "out" / "exports"
    wanted = formats.read(exports / "train.jsonl")
    assert "L-" in gzip.decompress((exports / "bilou" / "train.conll.gz").read_bytes()).decode()
    assert formats.read(exports / "bilou" / "train.conll.gz").texts.to_pylist() == wanted.texts.to_pylist()
    assert formats.read(exports / "train.spacy") == wanted
    assert formats.read(exports / "train.body.jsonl", options={"text": "body"}) == wanted
    assert formats.read(exports / "brat" / "train").labels == wanted.labels
    assert summary.left_out["bilou/{split}.conll.gz"]["label"] == summary.left_out["brat/{split}"]["label"] == 48
    assert summary.left_out["spacy"] == {}
    again = run(recipes.load(tmp_path / "out" / "recipe.toml"), tmp_path / "again")
    assert again.left_out == summary.left_out
    assert (
        tree(tmp_path / "again")["exports/bilou/test.conll.gz"] == tree(tmp_path / "out")["exports/bilou/test.conll.gz"]
    )


@pytest.mark.parametrize("task", [None, "token-classification"])
def test_the_parent_of_each_example_is_exported_if_asked_for(task: str | None, tmp_path: Path):
    options = SPLITS | {"parent": True, "formats": ["jsonl"]} | ({"task": task} if task else {})
    run(make_recipe(tmp_path, export=options), tmp_path / "out")
    splits = datasets.load_from_disk(str(tmp_path / "out" / "dataset"))
    parents = {name: set(split["parent"]) for name, split in splits.items()}
    assert all(all(each) for each in parents.values())
    assert not parents["train"] & parents["test"]
    assert splits["test"]["parent"] == [
        each.parent for each in formats.read(tmp_path / "out" / "exports" / "test.jsonl")
    ]
    assert "* `parent`: " in (tmp_path / "out" / "dataset" / "README.md").read_text()


@pytest.mark.parametrize("name", ["conll", "brat"])
def test_a_format_without_classes_is_refused_unless_they_may_be_dropped(name: str, tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=True)
    with pytest.raises(CarryError, match=f"the format '{name}' cannot carry class labels, which"):
        run(make_recipe(tmp_path, export=SPLITS | {"formats": ["jsonl", name]}), tmp_path / "out")
    assert not (tmp_path / "out" / "exports").exists()
    options = SPLITS | {"formats": ["jsonl", name], "drop": ["label"]}
    summary = run(make_recipe(tmp_path, export=options), tmp_path / "out")
    assert summary.left_out["jsonl"] == {}
    assert summary.left_out[name]["label"] == 48
    for split in ("train", "validation", "test"):
        carried = formats.read(tmp_path / "out" / "exports" / f"{split}.{name}", name)
        full = formats.read(tmp_path / "out" / "exports" / f"{split}.jsonl")
        assert sorted(carried.spans.labels.to_pylist()) == sorted(full.spans.labels.to_pylist())
        assert carried.classes == ()


def test_snips_keeps_spans_and_classes_through_everything(public_or_twin: Path, is_twin: bool, tmp_path: Path):
    path = public_or_twin / "snips" / "train.jsonl"
    source, count = formats.read(path), 300 if is_twin else 2000
    exports = ["jsonl", "csv", "parquet", "spacy", "prodigy", "doccano", "label_studio"]
    recipe = recipes.load(
        write_recipe(
            tmp_path / "recipe.toml",
            count=count,
            source={"path": str(path)},
            generator=[{"use": "mention_replacement"}, {"use": "template_fill"}],
            export=SPLITS | {"formats": exports, "task": "token-classification"},
        )
    )
    summary = run(recipe, tmp_path / "out")
    assert summary.state == "complete"
    corpus = delivered(tmp_path / "out")
    assert len(corpus) == count + len(source)
    assert set(corpus.labels) <= set(source.labels)
    assert corpus.classes == source.classes
    assert None not in corpus.table.column("label").to_pylist()
    known = {template.to_text(): template.label for template in Resources.of(source).templates}
    assert len(known) > (60 if is_twin else 1000)
    for split in ("train", "validation", "test"):
        wanted = formats.read(tmp_path / "out" / "dataset", options={"split": split})
        for name in exports:
            (exported,) = (tmp_path / "out" / "exports").glob(f"{split}.{formats_suffix(name)}")
            assert formats.read(exported) == wanted, (name, split)
    check_splits(tmp_path / "out")


def formats_suffix(name: str) -> str:
    return {"prodigy": "prodigy.jsonl", "doccano": "doccano.jsonl", "label_studio": "label_studio.json"}.get(name, name)


@pytest.fixture(scope="module")
def wnut_count(is_twin: bool) -> int:
    """How many examples are made of WNUT-17, or of its twin."""
    return 2000 if is_twin else 10_000


@pytest.fixture(scope="module")
def wnut(public_or_twin: Path, wnut_count: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of a recipe like augment_ner on WNUT-17 or its twin, with its source beside it."""
    folder = tmp_path_factory.mktemp("wnut")
    path = write_recipe(
        folder / "recipe.toml",
        seed=7,
        count=wnut_count,
        source={"path": str(public_or_twin / "wnut17" / "train.conll")},
        generator=[{"use": "mention_replacement"}, {"use": "template_fill"}],
        export=SPLITS | {"task": "token-classification", "formats": ["conll", "spacy"]},
    )
    outcome = call("run", path, "--out", folder / "out", "--json")
    assert (outcome.code, outcome.json["delivered"]) == (0, wnut_count)
    return folder


def inflections(mention: str) -> set[str]:
    """The mention, and what may be its singular or plural."""
    return {mention, f"{mention}s", f"{mention}es", mention.removesuffix("s"), mention.removesuffix("es")}


def test_wnut_gives_thousands_of_exact_and_different_examples(wnut: Path, wnut_count: int, public_or_twin: Path):
    source = formats.read(public_or_twin / "wnut17" / "train.conll")
    corpus = delivered(wnut / "out")
    real = corpus.table.column("origin").to_numpy() == "source"
    assert sorted(corpus.mask(real).texts.to_pylist()) == sorted(source.texts.to_pylist())
    corpus = corpus.mask(~real)
    texts = corpus.texts.to_pylist()
    assert len(texts) == len({" ".join(text.lower().split()) for text in texts}) == wnut_count
    assert not set(texts) & set(source.texts.to_pylist())
    assert set(corpus.labels) <= set(source.labels)
    # A mention that begins a sentence has a capital there, and its small letter inside one; nouns follow the number.
    gazetteer = Resources.of(source).gazetteer.mentions
    mentions = {label: {mention.casefold() for mention in each} for label, each in gazetteer.items()}
    for example in corpus:
        for span, mention in zip(example.spans, example.mentions(), strict=True):
            name = mention.casefold()
            others = zip(example.spans, example.mentions(), strict=True)
            wholes = [other.casefold().split() for each, other in others if each.label == span.label]
            known = not mentions[span.label].isdisjoint(inflections(name))
            # Somebody who is named in full and by one name in the source's sentence is so in what is made of it.
            assert known or any(name in whole for whole in wholes if whole != [name]), (example.text, mention)
    check_splits(wnut / "out")


@pytest.mark.slow
def test_wnut_gives_the_same_bytes_with_two_processes(wnut: Path):
    assert call("run", wnut / "recipe.toml", "--out", wnut / "two", "--workers", 2, "--quiet").code == 0
    assert tree(wnut / "out") == tree(wnut / "two")


def spacy(*arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "spacy", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def config(tmp_path: Path) -> Path:
    spacy("init", "config", tmp_path / "config.cfg", "--lang", "en", "--pipeline", "ner")
    return tmp_path / "config.cfg"


def examined(config: Path, train: Path, dev: Path) -> str:
    told = spacy("debug", "data", config, "--paths.train", train, "--paths.dev", dev)
    assert "6 label(s)" in told
    assert "No entities consisting of or starting/ending with whitespace" in told
    assert "✘" not in told
    return told


@pytest.mark.slow
def test_what_wnut_gives_passes_spacys_own_examination(wnut: Path, is_twin: bool, config: Path):
    exports = wnut / "out" / "exports"
    train = exports / ("train.spacy" if is_twin else "test.spacy")  # The twin's test split lacks one of the labels.
    docs = len(formats.read(train))
    assert is_twin or 1000 < docs < 1400
    assert f"{docs} training docs" in examined(config, train, exports / "validation.spacy")


@pytest.mark.slow
def test_what_wnut_gives_trains_spacy(wnut: Path, config: Path):
    exports = wnut / "out" / "exports"
    examined(config, exports / "train.spacy", exports / "validation.spacy")
    paths = ["--paths.train", exports / "train.spacy", "--paths.dev", exports / "validation.spacy"]
    steps = ["--training.max_steps", "6", "--training.eval_frequency", "3", "--output", config.parent / "model"]
    assert "Saved pipeline" in spacy("train", config, *paths, *steps)
