"""The /v1 API of the customer context: contacts, conversations, orders, events.

A token acts as one staff member; rights are checked here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select
from sse_starlette import EventSourceResponse, ServerSentEvent

from context import schemas
from context.addresses import list_addresses
from context.conversations import get_conversation, list_messages
from context.events import EventRecord
from context.models import ConversationRow
from context.orders.reading import find_order
from context.services import ApiServices as ApiServices
from context.services import Token as Token
from context.services import access as access
from context.services import staff_token as staff_token
from context.shop.reading import list_requests
from context.shop.types import RequestStatus
from context.stream import follow, read_events
from context.types import MessageView
from kit.errors import NotFoundError


def api_router(services: ApiServices) -> APIRouter:
    """The routes under /v1."""
    router = APIRouter(
        prefix="/v1", responses={401: {"model": schemas.Problem}, 403: {"model": schemas.Problem}, 404: {"model": schemas.Problem}}
    )
    _conversation_routes(router, services)
    _order_routes(router, services)
    _request_routes(router, services)
    _event_routes(router, services)
    return router


def _conversation_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/conversations", tags=["conversations"])
    async def list_conversations(
        token: Token, status: str | None = None, handler: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> list[schemas.ConversationOut]:
        """Conversations, the most lately changed first."""
        async with services.database.transaction() as session:
            await access(session, token)
            query = select(ConversationRow).order_by(ConversationRow.updated_at.desc()).limit(limit)
            if status:
                query = query.where(ConversationRow.status == status)
            if handler:
                query = query.where(ConversationRow.handler == handler)
            return [_conversation(row) for row in (await session.execute(query)).scalars()]

    @router.get("/conversations/{conversation_id}", tags=["conversations"])
    async def read_conversation(conversation_id: UUID, token: Token) -> schemas.ConversationOut:
        """One conversation."""
        async with services.database.transaction() as session:
            await access(session, token)
            return _conversation(await get_conversation(session, conversation_id))

    @router.get("/conversations/{conversation_id}/addresses", tags=["conversations"])
    async def read_addresses(conversation_id: UUID, token: Token) -> list[dict[str, Any]]:
        """Where the customer can be reached, the usual place first; a reply names its `channel` to go elsewhere."""
        async with services.database.transaction() as session:
            await access(session, token)
            found = await list_addresses(session, await get_conversation(session, conversation_id))
        return [asdict(one.address) | {"current": one.current, "last_wrote_at": one.last_wrote_at} for one in found]

    @router.get("/conversations/{conversation_id}/messages", tags=["conversations"])
    async def read_messages(conversation_id: UUID, token: Token, after: int = 0) -> list[schemas.MessageView]:
        """The messages of a conversation after a number, notes included."""
        async with services.database.transaction() as session:
            await access(session, token)
            await get_conversation(session, conversation_id)
            return [_message(m) for m in await list_messages(session, [conversation_id], after=after)]


def _order_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/orders/{number}", tags=["orders"])
    async def read_order(number: str, token: Token) -> schemas.OrderOut:
        """An order by its number."""
        async with services.database.transaction() as session:
            await access(session, token)
            order = await find_order(session, number)
        if order is None:
            raise NotFoundError("There is no such order")
        return schemas.OrderOut(**asdict(order))


def _request_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/requests", tags=["orders"])
    async def read_requests(
        token: Token,
        status: RequestStatus | None = None,
        order_number: str | None = None,
        contact_id: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[schemas.RequestOut]:
        """What customers asked to have done, newest first: problems, cancellations, addresses, invoices, complaints."""
        async with services.database.transaction() as session:
            await access(session, token)
            found = await list_requests(session, contact_id=contact_id, order_number=order_number, status=status, limit=limit)
        return [schemas.RequestOut(**asdict(request)) for request in found]


def _event_routes(router: APIRouter, services: ApiServices) -> None:
    @router.get("/events", tags=["events"])
    async def list_events(
        token: Token, after: int = 0, conversation_id: UUID | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> list[schemas.EventOut]:
        """Events after a position, in order."""
        async with services.database.transaction() as session:
            await access(session, token)
            return [_event(e) for e in await read_events(session, after=after, limit=limit, conversation_id=conversation_id)]

    @router.get("/events/stream", tags=["events"])
    async def stream_events(token: Token, after: int = 0, conversation_id: UUID | None = None) -> EventSourceResponse:
        """Server-Sent Events from a position on: what is stored, then what happens; `id` is the position to resume from."""
        async with services.database.transaction() as session:
            await access(session, token)

        async def events() -> AsyncIterator[ServerSentEvent]:
            async for record in follow(services.hub, after=after, conversation_id=conversation_id):
                if record is None:
                    yield ServerSentEvent(comment="ping")
                else:
                    yield ServerSentEvent(data=_event(record).model_dump_json(), event=record.name, id=str(record.position))

        return EventSourceResponse(events(), ping=3600)


def _conversation(row: ConversationRow) -> schemas.ConversationOut:
    return schemas.ConversationOut.model_validate(row, from_attributes=True)


def _message(message: MessageView) -> schemas.MessageView:
    said = message.understanding
    return schemas.MessageView(
        id=message.id,
        seq=message.seq,
        direction=message.direction,
        author=message.author,
        author_name=message.author_name,
        visibility=message.visibility,
        text=message.content.text,
        buttons=[asdict(b) for b in message.content.buttons],
        citations=[asdict(c) for c in message.content.citations],
        channel=message.channel,
        delivery=message.delivery,
        at=message.at,
        intent=said.intent if said else None,
        confidence=said.confidence if said else None,
        sentiment=said.sentiment.level if said else None,
    )


def _event(record: EventRecord) -> schemas.EventOut:
    return schemas.EventOut(**{k: v for k, v in asdict(record).items() if k != "id"})
