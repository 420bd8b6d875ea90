"""Speed per CPU second on one core, beside other libraries in the same run.

    python benchmarks/speed.py [--only template|mention|edits|corpus|models] [--quick] [--json PATH]

Each figure is the median of five counts of at least one CPU second, after a warm-up. README.md has the conditions.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from measure import Effort, Row, on_one_core
from sections import SECTIONS, section

QUICK = Effort(seconds=0.2, repeats=3, rows=100_000)
PEERS = ("Faker", "spacy", "presidio-evaluator", "augmenty", "fast-aug", "fasttextaug", "nlpaug", "textaugment", "nltk")
PACKAGES = ("textsynth", "numpy", "pyarrow", *PEERS)


def main() -> None:
    """Runs the sections that are asked for, and prints each as soon as it is measured."""
    options = _options()
    on_one_core()
    effort = QUICK if options.quick else Effort()
    results: dict[str, list[dict[str, Any]]] = {}
    print(_conditions(effort), flush=True)
    for name in options.only or SECTIONS:
        chosen = section(name)
        rows = chosen.rows(effort)
        print("\n" + "\n".join(_table(chosen.TITLE, rows)), flush=True)
        results[name] = [asdict(row) | {"ours_to_this": _ratio(row, rows)} for row in rows]
    if options.json:
        report = {"conditions": asdict(effort) | _machine(), "versions": _versions(), "sections": results}
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=SECTIONS, help="a section; may be given more than once")
    parser.add_argument("--quick", action="store_true", help="short counts and small files: rough figures in a minute")
    parser.add_argument("--json", type=Path, metavar="PATH", help="writes all figures there too")
    return parser.parse_args()


def _table(title: str, rows: Sequence[Row]) -> Iterator[str]:
    width = max(len(row.name) for row in rows) + 4
    yield f"{title}\n{'':{width}}{'per CPU second':>22}{'ours is':>10}"
    for row in rows:
        name = f"    {row.name}" if row.beside or row.rate is None else f"  {row.name}"
        rate = "–" if row.rate is None else f"{row.rate:,.0f} {row.unit}"
        ratio = _ratio(row, rows)
        yield f"{name:{width}}{rate:>22}{f'{ratio:,.3g} ×' if ratio else '':>10}   {row.note}".rstrip()


def _ratio(row: Row, rows: Sequence[Row]) -> float | None:
    """Returns how many times as fast as a peer ours is."""
    ours = [other.rate for other in rows if other.name == row.beside]
    return ours[0] / row.rate if ours and ours[0] and row.rate else None


def _conditions(effort: Effort) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in _versions().items())
    machine = _machine()
    return (
        f"{machine['processor']}, {machine['pinned']}, Python {machine['python']}; {versions}\n"
        f"median of {effort.repeats} counts of {effort.seconds:g} s of CPU time, after a warm-up"
    )


def _machine() -> dict[str, str]:
    cpus = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.*)$", cpus.read_text(), re.MULTILINE) if cpus.exists() else []
    pinned = "pinned to one core" if hasattr(os, "sched_setaffinity") else "one thread, not pinned to a core"
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "pinned": pinned,
        "python": platform.python_version(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "(not installed)"
    return found


if __name__ == "__main__":
    main()
