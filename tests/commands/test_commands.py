from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workbench import (
    TEXTSYNTH,
    Outcome,
    call,
    installed,
    make_recipe,
    read_made,
    spawn,
    tree,
    write_package,
    write_recipe,
    write_source,
)

from textsynth import formats
from textsynth.components import registry
from textsynth.components.description import describe
from textsynth.errors import InputError
from textsynth.extract import Resources

ESCAPE = "\x1b"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    make_recipe(tmp_path)
    return tmp_path / "recipe.toml"


def plain(outcome: Outcome) -> None:
    """Nothing that only a terminal understands."""
    for text in (outcome.out, outcome.err):
        assert ESCAPE not in text
        assert "\r" not in text


def test_run_ends_with_tables_samples_and_the_place_of_the_dataset(recipe: Path, tmp_path: Path):
    outcome = call("run", recipe, "--out", tmp_path / "out")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[-1] == f"dataset: {tmp_path / 'out' / 'dataset'}"
    for title in ("Examples", "Mentions by label", "Examples by split", "Seconds by stage"):
        assert any(line.strip() == title for line in lines)
    samples = lines[-5:-2]
    assert all(re.search(r"\[.+ (PERSON|GPE)\]", sample) for sample in samples), samples
    assert formats.read(tmp_path / "out" / "dataset", "datasets").labels == ("GPE", "PERSON")


def test_run_says_that_it_ended_before(recipe: Path, tmp_path: Path):
    first, second = (call("run", recipe, "--out", tmp_path / "out") for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert second.out == f"{tmp_path / 'out'}: this run had ended before; it is shown again\n{first.out}"


def test_run_for_programs_and_run_in_silence(recipe: Path, tmp_path: Path):
    outcome = call("run", recipe, "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    written = json.loads((tmp_path / "out" / "run.json").read_text())
    assert outcome.json == {"directory": str(tmp_path / "out"), **written}
    assert call("run", recipe, "--out", tmp_path / "quiet", "-q") == Outcome(0, "", "")


def test_run_comes_short_with_exit_code_1_unless_fewer_are_allowed(tmp_path: Path):
    make_recipe(tmp_path, count=5000)
    short = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--json")
    assert short.code == 1
    assert short.json["state"] == "short"
    assert short.err.startswith(f"textsynth: delivered {short.json['delivered']} of the 5000 examples asked for; ")
    assert short.err.endswith("; --allow-fewer accepts that\n")
    assert short.err.count("\n") == 1
    allowed = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q", "--allow-fewer")
    assert allowed == Outcome(0, "", "")
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q").err == short.err


def test_run_tells_in_detail_what_it_does(recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    outcome = call("run", recipe, "--out", "out", "--verbose")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == f"dataset: {tmp_path / 'out' / 'dataset'}"
    plain(outcome)
    stages = [re.sub(r" in [\d.]+ s$", "", line) for line in outcome.err.splitlines()]
    assert stages == [
        f"textsynth: {tmp_path / 'source.jsonl'}: read as jsonl",
        "textsynth: read source.jsonl: 8",
        "textsynth: fit mention_replacement",
        "textsynth: fit duplicate",
        "textsynth: generate and filter: 40",
        "textsynth: export: 48",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_run_draws_bars_and_colours_on_a_terminal(recipe: Path, tmp_path: Path):
    leader, follower = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    command = [TEXTSYNTH, "run", recipe, "--out", tmp_path / "out"]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    told = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
        while piece := os.read(leader, 1 << 16):
            told += piece
    os.close(leader)
    assert process.wait() == 0
    text = told.decode()
    for stage in ("read source.jsonl", "fit mention_replacement", "generate and filter", "export"):
        assert stage in text
    assert "40/40" in text
    assert re.search(r"\x1b\[1;3\dm", text)


def test_extract_writes_files_to_look_at_and_to_edit(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    outcome = call("extract", path, "--out", tmp_path / "seeds", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.json == {
        "examples": 8,
        "templates": 8,
        "mentions": {"GPE": 6, "PERSON": 8},
        "directory": str(tmp_path / "seeds"),
    }
    assert "GPE\tZürich\t1\ttitle" in (tmp_path / "seeds" / "gazetteer.tsv").read_text().splitlines()
    assert "1\t\t{PERSON} lives in {GPE}." in (tmp_path / "seeds" / "templates.tsv").read_text().splitlines()
    assert formats.read(tmp_path / "seeds" / "annotated.jsonl") == formats.read(path)
    (tmp_path / "seeds" / "gazetteer.tsv").write_text("GPE\tKöln\nPERSON\tBo\nPERSON\tAl\n")
    edited = {"templates": "seeds/templates.tsv", "gazetteer": "seeds/gazetteer.tsv"}
    write_recipe(tmp_path / "recipe.toml", count=8, extract=edited, generator=[{"use": "template_fill"}])
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q").code == 0
    mentions = Resources.of(read_made(tmp_path / "out")).gazetteer
    assert mentions.mentions.keys() == {"GPE", "PERSON"}
    assert set(mentions.mentions["GPE"]) == {"Köln"}


def test_extract_writes_over_nothing_unasked(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    assert call("extract", path, "--out", tmp_path / "seeds").code == 0
    (tmp_path / "seeds" / "templates.tsv").write_text("edited")
    before = tree(tmp_path)
    again = call("extract", path, "--out", tmp_path / "seeds")
    must = "must not exist yet, or be given up with --overwrite"
    assert (again.code, again.err) == (2, f"textsynth: {tmp_path / 'seeds' / 'gazetteer.tsv'}: {must}\n")
    assert tree(tmp_path) == before
    assert call("extract", path, "--out", tmp_path / "seeds", "--overwrite").code == 0
    assert (tmp_path / "seeds" / "templates.tsv").read_text() != "edited"


def test_run_begins_anew_if_it_may_overwrite(recipe: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert call("run", recipe, "--out", out, "-q").code == 0
    write_recipe(recipe, count=20)
    refused = call("run", recipe, "--out", out)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert refused.err.endswith("choose another --out, or --overwrite\n")
    again = call("run", recipe, "--out", out, "--overwrite", "--json")
    assert (again.code, again.json["delivered"]) == (0, 20)
    call("run", recipe, "--out", tmp_path / "new", "-q")
    assert tree(tmp_path / "new") == tree(out)
    (out / "notes.txt").write_text("mine")
    refused = call("run", recipe, "--out", out, "--overwrite")
    assert refused.err == f"textsynth: {out}: must have nothing but a run to be overwritten, has 'notes.txt'\n"


def test_overwrite_keeps_what_is_no_run_and_what_the_recipe_reads(recipe: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("mine")
    refused = call("run", recipe, "--out", other, "--overwrite")
    assert (refused.code, (other / "thesis.tex").read_text()) == (2, "mine")
    out = tmp_path / "out"
    call("run", recipe, "--out", out, "-q")
    write_recipe(recipe, extract={"templates": "out/extracted/templates.tsv"})
    before = tree(out)
    refused = call("run", recipe, "--out", out, "--overwrite")
    assert refused.code == 2
    assert "templates.tsv: must be copied elsewhere first, --overwrite would remove it" in refused.err
    assert tree(out) == before


def test_extract_keeps_the_labels_that_are_wanted(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    outcome = call("extract", path, "--out", tmp_path / "seeds", "--labels", "GPE", "--json")
    assert outcome.json["mentions"] == {"GPE": 6}
    wrong = call("extract", path, "--out", tmp_path / "other", "--labels", "GPE,PERSN")
    assert wrong.err == "textsynth: the source has no label 'PERSN'; did you mean 'PERSON'? there is: GPE, PERSON\n"
    assert not (tmp_path / "other").exists()


def test_extract_finds_the_entities_of_raw_text(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("Angela Merkel met Barack Obama in Berlin on Tuesday.\n")
    outcome = call(
        "extract",
        tmp_path / "raw.txt",
        "--out",
        tmp_path / "seeds",
        "--labels",
        "PERSON, GPE",
        "--model",
        "en_core_web_sm",
    )
    assert outcome.code == 0
    assert outcome.err == "textsynth: labelled 1 of 1 sentences with 3 of the 3 mentions found; set aside: none\n"
    assert outcome.out.splitlines()[0] == f"{tmp_path / 'seeds'}: gazetteer.tsv, templates.tsv and annotated.jsonl"
    assert (tmp_path / "seeds" / "templates.tsv").read_text().splitlines()[1] == (
        "1\t\t{PERSON} met {PERSON:2} in {GPE} on Tuesday."
    )


def test_label_takes_lists_patterns_and_checks_them(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("She took aspirin. He took aspirin in oslo. In Oslo it rained.\n")
    (tmp_path / "drugs.txt").write_text("aspirin\n")
    (tmp_path / "p.jsonl").write_text('{"label": "CITY", "pattern": "oslo"}\n')
    (tmp_path / "gold.jsonl").write_text(
        '{"text": "no aspirin", "spans": [{"start": 3, "end": 10, "label": "DRUG"}]}\n'
    )
    command = ["label", tmp_path / "raw.txt", "--words", f"DRUG={tmp_path / 'drugs.txt'}", "--out", tmp_path / "out"]
    outcome = call(*command, "--patterns", tmp_path / "p.jsonl", "--check", tmp_path / "gold.jsonl")
    assert outcome.code == 0, outcome.err
    assert "labelled 3 of 3 sentences with 3 of the 3 mentions found; set aside: none" in outcome.out
    assert "100% [21, 100]" in outcome.out
    labelled = formats.read(tmp_path / "out" / "labelled.jsonl")
    assert [each.mentions() for each in labelled] == [("aspirin",), ("aspirin", "oslo"), ()]
    assert "labelled.jsonl: must not exist yet, or be given up with --overwrite" in call(*command).err
    report = json.loads(call(*command, "--json", "--overwrite").out)
    assert (report["mentions_found"], report["set_aside"], report["labelers"][0]["mentions"]) == (2, {}, 2)


def test_label_says_why_sentences_are_set_aside(tmp_path: Path):
    (tmp_path / "raw.txt").write_text("The ship left Porto. Then it met Bergen.\n")
    (tmp_path / "places.txt").write_text("Porto\n")
    outcome = call(
        "label", tmp_path / "raw.txt", "--words", f"LOC={tmp_path / 'places.txt'}", "--out", tmp_path / "out"
    )
    told = outcome.out.splitlines()[-3:-1]
    assert told[0] == "labelled 1 of 2 sentences with 1 of the 1 mentions found; set aside: 1 missed?"
    assert told[1].startswith("missed?: beside the mentions stands a name by its capital, ")
    assert "--words must be written LABEL=FILE" in call("label", tmp_path / "raw.txt", "--words", "x", "--out", "o").err
    assert "at least one of --words, --patterns" in call("label", tmp_path / "raw.txt", "--out", "o").err


def test_convert_goes_from_any_format_to_any_and_back(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl", classes=True)
    names = ["a.csv", "b.spacy", "c.parquet", "d.prodigy.jsonl", "e.doccano.jsonl", "f.label_studio.json", "g.dataset"]
    for name in [*names, "back.jsonl"]:
        outcome = call("convert", path, tmp_path / name)
        assert outcome == Outcome(0, f"{tmp_path / name}: 8 examples\n", ""), name
        path = tmp_path / name
    assert formats.read(path) == formats.read(tmp_path / "source.jsonl")


def test_convert_refuses_to_lose_classes_unless_told_to(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl", classes=True)
    refused = call("convert", path, tmp_path / "out.conll")
    assert (refused.code, refused.out) == (2, "")
    assert "the format 'conll' cannot carry class labels" in refused.err
    assert not (tmp_path / "out.conll").exists()
    dropped = call("convert", path, tmp_path / "out.conll", "--drop", "label", "--json")
    assert dropped.json == {
        "examples": 8,
        "rejected": 0,
        "left_out": {"label": 8},
        "target": str(tmp_path / "out.conll"),
    }
    told = call("convert", path, tmp_path / "out.conll", "--drop", "label")
    assert told.out.splitlines() == [f"{tmp_path / 'out.conll'}: 8 examples", "left out: label of 8 examples"]
    assert "no part 'labels' to drop; did you mean 'label'?" in call("convert", path, "x.conll", "--drop", "labels").err


def test_convert_takes_formats_and_their_options_by_name(tmp_path: Path):
    (tmp_path / "data").write_text("utterance,intent\nhello,greet\n5,7\n")
    outcome = call(
        *("convert", tmp_path / "data", tmp_path / "out", "--from", "csv", "--to", "jsonl"),
        *("--read-option", "text=utterance", "--read-option", "label=intent"),
        *("--write-option", 'text="body"'),
    )
    assert (outcome.code, outcome.err) == (0, "")
    rows = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [(row["body"], row["label"]) for row in rows] == [("hello", "greet"), ("5", "7")]
    wrong = call(
        "convert", tmp_path / "data", tmp_path / "out", "--from", "csv", "--to", "jsonl", "--read-option", "text"
    )
    assert wrong.err == "textsynth: an option must be written NAME=VALUE, was: 'text'\n"


@pytest.mark.parametrize("kind", ["generators", "filters", "metrics", "formats"])
def test_list_tells_each_component_of_a_kind_in_a_line(kind: str):
    names = registry.names(kind[:-1])  # type: ignore[arg-type]
    outcome = call("list", kind)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert [line.split()[0] for line in lines] == (names or ["none"])
    rows = call("list", kind, "--json").json
    assert [(row["kind"], row["name"]) for row in rows] == [(kind[:-1], name) for name in names]
    for line, row in zip(lines, rows, strict=False):
        assert line.endswith(f"  {row['summary']}")


def test_list_fits_a_screen_and_names_everything(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    outcome = call("list")
    assert (outcome.code, outcome.err) == (0, "")
    plain(outcome)
    assert outcome.out.count("\n") < 24
    assert all(re.search(rf"\b{name}\b", outcome.out) for kind in registry.KINDS for name in registry.names(kind))
    rows = call("list", "--json").json
    assert [(row["kind"], row["name"]) for row in rows] == [
        (kind, name) for kind in registry.KINDS for name in registry.names(kind)
    ]


@pytest.mark.parametrize(("kind", "name"), [("generator", "vae"), ("filter", "duplicate"), ("format", "csv")])
def test_list_tells_the_options_of_one_component(kind: Any, name: str):
    outcome = call("list", name)
    (row,) = call("list", name, "--json").json
    cls = registry.look_up(kind, name)
    assert outcome.out.startswith(f"{name}, a {kind}: {row['summary'][:40]}")
    assert ("pip install 'textsynth-corpora[torch]'" in outcome.out) == (row["extras"] == ["torch"])
    for option, known in zip(row["options"], describe(cls), strict=True):
        assert (option["name"], option["type"], option["meaning"]) == (known.name, known.type, known.meaning)
        assert re.search(rf"^  {option['name']} ", outcome.out, re.MULTILINE)


def test_list_names_what_other_packages_bring(tmp_path: Path):
    with installed(write_package(tmp_path / "package")):
        (row,) = [row for row in call("list", "generators", "--json").json if row["name"] == "numbers"]
        assert re.search(r"^numbers +Counts:", call("list", "generators").out, re.MULTILINE)
    assert row["options"][0] == {
        "name": "limit",
        "type": "int",
        "default": 1000,
        "meaning": "how many different ones there are.",
    }


def test_a_package_that_cannot_be_loaded_breaks_nothing_else(tmp_path: Path):
    package = write_package(tmp_path / "package")
    entries = package / "numbers_of_ours-1.0.dist-info" / "entry_points.txt"
    entries.write_text(entries.read_text() + "[textsynth.formats]\nbad = no_such_module:Bad\nodd = json:dumps\n")
    with installed(package):
        outcome = spawn("list", "formats")
    assert outcome.code == 0
    assert "jsonl  " in outcome.out
    told = outcome.err.splitlines()
    assert len(told) == 2
    assert "the format 'bad', announced as no_such_module:Bad, cannot be loaded: No module named" in told[0]
    assert "the format 'odd', announced as json:dumps, must be a component, is none" in told[1]


def test_show_highlights_examples_of_any_corpus(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl", [("Ada " + "and so on " * 50, [(0, 3, "PERSON")])])
    outcome = call("show", path)
    assert outcome == Outcome(0, "[Ada PERSON] " + "and so on " * 50 + "\n", "")
    rows = [json.loads(line) for line in call("show", path, "--json").out.splitlines()]
    assert rows[0]["spans"] == [{"start": 0, "end": 3, "label": "PERSON"}]


def test_show_draws_from_a_run_by_seed(recipe: Path, tmp_path: Path):
    call("run", recipe, "--out", tmp_path / "out", "-q")
    delivered = {example.text for example in formats.read(tmp_path / "out" / "dataset", options={"split": "all"})}

    def texts(*options: str) -> list[str]:
        lines = call("show", tmp_path / "out", "--json", *options).out.splitlines()
        return [json.loads(line)["text"] for line in lines]

    assert len(texts()) == 10
    assert len(texts("-n", "3")) == 3
    assert set(texts("-n", "1000")) == delivered
    assert texts("--seed", "1") == texts("--seed", "1") != texts("--seed", "2")
    assert set(texts("--seed", "1")) <= delivered
    (tmp_path / "out" / "run.json").unlink()
    shutil.rmtree(tmp_path / "out" / "dataset")
    unfinished = call("show", tmp_path / "out")
    assert unfinished.err == (
        f"textsynth: {tmp_path / 'out'}: must be the directory of a run that has ended, has no dataset\n"
    )


def test_show_tells_why_examples_were_dropped(tmp_path: Path):
    steps = [{"use": "mention_replacement"}, {"use": "word_swap"}]
    make_recipe(tmp_path, count=200, generator=steps)
    out = tmp_path / "out"
    summary = call("run", tmp_path / "recipe.toml", "--out", out, "--json", "--allow-fewer").json
    rows = [json.loads(line) for line in call("show", out, "--rejected", "-n", "2", "--json").out.splitlines()]
    assert {(row["step"], row["reason"]): row["count"] for row in rows} == {
        (step, reason): count
        for step, counts in summary["steps"].items()
        for reason, count in counts["dropped"].items()
    }
    assert all(row["text"] and row["filter"] for row in rows)
    shown = call("show", out, "--rejected", "-n", "2")
    head, first, *_ = shown.out.splitlines()
    assert head == f"{rows[0]['count']} examples of {rows[0]['step']} dropped by duplicate: {rows[0]['reason']}"
    assert re.match(r"  \S", first)
    nothing = call("show", tmp_path, "--rejected")
    assert (nothing.code, nothing.err.count("\n")) == (2, 1)


def test_init_for_programs_and_in_silence(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl")
    outcome = call("init", path, "--out", tmp_path / "a.toml", "--json")
    assert outcome.json == {
        "recipe": str(tmp_path / "a.toml"),
        "format": "jsonl",
        "examples": 8,
        "labels": ["GPE", "PERSON"],
        "classes": [],
        "doubts": [],
        "few_mentions": {"GPE": 6, "PERSON": 7},
        "found": {},
    }
    assert call("init", path, "--out", tmp_path / "b.toml", "-q") == Outcome(0, "", "")
    assert tree(tmp_path)["a.toml"] == tree(tmp_path)["b.toml"]


def test_push_stages_what_it_would_upload(recipe: Path, tmp_path: Path):
    call("run", recipe, "--out", tmp_path / "out", "-q")
    outcome = call("push", tmp_path / "out", "me/corpus", "--stage", tmp_path / "staged", "--json")
    assert outcome.json == {
        "repository": "me/corpus",
        "uploaded": False,
        "private": False,
        "directory": str(tmp_path / "staged"),
    }
    plain(call("push", tmp_path / "out", "me/corpus", "--stage", tmp_path / "staged"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "Missing argument"),
        (["run", "r.toml"], "Missing option '--out' / '-o'"),
        (["run", "r.toml", "--out", "o", "--worker", "2"], "No such option: --worker"),
        (["run", "r.toml", "--out", "o", "--workers", "two"], "Invalid value for '--workers' / '-w'"),
        (["run", "r.toml", "--out", "o", "--workers", "0"], "--workers must be at least 1, was: 0"),
        (["show", "r.jsonl", "-n", "0"], "--number must be at least 1, was: 0"),
        (["extract", "r.jsonl", "--out", "o", "--workers", "-1"], "--workers must be at least 1, was: -1"),
        (["convert", "a.jsonl", "b.csv", "--on-error", "ignore"], "--on-error must be 'stop' or 'skip', was: 'ignore'"),
        (["list", "generator"], "there are no components 'generator'; did you mean 'generators'? textsynth list"),
        (["runs"], "No such command 'runs'"),
        (["--versions"], "No such option"),
    ],
)
def test_a_wrong_command_line_is_one_line(arguments: list[str], says: str, tmp_path: Path, monkeypatch: Any):
    monkeypatch.chdir(tmp_path)
    write_source(tmp_path / "a.jsonl")
    outcome = call(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("textsynth: ")
    assert says in outcome.err
    assert outcome.err.count("\n") == 1


def test_debug_shows_the_traceback(tmp_path: Path):
    outcome = spawn("--debug", "show", "none.jsonl", cwd=tmp_path)
    assert outcome.code != 0
    assert "Traceback (most recent call last)" in outcome.err
    assert "textsynth.errors.InputError: none.jsonl: must be" in outcome.err
    with pytest.raises(InputError, match="must be"):  # Nobody catches it.
        call("show", tmp_path / "none.jsonl", "--debug")
    assert "Traceback" not in call("show", tmp_path / "none.jsonl").err


def test_help_and_version():
    assert re.fullmatch(r"textsynth \d+\.\d+\.\d+\n", call("--version").out)
    assert call().out == call("--help").out
    for command in ("run", "label", "extract", "convert", "list", "init", "show", "push"):
        assert re.search(rf"^  {command} ", call("--help").out, re.MULTILINE)
        outcome = call(command, "--help")
        assert outcome.code == 0
        assert outcome.out.startswith(f"Usage: textsynth {command} ")


def test_python_m_textsynth_is_the_program_too():
    command = [sys.executable, "-m", "textsynth", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == call("--version").out


def test_what_a_terminal_cannot_write_is_written_by_number(tmp_path: Path):
    path = write_source(tmp_path / "source.jsonl", [("Zoë 😀", [(0, 3, "PERSON")])])
    outcome = spawn("show", path, PYTHONIOENCODING="ascii")
    assert outcome == Outcome(0, "[Zo\\xeb PERSON] \\U0001f600\n", "")


def test_a_reader_that_goes_away_is_no_disaster(tmp_path: Path):
    rows = [("x" * 5000, [])] * 200
    path = write_source(tmp_path / "source.jsonl", rows)
    process = subprocess.Popen([TEXTSYNTH, "show", path, "-n", "200"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()
