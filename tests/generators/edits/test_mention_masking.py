from __future__ import annotations

from typing import Any

import pytest
from edited import corpus_of, edited, marked, pairs, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Template
from textsynth.generators.edits.mention_masking import MentionMasking

TEXT = "Dr. [Ada Lee](PERSON) met\n[Bo](PERSON) in  [Rome](CITY)."


def test_by_hand():
    assert results(MentionMasking(), TEXT) == {"Dr. [[PERSON]](PERSON) met\n[[PERSON]](PERSON) in  [[CITY]](CITY)."}


def test_the_placeholder_need_not_be_a_mention():
    assert results(MentionMasking(keep_spans=False, mask="___"), TEXT) == {"Dr. ___ met\n___ in  ___."}
    operation = MentionMasking(keep_spans=False, policy={"CITY": "keep"})
    assert results(operation, TEXT) == {"Dr. [PERSON] met\n[PERSON] in  [Rome](CITY)."}
    assert results(MentionMasking(keep_spans=False, rate=0.01, mask="X"), TEXT) == {
        "Dr. X met\n[Bo](PERSON) in  [Rome](CITY).",
        "Dr. [Ada Lee](PERSON) met\nX in  [Rome](CITY).",
        "Dr. [Ada Lee](PERSON) met\n[Bo](PERSON) in  X.",
    }


def test_the_mask():
    assert results(MentionMasking(mask="<{label!s:_>6}> "), "[Ada](P)[Bo](Q)") == {"[<_____P>](P)[<_____Q>](Q)"}
    assert results(MentionMasking(mask="{{}}"), "[Ada](P)") == {"[{}](P)"}


def test_what_is_protected_stays():
    assert results(MentionMasking(protect=("lee",)), TEXT) == {
        "Dr. [Ada Lee](PERSON) met\n[[PERSON]](PERSON) in  [[CITY]](CITY)."
    }
    source = Corpus.from_columns(text=["Ada, [PERSON]"], spans=[[(0, 3, "PERSON"), (5, 13, "PERSON")]])
    made = edited(MentionMasking(keep_spans=False), source)
    assert marked(made[0]) == "[PERSON], [[PERSON]](PERSON)"


def test_a_mention_may_be_replaced_instead():
    made = edited(
        MentionMasking(policy={"C": "replace"}, keep_spans=False), corpus_of("[Ada](P) [Rome](C)", "[Oslo](C)")
    )
    assert [marked(each) for each in made] == ["[P] [Oslo](C)", "[Rome](C)"]


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_the_rate(rate: float):
    source = corpus_of(*[" ".join(f"[n{number}](P)" for number in range(30))] * 200)
    masked = sum(each.text.count("[P]") for each in edited(MentionMasking(rate=rate), source))
    assert masked / 6000 == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mask": "[{name}]"}, "option 'mask' may have no field but {label}, was: '[{name}]' ("),
        ({"mask": "[{}]"}, "option 'mask' may have no field but {label}, was: '[{}]' ("),
        ({"mask": "[{label"}, "option 'mask' may have no field but {label}, was: '[{label' ("),
        ({"mask": "{label.x}"}, "option 'mask' may have no field but {label}, was: '{label.x}' ("),
        ({"mask": " "}, "option 'mask' must be more than white space, was: ' '"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        MentionMasking(**options)
    assert str(caught.value).startswith(message)


@given(corpora(), st.booleans(), st.sampled_from(["[{label}]", "x"]))
def test_hostile_text(source: Corpus, keep_spans: bool, mask: str):
    operation = MentionMasking(
        mask=mask, keep_spans=keep_spans, policy={"PERSON": "keep"} if "PERSON" in source.labels else {}
    )
    spans = source.spans
    kept = set(zip(spans.row_of_span().tolist(), spans.starts.tolist(), strict=True))
    assert len(kept) == len(spans.starts)
    for before, after in pairs(operation, source):
        labels = [span.label for span in before.spans]
        if keep_spans:
            assert [span.label for span in after.spans] == labels
            assert Template.of(after).literals == Template.of(before).literals
        else:
            assert [span.label for span in after.spans].count("PERSON") == labels.count("PERSON")
            assert len(after.spans) <= len(before.spans)
        old = [before.text[span.start : span.end] for span in before.spans if span.label == "PERSON"]
        assert [after.text[span.start : span.end] for span in after.spans if span.label == "PERSON"] == old
