from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from workbench import HEAVY, spawn, write_recipe, write_source

import textsynth

NAMES = [
    "ChatMentions",
    "Corpus",
    "Example",
    "Recipe",
    "Span",
    "TextsynthError",
    "convert",
    "errors",
    "evaluate",
    "extract",
    "extract_source",
    "filters",
    "formats",
    "generate",
    "generators",
    "label",
    "labelers",
    "load_recipe",
    "read",
    "run_recipe",
    "tune",
    "write",
]


def test_the_public_names_are_these():
    assert textsynth.__all__ == NAMES == sorted(NAMES)
    assert dir(textsynth) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_documented(name: str):
    assert getattr(textsynth, name).__doc__


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'textsynth' has no attribute 'nothing'"):
        textsynth.nothing  # noqa: B018


def test_components_are_found_by_their_class_names():
    assert textsynth.generators.TemplateFill().pool_size == 2000
    assert "MentionReplacement" in dir(textsynth.generators)
    assert textsynth.filters.Duplicate.__name__ == "Duplicate"
    with pytest.raises(AttributeError, match=r"module 'textsynth.generators' has no attribute 'TemplateFil'"):
        textsynth.generators.TemplateFil  # noqa: B018


def heavy_after(code: str) -> str:
    check = f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_loads_nothing_heavy():
    assert heavy_after("import textsynth") == ""
    every = "for name in ts.__all__: getattr(ts, name)"
    assert heavy_after(f"import textsynth as ts\n{every}\nts.generators.TemplateFill, ts.filters.Duplicate") == ""


def heavy_after_command(*arguments: str) -> str:
    return heavy_after(
        f"import sys\nfrom textsynth.commands.main import main\nsys.argv[1:] = {list(arguments)}\n"
        "try: main()\nexcept SystemExit: pass"
    )


@pytest.mark.heavy  # a program of its own
def test_a_run_loads_only_what_it_needs(tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    recipe = write_recipe(tmp_path / "recipe.toml")
    assert heavy_after_command("run", str(recipe), "--out", str(tmp_path / "out"), "--quiet") in ("", "faker")
    assert (tmp_path / "out" / "dataset" / "train" / "state.json").exists()


def test_frames_are_known_when_they_are_asked_for():
    code = (
        "from textsynth.foundation.arrow import defer_pandas\ndefer_pandas()\n"
        "import sys\nimport pyarrow as pa\ncolumn = pa.array([1, None])\nassert 'pandas' not in sys.modules\n"
        "frame = pa.table({'a': column}).to_pandas()\nassert pa.array(frame['a']).null_count == 1\n"
    )
    assert heavy_after(code) == "pandas"


def test_help_loads_nothing_heavy():
    shown = heavy_after_command("--help")
    assert shown.startswith("Usage: textsynth")
    assert shown.splitlines()[-1].startswith("  push ")
    assert (
        "numpy"
        not in subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import textsynth.commands.main"],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
    )
    assert spawn("--help").code == 0
