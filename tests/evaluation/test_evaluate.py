from __future__ import annotations

import json
from pathlib import Path

import pytest
import toy
from workbench import call

import textsynth as ts
from textsynth.components.metric import Measured, Score, Table
from textsynth.corpus import Corpus
from textsynth.errors import InputError, UnknownName
from textsynth.evaluation.report import Asked, Report
from textsynth.evaluation.verdicts import QUESTIONS, decide

KEYS = ["version", "made_by", "command", "seed", "corpora", "verdicts", "metrics", "run", "examples", "private"]


def without_seconds(report: Report) -> dict:
    found = report.to_dict()
    for each in found["metrics"].values():
        each.pop("seconds")
    return found


@pytest.fixture(scope="module")
def parts() -> dict[str, Corpus]:
    corpus = toy.source()
    return {"source": corpus[:60], "heldout": corpus[60:]}


def test_a_report_has_what_the_page_expects(parts: dict[str, Corpus]):
    report = ts.evaluate(parts["source"], **parts, metrics=["label_errors"], seed=3)
    found = report.to_dict()
    assert list(found) == KEYS
    assert [each["name"] for each in found["verdicts"]] == ["right", "useful", "varied", "private"]
    lengths = [corpus["lengths"] for corpus in found["corpora"].values()]
    assert all(each["bounds"] == lengths[0]["bounds"] for each in lengths)
    assert [sum(each["counts"]) for each in lengths] == [60, 60, 20]
    assert len(found["examples"]) == 60
    assert Report.from_json(report.to_json()).to_json() == report.to_json()
    again = ts.evaluate(parts["source"], **parts, metrics=["label_errors"], seed=3)
    assert without_seconds(report) == without_seconds(again)


def test_examples_have_the_source_with_their_parent(parts: dict[str, Corpus]):
    made = ts.generate(parts["source"], [ts.generators.MentionReplacement()], 10, seed=1)
    examples = ts.evaluate(made, **parts, metrics=[]).examples
    assert all(each["source"]["text"] in parts["source"].texts.to_pylist() for each in examples)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_measured_without_a_verdict(parts: dict[str, Corpus], rows: int):
    report = ts.evaluate(parts["source"][:rows], source=parts["source"], metrics=["label_errors"])
    assert {each.state for each in report.verdicts} == {"unknown"}
    json.loads(report.to_json())


def test_no_verdict_is_given_inside_an_interval():
    for low, high, state in [(0.1, 0.2, "bad"), (-0.2, -0.1, "good"), (-0.1, 0.1, "unknown"), (None, None, "unknown")]:
        measured = Measured({"disputed mentions": Score(0.3, 0.2, low, high, "lower", "share")})
        verdict = decide({"label_errors": measured})[0]
        assert verdict.state == state
        assert ("cannot be told with this much data" in verdict.sentence) == (state == "unknown")


def test_what_the_interval_does_not_show_may_be_found_by_another_test():
    scores = {"excess": Score(0.01, 0.0, -0.01, 0.03, "lower", "share"), "smallest leak": Score(0.02, unit="share")}
    few = decide({"disclosure": Measured(scores | {"p": Score(0.0012)})})[3]
    assert (few.state, "p = 0.0012" in few.sentence) == ("bad", True)
    none = decide({"disclosure": Measured(scores | {"p": Score(0.3)})})[3]
    assert none.state == "unknown"
    assert none.sentence == "Private: cannot be told with this much data; less than 2.0 % would pass for chance."


def test_every_sentence_has_its_number():
    for question in QUESTIONS:
        score = Score(0.5, 0.25, 0.125, 0.375, unit="share")
        told = [each for each in decide({question.metric: Measured({question.scores[0]: score})}) if each.value]
        assert [each.name for each in told] == [question.name]
        assert all(number in told[0].sentence for number in ("50.0 %", "12.5 %", "37.5 %"))


def test_what_is_shared_quotes_no_source():
    tables = (Table("open", ("a",), ((1,),)), Table("secret", ("a",), (("Ada",),), private=True))
    asked = Asked("", {}, 0.0, Measured(tables=tables))
    example = {"text": "x", "spans": [], "class": None, "origin": "y", "source": {"text": "Ada"}}
    report = Report(0, {}, (), {"disclosure": asked}, [example])
    assert "Ada" in report.to_json()
    assert "Ada" not in report.share().to_json()
    assert not report.share().private


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2}', "{}"])
def test_what_is_no_report_is_refused(content: str):
    with pytest.raises(InputError, match="must be a report of version 1"):
        Report.from_json(content)


def test_a_metric_that_does_not_exist_is_refused_before_anything_is_measured(parts: dict[str, Corpus]):
    with pytest.raises(UnknownName, match="there is no metric 'label_error'; did you mean 'label_errors'"):
        ts.evaluate(parts["source"], **parts, metrics=["label_error"])


def test_the_command_measures_files_and_prints_the_sentences(parts: dict[str, Corpus], tmp_path: Path):
    for name, corpus in parts.items():
        ts.write(corpus, tmp_path / f"{name}.jsonl")
    options = ["--source", tmp_path / "source.jsonl", "--heldout", tmp_path / "heldout.jsonl", "-m", "label_errors"]
    outcome = call("evaluate", tmp_path / "source.jsonl", *options, "--out", tmp_path / "out", "--shared")
    assert outcome.code == 0, outcome.err
    assert "label_errors" in outcome.out
    assert "Useful: not measured; the metric 'use' would tell." in outcome.out
    report = Report.from_json((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert not report.private
    assert report.corpora["heldout"]["path"] == str(tmp_path / "heldout.jsonl")
