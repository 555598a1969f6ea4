"""The read-only ports of bot and assist, on the database and the live index."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.models import SuggestionRow
from assist.ports import KNOWLEDGE, Ask, Draft
from bot.engine import Turn
from context.orders.mirror import FRESH_NOW, OrderMirror, State
from context.orders.reading import access_order, find_order, orders_of, returns_of
from context.orders.types import Asker, OrderAccess, ReturnRecord
from context.shop.reading import access_gift_card, find_points, list_products
from context.shop.types import GiftCardAccess, Points, Product
from context.types import Order
from kit.db import Database
from kit.errors import UnavailableError
from knowledge.answer import answer, cite, quote
from knowledge.dense import embed_question
from knowledge.generator.writing import Writer
from knowledge.ports import Vectors
from knowledge.preferring import prefer_article
from knowledge.search import SearchIndex
from knowledge.types import Answer, Filters, Hit

EVERY_AUDIENCE = Filters(audience="internal")
PUBLIC_AUDIENCE = "public"


class IndexNotReadyError(UnavailableError):
    """The search index is not loaded yet."""


@dataclass(frozen=True)
class DatabaseOrders:
    """Orders for the bot (`bot.engine.OrderReader`)."""

    database: Database
    mirror: OrderMirror | None = None

    async def access(self, number: str, *, proof: str | None, turn: Turn) -> OrderAccess:
        """See the port; what the shop's own system knows is fetched first."""
        current = await self.mirror.refresh(number) if self.mirror else FRESH_NOW
        async with self.database.transaction() as session:
            access = await access_order(session, number, proof=proof, asker=_asker(turn), now=turn.now)
            unknown = access.refusal == "not_found" and current.state == State.UNAVAILABLE
            if unknown and await find_order(session, number) is None:
                return OrderAccess(None, "unavailable")
        return replace(access, as_of=current.as_of) if access.order is not None else access

    async def own(self, turn: Turn) -> tuple[Order, ...]:
        """See the port."""
        if not turn.verified:
            return ()
        if self.mirror and turn.email:
            await self.mirror.refresh_owner(turn.email)  # while the system is down, what is known is shown
        async with self.database.transaction() as session:
            return await orders_of(session, email=turn.email, phone=turn.phone)


@dataclass(frozen=True)
class DatabaseShop:
    """Products, gift cards, points and returns for the bot (`bot.shop.ShopReader`)."""

    database: Database

    async def products(self) -> tuple[Product, ...]:
        """See the port."""
        async with self.database.transaction() as session:
            return await list_products(session)

    async def gift_card(self, code: str, *, turn: Turn) -> GiftCardAccess:
        """See the port."""
        async with self.database.transaction() as session:
            return await access_gift_card(session, code, contact_id=turn.contact_id, now=turn.now)

    async def points(self, turn: Turn) -> Points | None:
        """See the port."""
        if not turn.verified or not turn.email:
            return None
        async with self.database.transaction() as session:
            return await find_points(session, turn.email)

    async def returns(self, number: str, *, proof: str | None, turn: Turn) -> tuple[ReturnRecord, ...]:
        """See the port."""
        async with self.database.transaction() as session:
            access = await access_order(session, number, proof=proof, asker=_asker(turn), now=turn.now)
            return await returns_of(session, access.order.number) if access.order else ()


def _asker(turn: Turn) -> Asker:
    return Asker(turn.contact_id, verified=turn.verified, email=turn.email, phone=turn.phone)


@dataclass(frozen=True)
class IndexKnowledge:
    """Answers for the bot (`bot.engine.KnowledgeReader`), from public articles; in the words of `writer` where there is one."""

    index: Callable[[], SearchIndex | None]
    writer: Writer | None = None

    async def answer(self, question: str, *, language: str, about: str = "") -> Answer:
        """See the port."""
        index = _live(self.index)
        quoted = await asyncio.to_thread(_answer_about, index, question, language, about)
        return quoted if self.writer is None else await self.writer.write(index, question, quoted)


@dataclass(frozen=True)
class IndexDrafts:
    """Reply drafts for agents (`assist.ports.DraftSource`), from public and internal articles.

    Where a `writer` words the public answer otherwise than it stands there, that comes first; internal articles are only ever quoted.
    """

    index: Callable[[], SearchIndex | None]
    writer: Writer | None = None

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See the port."""
        index = _live(self.index)
        quoted = await asyncio.to_thread(_quoted, index, ask, limit)
        if self.writer is None or not quoted:
            return quoted
        public = await asyncio.to_thread(answer, index, ask.question, language=ask.language, vector=ask.vector)
        written = await self.writer.write(index, ask.question, public)
        if written.text is None or written.text == public.text:
            return quoted
        title = written.citations[0].title if written.citations else ""
        return [Draft(KNOWLEDGE, written.text, written.citations, written.confidence, language=written.language, title=title), *quoted][
            :limit
        ]


@dataclass(frozen=True)
class StoredSuggestions:
    """What suggestions were made from (`insights.usage.ports.SuggestionSources`)."""

    async def passages(self, session: AsyncSession, suggestion_ids: Collection[UUID]) -> Mapping[UUID, tuple[tuple[str, str], ...]]:
        """See the port."""
        query = select(SuggestionRow.id, SuggestionRow.citations).where(SuggestionRow.id.in_(suggestion_ids))
        rows = (await session.execute(query)).all()
        found = {one: tuple((str(c["article_id"]), str(c.get("passage_id", ""))) for c in citations) for one, citations in rows}
        return {one: passages for one, passages in found.items() if passages}


def _answer_about(index: SearchIndex, question: str, language: str, about: str) -> Answer:
    if not about or not question.strip():
        return answer(index, question, language=language)
    vector = embed_question(question, index.embedder)
    said = answer(index, question, language=language, vector=vector)
    return prefer_article(index, said, about, language=language, vector=vector)


def _quoted(index: SearchIndex, ask: Ask, limit: int) -> list[Draft]:
    if not ask.question.strip() or not index.entries:
        return []
    vector = embed_question(ask.question, index.embedder) if ask.vector is None else ask.vector
    hits = index.search(ask.question, language=ask.language, limit=limit, filters=EVERY_AUDIENCE, vector=vector)
    return [_draft(index, hit, vector) for hit in hits]


def _draft(index: SearchIndex, hit: Hit, vector: Vectors) -> Draft:
    passage = hit.passage
    return Draft(
        KNOWLEDGE, quote(index, hit, vector), (cite(hit),), hit.confidence, origin=passage.article_id,
        internal=index.audience_of(passage.article_id) != PUBLIC_AUDIENCE, language=passage.language, title=passage.title_path[0],
    )  # fmt: skip


def _live(index: Callable[[], SearchIndex | None]) -> SearchIndex:
    live = index()
    if live is None:
        raise IndexNotReadyError
    return live
