"""Public pages: the demo shop, the widget's script, help articles."""

from __future__ import annotations

from html import escape
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from app.settings import ROOT
from kit.db import Database
from kit.errors import NotFoundError
from knowledge.articles import find_published, get_article
from knowledge.markdown import render

SITE = ROOT / "sample_shop" / "site"
WIDGET = ROOT / "web" / "widget" / "baton.js"
_KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".png": "image/png"}

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – {shop}</title>
<style>
:root {{ color-scheme: light dark; --ink: #2a2320; --paper: #fbf7f1; --accent: #8c2f1d }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #efe6dc; --paper: #1d1816; --accent: #f0a58f }} }}
body {{ margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.65 system-ui, sans-serif }}
main, header {{ max-width: 44rem; margin: 0 auto; padding: 1rem 1.25rem }}
a {{ color: var(--accent) }} table {{ border-collapse: collapse }} td, th {{ border: 1px solid; padding: .35rem .7rem; text-align: left }}
h1 {{ line-height: 1.25 }}
</style></head>
<body><header><a href="/">{shop}</a></header><main id="article"><h1>{title}</h1>{body}</main>
<script src="/widget/baton.js" async data-language="{language}"></script></body></html>
"""


def _add_file(router: APIRouter, path: Path) -> None:
    @router.get(f"/{path.name}")
    async def shop_file() -> FileResponse:
        return FileResponse(path, media_type=_KINDS[path.suffix], headers={"Cache-Control": "no-cache"})


def pages_router(database: Database, *, title: str, site: Path = SITE) -> APIRouter:
    """The routes outside /v1 that customers open."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def shop() -> FileResponse:
        return FileResponse(site / "index.html", headers={"Cache-Control": "no-cache"})

    for path in sorted(site.iterdir()):
        if path.suffix in _KINDS:
            _add_file(router, path)

    @router.get("/widget/baton.js")
    async def widget() -> FileResponse:
        return FileResponse(WIDGET, media_type="text/javascript", headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"})

    @router.get("/help/{language}/{slug}")
    async def help_article(language: str, slug: str) -> HTMLResponse:
        try:
            async with database.transaction() as session:
                article = await get_article(session, slug)
                version = await find_published(session, slug, language) or await find_published(session, slug, "en")
        except NotFoundError:
            version = None
        if version is None or article.audience != "public":
            page = _PAGE.format(
                language="en", title="There is no such article", shop=escape(title), body='<p><a href="/">Back to the shop</a></p>'
            )
            return HTMLResponse(page, status_code=404)
        page = _PAGE.format(language=escape(version.language), title=escape(version.title), shop=escape(title), body=render(version.body))
        return HTMLResponse(
            page, headers={"Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline' 'self'; img-src 'self' https: data:"}
        )

    return router
