"""How the acknowledgement of webhooks and the replies grow with the rate at which they come, as SVG: two panels over one scale of rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, LEFT, RIGHT = 640, 520, 64, 24
TOP, PANEL, GAP = 48, 170, 56
GOAL_MS, GOAL_RATE, GOAL_REPLIES = 100.0, 200.0, 30.0
RED, BLUE = "#b3261e", "#1f5fa8"


@dataclass(frozen=True)
class Panel:
    """Where it stands, and what of the figures it shows."""

    top: float
    key: str
    colour: str
    unit: str


def draw(figures: Sequence[Mapping[str, Any]]) -> str:
    """The whole picture, of what `measure` gave for each rate. Raises ValueError without any."""
    if not figures:
        raise ValueError("there is nothing to draw")
    figures = sorted(figures, key=lambda one: float(one["per_second"]))
    rates = [float(one["per_second"]) for one in figures]
    most = max(rates)
    lower = TOP + PANEL + GAP

    def across(rate: float) -> float:
        return LEFT + rate / most * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Webhooks: acknowledgement and replies by rate</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_panel(figures, across, Panel(TOP, "ack_p99_ms", RED, "ms"), _logarithmic(figures, "ack_p99_ms")),
        *_panel(figures, across, Panel(lower, "replies_per_second", BLUE, "/s"), _linear(figures)),
        f'<text x="{LEFT}" y="{TOP - 22}" fill="{RED}">acknowledged within (99 % of webhooks)</text>',
        f'<text x="{LEFT}" y="{lower - 12}" fill="{BLUE}">replies accepted by the provider, a second, until all are answered</text>',
        f'<text x="{WIDTH - RIGHT}" y="{TOP - 22}" text-anchor="end">dashed: the goals</text>',
    ]
    for rate in rates:
        parts.append(f'<text x="{across(rate):.1f}" y="{lower + PANEL + 18}" text-anchor="middle">{rate:g}</text>')
        parts.append(f'<path d="M{across(rate):.1f} {lower + PANEL}v4" stroke="#555"/>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">webhooks a second</text>')
    return "\n".join([*parts, "</svg>", ""])


Scale = tuple[Callable[[float], float], Sequence[float], float]
"""The share of the height for a value, the values that have a line, and the goal."""


def _logarithmic(figures: Sequence[Mapping[str, Any]], key: str) -> Scale:
    values = [max(float(one[key]), 0.1) for one in figures] + [GOAL_MS]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values) * 1.01))
    lines = [10.0**power for power in range(low, high + 1)]
    return (lambda value: (math.log10(max(value, 10.0**low)) - low) / (high - low)), lines, GOAL_MS


def _linear(figures: Sequence[Mapping[str, Any]]) -> Scale:
    most = max(GOAL_REPLIES, *(float(one["replies_per_second"]) for one in figures)) * 1.1
    step = 10.0 ** math.floor(math.log10(most))
    step = step / 2 if most / step < 3 else step
    lines = [step * number for number in range(int(most / step) + 1)]
    return (lambda value: value / most), lines, GOAL_REPLIES


def _panel(figures: Sequence[Mapping[str, Any]], across: Callable[[float], float], panel: Panel, scale: Scale) -> list[str]:
    share, lines, goal = scale
    key, colour = panel.key, panel.colour

    def down(value: float) -> float:
        return panel.top + PANEL - share(value) * PANEL

    parts = []
    for value in lines:
        parts.append(f'<path d="M{LEFT} {down(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{down(value) + 4:.1f}" text-anchor="end">{value:g} {panel.unit}</text>')
    parts.append(f'<path d="M{LEFT} {down(goal):.1f}H{WIDTH - RIGHT}" stroke="#000" stroke-dasharray="3 3"/>')
    points = [(across(float(one["per_second"])), down(float(one[key])), one) for one in figures]
    parts.append(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
    )
    for x, y, one in points:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
        parts.append(f'<text x="{x - 6:.1f}" y="{y - 8:.1f}" text-anchor="end" fill="{colour}">{float(one[key]):g}</text>')
    return parts
