"""A step that makes nothing says why, and what helps; what no filter could keep is refused before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edited import corpus_of

from textsynth import formats
from textsynth.errors import OptionError
from textsynth.production.summary import shortfall
from textsynth.recipes.recipe import Recipe, parse
from textsynth.runs.run import run

IN_MENTIONS = 'all that it could change is in mentions, which are kept; policy = { "*" = "edit" } edits them'
NOTHING = "no text of the source has anything that it changes"
SOURCE = corpus_of("the cat saw [Zoë](PERSON) in [Kraków](CITY)", "a dog met [José](PERSON) in [Łódź](CITY)")


def recipe(folder: Path, generator: dict[str, Any], **content: Any) -> Recipe:
    formats.write(SOURCE, folder / "source.jsonl")
    amount = {} if "copies" in content else {"count": 4}
    return parse({"seed": 1, "source": "source.jsonl", "generator": [generator], **amount, **content}, folder, "recipe")


@pytest.mark.parametrize(
    ("generator", "why"),
    [
        ({"use": "accent_removal"}, IN_MENTIONS),
        ({"use": "accent_removal", "policy": {"*": "edit"}, "protect": ["zoë", "kraków", "josé", "łódź"]}, "protected"),
        ({"use": "number_words"}, NOTHING),
        (
            {"use": "chain", "steps": [{"use": "number_words"}, {"use": "accent_removal"}]},
            f"number_words: {NOTHING}; accent_removal: {IN_MENTIONS}",
        ),
        ({"use": "sometimes", "step": {"use": "accent_removal"}}, IN_MENTIONS),
        ({"use": "synonym_replacement", "source": "neighbours"}, "give a 'thesaurus', or install WordNet"),
    ],
)
@pytest.mark.parametrize("amount", [{}, {"copies": 2}])
def test_it_says_why(tmp_path: Path, generator: dict[str, Any], why: str, amount: dict[str, int]):
    summary = run(recipe(tmp_path, generator, **amount), tmp_path / "out")
    assert summary.delivered == 0
    assert why in shortfall(summary)


def test_what_a_filter_dropped_is_not_explained_by_the_step(tmp_path: Path):
    wordings = {"use": "duplicate", "compare": "wording", "ignore": []}
    summary = run(recipe(tmp_path, {"use": "mention_casing"}, filter=[wordings]), tmp_path / "out")
    assert summary.delivered == 0
    assert "dropped as wording of the source" in shortfall(summary)
    assert "it could change" not in shortfall(summary)


@pytest.mark.parametrize(
    "generator",
    [
        {"use": "casing"},
        {"use": "mention_casing"},
        {"use": "white_space", "kinds": ["double", "tab"]},
        {"use": "chain", "steps": [{"use": "casing"}, {"use": "white_space", "kinds": ["nbsp"]}]},
        {"use": "sometimes", "step": {"use": "casing"}},
    ],
)
def test_what_is_all_duplicates_is_refused(tmp_path: Path, generator: dict[str, Any]):
    with pytest.raises(OptionError, match="must leave out what all that it makes differs in") as caught:
        recipe(tmp_path, generator, filter=[{"use": "duplicate"}])
    assert str(caught.value).startswith(f"recipe: filter 'duplicate', for the generator '{generator['use']}': option")


def test_other_mentions_in_wordings_that_the_source_has_are_refused(tmp_path: Path):
    with pytest.raises(OptionError) as caught:
        recipe(tmp_path, {"use": "mention_replacement"}, filter=[{"use": "duplicate", "compare": "wording"}])
    assert str(caught.value) == (
        "recipe: filter 'duplicate', for the generator 'mention_replacement': option 'compare' must be \"text\" beside "
        'a generator that changes mentions alone, was "wording", which the source has of all of them; '
        "or against_source = false, which keeps one example of each"
    )


@pytest.mark.parametrize(
    ("generator", "options"),
    [
        ({"use": "mention_replacement"}, {}),
        ({"use": "mention_replacement"}, {"compare": "wording", "against_source": False}),
        ({"use": "template_fill"}, {"compare": "wording"}),
        ({"use": "casing"}, {"ignore": ["white_space"]}),
        ({"use": "casing"}, {"against_source": False}),
        ({"use": "casing", "policy": {"PERSON": "replace"}}, {}),
        ({"use": "white_space"}, {}),
        ({"use": "chain", "steps": [{"use": "casing"}, {"use": "word_swap"}]}, {}),
    ],
)
def test_what_may_be_no_duplicate_is_not(tmp_path: Path, generator: dict[str, Any], options: dict[str, Any]):
    recipe(tmp_path, generator, filter=[{"use": "duplicate", **options}])
