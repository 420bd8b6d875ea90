"""What the networks are worth: likelihood, latent priors, quality against diversity, and what a tagger gains.

    python benchmarks/networks.py [--only snips|coco|slots] [--seeds 3] [--workers 2] [--out DIR]

It needs the public corpora in ../shared/data. What is trained is kept in DIR, and measured again without training.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

SECTIONS = ("snips", "coco", "slots")
SEEDS = {"slots": 5}
_DIFFERENCE = " - gold"
"""Ends the names of differences, whose mean has an interval."""


def main() -> None:
    """Measures each section with each seed, and prints means with their spread."""
    options = _options()
    os.environ["OMP_NUM_THREADS"] = "1"  # Two processes on two cores do more than two threads each.
    sections = options.only or SECTIONS
    tasks = [(name, seed, options.out) for name in sections for seed in range(SEEDS.get(name, options.seeds))]
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        results: dict[str, list[dict[str, Any]]] = {}
        for (name, _, _), result in zip(tasks, pool.map(_measure, *zip(*tasks, strict=True)), strict=True):
            results.setdefault(name, []).append(result)
    for name, found in results.items():
        print(f"\n{name}, {len(found)} seeds\n" + "\n".join(_table(found)))


def _measure(section: str, seed: int, out: Path) -> dict[str, Any]:
    """Measures one section with one seed, unless that is done already."""
    import importlib

    path = out / section / str(seed) / "result.json"
    if not path.exists():
        module = importlib.import_module(f"network_sections.{section}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(module.measure(seed, path.parent), indent=1))
    return json.loads(path.read_text())


def _table(found: list[dict[str, Any]]) -> list[str]:
    names = list(dict.fromkeys(name for each in found for name in each))  # Some are measured with one seed alone.
    values = {name: [each[name] for each in found if name in each] for name in names}
    width = max(map(len, names))
    return [f"  {name:{width}}  {_spread(values[name], name.endswith(_DIFFERENCE))}" for name in names]


def _spread(values: list[float], interval: bool) -> str:
    each = ", ".join(f"{value:.3f}" for value in values)
    half = f" ± {_half_width(values):.3f}" if interval and len(values) > 1 else ""
    return f"{np.mean(values):10.3f}{half}   ({each})"


def _half_width(values: list[float]) -> float:
    """Returns half the 95 % interval of the mean by Student's t."""
    return float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=SECTIONS, help="a section; may be given more than once")
    parser.add_argument("--seeds", type=int, default=3, help="how often each section but slots is measured")
    parser.add_argument("--workers", type=int, default=2, help="processes, of one thread each")
    parser.add_argument("--out", type=Path, default=Path("out/networks"), help="where what is trained is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
