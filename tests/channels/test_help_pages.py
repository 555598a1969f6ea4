"""The pages of the help centre, on the real database."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

from channels.help.catalogue import LOOK_SECONDS
from channels.help.endpoints import preferred_language
from channels.help.ports import FixedSearching
from channels.help.words import _WORDS, LANGUAGES
from context.ledger import Ledger
from kit.db import Database
from knowledge.articles import archive, describe_article
from knowledge.types import Answer, Citation, Hit, Passage
from tests.channels.help_site import ORIGIN, HelpSite, change, fill, make_site
from tests.knowledge.fakes import HOURS, RETURNS

pytestmark = pytest.mark.integration
HIDDEN = ("secret", "supplier", "Unfinished", "Taken back", "Spring")


@pytest.fixture
async def site(database: Database, ledger: Ledger) -> AsyncIterator[HelpSite]:
    await fill(database)
    site = make_site(database, ledger, FixedSearching())
    yield site
    await site.http.aclose()


def hreflangs(html: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', html))


def structured(html: str) -> list[dict[str, object]]:
    return [json.loads(found) for found in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)]


async def test_the_first_page_lists_categories_in_their_order_with_titles_of_the_language(site: HelpSite) -> None:
    english, chinese, simplified = [await site.text(f"/help/{one}") for one in ("en", "zh-Hant", "zh-Hans")]
    assert english.index("Our stores") < english.index(">Returns<") < english.index("Gifts")
    assert '<a href="/help/en/store-hours">When are the stores open?</a>' in english
    assert "退貨及退款" in chinese
    assert "退货及退款" in simplified
    assert '<html lang="zh-Hans">' in simplified


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_internal_retired_or_a_draft_is_nowhere(site: HelpSite, language: str) -> None:
    searched = f"/help/{language}/-/search?q=discount%20draft%20old"
    paths = [f"/help/{language}", f"/help/{language}/-/category/returns", searched, "/help/sitemap-1.xml"]
    for path in paths:
        answer = await site.http.get(path)
        assert not [word for word in HIDDEN if word in answer.text], path
    for article in ("gone", "spring-sale", "unfinished", "supplier-prices", "never-was"):
        assert (await site.http.get(f"/help/{language}/{article}")).status_code == 404
    suggested = (await site.http.get(f"/help/{language}/-/suggest?q=secret")).json()
    assert suggested == {"articles": []}


async def test_an_article_is_found_by_search_engines(site: HelpSite) -> None:
    html = await site.text("/help/en/return-policy")
    assert "<title>What is your return policy? – Tea &amp; Co &lt;x&gt;</title>" in html
    assert '<meta name="description" content="You can return an item within 30 days of delivery.' in html
    assert f'<link rel="canonical" href="{ORIGIN}/help/en/return-policy">' in html
    assert hreflangs(html) == {
        "en": f"{ORIGIN}/help/en/return-policy",
        "zh-Hant": f"{ORIGIN}/help/zh-Hant/return-policy",
        "zh-Hans": f"{ORIGIN}/help/zh-Hans/return-policy",
        "pt": f"{ORIGIN}/help/pt/return-policy",
        "x-default": f"{ORIGIN}/help/en/return-policy",
    }
    faq, trail = structured(html)
    assert faq["@type"] == "FAQPage"
    assert [one["name"] for one in faq["mainEntity"]] == ["What is your return policy?", "What does a return cost?"]  # type: ignore[attr-defined]
    assert [one["name"] for one in trail["itemListElement"]] == ["Help centre", "Returns", "What is your return policy?"]  # type: ignore[attr-defined]
    assert structured(await site.text("/help/en/about-us"))[0]["@type"] == "Article"


async def test_markup_in_an_article_stays_text_everywhere(site: HelpSite) -> None:
    html = await site.text("/help/en/nasty")
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert all("src=" in one or "ld+json" in one for one in scripts)
    assert len(scripts) == 4
    assert "alert(1)" in structured(html)[0]["mainEntity"][0]["name"]  # type: ignore[index]
    main = html.split("<main")[1]
    assert "&lt;img src=x onerror=alert(4)&gt;" in main
    assert not re.search(r"<img[^>]*onerror|<script>|href=[\"']?javascript", main)
    for path in ("/help/en", "/help/en/-/category/odd%20%26%20%3Cstuff%3E%2Fx"):
        assert "<script>alert" not in await site.text(path)


async def test_a_question_with_markup_is_shown_as_text(site: HelpSite) -> None:
    html = await site.text("/help/en/-/search?q=%22%3E%3Cscript%3Ealert(9)%3C/script%3E{{7*7}}")
    assert "<script>alert(9)" not in html
    assert "{{7*7}}" in html
    assert '<meta name="robots" content="noindex">' in html


async def test_pages_carry_a_policy_that_lets_no_foreign_script_run(site: HelpSite) -> None:
    headers = (await site.http.get("/help/en/nasty")).headers
    assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_page_that_is_known_already_is_not_sent_again_until_it_changes(site: HelpSite) -> None:
    first = await site.http.get("/help/en/store-hours")
    tag = first.headers["etag"]
    again = await site.http.get("/help/en/store-hours", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await change(site.database, type(HOURS)("store-hours", "en", "When are the stores open?", "From nine to nine."))
    changed = await site.http.get("/help/en/store-hours", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "From nine to nine." in changed.text
    assert (await site.http.head("/help/en/store-hours")).status_code == 200


async def test_what_an_editor_takes_back_or_hides_is_gone_at_once_from_its_address_and_within_a_second_from_lists(site: HelpSite) -> None:
    assert "store-hours" in await site.text("/help/en")
    async with site.database.transaction() as session:
        await archive(session, "store-hours")
        await describe_article(session, "gift-cards", category="gifts", tags=(), audience="internal")
    await site.text("/help/en/store-hours", status=404)
    await site.text("/help/en/gift-cards", status=404)
    await asyncio.sleep(LOOK_SECONDS + 0.1)
    listed = await site.text("/help/en")
    assert "store-hours" not in listed
    assert "gift-cards" not in listed
    assert (await site.http.get("/help/en/-/suggest?q=gift")).json() == {"articles": []}


async def test_an_article_without_this_language_is_shown_in_english_and_says_so(site: HelpSite) -> None:
    answer = await site.http.get("/help/pt/gift-cards")
    assert '<article id="article" lang="en">' in answer.text
    assert "Aqui está em English" in answer.text
    assert f'<link rel="canonical" href="{ORIGIN}/help/en/gift-cards">' in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"


async def test_simplified_chinese_is_made_of_traditional(site: HelpSite) -> None:
    html = await site.text("/help/zh-Hans/return-policy")
    assert "收货后 30 天内可以退货" in html


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/help/zh-TW/return-policy", 308, "/help/zh-Hant/return-policy"),
        ("/help/pt-BR", 308, "/help/pt"),
        ("/help/zh-cn/-/search?q=a", 308, "/help/zh-Hans/-/search?q=a"),
        ("/help/xx/return-policy", 404, None),
        ("/help/en/-/category/nothing", 404, None),
        ("/help/en/-/category/returns?page=2", 404, None),
        ("/help/en/%00", 404, None),
        ("/help/en/../../etc/passwd", 404, None),
        ("/help/-/static/help.css", 404, None),
        ("/help/sitemap-2.xml", 404, None),
        ("/help/en/-/category/returns?page=x", 422, None),
    ],
)
async def test_other_addresses_lead_on_or_are_not_there(site: HelpSite, path: str, status: int, location: str | None) -> None:
    answer = await site.http.get(path)
    assert (answer.status_code, answer.headers.get("location")) == (status, location)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("pt-PT,pt;q=0.9,en;q=0.8", "pt"),
        ("fr, zh-HK;q=0.7, en;q=0.3", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("en;q=0.1, pt;q=0", "en"),
        ("", "en"),
        ("*;q=x,,,;;", "en"),
    ],
)
def test_the_reader_gets_the_first_page_in_their_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted, LANGUAGES) == language


async def test_help_itself_leads_to_the_readers_language(site: HelpSite) -> None:
    answer = await site.http.get("/help", headers={"Accept-Language": "zh-MO"})
    assert (answer.status_code, answer.headers["location"], answer.headers["vary"]) == (302, "/help/zh-Hant", "Accept-Language")


async def test_search_shows_the_sure_answer_and_the_hits_that_the_public_may_read(site: HelpSite) -> None:
    passage = Passage("return-policy/en/1/0", "return-policy", "en", ("What is your return policy?",), "You can return.", 0)
    hidden = Passage("supplier-prices/en/1/0", "supplier-prices", "en", ("What do suppliers charge?",), "secret", 0)
    cited = (Citation("return-policy", "What is your return policy?", "/help/en/return-policy", passage.id, 0.9),)
    site.searching.answer = Answer("You can return.", "en", 0.9, cited, (Hit(passage, 1, 0.9), Hit(hidden, 1, 0.8)))
    html = await site.text("/help/en/-/search?q=can%20I%20send%20it%20back")
    assert site.searching.asked == ["can I send it back"]
    assert '<p class="said">You can return.</p>' in html
    assert "supplier" not in html
    assert (await site.http.get("/help/en/-/search?q=x")).headers["cache-control"] == "no-store"


async def test_search_finds_titles_where_no_worker_answers(site: HelpSite) -> None:
    html = await site.text("/help/en/-/search?q=gift%20cards")
    assert "How do gift cards work?" in html
    assert "Nothing was found for “zzz”" in await site.text("/help/en/-/search?q=zzz")
    assert "<h1>Search the help centre</h1>" in await site.text("/help/en/-/search")


async def test_typing_is_answered_with_titles(site: HelpSite) -> None:
    answer = await site.http.get("/help/zh-Hans/-/suggest", params={"q": "退货"})
    assert answer.json() == {"articles": [{"title": "退货政策是怎样的？", "url": "/help/zh-Hans/return-policy"}]}
    assert (await site.http.get("/help/xx/-/suggest?q=a")).status_code == 404
    assert (await site.http.get("/help/en/-/suggest", params={"q": "x" * 5000})).json() == {"articles": []}


async def test_one_address_cannot_ask_without_end(database: Database, ledger: Ledger) -> None:
    await fill(database)
    site = make_site(database, ledger, FixedSearching(), burst=2)
    for path, json_body in (("/help/en/-/suggest?q=tea", True), ("/help/en/-/search?q=tea", False)):
        answers = [await site.http.get(path) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) > 0
        assert answers[2].headers["content-type"].startswith("application/json" if json_body else "text/html")
    await site.http.aclose()


async def test_the_site_map_names_every_public_page_with_its_languages(site: HelpSite) -> None:
    index = await site.text("/help/sitemap.xml")
    assert f"<loc>{ORIGIN}/help/sitemap-1.xml</loc>" in index
    tree = ElementTree.fromstring(await site.text("/help/sitemap-1.xml"))
    places = [found.text for found in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert {f"{ORIGIN}/help/en", f"{ORIGIN}/help/pt/return-policy", f"{ORIGIN}/help/zh-Hans/return-policy"} <= set(places)
    assert len(places) == len(set(places))
    for place in places:
        assert (await site.http.get(str(place))).status_code == 200, place
    robots = await site.text("/robots.txt")
    assert f"Sitemap: {ORIGIN}/help/sitemap.xml" in robots


async def test_static_files_are_kept_for_good_under_a_name_of_their_content(site: HelpSite) -> None:
    html = await site.text("/help/en")
    for path in re.findall(r'"(/help/-/static/[^"]+)"', html):
        answer = await site.http.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_pages_are_small(site: HelpSite) -> None:
    html = await site.text("/help/en/return-policy")
    files = [len((await site.http.get(path)).content) for path in re.findall(r'"(/help/-/static/[^"]+)"', html)]
    assert len(html) < 12_000
    assert sum(files) < 16_000


def test_every_word_is_there_in_every_language() -> None:
    for name, said in _WORDS.items():
        assert len(said) == len(LANGUAGES)
        assert all(text.strip() for text in said), name
        braces = {tuple(sorted(re.findall(r"\{\w+\}", text))) for text in said}
        assert len(braces) == 1, name


async def test_an_empty_knowledge_base_has_a_first_page(database: Database, ledger: Ledger) -> None:
    site = make_site(database, ledger, FixedSearching())
    assert "There are no articles yet." in await site.text("/help/en")
    assert (await site.http.get("/help")).headers["location"] == "/help/en"
    assert "<urlset" in await site.text("/help/sitemap-1.xml")
    await site.http.aclose()


def test_the_fixture_has_what_these_tests_look_for() -> None:
    assert RETURNS.id == "return-policy"
