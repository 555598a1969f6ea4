"""What routing decides on, read from the database: the queue, the people, the teams and the rules in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow, HandoffRow
from context.staff.team_models import RoutingRulesRow
from context.staff.teams import Team, list_profiles, list_teams
from context.types import Handler, Status
from desk.presence import PresenceState, list_presence
from desk.routing.order import place_sql
from desk.routing.rules import parse_rules
from desk.routing.types import Facts, House, Person, Priority, Rules, TeamFacts, Waiting
from kit.clock import Clock

LET_GO = timedelta(minutes=10)  # so long one that was put back is not given to the same person again
ALERTED = timedelta(days=1)  # so long an alert counts for the priority, seen to or not
MOST = 2000

_QUEUE = """
SELECT c.id, c.epoch, c.routed_epoch, c.language, c.channel, c.urgency, c.waiting_since, c.priority, c.slots, team.key AS team,
    contact.attributes, handoff.reason, handoff.at AS queued_at, handoff.suggested_team, said.intents, said.products, said.mood,
    last.staff_id AS last_agent, gone.staff_id AS let_go, clock.sla, raised.alerts
FROM conversation AS c
JOIN contact ON contact.id = c.contact_id
LEFT JOIN team ON team.id = c.team_id
LEFT JOIN LATERAL (
    SELECT reason, at, packet ->> 'suggested_team' AS suggested_team FROM handoff
    WHERE conversation_id = c.id AND state = 'queued' ORDER BY at DESC LIMIT 1) AS handoff ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(DISTINCT m.u ->> 'intent') AS intents, (array_agg(m.u -> 'sentiment' ORDER BY m.seq DESC))[1] AS mood,
        jsonb_path_query_array(jsonb_agg(m.u -> 'entities'), 'strict $[*][*] ? (@.name == "product").value') AS products
    FROM (SELECT seq, understanding AS u FROM message WHERE conversation_id = c.id AND author = 'customer' AND understanding IS NOT NULL
          ORDER BY seq DESC LIMIT 6) AS m) AS said ON true
LEFT JOIN LATERAL (
    SELECT h.staff_id FROM handoff AS h JOIN conversation AS other ON other.id = h.conversation_id
    WHERE other.contact_id = c.contact_id AND h.staff_id IS NOT NULL AND h.accepted_at > :known_since
    ORDER BY h.accepted_at DESC LIMIT 1) AS last ON true
LEFT JOIN LATERAL (
    SELECT data ->> 'staff_id' AS staff_id FROM event
    WHERE conversation_id = c.id AND name = 'agent.released' AND at > :gone_since AND data ->> 'reason' IN ('released', 'transferred')
    ORDER BY seq DESC LIMIT 1) AS gone ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_or(breached_at IS NOT NULL) THEN 'breached' WHEN bool_or(warned_at IS NOT NULL) THEN 'warned' ELSE 'ok' END AS sla
    FROM sla_clock WHERE conversation_id = c.id AND ended_at IS NULL) AS clock ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(kind) AS alerts FROM alert WHERE conversation_id = c.id AND at > :alerts_since) AS raised ON true
WHERE c.handler = 'queue' AND c.status <> 'resolved' {only}
ORDER BY {place} LIMIT :most
"""


async def read_queue(session: AsyncSession, rules: Rules, *, at: datetime, only: UUID | None = None) -> list[Waiting]:
    """The conversations that wait, at most 2,000 by their place; or one of them."""
    values: dict[str, Any] = {"known_since": at - rules.sticky_for, "gone_since": at - LET_GO, "alerts_since": at - ALERTED, "most": MOST}
    query = _QUEUE.replace("{only}", "AND c.id = :only" if only else "").replace("{place}", place_sql("c"))
    rows = await session.execute(text(query), values | ({"only": only} if only else {}))
    return [_waiting(row, at) for row in rows]


def _waiting(row: Any, at: datetime) -> Waiting:
    queued = row.queued_at or row.waiting_since or at
    mood = row.mood or {}
    facts = Facts(
        language=row.language or "en",
        channel=row.channel,
        reason=row.reason,
        intents=frozenset(i for i in row.intents or () if i),
        products=frozenset(str(p) for p in row.products or ()),
        sentiment=int(mood.get("level", 0)),
        angry=bool(mood.get("angry")),
        urgent=bool(mood.get("urgent")),
        urgency=row.urgency,
        attributes=row.attributes,
        slots=row.slots,
        alerts=frozenset(row.alerts or ()),
        sla=row.sla or "ok",
        suggested_team=row.suggested_team,
        last_agent=row.last_agent,
        let_go=UUID(row.let_go) if row.let_go else None,
        waited=max(at - queued, timedelta()),
    )
    return Waiting(row.id, facts, row.waiting_since or queued, row.epoch, row.routed_epoch, row.team, Priority(row.priority))


async def read_house(session: AsyncSession, *, clock: Clock) -> House:
    """Everybody who may get conversations, and the teams."""
    teams = await list_teams(session)
    online = {staff.id for staff, state in await list_presence(session, clock=clock) if state == PresenceState.ONLINE}
    profiles = await list_profiles(session)
    load = await _loads(session)
    given = dict((await session.execute(_LAST_GIVEN)).all())
    people = tuple(
        Person(
            p.staff_id,
            p.name,
            online=p.staff_id in online,
            teams={t.key: t.levels[p.staff_id] for t in teams if p.staff_id in t.levels},
            skills=p.skills,
            capacity=p.capacity,
            load=load[p.staff_id],
            last_given=given.get(p.staff_id),
        )
        for p in profiles
    )
    return House(team_facts(teams, {p.staff_id for p in profiles}), people, clock())


_HELD = (ConversationRow.handler == Handler.AGENT, ConversationRow.status == Status.OPEN)
_LAST_GIVEN = (
    select(ConversationRow.agent_id, func.max(HandoffRow.accepted_at))
    .join(HandoffRow, (HandoffRow.conversation_id == ConversationRow.id) & (HandoffRow.staff_id == ConversationRow.agent_id))
    .where(*_HELD)
    .group_by(ConversationRow.agent_id)
)


def team_facts(teams: Sequence[Team], working: set[UUID] | None = None) -> dict[str, TeamFacts]:
    """The teams by key; members count when they are among `working`."""
    return {
        t.key: TeamFacts(t.key, t.name, len([m for m in t.levels if working is None or m in working]), t.hours, t.auto_assign)
        for t in teams
    }


async def _loads(session: AsyncSession) -> Mapping[UUID, Mapping[str, int]]:
    """What everybody holds and is awake, by channel."""
    query = select(ConversationRow.agent_id, ConversationRow.channel, func.count()).where(*_HELD)
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for agent_id, channel, count in await session.execute(query.group_by(ConversationRow.agent_id, ConversationRow.channel)):
        if agent_id is not None:
            found[agent_id][channel] = count
    return found


async def load_of(session: AsyncSession, staff_id: UUID) -> dict[str, int]:
    """What one person holds and is awake, by channel."""
    query = select(ConversationRow.channel, func.count()).where(ConversationRow.agent_id == staff_id, *_HELD)
    return dict((await session.execute(query.group_by(ConversationRow.channel))).all())


async def read_rules(session: AsyncSession) -> Rules:
    """The rules in force; those of an installation that wrote none leave everything open to everybody."""
    source = (await session.execute(select(RoutingRulesRow.source).order_by(RoutingRulesRow.version.desc()).limit(1))).scalar_one_or_none()
    return parse_rules(source)[0] if source else Rules()
