"""Bad input is one line that says where, what must hold and what it was; exit code 2; nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workbench import TEXTSYNTH, Outcome, call, make_recipe, spawn, tree, write_recipe, write_source

from textsynth import formats

GOOD = '{"text": "Ada lives in Rome.", "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}\n'

FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.jsonl", b"", "a.jsonl: must have at least one example for the format 'jsonl', it has none"),
    "blank": ("a.txt", b"\n \n", "a.txt: must have at least one example for the format 'text', it has none"),
    "wrong encoding": (
        "a.jsonl",
        GOOD.encode() + '{"text": "Zoë"}\n'.encode("latin-1"),
        "a.jsonl:2: the text must be utf-8, has byte 0xeb at 12; name another with the option 'encoding'",
    ),
    "no JSON": ("a.jsonl", GOOD.encode() + b"{text: 1}\n", "a.jsonl:2: "),
    "no text": ("a.jsonl", GOOD.encode() + b'{"txt": "Ada"}\n', "a.jsonl:2: "),
    "ragged CSV": ("a.csv", b"text,label\nhello,greet\nbye\n", "a.csv:3: "),
    "CoNLL without a tag": ("a.conll", b"Ada B-PER\nlives O\nin\nRome B-LOC\n", "a.conll:3: "),
    "an offset past the end": (
        "a.jsonl",
        GOOD.encode() + b'{"text": "Ada", "spans": [{"start": 0, "end": 4, "label": "P"}]}\n',
        "a.jsonl:2: span 0-4 'P' reaches outside the text of 3 characters",
    ),
    "overlapping spans": (
        "a.jsonl",
        b'{"text": "Ada Lovelace", "spans": [[0, 12, "P"], [4, 12, "Q"]]}\n',
        "a.jsonl:1: span 4-12 'Q' overlaps the span before it, which ends at 12",
    ),
    "a span of white space": (
        "a.jsonl",
        b'{"text": "Ada Lovelace", "spans": [[0, 4, "P"]]}\n',
        "a.jsonl:1: span 0-4 'P' begins or ends in white space: 'Ada '",
    ),
    "an unknown format": ("a.xyz", b"Ada\n", "a.xyz: no format is known by this name or content; name one with --from"),
    "a broken DocBin": ("a.spacy", b"nonsense", "a.spacy: "),
    "a broken parquet": ("a.parquet", b"PAR1 nonsense PAR1", "a.parquet: "),
}


def refused(outcome: Outcome, says: str) -> None:
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("textsynth: ")
    assert says in outcome.err
    assert outcome.err.count("\n") == 1
    assert outcome.err.endswith("\n")


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_refused_by_every_command(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name, content, says = FILES[case]
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    write_recipe(Path("recipe.toml"), source={"path": name})
    (tmp_path / "out.csv").write_text("old")
    before = tree(tmp_path)
    for command in (
        ["convert", name, "out.csv"],
        ["convert", name, "new/out.dataset"],
        ["extract", name, "--out", "seeds"],
        ["init", name, "--out", "my.toml"],
        ["show", name],
        ["run", "recipe.toml", "--out", "out", "--workers", "2"],
    ):
        refused(call(*command), says)
        assert tree(tmp_path) == before, command
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(before)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none.jsonl", "none.jsonl: must be a file or directory to read, there is none"),
        ("folder", "folder: no format is known"),
    ],
)
def test_what_is_no_file_is_refused_by_every_command(name: str, says: str, tmp_path: Path, monkeypatch: Any):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    write_recipe(Path("recipe.toml"), source={"path": name})
    for command in (
        ["convert", name, "out.csv"],
        ["extract", name, "--out", "seeds"],
        ["init", name, "--out", "my.toml"],
        ["show", name],
        ["run", "recipe.toml", "--out", "out"],
    ):
        refused(call(*command), says)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "recipe.toml"]
    refused(call("run", "none.toml", "--out", "out"), "none.toml: must be a file to read, there is none")
    refused(call("run", "folder", "--out", "out"), "folder: must be a file to read, is a directory")
    refused(call("convert", "folder", "out.csv", "--from", "jsonl"), "folder: must be a file to read, is a directory")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cuont": 5}, "recipe.toml: there is no option 'cuont'; did you mean 'count'?"),
        ({"count": 0}, "recipe.toml: option 'count' must be at least 1, was: 0"),
        ({"count": -1}, "recipe.toml: option 'count' must be at least 1, was: -1"),
        ({"generator": [{"use": "mention_replacemnt"}]}, "there is no generator 'mention_replacemnt'; did you mean"),
        (
            {"generator": [{"use": "mention_replacement", "rat": 1}]},
            "generator 'mention_replacement': there is no option 'rat'",
        ),
        (
            {"extract": {"labels": ["PERSN"]}},
            "the source has no label 'PERSN'; did you mean 'PERSON'? there is: GPE, PERSON",
        ),
        (
            {"generator": [{"use": "template_fill", "values": {"PERSON": "faker:nam"}}]},
            "generator 'template_fill': ",
        ),
        (
            {"generator": [{"use": "template_fill", "values": {"GPE": "words:none.txt"}}]},
            "none.txt: must be a file to read, there is none",
        ),
        ({"extract": {"gazetteer": "none.tsv"}}, "none.tsv: must be a file to read, there is none"),
        ({"extract": {"templates": "source.jsonl"}}, "source.jsonl:1: a brace must open or close a slot"),
        ({"source": {"path": "source.jsonl", "format": "conll"}}, "source.jsonl:2: a line must have"),
        (
            {"source": {"path": "source.jsonl", "format": "jsonl", "options": {"txt": "t"}}},
            "there is no option 'txt'; did you",
        ),
        ({"balance": True}, "balance = true: the source must have examples with a class, has none"),
    ],
)
def test_a_bad_recipe_is_refused(change: dict[str, Any], says: str, tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    path = write_recipe(tmp_path / "recipe.toml", **change)
    refused(call("run", path, "--out", tmp_path / "out"), says)
    assert not (tmp_path / "out" / "run.json").exists()
    assert not [each for each in (tmp_path / "out").rglob("*") if "partial" in each.name]
    # What is mended goes on in the same directory.
    make_recipe(tmp_path)
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q") == Outcome(0, "", "")


def test_a_model_that_is_not_installed_is_refused(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("Ada lives in Rome.\n")
    says = "the spaCy model 'xx_none' is neither an installed package nor a directory; python -m spacy download xx_none"
    refused(call("extract", tmp_path / "raw.txt", "--out", tmp_path / "seeds", "--model", "xx_none"), says)
    path = write_recipe(
        tmp_path / "recipe.toml", source={"path": "raw.txt"}, labeler=[{"use": "spacy", "model": "xx_none"}]
    )
    refused(call("run", path, "--out", tmp_path / "out"), says)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["raw.txt", "recipe.toml"]


def test_a_label_the_model_does_not_find_is_refused(tmp_path: Path):
    labelers = [{"use": "spacy", "model": "en_core_web_sm"}]
    (tmp_path / "raw.txt").write_text("Ada lives in Rome.\n")
    path = write_recipe(
        tmp_path / "recipe.toml", source={"path": "raw.txt"}, labeler=labelers, extract={"labels": ["PERSONS"]}
    )
    refused(
        call("run", path, "--out", tmp_path / "out"),
        "[extract] labels: no labeler gives the label 'PERSONS'; did you mean 'PERSON'?",
    )
    assert not (tmp_path / "out").exists()


def unwritable(folder: Path) -> list[str]:
    places = [str(folder / "file" / "below")]
    return [*places, "/proc/textsynth"] if sys.platform == "linux" else places


def test_an_output_that_cannot_be_written_is_refused(tmp_path: Path):
    make_recipe(tmp_path)
    (tmp_path / "file").write_text("mine")
    source, recipe = tmp_path / "source.jsonl", tmp_path / "recipe.toml"
    assert call("run", recipe, "--out", tmp_path / "out", "-q").code == 0
    for place in unwritable(tmp_path):
        refused(call("run", recipe, "--out", place), f"{place}/recipe.toml: cannot be written: ")
        refused(call("convert", source, f"{place}.csv"), f"{place}.csv: cannot be written: ")
        refused(call("convert", source, f"{place}.dataset"), f"{place}.dataset: cannot be written: ")
        refused(call("extract", source, "--out", place), f"{place}/gazetteer.tsv: cannot be written: ")
        refused(call("init", source, "--out", f"{place}.toml"), f"{place}.toml: cannot be written: ")
        refused(call("push", tmp_path / "out", "a/b", "--stage", place), f"{place}: cannot be written: ")
    refused(call("convert", source, tmp_path, "--to", "csv"), f"{tmp_path}: must be a file to write, is a directory")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no /dev/null")
def test_a_device_is_not_replaced_by_a_file(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    refused(call("convert", path, "/dev/null", "--to", "csv"), "/dev/null: must be a file to write, is a device")
    assert not Path("/dev/null").is_file()


def test_a_directory_of_somebody_else_is_not_replaced(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.tex").write_text("mine")
    for name in ("datasets", "brat"):
        outcome = call("convert", path, tmp_path / "papers", "--to", name)
        refused(outcome, "papers: must be empty or hold nothing but what was written here before, has 'thesis.tex'")
    assert tree(tmp_path / "papers") == {"thesis.tex": b"mine"}


def spawn_with_room(size: int, *arguments: str | Path) -> Outcome:
    """Calls the command line where no file may grow over a size, which is how a full disk looks from inside."""
    import resource

    done = subprocess.run(
        [TEXTSYNTH, *map(str, arguments)],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
@pytest.mark.parametrize(
    ("size", "stage"),
    [
        pytest.param(500, "recipe.toml", marks=pytest.mark.slow),
        pytest.param(2_000, "extracted", marks=pytest.mark.slow),
        (12_000, "shard"),
        pytest.param(60_000, "dataset", marks=pytest.mark.slow),
    ],
)
def test_a_full_disk_ends_a_run_that_can_go_on_later(size: int, stage: str, tmp_path: Path):
    rows = [(f"Ada{n} met Bo{n} in Rome{n} once.", [(0, len(f"Ada{n}"), "PERSON")]) for n in range(60)]
    write_source(tmp_path / "source.jsonl", rows)
    # The language is told, since what finds it out unpacks its model into the folder of temporary files first.
    told: dict[str, Any] = {"labeler": [{"use": "gold"}], "label": {"language": "en", "clean": False}}
    parts: dict[str, Any] = {"generator": [{"use": "word_swap"}], "filter": [], **told}
    make_recipe(tmp_path, count=1000, shard_size=200, export={"task": "token-classification"}, **parts)
    command = ("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q")
    outcome = spawn_with_room(size, *command)
    refused(outcome, "cannot be written: File too large")
    assert stage in outcome.err
    assert not [path for path in (tmp_path / "out").rglob("*") if "partial" in path.name]
    assert (tmp_path / "out").exists() == (stage not in ("recipe.toml", "extracted"))
    assert call(*command) == Outcome(0, "", "")
    assert call(*command[:3], tmp_path / "straight", "-q").code == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
@pytest.mark.parametrize(
    "name",
    [
        "out.parquet",
        *(
            pytest.param(f"out.{each}", marks=pytest.mark.slow)
            for each in ("jsonl", "csv", "conll", "spacy", "dataset", "brat")
        ),
    ],
)
def test_a_full_disk_leaves_what_was_there(name: str, tmp_path: Path):
    rows = [(f"Ada{n} met Bo{n} {n * 'x'}", [(0, len(f"Ada{n}"), "PERSON")]) for n in range(400)]
    path = write_source(tmp_path / "source.jsonl", rows)
    outcome = spawn_with_room(300, "convert", path, tmp_path / name)
    refused(outcome, f"{tmp_path / name}: cannot be written: File too large")
    assert [each.name for each in tmp_path.iterdir()] == ["source.jsonl"]


def test_convert_sets_bad_records_aside(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text(GOOD + "no json\n" + GOOD + '{"text": "Ada", "spans": [[0, 9, "P"]]}\n')
    refused(call("convert", path, tmp_path / "out.csv"), "a.jsonl:2: ")
    assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]
    outcome = call("convert", path, tmp_path / "out.csv", "--on-error", "skip")
    assert outcome == Outcome(
        0,
        f"{tmp_path / 'out.csv'}: 2 examples\nset aside: 2 bad records, see {tmp_path / 'out.csv'}.rejected.jsonl\n",
        "",
    )
    rows = [json.loads(line) for line in (tmp_path / "out.csv.rejected.jsonl").read_text().splitlines()]
    assert {row["line"] for row in rows} == {2, 4}
    assert all(row["reason"] for row in rows)
    assert len(formats.read(tmp_path / "out.csv")) == 2


def test_a_run_sets_bad_records_aside_and_shows_how_many(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    with (tmp_path / "source.jsonl").open("a") as file:
        file.write("no json\n")
    make_recipe(tmp_path, source={"path": "source.jsonl", "on_error": "skip"})
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.json["source"]["rejected"]) == (0, 1)
    (line,) = (tmp_path / "out" / "extracted" / "rejected_source.jsonl").read_text().splitlines()
    assert json.loads(line)["line"] == 9
    shown = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    aside = tmp_path / "out" / "extracted" / "rejected_source.jsonl"
    assert f"set aside: 1 bad record of the source, see {aside}\n" in shown.out


def test_a_source_of_bad_records_alone_is_refused(tmp_path: Path):
    (tmp_path / "source.jsonl").write_text("no json\nnor this\n")
    make_recipe(tmp_path, source={"path": "source.jsonl", "on_error": "skip"})
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    refused(
        outcome,
        "source.jsonl: must have at least one example for the format 'jsonl', all 2 of its records were rejected",
    )
    assert not (tmp_path / "out").exists()


def test_the_program_itself_ends_with_2_and_one_line(tmp_path: Path):
    refused(spawn("show", tmp_path / "none.jsonl"), "none.jsonl: must be a file or directory to read, there is none")
    refused(call("run", tmp_path / "none.toml", "--out", tmp_path / "out"), "none.toml: must be a file to read")
    assert list(tmp_path.iterdir()) == []
