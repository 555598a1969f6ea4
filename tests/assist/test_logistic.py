"""Learning that starts from what is believed."""

from __future__ import annotations

import numpy as np

from assist.logistic import chance_of, fit_logistic, fit_order

ROWS = np.array([[0.0, 1.0], [0.2, 0.0], [1.0, 1.0], [0.9, 0.0]] * 20)
TRUTH = ROWS[:, 0] > 0.5


def test_it_learns_what_tells_the_two_apart() -> None:
    weights, bias = fit_logistic(ROWS, TRUTH, inverse_l2=10.0)
    assert weights[0] > 3 * abs(weights[1])
    assert ((ROWS @ weights + bias > 0) == TRUTH).all()


def test_few_examples_change_little_of_what_is_believed_and_many_do() -> None:
    believed = np.full(2, 3.0)  # both are believed; the second is wrong
    few, few_bias = fit_logistic(ROWS[[2, 1]], TRUTH[[2, 1]], inverse_l2=0.1, believed=believed)
    assert 3.0 + ROWS[1] @ few + few_bias > 0
    many, many_bias = fit_logistic(np.tile(ROWS, (20, 1)), np.tile(TRUTH, 20), inverse_l2=0.1, believed=np.full(20 * len(ROWS), 3.0))
    assert 3.0 + ROWS[1] @ many + many_bias < 0


def test_an_order_is_learned_that_puts_the_right_ones_first() -> None:
    chance = np.random.default_rng(1)
    groups = [chance.random((6, 3)) for _ in range(60)]
    right = [group[:, 1] == group[:, 1].max() for group in groups]
    believed = np.array([5.0, 0.0, 0.0])
    weights = fit_order(groups, right, inverse_l2=10.0, believed=believed)
    found = np.mean([right[number][int((group @ weights).argmax())] for number, group in enumerate(groups)])
    before = np.mean([right[number][int((group @ believed).argmax())] for number, group in enumerate(groups)])
    assert found > 0.9 > before
    kept = fit_order(groups[:1], right[:1], inverse_l2=0.001, believed=believed)
    assert np.allclose(kept, believed, atol=0.2)


def test_chances_stay_finite() -> None:
    assert 0 < chance_of(-1e9) < chance_of(1e9) < 1 + 1e-12
