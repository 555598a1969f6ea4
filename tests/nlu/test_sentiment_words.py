"""The polarity of words: negation, intensifiers, turns, phrases, Chinese and emoji; and the lists themselves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kit.errors import InvalidInputError
from nlu.sentiment import words_of_group
from nlu.sentiment_data import SENTIMENT_FOLDER, read_words
from nlu.sentiment_words import READ, SIGNALS, Words, signals

LISTS = read_words(SENTIMENT_FOLDER)
EN, PT, ZH = (words_of_group(group, LISTS) for group in ("en", "pt", "zh"))
TOTAL, FACE, TURN, FOUND, SOURS = 0, 6, 10, 11, 12


def total(text: str, words: Words) -> float:
    return float(signals(text, words)[TOTAL])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not bad at all", EN),
        ("couldn't be happier", EN),
        ("nada mau", PT),
        ("o filme não é nada mau", PT),
        ("一点都不难吃", ZH),
        ("唔难用", ZH),
        ("loooove it", EN),
        ("amooo", PT),
    ],
)
def test_denied_blame_and_stretched_praise_are_praise(text: str, words: Words) -> None:
    assert total(text, words) > 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I am not happy", EN),
        ("the soup isn't good", EN),
        ("the food was good but the service was terrible", EN),
        ("não gostei", PT),
        ("味道不错，但是太慢了，肉还是臭的", ZH),
        ("不好吃", ZH),
        ("great job :(  :(", EN),
    ],
)
def test_denied_praise_and_what_follows_a_turn_is_blame(text: str, words: Words) -> None:
    assert total(text, words) < 0


def test_an_intensifier_strengthens_and_a_damper_weakens() -> None:
    assert total("very slow", EN) < total("slow", EN) < total("slightly slow", EN) < 0


def test_negation_ends_at_punctuation() -> None:
    assert total("no, lovely place", EN) > 0 > total("no lovely place", EN)


@pytest.mark.parametrize("text", ["", "   ", "@terrible https://awful.example/bad", "order 55120", "\x00\x01"])
def test_what_says_nothing_gives_no_polarity(text: str) -> None:
    found = signals(text, EN)
    assert found.shape == (SIGNALS,)
    assert found[TOTAL] == found[FACE] == found[FOUND] == 0


def test_lists_of_one_language_do_not_speak_for_another() -> None:
    assert total("the legal department will chat with you", EN) == 0
    assert total("muito legal", PT) > 0


def test_chinese_texts_mix_english_in() -> None:
    assert total("个 app 好 awesome", ZH) > 0


@pytest.mark.parametrize(("text", "sign"), [("ok 😍", 1), ("hmm 😡", -1), ("fine :)", 1), ("http://x.pt", 0), ("size 8:/9", 0)])
def test_faces_count_but_not_within_addresses(text: str, sign: int) -> None:
    face = float(signals(text, EN)[FACE])
    assert (face > 0) - (face < 0) == sign


def test_praise_as_an_opening_that_sours_is_marked() -> None:
    assert signals("great, another delay", EN)[SOURS] == 1
    assert signals("great service, fixed my problem", EN)[SOURS] == 0
    assert signals("great, thank you", EN)[SOURS] == 0


def test_a_long_text_is_read_to_a_limit() -> None:
    assert total("x " * READ + "terrible", EN) == 0


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_holds_no_word_with_two_signs(name: str) -> None:
    words = LISTS[name]
    assert len(words.valences) + len(words.stems) + len(words.emoji) > 100
    signs = Counter(word for word in words.valences if word in words.stems and words.valences[word] * words.stems[word] < 0)
    assert not signs


@pytest.mark.parametrize(
    ("content", "wrong"), [("9: [huge]", "9"), ("nouns: [cat]", "nouns"), ("2: good", "table of lists"), ("2: [a", "YAML")]
)
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, content: str, wrong: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.yml").write_text(content)
    with pytest.raises(InvalidInputError, match=wrong):
        read_words(tmp_path)


def test_no_is_a_word_in_a_list(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.yml").write_text("negations: [no, not]\n2: [good]\n")
    words = read_words(tmp_path)["en"]
    assert total("no good", words) < 0
