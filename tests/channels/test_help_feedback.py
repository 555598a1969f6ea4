"""Was this helpful: once for each reader and version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from channels.help.models import FeedbackRow
from channels.help.ports import FixedSearching
from context.ledger import Ledger
from context.models import EventRow
from kit.db import Database
from knowledge.types import ArticleDraft
from tests.channels.help_site import ORIGIN, HelpSite, change, fill, make_site

pytestmark = pytest.mark.integration
JSON = {"Accept": "application/json"}


@pytest.fixture
async def site(database: Database, ledger: Ledger) -> AsyncIterator[HelpSite]:
    await fill(database)
    site = make_site(database, ledger, FixedSearching())
    yield site
    await site.http.aclose()


async def stored(site: HelpSite) -> list[tuple[str, str, int, bool, str | None]]:
    async with site.database.transaction() as session:
        rows = (await session.execute(select(FeedbackRow).order_by(FeedbackRow.version, FeedbackRow.at))).scalars()
        return [(row.article_id, row.language, row.version, row.helped, row.comment) for row in rows]


async def events(site: HelpSite) -> list[tuple[str, str, str | None]]:
    async with site.database.transaction() as session:
        rows = (await session.execute(select(EventRow).where(EventRow.name.like("article.%helped")).order_by(EventRow.id))).scalars()
        return [(row.name, row.data["article_id"], row.channel) for row in rows]


async def test_a_reader_without_scripts_answers_and_comments(site: HelpSite) -> None:
    sent = await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "no"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/help/en/store-hours?thanks=no#helpful")
    thanked = await site.text("/help/en/store-hours?thanks=no")
    assert "Thank you for telling us." in thanked
    assert 'name="helped" value="no"' in thanked
    commented = await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "no", "comment": " On <b>Sunday</b>? "})
    assert commented.headers["location"].endswith("?thanks=comment#helpful")
    assert await stored(site) == [("store-hours", "en", 1, False, "On <b>Sunday</b>?")]
    assert await events(site) == [("article.not_helped", "store-hours", "help")]


async def test_a_reader_counts_once_for_a_version_and_again_for_the_next(site: HelpSite) -> None:
    first = await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "yes"}, headers=JSON)
    again = await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "no"}, headers=JSON)
    assert [(one.status_code, one.json()) for one in (first, again)] == [(201, {"stored": True}), (200, {"stored": False})]
    await change(site.database, ArticleDraft("store-hours", "en", "When are the stores open?", "From nine."))
    await site.http.post("/help/en/store-hours", data={"version": "2", "helped": "no"}, headers=JSON)
    assert [row[2:4] for row in await stored(site)] == [(1, True), (2, False)]
    assert [name for name, *_ in await events(site)] == ["article.helped", "article.not_helped"]


async def test_many_presses_at_once_count_once(site: HelpSite) -> None:
    await site.http.post("/help/en/gift-cards", data={"version": "1", "helped": "yes"})  # the cookie
    sent = [site.http.post("/help/en/store-hours", data={"version": "1", "helped": "yes"}) for _ in range(8)]
    await asyncio.gather(*sent)
    assert len(await stored(site)) == 2
    assert len(await events(site)) == 2


async def test_another_reader_counts_too_and_is_known_by_a_hash_only(site: HelpSite) -> None:
    for _ in range(2):
        site.http.cookies.clear()
        answer = await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "yes"})
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/help"))
    assert len(await stored(site)) == 2
    value = site.http.cookies["baton_help"]
    async with site.database.transaction() as session:
        assert value not in [row.visitor_hash for row in (await session.execute(select(FeedbackRow))).scalars()]


async def test_reading_sets_no_cookie(site: HelpSite) -> None:
    for path in ("/help/en", "/help/en/store-hours", "/help/en/-/search?q=tea"):
        assert "set-cookie" not in (await site.http.get(path)).headers


async def test_a_chinese_reader_tells_of_the_text_that_they_read(site: HelpSite) -> None:
    await site.http.post("/help/zh-Hans/return-policy", data={"version": "1", "helped": "yes"})
    assert [row[:2] for row in await stored(site)] == [("return-policy", "zh-Hans")]


@pytest.mark.parametrize(
    ("path", "data", "headers", "status"),
    [
        ("/help/en/store-hours", {"version": "1"}, {}, 422),
        ("/help/en/store-hours", {"version": "1", "helped": "perhaps"}, {}, 422),
        ("/help/en/store-hours", {"version": "0", "helped": "yes"}, {}, 422),
        ("/help/en/store-hours", {"version": "99", "helped": "yes"}, {}, 404),
        ("/help/en/store-hours", {"version": "1", "helped": "no", "comment": "x" * 2001}, {}, 422),
        ("/help/en/store-hours", {"version": "1", "helped": "no", "comment": "x" * 1_500_000}, {}, 413),
        ("/help/en/supplier-prices", {"version": "1", "helped": "yes"}, {}, 404),
        ("/help/en/gone", {"version": "1", "helped": "yes"}, {}, 404),
        ("/help/en/store-hours", {"version": "1", "helped": "yes"}, {"Origin": "https://evil.example"}, 403),
    ],
)
async def test_what_cannot_be_told_is_refused_and_stores_nothing(
    site: HelpSite, path: str, data: dict[str, str], headers: dict[str, str], status: int
) -> None:
    answer = await site.http.post(path, data=data, headers=headers)
    assert (answer.status_code, set(answer.json()) >= {"error", "message"}) == (status, True)
    assert (await stored(site), await events(site)) == ([], [])


async def test_the_own_origin_may_tell(site: HelpSite) -> None:
    answer = await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "yes"}, headers={"Origin": ORIGIN})
    assert answer.status_code == 303


async def test_a_reader_cannot_tell_without_end(database: Database, ledger: Ledger) -> None:
    await fill(database)
    site = make_site(database, ledger, FixedSearching(), burst=2)
    statuses = [(await site.http.post("/help/en/store-hours", data={"version": "1", "helped": "yes"})).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    await site.http.aclose()
