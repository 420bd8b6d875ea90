"""Draws what networks have learnt, epoch by epoch, as an SVG picture.

    python benchmarks/curves.py --curve kl --out kl.svg "20 nats=out/one" "0 nats=out/two"

Each directory is a run, a fitted directory of a step, or any other with a curves.json. A run's file has a part for each
network; --part chooses one if several have the curve. Both options hold for all lines, or are given for each. Only
the standard library is needed.
"""

from __future__ import annotations

import argparse
import html
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 36, 44
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # told apart by the colour-blind too
COLOURS += ("#000000", "#999999", "#8c564b", "#f0e442", "#5e3c99")

Points = Sequence[tuple[float, float]]


def plot(title: str, axes: tuple[str, str], lines: Mapping[str, Points]) -> str:
    """Returns a picture with one line for each name, or a dot if there is one point.

    Args:
        title: what stands above.
        axes: what stands at the horizontal and the vertical axis.
        lines: the points of each.
    """
    points = [point for line in lines.values() for point in line if math.isfinite(point[1])]
    across, up = ticks([x for x, _ in points]), ticks([y for _, y in points])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        horizontal = (x - across[0]) / (across[-1] - across[0]) * (right - LEFT) + LEFT
        return round(horizontal, 1), round(bottom - (y - up[0]) / (up[-1] - up[0]) * (bottom - TOP), 1)

    parts = [text((LEFT + right) / 2, 20, title, "middle", 14)]
    for value in up:
        y = place(across[0], value)[1]
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:g}", "end"))
    parts += [text(place(value, up[0])[0], bottom + 18, f"{value:g}", "middle") for value in across]
    parts.append(text((LEFT + right) / 2, HEIGHT - 6, axes[0], "middle"))
    parts.append(f'<g transform="rotate(-90 14 {HEIGHT / 2})">{text(14, HEIGHT / 2, axes[1], "middle")}</g>')
    for number, (name, line) in enumerate(lines.items()):
        colour, row = COLOURS[number % len(COLOURS)], TOP + 12 + 20 * number
        places = [place(*point) for point in line if math.isfinite(point[1])]
        parts.append(stroke(places, colour))
        parts.append(stroke([(right + 12, row), (right + 30, row)] if len(places) > 1 else [(right + 21, row)], colour))
        parts.append(text(right + 36, row + 4, name, "start"))
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    return f'<svg {frame} font-family="sans-serif">\n' + "\n".join([ground, *parts]) + "\n</svg>\n"


def stroke(places: Sequence[tuple[float, float]], colour: str) -> str:
    """Returns a line through places, or a dot if there is one."""
    if len(places) == 1:
        return f'<circle cx="{places[0][0]}" cy="{places[0][1]}" r="4" fill="{colour}"/>'
    path = " ".join(f"{x},{y}" for x, y in places)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def text(x: float, y: float, content: str, anchor: str, size: int = 11) -> str:
    """Returns a line of text."""
    place = f'x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {place} fill="#333">{html.escape(content)}</text>'


def ticks(values: Sequence[float]) -> list[float]:
    """Returns about five round numbers, from 0 or the lowest value to beyond the highest.

    >>> ticks([0.2, 9.7]), ticks([100, 140])
    ([0, 2, 4, 6, 8, 10], [100, 110, 120, 130, 140])
    """
    low, high = min(values), max(values)
    low = 0.0 if 0 <= low < high / 2 else low
    rough = (high - low) / 5 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    numbers = [round(step * number, 10) for number in range(first, max(last, first + 1) + 1)]
    return [int(number) if number == int(number) else number for number in numbers]


def curve(directory: Path, name: str, part: str | None) -> list[tuple[float, float]]:
    """Reads one curve of a directory: (epoch, value)."""
    places = [directory / "curves.json", *sorted(directory.glob("steps/*/fitted/curves.json"))]
    found = [json.loads(place.read_text()) for place in places if place.exists()]
    having = [curves[name] for each in found for key, curves in each.items() if name in curves and part in (None, key)]
    if len(having) != 1:
        raise SystemExit(f"{directory}: must have one curve {name!r}, has {len(having)}; --part says of which network")
    return [(float(epoch), value) for epoch, value in enumerate(having[0], 1)]


def main() -> None:
    """Draws one picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lines", nargs="+", metavar="NAME=DIR", help="what a line is called, and where it is from")
    parser.add_argument("--curve", action="append", required=True, help="of curves.json; one, or one for each line")
    parser.add_argument("--part", action="append", help="vae, gan, flow or language_model, if several have the curve")
    parser.add_argument("--title", default="")
    parser.add_argument("--axis", help="what stands at the vertical axis; the curve's name if not given")
    parser.add_argument("--out", type=Path, required=True, help="the SVG file")
    options = parser.parse_args()
    parts = _for_each(options.lines, options.part or [None], "--part")
    curves = _for_each(options.lines, options.curve, "--curve")
    named = [line.partition("=")[::2] for line in options.lines]
    lines = {name: curve(Path(at), of, part) for (name, at), of, part in zip(named, curves, parts, strict=True)}
    axis = options.axis or options.curve[0].replace("_", " ")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(plot(options.title, ("epoch", axis), lines), encoding="utf-8")


def _for_each(lines: list[str], given: list[Any], option: str) -> list[Any]:
    """Returns what an option gives each line: the same for all if it was given once."""
    if len(given) not in (1, len(lines)):
        raise SystemExit(
            f"{option}: must be given once, or for each of {len(lines)} lines, was given {len(given)} times"
        )
    return given * len(lines) if len(given) == 1 else given


if __name__ == "__main__":
    main()
