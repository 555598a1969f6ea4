"""Fitting a ranker on outcomes: a logistic regression that is drawn towards the ranker that ships (maximum a posteriori, Gaussian priors).

Every weight has a prior around what ships (bias 0, slope 1, shift 0), so that few outcomes change little. The shift of an origin is
learned only from outcomes of two agents or more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from assist.learning.outcomes import Outcome, capped
from assist.ranking import Ranker, intent_key, logit, origin_key

BIAS_PRIOR, SLOPE_PRIOR, ORIGIN_PRIOR, INTENT_PRIOR = 2.0, 8.0, 2.0, 4.0  # precisions
AGENTS = 2
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Columns:
    """Where each weight stands: biases, slopes, origins, intents."""

    sources: tuple[str, ...]
    origins: dict[str, int]
    intents: dict[str, int]

    @property
    def count(self) -> int:
        return 2 * len(self.sources) + len(self.origins) + len(self.intents)


def fit_ranker(outcomes: Sequence[Outcome], *, version: int = 0) -> Ranker:
    """The ranker that these outcomes teach; the one that ships when there are none. Deterministic."""
    from scipy.optimize import minimize

    kept = capped(outcomes)
    if not kept:
        return Ranker(version)
    columns = _columns(kept)
    rows = _matrix(kept, columns)
    labels, weights = np.array([one.label for one in kept]), np.array([one.weight for one in kept])
    centre, precision = _prior(columns)

    def loss(point: Floats) -> tuple[float, Floats]:
        scores = rows @ point
        value = float((weights * (np.logaddexp(0.0, scores) - labels * scores)).sum() + 0.5 * (precision * (point - centre) ** 2).sum())
        chances = 1 / (1 + np.exp(-scores))
        return value, rows.T @ (weights * (chances - labels)) + precision * (point - centre)

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return _ranker(np.asarray(found.x), columns, version)


def log_loss(ranker: Ranker, outcomes: Sequence[Outcome]) -> float:
    """The mean weighted log loss (nats); 0 without outcomes."""
    total = sum(one.weight for one in outcomes)
    if not total:
        return 0.0
    losses = 0.0
    for one in outcomes:
        chance = min(1 - 1e-6, max(1e-6, ranker.chance_of(one.source, one.origin, own=one.own, intent=one.intent)))
        losses -= one.weight * (one.label * math.log(chance) + (1 - one.label) * math.log(1 - chance))
    return losses / total


def first_used(ranker: Ranker, outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Over messages of which something was used: `hit1`, the share where such a draft stands first, and `mrr`; how many they are."""
    by_message: dict[UUID, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_message[one.message_id].append(one)
    places = []
    for group in by_message.values():
        if len(group) < 2 or max(one.label for one in group) <= 0.5:
            continue
        ranked = sorted(group, key=lambda one: -ranker.chance_of(one.source, one.origin, own=one.own, intent=one.intent))
        places.append(next(place for place, one in enumerate(ranked, 1) if one.label > 0.5))
    if not places:
        return {"hit1": 0.0, "mrr": 0.0, "messages": 0.0}
    return {"hit1": sum(p == 1 for p in places) / len(places), "mrr": sum(1 / p for p in places) / len(places), "messages": len(places)}


def _columns(outcomes: Sequence[Outcome]) -> _Columns:
    sources = tuple(sorted({one.source for one in outcomes}))
    agents: dict[str, set[UUID | None]] = defaultdict(set)
    for one in outcomes:
        if one.origin:
            agents[origin_key(one.source, one.origin)].add(one.staff_id)
    known = sorted(key for key, who in agents.items() if len(who) >= AGENTS)
    start = 2 * len(sources)
    origins = {key: start + number for number, key in enumerate(known)}
    keys = sorted({intent_key(one.source, one.intent) for one in outcomes})
    return _Columns(sources, origins, {key: start + len(origins) + number for number, key in enumerate(keys)})


def _matrix(outcomes: Sequence[Outcome], columns: _Columns) -> Any:
    from scipy.sparse import csr_matrix

    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for one in outcomes:
        source = columns.sources.index(one.source)
        row = {source: 1.0, len(columns.sources) + source: logit(one.own), columns.intents[intent_key(one.source, one.intent)]: 1.0}
        place = columns.origins.get(origin_key(one.source, one.origin))
        row |= {place: 1.0} if place is not None else {}
        places.extend(row)
        values.extend(row.values())
        ends.append(len(places))
    return csr_matrix((np.array(values), np.array(places), np.array(ends)), shape=(len(outcomes), columns.count))


def _prior(columns: _Columns) -> tuple[Floats, Floats]:
    count = len(columns.sources)
    centre = np.zeros(columns.count)
    centre[count : 2 * count] = 1.0
    parts = [(BIAS_PRIOR, count), (SLOPE_PRIOR, count), (ORIGIN_PRIOR, len(columns.origins)), (INTENT_PRIOR, len(columns.intents))]
    return centre, np.concatenate([np.full(length, precision) for precision, length in parts])


def _ranker(point: Floats, columns: _Columns, version: int) -> Ranker:
    count = len(columns.sources)
    data = {
        "biases": dict(zip(columns.sources, point[:count].tolist(), strict=True)),
        "slopes": dict(zip(columns.sources, point[count : 2 * count].tolist(), strict=True)),
        "origins": {key: float(point[place]) for key, place in columns.origins.items()},
        "intents": {key: float(point[place]) for key, place in columns.intents.items()},
    }
    return Ranker.from_json(version, data)
