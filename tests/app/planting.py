"""A customer who left a mark in every table that can hold personal data, and where in the database a mark stands."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, Float, LargeBinary, Numeric, Table, Text, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.tables import metadata
from context.attachments.keeping import Upload, keep_file, settle
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ContactRow, EventRow, MessageRow
from context.ownership import hand_off
from context.types import HandoffReason, HandoffRequest, Inbound
from kit.blobs import BlobStore
from kit.clock import utc_now

NOW = utc_now()
OTHERS = {
    "knowledge_article": "editors", "knowledge_version": "editors", "knowledge_working_copy": "editors", "knowledge_file": "editors",
    "knowledge_policy": "editors", "knowledge_source": "editors", "knowledge_import": "editors", "health_finding": "editors",
    "trained_model": "editors", "model_activation": "editors", "training_run": "editors", "suggestion_ranker_activation": "editors",
    "staff": "colleagues", "staff_session": "colleagues", "password_link": "colleagues", "login_try": "colleagues",
    "team_member": "colleagues", "staff_skill": "colleagues", "staff_capacity": "colleagues", "routing_rules": "colleagues",
    "macro": "colleagues", "presence": "colleagues", "saved_view": "colleagues", "preference": "colleagues",
    "notification": "colleagues, by ids alone", "read_state": "colleagues, by ids alone",
    "audit_entry": "colleagues; nothing of a customer but an id is written there",
    "help_feedback": "readers of the help centre, of whom nobody knows who they are",
}  # fmt: skip
"""Tables whose personal data are not a customer's, and whose they are."""
ALSO = ("unanswered_wording",)
"""Tables without personal data by which others hang together."""
OURS = {
    "alert": "kind", "article_use": "article_id language passage_id question_language", "callback": "language outcome",
    "channel_intake": "account delivery note", "contact_consent": "purpose version", "conversation": "account", "event": "actor_id channel",
    "handoff": "reason", "idempotency": "key request_hash", "message": "account", "order_write_back": "key kind order_number",
    "return_request": "reference key order_number item wish status", "service_request": "reference key", "turn": "outcome",
    "shop_order": "number status currency", "shop_shipment": "order_number carrier status", "webhook_delivery": "id type",
    "suggestion": "source citations state origin features", "learning_sentence": "language decided_by decided_name",
    "unanswered_question": "language found_article found_language article_id article_language reason decided_by decided_name reopened_why",
}  # fmt: skip
"""Columns of such tables that hold words of the house: names of accounts and articles, references, kinds, numbers for reports."""
BY_IDS = {"gift_card_try"}
"""Tables in which the only personal datum is the contact's id."""
_numbers = itertools.count(1)


@dataclass
class Planted:
    """Somebody with a mark. `ids` are those that rows of other tables point to, by the table's name."""

    mark: str
    account: str
    ids: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """A text with the mark."""
        return f"{self.mark} {name}"


async def plant(session: AsyncSession, ledger: Ledger, blobs: BlobStore, *, mark: str, staff_id: UUID) -> Planted:
    """Somebody who wrote, waits for a person, and has a row in every table."""
    who = Planted(mark, f"shop-{next(_numbers)}")
    inbound = Inbound("web", who.account, f"{mark}-visitor", f"{mark}-1", who.value("asks"), profile_name=who.value("name"))
    recorded = await record_inbound(session, ledger, inbound)
    conversation = await lock_conversation(session, recorded.message.conversation_id)
    await hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED, note=who.value("note")))
    conversation.slots, conversation.dialogue = {"name": who.value("slot")}, {"form": who.value("form")}
    file = await keep_file(session, blobs, Upload(f"{mark}.txt", who.value("file").encode()), owner=f"web:{mark}-visitor")
    await settle(session, [file.attachment], message_id=recorded.message.id, conversation_id=conversation.id)
    await keep_file(session, blobs, Upload(f"{mark}-2.txt", who.value("unsent").encode()), owner=f"web:{mark}-visitor")
    who.ids = {"contact": recorded.contact_id, "conversation": conversation.id, "message": recorded.message.id, "staff": staff_id}
    await session.flush()
    filled = {"email": f"{mark}@shop.example", "phone": who.value("phone"), "attributes": {"tier": who.value("tier")}}
    await session.execute(update(ContactRow).where(ContactRow.id == recorded.contact_id).values(filled))
    body = {"metadata": {"page": {"url": who.value("page")}}}
    understood = {"entities": [{"value": who.value("entity")}]}
    said = {"payload": who.value("payload"), "body": body, "understanding": understood}
    await session.execute(update(MessageRow).where(MessageRow.id == recorded.message.id).values(said))
    await session.execute(update(EventRow).where(EventRow.position.is_(None)).values(position=EventRow.id))
    for table in metadata.sorted_tables:
        if (table.info["personal"] and table.name not in OTHERS) or table.name in ALSO:
            await _add_row(session, table, who)
    return who


async def _add_row(session: AsyncSession, table: Table, who: Planted) -> None:
    if table.name in {"contact", "conversation", "message", "attachment"}:
        return
    special = await _special(session, table.name, who)
    values = {column.name: _value(column, who, special) for column in table.c if _needs(column, special)}
    key = next(iter(table.primary_key.columns))
    stored = (await session.execute(insert(table).values(values).returning(key))).scalar_one()
    who.ids.setdefault(table.name, stored)


def _needs(column: Column[Any], special: Mapping[str, Any]) -> bool:
    if column.name in special or column.foreign_keys:
        return column.name in special or any(key.column.table.name != "team" for key in column.foreign_keys)
    if column.identity is not None or (column.primary_key and not isinstance(column.type, Text)):
        return False
    return isinstance(column.type, Text | JSONB) or not column.nullable


def _value(column: Column[Any], who: Planted, special: Mapping[str, Any]) -> Any:
    if column.name in special:
        return special[column.name]
    for key in column.foreign_keys:
        return who.ids.get(key.column.table.name)
    if column.name in OURS.get(column.table.name, "").split():
        return f"ours {next(_numbers)}" if isinstance(column.type, Text) else {}
    if isinstance(column.type, Text):
        return f"{who.value(column.name)} {next(_numbers)}"
    if isinstance(column.type, JSONB):
        return [who.value(column.name)] if "[]" in str(getattr(column.server_default, "arg", "")) else {"x": who.value(column.name)}
    if isinstance(column.type, LargeBinary):
        return who.value(column.name).encode()
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, DateTime):
        return NOW + timedelta(days=1)
    if isinstance(column.type, Date):
        return NOW.date()
    return 0.5 if isinstance(column.type, Float | Numeric) and not column.type.__class__.__name__.endswith("Integer") else 1


async def _special(session: AsyncSession, name: str, who: Planted) -> dict[str, Any]:
    """What a table's checks and links ask for."""
    contact, mark, account = who.ids["contact"], who.mark, who.account
    event = select(EventRow.position).where(EventRow.conversation_id == who.ids["conversation"]).order_by(EventRow.id).limit(1)
    other = UUID(int=contact.int ^ 1)
    known: dict[str, dict[str, Any]] = {
        "contact_identifier": {"kind": "email", "value": f"{mark}@shop.example", "verified": True, "shared": False, "method": "code"},
        "identity": {"channel": "telegram", "account": account, "external_id": f"{mark}-chat"},
        "contact_label": {"label": who.value("label")},
        "call": {"direction": "in", "conversation_id": who.ids["conversation"]},
        "callback": {"kind": "email", "closed_at": NOW, "closed_by": None},
        "rating": {"score": 4, "staff_id": None},
        "handoff": {"state": "returned", "staff_id": None},
        "shop_order": {"email": f"{mark}@shop.example"},
        "event": {"name": "action.done", "seq": 900, "position": 9_000_000 + next(_numbers), "version": 1, "actor_kind": "bot",
                  "data": {"action": "request_return", "key": f"key-{account}", "result": {"said": who.value("result")}}},
        "order_write_back": {"key": f"request_return:key-{account}", "state": "pending", "data": {"text": who.value("told")}},
        "loyalty_account": {"email": f"{mark}@shop.example"},
        "visitor_session": {"visitor": f"{mark}-visitor"},
        "service_request": {"kind": "complaint", "status": "open", "order_number": None},
        "alert": {"acknowledged_by": None},
        "outgoing": {"state": "sent"},
        "channel_intake": {"channel": "web", "account": account, "state": "done"},
        "channel_send": {"channel": "web", "account": account, "provider_id": f"{mark}-sent", "state": "sending"},
        "channel_orphan": {"channel": "web", "account": account, "provider_id": f"{mark}-sent"},
        "channel_address": {"channel": "web", "account": account, "address": f"{mark}-visitor"},
        "channel_media": {"attachment_id": None, "state": "waiting"},
        "learning_sentence": {"status": "taught", "intent": "greet"},
        "unanswered_question": {"status": "open", "merged_into": None, "article_id": None},
        "unanswered_wording": {"vector": bytes(8)},
        "article_use": {"kind": "answer", "outcome": "open", "answer_id": None, "event_id": next(_numbers)},
        "learned_example": {"staff_id": None},
        "suggestion": {"staff_id": None},
        "contact_merge": {"from_id": other, "into_id": contact},
        "link_suggestion": {"one_id": min(contact, other), "other_id": max(contact, other), "state": "open"},
        "idempotency": {"body": {"body": {"id": str(contact), "name": who.value("name")}}},
    }  # fmt: skip
    if name == "webhook_delivery":
        webhook = metadata.tables["webhook"]
        row = insert(webhook).values(url="https://crm.example/hook", events=["*"], secrets=["whsec_x"]).returning(webhook.c.id)
        hook = (await session.execute(row)).scalar_one()
        return {"webhook_id": hook, "position": (await session.execute(event)).scalar_one(), "state": "pending"}
    if name == "contact_merge":
        values = {"id": other, "name": who.value("old name"), "attributes": {}, "merged_into": contact}
        await session.execute(insert(metadata.tables["contact"]).values(values))
    return known.get(name, {})


async def where(session: AsyncSession, mark: str) -> dict[str, int]:
    """How many rows of which table hold a mark anywhere, as text, within JSON or as bytes."""
    tables = text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
    found = {}
    for name in sorted((await session.execute(tables)).scalars()):
        held = text(f'SELECT count(*) FROM "{name}" AS r WHERE strpos(lower(r::text), :mark) > 0 OR strpos(r::text, :bytes) > 0')
        count = (await session.execute(held, {"mark": mark, "bytes": mark.encode().hex()})).scalar_one()
        if count:
            found[name] = count
    return found


def tables_with_customers() -> set[str]:
    """Every table that can hold a customer's data."""
    return {table.name for table in metadata.sorted_tables if table.info["personal"]} - OTHERS.keys()
