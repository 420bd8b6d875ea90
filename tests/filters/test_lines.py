"""What filters drop that draw a line on the source, or keep an account, worked out by hand."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.filters import Filter
from textsynth.filters.balance import Balance
from textsynth.filters.fluency import Fluency
from textsynth.filters.label_agreement import LabelAgreement
from textsynth.filters.language import Language
from textsynth.filters.length import Length
from textsynth.filters.missed_mention import MissedMention
from textsynth.filters.pattern import Pattern
from textsynth.filters.toxicity import Toxicity
from textsynth.foundation.seeding import child_rng
from textsynth.testing.corpora import join_parts

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Flo", "Gus", "Hal", "Ida", "Jo")
CITIES = ("Rome", "Oslo", "Bern", "Lima", "Turin")


def verdicts(filter: Filter, folder: Path, source: Corpus, made: Corpus) -> list[str | None]:
    filter.fit(Resources.of(source), folder, child_rng(0))
    return list(filter.judge(folder)(made))


def texts(*of: str) -> Corpus:
    return Corpus.from_columns(text=of)


def travels() -> Corpus:
    rows = [
        join_parts((name, "PERSON"), (" travelled by train to ", ""), (city, "CITY"), (" with the red bag.", ""))
        for name in NAMES
        for city in CITIES
    ]
    made, spans = zip(*rows, strict=True)
    return Corpus.from_columns(text=made, spans=spans)


def test_length_keeps_what_lies_on_a_bound(tmp_path: Path):
    source = texts(*(" ".join(["a"] * count) for count in range(1, 101)))
    made = texts("a a", "a", " ".join(["a"] * 99), " ".join(["a"] * 101))
    assert verdicts(Length(keep=0.98), tmp_path, source, made) == [None, None, None, "too long"]
    assert verdicts(Length(shortest=2), tmp_path, source, made)[1] == "too short"


def test_pattern_drops_and_requires(tmp_path: Path):
    filter = Pattern(drop=("x+",), require=(r"\d",))
    found = verdicts(filter, tmp_path, texts(), texts("7", "x7", "y"))
    assert found == [None, "fits 'x+'", r"does not fit '\\d'"]


def test_a_pattern_that_takes_too_long_ends_in_an_error(tmp_path: Path):
    with pytest.raises(OptionError, match=r"timeout = 0\.01"):
        verdicts(Pattern(drop=(r"(a|aa)+$",), timeout=0.01), tmp_path, texts(), texts("a" * 5000 + "b"))


def test_toxicity_reads_a_list_and_sees_whole_words(tmp_path: Path):
    (tmp_path / "list.txt").write_text("# insults\nDamn\n\nrotten egg\n", encoding="utf-8")
    filter = Toxicity(path=Path("list.txt")).resolve_paths(tmp_path)
    found = verdicts(filter, tmp_path, texts(), texts("DAMN it", "damnation", "a Rotten Egg."))
    assert [reason is not None for reason in found] == [True, False, True]


def test_a_list_without_words_is_an_error(tmp_path: Path):
    with pytest.raises(OptionError, match="'path' or 'words'"):
        verdicts(Toxicity(), tmp_path, texts(), texts())


def test_language_drops_another(tmp_path: Path):
    source = texts(*(f"The {name} will arrive at the station tomorrow morning." for name in NAMES))
    made = texts("We will meet at the station.", "Morgen früh fahren wir mit dem Zug nach Hause.")
    assert verdicts(Language(), tmp_path, source, made) == [None, "not in en"]
    with pytest.raises(OptionError, match="'languages'"):
        Language(languages=("xx",)).fit(Resources.of(source), tmp_path, child_rng(0))


def test_balance_lets_a_label_have_its_share_and_twenty(tmp_path: Path):
    source = travels()
    cities = Corpus.from_columns(text=["Rome"] * 100, spans=[[(0, 4, "CITY")]] * 100)
    found = verdicts(Balance(tolerance=1.0), tmp_path, source, cities)
    # With n kept, n must be at most n / 2 + 20.
    assert found == [None] * 40 + ["too many mentions of CITY"] * 60
    assert verdicts(Balance(), tmp_path, source, travels()) == [None] * len(source)


def test_balance_is_linear_in_rows_whatever_the_number_of_classes(tmp_path: Path):
    rows, classes = 20_000, 5_000
    spans, label = [[(0, 4, f"L{row % classes}")] for row in range(rows)], [f"c{row % classes}" for row in range(rows)]
    many = Corpus.from_columns(text=["Rome"] * rows, spans=spans, label=label)
    begin = time.process_time()
    assert verdicts(Balance(), tmp_path, many, many) == [None] * rows
    assert time.process_time() - begin < 10


def test_a_known_mention_without_a_label_is_missed(tmp_path: Path):
    made = Corpus.from_columns(
        text=["Ada saw Rome.", "Ada saw Rome.", "they saw rome"],
        spans=[[(0, 3, "PERSON")], [(0, 3, "PERSON"), (8, 12, "CITY")], []],
    )
    assert verdicts(MissedMention(), tmp_path, travels(), made) == ["a known mention without a label", None, None]


def test_a_new_name_without_a_label_is_missed_if_the_source_labels_names(tmp_path: Path):
    made = texts("they travelled to Quito", "they travelled to town")
    assert verdicts(MissedMention(), tmp_path, travels(), made) == ["a name without a label", None]


def test_scrambled_words_are_not_fluent(tmp_path: Path):
    source, rng = travels(), np.random.default_rng(0)
    scrambled = texts(*(" ".join(rng.permutation(text.split())) for text in source.texts.to_pylist()))
    text, spans = join_parts(
        ("Zoe", "PERSON"), (" travelled by train to ", ""), ("Quito", "CITY"), (" with the red bag.", "")
    )
    new = Corpus.from_columns(text=[text], spans=[spans])
    assert verdicts(Fluency(), tmp_path, source, new) == [None]
    dropped = [reason is not None for reason in verdicts(Fluency(), tmp_path, source, scrambled)]
    assert sum(dropped) > 0.9 * len(dropped)


def test_swapped_labels_and_classes_are_unlikely(tmp_path: Path):
    source = travels()
    wrong = Corpus.from_columns(text=["Ada travelled by train to Rome with the red bag."], spans=[[(0, 3, "CITY")]])
    assert verdicts(LabelAgreement(), tmp_path, source, wrong) == ["unlikely spans"]
    right = source.mask(np.arange(len(source)) < 5)
    assert verdicts(LabelAgreement(keep=1.0), tmp_path, source, right) == [None] * 5
    classes = Corpus.from_columns(text=["hello there", "go now"] * 20, label=["greet", "order"] * 20)
    made = Corpus.from_columns(text=["hello there", "hello there"], label=["greet", "order"])
    assert verdicts(LabelAgreement(keep=1.0), tmp_path, classes, made) == [None, "unlikely class"]
