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
from knowledge.offtopic import OFF_TOPIC, beyond
from knowledge.search import PUBLIC
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


def _examples(noise: np.random.Generator, *, contrast: float) -> list[Example]:
    """Answerable and off-topic questions of the same scores, told apart by nothing but `contrast`."""
    found = [Example("en", "answerable", 0.5 + 0.05 * noise.normal(), True, 0.1 + 0.05 * noise.normal()) for _ in range(100)]
    found += [Example("en", "off_topic", 0.5 + 0.05 * noise.normal(), False, contrast + 0.05 * noise.normal()) for _ in range(100)]
    return [found[place] for place in noise.permutation(200)]


def test_what_is_nearer_to_other_matters_than_to_the_knowledge_base_is_left_unanswered() -> None:
    curve = fit(_examples(np.random.default_rng(5), contrast=-0.4)).curve("en")
    assert curve.chance(0.5, 0.1) > 0.8 > 0.2 > curve.chance(0.5, -0.4)
    assert curve.abstained > 0.95
    assert curve.answered > 0.95
    assert fit(_examples(np.random.default_rng(5), contrast=0.1)).curve("en").abstained < 0.2


def test_a_calibration_that_was_fitted_to_other_evidence_is_left_out() -> None:
    stored = Calibration({"en": Curve(6.0, -3.0, 0.3, 0.8, 0.7, 0.9, 200), "pt": Curve(6.0, -3.0, 0.3)}).as_json()
    del stored["pt"]["weight"]
    read = Calibration.from_json(stored)
    assert list(read.curves) == ["en"]
    assert read.curve("en").chance(0.5) == pytest.approx(0.5)


def test_headings_ask_for_no_more_than_customers_can_give_and_people_s_questions_for_what_theirs_have() -> None:
    sure = [Example("en", "answerable", 0.9 + 0.001 * n, True, asked=asked) for n in range(40) for asked in (True, False)]
    missing = [replace(example, kind="left_out", score=example.score - 0.3, right=False) for example in sure]
    by_people, by_headings = (fit([example for example in sure + missing if example.asked is asked]).curve("en") for asked in (True, False))
    assert by_people.weight > by_headings.weight
    assert by_people.chance(0.6) < by_people.threshold < by_people.chance(0.92)
    assert by_headings.chance(0.39) < by_headings.threshold < by_headings.chance(0.41)


def test_attached_questions_that_are_near_make_surer() -> None:
    bare, asked = index_of((RETURNS, HOURS, GIFTS)), index_of((RETURNS, HOURS, replace(GIFTS, questions=("is my voucher still good",))))
    vector = embed_question("is a voucher still good", bare.embedder)
    contrasts = [
        index.contrast(vector, index.rank("voucher", language="en", allowed=index.allowed(PUBLIC), vector=vector))
        for index in (bare, asked)
    ]
    assert contrasts[0] < contrasts[1]


def test_a_hit_of_a_stray_question_is_less_sure() -> None:
    index = with_calibration(index_of((RETURNS, HOURS, GIFTS)), Calibration({"en": Curve(5.0, -2.0, 0.5, examples=100)}))
    known, stray = (embed_question(text, index.embedder) for text in ("Do gift cards expire?", "What is the capital of Australia, gift?"))
    sure, less = (
        index.contrast(vector, index.rank("gift", language="en", allowed=index.allowed(PUBLIC), vector=vector)) for vector in (known, stray)
    )
    assert sure > less
    hits = [index.search("gift", language="en", vector=vector)[0] for vector in (known, stray)]
    curve = index.calibration.curve("en")
    assert [hit.confidence for hit in hits] == [
        pytest.approx(curve.chance(hit.score, by)) for hit, by in zip(hits, (sure, less), strict=True)
    ]


def test_a_shipped_calibration_knows_no_contrast() -> None:
    index = index_of((RETURNS, HOURS, GIFTS))
    hit = index.search("Do gift cards expire?", language="en")[0]
    assert hit.confidence == pytest.approx(index.calibration.curve("en").chance(hit.score))


def test_the_long_list_goes_beyond_the_short_one_in_every_language_and_says_nothing_twice() -> None:
    lines = beyond()
    assert len(set(lines)) == len(lines) > 1500
    assert set(lines) > {question for questions in OFF_TOPIC.values() for question in questions}
    assert all(line == line.strip() for line in lines)


def test_a_question_of_the_long_list_is_nearer_to_all_strays_than_to_the_few() -> None:
    embedder = HashingEmbedder()
    strays = Strays(embedder)
    far = [vector for text in beyond()[-200:] if strays.wide(vector := embed_question(text, embedder)) > strays.nearness(vector)]
    assert len(far) > 100


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
