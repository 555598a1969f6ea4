"""Who gets what. Here stands the one table of what follows from an event."""

from __future__ import annotations

from dataclasses import dataclass

from context.ledger import Ledger
from kit.db import Database
from kit.jobs import Jobs

UNDERSTAND, TAKE_TURN, SUGGEST, DELIVER, REINDEX = "understand", "take_turn", "suggest", "deliver", "reindex"
LEARN, RETRAIN = "learn", "retrain"
LEARN_REPLIES = "learn_replies"
FOLLOW_ACTION, FOLLOW_VERIFIED, FOLLOW_RESOLVED = "follow_action", "follow_verified", "follow_resolved"

# A turn's LEARN is started by the turn itself (app/answering.py), as it follows from few turns only.
CONSEQUENCES: dict[str, tuple[str, ...]] = {
    "message.received": (UNDERSTAND,),
    "message.understood": (TAKE_TURN, SUGGEST),
    "message.queued": (DELIVER,),
    "handoff.queued": (SUGGEST, LEARN),
    "action.done": (FOLLOW_ACTION,),
    "contact.verified": (FOLLOW_VERIFIED,),
    "conversation.unmerged": (TAKE_TURN,),  # what the bot had not answered yet when it became part of another
    "contact.merged": (TAKE_TURN,),  # what nobody had answered in the one is answered in the other
    "article.published": (REINDEX,),
    "article.retired": (REINDEX,),
    "conversation.resolved": (LEARN_REPLIES, FOLLOW_RESOLVED),
    "handback.done": (LEARN_REPLIES, TAKE_TURN),  # what an outside desk left unanswered
    "rating.given": (LEARN_REPLIES,),
    "training.asked": (RETRAIN,),
}


@dataclass(frozen=True)
class Base:
    """What every process has."""

    database: Database
    jobs: Jobs
    ledger: Ledger


def build_base(database_url: str, *, pool_size: int = 10) -> Base:
    """Database, jobs and ledger on one URL."""
    database = Database(database_url, pool_size=pool_size)
    jobs = Jobs(database.dsn, modest=(REINDEX,), unhurried=(LEARN, LEARN_REPLIES, RETRAIN))
    return Base(database, jobs, Ledger(jobs, CONSEQUENCES))
