"""The report's drawings, as inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from nlu.crossval import Judged
from nlu.crossval_figures import Bin, Confusion
from nlu.types import OUT_OF_SCOPE

MOST_SHOWN = 16
CELL = 30
CHARACTER = 7.2
LONGEST_LABEL = 26


def shown_name(intent: str) -> str:
    """How an intent is called for people."""
    return "out of scope" if intent == OUT_OF_SCOPE else intent


def reliability_curve(bins: Sequence[Bin]) -> str:
    """Mean confidence against the share that is right, a dot for each bin, its area by the number of sentences."""
    left, top, side = 44, 12, 270
    total = sum(one.count for one in bins) or 1

    def place(x: float, y: float) -> tuple[float, float]:
        return round(left + side * x, 1), round(top + side * (1 - y), 1)

    parts = [_frame(left, top, side)]
    points = [place(one.confidence, one.right) for one in bins]
    joined = " ".join(f"{x},{y}" for x, y in points)
    parts.append(f'<polyline points="{joined}" fill="none" stroke="#1f5fa8" stroke-width="2"/>')
    for one, (x, y) in zip(bins, points, strict=True):
        radius = 3 + 13 * (one.count / total) ** 0.5
        title = f"{one.low:.0%} to {one.high:.0%}: {one.count} sentences, mean confidence {one.confidence:.1%}, right {one.right:.1%}"
        dot = f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="#1f5fa8" fill-opacity=".35" stroke="#1f5fa8">'
        parts.append(f"{dot}<title>{title}</title></circle>")
    label = "Reliability: how often the bot is right at each confidence"
    return f'<svg viewBox="0 0 330 330" width="330" height="330" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _frame(left: int, top: int, side: int) -> str:
    parts = [f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="#fff" stroke="#c5ced8"/>']
    for tenth in range(0, 11, 2):
        x, y = left + side * tenth / 10, top + side * (1 - tenth / 10)
        parts.append(f'<line x1="{x}" y1="{top}" x2="{x}" y2="{top + side}" stroke="#edf0f4"/>')
        parts.append(f'<line x1="{left}" y1="{y}" x2="{left + side}" y2="{y}" stroke="#edf0f4"/>')
        parts.append(f'<text x="{x}" y="{top + side + 16}" font-size="11" text-anchor="middle">{10 * tenth}</text>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" font-size="11" text-anchor="end">{10 * tenth}</text>')
    parts.append(f'<line x1="{left}" y1="{top + side}" x2="{left + side}" y2="{top}" stroke="#8793a1" stroke-dasharray="4 4"/>')
    parts.append(f'<text x="{left + side / 2}" y="{top + side + 34}" font-size="12" text-anchor="middle">confidence, %</text>')
    middle = top + side / 2
    parts.append(f'<text x="13" y="{middle}" font-size="12" text-anchor="middle" transform="rotate(-90 13 {middle})">right, %</text>')
    return "".join(parts)


@dataclass(frozen=True)
class _Grid:
    names: tuple[str, ...]
    left: float
    top: float

    @property
    def columns(self) -> int:
        return len(self.names) + 1


def confusion_matrix(judged: Sequence[Judged], confusions: Sequence[Confusion]) -> str:
    """The most confused part: a row for each true intent, a column for what was answered; all that is not shown stands under "others"."""
    names = most_confused(confusions)
    longest = min(LONGEST_LABEL, max((len(shown_name(n)) for n in names), default=1))
    grid = _Grid(names, left=CHARACTER * longest + 14, top=CHARACTER * longest * 0.78 + 16)
    counts = Counter((one.truth, one.answered) for one in judged)
    rows = "".join(_row(grid, number, counts) for number in range(len(names)))
    # the slanted label of the last column leans out to the right
    width, height = grid.left + CELL * grid.columns + CHARACTER * 7, grid.top + CELL * len(names) + 4
    label = "Confusion matrix of the intents that are confused most; the table of pairs says the same in words"
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<svg {size} role="img" aria-label="{label}">{_column_names(grid)}{rows}</svg>'


def most_confused(confusions: Sequence[Confusion], limit: int = MOST_SHOWN) -> tuple[str, ...]:
    """Up to `limit` intents, pairs that are confused often side by side; out of scope comes last."""
    names: dict[str, None] = {}
    for confusion in confusions:
        if OUT_OF_SCOPE not in {confusion.truth, confusion.answered}:
            names.update(dict.fromkeys((confusion.truth, confusion.answered)))
    scope = [OUT_OF_SCOPE] if any(OUT_OF_SCOPE in {c.truth, c.answered} for c in confusions) else []
    return (*list(names)[: limit - len(scope)], *scope)


def _column_names(grid: _Grid) -> str:
    parts = []
    for number, name in enumerate([*(shown_name(n) for n in grid.names), "others"]):
        x, y = grid.left + CELL * (number + 0.5), grid.top - 6
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" transform="rotate(-52 {x:.1f} {y:.1f})">{_label(name)}</text>')
    return "".join(parts)


def _row(grid: _Grid, number: int, counts: Counter[tuple[str, str]]) -> str:
    truth = grid.names[number]
    total = sum(n for (true, _), n in counts.items() if true == truth)
    y = grid.top + CELL * number
    shown = shown_name(truth)
    label = f'<text x="{grid.left - 7:.1f}" y="{y + CELL * 0.64:.1f}" font-size="12" text-anchor="end">{_label(shown)}</text>'
    cells = [_cell(grid, (number, k), (counts[truth, name], total), name) for k, name in enumerate(grid.names)]
    rest = total - sum(counts[truth, name] for name in grid.names)
    return label + "".join(cells) + _cell(grid, (number, len(grid.names)), (rest, total), "others")


def _cell(grid: _Grid, place: tuple[int, int], count: tuple[int, int], answered: str) -> str:
    row, column = place
    found, total = count
    x, y = grid.left + CELL * column, grid.top + CELL * row
    share = found / total if total else 0.0
    right = grid.names[row] == answered
    paint = _shade("#2c7a51" if right else "#b3372f", share if right else min(1.0, 2.5 * share)) if found else "#fff"
    title = f"{found} of {total}: {shown_name(grid.names[row])} answered as {shown_name(answered)}"
    size = f'width="{CELL}" height="{CELL}" fill="{paint}" stroke="#dfe5ec"'
    box = f'<rect x="{x:.1f}" y="{y:.1f}" {size}><title>{escape(title)}</title></rect>'
    if not found:
        return box
    return (
        box
        + f'<text x="{x + CELL / 2:.1f}" y="{y + CELL * 0.64:.1f}" font-size="12" text-anchor="middle" pointer-events="none">{found}</text>'
    )


def _shade(colour: str, strength: float) -> str:
    """`colour` mixed with white so lightly that black text stays readable on it."""
    part = 0.08 + 0.47 * strength
    channels = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - c) * part):02x}" for c in channels)


def _label(name: str) -> str:
    return escape(name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…")
