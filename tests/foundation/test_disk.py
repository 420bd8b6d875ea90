from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from textsynth.errors import FormatError, OutputError
from textsynth.foundation.disk import (
    LOCK,
    holds_nothing,
    lasting_directory,
    merged_directory,
    sole_use,
    sweep,
    whole_directory,
    whole_file,
    write_whole,
)
from textsynth.foundation.sums import SUMS, find_strangers


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != SUMS)


def test_a_file_appears_at_the_end(tmp_path: Path):
    path = tmp_path / "new" / "out.txt"
    with whole_file(path) as partial:
        partial.write_text("new")
        assert not path.exists()
        assert partial.parent == path.parent
    assert path.read_text() == "new"
    assert names(tmp_path) == ["new", "new/out.txt"]


def break_after(path: Path, error: BaseException) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("half")
    raise error


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), FormatError("bad")])
def test_an_error_leaves_the_old_file(error: BaseException, tmp_path: Path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(type(error)), whole_file(path) as partial:
        break_after(partial, error)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["out.txt"]


def test_an_error_of_the_system_says_what_could_not_be_written(tmp_path: Path):
    path = tmp_path / "out.txt"
    with pytest.raises(OutputError) as caught, whole_file(path):
        raise OSError(28, "No space left on device")
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert isinstance(caught.value, OSError)
    assert names(tmp_path) == []


def test_a_directory_appears_at_the_end_and_replaces_the_old_one(tmp_path: Path):
    path = tmp_path / "out"
    for content in ("a", "b"):
        with whole_directory(path) as partial:
            (partial / content).mkdir()
            (partial / content / "file").write_text(content)
            assert names(path) == ([] if content == "a" else ["a", "a/file"])
    assert names(tmp_path) == ["out", "out/b", "out/b/file"]


def test_an_error_leaves_the_old_directory(tmp_path: Path):
    path = tmp_path / "out"
    with whole_directory(path) as partial:
        (partial / "old").write_text("old")
    with pytest.raises(ValueError, match="broken"), whole_directory(path) as partial:
        break_after(partial / "half", ValueError("broken"))
    assert names(tmp_path) == ["out", "out/old"]


def test_what_an_earlier_kill_left_behind_is_cleared(tmp_path: Path):
    path = tmp_path / "out"
    for leftover in ("out.textsynth-partial", "out.textsynth-partial.old"):
        (tmp_path / leftover).mkdir()
        (tmp_path / leftover / "junk").touch()
    for name in ("new", "newer"):
        with whole_directory(path) as partial:
            (partial / name).touch()
    assert names(tmp_path) == ["out", "out/newer"]


def test_sweeps_away_what_is_half_written(tmp_path: Path):
    for name in ("a.textsynth-partial", "b/c.textsynth-partial.old", "b/d.textsynth-partial"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "junk").touch()
    (tmp_path / "b" / "e.txt.textsynth-partial").touch()
    (tmp_path / "b" / "partial.txt").touch()
    sweep(tmp_path)
    assert names(tmp_path) == ["b", "b/partial.txt"]


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), FormatError("bad")])
def test_a_lasting_directory_is_handed_again_until_its_block_ends_well(error: BaseException, tmp_path: Path):
    path = tmp_path / "new" / "out"
    state = path.with_name("out.unfinished") / "deep" / "state"
    with pytest.raises(type(error)), lasting_directory(path):
        break_after(state, error)
    (state.parent / "torn.textsynth-partial").touch()
    assert names(tmp_path / "new") == [
        f"out.unfinished{rest}" for rest in ("", "/deep", "/deep/state", "/deep/torn.textsynth-partial")
    ]
    sweep(tmp_path)
    with lasting_directory(path) as unfinished:
        assert names(unfinished) == ["deep", "deep/state"]
        (unfinished / "deep" / "state").rename(unfinished / "end")
    assert names(tmp_path) == ["new", "new/out", "new/out/deep", "new/out/end"]


def test_an_error_leaves_no_lasting_directory_that_is_empty(tmp_path: Path):
    with pytest.raises(ValueError, match="broken"), lasting_directory(tmp_path / "new" / "out"):
        raise ValueError("broken")
    assert names(tmp_path) == []


def test_an_error_of_the_system_names_the_lasting_directory_as_it_will_be(tmp_path: Path):
    with pytest.raises(OutputError) as caught, lasting_directory(tmp_path / "out") as unfinished:
        break_after(unfinished / "half", OSError(28, "No space left on device"))
    assert str(caught.value) == f"{tmp_path / 'out'}: cannot be written: No space left on device"
    with pytest.raises(OutputError) as caught, lasting_directory(tmp_path / "out") as unfinished:
        write_whole(unfinished, "x")
    assert str(caught.value) == f"{tmp_path / 'out'}: cannot be written: must be a file to write, is a directory"


@pytest.mark.parametrize("stranger", ["old.txt", ".env", "deep/notes.txt", "empty/"])
def test_a_directory_with_files_of_others_is_not_replaced(stranger: str, tmp_path: Path):
    path = tmp_path / "out"
    with whole_directory(path) as partial:
        (partial / "new.txt").touch()
    place = path / stranger
    place.parent.mkdir(exist_ok=True)
    if stranger.endswith("/"):
        place.mkdir()
    else:
        place.touch()
    before = names(tmp_path)
    with pytest.raises(OutputError) as caught, whole_directory(path) as partial:
        (partial / "new.txt").touch()
    name = stranger.rstrip("/")
    says = f"{path}: must be empty or hold nothing but what was written here before, has {name!r}"
    assert str(caught.value) == says
    assert names(tmp_path) == before


def test_a_file_that_was_changed_since_is_not_replaced(tmp_path: Path):
    path = tmp_path / "out"
    with whole_directory(path) as partial:
        (partial / "a.ann").write_text("T1")
    (path / "a.ann").write_text("T1, corrected by hand")
    with pytest.raises(OutputError, match=r"has 'a\.ann'"), whole_directory(path):
        pass
    assert (path / "a.ann").read_text() == "T1, corrected by hand"


def test_a_merged_directory_leaves_the_files_of_others(tmp_path: Path):
    path = tmp_path / "out"
    with whole_directory(path) as partial:
        (partial / "old.txt").touch()
    (path / ".env").write_text("mine")
    with merged_directory(path) as fresh, whole_directory(fresh) as partial:
        (partial / "new.txt").touch()
    assert names(tmp_path) == ["out", "out/.env", "out/new.txt"]
    assert find_strangers(path) == [".env"]


@pytest.mark.parametrize("open_place", [whole_file, whole_directory, lasting_directory])
def test_directories_that_were_made_for_it_vanish_with_it(open_place: Any, tmp_path: Path):
    (tmp_path / "stood").mkdir()
    with pytest.raises(ValueError, match="broken"), open_place(tmp_path / "stood" / "a" / "b" / "out"):
        raise ValueError("broken")
    assert names(tmp_path) == ["stood"]


def test_one_process_at_a_time_has_the_use_of_a_directory(tmp_path: Path):
    with sole_use(tmp_path):
        with pytest.raises(OutputError) as caught, sole_use(tmp_path):
            pass
        assert str(caught.value) == f"{tmp_path}: must not be in use, the process {os.getpid()} is at work in it"
    with sole_use(tmp_path):
        (tmp_path / "work").touch()
    assert names(tmp_path) == [LOCK, "work"], "another process may be opening the lock just now"


def test_a_directory_with_nothing_but_its_lock_is_left_empty(tmp_path: Path):
    with sole_use(tmp_path):
        assert holds_nothing(tmp_path)
    assert names(tmp_path) == []


def test_a_child_that_outlives_its_parent_does_not_keep_the_lock(tmp_path: Path):
    code = (
        "import multiprocessing, os, sys, time\nfrom pathlib import Path\n"
        "from textsynth.foundation.disk import sole_use\n"
        "with sole_use(Path(sys.argv[1])):\n"
        "    multiprocessing.get_context('fork').Process(target=time.sleep, args=(30,)).start()\n"
        "    os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    for _ in range(100):  # The child lets go as soon as it runs, which a busy machine may put off.
        try:
            with sole_use(tmp_path):
                return
        except OutputError:
            time.sleep(0.1)
    pytest.fail("the lock must be free ten seconds after the process that held it has ended")


def test_something_of_another_kind_is_not_replaced(tmp_path: Path):
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    for open_place in (whole_directory, lasting_directory):
        with pytest.raises(OutputError) as file, open_place(tmp_path / "file"):
            pass
        assert str(file.value) == f"{tmp_path / 'file'}: must be a directory to write, is a file"
    with pytest.raises(OutputError) as directory, whole_file(tmp_path / "directory"):
        pass
    assert str(directory.value) == f"{tmp_path / 'directory'}: must be a file to write, is a directory"
    assert names(tmp_path) == ["directory", "file"]


def test_a_place_under_a_file_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").touch()
    for open_place in (whole_file, whole_directory, lasting_directory):
        with pytest.raises(OutputError) as caught, open_place(tmp_path / "file" / "out"):
            pass
        assert str(caught.value).startswith(f"{tmp_path / 'file' / 'out'}: cannot be written: ")


def test_writes_strings_as_utf8_without_changing_line_breaks(tmp_path: Path):
    write_whole(tmp_path / "a", "Zoë\r\n\n")
    write_whole(tmp_path / "b", b"\xff")
    assert (tmp_path / "a").read_bytes() == b"Zo\xc3\xab\r\n\n"
    assert (tmp_path / "b").read_bytes() == b"\xff"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_without_permission(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError) as caught:
        write_whole(tmp_path / "out", "x")
    assert str(caught.value) == f"{tmp_path / 'out'}: cannot be written: Permission denied"
