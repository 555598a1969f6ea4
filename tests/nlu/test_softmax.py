"""Softmax regression on sparse rows held in either way."""

from __future__ import annotations

import numpy as np

from nlu import few_columns
from nlu.few_columns import FewColumns, one_above_other
from nlu.lexical import BUCKETS, SparseRow, rarity, row
from nlu.softmax import Rows, Weights, fit, logits_of, stack_sparse

TEXTS = ["where is my order", "where is my parcel", "open on sunday", "are you open now", "my order is late", "open late"]
LABELS = np.array([0, 0, 1, 1, 0, 1])


def rows(few: bool) -> Rows:
    weights = rarity(TEXTS)
    sparse = stack_sparse([row(text, weights) for text in TEXTS], 0.5)
    assert isinstance(sparse, FewColumns)
    dense = np.random.default_rng(1).standard_normal((len(TEXTS), 4)).astype(np.float32)
    return Rows(dense, sparse if few else sparse.csr())


def fitted(few: bool) -> tuple[Weights, np.ndarray]:
    given = rows(few)
    weights = fit(given, LABELS, classes=2, sample_weights=np.ones(len(LABELS), np.float32), inverse_l2=20.0)
    return weights, logits_of(given, weights)


def test_few_columns_and_scipy_learn_the_same() -> None:
    (few, few_logits), (many, many_logits) = fitted(True), fitted(False)
    np.testing.assert_allclose(few_logits, many_logits, atol=1e-3)
    np.testing.assert_allclose(few.sparse, many.sparse, atol=1e-3)
    assert (few_logits.argmax(axis=1) == LABELS).all()


def test_rows_below_one_another_keep_their_columns() -> None:
    parts = rows(True).sparse
    first, second = parts.take(np.array([0, 1])), parts.take(np.array([3]))
    few = one_above_other(first, second)
    mixed = one_above_other(first.csr(), second)
    np.testing.assert_array_equal(few.csr().toarray(), mixed.toarray())


def test_columns_that_differ_are_joined() -> None:
    one = FewColumns(np.array([[1.0, 2.0]], np.float32), np.array([3, 9]), BUCKETS)
    other = FewColumns(np.array([[5.0]], np.float32), np.array([4]), BUCKETS)
    joined = one_above_other(one, other)
    assert joined.used.tolist() == [3, 4, 9]
    assert joined.values.tolist() == [[1.0, 0.0, 2.0], [0.0, 5.0, 0.0]]


def test_a_column_named_twice_in_a_row_counts_twice() -> None:
    twice = SparseRow(np.array([7, 7], np.int32), np.array([1.0, 2.0], np.float32))
    assert stack_sparse([twice], 1.0).values.tolist() == [[3.0]]


def test_many_rows_are_scipys() -> None:
    indices = np.arange(0, 4000)
    values = np.ones(4000, np.float32)
    ends = np.arange(4001)
    assert few_columns.few_columns(ends, indices, values, BUCKETS) is None
