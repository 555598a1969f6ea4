"""Whole sites: which pages are read, in what order and how often, and what happens when a site is hostile or broken."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from knowledge.sources.apart import Apart
from knowledge.sources.fetching import Fetcher, SiteExhaustedError
from knowledge.sources.site import Site
from knowledge.sources.sitemap import read_sitemap, unpack
from knowledge.sources.types import LIMITS, Limits, Options, Reading, UnreadableError, joined, skip
from tests.knowledge.sources.serving import Answer, TestSite, page, serving

OPTIONS = Options(delay=0.0, private=True)


@pytest.fixture(scope="module")
async def apart() -> AsyncIterator[Apart]:
    async with Apart() as found:
        yield found


async def read_site(
    site: TestSite, apart: Apart, options: Options = OPTIONS, *, path: str = "/", limits: Limits = LIMITS, most: int = 200
) -> Reading:  # fmt: skip
    """Reads a whole site as a run does."""
    async with Fetcher(delay=options.delay, private=options.private, limits=limits) as fetcher:
        reader = Site(site.address + path, options, fetcher, apart)
        waiting = list(await reader.start())
        seen = {place.key for place in waiting}
        readings: list[Reading] = []
        while waiting and len(readings) < most:
            place = waiting.pop(0)
            try:
                reading = await reader.read(place)
            except SiteExhaustedError:
                raise
            except UnreadableError as error:
                reading = skip(place.key, error.message)
            readings.append(reading)
            fresh = [place for place in reading.places if place.key not in seen]
            seen.update(place.key for place in fresh)
            waiting += fresh
        return joined(readings)


def titles(reading: Reading) -> list[str]:
    return sorted(item.title for item in reading.items)


def sitemap(site_address: str, *paths: str, kind: str = "urlset", entry: str = "url") -> bytes:
    listed = "".join(f"<{entry}><loc>{site_address}{path}</loc></{entry}>" for path in paths)
    return f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{kind}>'.encode()


async def test_without_a_sitemap_links_are_followed_on_the_same_host_below_the_address(apart: Apart) -> None:
    pages = {
        "/help/": page("Help", "/help/a", "b", "/shop", "https://elsewhere.example/", "/help/picture.png", "/help/a#part"),
        "/help/a": page("Returns", "/help/c"),
        "/help/b": page("Delivery"),
        "/help/c": page("Costs"),
        "/shop": page("Shop"),
    }
    with serving(pages) as site:
        reading = await read_site(site, apart, path="/help/")
    assert titles(reading) == ["Costs", "Delivery", "Help", "Returns"]
    assert site.asked == ["/robots.txt", "/sitemap.xml", "/help/", "/help/a", "/help/b", "/help/c"]


async def test_a_sitemap_index_with_a_packed_sitemap_says_what_there_is(apart: Apart) -> None:
    pages: dict[str, Answer] = {name: page(name[1:].title(), "/unlisted") for name in ("/", "/one", "/two", "/three")}
    pages["/unlisted"] = page("Unlisted")
    with serving(pages) as site:
        pages["/robots.txt"] = Answer(f"User-agent: *\nAllow: /\nSitemap: {site.address}/maps.xml\n".encode(), type="text/plain")
        pages["/maps.xml"] = Answer(sitemap(site.address, "/a.xml", "/b.xml.gz", kind="sitemapindex", entry="sitemap"), type="text/xml")
        pages["/a.xml"] = Answer(sitemap(site.address, "/one"), type="text/xml")
        pages["/b.xml.gz"] = Answer(gzip.compress(sitemap(site.address, "/two", "/three")), type="application/gzip")
        reading = await read_site(site, apart)
    assert titles(reading) == ["", "One", "Three", "Two"][1:]
    assert "/unlisted" not in site.asked


async def test_robots_txt_is_honoured_with_its_delay(apart: Apart) -> None:
    pages = {
        "/": page("Home", "/open", "/closed/a"),
        "/open": page("Open"),
        "/closed/a": page("Closed"),
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /closed/\nCrawl-delay: 0.4\n", type="text/plain"),
    }
    with serving(pages) as site:
        reading = await read_site(site, apart)
        assert titles(reading) == ["Home", "Open"]
        assert [(one.key, one.reason) for one in reading.skipped] == [(f"{site.address}/closed/a", "robots.txt of the site forbids it")]
        assert "/closed/a" not in site.asked
        after_robots = site.times[1:]
        assert all(later - earlier > 0.35 for earlier, later in pairwise(after_robots))


async def test_a_site_whose_robots_txt_fails_is_not_read(apart: Apart) -> None:
    with serving({"/": page("Home"), "/robots.txt": Answer(status=500)}) as site, pytest.raises(UnreadableError, match="answered 500"):
        await read_site(site, apart)


async def test_canonical_links_and_languages_name_a_page(apart: Apart) -> None:
    both = '<link rel="alternate" hreflang="en" href="/en/returns"><link rel="alternate" hreflang="pt" href="/pt/devolver">'
    pages = {
        "/": page("Home", "/en/returns?from=home", "/pt/devolver", "/fr/x", "/hidden"),
        "/en/returns?from=home": page("Returns", head='<link rel="canonical" href="/en/returns">' + both),
        "/pt/devolver": page("Devolver", language="pt", head=both),
        "/fr/x": page("Retour", language="fr"),
        "/hidden": page("Hidden", "/behind", head='<meta name="robots" content="noindex">'),
        "/behind": page("Behind"),
    }
    with serving(pages) as site:
        reading = await read_site(site, apart)
        items = {item.title: item for item in reading.items}
        assert items["Returns"].key == f"{site.address}/en/returns"
        assert (items["Devolver"].article_id, items["Devolver"].group) == ("returns", items["Returns"].group)
        assert "Behind" in items
        assert {one.key.removeprefix(site.address): one.reason for one in reading.skipped} == {
            "/fr/x": "It says that it is in a language that articles have not",
            "/hidden": "The page asks not to be indexed (noindex)",
        }


async def test_garbage_and_errors_are_skipped_each_with_its_reason_and_the_rest_is_read(apart: Apart) -> None:
    small = replace(LIMITS, page_bytes=200_000, request_seconds=3.0)
    pages = {
        "/": page("Home", "/bytes", "/gone", "/broken", "/endless", "/drip", "/bomb", "/away", "/good", "/nested", "/empty"),
        "/bytes": Answer(bytes(range(256)) * 50),
        "/broken": Answer(status=503, headers={"Retry-After": "3600"}),
        "/endless": Answer(b"<html>", endless=True),
        "/drip": Answer(b"<html>", endless=True, slowly=2.0),
        "/bomb": Answer(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}),
        "/away": Answer(status=302, headers={"Location": "http://localhost:9/x"}),
        "/nested": Answer(b"<html><body>" + b"<div>" * 30_000 + b"deep</body></html>"),
        "/empty": Answer(b""),
        "/good": page("Good"),
    }
    with serving(pages) as site:
        reading = await read_site(site, apart, limits=small)
    assert titles(reading) == ["Good", "Home"]
    reasons = {one.key.rsplit("/", 1)[-1]: one.reason for one in reading.skipped}
    assert reasons["gone"] == "The site answered 404"
    assert reasons["broken"] == "The site answered 503"
    assert reasons["endless"] == reasons["bomb"] == "It is larger than 200,000 bytes"
    assert "did not answer" in reasons["drip"] or "larger" in reasons["drip"]
    assert "did not answer" in reasons["away"] or "leads away" in reasons["away"]
    assert set(reasons) == {"bytes", "gone", "broken", "endless", "drip", "bomb", "away", "nested", "empty"}


async def test_a_site_that_never_ends_does_by_depth_and_bytes(apart: Apart) -> None:
    def endless(path: str) -> Answer | None:
        if path in {"/robots.txt", "/sitemap.xml"}:
            return None
        return page(f"Page {path}", f"{path.rstrip('/')}/a", f"{path.rstrip('/')}/b")

    with serving(endless) as site:
        reading = await read_site(site, apart, replace(OPTIONS, depth=2))
        assert len(reading.items) == 7
        with pytest.raises(SiteExhaustedError, match="bytes were read"):
            await read_site(site, apart, limits=replace(LIMITS, site_bytes=5_000))
        with pytest.raises(SiteExhaustedError, match="took longer"):
            await read_site(site, apart, limits=replace(LIMITS, site_seconds=0.0))


async def test_one_page_alone_is_read_with_depth_0(apart: Apart) -> None:
    with serving({"/a": page("Alone", "/b"), "/b": page("Other")}) as site:
        assert titles(await read_site(site, apart, replace(OPTIONS, depth=0), path="/a")) == ["Alone"]


async def test_a_document_at_an_address_is_read_as_what_it_is(apart: Apart) -> None:
    data = b"question,answer\nHow?,So.\n"
    with serving({"/faq.csv": Answer(data, type="text/csv")}) as site:
        reading = await read_site(site, apart, replace(OPTIONS, depth=0), path="/faq.csv")
    assert titles(reading) == ["How?"]


async def test_a_busy_site_is_asked_again_after_its_wait(apart: Apart) -> None:
    tries = []

    def busy(path: str) -> Answer | None:
        if path != "/":
            return None
        tries.append(path)
        return Answer(status=429, headers={"Retry-After": "1"}) if len(tries) < 2 else page("Home")

    with serving(busy) as site:
        assert titles(await read_site(site, apart)) == ["Home"]
    assert len(tries) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"<html></html>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>http://a.example/&a;</loc></url></urlset>',
        b"\x1f\x8bxx",
    ],
)
def test_what_is_no_sitemap_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_sitemap(data)


def test_a_packed_bomb_is_not_unpacked() -> None:
    with pytest.raises(UnreadableError, match=r"bomb|more than"):
        unpack(gzip.compress(bytes(5_000_000)), limit=1_000_000)
