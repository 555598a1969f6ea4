"""Public files: the demo shop and the widget's script."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from app.settings import ROOT

SITE = ROOT / "sample_shop" / "site"
WIDGET = ROOT / "web" / "widget"
WIDGET_FILES = ("baton.js", "more.js")
_KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".png": "image/png"}


def _add_file(router: APIRouter, path: Path) -> None:
    @router.get(f"/{path.name}")
    async def shop_file() -> FileResponse:
        return FileResponse(path, media_type=_KINDS[path.suffix], headers={"Cache-Control": "no-cache"})


def _add_widget_file(router: APIRouter, path: Path) -> None:
    @router.get(f"/widget/{path.name}")
    async def widget_file() -> FileResponse:
        return FileResponse(path, media_type="text/javascript", headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"})


def pages_router(*, site: Path = SITE) -> APIRouter:
    """The routes outside /v1 that customers open."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def shop() -> FileResponse:
        return FileResponse(site / "index.html", headers={"Cache-Control": "no-cache"})

    for path in sorted(site.iterdir()):
        if path.suffix in _KINDS:
            _add_file(router, path)

    for name in WIDGET_FILES:
        _add_widget_file(router, WIDGET / name)

    return router
