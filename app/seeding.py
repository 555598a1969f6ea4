"""The invented sample shop: people, orders, articles, demo logins. Only ever put into a database that holds nothing yet."""

from __future__ import annotations

import asyncio
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.demo import DEMO_PASSWORD, DEMO_STAFF, holds_nothing
from app.search_encoder import search_encoder
from app.settings import ROOT, Settings
from app.wiring import build_base
from context.macros.storing import create_macro
from context.orders.importing import import_orders, import_returns
from context.shop.importing import import_gift_cards, import_points, import_products
from context.staff.accounts import create_staff
from kit.clock import utc_now
from kit.log import get_logger
from knowledge.categories import save_category
from knowledge.importing import import_articles, read_markdown_folder
from knowledge.index import reindex
from sample_shop.categories import sample_categories
from sample_shop.macros import sample_macros
from sample_shop.orders import sample_orders, sample_returns
from sample_shop.shelves import sample_gift_cards, sample_points, shelf_products
from sample_shop.teams import seed_teams

ARTICLES = ROOT / "sample_shop" / "articles"
log = get_logger("seed")


def seed_if_empty(url: str, settings: Settings) -> bool:
    """Seeds the sample shop unless there are people or orders already; returns whether it did."""
    return asyncio.run(_seed(url, settings))


async def _seed(url: str, settings: Settings) -> bool:
    base = build_base(url)
    try:
        async with base.database.transaction() as session:
            if not await holds_nothing(session):
                return False
            for email, name, role in DEMO_STAFF:
                await create_staff(session, email=email, name=name, role=role, password=DEMO_PASSWORD, demo=True)
            await seed_teams(session)
            today = utc_now().date()
            await import_orders(session, sample_orders(today))
            await import_returns(session, sample_returns(today))
            await _fill_shelves(session, today)
            drafts = [d for folder in sorted(ARTICLES.iterdir()) if folder.is_dir() for d in read_markdown_folder(folder)]
            await import_articles(session, drafts, editor="sample-shop")
            for category in sample_categories():
                await save_category(session, category)
            for macro in sample_macros():
                await create_macro(session, None, macro)
            await reindex(session, search_encoder(settings, remembering=True))
        log.info("sample shop seeded", articles=len(drafts))
        return True
    finally:
        await base.database.close()


async def _fill_shelves(session: AsyncSession, today: date) -> None:
    await import_products(session, shelf_products(today))
    await import_gift_cards(session, sample_gift_cards(today))
    await import_points(session, sample_points(today))
