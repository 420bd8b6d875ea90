from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

import pytest
from workbench import ROOT, installed, write_package

from textsynth.components import registry
from textsynth.components.versions import read_versions
from textsynth.foundation.distribution import VERSION
from textsynth.recipes import recipe

ALWAYS = {"numpy", "pyarrow", "datasets"}
NETWORKS = {"torch", "transformers", "tokenizers", "accelerate", "safetensors"}


def test_python_and_what_is_used_and_installed():
    found = read_versions(["rich", "no-such-package"])
    assert found == {"python": platform.python_version(), "textsynth": VERSION} | {
        name: importlib.metadata.version(name) for name in (*ALWAYS, "rich")
    }


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("classify", set()),
        ("quickstart", {"regex", "sentencex", "spacy"}),
        ("augment_ner", {"faker", "mimesis", "python-crfsuite", "spacy"}),
        ("edits", set()),
        ("pii", {"faker"}),
        ("vae", NETWORKS),
        ("few_shot_intents", {"jinja2", "openai"}),
    ],
)
def test_a_recipe_tells_what_it_uses_and_no_more(name: str, used: set[str]):
    assert recipe.load(ROOT / "recipes" / f"{name}.toml").libraries() == used


def test_options_decide_what_is_used():
    model = registry.look_up("generator", "language_model")
    assert model(privacy={"epsilon": 8}).libraries() == {*NETWORKS, "opacus"}
    chain = registry.look_up("generator", "chain")
    steps = ({"use": "counterfactual_names"}, {"use": "sometimes", "step": {"use": "masked_lm"}})
    assert chain(steps=steps).libraries() >= {"faker", "torch"}
    causal = registry.look_up("generator", "causal_lm")
    assert causal().libraries() == {*NETWORKS, "peft"}
    assert causal(tuning={"method": "full"}).libraries() == NETWORKS


def test_packages_that_bring_a_component_which_is_used(tmp_path: Path):
    with installed(write_package(tmp_path)):
        numbers = registry.look_up("generator", "numbers")()
        divisible = registry.look_up("filter", "divisible")()
        own = registry.look_up("filter", "duplicate")()
        assert read_versions([], [numbers, divisible, own]) == read_versions() | {"numbers-of-ours": "1.0"}
        assert read_versions([], [own]) == read_versions()
