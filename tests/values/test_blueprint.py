from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.extract import Template
from textsynth.foundation.seeding import child_rng
from textsynth.values import Blueprints, Pools
from textsynth.values.pool import Pool

Values = Mapping[str, Sequence[str] | Mapping[str, float]]


def pools(values: Values, records: Mapping[str, Sequence[str]] | None = None) -> Pools:
    weighted = {
        label: pool if isinstance(pool, Mapping) else dict.fromkeys(pool, 1.0) for label, pool in values.items()
    }
    return Pools(
        {
            label: Pool(pa.array(list(pool), pa.string()), np.array(list(pool.values()), float))
            for label, pool in weighted.items()
        },
        {label: pa.array(column, pa.string()) for label, column in (records or {}).items()},
    )


def fill(written: str, values: Values, *, original: Sequence[str] | None = None, english: bool = True) -> set[str]:
    """Returns all sentences that a template gives, from the user or, with its original values, from a source."""
    originals = [original] if original is not None else None
    blueprints = Blueprints([Template.parse(written)], pools(values), originals=originals, english=english)
    chosen = np.zeros(300, np.int64)
    made = blueprints.fill(chosen, blueprints.draw(chosen, child_rng(1)))
    assert Corpus(made.table) == made
    return {example.text for example in made}


# --- a and an


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("We need a {X}.", {"We need a nurse.", "We need an engineer."}),
        ("We need an {X}.", {"We need a nurse.", "We need an engineer."}),
        ("A {X} left.", {"A nurse left.", "An engineer left."}),
        ("An {X} left.", {"A nurse left.", "An engineer left."}),
        ("AN {X} left.", {"A nurse left.", "AN engineer left."}),
        ("(a  {X})", {"(a  nurse)", "(an  engineer)"}),
        ('an "{X}"', {'a "nurse"', 'an "engineer"'}),
        ("Left. A {X} came.", {"Left. A nurse came.", "Left. An engineer came."}),
        ("Left.\nA {X} came.", {"Left.\nA nurse came.", "Left.\nAn engineer came."}),
        ("{Y} a {X}", {"Al a nurse", "Al an engineer"}),
        # what is no article stays
        ("vitamin A {X}", {"vitamin A nurse", "vitamin A engineer"}),
        ("{Y} A {X}", {"Al A nurse", "Al A engineer"}),
        ("{Y}a {X}", {"Ala nurse", "Ala engineer"}),
        ("sauna {X}", {"sauna nurse", "sauna engineer"}),
        ("a-{X}", {"a-nurse", "a-engineer"}),
        ("a big {X}", {"a big nurse", "a big engineer"}),
        ("an\u00a0{X}", {"an\u00a0nurse", "an\u00a0engineer"}),
    ],
)
def test_the_article_of_a_users_template(written: str, texts: set[str]):
    assert fill(written, {"X": ["nurse", "engineer"], "Y": ["Al"]}) == texts


def test_an_article_that_the_source_got_right_follows_the_filler():
    values = {"X": ["nurse", "engineer", "cook"]}
    assert fill("I am a {X}.", values, original=["cook"]) == {"I am a nurse.", "I am an engineer."}
    assert fill("I am an {X}.", values, original=["engineer"]) == {"I am a nurse.", "I am a cook."}


def test_an_article_that_the_source_got_wrong_is_left_alone():
    values = {"X": ["nurse", "engineer", "cook"]}
    assert fill("I am an {X}.", values, original=["cook"]) == {"I am an nurse.", "I am an engineer."}
    assert fill("I am a {X}.", values, original=["engineer"]) == {"I am a nurse.", "I am a cook."}


# --- possessives


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("{X}'s car", {"Anna's car", "James' car"}),
        ("{X}’s", {"Anna’s", "James’"}),
        ("{X}'s.", {"Anna's.", "James'."}),
        ("{X}' car", {"Anna's car", "James' car"}),
        ("{X}’ {X}", {"Anna’s Anna", "James’ James"}),
        ("{X}'s {X}'s", {"Anna's Anna's", "James' James'"}),
        # a contraction, a quotation, a plural and a word are no possessives
        ("{X}'s going", {"Anna's going", "James's going"}),
        ("{X}'s not here", {"Anna's not here", "James's not here"}),
        ("{X}'s a fool", {"Anna's a fool", "James's a fool"}),
        ("{X}'s here", {"Anna's here", "James's here"}),
        ("{X}'s hungry again", {"Anna's hungry again", "James's hungry again"}),
        ("{X}'s probably in", {"Anna's probably in", "James's probably in"}),
        ("{X}'seum", {"Anna'seum", "James'seum"}),
        ("{X}'.", {"Anna'.", "James'."}),
        ("the '{X}' is", {"the 'Anna' is", "the 'James' is"}),
        # text that came as tokens
        ("{X} 's car", {"Anna 's car", "James ' car"}),
        ("{X} ' s car", {"Anna ' s car", "James ' car"}),
        ("{X} ' car", {"Anna 's car", "James ' car"}),
        ("{X} 's a fool", {"Anna 's a fool", "James 's a fool"}),
        ("the ' {X} ' is", {"the ' Anna ' is", "the ' James ' is"}),
        ("the {X} '{X}'", {"the Anna 'Anna'", "the James 'James'"}),
    ],
)
def test_the_possessive_of_a_users_template(written: str, texts: set[str]):
    assert fill(written, {"X": ["Anna", "James"]}) == texts


def test_a_possessive_of_the_source_follows_the_filler():
    values = {"X": ["Anna", "James", "Bo"]}
    assert fill("{X}'s car", values, original=["Bo"]) == {"Anna's car", "James' car"}
    assert fill("{X}' car", values, original=["James"]) == {"Anna's car", "Bo's car"}
    assert fill("{X}' car", values, original=["Marx"]) == {"Anna's car", "Bo's car", "James' car"}
    assert fill("{X}'", values, original=["James"]) == {"Anna's", "Bo's"}


def test_a_possessive_that_is_not_as_the_rule_has_it_is_left_alone():
    values = {"X": ["Anna", "James", "Bo"]}
    assert fill("{X}'s car", values, original=["James"]) == {"Anna's car", "Bo's car"}
    assert fill("{X}' car", values, original=["Bo"]) == {"Anna' car", "James' car"}


@pytest.mark.parametrize("before", ["'", "the '", "(‘", "'songs of the ", "\"'", "see 'The {Y} of "])
def test_an_apostrophe_that_closes_a_quotation_is_no_possessive(before: str):
    written = f"{before}{{X}}' is"
    original = ["Al", "Beatles"] if "{Y}" in before else ["Beatles"]
    texts = fill(written, {"X": ["Anna", "Beatles"], "Y": ["Al", "Bo"]}, original=original)
    assert texts == {before.replace("{Y}", "Bo") + "Anna' is"}


def test_an_apostrophe_within_a_word_opens_no_quotation():
    assert fill("I don't like {X}' car", {"X": ["Anna", "James"]}, original=["James"]) == {"I don't like Anna's car"}


def test_both_at_once():
    texts = fill("A {X}'s a {Y}", {"X": ["nurse", "aids"], "Y": ["oven", "pan"]})
    assert texts == {
        "A nurse's a oven".replace("a oven", "an oven"),
        "A nurse's a pan",
        "An aids's an oven",
        "An aids's a pan",
    }


def test_without_english_nothing_follows():
    values = {"X": ["engineer", "James"]}
    assert fill("a {X}'s b", values, english=False) == {"a engineer's b", "a James's b"}
    assert fill("a {X}'s b", values, english=False, original=["James"]) == {"a engineer's b"}


# --- what is drawn


def draw(
    templates: Sequence[str], made: Pools, chosen: Sequence[int], originals: Sequence[Sequence[str]] | None = None
) -> list[list[str]]:
    blueprints = Blueprints([Template.parse(each) for each in templates], made, originals=originals, english=False)
    corpus = blueprints.fill(np.array(chosen), blueprints.draw(np.array(chosen), child_rng(5)))
    return [list(example.mentions()) for example in corpus]


def test_slots_with_one_number_are_one_value():
    made = draw(["{X} {X} {X:2}"], pools({"X": ["a", "b", "c"]}), [0] * 200)
    assert all(first == second != third for first, second, third in made)
    assert len({tuple(mentions) for mentions in made}) == 6


@pytest.mark.parametrize(
    "weights", [{"a": 1, "b": 1}, {"a": 1e12, "b": 1}, {"a": 1, "b": 1e300}, {"a": 1e-300, "b": 1e-5}]
)
def test_slots_of_one_label_differ_wherever_the_pool_has_enough(weights: dict[str, float]):
    assert all(sorted(each) == ["a", "b"] for each in draw(["{X} {X:2}"], pools({"X": weights}), [0] * 500))


def test_many_slots_of_one_label():
    values = [str(number) for number in range(12)]
    skewed = {value: 3.0**-rank for rank, value in enumerate(values)}
    written = " ".join(f"{{X:{number}}}" for number in range(12))
    assert all(sorted(each) == sorted(values) for each in draw([written], pools({"X": skewed}), [0] * 20))


def test_a_pool_that_is_too_small_repeats():
    assert all(set(each) <= {"a", "b"} for each in draw(["{X} {X:2} {X:3}"], pools({"X": ["a", "b"]}), [0] * 20))


def test_labels_may_share_a_value():
    made = draw(["{X} {Y}"], pools({"X": ["a"], "Y": ["a"]}), [0])
    assert made == [["a", "a"]]


def test_values_are_as_likely_as_they_weigh():
    made = Counter(mention for [mention] in draw(["{X}"], pools({"X": {"a": 70, "b": 25, "c": 5}}), [0] * 20_000))
    assert {value: round(count / 20_000, 1) for value, count in made.items()} == pytest.approx(
        {"a": 0.7, "b": 0.25, "c": 0.05}, abs=0.06
    )
    expected = {"a": 14_000, "b": 5_000, "c": 1_000}
    assert sum((made[value] - count) ** 2 / count for value, count in expected.items()) < 13.8  # chi-square, p = 0.001


def test_the_original_is_left_out_and_the_rest_keeps_its_weights():
    made = Counter(
        mention for [mention] in draw(["{X}"], pools({"X": {"a": 20, "b": 60, "c": 20}}), [0] * 10_000, [["b"]])
    )
    assert set(made) == {"a", "c"}
    assert made["a"] == pytest.approx(5_000, abs=200)


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1e18}, {"b": 1e18, "a": 1}, {"a": 1, "b": 1e300, "c": 1}])
def test_the_original_is_left_out_however_likely_it_is(weights: dict[str, float]):
    others = {"Y": ["x"], "A": ["y"]}  # labels before and after it
    made = draw(["{A}{X}{Y}"], pools({"X": weights, **others}), [0] * 100, [["y", "b", "x"]])
    assert {mentions[1] for mentions in made} <= {"a", "c"}


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.001, 1e6), min_size=4),
    st.lists(st.integers(0, 2), min_size=1, max_size=40),
)
def test_drawn_values_are_of_the_pool_and_not_the_original(weights: dict[str, float], chosen: list[int]):
    originals = [["a", "b"], ["zz", "c"], ["d", "a", "h"]]
    made = draw(["{X} {X:2}", "{X:7} {X:9}", "{X} {X:2} {X:3}"], pools({"X": weights}), chosen, originals)
    for row, mentions in zip(chosen, made, strict=True):
        assert set(mentions) <= set(weights)
        assert len(set(mentions)) == len(mentions)
        assert all(mention != original for mention, original in zip(mentions, originals[row], strict=True))


def test_kept_values_are_the_originals_and_no_other_has_them():
    blueprints = Blueprints(
        [Template.parse("{X} {X:2} {X:3}")],
        pools({"X": {"a": 97, "b": 1, "c": 1, "d": 1}}),
        originals=[["a", "new", "c"]],
    )
    chosen = np.zeros(300, np.int64)
    kept = np.tile([True, False, True], 300)
    made = blueprints.fill(chosen, blueprints.draw(chosen, child_rng(2), kept))
    assert Counter(example.mentions() for example in made).keys() == {("a", "b", "c"), ("a", "d", "c")}


def test_replaceable_means_another_value_is_there():
    templates = [Template.parse(each) for each in ("{ONE}", "{ONE}", "{TWO}", "{REC}", "{REC}", "{ONE}")]
    made = pools({"ONE": ["a"], "TWO": ["a", "b"]}, {"REC": ["x", "x"]})
    originals = [["a"], ["b"], ["a"], ["x"], ["y"], ["\na "]]
    assert Blueprints(templates, made, originals=originals).replaceable().tolist() == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


# --- records


RECORDS = {"NAME": ["Ann", "Bo", "Cy"], "MAIL": ["ann@x", "bo@x", "cy@x"]}


def test_slots_with_one_number_are_one_record():
    made = draw(["{NAME} {MAIL} {NAME:2} {MAIL:2} {MAIL:3}"], pools({}, RECORDS), [0] * 200)
    for name, mail, second_name, second_mail, third in made:
        assert mail == f"{name.lower()}@x"
        assert second_mail == f"{second_name.lower()}@x"
        assert len({mail, second_mail, third}) == 3


def test_records_mix_with_pools():
    made = draw(["{X} {NAME} {X:2} {MAIL}", "{MAIL:4}"], pools({"X": ["1", "2"]}, RECORDS), [0, 1] * 50)
    assert all(mail == f"{name.lower()}@x" and {x, y} == {"1", "2"} for x, name, y, mail in made[::2])
    assert {mail for [mail] in made[1::2]} == set(RECORDS["MAIL"])


def test_a_record_does_not_put_the_original_back():
    made = draw(
        ["{NAME} {MAIL}"], pools({}, {"NAME": ["Ann"] * 9 + ["Bo"], "MAIL": ["m"] * 10}), [0] * 200, [["Bo", "m"]]
    )
    assert made == [["Ann", "m"]] * 200


# --- what is put together


def test_offsets_are_characters():
    blueprints = Blueprints([Template.parse("😀{X}\u0301é {X:2}", "greet")], pools({"X": ["Zoë😀", "日本"]}))
    made = blueprints.fill(np.array([0]), blueprints.draw(np.array([0]), child_rng(1)))
    [example] = made
    assert sorted(example.mentions()) == ["Zoë😀", "日本"]
    assert example.label == "greet"
    assert example.parent == Template.parse("😀{X}\u0301é {X:2}").fingerprint()


def test_unlabelled_slots_are_filled_but_are_no_mentions():
    blueprints = Blueprints([Template.parse("a {X} {Y}{X}'s")], pools({"X": ["apes"], "Y": ["b"]}), unlabelled=["X"])
    [example] = blueprints.fill(np.array([0]), blueprints.draw(np.array([0]), child_rng(1)))
    assert example.text == "an apes bapes'"
    assert [(span.start, span.end, span.label) for span in example.spans] == [(8, 9, "Y")]


def test_no_sentences():
    blueprints = Blueprints([Template.parse("{X}")], pools({"X": ["a"]}))
    none = np.zeros(0, np.int64)
    assert len(blueprints.fill(none, blueprints.draw(none, child_rng(1)))) == 0
