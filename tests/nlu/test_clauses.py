"""A message is cut where a second wish may begin."""

from __future__ import annotations

import pytest

from nlu.clauses import clause_spans, split_clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The teapot came broken, I want to talk to a person", ("The teapot came broken", "I want to talk to a person")),
        ("where is my order", ()),
        ("hi, where is my order?", ()),
        ("茶壺爛咗，我想搵真人傾", ("茶壺爛咗", "我想搵真人傾")),
        ("O bule chegou partido e quero falar com uma pessoa", ("O bule chegou partido", "quero falar com uma pessoa")),
        ("", ()),
        ("is this in stock https://shop.example/p/moon-teapot?a=1&b=2", ()),
        (
            "see https://shop.example/p/moon.teapot, I want to talk to a person",
            ("see https://shop.example/p/moon.teapot", "I want to talk to a person"),
        ),
    ],
)
def test_clauses(text: str, clauses: tuple[str, ...]) -> None:
    assert split_clauses(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("p. q! r? s, t; u and v", ["p", "q", "r", "s", "t", "u", "v"]),
        ("  my lid,  转人工。", ["my lid", "转人工"]),
        ("100234", []),
        ("", []),
    ],
)
def test_spans_are_of_all_clauses(text: str, clauses: list[str]) -> None:
    assert [text[start:end] for start, end in clause_spans(text)] == clauses
