"""A message is cut where a second wish may begin."""

from __future__ import annotations

import pytest

from nlu.clauses import split_clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The teapot came broken, I want to talk to a person", ("The teapot came broken", "I want to talk to a person")),
        ("where is my order", ()),
        ("hi, where is my order?", ()),
        ("茶壺爛咗，我想搵真人傾", ("茶壺爛咗", "我想搵真人傾")),
        ("O bule chegou partido e quero falar com uma pessoa", ("O bule chegou partido", "quero falar com uma pessoa")),
        ("", ()),
    ],
)
def test_clauses(text: str, clauses: tuple[str, ...]) -> None:
    assert split_clauses(text) == clauses
