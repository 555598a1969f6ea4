"""The routes of the help centre. Public: each says only what `knowledge.public` lets the public read."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.datastructures import URL

from channels.help import addresses, pages
from channels.help.caching import PAGE_HEADERS, kept
from channels.help.catalogue import Catalogue, Catalogues
from channels.help.feedback import Feedback, record_feedback
from channels.help.pages import Results, Site
from channels.help.ports import Searching
from channels.help.sitemap import part_count, robots_txt, sitemap_index, sitemap_part
from channels.help.words import LANGUAGES
from channels.web.parse import known_language
from context.ledger import Ledger
from kit.db import Database
from kit.errors import NotAllowedError, NotFoundError, TooManyRequestsError, UnavailableError
from kit.limits import RateLimit
from kit.log import get_logger
from knowledge.checking import is_article_id
from knowledge.public import find_public
from knowledge.types import Answer

COOKIE, COOKIE_SECONDS = "baton_help", 180 * 24 * 3600
MAX_QUESTION, MOST_RESULTS, MOST_SUGGESTED = 300, 10, 8
READ = ["GET", "HEAD"]
_TOKEN = re.compile(r"[\w-]{20,64}")

log = get_logger("help")


@dataclass(frozen=True)
class HelpServices:
    """What the endpoints need. `searching` asks what holds the search index; the limits are for each address."""

    database: Database
    ledger: Ledger
    site: Site
    searching: Searching
    secure_cookies: bool
    typing: RateLimit
    asking: RateLimit
    telling: RateLimit


class HelpCentre:
    """The pages of one process."""

    def __init__(self, services: HelpServices) -> None:
        self.services, self.site = services, services.site
        self.catalogues = Catalogues(services.database)

    async def front(self, request: Request) -> Response:
        """To the first page in the reader's language."""
        catalogue = await self.catalogues.current()
        language = preferred_language(request.headers.get("accept-language", ""), catalogue.languages)
        return RedirectResponse(addresses.home(language), 302, headers={"Vary": "Accept-Language", "Cache-Control": "no-cache"})

    async def home(self, request: Request, language: str) -> Response:
        """The first page."""
        catalogue = await self.catalogues.current()
        if language not in LANGUAGES:
            return self._elsewhere(request, catalogue, language)
        return _page(request, pages.home_page(self.site, catalogue, language))

    async def category(self, request: Request, language: str, name: str, page: int = 1) -> Response:
        """A category."""
        catalogue = await self.catalogues.current()
        if language not in LANGUAGES:
            return self._elsewhere(request, catalogue, language)
        section = catalogue.section(language, "" if name == "-" else name)
        if section is None or not 1 <= page <= pages.page_count(section):
            return self._missing(catalogue, language)
        return _page(request, pages.category_page(self.site, catalogue, section, language=language, number=page))

    async def article(self, request: Request, language: str, article_id: str, thanks: str = "") -> Response:
        """An article, straight from the database."""
        catalogue = await self.catalogues.current()
        if language not in LANGUAGES:
            return self._elsewhere(request, catalogue, language)
        found = None
        if is_article_id(article_id):
            async with self.services.database.transaction() as session:
                found = await find_public(session, article_id, language)
        if found is None:
            return self._missing(catalogue, language)
        thanked = thanks if thanks in ("yes", "no", "comment") else ""
        html = pages.article_page(self.site, catalogue, found, language=language, thanks=thanked)
        return _page(request, html, alone=found.version.language != language)

    async def search(self, request: Request, language: str, q: str = "") -> Response:
        """The page of results."""
        catalogue = await self.catalogues.current()
        if language not in LANGUAGES:
            return self._elsewhere(request, catalogue, language)
        question = clean_question(q)
        wait = self.services.asking.wait_seconds(_who(request)) if question else 0.0
        if wait:
            html = pages.message_page(self.site, catalogue, language, title="busy", hint="busy_hint")
            return HTMLResponse(html, 429, headers=PAGE_HEADERS | {"Retry-After": str(int(wait) + 1)})
        results = await self._find(catalogue, question, language)
        html = pages.search_page(self.site, catalogue, results, language=language)
        return HTMLResponse(html, headers=PAGE_HEADERS | {"Cache-Control": "no-store", "Content-Language": language})

    async def suggest(self, request: Request, language: str, q: str = "") -> Response:
        """Titles for what has been typed so far. Raises NotFoundError, TooManyRequestsError."""
        if language not in LANGUAGES:
            raise NotFoundError(f"There are no articles in {language[:20]!r}", hint=f"Known are {', '.join(LANGUAGES)}.")
        _limit(self.services.typing, request)
        catalogue = await self.catalogues.current()
        found = catalogue.find(_typed(q), language=language, limit=MOST_SUGGESTED)
        return JSONResponse({"articles": pages.titles(found, language)}, headers={"Cache-Control": "no-store"})

    async def tell(self, request: Request, language: str, article_id: str, feedback: _Told) -> Response:
        """Stores whether an article helped. Raises NotFoundError, NotAllowedError, TooManyRequestsError, InvalidInputError."""
        _check_origin(request, self.site)
        _limit(self.services.telling, request)
        given = request.cookies.get(COOKIE, "")
        visitor = given if _TOKEN.fullmatch(given) else secrets.token_urlsafe(24)
        if not is_article_id(article_id):
            raise NotFoundError("There is no such article")
        async with self.services.database.transaction() as session:
            found = await find_public(session, article_id, language if language in LANGUAGES else "en")
            if found is None or not 1 <= feedback.version <= found.version.version:
                raise NotFoundError("There is no such article")
            shown = found.version.language
            told = Feedback(visitor, article_id, shown, feedback.version, feedback.helped, feedback.comment)
            first = await record_feedback(session, self.services.ledger, told)
        response = self._thanks(request, language, article_id, feedback, first=first)
        response.set_cookie(
            COOKIE, visitor, max_age=COOKIE_SECONDS, path="/help", httponly=True, samesite="lax", secure=self.services.secure_cookies
        )
        return response

    def _thanks(self, request: Request, language: str, article_id: str, feedback: _Told, *, first: bool) -> Response:
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"stored": first}, status_code=201 if first else 200)
        thanks = "comment" if feedback.comment else "yes" if feedback.helped else "no"
        return RedirectResponse(f"{addresses.article(language, article_id)}?thanks={thanks}#helpful", 303)

    async def _find(self, catalogue: Catalogue, question: str, language: str) -> Results:
        """What the search index finds; what the titles say where nothing answers in time. Only what the public may read now."""
        if not question:
            return Results("")
        try:
            found = await self.services.searching.search(question, language=language, limit=MOST_RESULTS)
        except UnavailableError:
            log.warning("searched in titles only: no worker answered")
            found = None
        named = catalogue.find(question, language=language, limit=MOST_RESULTS)
        ids = list(
            dict.fromkeys([*(hit.passage.article_id for hit in (found.hits if found else ())), *(line.article_id for line in named)])
        )
        shown = (catalogue.by_id.get(one, {}) for one in ids)
        lines = [
            line for variants in shown if (line := variants.get(language) or variants.get("en") or next(iter(variants.values()), None))
        ]
        return Results(question, tuple(lines[:MOST_RESULTS]), _still_public(found, catalogue))

    def _missing(self, catalogue: Catalogue, language: str) -> Response:
        html = pages.message_page(self.site, catalogue, language, title="missing", hint="missing_hint")
        return HTMLResponse(html, 404, headers=PAGE_HEADERS | {"Content-Language": language})

    def _elsewhere(self, request: Request, catalogue: Catalogue, language: str) -> Response:
        """`/help/zh-TW/...` leads to `/help/zh-Hant/...`; what is no language of ours is not there."""
        known = known_language(language)
        if known is None:
            return self._missing(catalogue, preferred_language(request.headers.get("accept-language", ""), catalogue.languages))
        path = (
            f"{addresses.HOME}/{known}/" + request.url.path.split("/", 3)[3] if request.url.path.count("/") > 2 else addresses.home(known)
        )
        return RedirectResponse(str(URL(path).replace(query=request.url.query)), 308)


@dataclass(frozen=True)
class _Told:
    version: int
    helped: bool
    comment: str


def help_router(services: HelpServices) -> APIRouter:
    """The routes under /help, and /robots.txt."""
    router = APIRouter(include_in_schema=False)
    centre = HelpCentre(services)
    origin = services.site.origin

    @router.api_route("/robots.txt", methods=READ)
    async def robots() -> PlainTextResponse:
        return PlainTextResponse(robots_txt(origin))

    @router.api_route("/help/sitemap.xml", methods=READ)
    async def index(request: Request) -> Response:
        return kept(request, sitemap_index(await centre.catalogues.current(), origin), media_type="application/xml")

    @router.api_route("/help/sitemap-{number}.xml", methods=READ)
    async def part(request: Request, number: int) -> Response:
        catalogue = await centre.catalogues.current()
        if not 1 <= number <= part_count(catalogue):
            raise NotFoundError("There is no such part of the site map")
        return kept(request, sitemap_part(catalogue, origin, number), media_type="application/xml")

    @router.api_route("/help/-/static/{name}", methods=READ)
    async def static(name: str) -> Response:
        if name not in pages.assets():
            raise NotFoundError("There is no such file")
        kind, data = pages.assets()[name]
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(data, media_type=kind, headers=headers)

    router.add_api_route("/help", centre.front, methods=READ)
    router.add_api_route("/help/{language}", centre.home, methods=READ)
    router.add_api_route("/help/{language}/-/category/{name:path}", centre.category, methods=READ)
    router.add_api_route("/help/{language}/-/search", centre.search, methods=READ)
    router.add_api_route("/help/{language}/-/suggest", centre.suggest, methods=READ)
    router.add_api_route("/help/{language}/{article_id}", centre.article, methods=READ)

    @router.post("/help/{language}/{article_id}")
    async def tell(
        request: Request,
        language: str,
        article_id: str,
        version: Annotated[int, Form(ge=1, le=2_000_000_000)],
        helped: Annotated[str, Form(pattern="^(yes|no)$")],
        comment: Annotated[str, Form(max_length=20_000)] = "",
    ) -> Response:
        return await centre.tell(request, language, article_id, _Told(version, helped == "yes", comment.strip()))

    return router


def preferred_language(accepted: str, available: tuple[str, ...]) -> str:
    """The best of `available` for an Accept-Language header (RFC 9110, 12.5.4); else English, or the first there is."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, quality = part.partition(";")
        match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{1,3})?)\s*", quality)
        weight = float(match[1]) if match else 1.0 if not quality.strip() else 0.0
        if (known := known_language(tag)) and weight > 0:
            wanted.append((weight, known))
    best = max((one for one in wanted if one[1] in available), key=lambda one: one[0], default=None)
    return best[1] if best else "en" if "en" in available or not available else available[0]


def clean_question(text: str) -> str:
    """A question on one line, without control characters, at most 300 characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_QUESTION]


def _typed(text: str) -> str:
    """The same, but with the blank at its end, which says that the last word is finished."""
    return clean_question(text) + (" " if text[-1:].isspace() else "")


def _page(request: Request, html: str, *, alone: bool = False) -> Response:
    more = {"X-Robots-Tag": "noindex"} if alone else {}
    return kept(request, html, media_type="text/html", headers=PAGE_HEADERS | more)


def _who(request: Request) -> str:
    return request.client.host if request.client else ""


def _limit(limit: RateLimit, request: Request) -> None:
    wait = limit.wait_seconds(_who(request))
    if wait:
        raise TooManyRequestsError(hint=f"Wait {wait:.0f} seconds.", retry_after=wait)


def _check_origin(request: Request, site: Site) -> None:
    """Other sites' pages may not answer for a reader."""
    origin = request.headers.get("origin")
    own = {site.origin, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if origin is not None and origin not in own:
        raise NotAllowedError("This can be told on the page of the article only")


def _still_public(found: Answer | None, catalogue: Catalogue) -> Answer | None:
    return found if found and found.citations and found.citations[0].article_id in catalogue.by_id else None
