"""The small network learns what no single sign tells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from assist.small_network import learn_network
from nlu.softmax import Rows


@pytest.mark.parametrize("classes", [2, 4])
def test_what_only_two_signs_together_tell_is_learned(classes: int) -> None:
    chance = np.random.default_rng(3)
    signs = (chance.random((240, 2)) < 0.5).astype(np.float32)
    odd = (signs.sum(axis=1) == 1).astype(np.intp)
    answers = odd + 2 * (signs[:, 0] > 0) if classes == 4 else odd
    rows = Rows(chance.random((240, 3)).astype(np.float32), csr_matrix(signs))
    learned = learn_network(rows, answers.astype(np.intp))
    chances = learned.chances(rows)
    assert chances.shape == (240, classes)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert (chances.argmax(axis=1) == answers).mean() > 0.95
    assert np.array_equal(chances, learn_network(rows, answers.astype(np.intp)).chances(rows))
