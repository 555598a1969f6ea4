"""How the processor time of a question grows with the number of passages, as SVG on logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, MARGIN = 640, 400, 56
LINES = {"cpu_p95_ms": ("95 % of questions, encoding included", "#b3261e"), "cpu_p50_ms": ("half of the questions", "#1f5fa8")}
GOALS = {4_000: 15, 100_000: 25, 1_000_000: 50}
_LEAST_MS, _MOST_MS = 0.1, 100.0


def draw(figures: Sequence[Mapping[str, Any]]) -> str:
    """The whole picture."""
    sizes = [int(one["passages"]) for one in figures]
    low, high = math.log10(min(sizes)) - 0.1, math.log10(max(sizes)) + 0.1

    def across(passages: float) -> float:
        return MARGIN + (math.log10(passages) - low) / (high - low) * (WIDTH - 2 * MARGIN)

    def down(milliseconds: float) -> float:
        share = math.log10(max(milliseconds, _LEAST_MS) / _LEAST_MS) / math.log10(_MOST_MS / _LEAST_MS)
        return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Processor time of a question by number of passages</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for value in (0.1, 1, 10, 100):
        y = down(value)
        parts.append(f'<path d="M{MARGIN} {y:.1f}H{WIDTH - MARGIN}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g} ms</text>')
    parts.extend(f'<text x="{across(size):.1f}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">{size:,}</text>' for size in sizes)
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">passages</text>')
    for size, goal in GOALS.items():
        if size in sizes:
            parts.append(f'<path d="M{across(size) - 14:.1f} {down(goal):.1f}h28" stroke="#000" stroke-dasharray="3 2"/>')
    for number, (key, (label, colour)) in enumerate(LINES.items()):
        points = " ".join(f"{across(one['passages']):.1f},{down(float(one[key])):.1f}" for one in figures)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{MARGIN + 8}" y="{MARGIN - 30 + 15 * number}" fill="{colour}">{label}</text>')
    parts.append(f'<text x="{WIDTH - MARGIN}" y="{MARGIN - 30}" text-anchor="end">processor time; dashed: the goals for 95 %</text>')
    return "\n".join([*parts, "</svg>", ""])
