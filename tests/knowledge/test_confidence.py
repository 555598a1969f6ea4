"""How sure an answer is: nearness to off-topic questions, real questions, what an editor may expect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.calibrating import Judged, calibrate, with_calibration
from knowledge.calibration import SHIPPED, Calibration, Curve, Example, fit
from knowledge.dense import embed_question
from knowledge.index import current_calibration
from knowledge.offtopic import OFF_TOPIC
from knowledge.strays import Strays, strays_of
from tests.knowledge.fakes import GIFTS, HOURS, RETURNS, HashingEmbedder, index_of


def test_off_topic_questions_are_as_many_in_each_language_and_none_is_there_twice() -> None:
    assert len({len(questions) for questions in OFF_TOPIC.values()}) == 1
    everything = [question for questions in OFF_TOPIC.values() for question in questions]
    assert len(set(everything)) == len(everything)


def test_a_question_like_those_that_nothing_answers_is_nearer_to_them() -> None:
    embedder = HashingEmbedder()
    strays = Strays(embedder)
    asked, other = (strays.nearness(embed_question(text, embedder)) for text in ("What will the weather be like today?", "zzqx jjkv"))
    assert asked > other + 0.1


def test_the_question_itself_does_not_count_as_its_neighbour() -> None:
    embedder = HashingEmbedder()
    known = Strays(embedder).nearness(embed_question(OFF_TOPIC["en"][0], embedder))
    assert known < 0.9


def test_strays_are_encoded_once_for_an_encoder() -> None:
    embedder = HashingEmbedder()
    strays_of(embedder)
    before = embedder.calls
    strays_of(embedder)
    assert embedder.calls == before


def _examples(noise: np.random.Generator, *, stray: float) -> list[Example]:
    """Answerable and off-topic questions of the same scores, told apart by nothing but `stray`."""
    found = [Example("en", "answerable", 0.5 + 0.1 * noise.normal(), True, 0.1 + 0.05 * noise.normal()) for _ in range(100)]
    found += [Example("en", "off_topic", 0.5 + 0.1 * noise.normal(), False, stray + 0.05 * noise.normal()) for _ in range(100)]
    return [found[place] for place in noise.permutation(200)]


def test_nearness_to_off_topic_questions_lowers_the_chance_where_it_tells_them_apart() -> None:
    curve = fit(_examples(np.random.default_rng(5), stray=0.6)).curve("en")
    assert curve.contrast < 0
    assert curve.chance(0.5, 0.1) > 0.8 > 0.2 > curve.chance(0.5, 0.6)
    assert curve.abstained > 0.95
    assert curve.answered == pytest.approx(0.92, abs=0.04)


def test_nearness_to_off_topic_questions_is_left_out_where_it_would_speak_for_an_answer() -> None:
    assert fit(_examples(np.random.default_rng(5), stray=-0.4)).curve("en").contrast == 0.0


def test_a_stored_calibration_of_before_is_still_read() -> None:
    stored = Calibration({"en": Curve(6.0, -3.0, 0.3, 0.8, 0.7, 0.9, 200)}).as_json()
    del stored["en"]["contrast"]
    assert Calibration.from_json(stored).curve("en").chance(0.5, 1.0) == pytest.approx(0.5)


def test_a_hit_of_a_stray_question_is_less_sure() -> None:
    plain = index_of((RETURNS, HOURS, GIFTS))
    curve = Curve(5.0, 0.0, 0.5)
    vector = embed_question("What is the capital of gift cards?", plain.embedder)
    sure = with_calibration(plain, Calibration({"en": curve})).search("gift cards", language="en", vector=vector)[0]
    less = with_calibration(plain, Calibration({"en": replace(curve, contrast=-5.0)})).search("gift cards", language="en", vector=vector)[0]
    assert (less.passage, less.score) == (sure.passage, sure.score)
    assert less.confidence < sure.confidence


def test_real_questions_count_in_the_calibration() -> None:
    index = index_of((RETURNS, HOURS, GIFTS))
    asked = [Judged(f"how do gift cards work {number}", "en", GIFTS.id) for number in range(30)]
    asked += [Judged(f"zzqx jjkv {number}", "en", None) for number in range(30)] + [Judged("gone", "en", "no-such-article")]
    bare, known = calibrate(index).curve("en"), calibrate(index, real=asked).curve("en")
    assert bare.examples == 0
    assert known.examples >= 60
    assert known.chance(0.6) > known.chance(0.1)


@pytest.mark.integration
async def test_an_editor_is_told_the_shipped_calibration_before_the_first(session: AsyncSession) -> None:
    assert await current_calibration(session, HashingEmbedder()) == SHIPPED
