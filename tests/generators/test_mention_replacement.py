from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.corpus.tokens import tokenize
from textsynth.errors import OptionError
from textsynth.extract import Resources, Template
from textsynth.extract.expansion import Expansion
from textsynth.extract.usage import capitalise
from textsynth.foundation.seeding import child_rng
from textsynth.generators.mention_replacement import MentionReplacement
from textsynth.values.pool import one_line

SOURCE = Corpus.from_columns(
    text=["Ann met Bo in Rome.", "In OSLO, Ann told Ann.", "Nobody is here.", "It is May."],
    spans=[
        [(0, 3, "P"), (8, 10, "P"), (14, 18, "CITY")],
        [(3, 7, "CITY"), (9, 12, "P"), (18, 21, "P")],
        [],
        [(6, 9, "DATE")],
    ],
    label=["meet", "tell", None, "day"],
)


def made(folder: Path, count: int = 300, source: Corpus = SOURCE, label: str | None = None, **options: Any) -> Corpus:
    generator = MentionReplacement(**options)
    generator.fit(Resources.of(source), folder, child_rng(1, "fit"))
    return generator.sampler(folder)(count, child_rng(2), label)


def texts(*args: Any, **options: Any) -> set[str]:
    return {each.text for each in made(*args, **options)}


def literals(example: Example) -> tuple[str, ...]:
    return Template.of(example).literals


def test_by_hand(tmp_path: Path):
    """DATE has one value only: its example cannot change, and is left out."""
    assert texts(tmp_path) == {"Bo met Ann in OSLO.", "In Rome, Bo told Bo."}


def test_labels_spans_and_classes_go_along(tmp_path: Path):
    found = {(each.text, tuple((s.start, s.end, s.label) for s in each.spans), each.label) for each in made(tmp_path)}
    assert found == {
        ("Bo met Ann in OSLO.", ((0, 2, "P"), (7, 10, "P"), (14, 18, "CITY")), "meet"),
        ("In Rome, Bo told Bo.", ((3, 7, "CITY"), (9, 11, "P"), (17, 19, "P")), "tell"),
    }
    parents = {Template.of(each).fingerprint() for each in SOURCE[:2]}
    assert set(made(tmp_path).table.column("parent").to_pylist()) == parents


def test_a_class(tmp_path: Path):
    assert texts(tmp_path, label="tell") == {"In Rome, Bo told Bo."}
    assert texts(tmp_path, label="day") == set()


def test_every_usable_example_is_as_likely(tmp_path: Path):
    assert Counter(each.label for each in made(tmp_path, 10_000))["meet"] == pytest.approx(5_000, abs=250)


def test_other_mentions_by_count(tmp_path: Path):
    source = Corpus.from_columns(text=["A"] * 6 + ["B"] * 2 + ["C"], spans=[[(0, 1, "P")]] * 9)
    counts = Counter(each.text for each in made(tmp_path, 20_000, source))
    # six examples in nine say A, and become B with 2/3 or C with 1/3; what says B becomes A with 6/7, C with 1/7; …
    expected = {
        "A": 2 / 9 * 6 / 7 + 1 / 9 * 6 / 8,
        "B": 6 / 9 * 2 / 3 + 1 / 9 * 2 / 8,
        "C": 6 / 9 * 1 / 3 + 2 / 9 * 1 / 7,
    }
    assert {text: count / 20_000 for text, count in counts.items()} == pytest.approx(expected, abs=0.02)
    uniform = Counter(each.text for each in made(tmp_path, 20_000, source, weights="uniform"))
    assert uniform["A"] / 20_000 == pytest.approx(2 / 9 / 2 + 1 / 9 / 2, abs=0.02)


# --- policy and rate


def test_kept_mentions_stay(tmp_path: Path):
    kept = texts(tmp_path, policy={"P": "keep"})
    assert kept == {"Ann met Bo in OSLO.", "In Rome, Ann told Ann."}


def test_examples_with_mentions_to_skip_are_not_used(tmp_path: Path):
    source = Corpus.concat([SOURCE, Corpus.from_columns(text=["Bo left."], spans=[[(0, 2, "P")]])])
    assert texts(tmp_path, source=source, policy={"CITY": "skip"}) == {"Ann left."}


def test_kept_labels_need_no_values(tmp_path: Path):
    resources = Resources.of(SOURCE)
    (tmp_path / "g.tsv").write_text("CITY\tParis\t1\n", encoding="utf-8")
    edited = resources.with_edits(None, tmp_path / "g.tsv")
    generator = MentionReplacement(policy={"P": "keep", "DATE": "skip"})
    generator.fit(edited, tmp_path, child_rng(1))
    assert {each.text for each in generator.sampler(tmp_path)(50, child_rng(2))} == {
        "Ann met Bo in Paris.",
        "In Paris, Ann told Ann.",
    }


def long_source() -> Corpus:
    """Four examples of ten mentions each, all different."""
    examples = []
    for row in range(4):
        text, spans = f"{row}:", []
        for name in (f"N{row * 10 + place}" for place in range(10)):
            spans.append(Span(len(text) + 1, len(text) + 1 + len(name), "P"))
            text += f" {name}"
        examples.append(Example(text, tuple(spans)))
    return Corpus.from_examples(examples)


def changed(sample: Corpus) -> list[list[int]]:
    """Returns for each example which of its mentions are others than its source's."""
    before = [each.mentions() for each in long_source()]
    pairs = [(each.mentions(), before[int(each.text[0])]) for each in sample]
    return [[place for place in range(10) if new[place] != old[place]] for new, old in pairs]


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8, 1.0])
def test_the_rate_is_the_share_of_mentions_that_change(tmp_path: Path, rate: float):
    share = sum(map(len, changed(made(tmp_path, 4000, long_source(), rate=rate)))) / 40_000
    minimum = (1 - rate) ** 10 / 10  # one mention of an example where the rate would give none
    assert share == pytest.approx(rate + minimum, rel=0.02)
    assert share == pytest.approx(rate, rel=0.1)


def test_at_least_one_mention_changes_and_any_may(tmp_path: Path):
    places = changed(made(tmp_path, 4000, long_source(), rate=1e-6))
    assert {len(each) for each in places} == {1}
    counts = Counter(place for [place] in places)
    assert sum((counts[place] - 400) ** 2 / 400 for place in range(10)) < 27.9  # nine degrees of freedom, p = 0.001


def test_where_only_some_mentions_change_no_two_become_alike(tmp_path: Path):
    source = Corpus.from_columns(text=["Ann met Bo", "Cy"], spans=[[(0, 3, "P"), (8, 10, "P")], [(0, 2, "P")]])
    found = texts(tmp_path, 500, source, rate=0.01)
    assert found == {"Cy met Bo", "Ann met Cy", "Ann", "Bo"}


def test_equal_mentions_are_replaced_alike(tmp_path: Path):
    for rate in (0.3, 1.0):
        for each in made(tmp_path, 500, rate=rate, values={"P": ["X", "Y"]}, label="tell"):
            _, first, second = each.mentions()
            assert first == second


# --- where other mentions come from


def test_values_from_elsewhere(tmp_path: Path):
    (tmp_path / "cities.txt").write_text("Lima\nRome\n", encoding="utf-8")
    values = {"P": "faker:first_name", "CITY": f"words:{tmp_path / 'cities.txt'}", "DATE": ["June"]}
    sample = made(tmp_path, 1000, values=values)
    assert {
        mention
        for each in sample
        for span, mention in zip(each.spans, each.mentions(), strict=True)
        if span.label == "CITY"
    } == {
        "Lima",
        "Rome",
    }
    assert all("Rome" not in each.text for each in sample if each.label == "meet")
    assert {each.text for each in sample if each.label == "day"} == {"It is June."}
    assert len({each.mentions()[0] for each in sample if each.label == "meet"}) > 50


def test_records_change_at_least_one_mention(tmp_path: Path):
    source = Corpus.from_columns(text=["Born in Germany", "United States"], spans=[[(8, 15, "C")], [(0, 13, "C")]])
    found = texts(tmp_path, 300, source, values={"C": "record:country"}, locales=["de_DE", "en_US"], pool_size=2)
    assert found == {"Born in United States", "Germany"}


def test_the_mention_across_a_line_break_is_the_same_mention(tmp_path: Path):
    source = Corpus.from_columns(text=["New\nYork now", "Oslo"], spans=[[(0, 8, "CITY")], [(0, 4, "CITY")]])
    assert texts(tmp_path, 100, source) == {"Oslo now", "New York"}


def test_words_are_taken_from_the_recipes_folder(tmp_path: Path):
    assert MentionReplacement(values={"P": "words:a.txt"}).resolve_paths(tmp_path).values == {
        "P": f"words:{tmp_path / 'a.txt'}"
    }


# --- what else follows


def test_articles_and_possessives_follow(tmp_path: Path):
    source = Corpus.from_columns(
        text=[
            "The team has an engineer in it.",
            "A nurse of the team came to James' house.",
            "It is the house of Anna.",
        ],
        spans=[[(16, 24, "JOB")], [(2, 7, "JOB"), (28, 33, "P")], [(19, 23, "P")]],
    )
    assert texts(tmp_path, source=source) == {
        "The team has a nurse in it.",
        "An engineer of the team came to Anna's house.",
        "It is the house of James.",
    }
    assert texts(tmp_path, source=source, agreement="never") == {
        "The team has an nurse in it.",
        "A engineer of the team came to Anna' house.",
        "It is the house of James.",
    }


def test_what_does_not_look_english_is_left_alone(tmp_path: Path):
    source = Corpus.from_columns(
        text=["Foi a Roma de trem", "Olinda e de Recife"], spans=[[(6, 10, "C")], [(0, 6, "C")]]
    )
    assert texts(tmp_path, source=source) == {"Foi a Olinda de trem", "Roma e de Recife"}
    assert texts(tmp_path, source=source, agreement="always") == {"Foi an Olinda de trem", "Roma e de Recife"}


# --- new mentions


def test_new_mentions_beside_those_of_the_source(tmp_path: Path):
    new = Expansion({"P": {"file": ("Cy Wu", "Di")}, "CITY": {"raw": ("Bern",)}})
    MentionReplacement(values="expand").fit(replace(Resources.of(SOURCE), expansion=new), tmp_path, child_rng(1))
    corpus = MentionReplacement(values="expand").sampler(tmp_path)(3000, child_rng(2))
    counts = Counter(mention for each in corpus for mention in each.mentions())
    assert set(counts) == {"Ann", "Bo", "Cy Wu", "Di", "Rome", "OSLO", "Bern"}
    # Both places of P have two mentions; the one mention of "raw" is as likely as each of the two of the source.
    assert counts["Cy Wu"] == pytest.approx(counts["Di"], rel=0.1)
    assert counts["Bern"] == pytest.approx(1500, rel=0.1)


@pytest.mark.parametrize("options", [{"policy": {"PP": "keep"}}, {"values": {"PP": ["x"]}}])
def test_a_label_that_the_source_lacks_is_passed_over(
    tmp_path: Path, options: Mapping[str, Any], caplog: pytest.LogCaptureFixture
):
    assert texts(tmp_path / "a", **options) == texts(tmp_path / "b")
    assert "the source has no label 'PP', so nothing is done for it; did you mean 'P'?" in caplog.text


# --- what is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"values": "gazeteer"}, "option 'values' must be 'expand' or must be a table, was: 'gazeteer'"),
        (
            {"values": "expand"},
            "option 'values': 'expand' must have new mentions for 'CITY', which textsynth.generate and runs look for "
            "if mention_replacement or template_fill asks",
        ),
        (
            {"values": {"P": ["x"]}, "policy": {"P": "keep"}},
            "option 'values': the mentions of 'P' cannot change, their policy is 'keep'",
        ),
        (
            {"policy": dict.fromkeys(["CITY", "DATE", "P"], "keep")},
            "mention_replacement: the source must have a mention that may be replaced, has none",
        ),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, options: Mapping[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        made(tmp_path, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "option 'rate' must be greater than 0, was: 0"),
        ({"rate": 1.5}, "option 'rate' must be at most 1, was: 1.5"),
        ({"rate": "half"}, "option 'rate' must be "),
        ({"policy": {"P": "kept"}}, "option 'policy'"),
        ({"policy": "keep"}, "option 'policy' must be "),
    ],
)
def test_options_of_the_wrong_type_or_out_of_range(options: Mapping[str, Any], message: str):
    with pytest.raises(OptionError) as caught:
        MentionReplacement(**options)
    assert str(caught.value).startswith(message)


def test_labels_of_one_value_each_are_an_error(tmp_path: Path):
    source = Corpus.from_columns(text=["Ann", "In May, Ann"], spans=[[(0, 3, "P")], [(3, 6, "DATE"), (8, 11, "P")]])
    with pytest.raises(OptionError) as caught:
        made(tmp_path, source=source)
    assert str(caught.value) == (
        "mention_replacement: at least one label must have two mentions or values, so that one can replace "
        "the other; DATE, P have one each"
    )
    assert texts(tmp_path, source=source, values={"DATE": ["May", "June"]}) == {"In June, Ann"}


# --- hostile and real text


@given(corpora(), st.sampled_from([0.2, 1.0]))
def test_all_but_the_mentions_is_the_sources_to_the_byte(source: Corpus, rate: float):
    with tempfile.TemporaryDirectory() as folder:
        try:
            sample = made(Path(folder), 30, source, rate=rate, agreement="never")
        except OptionError:
            mentions = [
                (span.label, mention)
                for each in source
                for span, mention in zip(each.spans, each.mentions(), strict=True)
            ]
            assert len({(label, capitalise(one_line(each))) for label, each in mentions}) == len(
                {label for label, _ in mentions}
            )
            return
    assert len(sample) == 30
    assert sample.tokenizer == source.tokenizer
    assert Corpus(sample.table) == sample
    sources = [(literals(each), each.label, [span.label for span in each.spans]) for each in source]
    for each in sample:
        assert (literals(each), each.label, [span.label for span in each.spans]) in sources
        assert any(literals(each) == literals(one) and each.mentions() != one.mentions() for one in source)


@given(corpora())
def test_all_but_articles_and_possessives_is_the_sources(source: Corpus):
    with tempfile.TemporaryDirectory() as folder:
        try:
            sample = made(Path(folder), 20, source, agreement="always")
        except OptionError:
            return
    labels = [[span.label for span in each.spans] for each in source]
    assert Corpus(sample.table) == sample
    assert all([span.label for span in each.spans] in labels for each in sample)


@pytest.mark.parametrize("context", ["auto", "off"])
@pytest.mark.parametrize("name", ["wnut17/train.conll", "snips/train.jsonl"])
def test_real_data(public_or_twin: Path, is_twin: bool, tmp_path: Path, name: str, context: Any):
    source, count = formats.read(public_or_twin / name), 300 if is_twin else 5000
    sample = made(tmp_path, count, source, agreement="never", context=context, gender="any")
    assert len(sample) == count
    assert Corpus(sample.table) == sample
    assert sample.tokenizer == source.tokenizer
    assert set(sample.classes) <= set(source.classes)
    mentions = Resources.of(source).gazetteer.mentions
    gazetteer = {label: {capitalise(mention) for mention in of_label} for label, of_label in mentions.items()}
    wordings = {literals(each) for each in source}
    for each in sample:
        assert literals(each) in wordings
        pairs = zip(each.spans, each.mentions(), strict=True)
        known = all(capitalise(mention) in gazetteer[span.label] for span, mention in pairs)
        assert known or context == "auto", "with contexts, names are shortened and nouns inflected"
    if source.tokenizer == "whitespace":
        tokens, spans = tokenize(sample), sample.spans
        assert tokens.lists().to_pylist() == [each.text.split(" ") for each in sample]
        assert (tokens.starts[tokens.first] == spans.starts).all()
        assert (tokens.ends[tokens.stop - 1] == spans.ends).all()
