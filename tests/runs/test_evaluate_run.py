from __future__ import annotations

import html
from pathlib import Path

import pytest
from workbench import make_recipe, tree

from textsynth.errors import OptionError, UnknownName
from textsynth.evaluation.report import Report
from textsynth.recipes.recipe import Recipe
from textsynth.runs.run import run

ASKED = {"metrics": ["label_errors"]}


def make(folder: Path) -> Recipe:
    return make_recipe(folder, evaluate=ASKED, source={"path": "source.jsonl", "heldout": 0.2}, count=20)


def test_a_run_measures_what_it_made(tmp_path: Path):
    summary = run(make(tmp_path), tmp_path / "out")
    content = (tmp_path / "out" / "report" / "report.json").read_text(encoding="utf-8")
    report = Report.from_json(content)
    counts = {name: corpus["examples"] for name, corpus in report.corpora.items()}
    assert counts == {
        "synthetic": summary.delivered,
        "source": summary.source.examples,
        "heldout": summary.source.heldout,
    }
    assert report.run is not None
    assert report.run["steps"] == {"mention_replacement": summary.delivered}
    assert report.run["drops"] == summary.dropped
    assert "evaluate" in summary.seconds
    page = (tmp_path / "out" / "report" / "report.html").read_text(encoding="utf-8")
    assert all(verdict.sentence in html.unescape(page) for verdict in report.verdicts)


def test_a_run_that_was_killed_writes_the_same_report(tmp_path: Path):
    run(make(tmp_path), tmp_path / "out")
    before = {name: content for name, content in tree(tmp_path / "out").items() if name.startswith("report/")}
    assert before.keys() == {"report/.textsynth", "report/report.json", "report/report.html"}
    (tmp_path / "out" / "run.json").unlink()
    (tmp_path / "out" / "report" / "report.json").unlink()
    run(make(tmp_path), tmp_path / "out")
    assert before.items() <= tree(tmp_path / "out").items()


def test_a_run_is_evaluated_after_a_change_of_mind(tmp_path: Path):
    """Until it has ended, a run takes another [evaluate], as it takes another [export]."""
    plain = make_recipe(tmp_path, source={"path": "source.jsonl", "heldout": 0.2}, count=20)
    run(plain, tmp_path / "out")
    (tmp_path / "out" / "run.json").unlink()
    run(make(tmp_path), tmp_path / "out")
    assert (tmp_path / "out" / "report" / "report.json").exists()


def test_what_cannot_be_measured_is_refused_before_anything_runs(tmp_path: Path):
    with pytest.raises(UnknownName, match=r"\[evaluate\]: there is no metric 'nothing'"):
        make_recipe(tmp_path, evaluate={"metrics": ["nothing"]})
    with pytest.raises(OptionError, match=r"\[evaluate\] must have a source to measure against"):
        make_recipe(tmp_path, evaluate={}, source=None)
