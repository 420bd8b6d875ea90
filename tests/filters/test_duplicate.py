from __future__ import annotations

import re
import time
import tracemalloc
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.filters import duplicate
from textsynth.filters.duplicate import Duplicate, _HashSet, normalise
from textsynth.foundation.seeding import child_rng

RUN, SOURCE = "duplicate of another example", "duplicate of the source"


def verdicts(folder: Path, *batches: Sequence[str], source: Sequence[str] = (), **options: Any) -> list[str | None]:
    judge = Duplicate(**options)
    judge.fit(Resources.of(Corpus.from_columns(text=source)), folder, child_rng(1))
    reasons = judge.judge(folder)
    return [reason for batch in batches for reason in reasons(Corpus.from_columns(text=batch))]


def test_by_hand(tmp_path: Path):
    made = ["Ada left.", "Zoë came.", "ada  LEFT.", "Bo came.", "Zoë came!", "", "Zoe\u0308 came.", " "]
    assert verdicts(tmp_path, made, source=["bo came."]) == [None, None, RUN, SOURCE, None, None, RUN, RUN]


def test_the_source_comes_first(tmp_path: Path):
    assert verdicts(tmp_path, ["a", "a"], source=["A"]) == [SOURCE, SOURCE]


def test_the_source_may_be_left_out(tmp_path: Path):
    assert verdicts(tmp_path, ["a", "a"], source=["a"], against_source=False) == [None, RUN]


def test_spans_and_classes_play_no_part(tmp_path: Path):
    judge = Duplicate()
    judge.fit(Resources.of(Corpus.empty()), tmp_path, child_rng(1))
    corpus = Corpus.from_columns(text=["Ada", "Ada"], spans=[[(0, 3, "P")], []], label=["a", None])
    assert judge.judge(tmp_path)(corpus) == [None, RUN]


def test_by_wording_mentions_play_no_part(tmp_path: Path):
    judge = Duplicate(compare="wording")
    source = Corpus.from_columns(text=["Ada left."], spans=[[(0, 3, "P")]])
    judge.fit(Resources.of(source), tmp_path, child_rng(1))
    made = Corpus.from_columns(
        text=["Bo left.", "Bo came.", "zoë  came.", "Bo left.", "Rome left."],
        spans=[[(0, 2, "P")], [(0, 2, "P")], [(0, 3, "P")], [], [(0, 4, "CITY")]],
    )
    wanted = ["wording of the source", None, "wording of another example", None, None]
    assert judge.judge(tmp_path)(made) == wanted


def test_the_run_may_be_left_out(tmp_path: Path):
    options = {"against_run": False, "source": ["b"]}
    assert verdicts(tmp_path, ["a", "b", "a", "b"], ["a"], **options) == [None, SOURCE, None, SOURCE, None]


def test_it_remembers_all_over_a_run(tmp_path: Path):
    batches = [[f"text {number}" for number in range(first, first + 7)] for first in range(0, 70, 5)]
    reasons = verdicts(tmp_path, *batches)
    assert reasons == [RUN if first and place < 2 else None for first in range(14) for place in range(7)]


def test_a_new_run_remembers_nothing(tmp_path: Path):
    assert verdicts(tmp_path, ["a"]) == verdicts(tmp_path, ["a"]) == [None]


PAIRS = {
    "case": [("Ada", "aDA"), ("ÉLODIE", "élodie"), ("ΟΔΟΣ", "οδος"), ("ЖУК", "жук")],
    "white_space": [
        ("a b", " a \t\n b\u00a0"),
        ("a b", "a\u3000b"),
        ("a b", "a\x0b\x1c\x85b"),
        ("a b", "a\u2028\u2029b"),
    ],
    "punctuation": [("Ada left", "Ada, left!"), ("dont", "don’t"), ("a", "¿a?"), ("", "…—")],
    "unicode_form": [("é", "e\u0301"), ("ＡＢ", "AB"), ("ﬁn", "fin"), ("½", "1⁄2")],
}
"""Pairs of texts that only differ in one thing."""


@pytest.mark.parametrize("ignored", PAIRS)
@pytest.mark.parametrize("difference", PAIRS)
def test_each_difference_alone(tmp_path: Path, ignored: str, difference: str):
    for first, second in PAIRS[difference]:
        expected = RUN if ignored == difference else None
        if (ignored, difference, second) == ("unicode_form", "white_space", "a\u3000b"):
            expected = RUN  # NFKC makes an ideographic space a plain one
        assert verdicts(tmp_path, [first, second], ignore=[ignored]) == [None, expected], (first, second)


@pytest.mark.parametrize("difference", PAIRS)
def test_all_differences_but_one(tmp_path: Path, difference: str):
    others = [each for each in PAIRS if each != difference]
    first, second = PAIRS[difference][0]
    assert verdicts(tmp_path, [first, second], ignore=others) == [None, None]


def test_all_differences_at_once(tmp_path: Path):
    assert verdicts(tmp_path, ["Ａda , left !", "ada left"], ignore=list(PAIRS)) == [None, RUN]


def test_nothing_ignored(tmp_path: Path):
    made = ["a", "A", "a ", "a.", "a"]
    assert verdicts(tmp_path, made, ignore=[]) == [None, None, None, None, RUN]


def test_a_difference_nobody_knows():
    with pytest.raises(OptionError, match=r"^option 'ignore'"):
        Duplicate(ignore=("casing",))  # type: ignore[arg-type]


@given(st.lists(texts(), max_size=12), st.sets(st.sampled_from(list(PAIRS))), st.lists(texts(), max_size=3))
def test_as_a_set_of_normalised_texts_has_it(
    tmp_path_factory: Any, made: list[str], ignore: set[str], source: list[str]
):
    ignored: Any = tuple(sorted(ignore))

    def keys(rows: list[str]) -> list[str]:
        return normalise(pa.array(rows, pa.string()), ignored).to_pylist()

    expected: list[str | None] = []
    seen: set[str] = set()
    for key in keys(made):
        expected.append(SOURCE if key in keys(source) else RUN if key in seen else None)
        seen.add(key)
    folder = tmp_path_factory.mktemp("duplicate")
    assert verdicts(folder, made[:5], made[5:], source=source, ignore=ignored) == expected


@given(texts())
def test_normalising_twice_changes_nothing(text: str):
    once = normalise(pa.array([text]), ("case", "white_space"))
    assert normalise(once, ("case", "white_space")).equals(once)
    assert once.to_pylist()[0] == " ".join(once.to_pylist()[0].split())


def test_a_set_of_hashes_says_what_a_set_of_numbers_says():
    """Those that want one place included: the hashes of a round begin with the same bits, or are 0."""
    rng, known, runs = child_rng(1), set[int](), _HashSet()
    for round_ in range(40):
        some = np.unique(rng.integers(600, size=200).astype(np.uint64) << np.uint64(round_ % 3 * 27))
        assert runs.find(some).tolist() == [each in known for each in some.tolist()]
        runs.add(some[~runs.find(some)])
        known |= set(some.tolist()) | ({1} if 0 in some else set())


@pytest.mark.slow
def test_a_million_keys_take_few_bytes_each():
    """And their verdicts are those of a set of numbers."""
    rng = child_rng(1)
    shards = [rng.integers(2**64, size=10_000, dtype=np.uint64) for _ in range(100)]
    shards[50][:100] = shards[3][:100]
    runs = _HashSet()
    begin = time.process_time()
    tracemalloc.start()
    repeated = []
    for shard in shards:
        found = runs.find(shard)
        repeated.append(int(found.sum()))
        runs.add(shard[~found])
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert repeated == [100 if number == 50 else 0 for number in range(100)]
    assert kept < 1.05 * 32 * 1_000_000
    assert peak < 64 * 1_000_000
    assert time.process_time() - begin < 10


def test_a_hundred_thousand_texts(tmp_path: Path):
    made = [f"Ada number {number % 60_000} left." for number in range(100_000)]
    begin = time.process_time()
    reasons = verdicts(tmp_path, *(made[first : first + 10_000] for first in range(0, 100_000, 10_000)))
    assert time.process_time() - begin < 10
    assert reasons == [None] * 60_000 + [RUN] * 40_000


ODD = (
    "\u00a0\u0085\u1680\u2003\u2028\u202f\u205f\u3000\x1c\t  \u200b\ufeff’“—éﬁﬀ①"
    "Å\u0301\u0307가\u1100\u1161\u11a8각ςΣİß\U0001d400\U00011099\U000110baǅ"
)


@given(st.lists(st.text(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")), max_size=6), max_size=6))
def test_what_is_spared_the_slow_way_would_come_out_the_same(texts: list[str]):
    array = pa.array(texts, pa.string())
    assert normalise(array, ("unicode_form",)).to_pylist() == pc.utf8_normalize(array, form="NFKC").to_pylist()
    spaces = r"[\s\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
    tidy = [re.sub(spaces, " ", text).strip(" ") for text in texts]
    assert normalise(array, ("white_space",)).to_pylist() == tidy


def test_no_character_that_composes_with_the_one_before_it_passes_for_stable():
    points = np.delete(np.arange(0x10000), range(0xD800, 0xE000))  # Half characters stand in no text.
    stable = dict(zip(points.tolist(), (duplicate._look_up(points) & duplicate._UNSTABLE) == 0, strict=True))
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) > 1 and not parts[0].startswith("<"):
            last = int(parts[-1], 16)
            assert not stable.get(last, False), hex(point)
