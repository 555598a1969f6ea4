"""The health of the knowledge base: what says the same, what contradicts, what is out of date, and which links lead nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from context.ledger import Ledger
from context.publishing import archive_article
from context.staff.models import StaffRow
from context.types import Role
from insights.health.comparing import Contradiction, Line, compare
from insights.health.facts import Difference, amounts, differences, says_no
from insights.health.links import Link, article_of, links_of
from insights.health.models import FindingRow, LineRow, ReadVersionRow
from insights.health.reading import (
    FindingNotFoundError,
    access_broken_links,
    access_findings,
    access_overview,
    access_stale,
    judge_finding,
)
from insights.health.scanning import Scanner
from insights.usage.models import ArticleUseRow
from kit.clock import utc_now
from kit.db import Database
from kit.errors import InvalidInputError, NotAllowedError
from knowledge.articles import create_article, get_article, save_draft, set_details
from knowledge.calibration import Calibration, Curve
from knowledge.generation import raise_generation
from knowledge.models import IndexStateRow, VersionRow
from knowledge.types import ArticleDraft
from nlu.encoders import get_encoder
from tests.insights.house import House
from tests.knowledge.fakes import HOURS, RETURNS

BODY = "You can return an item within 30 days of delivery. Send it back in the box it came in. We refund the whole price."
RETURN = ArticleDraft("returning", "en", "Returning an item", BODY)
AGAIN = ArticleDraft("sending-back", "en", "Returning an item you bought", BODY.replace("the box it", "the parcel it"))
OTHER = ArticleDraft("late-return", "en", "Returning an item late", "You can return an item within 14 days of delivery.")


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("It takes 3 to 5 working days", {"working days": {3, 5}}),
        ("3 a 5 dias úteis", {"working days": {3, 5}}),
        ("需要 3 至 5 個工作天", {"working days": {3, 5}}),
        ("within thirty days, MOP 1,200", {"days": {30}, "mop": {1200}}),
        ("三十天內可以退貨，費用 40 澳門元", {"days": {30}, "mop": {40}}),
        ("das 11h00 às 21h00", {"time of day": {11, 21}}),
        ("10 % off from two pieces", {"%": {10}, "pieces": {2}}),
        ("a day at the sea, room 12b", {}),
    ],
)
def test_amounts_are_read_with_their_units(sentence: str, found: dict[str, set[float]]) -> None:
    assert amounts(sentence) == found


def test_sentences_differ_when_a_unit_has_no_amount_in_common() -> None:
    assert differences("within 30 days", "dentro de 14 dias") == (Difference("days", "30", "14"),)
    assert differences("3 to 5 days", "5 days") == ()
    assert differences("30 days", "MOP 14") == ()


@pytest.mark.parametrize(
    ("sentence", "language", "no"),
    [
        ("Dogs are not allowed.", "en", True),
        ("No, codes can be combined.", "en", False),
        ("No cartão-presente está o código.", "pt", False),
        ("Não aceitamos cheques.", "pt", True),
        ("不可以，優惠碼不能與禮品卡同時使用。", "zh-Hant", True),
        ("可以退貨。", "zh-Hant", False),
        ("Points are credited after delivery, not on the day you order.", "en", False),
        ("If the parcel does not come, tell us.", "en", False),
        ("If the parcel is late, do not wait.", "en", True),
        ("Se não receber a encomenda, escreva-nos.", "pt", False),
        ("仍找不到的話，請告訴我們。", "zh-Hant", False),
        ("沒有帳戶亦可購物。", "zh-Hant", False),
        ("如包裹延誤，不能取消訂單。", "zh-Hant", True),
    ],
)
def test_what_denies_something(sentence: str, language: str, no: bool) -> None:
    assert says_no(sentence, language) == no


def test_links_are_read_with_where_they_lead() -> None:
    text = (
        "[a](delivery-times#cost) [b](/help/pt/returns) [c](https://example.org/x#y) "
        "[d](#here) [e](mailto:a@b.c)\n\n![f](/pic.png) `[g](no)`"
    )
    found = links_of(text, language="en", article_id="returns")
    assert found == (
        Link("delivery-times#cost", "/help/en/delivery-times", outside=False),
        Link("/help/pt/returns", "/help/pt/returns", outside=False),
        Link("https://example.org/x#y", "https://example.org/x", outside=True),
        Link("/pic.png", "/pic.png", outside=False),
    )
    assert [article_of(one.target) for one in found[:2]] == [("en", "delivery-times"), ("pt", "returns")]
    assert article_of("/help/en") is None


@pytest.fixture
def house(database: Database, ledger: Ledger) -> House:
    return House(database, ledger)


async def scan(house: House) -> None:
    while await Scanner(house.database, house.embedder).step():
        pass


async def found(house: House, editor: StaffRow, kind: str, **how: bool) -> list[tuple[str, str]]:
    async with house.database.transaction() as session:
        return [(one.one.article_id, one.other.article_id) for one in await access_findings(session, editor, kind, **how)]


@pytest.mark.integration
async def test_two_articles_that_say_the_same_are_found_and_go_when_one_is_rewritten(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURN, AGAIN, HOURS)
    await scan(house)
    assert await found(house, editor, "duplicate") == [("returning", "sending-back")]
    async with house.database.transaction() as session:
        draft = ArticleDraft("sending-back", "en", "Opening a parcel", "Cut the tape with scissors, then fold the lid away from you.")
        await save_draft(session, draft, editor="e", expected_version=None)
    await house.publish_draft(editor, "sending-back", "en")
    await scan(house)
    assert await found(house, editor, "duplicate") == []


@pytest.mark.integration
async def test_what_contradicts_stands_side_by_side(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURN, OTHER, HOURS)
    await scan(house)
    async with house.database.transaction() as session:
        [one] = await access_findings(session, editor, "contradiction")
    assert (one.one.text, one.other.text) == (OTHER.body, "You can return an item within 30 days of delivery.")
    assert one.differs == (("days", "14", "30"),)


@pytest.mark.integration
@pytest.mark.model
async def test_with_real_vectors_translations_that_differ_are_found_and_right_ones_are_not(house: House, tmp_path: Path) -> None:
    house.embedder = get_encoder("use-multilingual", tmp_path)
    editor = await house.staff(Role.EDITOR, "Eva")
    en = ArticleDraft("costs", "en", "Delivery costs", "Delivery within Macau costs MOP 40. A gift card is valid for 24 months.")
    pt = ArticleDraft("costs", "pt", "Custos de entrega", "A entrega em Macau custa 25 MOP. Um cartão-presente é válido por 24 meses.")
    await house.publish(editor, en)
    async with house.database.transaction() as session:
        await save_draft(session, pt, editor="e", expected_version=0)
    await house.publish_draft(editor, "costs", "pt")
    await scan(house)
    async with house.database.transaction() as session:
        findings = await access_findings(session, editor, "contradiction")
    assert [one.differs for one in findings] == [(("mop", "40", "25"),)]


@pytest.mark.integration
async def test_a_judged_finding_stays_away_after_more_is_published(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURN, OTHER)
    await scan(house)
    async with house.database.transaction() as session:
        [one] = await access_findings(session, editor, "contradiction")
        assert (await judge_finding(session, editor, one.id, dismissed=True)).dismissed_by == "Eva"
    await house.publish(editor, HOURS)
    await scan(house)
    assert await found(house, editor, "contradiction") == []
    assert await found(house, editor, "contradiction", dismissed=True) == [("late-return", "returning")]
    async with house.database.transaction() as session:
        await judge_finding(session, editor, one.id, dismissed=False)
    assert await found(house, editor, "contradiction") == [("late-return", "returning")]


@pytest.mark.integration
async def test_retired_articles_are_forgotten_and_another_encoder_reads_anew(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURN, OTHER)
    await scan(house)
    async with house.database.transaction() as session:
        before = (await session.execute(select(LineRow.vector).order_by(LineRow.article_id, LineRow.place))).scalars().all()
    house.embedder = type(house.embedder)("another")  # type: ignore[call-arg]
    await scan(house)
    async with house.database.transaction() as session:
        after = (await session.execute(select(LineRow.vector).order_by(LineRow.article_id, LineRow.place))).scalars().all()
        assert set((await session.execute(select(ReadVersionRow.encoder))).scalars()) == {"another@"}
    assert len(before) == len(after)
    assert before != after
    async with house.database.transaction() as session:
        await archive_article(session, house.ledger, staff=editor, article_id="late-return")
    await scan(house)
    async with house.database.transaction() as session:
        assert (await session.execute(select(FindingRow))).all() == []
        assert set((await session.execute(select(ReadVersionRow.article_id))).scalars()) == {"returning"}


@pytest.mark.integration
async def test_what_is_long_unchanged_and_much_asked_is_stale_and_so_is_a_translation_behind(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, HOURS, RETURNS)
    async with house.database.transaction() as session:
        pt = ArticleDraft("return-policy", "pt", "Devoluções", "Em 30 dias.")
        await save_draft(session, pt, editor="e", expected_version=0)
    await house.publish_draft(editor, "return-policy", "pt")
    async with house.database.transaction() as session:
        old = utc_now() - timedelta(days=200)
        hours = update(VersionRow).where(VersionRow.article_id == "store-hours").values(published_at=old)
        behind = update(VersionRow).where(VersionRow.language == "pt").values(published_at=utc_now() - timedelta(days=3))
        await session.execute(hours)
        await session.execute(behind)
        for number in range(10):
            session.add(use("store-hours", number, utc_now()))
        session.add(use("return-policy", 99, utc_now()))
    async with house.database.transaction() as session:
        stale = await access_stale(session, editor)
    assert [(one.article_id, one.language, one.why, one.asked, one.source) for one in stale] == [
        ("store-hours", "en", "unchanged", 10, ""),
        ("return-policy", "pt", "behind", 0, "en"),
    ]


async def test_an_article_whose_review_date_has_passed_is_stale(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, HOURS, RETURNS)
    today = utc_now().date()
    async with house.database.transaction() as session:
        for article_id, days in (("store-hours", -2), ("return-policy", 2)):
            details = (await get_article(session, article_id)).details
            await set_details(session, article_id, replace(details, review_by=today + timedelta(days=days)))
    async with house.database.transaction() as session:
        stale = await access_stale(session, editor)
    assert [(one.article_id, one.language, one.why, one.since.date()) for one in stale] == [
        ("store-hours", "en", "review", today - timedelta(days=2))
    ]


def use(article_id: str, number: int, at: datetime) -> ArticleUseRow:
    return ArticleUseRow(event_id=number, kind="answer", article_id=article_id, language="en", passage_id="", outcome="open", at=at)


@pytest.mark.integration
async def test_links_on_this_site_are_checked_against_what_is_published(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    body = "See [hours](store-hours), [nothing](nowhere), [prices](supplier-prices), [shop](/), [gone](/old-page) and [draft](gift-cards)."
    prices = ArticleDraft("supplier-prices", "en", "Prices", "Secret.", audience="internal")
    await house.publish(editor, HOURS, prices, ArticleDraft("links", "en", "Links", body))
    async with house.database.transaction() as session:
        await create_article(session, ArticleDraft("gift-cards", "en", "Gifts", "Soon."), editor="e")
    await scan(house)
    async with house.database.transaction() as session:
        broken = await access_broken_links(session, editor)
        overview = await access_overview(session, editor)
    assert {one.written: one.why for one in broken} == {
        "nowhere": "missing", "supplier-prices": "internal", "/old-page": "no_page", "gift-cards": "draft",
    }  # fmt: skip
    assert (overview.broken, overview.read, overview.published) == (4, 3, 3)
    assert overview.expected == {}


async def test_editors_can_read_what_the_calibration_lets_expect(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    curve = Curve(6.0, -3.0, 0.3, precision=0.91, abstained=0.95, answered=0.9, examples=400)
    async with house.database.transaction() as session:
        await raise_generation(session)
        stored = {"other@1": Calibration({"pt": curve}).as_json(), "hashing@1": Calibration({"en": curve}).as_json()}
        await session.execute(update(IndexStateRow).values(encoder="hashing", calibrations=stored))
    async with house.database.transaction() as session:
        assert (await access_overview(session, editor)).expected == {"en": curve}


@pytest.mark.integration
async def test_agents_and_nonsense_are_refused(house: House) -> None:
    editor, agent = await house.staff(Role.EDITOR, "Eva"), await house.staff(Role.AGENT, "Bo")
    async with house.database.transaction() as session:
        for refused in (access_findings(session, agent, "duplicate"), access_stale(session, agent), access_broken_links(session, agent)):
            with pytest.raises(NotAllowedError):
                await refused
        with pytest.raises(InvalidInputError):
            await access_findings(session, editor, "nothing")
        with pytest.raises(FindingNotFoundError):
            await judge_finding(session, editor, editor.id, dismissed=True)


def line(article: str, language: str, text: str, nearness: float) -> Line:
    """A sentence whose cosine with (1, 0) is `nearness`."""
    vector = np.array([nearness, np.sqrt(1 - nearness**2)], dtype=np.float32)
    return Line(article, language, 1, text, vector)


def contradictions(*lines: Line) -> list[Contradiction]:
    return compare(lines, lines)[1]


def test_languages_of_one_article_that_give_both_amounts_somewhere_contradict_nothing() -> None:
    one = line("sizes", "en", "The tablecloth is 200 cm long.", 1.0)
    other = line("sizes", "pt", "O caminho de mesa tem 180 cm.", 0.65)
    assert len(contradictions(one, other)) == 1
    also = line("sizes", "en", "The runner is 180 cm long.", 0.0), line("sizes", "pt", "A toalha tem 200 cm.", 0.1)
    assert contradictions(one, other, *also) == []


def test_an_amount_that_was_changed_in_one_place_only_is_still_seen() -> None:
    old = line("returns", "en", "You have 30 days.", 1.0), line("returns", "en", "After 30 days no return.", 0.0)
    changed = line("returns", "pt", "Tem 14 dias.", 0.8)
    assert [(one.one.text, one.other.text) for one in contradictions(*old, changed)] == [(old[0].text, changed.text)]


def test_two_articles_must_be_nearer_than_two_languages_of_one() -> None:
    one, far = line("late", "en", "Wait 3 days.", 1.0), line("lost", "en", "It is lost after 10 days.", 0.66)
    assert contradictions(one, far) == []
    assert len(contradictions(one, line("late", "pt", "Perdida após 10 dias.", 0.66))) == 1


def test_sentences_of_two_articles_contradict_each_other_in_the_same_words_or_when_they_are_very_near() -> None:
    late, lost = "Wait 3 working days past the expected date.", "A parcel counts as lost 10 working days after the date that was named."
    one = line("late", "en", late, 1.0)
    assert contradictions(one, line("lost", "en", lost, 0.75)) == []
    assert len(contradictions(one, line("lost", "en", lost, 0.9))) == 1
    assert len(contradictions(one, line("other", "en", late.replace("3", "5"), 0.75))) == 1
    assert len(contradictions(one, line("late", "pt", "Dez dias úteis.", 0.75))) == 1


def test_yes_and_no_contradict_each_other_only_in_the_same_words() -> None:
    dogs, duties = line("a", "en", "Dogs are allowed in both stores.", 1.0), line("a", "en", "Duties depend on the country.", 1.0)
    assert len(contradictions(dogs, line("b", "en", "Dogs are not allowed in both stores.", 0.85))) == 1
    assert contradictions(duties, line("b", "en", "Duties are not part of postage.", 0.85)) == []
