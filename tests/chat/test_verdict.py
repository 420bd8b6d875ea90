from __future__ import annotations

import json
from typing import Any

import pytest

from textsynth.chat import verdict as reasons
from textsynth.chat.prompt_spec import PromptSpec
from textsynth.chat.request import Answer
from textsynth.chat.sentence_spec import SentenceSpec
from textsynth.chat.verdict import Judge, Verdict
from textsynth.extract import Template
from textsynth.wording.mention_search import AMBIGUOUS, MISSING, Mention

ADA, OSLO = Mention("Ada", "PERSON"), Mention("Oslo", "CITY")
KNOWN = ("Ada", "Bo Li", "Lima", "Oslo")


def judge_of(
    *, seeded: tuple[str, ...] = ("CITY", "PERSON"), known: tuple[str, ...] = KNOWN, labels: str = "CITY PERSON"
) -> Judge:
    return Judge(PromptSpec(dict.fromkeys(labels.split(), ""), {}, (), seeded, {}, True, known))


def spec(*mentions: Mention) -> SentenceSpec:
    return SentenceSpec(mentions, {})


def judged(
    rows: Any, *specs: SentenceSpec, of: Judge | None = None, finish: Any = "stop", shots: tuple[str, ...] = ()
) -> list[Verdict]:
    text = rows if isinstance(rows, str) else json.dumps({"sentences": rows})
    return (of or judge_of()).judge(Answer(text, finish, 1, 1), "greet", specs, shots)


def row(text: str, *mentions: Mention) -> dict[str, Any]:
    return {"text": text, "mentions": [{"text": each.text, "label": each.label} for each in mentions]}


def one(rows: Any, *mentions: Mention, **options: Any) -> str | None:
    (only,) = judged(rows, spec(*mentions), **options)
    return only.reason


def test_by_hand():
    (good,) = judged([row(" Ada left oslo. ", ADA, OSLO)], spec(OSLO, ADA))
    assert good.reason is None
    assert (good.example.text, good.example.label) == ("Ada left oslo.", "greet")
    assert [(span.start, span.end, span.label) for span in good.example.spans] == [(0, 3, "PERSON"), (9, 13, "CITY")]
    assert good.example.parent == Template.parse("{PERSON} left {CITY}.", "greet").fingerprint()


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (row("Ada left.", ADA), MISSING),
        (row("Ada left Oslo, not OSLO.", ADA, OSLO), AMBIGUOUS),
        (
            row("Ada and Eve left Oslo.", ADA, OSLO, Mention("Eve", "PERSON")),
            reasons.EXTRA.reason,
        ),  # The model says so.
        (row("Ada and Bo Li left Oslo.", ADA, OSLO), reasons.EXTRA.reason),  # The source knows him.
        (row("Ada and Bo\u00a0Li left Oslo.", ADA, OSLO), reasons.EXTRA.reason),
        (row("Ada left Oslo.", Mention("Ada", "CITY"), OSLO), reasons.EXTRA.reason),
        (row("Ada left Oslo.", ADA, OSLO, Mention("left", "VERB")), reasons.UNKNOWN.reason),
        (row("Ada left Oslo.", ADA, Mention(" ", "CITY")), reasons.UNREADABLE.reason),
        ({"text": "Ada left Oslo.", "mentions": "Ada"}, reasons.UNREADABLE.reason),
        (row("  "), reasons.EMPTY.reason),
        ({"text": "Ada left Oslo \ud83d.", "mentions": []}, reasons.UNREADABLE.reason),
        (row("ADA  left Oslo.", ADA, OSLO), reasons.COPY.reason),
    ],
)
def test_a_sentence_that_is_not_what_was_asked_for_has_its_reason(sentence: dict[str, Any], reason: str):
    assert one([sentence], ADA, OSLO, shots=("Ada left oslo.",)[: reason == reasons.COPY.reason]) == reason


@pytest.mark.parametrize(
    "sentence",
    [
        row("Ada left Oslo."),
        row("Ada left Oslo.", OSLO),
        "Ada left Oslo.",
        row("Ada left Oslo.", Mention("ada", "person"), OSLO),
        row("Bo Lima met Ada in Oslo, and Oslo is big.", ADA, OSLO)
        | {"text": "Adam met Ada in Oslo, and Oslo is big."},
    ],
)
def test_a_sentence_that_is_what_was_asked_for_is_good(sentence: Any):
    assert one([sentence], ADA, OSLO) is None


def test_the_mention_a_model_lists_may_be_the_one_asked_for_in_another_form():
    nurse = Mention("nurse", "JOB")
    of = judge_of(seeded=("JOB",), known=(), labels="JOB")
    assert one([row("Two nurses came.", nurse)], nurse, of=of) is None
    assert one([row("Two nurses came.", Mention("nurses", "JOB"))], nurse, of=of) is None


def test_a_known_mention_inside_one_that_was_asked_for_is_no_other():
    lima = Mention("Lima Airport", "PLACE")
    assert one([row("At Lima Airport.", lima)], lima, of=judge_of(seeded=("PLACE",), labels="PLACE")) is None
    assert (
        one([row("At Lima Airport, in Lima.", lima)], lima, of=judge_of(seeded=("PLACE",), labels="PLACE"))
        == reasons.EXTRA.reason
    )


def test_mentions_that_the_model_makes_up_are_found_too():
    free = judge_of(seeded=(), known=())
    (good,) = judged(
        [row("Eve left Rome, dear Eve.", Mention("Eve", "Person"), Mention("Rome", "CITY"))], spec(), of=free
    )
    assert good.example.mentions() == ("Eve", "Rome", "Eve")
    assert [span.label for span in good.example.spans] == ["PERSON", "CITY", "PERSON"]
    assert one([row("Eve left.", Mention("Rome", "CITY"))], of=free) == MISSING
    assert one([row("Eve left.")], of=free) is None
    assert one(["Eve left."], of=free) == reasons.UNLISTED.reason
    assert one("1. Eve left.", of=free) == reasons.NO_ANSWER.reason
    assert one([row("Ada left.")], of=judge_of(seeded=())) == reasons.EXTRA.reason  # Known, and not listed.


def test_drawn_and_made_up_mentions_go_together():
    both = judge_of(seeded=("PERSON",), known=())
    assert one([row("Ada left Rome.", ADA, Mention("Rome", "CITY"))], ADA, of=both) is None
    assert one([row("Ada left Eve.", ADA, Mention("Eve", "PERSON"))], ADA, of=both) == reasons.EXTRA.reason
    assert one([row("Ada left.", ADA, Mention("Ada", "CITY"))], ADA, of=both) == AMBIGUOUS


def test_a_sentence_that_was_forgotten_does_not_spoil_those_behind_it():
    specs = [spec(Mention(name, "PERSON")) for name in ("Ann", "Bea", "Cid")]
    found = judged([row("Ann came."), row("Cid came.")], *specs)
    assert [(each.example.text, each.reason) for each in found] == [
        ("Ann came.", None),
        ("Cid came.", None),
        ("", reasons.ABSENT.reason),
    ]


def test_there_is_a_verdict_for_each_spec_and_no_more():
    specs = [spec(Mention(name, "PERSON")) for name in ("Ann", "Bea")]
    found = judged([row("Nobody came."), row("Bea came."), row("Ann came."), row("Ann went.")], *specs)
    assert [(each.example.text, each.reason) for each in found] == [("Bea came.", None), ("Ann came.", None)]


@pytest.mark.parametrize(
    ("answer", "finish", "reason"),
    [
        ('["Ada left Oslo.", "Ad', "length", reasons.CUT.reason),
        ('["Ada left Oslo.", "Ad', "stop", reasons.MALFORMED.reason),
        ('["Ada left Oslo."]', "stop", reasons.ABSENT.reason),
        ('["Ada left Oslo."]', "filter", reasons.REFUSED.reason),
    ],
)
def test_what_is_missing_behind_a_good_sentence_has_its_reason(answer: str, finish: str, reason: str):
    found = judged(answer, spec(ADA, OSLO), spec(ADA), finish=finish)
    assert [each.reason for each in found] == [None, reason]
    assert {each.example.label for each in found} == {"greet"}


@pytest.mark.parametrize(
    ("answer", "finish", "reason"),
    [
        ("", "length", reasons.CUT.reason),
        ("", "filter", reasons.REFUSED.reason),
        ("I am sorry.", "stop", reasons.NO_ANSWER.reason),
    ],
)
def test_no_answer_at_all(answer: str, finish: str, reason: str):
    assert [each.reason for each in judged(answer, spec(), spec(), finish=finish)] == [reason, reason]


def test_plain_lines_will_do_if_the_model_makes_up_no_mentions():
    plain = Judge(PromptSpec({}, {"greet": ""}, (1.0,), (), {}, True, ()))
    assert [each.example.text for each in judged("1. Hello.\n2. Hi.", spec(), spec(), of=plain)] == ["Hello.", "Hi."]
    assert one("- Ada left Oslo.", ADA, OSLO) is None
