from __future__ import annotations

from pathlib import Path

import pytest

from textsynth.errors import FormatError, InputError
from textsynth.language.inflection import Inflector
from textsynth.synonyms.synonym import SynonymFinder
from textsynth.synonyms.thesaurus import Thesaurus


def finder(folder: Path, content: str) -> SynonymFinder:
    path = folder / "own.tsv"
    path.write_bytes(content.encode())
    return SynonymFinder(Thesaurus.read(path), Inflector(), 99, stop_words=frozenset())


OWN = """\ufeff# medicine
doctor\tphysician, general practitioner\tnoun

buy\tpurchase,acquire\tv\r
tired\texhausted\tadjective
tired\tweary
TV\ttelly
iPhone\tsmartphone
müde\tschläfrig
the\tdie
"""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("doctor", ["physician", "general practitioner"]),
        ("Doctors", ["Physicians", "General practitioners"]),
        ("bought", ["purchased", "acquired"]),
        ("buying", ["purchasing", "acquiring"]),
        ("BUYS", ["PURCHASES", "ACQUIRES"]),
        ("tired", ["exhausted", "weary"]),
        ("TV", ["TELLY"]),
        ("tv", []),
        ("iPhone", ["smartphone"]),
        ("IPHONE", []),
        ("Müde", ["Schläfrig"]),
        ("wearies", []),
        ("the", ["die"]),
    ],
)
def test_what_is_written_down_is_found(tmp_path: Path, word: str, expected: list[str]):
    assert sorted(finder(tmp_path, OWN).find(word, "any")) == sorted(expected)


def test_the_part_of_speech_is_respected_if_it_is_said(tmp_path: Path):
    own = finder(tmp_path, "run\tjog\tverb\nrun\tstreak\tnoun\ncool\tchilly\n")
    assert own.find("run", "determined") == ["streak"]
    assert own.find("run", "infinitive") == ["jog"]
    assert own.find("runs", "NNS") == ["streaks"]
    assert own.find("cool", "VBZ") == ["chilly"]
    assert own.find("Cool", "name") == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a b", "own.tsv:1: a line must have a word, a tab and its synonyms, .*was: 'a b'$"),
        ("quick\tfast\nslow", "own.tsv:2: a line must have"),
        ("quick\tfast\tadjective\tmore", "own.tsv:1: a line must have"),
        ("\tfast", "own.tsv:1: the word must be a single one, was: ''$"),
        ("very quick\tfast", "own.tsv:1: the word must be a single one, was: 'very quick'$"),
        ("quick\tfast,,swift", "own.tsv:1: a synonym of 'quick' must be another word, was: ''$"),
        ("quick\t", "own.tsv:1: a synonym of 'quick' must be another word, was: ''$"),
        ("quick\tQuick", "own.tsv:1: a synonym of 'quick' must be another word, was: 'Quick'$"),
        ("quick\tfast\tadjectiv", "own.tsv:1: there is no part of speech 'adjectiv'; did you mean 'adjective'?"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, content: str, complaint: str):
    with pytest.raises(FormatError, match=complaint):
        finder(tmp_path, content)


def test_bytes_that_are_no_text_are_said_with_their_line(tmp_path: Path):
    (tmp_path / "own.tsv").write_bytes(b"quick\tfast\nm\xfcde\tweary\n")
    with pytest.raises(FormatError, match=r"own\.tsv:2: the text must be utf-8"):
        Thesaurus.read(tmp_path / "own.tsv")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match=r"must be a file to read, there is none"):
        Thesaurus.read(tmp_path / "none.tsv")
