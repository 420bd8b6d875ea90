from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from toy import CITIES, PEOPLE, TINY, fitted, rng, source

torch = pytest.importorskip("torch")

from textsynth.corpus import Corpus  # noqa: E402
from textsynth.corpus.example import Example  # noqa: E402
from textsynth.errors import InputError, OptionError  # noqa: E402
from textsynth.extract import Resources, Template  # noqa: E402
from textsynth.generators.language_model import LanguageModel  # noqa: E402
from textsynth.generators.vae import Vae  # noqa: E402
from textsynth.networks import interpolation  # noqa: E402
from textsynth.networks.interpolation import interpolate  # noqa: E402
from textsynth.networks.trained_vae import TrainedVae  # noqa: E402
from textsynth.wording.filling import write_filler  # noqa: E402
from textsynth.wording.rejection import Rejection  # noqa: E402
from textsynth.wording.vocabulary import Part  # noqa: E402


@pytest.fixture(scope="module")
def rebuilt(learnt: Path) -> list[Example]:
    """Examples of the source that the VAE gives back."""
    every = list(source())
    found = [each for each in every if interpolate(learnt, each.text, each.text, 2)[0] == each]
    assert len(found) > 0.6 * len(every)
    return found


def test_a_sentence_is_found_again_with_its_mentions_and_its_class(rebuilt: list[Example]):
    assert {each.label for each in rebuilt} == {"go", "send"}
    assert {mention for each in rebuilt for mention in each.mentions()} == {*PEOPLE, *CITIES}


def test_both_ends_are_the_sentences_themselves(learnt: Path, rebuilt: list[Example]):
    [first, *_] = [each for each in rebuilt if each.label == "go"]
    [*_, last] = [each for each in rebuilt if each.label == "send"]
    path = interpolate(learnt, first.text, last.text, 7)
    assert len(path) == 7
    assert (path[0], path[-1]) == (first, last)
    assert interpolate(learnt, first.text, last.text, 7) == path
    assert interpolate(learnt, last.text, first.text, 7)[0] == last


def test_slots_and_class_are_those_of_the_nearer_sentence(learnt: Path, rebuilt: list[Example]):
    [first, *_] = [each for each in rebuilt if each.label == "go"]
    [*_, last] = [each for each in rebuilt if each.label == "send"]
    path = interpolate(learnt, first.text, last.text, 5)
    assert [each.label for each in path] == ["go", "go", "go", "send", "send"]
    assert [each.mentions() for each in path] == [first.mentions()] * 3 + [last.mentions()] * 2


def test_between_two_sentences_of_a_class_are_sentences_of_it(learnt: Path, rebuilt: list[Example]):
    known = {Template.of(each).literals for each in source()}
    paths = [interpolate(learnt, first.text, rebuilt[0].text, 9) for first in rebuilt[5:30:5]]
    between = [each for path in paths for each in path[1:-1]]
    assert sum(Template.of(each).literals in known for each in between) > 0.6 * len(between)
    assert any(len({Template.of(each).literals for each in path}) > 2 for path in paths)


def test_two_steps_are_the_least(learnt: Path):
    assert len(interpolate(learnt, "send two lamps to Ada !", "send five books to Ada !", 1)) == 2


def test_a_sentence_with_slots_is_filled_with_the_values_of_the_source(learnt: Path, rebuilt: list[Example]):
    [first, *_] = [each for each in rebuilt if each.label == "go"]
    [example, _] = interpolate(learnt, Template.of(first).to_text(), first.text, 2)
    assert Template.of(example) == Template.of(first)
    assert example.mentions()[0] in PEOPLE
    assert example.mentions()[1] in CITIES
    assert example.label == "go"


def test_mentions_in_any_case(learnt: Path, rebuilt: list[Example]):
    [first, *_] = [each for each in rebuilt if each.label == "go"]
    person, city = first.mentions()
    text = first.text.replace(person, person.upper()).replace(city, city.lower())
    [example, _] = interpolate(learnt, text, first.text, 2)
    assert example.text == text
    assert example.mentions() == (person.upper(), city.lower())


KNOWN = {"CITY": ["York", "New York", "New"], "PERSON": ["Ann", "Ann Lee", "C++", "Zoë", "Ö"], "DAY": ["1 May"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New York", [("New York", "CITY")]),
        ("in new york, york.", ["in ", ("new york", "CITY"), ", ", ("york", "CITY"), "."]),
        ("Newark and Yorkshire", ["Newark and Yorkshire"]),
        ("New Yorker", [("New", "CITY"), " Yorker"]),
        ("ANN LEE's Ann", [("ANN LEE", "PERSON"), "'s ", ("Ann", "PERSON")]),
        ("Ann  Lee", [("Ann", "PERSON"), "  Lee"]),
        ("Hannah annual ann", ["Hannah annual ", ("ann", "PERSON")]),
        ("C++ (zoë)!", [("C++", "PERSON"), " (", ("zoë", "PERSON"), ")!"]),
        ("11 May 1 May 1 Mayo", ["11 May ", ("1 May", "DAY"), " 1 Mayo"]),
        (" ö ", [" ", ("ö", "PERSON"), " "]),
        ("nobody", ["nobody"]),
        ("Ann-Ann", [("Ann", "PERSON"), "-", ("Ann", "PERSON")]),
    ],
)
def test_mentions_are_found_the_longest_first(text: str, expected: list[Any]):
    parts, mentions = interpolation._find_mentions(text, KNOWN)
    assert parts == [Part(each) if isinstance(each, str) else Part("", each[1]) for each in expected]
    found = [each for each in expected if not isinstance(each, str)]
    assert mentions == {label: [mention for mention, of in found if of == label] for _, label in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{PERSON} met {PERSON:2} in {CITY}.", [("PERSON",), " met ", ("PERSON",), " in ", ("CITY",), "."]),
        ("{CITY}{CITY}", [("CITY",), ("CITY",)]),
        ("Ann in {CITY}, {{x}}", ["Ann in ", ("CITY",), ", {x}"]),
    ],
)
def test_slots_by_hand(text: str, expected: list[Any]):
    found = interpolation._slots(text, KNOWN)
    assert found == ([Part(each) if isinstance(each, str) else Part("", each[0]) for each in expected], {})
    assert interpolation._slots("Ann in York", KNOWN) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a sentence must not be empty"),
        (" \n", "a sentence must not be empty"),
        ("{ORG} fell", "a slot must have one of the labels CITY, PERSON, was: 'ORG'"),
        ("{CITY} {", "a brace must open or close a slot"),
    ],
)
def test_sentences_that_are_none(text: str, message: str, learnt: Path):
    for ends in ((text, "Ada"), ("Ada", text)):
        with pytest.raises(OptionError) as caught:
            interpolate(learnt, *ends, 3)
        assert str(caught.value).startswith(message)


def test_a_directory_without_a_vae(tmp_path: Path):
    with pytest.raises(InputError, match=r"must be what the generator 'vae' or 'gan' has fitted, has no vae\.json$"):
        interpolate(tmp_path, "a", "b", 3)
    fitted(LanguageModel(**TINY | {"epochs": 1}), tmp_path / "other")
    with pytest.raises(InputError, match=r"has no vae\.json$"):
        interpolate(tmp_path / "other", "a", "b", 3)


def test_the_global_generator_is_untouched(learnt: Path):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    interpolate(learnt, "send two lamps to Ada !", "Ada flew to Rome on Monday .", 3)
    assert torch.equal(torch.get_rng_state(), before)


def test_more_slots_than_there_are_values(learnt: Path, by_heart: dict[str, Any], tmp_path: Path):
    shutil.copytree(learnt, tmp_path, dirs_exist_ok=True)
    options = Vae(**by_heart, values={"CITY": ["Rome"], "PERSON": ["Ada", "Bo Li"]})
    write_filler(options, Resources.of(source()), rng(1), tmp_path)
    pools = interpolation.read_filler(tmp_path, slots=True).pools
    assert pools is not None
    vae, sentence = TrainedVae.read(tmp_path, "cpu"), [Part("", "CITY"), Part(" "), Part("", "PERSON"), Part("/")] * 3
    end = interpolation._End(1, vae.bags[0], vae.latents.mean[0], {"PERSON": ["ZOË"]})
    expected = "Rome ZOË/Rome Ada/Rome Bo Li/"
    found = interpolation._example(sentence, end, vae, pools)
    assert (found.text, found.label) == (expected, "send")
    assert [span.label for span in found.spans] == ["CITY", "PERSON"] * 3
    assert (
        interpolation._example([*sentence, *sentence], end, vae, pools).text
        == expected + "Rome ZOË/Rome Ada/Rome Bo Li/"
    )
    assert interpolation._example(Rejection("not UTF-8"), end, vae, pools) == Example("(not UTF-8)")
    assert interpolate(tmp_path, "{CITY} {CITY} {CITY} {PERSON}", "Ada", 2)


def test_a_transformer_says_what_is_too_long_for_it(tmp_path: Path):
    fitted(Vae(**TINY | {"network": "transformer", "epochs": 1, "layers": 1}), tmp_path)
    longest = TrainedVae.read(tmp_path, "cpu").longest
    assert len(interpolate(tmp_path, "Ada " * 3, "Ada", 3)) == 3
    with pytest.raises(OptionError, match=rf"^a sentence must have at most {longest} pieces, had \d+: 'x"):
        interpolate(tmp_path, "Ada", "x" * (longest + 5), 3)


def test_a_source_without_mentions(tmp_path: Path):
    corpus = Corpus.from_columns(text=[each.text for each in source(1)])
    fitted(Vae(**TINY | {"epochs": 1}), tmp_path, corpus)
    path = interpolate(tmp_path, "Ada flew to Rome", "send two lamps", 3)
    assert [(each.spans, each.label) for each in path] == [((), None)] * 3
    with pytest.raises(OptionError, match=r"^a slot must have one of the labels \(none\), was: 'CITY'$"):
        interpolate(tmp_path, "{CITY}", "send", 3)
