"""Wordings of all examples at once: what their templates are written as, one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pyarrow as pa
from hypothesis import given

from tests.strategies import corpora
from textsynth.corpus import Corpus
from textsynth.extract.resources import Resources
from textsynth.extract.template import Template, list_templates
from textsynth.extract.wording import fingerprint_wordings, list_wordings


@given(corpora())
def test_wordings_are_what_templates_are_written_as(corpus: Corpus):
    templates = list(list_templates(corpus))
    assert list_wordings(corpus).to_pylist() == [each.to_text() for each in templates]
    assert fingerprint_wordings(corpus).to_pylist() == [each.fingerprint() for each in templates]
    counts = Counter(templates)
    assert tuple(Resources.of(corpus).templates) == tuple(replace(each, count=counts[each]) for each in counts)


def test_numbers_tell_mentions_of_a_label_apart_and_letters_that_mean_something_are_escaped():
    corpus = Corpus.from_columns(
        text=["é Bo, Al {and} Bo\\n at Bo", "", "plain {x}", "Bo\tBo"],
        spans=[
            [(2, 4, "P"), (6, 8, "P"), (15, 17, "P"), (23, 25, "A:1")],
            [],
            [],
            [(0, 2, "P"), (3, 5, "P{")],
        ],
    )
    wordings = ["é {P}, {P:2} {{and}} {P}\\\\n at {A:1:1}", "", "plain {{x}}", "{P}\\t{P\\{}"]
    assert list_wordings(corpus).to_pylist() == wordings
    assert list_wordings(Corpus.empty()) == pa.array([], pa.string())
    assert [Template.parse(each).to_text() for each in wordings] == wordings
