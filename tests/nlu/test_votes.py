"""The votes of the nearest training sentences."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.intents import Runs, votes
from nlu.scope_training import FoldScores
from nlu.vote_training import choose_vote

CLASSES, A_CLASS, WIDTH = 4, 40, 16


def scores_with(logits_say: float) -> FoldScores:
    """Four clusters of vectors; logits that point to the right class with the strength `logits_say`, under fixed noise."""
    random = np.random.default_rng(7)
    labels = np.repeat(np.arange(CLASSES), A_CLASS)
    centres = random.normal(size=(CLASSES, WIDTH))
    vectors = centres[labels] + 0.3 * random.normal(size=(len(labels), WIDTH))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    logits = (random.normal(size=(len(labels), CLASSES)) + logits_say * np.eye(CLASSES)[labels]).astype(np.float32)
    return FoldScores(logits, labels, np.arange(len(labels)) % 5, np.ones(len(labels), dtype=bool), (vectors,), None)


def test_the_class_of_the_nearest_sentences_has_the_highest_vote() -> None:
    found = votes(np.array([[0.9, 0.8, 0.2]], dtype=np.float32), Runs.of(np.array([2, 2, 0], dtype=np.int32)), 3)[0]
    assert found.argmax() == 2
    assert found.sum() == pytest.approx(0.0, abs=1e-3)


def test_nobody_votes_without_sentences() -> None:
    assert not votes(np.zeros((1, 0), dtype=np.float32), Runs.of(np.zeros(0, dtype=np.int32)), 3).any()


def test_votes_that_know_more_than_the_head_are_heard() -> None:
    scores = scores_with(0.5)
    weight, voted = choose_vote(scores)
    assert weight > 0
    assert (voted.logits.argmax(axis=1) == scores.labels).mean() > (scores.logits.argmax(axis=1) == scores.labels).mean() + 0.2


def test_votes_that_know_nothing_do_no_harm() -> None:
    scores = scores_with(4.0)
    noise = np.random.default_rng(3).normal(size=(len(scores.labels), WIDTH))
    vectors = (noise / np.linalg.norm(noise, axis=1, keepdims=True)).astype(np.float32)
    _, voted = choose_vote(FoldScores(scores.logits, scores.labels, scores.folds, scores.scored, (vectors,), None))
    assert (voted.logits.argmax(axis=1) == scores.labels).mean() >= (scores.logits.argmax(axis=1) == scores.labels).mean() - 0.01


def test_training_data_of_one_sentence_has_no_vote() -> None:
    scores = FoldScores(
        np.zeros((1, 1), np.float32), np.zeros(1, np.intp), np.zeros(1, np.intp), np.ones(1, bool), (np.eye(1, 4, dtype=np.float32),), None
    )
    assert choose_vote(scores)[0] == 0.0
