"""What every edit of words, characters or mentions must do, parametrised over the registry."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, cast

import edit_rules
import numpy as np
import pytest
from edited import corpus_of, edited, mentions, pairs

from textsynth.components import registry
from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.edits.edit import Edit
from textsynth.extract import Resources
from textsynth.extract.gazetteer import mention_array
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.loading import PretrainedOptions


def edits() -> list[type[Edit]]:
    """Returns all components that are edits, but for those with a model, which are tested with a tiny one."""
    found = [registry.look_up("generator", name) for name in registry.names("generator")]
    plain = [each for each in found if not issubclass(each, PretrainedOptions)]
    return [cast("type[Edit]", each) for each in plain if issubclass(each, Edit) and not inspect.isabstract(each)]


EDITS = edits()
KEEPING = [each for each in EDITS if each().policy_of("a label") == "keep"]

NAMED = {
    name
    for name in map(registry.name_of, EDITS)
    if "labels" in inspect.signature(registry.look_up("generator", name)).parameters
}
"""Those that look at mentions of certain labels only."""

every_edit = pytest.mark.parametrize("edit", EDITS, ids=registry.name_of)
every_keeping_edit = pytest.mark.parametrize(
    "edit", [each for each in KEEPING if registry.name_of(each) not in NAMED], ids=registry.name_of
)


@pytest.fixture(scope="module")
def wnut(public_or_twin: Path) -> Corpus:
    """All of WNUT-17, or of its twin."""
    return edit_rules.wnut(public_or_twin)


def test_all_but_those_of_mentions_keep_them():
    others = {registry.name_of(each) for each in set(EDITS) - set(KEEPING)}
    assert others == {"label_wise_token_replacement", "mention_masking", "mention_casing", "counterfactual_names"}


def for_wnut(edit: type[Edit], **options: Any) -> Edit:
    """Builds an edit with labels of that corpus."""
    return edit(**options, **({"labels": ("person",)} if registry.name_of(edit) in NAMED else {}))


@every_keeping_edit
def test_no_entity_of_wnut17_is_damaged(edit: type[Edit], wnut: Corpus):
    made = edited(edit(), wnut)
    assert Corpus(made.table) == made
    assert (made.spans.rows == wnut.spans.rows).all()
    assert made.spans.labels == wnut.spans.labels
    assert mention_array(made) == mention_array(wnut)
    assert made.texts != wnut.texts


@every_edit
def test_spans_of_wnut17_are_exact(edit: type[Edit], wnut: Corpus):
    """Also where mentions are what is edited: none is gone, and the labels are the same."""
    made = edited(for_wnut(edit, policy={"*": "edit"}, rate=0.5), wnut)
    assert Corpus(made.table) == made
    if registry.name_of(edit) != "word_deletion":
        assert made.spans.labels == wnut.spans.labels


@every_edit
def test_texts_with_nothing_to_change(edit: type[Edit]):
    """The published cases that other libraries fail at: stop words only, no words at all, nothing at all."""
    source = corpus_of("the of and", "!!!", "", " ", "[Ada](PERSON)", "[!](PERSON)[?](DATE)")
    for before, after in pairs(edit(), source, 5):
        assert len(after.spans) == len(before.spans)
        if not any(letter.isalpha() for letter in before.text):
            assert after == before or after.mentions() != before.mentions()


@every_edit
def test_placeholders_and_non_breaking_spaces_survive(edit: type[Edit]):
    source = corpus_of("dear [id], pay\u00a0[amount] to {user} or <b>: 12 %s now", "[Ada](PERSON) [4 May 2021](DATE)")
    for before, after in pairs(edit(), source, 50):
        for each in ("[id]", "[amount]", "{user}", "<b>", "%s"):
            assert after.text.count(each) == before.text.count(each)
        if registry.name_of(edit) not in ("white_space", "word_deletion"):  # the white space beside a word goes with it
            assert after.text.count("\u00a0") == before.text.count("\u00a0")


@every_edit
def test_five_in_five_times_the_copies_out_or_the_reasons(edit: type[Edit], tmp_path: Path):
    names = ("Mary Shelley", "James Joyce", "Grace Jones", "Peter Brook", "Susan Young")
    source = corpus_of(
        *(
            f"[{each}](PERSON) put 12 big children in cars and did not read one in [4 May 2021](DATE) at a café"
            for each in names
        )
    )
    operation = edit()
    operation.fit(Resources.of(source), tmp_path, child_rng(1))
    draft = operation.sampler(tmp_path).copies(np.tile(np.arange(5), 4), child_rng(2))
    assert len(draft.corpus) == 20
    reasons = list(draft.reasons) or [None] * 20
    kept = [(row, each.text) for row, each, why in zip([*range(5)] * 4, draft.corpus, reasons, strict=True) if not why]
    assert len(set(kept)) == len(kept) >= 5
    assert all(text != source[row].text for row, text in kept)


@every_edit
def test_the_same_rng_makes_the_same(edit: type[Edit]):
    source = corpus_of("[Mary Shelley](PERSON) did not read 12 long books at a café", "on [4 May 2021](DATE)")
    first, second = (edited(edit(), source, 20, seed=4) for _ in range(2))
    assert first.table == second.table


@every_edit
def test_labels_are_the_sources(edit: type[Edit], tmp_path: Path):
    source = corpus_of("[Mary](PERSON) put 12 big children in cars and did not see one on [4 May 2021](DATE) at a café")
    operation = edit()
    operation.fit(Resources.of(source), tmp_path, child_rng(1))
    made = operation.sampler(tmp_path)(10, child_rng(2))
    corpus = made.corpus if isinstance(made, Draft) else made
    assert len(corpus) == 10
    assert {label for each in corpus for label, _ in mentions(each)} <= {"PERSON", "DATE"}
