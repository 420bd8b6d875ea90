"""Every command that writes leaves a folder full of strangers' files as it was, whether it is refused or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbench import call, make_recipe, write_source

STRANGERS = {
    "thesis.docx": "dear",
    "notes.partial": "mine",
    "old.partial.old/notes.txt": "mine",
    "dataset.partial/notes.txt": "mine",
    "0000000.txt": "a text",
    "0000000.ann": "T1\tPERSON 0 1\ta\n",
    "data.arrow": "not an arrow",
    "state.json": "{}",
    ".env": "KEY=secret",
    ".lock": "mine",
    "recipe.toml": "seed = 1\n",
    "run.json": "{}",
    "report.json": "{}",
    "labelled.jsonl": '{"text": "by hand"}\n',
    "templates.tsv": "by hand\n",
    "deep/dataset/notes.txt": "mine",
    "steps/a/fitted.unfinished/notes.txt": "mine",
    "empty": "",
}

COMMANDS = {
    "run": ["run", "{recipe}", "--out", "{folder}"],
    "run --overwrite": ["run", "{recipe}", "--out", "{folder}", "--overwrite"],
    "convert --to brat": ["convert", "{source}", "{folder}", "--to", "brat"],
    "convert --to datasets": ["convert", "{source}", "{folder}", "--to", "datasets"],
    "label": ["label", "{source}", "--out", "{folder}", "--words", "GPE={words}"],
    "extract": ["extract", "{source}", "--out", "{folder}"],
    "evaluate": ["evaluate", "{source}", "--source", "{source}", "--out", "{folder}", "--metric", "variety"],
    "init": ["init", "{source}", "--out", "{folder}/recipe.toml"],
    "push": ["push", "{finished}", "owner/name", "--stage", "{folder}"],
}


def fill(folder: Path) -> None:
    for name, content in STRANGERS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "link").symlink_to("thesis.docx")


def read_all(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    make_recipe(folder, count=5)
    (folder / "cities.txt").write_text("Oslo\n")
    assert call("run", folder / "recipe.toml", "--out", folder / "finished", "-q").code == 0
    return folder


def build(command: str, project: Path, folder: Path) -> list[str]:
    places = {
        "recipe": project / "recipe.toml",
        "source": project / "source.jsonl",
        "words": project / "cities.txt",
        "finished": project / "finished",
        "folder": folder,
    }
    return [argument.format_map({name: str(path) for name, path in places.items()}) for argument in COMMANDS[command]]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_leaves_what_others_have_in_its_folder(command: str, project: Path, tmp_path: Path):
    folder = tmp_path / "folder"
    fill(folder)
    before = read_all(folder)
    outcome = call(*build(command, project, folder))
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), outcome.err
    assert str(folder) in outcome.err
    assert read_all(folder) == before
    assert (folder / "link").is_symlink()


@pytest.mark.parametrize("format", ["brat", "datasets"])
def test_convert_writes_beside_the_files_of_others_with_force(format: str, tmp_path: Path):
    source, folder = write_source(tmp_path / "source.jsonl"), tmp_path / "folder"
    fill(folder)
    assert call("convert", source, folder, "--to", format, "--force").code == 0
    left, names = read_all(folder), {"0000000.txt", "0000000.ann", "state.json"}
    assert {name: left[name] for name in STRANGERS.keys() - names} == {
        name: content for name, content in STRANGERS.items() if name not in names
    }
    assert call("convert", source, folder, "--to", format, "--force").code == 0
    assert read_all(folder) == left, "what was written before is ours to replace"


def test_what_convert_has_written_it_replaces_unless_it_was_edited(tmp_path: Path):
    source, folder = write_source(tmp_path / "source.jsonl"), tmp_path / "folder"
    for _ in range(2):
        assert call("convert", source, folder, "--to", "brat").code == 0
    (folder / "0000000.ann").write_text("T1\tGPE 0 3\tAda\n")
    outcome = call("convert", source, folder, "--to", "brat")
    assert "must be empty or hold nothing but what was written here before, has '0000000.ann'; --force" in outcome.err
    assert (folder / "0000000.ann").read_text() == "T1\tGPE 0 3\tAda\n"


def test_a_run_is_not_overwritten_with_files_of_others_in_it(project: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert call("run", project / "recipe.toml", "--out", out, "-q").code == 0
    for name in ("dataset/notes.txt", "steps/mine.txt", "dataset/README.md"):
        before = (out / name).read_text() if (out / name).exists() else None
        (out / name).write_text("mine")
        outcome = call("run", project / "recipe.toml", "--out", out, "--overwrite")
        assert f"must have nothing but a run to be overwritten, has '{name}'" in outcome.err
        if before is None:
            (out / name).unlink()
        else:
            (out / name).write_text(before)
    assert call("run", project / "recipe.toml", "--out", out, "--overwrite", "-q").code == 0
