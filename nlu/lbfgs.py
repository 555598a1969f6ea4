"""Limited-memory BFGS in float32 (Nocedal and Wright 2006, algorithms 7.4 and 3.1): quick and deterministic for smooth convex losses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Loss = Callable[[Floats], tuple[float, Floats]]
MEMORY = 6
HALVINGS = 12


def minimise(loss: Loss, start: Floats, *, steps: int, tolerance: float) -> Floats:
    """The point found after at most `steps`, or once a step gains less than `tolerance` of the loss. `loss` gives value and gradient."""
    point = start.ravel().copy()
    value, gradient = loss(point)
    pairs: deque[tuple[Floats, Floats, float]] = deque(maxlen=MEMORY)
    for _ in range(steps):
        direction = _direction(gradient, pairs)
        slope = float(direction @ gradient)
        if slope >= 0:
            break
        size = 1.0 if pairs else 1.0 / max(1.0, float(np.linalg.norm(gradient)))
        new, new_value, new_gradient = _search(loss, point, direction, value=value, slope=slope, size=size)
        if new_value >= value:
            break
        moved, turned = new - point, new_gradient - gradient
        curvature = float(moved @ turned)
        if curvature > 1e-12:
            pairs.append((moved, turned, 1.0 / curvature))
        gained = (value - new_value) / max(1.0, abs(value))
        point, value, gradient = new, new_value, new_gradient
        if gained < tolerance:
            break
    return point


def _direction(gradient: Floats, pairs: deque[tuple[Floats, Floats, float]]) -> Floats:
    q = -gradient
    shares = []
    for moved, turned, inverse in reversed(pairs):
        share = np.float32(inverse * float(moved @ q))
        shares.append(share)
        q -= share * turned
    if pairs:
        moved, turned, inverse = pairs[-1]
        q *= np.float32(1.0 / (inverse * float(turned @ turned)))
    for (moved, turned, inverse), share in zip(pairs, reversed(shares), strict=True):
        q += moved * (share - np.float32(inverse * float(turned @ q)))
    return q


def _search(loss: Loss, point: Floats, direction: Floats, *, value: float, slope: float, size: float) -> tuple[Floats, float, Floats]:
    """Armijo backtracking; the last try is returned when none is good enough."""
    for _ in range(HALVINGS):
        new = point + np.float32(size) * direction
        new_value, gradient = loss(new)
        if new_value <= value + 1e-4 * size * slope:
            break
        size *= 0.5
    return new, new_value, gradient
