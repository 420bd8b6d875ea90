"""Draws how far each arm of a benchmark is above gold, with its 95 % interval, as an SVG picture."""

from __future__ import annotations

from collections.abc import Mapping

from curves import COLOURS, WIDTH, text, ticks

LEFT, RIGHT, TOP, ROW = 190, 40, 40, 26


def draw_gains(title: str, gains: Mapping[str, tuple[float, float]]) -> str:
    """Returns a picture with a row for each arm: a dot at its gain, and a line over the interval.

    Args:
        title: what stands above.
        gains: for each arm how many points it is above gold, and half of the width of the interval; 0 if it has none.
    """
    edges = [edge for gain, half in gains.values() for edge in (gain - half, gain + half)]
    across = ticks([min(0.0, *edges), max(0.0, *edges)])
    right, bottom = WIDTH - RIGHT, TOP + ROW * len(gains)
    height = bottom + 40

    def place(points: float) -> float:
        return round(LEFT + (points - across[0]) / (across[-1] - across[0]) * (right - LEFT), 1)

    parts = [f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', text(WIDTH / 2, 20, title, "middle", 14)]
    for value in across:
        x = place(value)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{bottom}" stroke="{"#666" if value == 0 else "#ddd"}"/>')
        parts.append(text(x, bottom + 16, f"{value:+g}", "middle"))
    parts.append(text((LEFT + right) / 2, height - 6, "points of F1 above gold alone", "middle"))
    for number, (arm, (gain, half)) in enumerate(gains.items()):
        y = TOP + ROW * number + ROW / 2
        ends = f'x1="{place(gain - half)}" x2="{place(gain + half)}" y1="{y}" y2="{y}"'
        parts.append(f'<line {ends} stroke="{COLOURS[0]}" stroke-width="2"/>')
        parts.append(f'<circle cx="{place(gain)}" cy="{y}" r="4" fill="{COLOURS[0]}"/>')
        parts.append(text(LEFT - 10, y + 4, arm, "end"))
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'<svg {frame} font-family="sans-serif">\n' + "\n".join(parts) + "\n</svg>\n"
