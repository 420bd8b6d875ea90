from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pytest
from workbench import ROOT, write_source

import textsynth as ts
from textsynth.errors import OptionError, Shortfall
from textsynth.extract import Resources


def generators() -> list[Any]:
    return [ts.generators.TemplateFill(), ts.generators.MentionReplacement()]


@pytest.fixture
def source(tmp_path: Path) -> ts.Corpus:
    return ts.read(write_source(tmp_path / "source.jsonl", classes=True))


def test_the_example_of_the_readme_works(public_or_twin: Path, is_twin: bool):
    code = next(block for block in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL))
    *lines, last = code.strip().splitlines()
    assert last == 'synthetic.to_dataset(task="token-classification").push_to_hub("me/corpus")'
    path, count = public_or_twin / "wnut17" / "train.conll", 500 if is_twin else 5000
    names: dict[str, Any] = {}
    exec("\n".join(lines).replace('"train.conll"', repr(str(path))).replace("5000", str(count)), names)
    synthetic = names["synthetic"]
    assert len(synthetic) == len(set(synthetic.texts.to_pylist())) == count
    assert set(synthetic.labels) <= set(names["source"].labels)
    dataset = synthetic.to_dataset(task="token-classification")
    assert isinstance(dataset, datasets.Dataset)
    assert len(dataset) == count
    assert {"tokens", "ner_tags", "text", "spans"} <= set(dataset.column_names)


def test_each_generator_makes_an_equal_share(source: ts.Corpus):
    synthetic = ts.generate(source, generators(), 41)
    origins = [example.origin for example in synthetic]
    assert [origins.count(name) for name in ("template_fill", "mention_replacement")] == [21, 20]
    assert set(synthetic.classes) <= set(source.classes)


def test_one_generator_needs_no_list(source: ts.Corpus):
    alone = ts.generators.MentionReplacement()
    assert ts.generate(source, alone, 20).table.equals(ts.generate(source, [alone], 20).table)


def test_two_of_one_kind_are_told_apart(source: ts.Corpus):
    halves = [ts.generators.MentionReplacement(rate=0.5), ts.generators.MentionReplacement(weights="uniform")]  # type: ignore[call-arg]
    synthetic = ts.generate(source, halves, 20)
    assert {example.origin for example in synthetic} == {"mention_replacement", "mention_replacement-2"}


def test_the_seed_decides(source: ts.Corpus):
    one, same, other = (ts.generate(source, generators(), 40, seed=seed) for seed in (7, 7, 8))
    assert one == same
    assert one.table.equals(same.table)
    assert one != other


@pytest.mark.slow
def test_the_number_of_processes_plays_no_part(source: ts.Corpus):
    assert ts.generate(source, generators(), 40, seed=7).table.equals(
        ts.generate(source, generators(), 40, seed=7, workers=2).table
    )


def test_the_source_stays_as_it_was_and_out_of_the_result(source: ts.Corpus):
    before = source.table
    synthetic = ts.generate(source, generators(), 40)
    assert source.table is before
    assert not set(synthetic.texts.to_pylist()) & set(source.texts.to_pylist())
    parents = {template.fingerprint() for template in Resources.of(source).templates}
    assert {example.parent for example in synthetic} <= parents


def test_without_filters_nothing_is_dropped(source: ts.Corpus):
    synthetic = ts.generate(source, generators(), 2000, filters=[])
    assert len(synthetic) == 2000 > len(set(synthetic.texts.to_pylist()))


def test_says_why_there_can_be_no_more(source: ts.Corpus):
    with pytest.raises(Shortfall) as caught:
        ts.generate(source, [ts.generators.MentionReplacement()], 100_000)
    message = str(caught.value)
    assert re.match(
        r"\d+ of the 100000 examples asked for could be made; mention_replacement kept \d+ of the last", message
    )
    assert re.search(r"\d+ dropped as duplicate of another example", message)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"count": 0}, "option 'count' must be at least 1, was: 0"),
        ({"count": -1}, "option 'count' must be at least 1, was: -1"),
        ({"count": "5"}, "option 'count' must be an integer, was: '5'"),
        ({"seed": -1}, "option 'seed' must be at least 0, was: -1"),
        ({"generators": []}, "there must be at least one generator, there is none"),
        ({"workers": 0}, "workers must be at least 1, was: 0"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], says: str, source: ts.Corpus):
    options: dict[str, Any] = {"source": source, "generators": generators(), "count": 5} | change
    with pytest.raises(OptionError, match=re.escape(says)):
        ts.generate(**options)


def test_a_source_without_mentions_is_refused():
    raw = ts.Corpus.from_columns(text=["It rained."])
    for generator in generators():
        with pytest.raises(OptionError, match=r"must have a(t least one template with a slot| mention)"):
            ts.generate(raw, [generator], 5)


def test_weights_share_the_count(source: ts.Corpus):
    synthetic = ts.generate(source, generators(), 40, weights=[3, 1])
    origins = [example.origin for example in synthetic]
    assert [origins.count(name) for name in ("template_fill", "mention_replacement")] == [30, 10]
    with pytest.raises(OptionError, match="weights must be one for each of the 2 generators, are 1"):
        ts.generate(source, generators(), 40, weights=[1])
    with pytest.raises(OptionError, match="weights must be greater than 0, was: 0"):
        ts.generate(source, generators(), 40, weights=[1, 0])


def test_rare_classes_are_filled_up(source: ts.Corpus):
    synthetic = ts.generate(source, generators(), balance=True)
    both = source + synthetic
    assert len({sum(example.label == name for example in both) for name in source.classes}) == 1


def test_copies_of_each_example(source: ts.Corpus):
    copies = ts.generate(source, [ts.generators.KeyboardSlip()], copies=2)
    assert len(copies) == 2 * len(source)
    with pytest.raises(OptionError, match="option 'copies' must stand alone, without count or balance"):
        ts.generate(source, [ts.generators.KeyboardSlip()], 5, copies=2)
    with pytest.raises(OptionError, match="option 'count' must be given, or copies, or balance = true"):
        ts.generate(source, generators())


def test_what_was_dropped_is_written_if_asked_for(source: ts.Corpus, tmp_path: Path):
    path = tmp_path / "rejected.parquet"
    few = ts.generate(source, [ts.generators.MentionReplacement()], 100_000, rejected=path, allow_fewer=True)
    rejected = pd.read_parquet(path)
    assert len(few) < 100_000
    assert set(rejected["reason"]) >= {"duplicate of another example"}
    assert set(rejected["origin"]) == {"mention_replacement"}


def test_files_that_were_edited_stand_for_what_the_source_has(source: ts.Corpus, tmp_path: Path):
    (tmp_path / "templates.tsv").write_text("count\tlabel\ttemplate\n1\t\tDear {PERSON}!\n")
    (tmp_path / "gazetteer.tsv").write_text("PERSON\tBo\nPERSON\tAl\n")
    files = {"templates": tmp_path / "templates.tsv", "gazetteer": tmp_path / "gazetteer.tsv"}
    made = ts.generate(source, [ts.generators.TemplateFill()], 2, **files)
    assert set(made.texts.to_pylist()) == {"Dear Bo!", "Dear Al!"}


def test_what_needs_no_source_takes_none(tmp_path: Path):
    (tmp_path / "templates.txt").write_text("Dear {NAME}!\n")
    fill = ts.generators.TemplateFill(templates=tmp_path / "templates.txt", values={"NAME": ["Bo", "Al"]})  # type: ignore[call-arg]
    assert len(ts.generate(None, [fill], 2)) == 2


def test_labelers_find_the_mentions_of_raw_text():
    text = ["She took aspirin. Ibuprofen helped him. They came home in April.", "No aspirin was left."]
    drugs = ts.labelers.WordList(terms=["aspirin", "ibuprofen"], label="DRUG")
    cities = ts.labelers.WordList(terms=["April"], label="CITY")
    fill = [ts.generators.TemplateFill()]
    made = ts.generate(text, fill, 3, labelers=[drugs], seed=7)
    assert made.labels == ("DRUG",)
    found = ts.label(text, [drugs], seed=7).corpus
    assert made == ts.generate(found, fill, 3, seed=7)
    both = ts.generate(text, fill, 3, labelers=[drugs, cities], label={"vote": "priority"}, labels=["DRUG"])
    assert both.labels == ("DRUG",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"labelers": [], "label": {"clean": False}}, "label must have labelers whose findings it decides, has none"),
        ({"label": {"voting": "agree"}}, "label: there is no option 'voting'; did you mean 'vote'?"),
        ({"source": None}, "labelers must have a source whose text they can label, have none"),
        ({"labels": ["DRUGS"]}, "labels: no labeler gives the label 'DRUGS'; did you mean 'DRUG'?"),
        ({"labelers": ["en_core_web_sm"]}, "a labeler must be one of textsynth.labelers or a pipeline of spaCy"),
    ],
)
def test_labelers_that_make_no_sense_are_refused(change: dict[str, Any], says: str):
    drugs = ts.labelers.WordList(terms=["aspirin"], label="DRUG")
    options: dict[str, Any] = {"source": ["She took aspirin."], "generators": generators(), "count": 5}
    with pytest.raises(OptionError, match=re.escape(says)):
        ts.generate(**options | {"labelers": [drugs]} | change)


def test_labelers_would_not_see_the_spans_of_a_source(source: ts.Corpus):
    with pytest.raises(OptionError, match="the source has spans, which labelers would not see"):
        ts.generate(source, generators(), 5, labelers=[ts.labelers.WordList(terms=["Ada"], label="PERSON")])


def test_values_count_from_today(source: ts.Corpus):
    def years(**options: Any) -> set[str]:
        fill = ts.generators.TemplateFill(values=dict.fromkeys(source.labels, "faker:date_this_year"))
        made = ts.generate(source, [fill], 20, **options)
        return {mention[:4] for example in made for mention in example.mentions()}

    assert years() == {"2025"}
    assert years(today=datetime.date(2020, 2, 29)) == {"2020"}
