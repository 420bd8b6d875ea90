"""What tests of runs share: the command line, small recipes, run directories as bytes, and a package of our own."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from textsynth import formats
from textsynth.commands import main as cli
from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.recipes import recipe
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.sections import ORIGINS

ROOT = Path(__file__).resolve().parents[1]
TEXTSYNTH = Path(sys.executable).with_name("textsynth")
HEAVY = ("torch", "spacy", "datasets", "faker", "mimesis", "transformers", "huggingface_hub", "pandas")

SENTENCES = [
    ("Ada Lovelace lives in Zürich.", [(0, 12, "PERSON"), (22, 28, "GPE")]),
    ("Grace Hopper wrote to Alan Turing.", [(0, 12, "PERSON"), (22, 33, "PERSON")]),
    ("Nobody in Lagos met Ada Lovelace.", [(10, 15, "GPE"), (20, 32, "PERSON")]),
    ("😀 Zoë Saldaña moved from Oslo to Lima.", [(2, 13, "PERSON"), (25, 29, "GPE"), (33, 37, "GPE")]),
    ("It rained.", []),
    ("Linus Pauling won.", [(0, 13, "PERSON")]),
    ("The mayor of Bergen thanked Emmy Noether twice.", [(13, 19, "GPE"), (28, 40, "PERSON")]),
    ("From Quito came Marie Curie.", [(5, 10, "GPE"), (16, 27, "PERSON")]),
]
"""A source of which the gazetteer has 7 persons and 6 places, and 7 templates have slots."""


@dataclass(frozen=True)
class Outcome:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def call(*arguments: str | Path) -> Outcome:
    """Calls the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["textsynth", *map(str, arguments)]
    with mock.patch.object(sys, "argv", argv), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main()
            code: Any = 0
        except SystemExit as end:
            code = end.code
    return Outcome(int(code or 0), out.getvalue(), err.getvalue())


def spawn(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> Outcome:
    """Calls the command line as a program of its own."""
    done = subprocess.run(
        [TEXTSYNTH, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def hear_ctrl_c() -> None:
    """Undoes what a shell does to its jobs in the background, and they to their children; a `preexec_fn`."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup leaves it ignored, which a run is right to heed


def write_source(path: Path, rows: list[Any] | None = None, *, classes: bool = False) -> Path:
    """Writes JSON Lines of `SENTENCES` or of rows like them."""
    records = []
    for number, (text, spans) in enumerate(SENTENCES if rows is None else rows):
        record = {"text": text, "spans": [dict(zip(("start", "end", "label"), span, strict=True)) for span in spans]}
        records.append(record | ({"label": ("move", "meet", "win")[number % 3]} if classes else {}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def write_recipe(path: Path, **content: Any) -> Path:
    """Writes a recipe of the given sections over a usual one: mention_replacement and duplicate on `source.jsonl`."""
    import tomli_w

    usual = {
        "seed": 3,
        "count": 40,
        "source": {"path": "source.jsonl"},
        "generator": [{"use": "mention_replacement"}],
        "filter": [{"use": "duplicate"}],
    }
    content = {name: value for name, value in (usual | content).items() if value is not None}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


RAW_LINES, RAW_CHARACTERS = 15, 3200
"""Lines of raw text, and characters, in which labelers look for mentions, and ask about each again."""


def copy_corpora(folder: Path) -> None:
    """Copies the corpora of the project into a folder of its own, raw text cut short."""
    folder.mkdir()
    for corpus in (ROOT / "corpora").glob("*.*"):
        lines = corpus.read_text(encoding="utf-8").splitlines(keepends=True)
        raw = corpus.suffix == ".txt" and "templates" not in corpus.name
        if raw:
            ends = itertools.accumulate(map(len, lines[:RAW_LINES]))
            lines = [line for line, end in zip(lines, ends, strict=False) if end <= RAW_CHARACTERS]
        (folder / corpus.name).write_text("".join(lines), encoding="utf-8")


def make_recipe(folder: Path, *, classes: bool = False, **content: Any) -> Recipe:
    """Writes source and recipe into a folder and loads the recipe."""
    if not (folder / "source.jsonl").exists():
        write_source(folder / "source.jsonl", classes=classes)
    return recipe.load(write_recipe(folder / "recipe.toml", **content))


def read_made(directory: Path) -> Corpus:
    """Reads what a run has made and delivered, without the real text beside it."""
    corpus = formats.read(directory / "dataset", "datasets", options={"split": "all"})
    return corpus.mask(~np.isin(corpus.table.column("origin").to_numpy(), ORIGINS))


def tree(directory: Path) -> dict[str, bytes]:
    """Returns the bytes of every file of a run but for what tells when and with how many processes it took place."""
    files = {str(path.relative_to(directory)): path for path in sorted(directory.rglob("*")) if path.is_file()}
    for name in (".textsynth", ".textsynth-lock"):  # The checksums of the summary, and a process.
        files.pop(name, None)
    content = {name: path.read_bytes() for name, path in files.items()}
    if "run.json" in content:
        summary = json.loads(content["run.json"])
        content["run.json"] = json.dumps(summary | {"seconds": {}, "workers": 0}).encode()
    return content


_PACKAGE = '''
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth import Corpus
from textsynth.filters import Filter
from textsynth.generators import Generator


@dataclass(frozen=True, kw_only=True)
class Numbers(Generator):
    """Counts: "number 17", each from 0 up to a limit, in the class it is asked for.

    Args:
        limit: how many different ones there are.
        at_most: makes no more than this at a time.
        classes: the classes it can make.
        spans: whether the number is a mention.
    """

    limit: int = 1000
    at_most: int = 1000000
    classes: tuple[str, ...] = ()
    spans: bool = True

    def fit(self, resources, directory, rng):
        (directory / "limit").write_text(str(self.limit))

    def sampler(self, directory):
        limit = int((directory / "limit").read_text())

        def sample(count, rng, label=None):
            if label is not None and label not in self.classes:
                return Corpus.empty()
            numbers = rng.integers(limit, size=min(count, self.at_most))
            spans = [[(7, 7 + len(str(n)), "NUMBER")] if self.spans else [] for n in numbers]
            labels = [label] * len(numbers) if label else None
            return Corpus.from_columns(text=[f"number {n}" for n in numbers], spans=spans, label=labels)

        return sample


@dataclass(frozen=True, kw_only=True)
class Divisible(Filter):
    """Drops all numbers but those that can be divided.

    Args:
        by: the divisor.
    """

    by: int = 10

    def judge(self, directory):
        return lambda corpus: [self._reason(text) for text in corpus.texts.to_pylist()]

    def _reason(self, text):
        return None if int(text.split()[1]) % self.by == 0 else f"not divisible by {self.by}"
'''


def write_package(folder: Path) -> Path:
    """Writes a package that announces the generator `numbers` and the filter `divisible` by entry points."""
    about = folder / "numbers_of_ours-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "numbers_of_ours.py").write_text(_PACKAGE)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: numbers-of-ours\nVersion: 1.0\n")
    groups = {"generators": "numbers = numbers_of_ours:Numbers", "filters": "divisible = numbers_of_ours:Divisible"}
    text = "".join(f"[textsynth.{group}]\n{entry}\n\n" for group, entry in groups.items())
    (about / "entry_points.txt").write_text(text)
    return folder


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Has a folder of packages on the path, of this process and of those it starts, while the block runs."""
    before = sys.modules.pop("numbers_of_ours", None)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    with mock.patch.object(sys, "path", [str(folder), *sys.path]), mock.patch.dict(os.environ, PYTHONPATH=path):
        registry._components.cache_clear()
        try:
            yield
        finally:
            registry._components.cache_clear()
            if before is not None:
                sys.modules["numbers_of_ours"] = before
