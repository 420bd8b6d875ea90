from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from workbench import make_recipe, write_recipe, write_source

from textsynth.components.learned import Guarantee, Learned
from textsynth.delivery.card import card, size_category
from textsynth.errors import OptionError
from textsynth.huggingface.dataset import dataset_columns
from textsynth.production.summary import SourceCounts, Summary, Tally
from textsynth.recipes import recipe as recipes
from textsynth.recipes.resolved import resolve
from textsynth.runs.run import run


def loaded(text: str, folder: Path) -> huggingface_hub.DatasetCard:
    (folder / "README.md").write_text(text)
    return huggingface_hub.DatasetCard.load(folder / "README.md")


def test_says_what_the_corpus_is_and_how_it_was_made(tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=True)
    (tmp_path / "places.txt").write_text("Rome\nParis\nBern\n")
    source = {"path": "source.jsonl", "licence": "CC-BY-4.0"}
    generators = [
        {"use": "mention_replacement"},
        {"use": "template_fill", "values": {"GPE": f"words:{tmp_path}/places.txt", "PERSON": ["/Ada", "Bo"]}},
    ]
    recipe = make_recipe(tmp_path, source=source, generator=generators, export={"task": "token-classification"})
    summary = run(recipe, tmp_path / "out")
    made = huggingface_hub.DatasetCard.load(tmp_path / "out" / "dataset" / "README.md")
    assert made.content.startswith(f"---\n{made.data.to_yaml()}\n---\n\n")
    about = made.data.to_dict()
    assert about["license"] == "cc-by-4.0"
    assert about["task_categories"] == ["token-classification", "text-classification"]
    assert about["task_ids"] == ["named-entity-recognition"]
    assert about["size_categories"] == ["n<1K"]
    assert about["annotations_creators"] == about["language_creators"] == ["found", "machine-generated"]
    assert about["language"] == ["en"]
    assert about["textsynth"] == {"seed": 3, "labels": ["GPE", "PERSON"], "versions": summary.versions}
    features = {feature["name"]: feature for feature in about["dataset_info"]["features"]}
    assert list(features) == ["text", "spans", "label", "origin", "tokens", "ner_tags"]
    assert features["label"]["dtype"] == {"class_label": {"names": {"0": "meet", "1": "move", "2": "win"}}}
    assert list(features["ner_tags"]["list"]["class_label"]["names"].values()) == [
        "O",
        "B-GPE",
        "I-GPE",
        "B-PERSON",
        "I-PERSON",
    ]
    assert "configs" not in about
    for piece in (
        "48 examples: 8 of the source, 40 synthetic, made by textsynth 0.1.0",
        "Source: `source.jsonl` (8 examples); its licence: CC-BY-4.0",
        "Seed: 3.",
        "There is one split: nothing was held out",
        "| train | 8 | 40 |",
        f"| PERSON | {summary.labels['PERSON'].source} | {summary.labels['PERSON'].made} |",
        f"| win | {summary.classes['win'].source} | {summary.classes['win'].made} |",
        f"| mention_replacement | {summary.steps['mention_replacement'].made} | 20 |",
        f"python {summary.versions['python']}, textsynth 0.1.0, numpy ",
    ):
        assert piece in made.text
    shown = tomllib.loads(made.text.partition("```toml\n")[2].partition("```")[0])
    assert shown["source"]["path"] == "source.jsonl"
    assert shown["generator"][1]["values"]["GPE"] == "words:places.txt"


def described(tmp_path: Path, **content: Any) -> tuple[dict[str, Any], str]:
    """The header and the text of the card of a run."""
    run(make_recipe(tmp_path, **content), tmp_path / "out")
    made = huggingface_hub.DatasetCard.load(tmp_path / "out" / "dataset" / "README.md")
    return made.data.to_dict(), made.text


def test_says_what_is_held_out(tmp_path: Path):
    about, text = described(tmp_path, source={"path": "source.jsonl", "heldout": 0.3})
    assert about["size_categories"] == ["n<1K"]
    assert "48 examples: 6 of the source, 2 held out, 40 synthetic, made by" in text
    assert "(6 examples, 2 more held out)" in text
    assert "* `test`: real text that was put aside before anything was learnt" in text
    assert "| train | 6 | 40 | 0 |\n| test | 0 | 0 | 2 |" in text
    assert "mean little" not in text
    assert "`heldout` if it was held out" in text


def test_says_that_scores_on_what_was_made_mean_little(tmp_path: Path):
    _, text = described(tmp_path, export={"validation": 0.2})
    assert "Scores on `validation` mean little" in text


def test_says_that_the_source_is_left_out(tmp_path: Path):
    about, text = described(tmp_path, export={"source": False})
    assert about["annotations_creators"] == about["language_creators"] == ["machine-generated"]
    assert "40 synthetic examples, made by" in text
    assert "* The source is not among the examples: the recipe leaves it out." in text
    assert "`source` if" not in text


def test_tells_the_versions_of_what_was_used(tmp_path: Path):
    about, text = described(tmp_path)
    assert list(about["textsynth"]["versions"]) == ["python", "textsynth", "numpy", "pyarrow", "datasets"]
    assert "torch" not in text


def test_takes_the_language_from_the_recipe(tmp_path: Path):
    assert described(tmp_path, labeler=[{"use": "gold"}], label={"language": "cy"})[0]["language"] == ["cy"]


def test_takes_the_language_from_the_export_of_a_recipe_without_labelers(tmp_path: Path):
    assert described(tmp_path, export={"language": "gd"})[0]["language"] == ["gd"]
    with pytest.raises(OptionError, match=r"option 'language' must be of the form \^\[a-z\]\{2,3\}\$, was: 'Gaelic'"):
        make_recipe(tmp_path, export={"language": "Gaelic"})


def test_tells_nothing_of_this_machine(tmp_path: Path):
    folder = tmp_path / "secret-client"
    write_source(folder / "source.jsonl")
    for name in ("templates.txt", "gazetteer.tsv", "cities.txt"):
        (folder / "lists" / name).parent.mkdir(exist_ok=True)
        (folder / "lists" / name).write_text("x")
    (folder / "models" / "mine").mkdir(parents=True)
    path = write_recipe(
        folder / "recipe.toml",
        extract={"templates": "lists/templates.txt", "gazetteer": "lists/gazetteer.tsv"},
        labeler=[{"use": "spacy", "model": "models/mine"}],
        generator=[
            {"use": "template_fill", "templates": "lists/templates.txt", "values": {"X": "words:lists/cities.txt"}}
        ],
    )
    recipe = recipes.load(path)
    summary = Summary(source=SourceCounts("source.jsonl", 1), versions={"textsynth": "0"})
    text = card(resolve(recipe), summary, dataset_columns([], []), hub=True)
    assert "secret-client" not in text
    assert str(tmp_path) not in text
    for name in ("templates.txt", "gazetteer.tsv", "words:cities.txt", "mine"):
        assert f'"{name}"' in text


def test_states_a_guarantee_of_privacy_and_what_it_does_not_cover(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    learned = {
        "vae": Learned({"epochs": 23}, Guarantee(3.1, 1e-05)),
        "gan-2": Learned({}, Guarantee(8, 0.001)),
        "other": Learned({"kl": 6.4, "epsilon": 1.0}),
    }
    source = SourceCounts("source.jsonl", 1)
    summary = Summary(source=source, versions={"textsynth": "0"}, learned=learned)
    text = card(resolve(recipe), summary, dataset_columns([], []), hub=False)
    rest = "-differential privacy; vocabulary, classes, slot fillers come from the source as they are."
    assert [line for line in text.splitlines() if "privacy" in line] == [
        f"* The weights of `vae` were trained with (ε = 3.1, δ = 1e-05){rest}",
        f"* The weights of `gan-2` were trained with (ε = 8, δ = 0.001){rest}",
    ]
    assert "privacy" not in card(resolve(recipe), replace(summary, learned={}), dataset_columns([], []), hub=False)


def test_does_not_tell_what_was_dropped_beside_private_training(tmp_path: Path):
    source = SourceCounts("source.jsonl", 1)
    summary = Summary(source=source, versions={"textsynth": "0"}, dropped={"duplicate of the source": 3})
    recipe = make_recipe(tmp_path)
    assert "duplicate of the source" in card(resolve(recipe), summary, dataset_columns([], []), hub=False)
    private = replace(summary, learned={"vae": Learned(guarantee=Guarantee(3.1, 1e-05))})
    assert "duplicate of the source" not in card(resolve(recipe), private, dataset_columns([], []), hub=False)


def test_keeps_the_seed_of_private_training_secret(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    source = SourceCounts("source.jsonl", 1)
    summary = Summary(source=source, versions={"textsynth": "0"}, seed=recipe.production.seed)
    open_card = card(resolve(recipe), summary, dataset_columns([], []), hub=False)
    private = replace(summary, learned={"vae": Learned(guarantee=Guarantee(3.1, 1e-05))})
    assert [line for line in open_card.splitlines() if "seed" in line.lower()]
    assert [
        line
        for line in card(resolve(recipe), private, dataset_columns([], []), hub=False).splitlines()
        if "seed" in line
    ] == [
        "* The seed is not told here: whoever has it can take the noise of private training away.",
    ]


@pytest.mark.parametrize(
    ("licence", "header"),
    [
        ("unknown", {"license": "unknown"}),
        ("CC0-1.0", {"license": "cc0-1.0"}),
        ("CC BY 4.0", {"license": "cc-by-4.0"}),
        ("ours, ask Zoë", {"license": "other", "license_name": "ours-ask-zo"}),
        ("https://example.org/licence", {"license": "other", "license_name": "https-example.org-licence"}),
        ("", {"license": "other", "license_name": "other"}),
    ],
)
def test_a_licence_the_hub_does_not_know_is_named_as_another(licence: str, header: dict[str, str], tmp_path: Path):
    recipe = make_recipe(tmp_path, source={"path": "source.jsonl", "licence": licence})
    summary = Summary(source=SourceCounts("source.jsonl", 1), versions={"textsynth": "0"})
    text = card(resolve(recipe), summary, dataset_columns([], []), hub=False)
    data = loaded(text, tmp_path).data.to_dict()
    assert {name: value for name, value in data.items() if name.startswith("license")} == header
    assert f"its licence: {licence}." in text


def test_hostile_names_stay_in_their_cells(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    names = {each: Tally(made=count) for count, each in enumerate(("a\nb", "c: d", "- e", "'", "x | y"), 1)}
    source = SourceCounts("s\nource.jsonl", 1)
    summary = Summary(
        labels=names, classes=names, splits={"train": Tally(made=5)}, source=source, versions={"textsynth": "0"}
    )
    made = loaded(
        card(resolve(recipe), summary, dataset_columns(list(names), list(names), "token-classification"), hub=True),
        tmp_path,
    )
    assert made.data.to_dict()["textsynth"]["labels"] == list(names)
    assert made.data.to_dict()["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]
    rows = [line for line in made.text.splitlines() if line.startswith("|")]
    assert r"| x \| y | 5 |" in rows
    assert "| a b | 1 |" in rows


@pytest.mark.parametrize(
    ("count", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**6, "1M<n<10M"), (10**7, "n>10M")],
)
def test_sizes_are_the_hubs(count: int, name: str):
    assert size_category(count) == name
