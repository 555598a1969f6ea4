"""By which texts a passage is found, and how near a question is to it."""

from __future__ import annotations

import numpy as np

from knowledge.dense import DenseIndex, unrelated_of, views
from knowledge.paired import PairedEmbedder
from knowledge.passages import width
from knowledge.types import Passage
from tests.knowledge.fakes import HashingEmbedder

SENTENCES = [f"Sentence number {number} is about the glaze of one cup." for number in range(9)]


def _passage(text: str, *, path: tuple[str, ...] = ("Cups", "Glaze"), language: str = "en", ordinal: int = 0) -> Passage:
    return Passage("cups/en/0/0", "cups", language, path, text, ordinal)


def test_the_whole_passage_comes_first_then_heading_path_parts_tags_and_questions() -> None:
    found = views(_passage(" ".join(SENTENCES)), ("mugs",), ("is it glazed?", "lead free?"))
    assert found[0] == "Cups Glaze " + " ".join(SENTENCES)
    assert found[1:3] == ["Glaze", "Cups Glaze"]
    assert found[-3:] == ["mugs", "is it glazed?", "lead free?"]
    assert all(part.startswith("Glaze Sentence") for part in found[3:-3])


def test_neighbouring_sentences_are_one_view_up_to_a_width_and_none_is_lost() -> None:
    parts = [part.removeprefix("Glaze ") for part in views(_passage(" ".join(SENTENCES)), window=160)[3:]]
    assert " ".join(parts) == " ".join(SENTENCES)
    assert all(width(part) <= 161 for part in parts)
    assert len(parts) < len(SENTENCES)
    assert len(views(_passage(" ".join(SENTENCES)), window=0)[3:]) == len(SENTENCES)


def test_chinese_is_cut_between_its_own_marks() -> None:
    text = "茶杯用瓷土燒成。釉料不含鉛，可以放入洗碗機清洗，但不要用鋼絲刷。" * 4
    parts = views(_passage(text, path=("茶杯",), language="zh-Hant"))[2:]
    assert len(parts) > 1
    assert all(part.endswith("。") for part in parts)


def test_a_short_passage_has_no_parts_and_a_section_no_tags() -> None:
    assert views(_passage("Glazed.", ordinal=1), ("mugs",)) == ["Cups Glaze Glazed.", "Glaze", "Cups Glaze"]


def test_nearness_counts_the_whole_and_the_nearest_view_and_leaves_out_what_unrelated_texts_have() -> None:
    whole, heading = np.array([0.8, 0.6, 0.0], np.float32), np.array([1.0, 0.0, 0.0], np.float32)
    index = DenseIndex([np.stack([whole, heading]), np.zeros((0, 3), np.float32)], 3)
    look = index.look(np.array([1.0, 0.0, 0.0], np.float32))
    np.testing.assert_allclose(look.cosines(np.array([0, 1])), [0.9, 0.0], atol=1e-6)
    scaled = index.look(np.array([1.0, 0.0, 0.0], np.float32), unrelated=0.8)
    np.testing.assert_allclose(scaled.cosines(np.array([0, 1])), [0.5, 0.0], atol=1e-5)


def test_two_layers_and_clusters_reckon_alike() -> None:
    rows = np.random.default_rng(4).normal(size=(40, 3, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    one, two = DenseIndex(list(rows), 16), DenseIndex(list(rows[:25]), 16).extended(list(rows[25:]))
    places = np.array([3, 24, 25, 39])
    np.testing.assert_allclose(one.wholes(rows[3, 0], places), rows[places, 0] @ rows[3, 0], atol=1e-5)
    np.testing.assert_allclose(two.look(rows[3, 0]).cosines(places), one.look(rows[3, 0]).cosines(places), atol=1e-5)


def test_a_pair_says_what_unrelated_texts_have_as_its_parts_do() -> None:
    class High(HashingEmbedder):
        unrelated = 0.8

    assert unrelated_of(HashingEmbedder()) == 0.0
    assert abs(unrelated_of(PairedEmbedder(High(), HashingEmbedder("b"), share=0.25)) - 0.6) < 1e-9
