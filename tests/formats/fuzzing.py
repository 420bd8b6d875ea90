"""Mutants of files: what a reader makes of a file that somebody has broken, on purpose or not.

    python tests/formats/fuzzing.py --seconds 600

reads mutants of every format until the time is over, each lot in a process of its own, and tells what went wrong:
anything but a corpus or an error of ours, a process that ends, takes over 4 GB, or 30 seconds for a file.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import random
import resource
import shutil
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

from textsynth import formats
from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.errors import TextsynthError

SEEDLING = Corpus.from_examples(
    [
        Example("Ada Lovelace flew to Rome.", (Span(0, 12, "PERSON"), Span(21, 25, "CITY")), "travel"),
        Example(
            "Zoë met Bo in Oslo, twice.", (Span(0, 3, "PERSON"), Span(8, 10, "PERSON"), Span(14, 18, "CITY")), "meet"
        ),
        Example("It rained.", (), "meet"),
    ]
    * 4
)
PIECES = (
    b"[",
    b"{",
    b'"',
    b"\\",
    b"\0",
    b"-1",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b"null",
    b"\xff",
    b"\n",
    b"\r",
)
PIECES += (
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"'",
    b"---",
    b"&a",
    b"*a",
    b": ",
    b",",
    b"\t",
    b"B-",
    b"true",
    b"[[[[[[[[",
    b"\xe2\x80\xae",
)


def write_seedlings(folder: Path) -> dict[str, Path]:
    """Writes the corpus in every format; returns the paths by format."""
    found = {}
    for name in registry.names("format"):
        cls = registry.look_up("format", name)
        path = folder / name / f"corpus{cls.suffixes[0] if cls.suffixes else ''}"
        path.parent.mkdir(parents=True)
        formats.write(SEEDLING, path, name, drop=("spans", "label"))
        found[name] = path
    return found


def mutate(raw: bytes, chance: random.Random) -> bytes:
    """Breaks some bytes in one to four ways."""
    out = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + chance.randint(1, max(1, len(out) // 8)))
        way = chance.randrange(6)
        if way == 0 and out:
            out[min(at, len(out) - 1)] ^= 1 << chance.randrange(8)
        elif way == 1:
            del out[at:end]
        elif way == 2:
            out[at:at] = out[at:end] * chance.randint(1, 3)
        elif way == 3:
            out[at:at] = chance.choice(PIECES) * chance.choice((1, 1, 1, 2000))
        elif way == 4:
            out[at:end] = chance.randbytes(end - at)
        else:
            del out[at:]
    return bytes(out)


@contextlib.contextmanager
def mutant(path: Path, seed: int) -> Iterator[Path]:
    """Gives a copy of a file, or of a directory with one file broken, while the block runs."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder) / path.name
        if path.is_dir():
            shutil.copytree(path, copy)
            broken = chance.choice(
                sorted(each for each in copy.rglob("*") if each.is_file() and each.name != ".textsynth")
            )
        else:
            shutil.copyfile(path, copy)
            broken = copy
        broken.write_bytes(mutate(broken.read_bytes(), chance))
        yield copy


def read_mutant(name: str, path: Path, seed: int) -> str:
    """Reads a mutant; returns what went wrong, or nothing."""
    with mutant(path, seed) as copy:
        try:
            corpus = formats.read(copy, name, on_error=("stop", "skip")[seed % 2])
            Corpus(corpus.table.combine_chunks())
        except TextsynthError as error:
            return "" if "\n" not in str(error) else f"{name} {seed}: several lines: {error}"
        except Exception:
            return f"{name} {seed}: {traceback.format_exc()}"
    return ""


def _read_lot(name: str, path: Path, seeds: range, told: list[str], place: object) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 33, 1 << 33))
    for seed in seeds:
        place.value = seed  # type: ignore[attr-defined]
        signal.alarm(30)
        fault = read_mutant(name, path, seed)
        signal.alarm(0)
        if fault:
            told.append(fault)


def fuzz(seconds: float, begin: int, each: int | None = None) -> tuple[dict[str, int], list[str]]:
    """Reads mutants until the time is over, or a number of each format are read; returns counts and faults."""
    until, lot, counts = time.monotonic() + seconds, 50, dict.fromkeys(registry.names("format"), 0)
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Manager() as manager:
        told = manager.list()
        paths = write_seedlings(Path(folder))
        first = begin
        while time.monotonic() < until and (each is None or first - begin < each):
            for name, path in paths.items():
                place = multiprocessing.Value("q", first)
                process = multiprocessing.Process(
                    target=_read_lot, args=(name, path, range(first, first + lot), told, place)
                )
                process.start()
                process.join()
                if process.exitcode:
                    told.append(f"{name} {place.value}: the process ended with {process.exitcode}")
                counts[name] += lot
            first += lot
        return counts, list(told)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--begin", type=int, default=0, help="the first seed")
    parser.add_argument("--each", type=int, help="mutants of each format, at most")
    given = parser.parse_args()
    read, faults = fuzz(given.seconds, given.begin, given.each)
    print("\n\n".join(faults[:20]))
    print(f"{sum(read.values())} mutants of {len(read)} formats, {len(faults)} faults")
    raise SystemExit(bool(faults))
