"""The slopes that the learned policy goes down are those of its loss: compared with differences of the loss along random directions."""

from __future__ import annotations

import numpy as np
import pytest

from bot.policies.transformer.fit import MEMBERS, Adam, Net
from bot.policies.transformer.network import Network

TOKENS, CLASSES, TALKS, MOMENTS = 20, 6, 3, 7


@pytest.fixture
def net() -> Net:
    draw = np.random.default_rng(5)
    made = Net({"tokens": TOKENS, "classes": CLASSES, "reach": 4}, draw, dropout=0.0)
    made.row += 0.1 * draw.standard_normal(made.row.shape).astype(np.float32)
    return made


def lesson() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(6)
    bags = (draw.random((TALKS, MOMENTS, TOKENS)) < 0.2).astype(np.float32)
    return bags, draw.integers(-1, CLASSES - 1, (TALKS, MOMENTS)), draw.integers(-1, CLASSES, (TALKS, MOMENTS))


def loss(net: Net) -> float:
    """As served: the members' own probabilities of what comes next, moment by moment."""
    bags, acted, labels = lesson()
    total, count = 0.0, 0
    for member in range(MEMBERS):
        served = Network({name: value[member : member + 1] for name, value in net.weights.items()})
        for talk, moment in zip(*np.nonzero(labels >= 0), strict=True):
            numbers = np.tile(np.arange(TOKENS), (moment + 1, 1))
            found = served.probabilities(numbers, bags[talk, : moment + 1], acted[talk, : moment + 1], reach=4)
            total -= float(np.log(found[labels[talk, moment]]))
            count += 1
    return total * MEMBERS / count


def test_every_slope_is_that_of_the_loss_of_the_network_as_it_serves(net: Net) -> None:
    net.learn(*lesson())
    draw = np.random.default_rng(7)
    for name in net.weights:
        weight, kept = net.weights[name], net.weights[name].copy()
        direction = draw.standard_normal(weight.shape).astype(np.float32)
        step = 2e-3 / direction.size**0.25
        weight[...] = kept + step * direction
        above = loss(net)
        weight[...] = kept - step * direction
        below = loss(net)
        weight[...] = kept
        found = float((net.slopes[name] * direction).sum())
        assert found == pytest.approx((above - below) / (2 * step), rel=0.1, abs=0.05), name


def test_the_optimiser_goes_down_and_leaves_what_has_no_slope_almost_alone() -> None:
    row = np.array([1.0, -1.0, 0.5], dtype=np.float32)
    optimiser = Adam(row)
    for _ in range(200):
        optimiser.step(np.array([2 * row[0], 2 * row[1], 0.0], dtype=np.float32), 0.02)
    assert abs(row[:2]).max() < 0.05
    assert row[2] == pytest.approx(0.5, abs=0.05)
