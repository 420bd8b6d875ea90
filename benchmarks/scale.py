"""CPU seconds and peak of memory of what a user runs, from source to dataset, beside the same of another checkout.

    python benchmarks/scale.py [--only SECTION] [--rows 1000000] [--before DIRECTORY]

Every figure comes from a process of its own. CPU seconds count its workers too, so that a busy machine does no harm.
A checkout runs once before it is measured: what is installed has its bytecode, and what is unpacked once is unpacked.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from measure import ONE_THREAD

ROOT = Path(__file__).resolve().parent.parent
WNUT = ROOT.parent / "shared" / "data" / "wnut17" / "train.conll"
NEWSROOM = ROOT / "corpora" / "newsroom.jsonl"
CLI = "from textsynth.commands.main import main; main()"
_FEW, _SOME = 1_000, 100_000


@dataclass(frozen=True)
class Measured:
    """What a process took: wall and CPU seconds, MB at its peak, what it told, such as a rate, rows that it made.

    `anon` is the peak, in MB, of what is its own alone; the rest are pages of files, which the system may take back.
    """

    wall: float
    cpu: float
    peak: float
    told: str = ""
    rows: int = 0
    anon: float = 0


@dataclass(frozen=True)
class Place:
    """Where a section works: the checkout whose code runs, its bytecode, a folder, how many rows are many."""

    checkout: Path
    bytecode: Path
    folder: Path
    rows: int

    def python(self, code: str, *arguments: object) -> Measured:
        """Runs code in a fresh process, and measures it with all of its children."""
        environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(self.checkout)}
        environment |= {"PYTHONPYCACHEPREFIX": str(self.bytecode), "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-c", code, *map(str, arguments)]
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        with ThreadPoolExecutor(1) as pool:
            anon = pool.submit(watch_anonymous, process.pid)
            told = process.stdout.read() if process.stdout else ""
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            return Measured(0, 0, usage.ru_maxrss / 1e3, f"exit code {process.returncode}")
        wall = time.perf_counter() - begin
        cpu, lines = usage.ru_utime + usage.ru_stime, "; ".join(told.splitlines())
        return Measured(wall, cpu, usage.ru_maxrss / 1e3, lines, anon=anon.result())

    def run(self, name: str, recipe: str, workers: int = 1) -> Measured:
        """Runs a recipe into a directory of its own."""
        file = self.folder / f"{name}.toml"
        file.write_text(recipe, "utf-8")
        out = self.folder / f"{name}-{workers}"
        measured = self.python(CLI, "run", file, "--out", out, "--workers", workers, "--quiet")
        summary = out / "run.json"
        return replace(measured, rows=json.loads(summary.read_text("utf-8"))["made"]) if summary.exists() else measured

    def run_side_by_side(self, name: str, recipe: str) -> Measured:
        """Runs a recipe twice at once: what two processes can do on this machine, which may share a core."""
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda number: self.run(f"{name}-{number}", recipe), range(2)))
        wall, peak = max(each.wall for each in both), max(each.peak for each in both)
        return Measured(wall, sum(each.cpu for each in both), peak, rows=sum(each.rows for each in both))


def watch_anonymous(pid: int) -> float:
    """Returns the most MB that a process has for itself until it ends, looked at now and then; 0 if unknown."""
    most = 0.0
    with contextlib.suppress(OSError):
        while found := re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8")):
            most = max(most, int(found[1]) / 1e3)
            time.sleep(0.05)
    return most


Rows = Iterator[tuple[str, Measured]]

GENERATE = """
import sys, time, textsynth as ts
source = ts.read(sys.argv[1])
edit = getattr(ts.generators, sys.argv[2])(rate=0.1)
filters = [ts.filters.Duplicate()] if sys.argv[3] == "duplicate" else []
begin = time.process_time()
made = ts.generate(source, [edit], copies=16, filters=filters, allow_fewer=True)
print(f"{len(made) / (time.process_time() - begin):,.0f} sentences a CPU second")
"""

LONG = """
import textsynth as ts
text, spans = "", []
while len(spans) < 5_000:
    text += "the long report says on this page what nobody had said before, at great length and in few other words, "
    text += "and it was written for all to read at leisure by one whose name was "
    text += "filler " * 30
    spans.append((len(text), len(text) + 8, "PERSON"))
    text += "Ada Byte, "
ts.generate(ts.Corpus.from_columns(text=[text], spans=[spans]), [ts.generators.Casing(rate=0.1)], copies=20, filters=())
print(f"a text of {len(text):,} characters")
"""


def measure_start(place: Place) -> Rows:
    """Measures the start of the command, and a run of few rows."""
    yield "textsynth --version", place.python(CLI, "--version")
    yield f"run, {_FEW:,} rows", place.run("few", template_fill(_FEW))


def measure_generate(place: Place) -> Rows:
    """Measures `ts.generate` with an edit, 16 copies of each sentence, with and without `duplicate`."""
    source = WNUT if WNUT.exists() else NEWSROOM
    for edit in ("WordDeletion", "WordSwap"):
        for filtered in ("duplicate", "no filter"):
            yield f"ts.generate {edit}, {filtered}", place.python(GENERATE, source, edit, filtered)


def measure_run(place: Place) -> Rows:
    """Measures whole runs, dataset written, by rows, generator and workers."""
    for rows in (_SOME, place.rows):
        yield f"template_fill, {rows:,} rows", place.run(f"fill-{rows}", template_fill(rows))
    yield f"template_fill, {place.rows:,} rows, 2 workers", place.run("fill", template_fill(place.rows), 2)
    yield "Arrow writes those bytes", place.python(FLOOR, place.folder / f"fill-{place.rows}-1" / "dataset")
    yield f"mention_replacement, {place.rows:,} rows", place.run("mentions", mention_replacement(place.rows))


def measure_workers(place: Place) -> Rows:
    """Measures a run with two workers beside two runs of half the rows each, side by side."""
    for name, recipe in (("template_fill", template_fill), ("mention_replacement", mention_replacement)):
        apart = place.run_side_by_side(name, recipe(place.rows // 2))
        yield f"{name}, 2 runs of {place.rows // 2:,} rows", apart
        both = place.run(name, recipe(place.rows), 2)
        rates = [each.rows / each.wall if each.wall else math.nan for each in (apart, both)]
        told = f"{rates[1] / rates[0]:.0%} of their throughput, rows that filters drop included"
        yield f"{name}, {place.rows:,} rows, 2 workers", replace(both, told=told)


def measure_source(place: Place) -> Rows:
    """Measures runs of few rows from CoNLL files of many sentences, of few wordings and each with its own."""
    for name, wordings in (("7,919 wordings", 7_919), ("as many wordings", place.rows)):
        path = place.folder / f"source-{wordings}.conll"
        write_conll(path, place.rows, wordings)
        for use in ("mention_replacement", "template_fill"):
            recipe = f'seed = 7\ncount = {_FEW}\n[source]\npath = "{path}"\n[[generator]]\nuse = "{use}"\n'
            measured = place.run(f"source-{wordings}-{use}", recipe + "[export]\nsource = false\n")
            yield f"{use} of {place.rows:,} sentences", replace(measured, told=f"{name} {measured.told}".strip())
    yield "convert it to parquet", place.python(CLI, "convert", path, place.folder / "source.parquet")


def measure_balance(place: Place) -> Rows:
    """Measures runs that fill classes up evenly, few and many."""
    for classes, rows in ((77, 800), (5_000, 20_000)):
        path = place.folder / f"{classes}.jsonl"
        write_classes(path, classes, rows)
        recipe = (
            f'seed = 7\ncount = {rows}\nbalance = true\n[source]\npath = "{path}"\n[[generator]]\nuse = "word_swap"\n'
        )
        recipe += '[[filter]]\nuse = "duplicate"\n[[filter]]\nuse = "balance"\n'
        yield f"balance, {classes:,} classes, {rows:,} rows", place.run(f"balance-{classes}", recipe)


def measure_docbin(place: Place) -> Rows:
    """Measures the export of many rows as DocBin, and of fewer that have thousands of classes."""
    yield f"DocBin of {place.rows:,} rows", place.run("docs", template_fill(place.rows) + 'formats = ["spacy"]\n')
    path, rows = place.folder / "classes.jsonl", place.rows // 100
    write_classes(path, 5_000, rows)
    yield f"DocBin of {rows:,} docs, 5,000 classes", place.python(CLI, "convert", path, place.folder / "classes.spacy")


def measure_long(place: Place) -> Rows:
    """Measures copies of one long document."""
    yield "casing, 20 copies of a long text", place.python(LONG)


SCRIPT = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"


def measure_planner(place: Place) -> Rows:
    """Measures what the parent of a run of a billion rows does, its shards made by workers that have clocks alone."""
    script = ROOT / "benchmarks" / "planner.py"
    shards = place.rows // 10
    yield f"{shards:,} shards, 16 workers", place.python(SCRIPT, script, "--shards", shards)


FLOOR = """
import sys, time, pathlib, pyarrow as pa
files = sorted(pathlib.Path(sys.argv[1]).glob("*/*.arrow"))
tables = [pa.ipc.open_stream(str(file)).read_all() for file in files]
begin = time.process_time()
for number, table in enumerate(tables):
    with pa.ipc.new_stream(f"floor-{number}.arrow", table.schema) as writer:
        writer.write_table(table)
print(f"{time.process_time() - begin:.2f} s of it writing")
"""

SECTIONS: dict[str, Callable[[Place], Rows]] = {
    "start": measure_start,
    "generate": measure_generate,
    "run": measure_run,
    "workers": measure_workers,
    "source": measure_source,
    "balance": measure_balance,
    "docbin": measure_docbin,
    "long": measure_long,
    "planner": measure_planner,
}


def template_fill(rows: int) -> str:
    """Returns the recipe of names and places in sentences of the newsroom."""
    return (
        f'seed = 7\ncount = {rows}\n[source]\npath = "{NEWSROOM}"\n[[generator]]\nuse = "template_fill"\n'
        'values = { PERSON = "faker:name", GPE = "gazetteer" }\n[[filter]]\nuse = "duplicate"\n[export]\n'
    )


def mention_replacement(rows: int) -> str:
    """Returns the recipe of other mentions in the sentences of the newsroom."""
    return (
        f'seed = 7\ncount = {rows}\n[source]\npath = "{NEWSROOM}"\n[[generator]]\nuse = "mention_replacement"\n'
        '[[filter]]\nuse = "duplicate"\n'
    )


def write_conll(path: Path, sentences: int, wordings: int) -> None:
    """Writes sentences of eight tokens, with a name and a town in each, of so many wordings."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(sentences):
            name, town, hour = f"Ada{number % 5_003}", f"Town{number % 997}", number % wordings
            file.write(f"{name} B-PER\nByte I-PER\nleft O\n{town} B-LOC\nat O\nhour O\n{hour} O\n. O\n\n")


def write_classes(path: Path, classes: int, rows: int) -> None:
    """Writes texts of nine words, each of a class that numbers in steps give it."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            words = " ".join(f"word{number * step % 3_001}" for step in range(1, 10))
            file.write(json.dumps({"text": words, "label": f"class {number * 7 % classes}"}) + "\n")


def measure_in(bytecode: Path, checkout: Path, rows: int, section: Callable[[Place], Rows]) -> Rows:
    """Measures a section of a checkout in a folder that goes."""
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        yield from section(Place(checkout.resolve(), bytecode, Path(folder), rows))


def main() -> None:
    """Measures the sections that are asked for, and prints each figure as soon as it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=SECTIONS, help="a section; may be given more than once")
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many are many")
    parser.add_argument("--before", type=Path, metavar="DIRECTORY", help="another checkout, measured in turn")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    checkouts = {"before": options.before, "now": ROOT} if options.before else {"now": ROOT}
    print(f"{'':48}{'':8}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'anon MB':>9}")
    with tempfile.TemporaryDirectory(prefix="scale-") as bytecode:
        for tag, checkout in checkouts.items():
            list(measure_in(Path(bytecode) / tag, checkout, options.rows, measure_start))
        for section in options.only or SECTIONS:
            for tag, checkout in checkouts.items():
                for name, it in measure_in(Path(bytecode) / tag, checkout, options.rows, SECTIONS[section]):
                    line = f"{name:48}{tag:8}{it.wall:9.2f}{it.cpu:9.2f}{it.peak:9.0f}{it.anon:9.0f}   {it.told}"
                    print(line.rstrip(), flush=True)


if __name__ == "__main__":
    main()
