"""chain through a recipe: nested operations, what each of them stores, and errors that say in which of them."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edited import corpus_of, marked, mentions

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.edits.chain import Chain
from textsynth.generators.edits.keyboard_slip import KeyboardSlip
from textsynth.generators.edits.mention_masking import MentionMasking
from textsynth.generators.edits.sometimes import Sometimes
from textsynth.generators.edits.word_swap import WordSwap
from textsynth.recipes import recipe as recipes
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.resolved import resolve

NESTED = """
[[generator]]
use = "chain"
steps = [
    { use = "choice", steps = [
        { use = "word_deletion", rate = 0.01, weight = 3 },
        { use = "chain", steps = [{ use = "casing", scope = "text", styles = ["upper"] }] },
    ] },
    { use = "sometimes", chance = 0.5, step = { use = "mention_casing", styles = ["lower"] } },
]
"""


def parse(toml: str) -> Recipe:
    return recipes.parse({"count": 5, "source": "a.jsonl", **tomllib.loads(toml)}, Path(), "run.toml")


def sample(chain: Any, source: Corpus, folder: Path, copies: int) -> list[str]:
    """Returns copies of the first example, marked."""
    chain.fit(Resources.of(source), folder, child_rng(1))
    made = chain.maker(Tokenised.of(source), folder)(np.zeros(copies, np.int64), child_rng(2))
    assert Corpus(made.table) == made
    return [marked(each) for each in made]


def test_by_hand(tmp_path: Path):
    """Each of the two deletes one of the three words."""
    chain = Chain(steps=({"use": "word_deletion"}, {"use": "word_deletion"}))
    assert set(sample(chain, corpus_of("one two [three](N) four"), tmp_path, 100)) == {
        "one [three](N)",
        "two [three](N)",
        "[three](N) four",
    }


def test_nested_operations_of_a_recipe(tmp_path: Path):
    chain = parse(NESTED).steps[0].generator
    found = Counter(sample(chain, corpus_of("see [Ada](P) now"), tmp_path, 4000))
    assert set(found) == {
        *("[Ada](P) now", "see [Ada](P)", "SEE [Ada](P) NOW"),
        *("[ada](P) now", "see [ada](P)", "SEE [ada](P) NOW"),
    }
    assert (found["SEE [Ada](P) NOW"] + found["SEE [ada](P) NOW"]) / 4000 == pytest.approx(0.25, abs=0.03)
    assert sum(count for text, count in found.items() if "ada" in text) / 4000 == pytest.approx(0.5, abs=0.03)


def test_a_resolved_recipe_reads_back_as_it_was():
    recipe = parse(NESTED)
    assert recipes.parse(resolve(recipe).content, Path(), "run.toml").steps == recipe.steps


def test_each_operation_finds_what_it_has_stored(tmp_path: Path):
    """Both replace mentions, of a label each, out of the gazetteer that each has stored."""
    source = corpus_of("[Ada](P) in [Rome](C)", "[Bo](P) in [Oslo](C)")
    steps = ({"use": "word_swap", "policy": {"P": "replace"}}, {"use": "word_swap", "policy": {"C": "replace"}})
    assert set(sample(Chain(steps=steps), source, tmp_path, 20)) == {"[Bo](P) in [Oslo](C)"}


def test_copies_of_a_chain_differ_and_protect_what_each_step_protects(tmp_path: Path):
    source = corpus_of(*(f"not {number} words in [id] for [Ada {number}](P) or nobody else" for number in range(20)))
    chain = Chain(
        steps=(
            {"use": "word_deletion", "rate": 0.2, "protect": ["not"]},
            {"use": "keyboard_slip", "rate": 0.2, "protect": ["not"]},
        )
    )
    chain.fit(Resources.of(source), tmp_path, child_rng(1))
    draft = chain.sampler(tmp_path).copies(np.repeat(np.arange(20), 8), child_rng(2))
    assert draft.reasons == ()
    assert len(set(draft.corpus.texts.to_pylist())) == 160
    for row, example in enumerate(draft.corpus):
        assert mentions(example) == mentions(source[row // 8])
        assert example.text.startswith("not ")
        assert "[id]" in example.text


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            '{ use = "word_deletion" }, { use = "choice", steps = [{ use = "word_swap" }, { use = "casings" }] }',
            "option 'steps', number 2, 'choice': option 'steps', number 2: "
            "there is no generator 'casings'; did you mean 'casing'?",
        ),
        (
            '{ use = "sometimes", step = { use = "word_deletion", rates = 0.5 } }',
            "option 'steps', number 1, 'sometimes': option 'step', number 1, 'word_deletion': "
            "there is no option 'rates'; did you mean 'rate'?",
        ),
        (
            '{ use = "sometimes", chance = 2 }',
            "option 'steps', number 1, 'sometimes': option 'chance' must be at most 1, was: 2",
        ),
        (
            '{ use = "choice", steps = [{ use = "word_swap", weight = 0 }] }',
            "option 'steps', number 1, 'choice': option 'steps': weight must be a number greater than 0, was: 0",
        ),
        ('"word_swap"', "option 'steps'"),
    ],
)
def test_errors_say_where_in_the_nest(steps: str, message: str):
    with pytest.raises(TextsynthError) as caught:
        parse(f'[[generator]]\nuse = "chain"\nsteps = [{steps}]')
    assert str(caught.value).startswith(f"run.toml: generator 'chain': {message}")
    assert "\n" not in str(caught.value)


def test_operations_that_a_program_has_built_are_as_good_as_tables():
    built = Chain(steps=(WordSwap(rate=0.3), Sometimes(step=KeyboardSlip(), chance=0.2)))  # type: ignore[arg-type]
    tables = ({"use": "word_swap", "rate": 0.3}, {"use": "sometimes", "chance": 0.2, "step": {"use": "keyboard_slip"}})
    text = "The quick brown fox jumps over the lazy dog."
    assert built(text, seed=3) == Chain(steps=tables)(text, seed=3) != text
    assert built.steps[0]["use"] == "word_swap"


def test_an_operation_edits_one_text_or_example():
    text, ada = "Ada met Bo in Rome.", Example("Ada met Bo in Rome.", (Span(0, 3, "PERSON"),), "news")
    copies = {WordSwap()(text, seed=seed) for seed in range(5)}
    assert len(copies) > 1
    assert all(sorted(copy) == sorted(text) for copy in copies)
    copy = WordSwap()(ada)
    assert copy.text[slice(copy.spans[0].start, copy.spans[0].end)] == "Ada"
    assert (copy.label, WordSwap()(ada)) == ("news", copy)
    assert MentionMasking()(ada).text == "[PERSON] met Bo in Rome."
    assert MentionMasking()(text) == text
