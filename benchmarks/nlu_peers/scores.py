"""Figures of a peer out of its answers, and the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks.nlu_peers.job import OOS

# figure -> (heading, share rather than amount)
COLUMNS = {
    "accuracy": ("accuracy", True),
    "accuracy_rejecting": ("rejecting", True),
    "oos_recall": ("oos recall", True),
    "oos_auroc": ("oos AUROC", True),
    "train_s": ("train s", False),
    "train_cpu_s": ("CPU s", False),
    "train_peak_mb": ("peak MB", False),
    "load_s": ("load s", False),
    "p50_ms": ("p50 ms", False),
    "p95_ms": ("p95 ms", False),
    "rss_mb": ("RSS MB", False),
    "model_mb": ("model MB", False),
}


def score(truth: Sequence[str], answers: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Rates from 0 to 1 over rows in order; what the rows cannot say is None.

    `accuracy` (in-scope rows, best intent always answered), `accuracy_rejecting` (in-scope rows, a rejection is wrong), `oos_recall` (the
    others that were rejected), `oos_auroc` (how well the confidence alone tells the two apart; 0.5 is chance).
    """
    inner = [(t, a) for t, a in zip(truth, answers, strict=True) if t != OOS]
    outer = [a for t, a in zip(truth, answers, strict=True) if t == OOS]
    return {
        "accuracy": _share([a["best"] == t for t, a in inner]),
        "accuracy_rejecting": _share([a["said"] == t for t, a in inner]),
        "oos_recall": _share([a["said"] == OOS for a in outer]),
        "oos_auroc": auroc([a["confidence"] for _, a in inner], [a["confidence"] for a in outer]),
    }


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """How often a row of `inside` has more than one of `outside`, a tie counting half (Mann and Whitney 1947); None without either."""
    if not len(inside) or not len(outside):
        return None
    low = np.sort(np.asarray(outside, dtype=float))
    values = np.asarray(inside, dtype=float)
    below, upto = np.searchsorted(low, values, side="left"), np.searchsorted(low, values, side="right")
    return round(float((below + upto).mean() / (2 * len(low))), 4)


def latency(times: Sequence[float]) -> dict[str, float | None]:
    """Milliseconds an answer."""
    if not times:
        return {"p50_ms": None, "p95_ms": None}
    return {f"p{share}_ms": round(float(np.percentile(times, share)), 2) for share in (50, 95)}


def table(found: Mapping[str, Mapping[str, Any]], *, title: str) -> Table:
    """One row a system; a system that did not run says why."""
    drawn = Table(title=title)
    drawn.add_column("system")
    for heading, _ in COLUMNS.values():
        drawn.add_column(heading, justify="right")
    drawn.add_column("note")
    for name, figures in found.items():
        drawn.add_row(name, *(cell(figures.get(key), share) for key, (_, share) in COLUMNS.items()), str(figures.get("note", "")))
    return drawn


def cell(value: float | None, share: bool) -> str:
    """A figure as the table writes it."""
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if share else f"{value:,.1f}"


def _share(right: Sequence[bool]) -> float | None:
    return round(sum(right) / len(right), 4) if right else None
