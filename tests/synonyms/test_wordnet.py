from __future__ import annotations

import functools
import zipfile
from pathlib import Path

import pytest
from tiny_wordnet import SYNSETS, Synset, write_wordnet

from textsynth.errors import FormatError, OptionError
from textsynth.language.inflection import Inflector
from textsynth.synonyms import wordnet
from textsynth.synonyms.synonym import SynonymFinder
from textsynth.synonyms.wordnet import Files, WordNet, locate

REAL = Path("/usr/share/wordnet")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wordnet(tmp_path_factory.mktemp("wordnet"))


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without WordNet but for what the test puts into the folder."""
    for variable in ("WNSEARCHDIR", "WNHOME", "NLTK_DATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(wordnet, "_INSTALLED", ())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(wordnet.sys, "prefix", str(tmp_path / "python"))
    return tmp_path


def open_at(path: Path, **options: bool) -> WordNet:
    files = Files.at(path)
    assert files is not None
    return WordNet(files, **options)


def find(path: Path, word: str, tag: str = "any", senses: int = 2, **options: bool) -> list[str]:
    return finder(path, senses, **options).find(word, tag)


@functools.cache
def finder(path: Path, senses: int, **options: bool) -> SynonymFinder:
    database = open_at(path, **options)
    return SynonymFinder(database, Inflector(database.exceptions()), senses)


def test_senses_come_with_words_and_counts(database: Path):
    first, second, third = open_at(database).senses("quick", "adjective")
    assert (first.written, first.synonyms, first.count) == ("quick", ("speedy", "prompt"), 5)
    assert (second.synonyms, second.count) == (("fast",), 4)
    assert (third.synonyms, third.count) == (("agile",), 3)
    assert open_at(database).senses("quick", "noun") == []
    assert open_at(database).senses("nosuchword", "adjective") == []


def test_rare_synonyms_and_those_of_several_words_come_if_wanted(database: Path):
    assert open_at(database).senses("car", "noun")[0].synonyms == ("auto", "automobile")
    assert open_at(database, rare=True).senses("car", "noun")[0].synonyms == ("auto", "automobile", "machine")
    assert open_at(database, multiword=True).senses("car", "noun")[0].synonyms == ("auto", "automobile", "motor car")


def test_what_stays_out(database: Path):
    files = open_at(database)
    assert files.senses("fool", "noun") == [], "insults"
    assert [each.written for each in files.senses("turkey", "noun")] == ["turkey"], "single places"
    assert files.senses("asleep", "adjective")[0].synonyms == ("sleeping",), "what goes before nouns only"
    assert files.senses("hr", "noun") == [], "what is too short to be a word"


def test_without_counts_the_order_of_senses_counts(tmp_path: Path):
    senses = open_at(write_wordnet(tmp_path, counts=False)).senses("quick", "adjective")
    assert [sense.synonyms for sense in senses] == [("speedy", "prompt", "fleet"), ("fast",), ("agile",)]
    assert senses[0].count > senses[1].count > senses[2].count > 0


@pytest.mark.parametrize(
    ("word", "tag", "expected"),
    [
        ("quick", "any", ["speedy", "prompt", "fast"]),
        ("Quick", "any", ["Speedy", "Prompt", "Fast"]),
        ("QUICK", "any", ["SPEEDY", "PROMPT", "FAST"]),
        ("qUick", "any", []),
        ("quicker", "any", ["speedier", "prompter", "faster"]),
        ("mice", "any", ["rodents"]),
        ("children", "any", ["kids", "youngsters"]),
        ("kids", "any", ["children", "youngsters"]),
        ("went", "any", ["travelled", "moved"]),
        ("gone", "any", ["travelled", "moved"]),
        ("moving", "any", ["shifting", "budging", "travelling"]),
        ("going", "any", []),
        ("begins", "any", ["starts"]),
        ("started", "VBD", ["began"]),
        ("started", "VBN", ["begun"]),
        ("started", "any", []),
        ("started", "perfect", ["begun"]),
        ("stopping", "any", ["halting", "quitting"]),
        ("bigger", "any", ["larger"]),
        ("biggest", "any", ["largest"]),
        ("quickly", "any", ["rapidly", "speedily"]),
        ("Monday", "any", ["Mon"]),
        ("Monday", "name", ["Mon"]),
        ("monday", "any", []),
        ("MONDAY", "any", ["MON"]),
        ("Quick", "name", []),
        ("put", "any", ["set"]),
        ("put", "to", ["place", "set"]),
        ("put", "VBD", ["placed", "set"]),
        ("flies", "any", []),
        ("flies", "determined", ["insects"]),
        ("flies", "subject", ["soars"]),
        ("fly", "infinitive", ["soar"]),
        ("thought", "any", []),
        ("thought", "determined", ["idea"]),
        ("thought", "subject", ["believed"]),
        ("quick", "none", []),
        ("the", "any", []),
        ("", "any", []),
    ],
)
def test_synonyms_keep_form_casing_and_part_of_speech(database: Path, word: str, tag: str, expected: list[str]):
    assert sorted(find(database, word, tag)) == sorted(expected)


def test_more_senses_give_more(database: Path):
    assert find(database, "quick", senses=1) == ["speedy", "prompt"]
    assert find(database, "quick", senses=3) == ["speedy", "prompt", "fast", "agile"]


def test_several_words_are_inflected_if_they_should(database: Path):
    assert find(database, "cars", multiword=True) == ["autos", "automobiles", "motor cars"]
    assert "took off" in find(database, "went", multiword=True)


def test_a_sense_that_few_mean_does_not_count(tmp_path: Path):
    path = write_wordnet(tmp_path, [Synset("noun", "mole*20"), Synset("noun", "mole*2 spy*5")])
    assert find(path, "mole") == []
    assert find(path, "spy") == ["mole"]


def test_it_is_found_where_the_environment_says(nowhere: Path, monkeypatch: pytest.MonkeyPatch):
    assert locate() is None
    directory = write_wordnet(nowhere / "here" / "dict")
    monkeypatch.setenv("WNHOME", str(nowhere / "here"))
    assert locate() == Files(directory)
    other = write_wordnet(nowhere / "there")
    monkeypatch.setenv("WNSEARCHDIR", str(other))
    assert locate() == Files(other)


@pytest.mark.parametrize("place", ["nltk_data", "python/nltk_data", "python/share/nltk_data"])
def test_nltks_data_is_found(nowhere: Path, place: str):
    directory = write_wordnet(nowhere / place / "corpora" / "wordnet")
    assert locate() == Files(directory)


def test_nltks_data_may_be_named_by_the_environment_or_the_option(nowhere: Path, monkeypatch: pytest.MonkeyPatch):
    directory = write_wordnet(nowhere / "data" / "corpora" / "wordnet")
    assert locate(str(nowhere / "data")) == locate(str(directory)) == Files(directory)
    monkeypatch.setenv("NLTK_DATA", f"/no/such/place:{nowhere / 'data'}".replace(":", wordnet.os.pathsep))
    assert locate() == Files(directory)


def test_nltk_leaves_it_zipped(nowhere: Path):
    directory = write_wordnet(nowhere / "unpacked")
    corpora = nowhere / "nltk_data" / "corpora"
    corpora.mkdir(parents=True)
    with zipfile.ZipFile(corpora / "wordnet.zip", "w") as archive:
        for file in directory.iterdir():
            archive.write(file, f"wordnet/{file.name}")
    files = locate()
    assert files is not None
    assert files.path == corpora / "wordnet.zip"
    assert WordNet(files).senses("mouse", "noun") == open_at(directory).senses("mouse", "noun")
    assert WordNet(files).exceptions() == open_at(directory).exceptions()


def test_half_a_database_is_none(nowhere: Path):
    directory = write_wordnet(nowhere / "half")
    (directory / "data.verb").unlink()
    assert Files.at(directory) is None
    with pytest.raises(OptionError, match=r"^option 'wordnet' must be a WordNet database: .*, was: '.*half'$"):
        locate(str(directory))
    (nowhere / "not.zip").write_text("no")
    assert Files.at(nowhere / "not.zip") is None


def test_changed_line_ends_are_an_error_that_says_so(tmp_path: Path):
    directory = write_wordnet(tmp_path / "crlf")
    data = (directory / "data.noun").read_bytes().replace(b"\n", b"\r\n")
    (directory / "data.noun").write_bytes(data)
    with pytest.raises(FormatError, match=r"data\.noun: must have the synset of 'mouse' at byte \d+, has not"):
        find(directory, "mice")


def test_every_offset_of_the_tiny_database_is_true(database: Path):
    for synset in SYNSETS:
        data = (database / f"data.{synset.part}").read_bytes()
        assert any(line[:8].decode() == f"{data.index(line):08}" for line in data.splitlines()[3:])


@pytest.mark.skipif(not REAL.is_dir(), reason="WordNet is not installed: apt-get install wordnet-base")
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("quick", "speedy"),
        ("quickly", "rapidly"),
        ("bought", "purchased"),
        ("cars", "automobiles"),
        ("Children", "Kids"),
        ("begins", "starts"),
        ("MOVIE", "FILM"),
        ("policemen", "officers"),
    ],
)
def test_the_real_one(word: str, expected: str):
    found = find(REAL, word)
    assert expected in found
    assert word not in found


@pytest.mark.skipif(not REAL.is_dir(), reason="WordNet is not installed: apt-get install wordnet-base")
def test_every_word_of_the_real_one_can_be_asked_for():
    words = [line.split()[0].decode() for line in (REAL / "index.verb").read_bytes().splitlines() if line[:1] != b" "]
    assert len(words) > 10_000
    found = {word: finder(REAL, 2).find(word, "any") for word in words[::3] if "_" not in word}
    assert sum(map(bool, found.values())) > 700
    assert not any(word.lower() in map(str.lower, synonyms) for word, synonyms in found.items())
