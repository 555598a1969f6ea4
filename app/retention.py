"""What tables say of how long rows are kept, where that is an age, is carried out here: one step, taken every hour in a worker.

`EXPIRING` names column and age of each table whose rows go by their own age. `ELSEWHERE` says who removes the rows of the others.
`BY_SETTING` names those that go where the house says after how many days, `WAITING` those whose age is said and not carried out yet. A
test holds all of them together against `care(keep=...)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, DateTime, delete, literal, literal_column, select, text

from app.tables import metadata
from context.erasing.ageing import erase_inactive, remove_conversations
from context.erasing.erasing import Erasing
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger

EVERY_SECONDS = 3600.0
BATCH = 2000
SWEPT_AFTER = timedelta(minutes=10)
AT_ONCE = 50  # customers, or conversations, in one transaction
log = get_logger("retention")


@dataclass(frozen=True)
class Expiry:
    """Rows of a table go `days` after the time in `column`; with `only`, those of which that is true."""

    days: int
    column: str = "at"
    only: str = "true"


EXPIRING = {
    "article_use": Expiry(730, only="conversation_id IS NULL"),
    "audit_entry": Expiry(730),
    "call": Expiry(730),
    "contact_consent": Expiry(1095, only="contact_id IN (SELECT id FROM contact WHERE erased_at < now() - interval '1095 days')"),
    "channel_intake": Expiry(30, "received_at", "state = 'flagged'"),
    "draft": Expiry(30),
    "generator_use": Expiry(730, "day"),
    "gift_card_try": Expiry(30),
    "help_feedback": Expiry(730),
    "identity_code": Expiry(30),
    "idempotency": Expiry(1),
    "login_try": Expiry(30),
    "notification": Expiry(90),
    "order_try": Expiry(30),
    "order_write_back": Expiry(365, only="state <> 'pending'"),
    "outgoing": Expiry(30, only="state <> 'held'"),
    "rating": Expiry(730, "asked_at"),
    "shop_event": Expiry(365),
    "suggestion": Expiry(365, "made_at"),
    "suggestion_ranker_activation": Expiry(730, only="id < (SELECT max(id) FROM suggestion_ranker_activation)"),
    "training_run": Expiry(365, "ended_at", "state IN ('done', 'failed')"),
    "turn": Expiry(90),
    "visitor_session": Expiry(90, "used_at"),
    "webhook_delivery": Expiry(30, only="state <> 'pending'"),
    "webhook_try": Expiry(30),
}
ELSEWHERE = {
    "channel_orphan": "channels/intake.py, with the worked-off webhooks",
    "process": "app/health.py, with each sign of life",
    "attachment": "console/inbox/sending.py, where it was never sent; else with its message",
}
BY_SETTING = {
    "callback": "with its conversation",
    "contact": "erased once no conversation is left; the empty row stays",
    "conversation": "BATON_KEEP_DAYS after it was resolved",
    "event": "with its conversation",
    "handoff": "with its conversation",
    "learned_example": "with its conversation",
    "learned_reply": "with its last example",
    "learning_message": "with its conversation",
    "learning_sentence": "with its last message",
    "message": "with its conversation",
    "unanswered_question": "with its last sentence",
}
"""What goes by age where the house says so (`context/erasing/ageing.py`), else never."""
WAITING = {
    "gift_card": "ten years",
    "order_sync": "with its order",
    "return_request": "ten years",
    "service_request": "ten years",
    "shop_order": "ten years",
}


@dataclass
class Retention:
    """Removes what is past its time; any number of workers may, as each takes some rows that nobody else holds."""

    database: Database
    clock: Clock = utc_now
    batch: int = BATCH
    erasing: Erasing | None = None
    keep_days: int | None = None

    async def step(self) -> bool:
        """Removes at most a batch of rows of each table; whether there may be more."""
        more = await self._erase_old()
        return any([more, *[await self._table(name, expiry) == self.batch for name, expiry in EXPIRING.items()]])

    async def _erase_old(self) -> bool:
        """What the house wants gone after some days; and what jobs that ran while a customer was erased may have written since."""
        if self.erasing is None:
            return False
        async with self.database.transaction() as session:
            swept = await self.erasing.sweep(session, before=self.clock() - SWEPT_AFTER, limit=AT_ONCE)
        if self.keep_days is None:
            return swept == AT_ONCE
        before = self.clock() - timedelta(days=self.keep_days)
        async with self.database.transaction() as session:
            talks = await remove_conversations(session, self.erasing, before=before, limit=AT_ONCE)
        async with self.database.transaction() as session:
            silent = await erase_inactive(session, self.erasing, before=before, limit=AT_ONCE)
        if talks or silent:
            log.info("removed what the house does not keep for longer", conversations=talks, contacts=silent)
        return AT_ONCE in (swept, talks, silent)

    async def _table(self, name: str, expiry: Expiry) -> int:
        """Removes some rows of one table, in a transaction of their own; how many."""
        table, limit = metadata.tables[name], literal(self.clock() - timedelta(days=expiry.days), DateTime(timezone=True))
        looked = table.alias("looked")
        ctid: ColumnElement[str] = literal_column("ctid")
        old = select(ctid).select_from(looked).where(looked.c[expiry.column] < limit, text(expiry.only)).limit(self.batch)
        gone = delete(table).where(ctid.in_(old.with_for_update(skip_locked=True))).returning(ctid)
        async with self.database.transaction() as session:
            count = len((await session.execute(gone)).all())
        if count:
            log.info("removed what was past its time", table=name, rows=count)
        return count
