"""What became of suggestions, as labels to learn from: accepted, edited by how much, waved away, passed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from assist.models import SuggestionRow
from assist.ranking import origin_key
from context.models import MessageRow
from context.types import Author, Visibility

MOST = 20_000  # the newest outcomes that are learned from
PASSED_OVER = (0.5, 0.35, 0.25)  # what a draft that was seen and not used weighs by its rank: a lower one was looked at less
MOST_PER_ORIGIN = 3.0  # what one agent's outcomes weigh together on one origin
MOST_PER_AGENT = 0.4  # of everything, once three agents or more taught something
SETTLED = ("accepted", "edited", "dismissed")


@dataclass(frozen=True)
class Outcome:
    """One suggestion that an agent saw. `label` (0 to 1): how much of it was used; `weight`: how sure that says something."""

    at: datetime
    message_id: UUID
    source: str
    origin: str
    own: float
    intent: str | None
    rank: int
    staff_id: UUID | None
    label: float
    weight: float = 1.0


async def read_outcomes(session: AsyncSession, *, since: datetime) -> list[Outcome]:
    """The outcomes since then, oldest first. One that was shown counts as passed over once the agent has answered without it."""
    one, reply, asked = SuggestionRow, aliased(MessageRow), aliased(MessageRow)
    answered = exists().where(
        reply.conversation_id == one.conversation_id, reply.author == Author.AGENT, reply.visibility == Visibility.PUBLIC,
        asked.id == one.message_id, reply.seq > asked.seq,
    )  # fmt: skip
    query = select(one).where(one.made_at >= since, one.state.in_(SETTLED) | ((one.state == "shown") & answered))
    rows = (await session.execute(query.order_by(one.made_at.desc()).limit(MOST))).scalars().all()
    return [outcome_of(row) for row in reversed(rows)]


def outcome_of(row: SuggestionRow) -> Outcome:
    """A settled suggestion as an outcome."""
    label, weight = _label(row)
    own, intent = float(row.features.get("own", row.confidence)), row.features.get("intent")
    return Outcome(row.made_at, row.message_id, row.source, row.origin, own, intent, row.rank, row.staff_id, label, weight)


def _label(row: SuggestionRow) -> tuple[float, float]:
    if row.state == "accepted":
        return 1.0, 1.0
    if row.state == "edited":
        return max(0.0, 1.0 - (row.distance or 0) / max(1, len(row.text))), 1.0
    if row.state == "dismissed":
        return 0.0, 1.0
    return 0.0, PASSED_OVER[min(row.rank, len(PASSED_OVER)) - 1]


def capped(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same with smaller weights where one agent would teach too much: about one origin, and in all."""
    by_origin: dict[tuple[UUID | None, str], float] = defaultdict(float)
    for one in outcomes:
        by_origin[one.staff_id, origin_key(one.source, one.origin)] += one.weight
    first = [replace(one, weight=one.weight * _share(by_origin[one.staff_id, origin_key(one.source, one.origin)])) for one in outcomes]
    by_agent: dict[UUID | None, float] = defaultdict(float)
    for one in first:
        by_agent[one.staff_id] += one.weight
    if len(by_agent) < 3:
        return first
    most = MOST_PER_AGENT * sum(by_agent.values())
    return [replace(one, weight=one.weight * min(1.0, most / max(1e-9, by_agent[one.staff_id]))) for one in first]


def _share(weight: float) -> float:
    return min(1.0, MOST_PER_ORIGIN / max(1e-9, weight))
