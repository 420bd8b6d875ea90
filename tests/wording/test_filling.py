"""What networks write gets fillers that fit, as templates do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.values.given_name import find_gender
from textsynth.wording.filling import Filler, read_filler, write_filler
from textsynth.wording.options import WritingOptions
from textsynth.wording.vocabulary import Part

SOURCE = Corpus.from_columns(
    text=[
        "Aspirin helped.",
        "They took ibuprofen.",
        "In March she met Anna.",
        "In June he met Peter.",
        "Mary met Paul.",
    ],
    spans=[
        [(0, 7, "DRUG")],
        [(10, 19, "DRUG")],
        [(3, 8, "DATE"), (17, 21, "PER")],
        [(3, 7, "DATE"), (15, 20, "PER")],
        [(0, 4, "PER"), (9, 13, "PER")],
    ],
    label=["health", "health", "talk", "talk", "talk"],
)


def make_filler(folder: Path, *, slots: bool = True) -> Filler:
    write_filler(WritingOptions(), Resources.of(SOURCE), child_rng(1), folder)
    return read_filler(folder, slots=slots)


def fill(filler: Filler, sentence: Sequence[Part], label: str, count: int = 60) -> set[str]:
    draft = filler.corpus([list(sentence)] * count, [label] * count, child_rng(2))
    return set(draft.corpus.texts.to_pylist())


def test_slots_have_the_casing_of_their_place(tmp_path: Path):
    filler = make_filler(tmp_path)
    assert fill(filler, [Part("", "DRUG"), Part(" is new.")], "health") == {"Aspirin is new.", "Ibuprofen is new."}
    assert fill(filler, [Part("He likes "), Part("", "DRUG"), Part(".")], "health") == {
        "He likes aspirin.",
        "He likes ibuprofen.",
    }


def test_slots_have_the_gender_of_the_pronouns(tmp_path: Path):
    names = fill(make_filler(tmp_path), [Part("She said that "), Part("", "PER"), Part(" left.")], "talk")
    assert len(names) >= 2
    assert len({find_gender(each.split()[3]) for each in names}) == 1


def test_slots_are_filled_by_context(tmp_path: Path):
    texts = [
        "It rained in May.",
        "It rained in June.",
        "It rained in July.",
        "It rained since noon.",
        "Since dawn it rained.",
    ]
    spans = [[(13, 16, "T")], [(13, 17, "T")], [(13, 17, "T")], [(16, 20, "T")], [(6, 10, "T")]]
    write_filler(WritingOptions(), Resources.of(Corpus.from_columns(text=texts, spans=spans)), child_rng(1), tmp_path)
    filler = read_filler(tmp_path, slots=True)
    draft = filler.corpus([[Part("It came in "), Part("", "T")]] * 60, [None] * 60, child_rng(2))
    assert set(draft.corpus.texts.to_pylist()) == {f"It came in {month}" for month in ("May", "June", "July")}


def test_mentions_to_begin_with_are_of_the_class(tmp_path: Path):
    texts = [f"{each} now." for each in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo")]
    spans = [[(0, len(each) - 5, "X")] for each in texts]
    source = Corpus.from_columns(text=texts, spans=spans, label=["a"] * 3 + ["b"] * 3)
    write_filler(WritingOptions(), Resources.of(source), child_rng(1), tmp_path)
    drawn = read_filler(tmp_path, slots=True).mentions([["X"]] * 80, ["a", "b"] * 40, child_rng(3))
    assert {row[0].text for row in drawn[::2]} == {"Ann", "Bo", "Cy"}
    assert {row[0].text for row in drawn[1::2]} == {"Di", "Ed", "Flo"}


def test_mentions_that_begin_what_a_model_wrote_take_a_capital(tmp_path: Path):
    filler = make_filler(tmp_path, slots=False)
    sentence = [
        Part("aspirin", "DRUG"),
        Part(" helps. "),
        Part("ibuprofen", "DRUG"),
        Part(" or "),
        Part("codeine", "DRUG"),
    ]
    (made,) = filler.corpus([sentence], ["health"], child_rng(1)).corpus
    assert made.text == "Aspirin helps. Ibuprofen or codeine"
    assert made.mentions() == ("Aspirin", "Ibuprofen", "codeine")
