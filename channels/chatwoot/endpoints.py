"""The panel beside Chatwoot's conversations, and what it asks: which conversation of Baton's that is, and who the customer is."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import Accounts
from channels.base import Account
from channels.chatwoot.capabilities import NAME
from context.contacts import find_identity, get_contact
from context.endpoints import Token, access
from context.models import ConversationRow
from context.staff.models import StaffRow
from context.staff.rights import check_may
from kit.db import Database
from kit.errors import NotFoundError

FOLDER = Path(__file__).parent / "panel"
KINDS = {"panel.js": "text/javascript", "words.js": "text/javascript", "panel.css": "text/css"}
PLAIN = {"X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class PanelServices:
    """What the routes need."""

    database: Database
    accounts: Accounts


def panel_router(services: PanelServices) -> APIRouter:
    """The page holds nothing of anybody; what it shows it asks for with a token."""
    router = APIRouter()

    @router.get("/outside/chatwoot/{account}", include_in_schema=False)
    async def page(account: str) -> Response:
        """The panel, which only the account's own Chatwoot may show."""
        known = await services.accounts.find(NAME, account)
        if known is None:
            raise NotFoundError("There is no such panel")
        origin = origin_of(known)
        page = (FOLDER / "panel.html").read_text()
        values = {"origin": origin, "account": account, "language": known.setting("language", "en")}
        for name, value in values.items():
            page = page.replace("{" + name + "}", html.escape(value))
        return HTMLResponse(page, headers=page_headers(origin))

    @router.get("/outside/chatwoot/panel/{name}", include_in_schema=False)
    async def file(name: str) -> Response:
        """Script and style of the panel."""
        if name not in KINDS:
            raise NotFoundError("There is no such file")
        return FileResponse(
            FOLDER / name, media_type=KINDS[name], headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        )

    @router.get("/v1/outside/chatwoot/{account}/{number}", tags=["assist"])
    async def read(account: str, number: str, token: Token) -> dict[str, Any]:
        """The conversation of Baton's that a conversation of Chatwoot's is, and what is known of its customer."""
        async with services.database.transaction() as session:
            staff = await access(session, token)
            check_may(staff, "converse")
            return await _known(session, account, number)

    return router


def origin_of(account: Account) -> str:
    """Where the panel may be shown: scheme, host and port."""
    parts = urlsplit(account.setting("panel_origin") or account.setting("base_url"))
    return f"{parts.scheme}://{parts.netloc}"


def page_headers(origin: str) -> dict[str, str]:
    """The page runs its own script only, and stands in frames of `origin` only."""
    policy = f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors {origin}"
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


async def _known(session: AsyncSession, account: str, number: str) -> dict[str, Any]:
    identity = await find_identity(session, NAME, account, number)
    if identity is None:
        raise NotFoundError("Baton has not seen this conversation", hint="Is the agent bot connected to its inbox?")
    query = select(ConversationRow).where(ConversationRow.contact_id == identity.contact_id, ConversationRow.channel == NAME)
    newest = query.order_by((ConversationRow.status == "resolved").asc(), ConversationRow.opened_at.desc()).limit(1)
    conversation = (await session.execute(newest)).scalar_one_or_none()
    if conversation is None:
        raise NotFoundError("Baton has not seen this conversation")
    contact = await get_contact(session, identity.contact_id)
    holder = await session.get(StaffRow, conversation.agent_id) if conversation.agent_id else None
    return {
        "conversation_id": str(conversation.id), "status": conversation.status, "handler": conversation.handler,
        "holder": holder.name if holder else conversation.handler, "name": contact.name, "email": contact.email, "phone": contact.phone,
        "language": contact.language or conversation.language,
    }  # fmt: skip
