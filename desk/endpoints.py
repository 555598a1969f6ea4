"""The desk over /v1: an agent's token takes, answers, hands back and resolves conversations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from context.endpoints import access, staff_token
from context.ownership import Settled
from context.schemas import HandBackIn, MessageIn
from desk.work import Desk

Token = Annotated[str | None, Depends(staff_token)]


Check = Callable[[UUID, UUID, str], Awaitable[None]]
"""What looks at a reply of an agent (conversation, staff, text) before it is sent; raises what should stop it."""


def desk_router(desk: Desk, check: Check | None = None) -> APIRouter:
    """The routes under /v1/conversations/{id} that change who holds it. `check` is asked of replies that nobody confirmed."""
    router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["desk"])

    async def staff_of(token: str | None) -> UUID:
        async with desk.database.transaction() as session:
            return (await access(session, token)).id

    @router.post("/take", status_code=204)
    async def take(conversation_id: UUID, token: Token) -> None:
        """Takes the conversation from the queue or the bot; 409 when a colleague holds it."""
        await desk.take(await staff_of(token), conversation_id)

    @router.post("/messages", status_code=201)
    async def write(conversation_id: UUID, body: MessageIn, token: Token) -> dict[str, str]:
        """Writes to the customer, or a private note. 409 `internal_quote`: it quotes what is for colleagues only; `confirmed` sends it."""
        staff = await staff_of(token)
        if body.note:
            message = await desk.note(staff, conversation_id, body.text)
        else:
            if check is not None and not body.confirmed:
                await check(conversation_id, staff, body.text)
            message = await desk.reply(staff, conversation_id, body.text, reference=body.reference, channel=body.channel)
        return {"id": str(message.id)}

    @router.post("/release", status_code=204)
    async def release(conversation_id: UUID, token: Token) -> None:
        """Puts the conversation back into the queue."""
        await desk.release(await staff_of(token), conversation_id)

    @router.post("/hand-back", status_code=204)
    async def hand_back(conversation_id: UUID, token: Token, body: HandBackIn | None = None) -> None:
        """Gives the conversation back to the bot, with a note and what was settled."""
        given = body or HandBackIn()
        settled = Settled(None if given.settled_intents is None else tuple(given.settled_intents), given.slots)
        await desk.hand_back(await staff_of(token), conversation_id, note=given.note, settled=settled)

    @router.post("/resolve", status_code=204)
    async def resolve(conversation_id: UUID, token: Token) -> None:
        """Closes the conversation."""
        await desk.resolve(await staff_of(token), conversation_id)

    return router
