from __future__ import annotations

from pathlib import Path

import pytest

from textsynth.errors import OutputError
from textsynth.foundation.unpacked import unpack_once
from textsynth.language import language_fit
from textsynth.values import given_name

SENTENCES = ["Where is my parcel?", "Wo ist mein Paket?", "Où est mon colis ?", "小包はどこですか", "", "1234"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEXTSYNTH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_is_written_once(cache: Path):
    def write(folder: Path) -> None:
        written.append(folder)
        (folder / "a.txt").write_text("a")

    written: list[Path] = []
    assert unpack_once("model-1", write) == unpack_once("model-1", write) == cache / "model-1"
    assert unpack_once("model-2", write) == cache / "model-2"
    assert len(written) == 2
    assert (cache / "model-1" / "a.txt").read_text() == "a"


def test_what_is_damaged_is_not_used(cache: Path, caplog: pytest.LogCaptureFixture):
    def write(folder: Path) -> None:
        (folder / "a.txt").write_text("a")

    unpack_once("model", write)
    (cache / "model" / "a.txt").write_text("b")
    assert unpack_once("model", write) is None
    assert caplog.messages == [f"{cache / 'model'}: is damaged and not used; remove it and it is made again"]


def test_nothing_is_left_of_what_could_not_be_written(cache: Path):
    def fail(folder: Path) -> None:
        (folder / "a.txt").write_text("a")
        raise OutputError("the disk is full")

    assert unpack_once("model", fail) is None
    assert not (cache / "model").exists()
    cache.rename(cache.with_name("moved"))
    cache.write_text("a file stands where the folder should be")
    assert unpack_once("model", fail) is None


@pytest.mark.usefixtures("cache")
def test_languages_are_told_alike_by_the_packed_model_and_the_unpacked_one():
    packed = language_fit._load_packed()
    for _ in range(2):
        unpacked = language_fit._identifier.__wrapped__()
        assert unpacked.labels == packed.labels
        assert [unpacked.rank(each) for each in SENTENCES] == [packed.rank(each) for each in SENTENCES]


@pytest.mark.usefixtures("cache")
def test_genders_are_told_alike_when_they_are_counted_and_when_they_are_read():
    for _ in range(2):
        assert given_name._find_genders.__wrapped__() == given_name._count_genders()
