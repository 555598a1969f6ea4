"""Long and hostile texts stay fast and give sensible entities; an ordinary message is read in about a millisecond."""

from __future__ import annotations

import time
from statistics import median

import pytest

from nlu.entities import EntityExtractor
from nlu.entities.patterns import Vocabulary
from nlu.types import Entity
from tests.nlu.entity_reading import NOW

EXTRACTOR = EntityExtractor(Vocabulary({"product": ("tea", "茶壺")}, (), {}))
MOST = 0.5  # seconds of this thread: other work does not count, in this process or beside it
TRIES = 3  # the shortest counts: one may fall on the garbage collector, or share its core with others
PIECES = {
    "digits": "1",
    "digits and blanks": "1 ",
    "digits and commas": "1,",
    "grouped digits": "1,000",
    "dots": "1.",
    "hyphens": "1-",
    "slashes": "1/",
    "colons": "1:",
    "letters": "a",
    "letters and hyphens": "a-",
    "hosts": "a.",
    "mail": "a@",
    "mail with dots": "a.a@",
    "capitals": "Aa ",
    "streets": "Rua A ",
    "house numbers": "12 Aa ",
    "numbers in words": "one hundred and ",
    "portuguese numbers": "vinte e ",
    "chinese numbers": "十",
    "chinese figures": "一兩",
    "roads": "路",
    "road names": "大馬",
    "chinese": "星期",
    "chinese dates": "一月一",
    "clocks": "下午三點",
    "months": "may ",
    "days": "next ",
    "money": "$",
    "money words": "元",
    "amounts": "20 dollars and ",
    "ranges": "3-5 ",
    "weekdays": "friday ",
    "prepositions": "by the ",
    "halves": "half ",
    "plus": "+",
    "brackets": "(",
    "url": "https://a.",
    "percent": "5% ",
    "blanks": " ",
    "line ends": "\n",
    "surrogates": "\ud800",
    "right to left": "\u202eשלום ",
    "controls": "\x00\x07",
    "combining": "e\u0301",
    "zero width": "1\u200b",
    "emoji": "👍🏽",
    "dotted I": "İ",
    "arabic digits": "٣",
    "full width": "１２：３０ ",
    "tower": "Flat 1, ",
    "order": "LC-",
    "hash": "#1",
}


def extract_soon(text: str, *, language: str, expected: str | None = None) -> tuple[Entity, ...]:
    """What is found. Raises AssertionError when that takes longer than `MOST` at each of a few tries."""
    took = []
    for _ in range(TRIES):
        begun = time.thread_time()
        found = EXTRACTOR.extract(text, language=language, now=NOW, expected=expected)
        took.append(time.thread_time() - begun)
        if took[-1] < MOST:
            return found
    raise AssertionError(f"it took {took} seconds")


@pytest.mark.parametrize("language", ["en", "zh-Hant", "pt"])
@pytest.mark.parametrize("piece", PIECES)
def test_a_hundred_thousand_characters_take_half_a_second_at_most(piece: str, language: str) -> None:
    unit = PIECES[piece]
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    found = extract_soon(text, language=language)
    assert all(0 <= e.start < e.end <= len(text) and text[e.start : e.end] == e.text for e in found)


@pytest.mark.parametrize(
    "expected", ["date", "time", "number", "quantity", "money", "order_number", "phone", "address", "postcode", "ordinal", "x"]
)
@pytest.mark.parametrize("piece", ["digits and blanks", "chinese numbers", "streets", "house numbers", "capitals", "roads"])
def test_it_stays_fast_whatever_was_asked_for(piece: str, expected: str) -> None:
    text = PIECES[piece] * 20_000
    extract_soon(text, language="en", expected=expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "👍",
        "\ud800",
        "9" * 400,
        "31/02/2026",
        "99:99",
        "year 9999-12-31 in 9999 years",
        "in 99999999 days",
        "0000-00-00",
        "十萬億年後",
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-Hans", "pt", "und", "xx"])
@pytest.mark.parametrize("expected", [None, "date", "time", "money", "quantity"])
def test_odd_texts_break_nothing(text: str, language: str, expected: str | None) -> None:
    found = EXTRACTOR.extract(text, language=language, now=NOW, expected=expected)
    assert all(text[e.start : e.end] == e.text for e in found)


ORDINARY = [
    ("en", "Hi, where is my order LC-100234? I paid two weeks ago and it should be here by Friday"),
    ("en", "can I return a cup that arrived broken?"),
    ("zh-Hant", "你好，我張單LC-100234幾時到？我聽日下晝三點後先喺屋企"),
    ("zh-Hans", "我上周买了两盒茶，花了300元，还没收到"),
    ("pt", "Olá, a minha encomenda LC-100234 ainda não chegou, podem entregar amanhã à tarde?"),
    ("pt", "qual é o prazo de devolução?"),
]


def test_an_ordinary_message_is_read_in_a_few_milliseconds_even_on_a_busy_machine() -> None:
    times = []
    for _ in range(50):
        for language, text in ORDINARY:
            begun = time.thread_time()
            EXTRACTOR.extract(text, language=language, now=NOW)
            times.append(time.thread_time() - begun)
    assert median(times) < 0.005
