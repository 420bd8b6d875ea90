from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from textsynth.chat.archive import Archive, Usage
from textsynth.chat.request import Answer
from textsynth.errors import InputError, OutputError

HELLO = Answer('["Zoë \ud83d"]', "stop", 10, 5)


def key(number: int) -> str:
    return f"{number:032x}"[::-1]


def keep(directory: Path, first: int) -> None:
    archive = Archive(directory)
    for number in range(first, first + 40):
        archive.keep(key(number), Answer("x", "stop", 1, 2))


def test_an_answer_comes_back_as_it_was(tmp_path: Path):
    archive = Archive(tmp_path)
    assert archive.find(key(1)) is None
    archive.keep(key(1), HELLO)
    assert archive.find(key(1)) == Archive(tmp_path).find(key(1)) == HELLO
    assert Archive(tmp_path).find(key(2)) is None


def test_what_was_spent_is_known_after_a_restart(tmp_path: Path):
    archive = Archive(tmp_path)
    archive.keep(key(1), HELLO)
    archive.keep(key(2), Answer("", "length", 3, 4, counted=False))
    archive.keep(key(2), Answer("", "length", 3, 4, counted=False))
    assert archive.compute_usage() == Archive(tmp_path).compute_usage() == Usage(2, 13, 9, 1)
    assert Usage(2, 13, 9, 1).tokens == 22


def test_what_another_spends_is_seen(tmp_path: Path):
    one, other = Archive(tmp_path), Archive(tmp_path)
    one.keep(key(1), HELLO)
    assert other.compute_usage().requests == 1
    one.keep(key(2), HELLO)
    assert other.compute_usage().requests == one.compute_usage().requests == 2


def test_a_shared_directory_gives_answers_that_cost_nothing(tmp_path: Path):
    first = Archive(tmp_path / "one", tmp_path / "shared")
    first.keep(key(1), HELLO)
    second = Archive(tmp_path / "two", tmp_path / "shared")
    assert second.find(key(1)) == HELLO
    assert (first.compute_usage(), second.compute_usage()) == (Usage(1, 10, 5), Usage())
    (tmp_path / "shared").rename(tmp_path / "gone")
    assert Archive(tmp_path / "two").find(key(1)) == HELLO
    assert Archive(tmp_path / "two").compute_usage() == Usage()


def test_threads_keep_answers_beside_each_other(tmp_path: Path):
    archive = Archive(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: archive.keep(key(number % 50), Answer("x", "stop", 1, 2)), range(400)))
    assert archive.compute_usage() == Archive(tmp_path).compute_usage() == Usage(50, 50, 100)
    assert not list(tmp_path.rglob("*.textsynth-partial"))


def test_processes_keep_answers_beside_each_other(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.starmap(keep, [(tmp_path, 0), (tmp_path, 20), (tmp_path, 60)])
    assert Archive(tmp_path).compute_usage() == Usage(100, 100, 200)


def test_what_was_left_half_written_is_no_answer(tmp_path: Path):
    archive = Archive(tmp_path)
    archive.keep(key(1), HELLO)
    path = next(tmp_path.rglob("*.json"))
    path.with_name("0000.json.1-2.textsynth-partial").write_text('{"text"')
    assert Archive(tmp_path).compute_usage().requests == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"text": "x"}', '{"text": "x", "paid": true, "odd": 1}'])
def test_a_file_that_is_no_answer_is_an_error_with_its_path(tmp_path: Path, content: str):
    Archive(tmp_path).keep(key(1), HELLO)
    path = next(tmp_path.rglob("*.json"))
    path.write_text(content)
    with pytest.raises(InputError, match=r"\.json: must be an answer of a model, cannot be read; remove it"):
        Archive(tmp_path).find(key(1))


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        Archive(tmp_path / "file").keep(key(1), HELLO)


def test_a_file_holds_the_answer_and_nothing_of_the_request(tmp_path: Path):
    Archive(tmp_path).keep(key(1), HELLO)
    content = json.loads(next(tmp_path.rglob("*.json")).read_text())
    assert sorted(content) == ["counted", "finish", "new_tokens", "paid", "prompt_tokens", "sum", "text"]
