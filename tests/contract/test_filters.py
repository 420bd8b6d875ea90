"""What every filter must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.testing.corpora import examples_to_judge, join_hostile_corpora
from textsynth.testing.filter_checks import FILTER_CHECKS, FilterTrial, check_any_corpus, check_batches

# All tests of a filter go to one process, so that it is fitted once.
NAMES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in registry.names("filter")]


@pytest.fixture(scope="module", params=NAMES)
def trial(request: pytest.FixtureRequest, filter_trial: Callable[[str], FilterTrial]) -> FilterTrial:
    return filter_trial(request.param)


@pytest.mark.parametrize("check", FILTER_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_filter(check: Callable[[FilterTrial], None], trial: FilterTrial):
    check(trial)


@given(cuts=st.lists(st.integers(0, len(examples_to_judge())), max_size=6).map(sorted))
def test_reasons_do_not_depend_on_the_batches(trial: FilterTrial, cuts: list[int]):
    check_batches(trial, cuts)


@given(corpus=corpora())
def test_any_corpus_can_be_judged(trial: FilterTrial, corpus: Corpus):
    check_any_corpus(trial, corpus)


def test_hostile_texts_can_be_judged(trial: FilterTrial):
    for corpus in join_hostile_corpora():
        check_any_corpus(trial, corpus)
