"""A help centre for tests: articles of every kind in a database, and its routes in an application with the product's error handlers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
from fastapi import FastAPI

from app.errors import BodyLimit, install_error_handlers
from channels.help.endpoints import HelpServices, help_router
from channels.help.pages import Site
from channels.help.ports import FixedSearching
from context.ledger import Ledger
from kit.clock import utc_now
from kit.db import Database
from kit.limits import RateLimit
from knowledge.articles import archive, create_article, get_article, publish, save_draft, set_details
from knowledge.categories import Category, save_category
from knowledge.importing import import_articles
from knowledge.index import reindex
from knowledge.types import ArticleDraft
from tests.knowledge.fakes import SHOP, HashingEmbedder

ORIGIN = "https://help.example.com"
NASTY = ArticleDraft(
    "nasty",
    "en",
    '</script><script>alert(1)</script> "quoted" & <b>bold</b>?',
    "Text with <script>alert(2)</script> and [a link](javascript:alert(3)) and ![x](https://img.example/a.png).\n\n"
    "## Why </script><!-- ?\n\nBecause <img src=x onerror=alert(4)>.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "odd & <stuff>/x",
)
PLAIN = ArticleDraft("about-us", "en", "About us", "We sell tea.\n\n## Our team\n\nSeven people.", "stores")


@dataclass
class HelpSite:
    """The site, and what stands behind it."""

    http: httpx.AsyncClient
    database: Database
    searching: FixedSearching

    async def text(self, path: str, *, status: int = 200) -> str:
        """The body of a page. Fails when it has another status."""
        answer = await self.http.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
        return answer.text


async def fill(database: Database) -> None:
    """Public articles in three languages; an internal, an archived, an expired and a never published one."""
    async with database.transaction() as session:
        gone = ArticleDraft("gone", "en", "Taken back secret", "An old secret.", "returns")
        over = ArticleDraft("spring-sale", "en", "Spring secret", "A secret of last spring.", "returns")
        await import_articles(session, [*SHOP, NASTY, PLAIN, gone, over], editor="eva")
        await archive(session, "gone")
        details = (await get_article(session, "spring-sale")).details
        await set_details(session, "spring-sale", replace(details, expires_at=utc_now() - timedelta(days=1)))
        draft = ArticleDraft("unfinished", "en", "Unfinished secret", "A draft secret.", "returns")
        await create_article(session, draft, editor="eva")
        await save_category(session, Category("returns", {"en": "Returns", "zh-Hant": "退貨及退款", "pt": "Devoluções"}, place=1))
        await save_category(session, Category("stores", {"en": "Our stores"}, place=0))
        await reindex(session, HashingEmbedder())


async def change(database: Database, draft: ArticleDraft) -> None:
    """Publishes a new version."""
    async with database.transaction() as session:
        await save_draft(session, draft, editor="eva", expected_version=None)
        await publish(session, draft.id, draft.language)


def make_site(database: Database, ledger: Ledger, searching: FixedSearching, *, burst: int = 1000) -> HelpSite:
    """The routes, reached without a network."""
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(BodyLimit)
    slow = 0.001
    services = HelpServices(
        database, ledger, Site("Tea & Co <x>", ORIGIN), searching, secure_cookies=True, typing=RateLimit(per_second=slow, burst=burst),
        asking=RateLimit(per_second=slow, burst=burst), telling=RateLimit(per_second=slow, burst=burst),
    )  # fmt: skip
    app.include_router(help_router(services))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)
    return HelpSite(http, database, searching)
