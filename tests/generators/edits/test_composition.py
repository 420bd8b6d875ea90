"""chain, choice and sometimes: operations put together, with exact spans and errors that say where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError, UnknownName
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.edits.chain import Chain
from textsynth.generators.edits.choice import Choice
from textsynth.generators.edits.sometimes import Sometimes
from textsynth.recipes import recipe as recipes

SLIPS = ({"use": "word_deletion", "rate": 0.2}, {"use": "keyboard_slip", "rate": 0.2})
TEXT = "one two three four five six seven eight nine ten"


def maker_of(operation, corpus: Corpus, folder: Path):
    operation.store(Resources.of(corpus), folder, child_rng(7, "store"))
    return operation.maker(Tokenised.of(corpus), folder)


def test_a_chain_applies_each_operation_to_what_the_one_before_made(tmp_path: Path):
    chain = Chain(
        steps=({"use": "casing", "scope": "text", "styles": ["upper"]}, {"use": "word_deletion", "rate": 0.3})
    )
    made = maker_of(chain, Corpus.from_columns(text=[TEXT]), tmp_path)(np.zeros(20, np.int64), child_rng(1, "a"))
    for text in made.texts.to_pylist():
        assert text == text.upper()
        assert len(text.split()) == 7


@given(corpora(min_size=1))
def test_a_chain_leaves_every_protected_mention_as_it_is(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus):
    folder = tmp_path_factory.mktemp("chain")
    rows = np.repeat(np.arange(len(corpus)), 3)
    made = maker_of(Chain(steps=SLIPS), corpus, folder)(rows, child_rng(1, "a"))
    for row, example in zip(rows, made, strict=True):
        assert example.mentions() == corpus[int(row)].mentions()
        assert [span.label for span in example.spans] == [span.label for span in corpus[int(row)].spans]


def test_a_choice_follows_the_weights(tmp_path: Path):
    steps = ({"use": "casing", "scope": "text", "styles": ["upper"], "weight": 3}, {"use": "word_deletion"})
    made = maker_of(Choice(steps=steps), Corpus.from_columns(text=[TEXT]), tmp_path)(
        np.zeros(4000, np.int64), child_rng(1, "a")
    )
    assert np.mean([text.isupper() for text in made.texts.to_pylist()]) == pytest.approx(0.75, abs=0.03)


def test_a_choice_takes_what_can_change_something(tmp_path: Path):
    steps = ({"use": "accent_removal", "weight": 9}, {"use": "word_deletion"})
    corpus = Corpus.from_columns(text=["a plain text", "un café"])
    made = maker_of(Choice(steps=steps), corpus, tmp_path)(np.array([0] * 50 + [1] * 50), child_rng(1, "a"))
    assert all(text != "a plain text" for text in made.texts.to_pylist()[:50])
    assert "un cafe" in made.texts.to_pylist()[50:]


def test_sometimes_leaves_the_others_as_they_are(tmp_path: Path):
    operation = Sometimes(chance=0.25, step={"use": "word_deletion"})
    made = maker_of(operation, Corpus.from_columns(text=[TEXT]), tmp_path)(np.zeros(4000, np.int64), child_rng(1, "a"))
    assert np.mean([text != TEXT for text in made.texts.to_pylist()]) == pytest.approx(0.25, abs=0.03)


def test_relative_files_of_nested_operations_are_taken_from_the_folder(tmp_path: Path):
    step = {"use": "synonym_replacement", "source": "thesaurus", "thesaurus": "words.tsv"}
    chain = Chain(steps=({"use": "choice", "steps": [{"use": "sometimes", "step": step}]},)).resolve_paths(tmp_path)
    inner = chain.steps[0]["steps"][0]["step"]
    assert inner["thesaurus"] == str(tmp_path / "words.tsv")


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        ("[]", OptionError, "generator 'chain': option 'steps' must name at least one operation, names none"),
        ("[{ rate = 0.1 }]", OptionError, "option 'steps', number 1: must say which operation to use"),
        (
            '[{ use = "word_swop" }]',
            UnknownName,
            "number 1: there is no generator 'word_swop'; did you mean 'word_swap'?",
        ),
        (
            '[{ use = "template_fill" }]',
            OptionError,
            "number 1: must be an operation on source examples, was: 'template_fill'",
        ),
        (
            '[{ use = "word_swap" }, { use = "word_deletion", rat = 1 }]',
            OptionError,
            "number 2, 'word_deletion': there is no option 'rat'; did you mean 'rate'?",
        ),
        ('[{ use = "word_deletion", rate = 2 }]', OptionError, "option 'rate' must be at most 1, was: 2"),
    ],
)
def test_what_is_wrong_with_a_step_is_said_with_its_place(tmp_path: Path, steps: str, error: type, message: str):
    path = tmp_path / "recipe.toml"
    path.write_text(f'copies = 2\nsource = "a.jsonl"\n[[generator]]\nuse = "chain"\nsteps = {steps}\n')
    with pytest.raises(error) as caught:
        recipes.load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("weight", [0, -1, True, "2"])
def test_a_weight_must_be_a_number_greater_than_0(weight: object):
    with pytest.raises(OptionError, match="weight must be a number greater than 0"):
        Choice(steps=({"use": "word_swap", "weight": weight},))
