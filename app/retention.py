"""What tables say of how long rows are kept, where that is an age, is carried out here: one step, taken every hour in a worker.

`EXPIRING` names column and age of each table whose rows go by their own age. `ELSEWHERE` says who removes the rows of the others.
`WAITING` names those whose age is said and not carried out yet. A test holds all three together against `care(keep=...)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, DateTime, delete, literal, literal_column, select, text

from app.tables import metadata
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger

EVERY_SECONDS = 3600.0
BATCH = 2000
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
WAITING = {
    "callback": "with its conversation",
    "contact": "contacts are not removed by age yet",
    "contact_consent": "contacts are not erased yet",
    "conversation": "conversations are not removed by age yet",
    "event": "events are not removed by age yet",
    "gift_card": "ten years",
    "handoff": "with its conversation",
    "learned_example": "with its conversation",
    "learned_reply": "with its last example",
    "learning_message": "with its conversation",
    "learning_sentence": "with its messages",
    "message": "with its conversation",
    "order_sync": "with its order",
    "return_request": "ten years",
    "service_request": "ten years",
    "shop_order": "ten years",
    "unanswered_question": "with its messages",
}


@dataclass
class Retention:
    """Removes what is past its time; any number of workers may, as each takes some rows that nobody else holds."""

    database: Database
    clock: Clock = utc_now
    batch: int = BATCH

    async def step(self) -> bool:
        """Removes at most a batch of rows of each table; whether there may be more."""
        return any([await self._table(name, expiry) == self.batch for name, expiry in EXPIRING.items()])

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
