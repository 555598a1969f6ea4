"""What the page is told, as JSON: plain texts and numbers, never markup. Times are milliseconds since 1970 (UTC)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from assist.suggestions import Suggestion
from channels.messenger.capabilities import COMMENTS
from channels.messenger.send import PRIVATE
from console.inbox.queries import OtherConversation
from context.identity.models import IdentifierRow
from context.identity.suggesting import Suggested
from context.models import ConversationRow
from context.shop.types import ServiceRequest
from context.types import Attachment, Author, Citation, MessageView, Order, Visibility
from desk.callbacks import Callback
from desk.card import make_card
from desk.inbox import ContactCard, InboxRow
from desk.models import ConversationMergeRow
from desk.personal.notifications import Notification
from desk.personal.outgoing import Outgoing
from desk.personal.saved_views import SavedView
from desk.search import FoundConversation, FoundPerson
from desk.views import place_of
from kit.file_response import IN_PLACE
from knowledge.markdown import safe_link

Json = dict[str, Any]


def milliseconds(at: datetime | None) -> int | None:
    """A time as browsers count it."""
    return None if at is None else int(at.timestamp() * 1000)


def row_json(row: InboxRow, reason: str | None = None) -> Json:
    """A line of the inbox; `reason` says why it waits."""
    return {
        "id": str(row.id),
        "name": row.contact_name or row.contact_email or "",
        "channel": row.channel,
        "status": row.status.value,
        "handler": row.handler.value,
        "agentId": str(row.agent_id) if row.agent_id else None,
        "agentName": row.agent_name,
        "preview": row.preview,
        "language": row.language,
        "urgency": row.urgency,
        "reason": reason,
        "waitingSince": milliseconds(row.waiting_since),
        "updatedAt": milliseconds(row.updated_at),
        "priority": row.priority,
        "dueAt": milliseconds(row.due_at),
        "dueMetric": row.due_metric,
        "teamId": str(row.team_id) if row.team_id else None,
        "labels": [str(label) for label in row.labels],
        "snoozedUntil": milliseconds(row.snoozed_until),
        "place": place_of(row).as_text(),
    }


def citation_json(citation: Citation) -> Json:
    """A cited article; an address that is not safe to follow is left out."""
    return {"id": citation.article_id, "title": citation.title, "url": citation.url if safe_link(citation.url) else ""}


def message_json(message: MessageView) -> Json:
    """A message of the transcript."""
    understood = message.understanding
    return {
        "id": str(message.id),
        "seq": message.seq,
        "author": message.author.value,
        "name": message.author_name,
        "note": message.visibility == Visibility.NOTE,
        "text": message.content.text,
        "buttons": [button.title for button in message.content.buttons],
        "citations": [citation_json(c) for c in message.content.citations],
        "channel": message.channel,
        "delivery": message.delivery.value,
        "at": milliseconds(message.at),
        "angry": bool(understood and understood.sentiment.angry),
        "page": page_json(message.metadata.get("page")),
        "copies": copies_json(message.metadata.get("cc")),
        "files": [file_json(file) for file in message.content.attachments],
        "comment": message.external_id if message.author == Author.CUSTOMER and message.channel in COMMENTS.values() else None,
        "privateTo": message.content.custom.get(PRIVATE),
    }


def file_json(file: Attachment) -> Json:
    """A file of a message, with where the browser gets it."""
    name = quote(file.name)
    shown = file.media_type in IN_PLACE
    return {
        "id": str(file.id), "name": file.name, "type": file.media_type, "size": file.size, "image": shown,
        "url": f"/console/files/{file.id}/{name}",
    }  # fmt: skip


def copies_json(copies: object) -> list[str]:
    """Whom a mail names beside its sender and us."""
    return [str(one) for one in copies if isinstance(one, str)] if isinstance(copies, list) else []


def page_json(page: object) -> Json | None:
    """The page on which the customer wrote, as far as it is one: its address, and how to name it."""
    if not isinstance(page, dict) or not safe_link(str(page.get("url") or "//")):
        return None
    url = str(page["url"])
    return {"url": url, "name": str(page.get("article") or url.split("://", 1)[-1])}


def packet_json(packet: Json | None, reason: str | None, *, language: str = "en", callback: Callback | None = None) -> Json | None:
    """The handoff packet for the card: what an agent reads in three seconds, in their language, without what is empty."""
    if packet is None:
        return None
    sentiment = packet.get("sentiment") or {}
    return {
        "reason": reason or packet.get("reason"),
        "summary": packet.get("summary") or "",
        "language": packet.get("language"),
        "urgency": packet.get("urgency") or 0,
        "sentiment": sentiment.get("level", 0),
        "angry": bool(sentiment.get("angry")),
        "slots": list(named_values((packet.get("told") or {}) | (packet.get("slots") or {}))),
        "entities": list(_entities(packet.get("entities") or ())),
        "answers": [{"question": a["question"], "answer": a["answer"], "article": a["article_id"]} for a in packet.get("answers") or ()],
        "orders": list(packet.get("orders_seen") or ()),
        "team": packet.get("suggested_team"),
        "card": asdict(make_card(packet, language=language, callback=callback)),
    }


def named_values(values: Json) -> Iterable[Json]:
    """Slots that say something: named readably; internal and empty ones left out."""
    for name, value in values.items():
        if value in (None, "", [], {}) or name.startswith("_") or name == "requested_slot" or isinstance(value, dict):
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield {"name": readable(name), "value": shown}


def _entities(entities: Sequence[Json]) -> Iterable[Json]:
    for entity in entities:
        yield {"name": readable(entity["name"]), "value": str(entity.get("value") or entity.get("text"))}


def readable(name: str) -> str:
    """`order_number` as `Order number`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def contact_json(contact: ContactCard) -> Json:
    """The customer."""
    return {
        "id": str(contact.id),
        "name": contact.name or "",
        "email": contact.email,
        "phone": contact.phone,
        "language": contact.language,
        "verified": contact.verified,
        "attributes": list(named_values(contact.attributes)),
        "erasedAt": milliseconds(contact.erased_at),
    }


def known_json(identifiers: Iterable[IdentifierRow]) -> list[Json]:
    """The addresses and numbers of a customer, each with whether it is proven."""
    return [{"kind": row.kind, "value": row.value, "verified": row.verified} for row in identifiers if row.kind in {"email", "phone"}]


def link_json(suggested: Suggested, *, contact_id: UUID) -> Json:
    """Somebody who may be the same person as this customer, and what speaks against it."""
    other, name = next((found, name) for found, name in suggested.contacts if found != contact_id)
    return {
        "id": str(suggested.id), "contact": str(other), "name": name or "", "kind": suggested.kind, "value": suggested.value,
        "doubts": list(suggested.doubts),
    }  # fmt: skip


def order_json(order: Order) -> Json:
    """An order with its items and parcels; money in cents."""
    return {
        "number": order.number,
        "status": order.status,
        "placedAt": milliseconds(order.placed_at),
        "currency": order.currency,
        "total": order.total,
        "items": [{"title": i.title, "quantity": i.quantity, "price": i.unit_price} for i in order.items],
        "shipments": [
            {"carrier": s.carrier, "number": s.tracking_number, "status": s.status, "expected": s.expected_on, "delivered": s.delivered_on}
            for s in order.shipments
        ],
    }


def request_json(request: ServiceRequest) -> Json:
    """Something that the customer asked to have done, with what the desk needs to do it: nested details by their path."""
    details = dict(_flat(request.details))
    return {
        "reference": request.reference,
        "kind": request.kind.value,
        "status": request.status.value,
        "order": request.order_number or "",
        "at": milliseconds(request.at),
        "details": [{"name": name.replace("_", " "), "value": value} for name, value in details.items() if value],
    }


def _flat(details: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    for name, value in details.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name} ")
        else:
            yield f"{before}{name}", str(value)


def other_json(other: OtherConversation) -> Json:
    """Another conversation of the customer."""
    updated = milliseconds(other.updated_at)
    return {"id": str(other.id), "channel": other.channel, "status": other.status, "preview": other.preview, "updatedAt": updated}


def merge_json(merge: ConversationMergeRow, source: ConversationRow) -> Json:
    """A conversation that became part of the open one, and may part from it again."""
    return {"id": str(merge.id), "channel": source.channel, "preview": source.preview, "at": milliseconds(merge.at)}


def suggestion_json(suggestion: Suggestion) -> Json:
    """A reply draft with where it comes from."""
    return {
        "id": str(suggestion.id),
        "message": str(suggestion.message_id),
        "rank": suggestion.rank,
        "source": suggestion.source,
        "text": suggestion.text,
        "citations": [citation_json(c) for c in suggestion.citations],
        "confidence": round(suggestion.confidence, 3),
        "state": suggestion.state,
        "internal": suggestion.internal,
        "language": suggestion.language,
        "title": suggestion.title,
    }


def held_json(held: Outgoing, *, now: datetime) -> Json:
    """What was sent and can still be undone; `left` in milliseconds, so that the browser's clock does not matter."""
    left = max(0, int((held.send_at - now).total_seconds() * 1000))
    return {"id": held.client_id, "text": held.written.text, "files": len(held.written.files), "left": left}


def saved_json(saved: SavedView) -> Json:
    """A kept list."""
    return {
        "id": str(saved.id), "title": saved.title, "shared": saved.shared, "own": saved.own, "view": saved.view.value,
        "filters": saved.filters.as_json(),
    }  # fmt: skip


def notification_json(told: Notification) -> Json:
    """Something to look at."""
    return {
        "id": str(told.id), "kind": told.kind, "conversation": str(told.conversation_id), "by": told.by or "", "text": told.text[:200],
        "at": milliseconds(told.at), "read": told.read,
    }  # fmt: skip


def found_json(found: FoundConversation) -> Json:
    """A conversation that a search found, with the words that it was found by."""
    return {
        "row": row_json(found.row), "message": str(found.message_id), "at": milliseconds(found.at), "snippet": found.snippet,
        "marks": [list(mark) for mark in found.marks], "hits": found.hits,
    }  # fmt: skip


def person_json(person: FoundPerson) -> Json:
    """A customer whom a search found."""
    conversation = str(person.conversation_id) if person.conversation_id else None
    return {"id": str(person.id), "name": person.name or "", "email": person.email, "phone": person.phone, "conversation": conversation}
