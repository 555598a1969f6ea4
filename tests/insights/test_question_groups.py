"""Which wordings become one question: the pure part."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from insights.unanswered.grouping import Groups, Merge, middle
from insights.unanswered.small_talk import is_small_talk, without_greeting

A, B, C, D = (UUID(int=number) for number in range(1, 5))


def vector(*values: float) -> np.ndarray:
    row = np.array(values, dtype=np.float32)
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def test_a_near_wording_joins_and_a_far_one_begins_a_question() -> None:
    groups = Groups(2)
    assert groups.place(vector(1, 0), new=A) == (A, [])
    assert groups.place(vector(1, 0.1), new=B) == (A, [])
    assert groups.place(vector(-0.2, 1), new=C) == (C, [])


def test_of_two_that_are_equally_near_the_older_takes_it() -> None:
    groups = Groups(2, same=2.0)
    groups.add(B, vector(1, 0.5)[None, :])
    groups.add(A, vector(1, 0.5)[None, :])
    assert groups.place(vector(1, 0), new=C)[0] == B


def test_a_wording_between_two_questions_makes_them_one_and_the_older_stays() -> None:
    groups = Groups(2, near=0.6, same=0.45)
    groups.place(vector(1, 0), new=A)
    assert groups.place(vector(0, 1), new=B) == (B, [])
    assert groups.place(vector(1, 1), new=C) == (A, [])
    assert groups.place(vector(1, 3), new=D) == (B, [Merge(older=A, younger=B)])
    assert groups.nearest(vector(0, 1))[0] == A  # type: ignore[index]


def test_what_somebody_decided_about_is_never_merged_but_takes_wordings_in() -> None:
    groups = Groups(2, near=0.6, same=0.1)
    groups.add(A, vector(1, 0)[None, :], fixed=True)
    groups.add(B, vector(1, 0.9)[None, :])
    assert groups.place(vector(1, 0.05), new=C) == (A, [])
    assert groups.place(vector(1, 1), new=D) == (B, [])


def test_batches_change_nothing() -> None:
    random = np.random.default_rng(7)
    rows = [vector(*row) for row in random.normal(size=(60, 6)) + 3 * np.eye(6)[random.integers(0, 6, 60)]]
    names = [UUID(int=number) for number in range(1, 61)]

    def run(sizes: list[int]) -> list[UUID]:
        placed: dict[UUID, UUID] = {}
        at = 0
        for size in sizes:
            groups = Groups(6)
            for question in sorted(set(placed.values())):  # a question is named after its first wording here: the order of age
                groups.add(question, np.stack([rows[names.index(one)] for one, where in placed.items() if where == question]))
            for number in range(at, at + size):
                question, merges = groups.place(rows[number], new=names[number])
                placed[names[number]] = question
                for merge in merges:
                    placed = {one: merge.older if where == merge.younger else where for one, where in placed.items()}
            at += size
        return list(placed.values())

    assert run([60]) == run([1] * 60) == run([7, 20, 33])
    assert 6 <= len(set(run([60]))) < 20


def test_the_wording_said_most_stands_for_all_and_among_equals_the_middle_one() -> None:
    rows = [vector(1, 0), vector(1, 0.4), vector(1, 1)]
    assert middle(rows, [1, 1, 1]) == 1
    assert middle(rows, [1, 1, 3]) == 2


@pytest.mark.parametrize(
    "sentence",
    [
        "Hi <name>!",
        "Thank you for waiting.",
        "Let me check that for you.",
        "Um momento, por favor.",
        "您好！",
        "請稍等一下。",
        "Is there anything else?",
    ],
)
def test_small_talk_is_left_out(sentence: str) -> None:
    assert is_small_talk(sentence)


@pytest.mark.parametrize(
    "sentence", ["We engrave cups from 30 pieces.", "This is free on Sundays.", "可以，三十件起。", "Até 30 peças não é possível."]
)
def test_an_answer_is_no_small_talk(sentence: str) -> None:
    assert not is_small_talk(sentence)


def test_a_greeting_before_the_answer_goes() -> None:
    assert without_greeting("Hello <name>, we engrave cups.") == "We engrave cups."
    assert without_greeting("Hello Kitty cups are sold out.") == "Hello Kitty cups are sold out."
