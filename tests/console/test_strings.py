"""Every word of the console is there in both languages, with the same places to fill, and no key means two things."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from console.language import language_of_browser, speak
from console.strings import PARTS, STRINGS, strings
from console.web import FOLDER

_USED = re.compile(r"\bt\.([a-z][a-z0-9_]*)\b(?!\()")
_PLACES = re.compile(r"\{\w+\}")


def test_both_languages_have_the_same_keys() -> None:
    for english, chinese in PARTS:
        assert set(english) == set(chinese)


def test_a_translation_fills_the_same_places() -> None:
    for key, english in STRINGS["en"].items():
        assert set(_PLACES.findall(english)) == set(_PLACES.findall(STRINGS["zh-Hant"][key])), key


def test_no_key_means_two_things() -> None:
    for (one, _), (other, _) in combinations(PARTS, 2):
        assert {key for key in one.keys() & other.keys() if one[key] != other[key]} == set()


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_the_browser_uses_no_word_that_is_not_there(script: Path) -> None:
    assert set(_USED.findall(script.read_text(encoding="utf-8"))) <= set(STRINGS["en"])


def test_words_are_in_the_language_that_is_spoken() -> None:
    speak("zh-Hant")
    assert strings()["inbox"] == "收件匣"
    speak("xx")
    assert strings()["inbox"] == "Inbox"


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-CN,en", "en"), ("pt-PT,en;q=0.5", "en"), ("", "en"), ("fr", "en")],
)
def test_the_browser_s_wish_is_followed_as_far_as_we_can(asked: str, spoken: str) -> None:
    assert language_of_browser(asked) == spoken
