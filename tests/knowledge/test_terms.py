"""What word search compares."""

from __future__ import annotations

import pytest

from knowledge.chinese import one_script, to_simplified
from knowledge.lexical import LexicalIndex
from knowledge.terms import terms


def test_accents_and_case_make_no_difference_in_portuguese() -> None:
    assert terms("DEVOLUÇÕES rápidas", "pt") == terms("devolucoes rapidas", "pt")


@pytest.mark.parametrize(("one", "other"), [("returns", "return"), ("shipped", "shipping"), ("parties", "party"), ("boxes", "box")])
def test_english_endings_fall(one: str, other: str) -> None:
    assert terms(one, "en") == terms(other, "en")


@pytest.mark.parametrize(("one", "other"), [("encomendas", "encomenda"), ("devoluções", "devolução"), ("cartões", "cartão")])
def test_portuguese_plurals_fall(one: str, other: str) -> None:
    assert terms(one, "pt") == terms(other, "pt")


def test_both_chinese_scripts_give_the_same_terms() -> None:
    assert terms("退貨要點樣做", "zh-Hant") == terms("退货要点样做", "zh-Hans")


def test_chinese_gives_characters_and_pairs() -> None:
    assert terms("退貨", "zh-Hant") == ["退", "货", "退货"]


def test_spoken_cantonese_is_read_as_written_chinese() -> None:
    assert one_script("點樣退貨？幾耐收到？") == "怎样退货？多久收到？"


def test_written_chinese_is_not_taken_for_cantonese() -> None:
    assert one_script("礼拜堂在旁边") == "礼拜堂在旁边"


def test_simplified_text_uses_mainland_words() -> None:
    assert to_simplified("請登入網站") == "请登录网站"


def test_a_share_is_one_at_most_and_falls_with_unknown_words() -> None:
    index = LexicalIndex([["tea", "pot"], ["gift", "card"], []])
    assert index.scores(["tea"])[0] > index.scores(["tea", "zeppelin"])[0] > 0
    assert index.scores(["tea", "pot"]).max() <= 1


def test_a_question_of_unknown_words_only_scores_nothing() -> None:
    assert LexicalIndex([["tea"]]).scores(["zeppelin"]).tolist() == [0.0]
