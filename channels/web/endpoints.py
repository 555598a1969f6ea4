"""The widget's API: sessions, messages, live stream, typing, receipts, ratings."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from channels.codes import adopt_address
from channels.web.asking import (
    AsksOut,
    EmailOut,
    as_told,
    may_note_pages,
    read_asks,
    record_consent,
    record_email,
    record_form,
)
from channels.web.files import add_file_routes
from channels.web.parse import (
    LANGUAGES,
    CallbackRequest,
    CodeAnswer,
    CodeRequest,
    ConsentRequest,
    EmailRequest,
    FormRequest,
    MessageOut,
    MessageRequest,
    RatingRequest,
    ReadRequest,
    SessionRequest,
    TypingRequest,
    known_language,
    parse,
    show_message,
)
from channels.web.receipts import record_callback, record_rating, record_read
from channels.web.services import Token
from channels.web.services import WidgetServices as WidgetServices
from channels.web.sessions import (
    Visitor,
    access_session,
    close_session,
    contact_of,
    open_for_member,
    open_session,
    thread_conversations,
    trust_visitor,
)
from channels.web.stream import WidgetStream, read_messages
from channels.web.viewed import record_viewed
from context.attachments.keeping import MOST_BYTES
from context.identity.codes import WrongCodeError, redeem_code, request_code
from context.identity.identifiers import parse_identifier
from context.identity.signed import use_signed
from context.inbound_statement import record_message
from context.phrases import phrase
from context.stream import Signal, send_signal
from context.types import Author
from kit.errors import ConflictError, NotAuthenticatedError, TooManyRequestsError
from kit.file_kinds import KINDS


class FileRules(BaseModel):
    """What may be sent: bytes of one file, endings of names."""

    most: int = MOST_BYTES
    kinds: list[str] = list(KINDS)


class WidgetConfig(BaseModel):
    """What the widget shows before anything is said."""

    title: str
    disclosure: str
    greeting: str
    languages: list[str]
    files: FileRules = FileRules()
    asks: AsksOut | None = None


class SessionOut(BaseModel):
    """A visitor's session; keep the token."""

    token: str
    visitor_id: str
    identified: bool = False
    config: WidgetConfig


class Sent(BaseModel):
    """A stored message."""

    message: MessageOut


class Messages(BaseModel):
    """Messages after a number, and who answers now."""

    messages: list[MessageOut]
    state: dict[str, Any]
    last_seq: int


def widget_router(services: WidgetServices) -> APIRouter:  # noqa: C901 - a list of routes, each a few lines
    """The routes under /v1/widget. Each checks the visitor's token, save the one that gives it."""
    router = APIRouter(prefix="/v1/widget", tags=["widget"])
    database, ledger, hub = services.database, services.ledger, services.hub

    async def visitor_of(token: str | None) -> Visitor:
        async with database.transaction() as session:
            return await access_session(session, token)

    def limited(visitor: Visitor) -> None:
        wait = services.limit.wait_seconds(visitor.id)
        if wait:
            raise TooManyRequestsError("Too many messages in a short time", hint=f"Wait {wait:.0f} seconds.", retry_after=wait)

    @router.post("/sessions", status_code=201)
    async def open_widget_session(body: SessionRequest, token: Token) -> SessionOut:
        """Opens a session, or resumes the one whose token is sent."""
        language, setup = known_language(body.language), services.setup()
        async with database.transaction() as session:
            try:
                before = (token or "", await access_session(session, token))
            except NotAuthenticatedError:
                before = None
            if body.identity is not None:
                signed = await use_signed(session, ledger, body.identity, audience=services.audience)
                token, visitor = await open_for_member(session, ledger, signed, before=before, language=language)
            else:
                token, visitor = before or await open_session(session, language=language)
            asks = await read_asks(session, setup, visitor, language=language)
        config = WidgetConfig(
            title=services.title, disclosure=services.disclosure(language), greeting=phrase("greeting", language),
            languages=list(LANGUAGES), asks=asks,
        )  # fmt: skip
        return SessionOut(token=token, visitor_id=visitor.id, identified=body.identity is not None, config=config)

    @router.delete("/sessions", status_code=204)
    async def end_widget_session(token: Token) -> None:
        """Ends the session, as at log-out: what was said stays with its customer, and this token shows it no more."""
        async with database.transaction() as session:
            await access_session(session, token)
            await close_session(session, token or "")

    @router.get("/messages")
    async def list_widget_messages(token: Token, after: int = 0) -> Messages:
        """Messages after a number."""
        visitor = await visitor_of(token)
        async with database.transaction() as session:
            messages, state, last = await read_messages(session, visitor, after=after)
        return Messages(messages=[MessageOut(**m) for m in messages], state=state, last_seq=last)

    @router.post("/messages", status_code=201)
    async def send_widget_message(body: MessageRequest, token: Token, response: Response) -> Sent:
        """Stores a message; the same `client_id` again returns the message stored first, with 200."""
        visitor = await visitor_of(token)
        limited(visitor)
        inbound, setup = parse(body, visitor=visitor.id, language=visitor.language), services.setup()
        pages = True
        if setup.consent is not None:
            async with database.transaction() as session:
                pages = await may_note_pages(session, setup, visitor)
        inbound = as_told(inbound, visitor, pages=pages)
        recorded = await record_message(database, ledger, inbound)
        if not recorded.repeat and (page := inbound.metadata.get("page", {}).get("url")):
            async with database.transaction() as session:
                await record_viewed(session, ledger, recorded.message.conversation_id, page=page)
        response.status_code = 200 if recorded.repeat else 201
        return Sent(message=show_message(recorded.message, visitor=visitor.id))

    @router.get("/stream")
    async def stream_widget(token: Token, after: int = 0) -> EventSourceResponse:
        """Server-Sent Events: message, update, state, typing."""
        async with hub.catching_up:
            visitor = await visitor_of(token)

        async def events() -> AsyncIterator[ServerSentEvent]:
            with services.presence.here(visitor.id) if services.presence else contextlib.nullcontext():
                async for push in WidgetStream(hub, visitor, after).run():
                    if push.event is None:
                        yield ServerSentEvent(comment="ping")
                    else:
                        data = json.dumps(push.data, ensure_ascii=False)
                        yield ServerSentEvent(data=data, event=push.event, id=str(push.id) if push.id is not None else None)

        return EventSourceResponse(events(), ping=3600, headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})

    @router.post("/typing", status_code=204)
    async def widget_typing(body: TypingRequest, token: Token) -> None:
        """Shows the agent that the visitor types."""
        visitor = await visitor_of(token)
        async with database.transaction() as session:
            for conversation in (await thread_conversations(session, visitor))[-1:]:
                await send_signal(session, Signal(conversation.id, Author.CUSTOMER, None, body.on))

    @router.post("/read", status_code=204)
    async def widget_read(body: ReadRequest, token: Token) -> None:
        """The visitor has seen messages up to a number."""
        visitor = await visitor_of(token)
        async with database.transaction() as session:
            await record_read(session, ledger, visitor, body.seq)

    @router.post("/callback", status_code=204)
    async def widget_callback(body: CallbackRequest, token: Token) -> None:
        """A waiting visitor leaves an e-mail address or a telephone number; 422 when it is neither, 409 when nobody waits."""
        visitor = await visitor_of(token)
        limited(visitor)
        async with database.transaction() as session:
            await record_callback(session, ledger, visitor, address=body.address)

    @router.post("/ratings", status_code=204)
    async def widget_rating(body: RatingRequest, token: Token) -> None:
        """Stores a rating."""
        visitor = await visitor_of(token)
        async with database.transaction() as session:
            await record_rating(session, ledger, visitor, rating_id=body.rating_id, score=body.score, comment=body.comment)

    _asking_routes(router, services, limited=limited)
    _identity_routes(router, services)
    add_file_routes(router, services, limited=limited)
    return router


def _asking_routes(router: APIRouter, services: WidgetServices, *, limited: Callable[[Visitor], None]) -> None:
    database, ledger = services.database, services.ledger

    @router.post("/form", status_code=204)
    async def give_form(body: FormRequest, token: Token) -> None:
        """What the visitor tells before the chat; 422 names the `field` that cannot be accepted, 409 when nothing is asked any more."""
        form = services.setup().form
        async with database.transaction() as session:
            visitor = await access_session(session, token)
            limited(visitor)
            if form is None:
                raise ConflictError("Nothing is asked here")
            await record_form(session, ledger, visitor, token=token or "", form=form, given=body.fields)

    @router.post("/consent", status_code=204)
    async def give_consent(body: ConsentRequest, token: Token) -> None:
        """Whether pages may be noted; false takes it back and removes what was noted. 409 when the text is another one now."""
        consent = services.setup().consent
        async with database.transaction() as session:
            visitor = await access_session(session, token)
            limited(visitor)
            await record_consent(session, ledger, visitor, consent=consent, granted=body.granted, version=body.version)

    @router.post("/email")
    async def leave_email(body: EmailRequest, token: Token) -> EmailOut:
        """Where answers go when the visitor has gone; 422 for what is no address, 409 where none are sent."""
        async with database.transaction() as session:
            visitor = await access_session(session, token)
            limited(visitor)
            if services.setup().email_after is None:
                raise ConflictError("Answers are not sent by e-mail here")
            return await record_email(session, ledger, visitor, address=body.address)


def _identity_routes(router: APIRouter, services: WidgetServices) -> None:
    database, ledger = services.database, services.ledger

    @router.post("/identity/codes", status_code=202)
    async def ask_for_code(body: CodeRequest, token: Token) -> dict[str, str]:
        """Sends a one-time code; the answer is the same whether or not it can reach anybody."""
        identifier = parse_identifier(body.kind, body.value)
        async with database.transaction() as session:
            contact_id = await contact_of(session, ledger, await access_session(session, token))
            await request_code(session, ledger, contact_id, identifier, sender=services.code_sender)
        return {"message": "If this can be reached, a code is on its way."}

    @router.post("/identity/codes/redeem", status_code=204)
    async def give_code(body: CodeAnswer, token: Token) -> None:
        """Proves the number or address with the code that came; 401 for a wrong one, of which there may be five."""
        async with database.transaction() as session:
            visitor = await access_session(session, token)
            proof = await redeem_code(session, ledger, await contact_of(session, ledger, visitor), body.code)
            if proof is not None:
                if proof.identifier is not None:
                    await adopt_address(session, ledger, proof.contact_id, proof.identifier)
                await trust_visitor(session, visitor)
        if proof is None:
            raise WrongCodeError(hint="Type it again, or ask for a new one.")
