"""Labelling, worked by hand: sentences, votes, each reason to set a sentence aside, and the account."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import textsynth as ts
from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.foundation.progress import Silence
from textsynth.labelers import Finder
from textsynth.labelers.gold import Gold
from textsynth.labelers.word_list import WordList
from textsynth.labelling.account import Measured
from textsynth.labelling.asking import ask_again
from textsynth.labelling.label import LabelPlan, NamedLabeler, label_corpora
from textsynth.labelling.votes import Ballot, vote


def words(label: str, *terms: str) -> WordList:
    return WordList(terms=terms, label=label)


def found(
    *labelers: Any, text: str | list[str], **options: Any
) -> tuple[dict[str, list[tuple[str, str]]], dict[str, str]]:
    """Returns mentions and labels of the sentences that are kept, and the reasons of the others."""
    labelled = ts.label([text] if isinstance(text, str) else text, labelers, **options)
    kept = {
        each.text: [(mention, span.label) for mention, span in zip(each.mentions(), each.spans, strict=True)]
        for each in labelled.corpus
    }
    return kept, dict(zip(labelled.aside.texts.to_pylist(), labelled.reasons, strict=True))


def test_sentences_without_mentions_are_kept():
    kept, aside = found(words("DRUG", "aspirin"), text="She took aspirin. It helped. Dr. Ngo slept.")
    assert kept == {"She took aspirin.": [("aspirin", "DRUG")], "It helped.": [], "Dr. Ngo slept.": []}
    assert aside == {}


def test_a_text_with_a_class_stays_whole_and_so_does_one_if_asked():
    source = [("She took aspirin. It helped.", "health")]
    assert [len(ts.label(source, [words("DRUG", "aspirin")], sentences=each).corpus) for each in (True, False)] == [
        1,
        1,
    ]
    assert len(ts.label(["One. Two."], [words("DRUG", "aspirin")], sentences=False).corpus) == 1


def test_labelers_that_can_give_a_label_must_agree():
    one, other = words("DRUG", "aspirin", "opium"), words("DRUG", "aspirin")
    kept, aside = found(one, other, words("CITY", "oslo"), text="no aspirin. no opium. in oslo.")
    assert kept == {"no aspirin.": [("aspirin", "DRUG")], "in oslo.": [("oslo", "CITY")]}
    assert aside == {"no opium.": "conflict"}


@pytest.mark.parametrize(("how", "kept"), [("agree", 0), ("priority", 1)])
def test_labels_that_conflict(how: Any, kept: int):
    labelers = words("CITY", "new york"), words("TEAM", "york city")
    sentences, aside = found(*labelers, text="in new york city.", vote=how)
    assert (len(sentences), len(aside)) == (kept, 1 - kept)
    assert not kept or sentences == {"in new york city.": [("new york", "CITY")]}


def test_gold_goes_before_others_if_it_is_first():
    source = Corpus.from_columns(text=["in new york city"], spans=[[(3, 11, "PLACE")]])
    labelled = ts.label(source, [Gold(), words("CITY", "new york city", "in")], vote="priority", clean=False)
    assert [(span.start, span.end, span.label) for span in labelled.corpus[0].spans] == [
        (0, 2, "CITY"),
        (3, 11, "PLACE"),
    ]


def test_a_labeler_that_is_not_sure(tmp_path: Path):
    (tmp_path / "drugs.txt").write_text("aspirin\t0.9\nopium\t0.5\n")
    labeler = WordList(path=tmp_path / "drugs.txt", label="DRUG")
    kept, aside = found(labeler, text="no aspirin. no opium.")
    assert (list(kept), aside) == (["no aspirin."], {"no opium.": "unsure"})
    assert len(found(labeler, text="no aspirin. no opium.", unsure=0.5)[0]) == 2


def test_one_mention_with_several_labels_in_the_corpus_keeps_that_of_most():
    cities, people = ts.labelers.Pattern(expressions={"CITY": ["in (?P<mention>paris)"]}), words("PERSON", "paris")
    text = "in paris. back in paris. now paris left."
    kept, aside = found(cities, people, text=text, vote="priority")
    assert (set(kept), aside) == ({"in paris.", "back in paris."}, {"now paris left.": "conflict"})


def test_what_looks_like_a_mention_and_is_none():
    people, money = words("PERSON", "Ada", "Bo Li"), ts.labelers.Pattern(expressions={"MONEY": [r"\$\d+", "5 euros"]})
    text = [
        "then Ada paid $7.",
        "then Ada met Zoe there.",  # A capital.
        "then Ada paid 9 euros.",  # A sum of money.
        "then Ada paid US$5 now.",  # A sum that a span cuts.
        "then Li came.",  # A word that stands in a mention, and nowhere else.
        "then Bo Li came.",
        "I came.",
        "then we came.",
    ]
    kept, aside = found(people, money, text=text, sentences=False)
    assert set(kept) == {text[0], text[5], text[6], text[7]}
    assert aside == {text[row]: "missed?" for row in (1, 2, 3, 4)}


def test_capitals_say_nothing_of_names_in_german_nor_if_mentions_have_none():
    text = ["dann nahm Ada ein Glas.", "dann sah Ada das Meer."]
    assert set(found(words("PERSON", "Ada"), text=text, language="de")[1]) == set()
    assert len(found(words("PERSON", "Ada"), text=text, language="en")[1]) == 2
    assert set(found(words("DRUG", "opium"), text=["no opium for Ada here."])[1]) == set()


def test_without_cleaning_all_is_kept_that_no_labeler_doubts():
    assert found(words("PERSON", "Ada"), text=["then Ada met Zoe there."], clean=False)[1] == {}


class Contextual:
    """Takes for a person what stands before "said", and what is called Ada."""

    reads_context = True

    def load(self, language: str, workers: int = 1) -> Finder:
        def read(text: str) -> list[Any]:
            first, _, rest = text.partition(" ")
            return [(0, len(first), "PERSON", 1.0)] if rest.startswith("said") or first in ("Ada", "Bo", "Zoe") else []

        return Finder(lambda corpus: Findings.of_lists([read(text) for text in corpus.texts.to_pylist()]))


def test_a_mention_that_is_not_found_elsewhere_is_unsure():
    corpus = Corpus.from_columns(text=["Ada left.", "Bo slept.", "Zoe was ill.", "Nobody said so."])
    finder = Contextual().load("en")
    findings = finder.find(corpus)
    wanted = np.ones(len(findings), bool)
    sure = ask_again(finder, findings, wanted, corpus, 8, np.random.default_rng(3))
    # In each of three places "Nobody" is not found, and each of the three names is found in each place, that one too.
    assert sure.round(3).tolist() == [round(2 / (2 + 1 / 3), 3)] * 3 + [0.0]


def test_the_same_seed_asks_the_same():
    corpus = Corpus.from_columns(text=[f"{name} {verb}." for name in ("Ada", "Bo", "Zoe") for verb in ("said", "left")])
    finder = Contextual().load("en")
    findings, wanted = finder.find(corpus), np.ones(6, bool)
    first, second = (ask_again(finder, findings, wanted, corpus, 2, np.random.default_rng(3)) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_a_vote_keeps_the_bounds_of_the_first_labeler():
    one = Findings.of_lists([[(4, 12, "CITY", 1.0)]])
    other = Findings.of_lists([[(0, 12, "CITY", 1.0)]])
    sure = frozenset({"CITY"})
    result = vote(Ballot.of([one, other]), [sure, sure], "agree", 1)
    assert (result.findings.starts.tolist(), result.reasons.tolist()) == ([4], [""])


def test_the_account_counts_and_measures():
    gold = ts.read([("no aspirin", [(3, 10, "DRUG")]), ("no opium", [(3, 8, "DRUG")]), ("in oslo", [])])
    labelers = words("DRUG", "aspirin", "oslo"), words("CITY", "oslo")
    labelled = ts.label(["no aspirin", "to oslo", "well"], labelers, check=gold)
    drug, city, *_ = labelled.lines
    assert (drug.labeler, drug.label, drug.mentions, drug.overlaps, drug.conflicts) == ("word_list", "DRUG", 2, 1, 1)
    assert (round(drug.coverage, 3), drug.precision, drug.recall) == (0.667, Measured(1, 2), Measured(1, 2))
    assert (city.labeler, city.label, city.mentions, city.precision) == ("word_list-2", "CITY", 1, Measured(0, 1))
    assert labelled.describe() == "labelled 2 of 3 sentences with 1 of the 2 mentions found; set aside: 1 conflict"


class Counting:
    """Finds aspirin, and remembers how often it was loaded and what it was given."""

    reads_context = False

    def __init__(self) -> None:
        self.loads, self.read = 0, Counter[str]()

    def load(self, language: str, workers: int = 1) -> Finder:
        self.loads += 1

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts.to_pylist()
            self.read.update(texts)
            return Findings.of_lists([[(3, 10, "DRUG", 1.0)] if "aspirin" in text else [] for text in texts])

        return Finder(find, frozenset({"DRUG"}))


def test_several_corpora_are_labelled_apart_by_labelers_that_are_loaded_and_measured_once():
    labeler, gold = Counting(), ts.read([("no aspirin", [(3, 10, "DRUG")])])
    corpora = [Corpus.from_columns(text=[text]) for text in ("to aspirin", "as aspirin")]
    one, other = label_corpora(corpora, LabelPlan((NamedLabeler("counting", labeler),)), Silence(), gold=gold)
    assert [each.corpus.texts.to_pylist() for each in (one, other)] == [["to aspirin"], ["as aspirin"]]
    assert (one.lines[0].recall, other.lines[0].recall) == (Measured(1, 1), None)
    assert (labeler.loads, labeler.read) == (1, {"no aspirin": 1, "to aspirin": 1, "as aspirin": 1})


def test_what_was_set_aside_is_written(tmp_path: Path):
    labelled = ts.label(["in paris"], [words("CITY", "paris"), words("PERSON", "paris")])
    labelled.write_aside(tmp_path / "aside.jsonl")
    (row,) = map(json.loads, (tmp_path / "aside.jsonl").read_text().splitlines())
    assert (row["text"], row["reason"]) == ("in paris", "conflict")


@pytest.mark.parametrize(
    ("labelers", "options", "says"),
    [
        ([], {}, "there must be at least one labeler, there is none"),
        ([5], {}, "a labeler must be one of textsynth.labelers or a pipeline of spaCy, was: 5"),
        (
            [WordList()],
            {},
            "labeler 'word_list': option 'path' or 'terms' must give at least one term, neither gives none",
        ),
        ([words("DRUG", "a")], {"votes": 1}, "textsynth.label: there is no option 'votes'; did you mean 'vote'?"),
        ([words("DRUG", "a")], {"labels": ["DRUGS"]}, "no labeler gives the label 'DRUGS'; did you mean 'DRUG'?"),
    ],
)
def test_what_cannot_be_asked_for(labelers: Any, options: Any, says: str):
    with pytest.raises(OptionError) as caught:
        ts.label(["a"], labelers, **options)
    assert says in str(caught.value)
