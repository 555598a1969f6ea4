"""What a dialogue is about: names of articles' groups, found in what people say."""

from __future__ import annotations

import pytest

from assist.entities import Names, split_title
from assist.snippets import snippets_of

SAID_BY_ALL = ["Rooms at this place have a good price", "The guest house is near the station, guests like the breakfast and the bed"]
SIX = ("ACORN GUEST HOUSE", "ROSA'S BED AND BREAKFAST", "TANDOORI PALACE", "NANDOS", "NANDOS CITY CENTRE", "海港旅館")
NAMES = Names(dict.fromkeys(SIX, SAID_BY_ALL))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Does the Acorn have parking?", "ACORN GUEST HOUSE"),
        ("how about acorn guesthouse", "ACORN GUEST HOUSE"),
        ("I booked the Tandori Palace", "TANDOORI PALACE"),
        ("Rosas bed and breakfast, please", "ROSA'S BED AND BREAKFAST"),
        ("海港旅館有停車場嗎", "海港旅館"),
        ("Is Nandos City Centre open?", "NANDOS CITY CENTRE"),
    ],
)
def test_a_name_is_found_shortened_and_misspelt(text: str, name: str) -> None:
    said = NAMES.said_in(text)
    assert max(said, key=lambda one: said[one]) == name


@pytest.mark.parametrize("text", ["Is this place good value?", "I want a guest house with breakfast", "thanks", "", "???"])
def test_common_words_and_kinds_of_place_are_no_names(text: str) -> None:
    assert NAMES.said_in(text) == {}


def test_the_longer_name_hides_the_one_within_it() -> None:
    assert list(NAMES.said_in("Nandos City Centre")) == ["NANDOS CITY CENTRE"]
    assert "NANDOS" in NAMES.said_in("Nandos")


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("ACORN: Is there wifi?", ("ACORN", "Is there wifi?")),
        ("海港：停車", ("海港", "停車")),
        ("Opening hours", ("", "Opening hours")),
        ("A:", ("", "A:")),
    ],
)
def test_titles_are_split_at_the_colon(title: str, parts: tuple[str, str]) -> None:
    assert split_title(title) == parts


def test_a_name_that_one_article_has_is_no_group() -> None:
    alone, first, second = snippets_of([("1", "Note: closed", ""), ("2", "Inn: pets", ""), ("3", "Inn: parking", "")])
    assert (alone.name, alone.title) == ("", "Note: closed")
    assert (first.name, second.title) == ("Inn", "parking")
