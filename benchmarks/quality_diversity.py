"""Draws quality against diversity over temperatures, as SVG, from what the section coco of networks.py has measured.

    python benchmarks/quality_diversity.py --results out/networks/coco --out quality.svg

Each network is a line from its lowest temperature to its highest; each of Texygen's released samples is a dot. The
further up and to the left, the better: n-grams of real captions, and sentences unlike each other. It also says at which
temperatures a network is at least as good as LeakGAN by every score, and how far its line lies above that of the
language model.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from curves import Points, plot

OURS = {"language_model": "language model", "vae": "VAE", "gan": "GAN", "flow": "flow"}
TEXYGEN = {"mle": "MLE", "seq": "SeqGAN", "leakgan": "LeakGAN", "maligan": "MaliGAN", "rank": "RankGAN"}
TEXYGEN |= {"textgan": "TextGAN", "real": "training set"}
ACROSS, UP = "self_bleu4", "bleu4"
HIGHER = ("bleu2", "bleu3", "bleu4", "bleu5", "distinct")
LOWER = ("self_bleu2", "self_bleu3", "self_bleu4", "self_bleu5", "forward", "frechet", "reverse")
"""Scores of which the higher, or the lower, is the better; `reverse` is measured at few temperatures."""


def read(directory: Path) -> dict[str, float]:
    """Returns the mean of each score over the seeds a directory has."""
    found = [json.loads(path.read_text()) for path in sorted(directory.glob("*/result.json"))]
    if not found:
        raise SystemExit(f"{directory}: must have the results of a seed, such as 0/result.json")
    names = {name for each in found for name in each}
    return {name: float(np.mean([each[name] for each in found if name in each])) for name in names}


def temperatures(scores: Mapping[str, float], network: str) -> list[float]:
    """Returns the temperatures that a network was measured at, ascending."""
    marks = {name.partition(" ")[0] for name in scores if name.startswith(f"{network}@")}
    return sorted(float(mark.partition("@")[2]) for mark in marks)


def lines(scores: Mapping[str, float]) -> dict[str, Points]:
    """Returns a line for each network, and a point for each sample that was released."""

    def point(name: str) -> tuple[float, float]:
        return scores[f"{name} {ACROSS}"], scores[f"{name} {UP}"]

    ours = {title: [point(f"{name}@{each}") for each in temperatures(scores, name)] for name, title in OURS.items()}
    others = {title: [point(name)] for name, title in TEXYGEN.items() if f"{name} {UP}" in scores}
    return {**ours, **others}


def worse(scores: Mapping[str, float], name: str, other: str) -> list[str]:
    """Returns the scores by which one sample is worse than another."""
    signs = {**dict.fromkeys(HIGHER, 1), **dict.fromkeys(LOWER, -1)}
    both = [score for score in signs if f"{name} {score}" in scores and f"{other} {score}" in scores]
    return [score for score in both if signs[score] * (scores[f"{name} {score}"] - scores[f"{other} {score}"]) < 0]


def above(line: Points, other: Points) -> list[float]:
    """Returns how far each point of a line lies above another, which is interpolated; those beside it are left out."""
    across, up = np.array(sorted(other)).T
    inside = [(x, y) for x, y in line if across[0] <= x <= across[-1]]
    return [float(y - np.interp(x, across, up)) for x, y in inside]


def report(scores: Mapping[str, float]) -> list[str]:
    """Compares each network with LeakGAN and with the language model."""
    said, drawn = [], lines(scores)
    for network, title in OURS.items():
        for each in temperatures(scores, network):
            behind = worse(scores, f"{network}@{each}", "leakgan")
            said.append(f"{title} at {each:g}: worse than LeakGAN by {', '.join(behind) or 'nothing'}")
        apart = above(drawn[title], drawn[OURS["language_model"]])
        said.append(f"{title}: above the language model's line by {', '.join(f'{each:+.3f}' for each in apart)}")
    return said


def main() -> None:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--results", type=Path, required=True, help="a directory with a folder for each seed")
    parser.add_argument("--out", type=Path, required=True, help="the SVG file")
    options = parser.parse_args()
    scores = read(options.results)
    print("\n".join(report(scores)))
    axes = "self-BLEU-4, the lower the more diverse", "BLEU-4, the higher the better"
    title = "COCO captions: quality against diversity"
    options.out.write_text(plot(title, axes, lines(scores)), encoding="utf-8")


if __name__ == "__main__":
    main()
