"""A site: the pages of its sitemap, or else those that its links lead to, on the same host and below the address that was given.

robots.txt (RFC 9309) is honoured, also its Crawl-delay; pages that say noindex are left out, and canonical links name a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urlsplit

from protego import Protego

from knowledge.sources.apart import Apart
from knowledge.sources.attaching import WebOpener, attach
from knowledge.sources.fetching import AGENT, Fetched, Fetcher, SiteExhaustedError
from knowledge.sources.html import Page, item_of
from knowledge.sources.sitemap import Sitemap
from knowledge.sources.types import LIMITS, Document, Options, Place, Reading, UnreadableError, skip

MOST_SITEMAPS = 50
LONGEST_DELAY = 10.0
ROBOTS_BYTES = 512_000
_NEVER = (
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".ico", ".css", ".js", ".mp4", ".mp3", ".zip", ".gz", ".xml", ".json", ".woff",
    ".woff2", ".exe", ".dmg", ".ics", ".rss",
)  # fmt: skip


@dataclass
class Site:
    """Reads one site. `address` is a page: what lies below its folder belongs to the source; for a single page give `depth` 0."""

    address: str
    options: Options
    fetcher: Fetcher
    apart: Apart
    robots: Protego = field(default_factory=lambda: Protego.parse(""))
    _opener: WebOpener | None = None

    async def start(self) -> tuple[Place, ...]:
        """The places to begin with. Raises UnreadableError when the site cannot be read at all."""
        address = urldefrag(self.address)[0]
        await self._read_robots(address)
        first = Place(address)
        if self.options.depth == 0:
            return (first,)
        if urlsplit(address).path.endswith((".xml", ".xml.gz")):
            return self._places((await self._sitemaps([address]))[1])
        listed, pages = await self._sitemaps([*self._named_sitemaps(address)])
        found = self._places(pages)
        return tuple(dict.fromkeys((Place(address, self.options.depth), *found))) if listed and found else (first,)

    async def read(self, place: Place) -> Reading:
        """One page: its article, and the links to follow."""
        url = place.key
        if not self.robots.can_fetch(url, AGENT):
            return skip(url, "robots.txt of the site forbids it")
        try:
            answer = await self.fetcher.get(url)
        except SiteExhaustedError:
            raise
        except UnreadableError as error:
            if url == urldefrag(self.address)[0]:
                raise
            return skip(url, error.message)
        if answer.status >= 400:
            return skip(url, f"The site answered {answer.status}")
        if answer.url != url and not self._belongs(answer.url):
            return skip(url, f"It leads away from the site, to {answer.url[:200]}")
        if answer.media_type in {"text/html", "application/xhtml+xml", ""}:
            return await self._read_html(place, answer)
        document = Document(unquote(urlsplit(answer.url).path.rsplit("/", 1)[-1]) or "page", answer.data, answer.url)
        return await attach(await self.apart.parse(document, self.options), self._files())

    async def _read_html(self, place: Place, answer: Fetched) -> Reading:
        page: Page = await self.apart.page(answer.data, answer.url, answer.charset)
        places = tuple(Place(link, place.depth + 1) for link in page.links if self._follows(link)) if self._may_follow(page, place) else ()
        reason = _why_not(page)
        if reason:
            return Reading((), skip(answer.url, reason).skipped, places)
        reading = Reading((item_of(page, answer.url, self.options),), (), places, page.enclosed)
        return await attach(reading, self._files())

    def _files(self) -> WebOpener:
        if self._opener is None:
            self._opener = WebOpener(self.fetcher, self.address, self._follows, lambda url: self.robots.can_fetch(url, AGENT))
        return self._opener

    def _may_follow(self, page: Page, place: Place) -> bool:
        return page.follow and place.depth < self.options.depth

    def _belongs(self, url: str) -> bool:
        here, there = urlsplit(self.address), urlsplit(url)
        folder = here.path.rsplit("/", 1)[0] + "/" if not here.path.endswith((".xml", ".xml.gz")) else "/"
        return there.netloc.lower() == here.netloc.lower() and (there.path or "/").startswith(folder)

    def _follows(self, url: str) -> bool:
        return self._belongs(url) and not urlsplit(url).path.lower().endswith(_NEVER)

    def _places(self, urls: list[str]) -> tuple[Place, ...]:
        """Pages of a sitemap are not followed further: the sitemap says what there is."""
        return tuple(Place(urldefrag(url)[0], self.options.depth) for url in urls if self._follows(url))

    def _named_sitemaps(self, address: str) -> list[str]:
        parts = urlsplit(address)
        named = [url for url in self.robots.sitemaps if urlsplit(url).netloc == parts.netloc]
        return named or [f"{parts.scheme}://{parts.netloc}/sitemap.xml"]

    async def _read_robots(self, address: str) -> None:
        parts = urlsplit(address)
        try:
            answer = await self.fetcher.get(f"{parts.scheme}://{parts.netloc}/robots.txt", most=ROBOTS_BYTES, accept="text/plain,*/*")
        except UnreadableError as error:
            if "larger" in error.message:
                return
            raise
        if answer.status >= 500:
            raise UnreadableError(f"The site answered {answer.status} when asked for robots.txt", hint="Try again later.")
        if answer.status < 400:
            self.robots = Protego.parse(answer.data.decode("utf-8", "replace"))
            wished = self.robots.crawl_delay(AGENT)
            self.fetcher.delay = max(self.fetcher.delay, min(wished or 0.0, LONGEST_DELAY))

    async def _sitemaps(self, waiting: list[str]) -> tuple[bool, list[str]]:
        """(whether there was any, the pages that they list)."""
        pages: dict[str, None] = {}
        seen: set[str] = set()
        listed = False
        while waiting and len(seen) < MOST_SITEMAPS and len(pages) < self.options.pages:
            url = waiting.pop(0)
            if url in seen or urlsplit(url).netloc != urlsplit(self.address).netloc:
                continue
            seen.add(url)
            found = await self._sitemap(url)
            if found is not None:
                listed = True
                pages.update(dict.fromkeys(found.pages))
                waiting.extend(found.sitemaps)
        return listed, list(pages)

    async def _sitemap(self, url: str) -> Sitemap | None:
        try:
            answer = await self.fetcher.get(url, most=LIMITS.page_bytes * 4, accept="application/xml,*/*")
            if answer.status >= 400:
                return None
            found: Sitemap = await self.apart.sitemap(answer.data)
        except UnreadableError:
            if url == self.address:
                raise
            return None
        return found


def _why_not(page: Page) -> str:
    if not page.index:
        return "The page asks not to be indexed (noindex)"
    if page.language is None:
        return "It says that it is in a language that articles have not"
    if not page.title:
        return "The page has no title"
    return "" if page.body else "There is no main text on this page"
