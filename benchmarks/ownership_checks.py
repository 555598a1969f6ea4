"""What must never happen, looked for in all that was stored: double answers, lost messages, conversations that nobody owns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg

UNREAD = timedelta(seconds=3)  # what comes in so shortly before an agent lets go cannot have been read
Event = tuple[str, int, str, str | None, datetime, dict[str, Any]]
_EVENTS = "SELECT conversation_id::text, seq, name, actor_id, at, data FROM event WHERE conversation_id IS NOT NULL ORDER BY 1, seq"
_NOBODY = """
SELECT c.id::text, CASE
    WHEN c.handler = 'agent' AND NOT s.active THEN 'held by a disabled agent'
    WHEN c.handler = 'queue' AND NOT EXISTS (SELECT FROM handoff AS h WHERE h.conversation_id = c.id AND h.state = 'queued')
        THEN 'in the queue without a handoff'
    WHEN c.handler = 'queue' AND c.waiting_since IS NULL THEN 'in the queue without waiting'
    WHEN c.status = 'snoozed' AND (c.handler <> 'agent' OR c.snoozed_until IS NULL) THEN 'asleep for ever'
    WHEN c.handler = 'agent' AND c.waiting_since IS NOT NULL AND c.status = 'open' AND p.seen_at < %(gone)s
        THEN 'held by somebody who is gone'
    END AS why
FROM conversation AS c LEFT JOIN staff AS s ON s.id = c.agent_id LEFT JOIN presence AS p ON p.staff_id = c.agent_id
WHERE c.status <> 'resolved'
"""
_UNANSWERED = """
SELECT m.external_id FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
WHERE m.author = 'customer' AND c.handler = 'bot' AND c.status <> 'resolved' AND m.seq > c.answered_seq
"""


@dataclass
class Findings:
    """Each a sentence with the conversation that it is about."""

    double: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    nobody: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.double or self.lost or self.nobody)


def check(dsn: str, *, messages: Iterable[str], replies: Mapping[str, Sequence[str]], gone: datetime) -> Findings:
    """Reads everything. `messages`, `replies`: what was acknowledged; `gone`: who gave no sign of life since then has left."""
    findings = Findings()
    with psycopg.connect(dsn) as connection:
        _check_stored(connection, findings, messages, replies)
        findings.nobody += [f"{row[0]}: {row[1]}" for row in connection.execute(_NOBODY, {"gone": gone}) if row[1]]
        findings.lost += [f"{row[0]}: no turn took it, and nobody else has it" for row in connection.execute(_UNANSWERED)]
        talks: dict[str, list[Event]] = defaultdict(list)
        for row in connection.execute(_EVENTS):
            talks[row[0]].append(row)
    names = Counter(event[2] for talk in talks.values() for event in talk)
    findings.counts = {"conversations": len(talks), **{name: names[name] for name in sorted(names)}}
    for talk in talks.values():
        check_talk(talk, findings)
    return findings


def _check_stored(
    connection: psycopg.Connection[Any], findings: Findings, messages: Iterable[str], replies: Mapping[str, Sequence[str]]
) -> None:
    stored = Counter(row[0] for row in connection.execute("SELECT external_id FROM message WHERE author = 'customer'"))
    findings.lost += [f"{one}: acknowledged, not stored" for one in messages if not stored[one]]
    findings.double += [f"{one}: stored {n} times" for one, n in stored.items() if n > 1]
    written = Counter(row[0] for row in connection.execute("SELECT text FROM message WHERE author = 'agent' AND visibility = 'public'"))
    findings.lost += [f"{one}: an agent's reply was acknowledged, not stored" for one in replies if not written[one]]
    findings.double += [f"{one}: an agent's reply was stored {n} times" for one, n in written.items() if n > 1]
    findings.double += [f"{one}: one reply, two messages" for one, ids in replies.items() if len(set(ids)) > 1]


def check_talk(talk: Sequence[Event], findings: Findings) -> None:
    """Replays the log of one conversation: who held it when something was said, and whether anything was said twice."""
    holder, answered, unread = "bot", set[str](), None
    first = talk[0][1]
    for place, (conversation, seq, name, actor, at, data) in enumerate(talk):
        if seq != first + place:
            findings.lost.append(f"{conversation}: event {first + place} is missing")
        if name == "message.received":
            unread = at
        elif name == "message.queued" and data["author"] == "bot" and holder != "bot":
            findings.double.append(f"{conversation}: the bot speaks while {holder} holds it ({seq})")
        elif name == "agent.replied":
            unread = None
            if holder != data["staff_id"]:
                findings.double.append(f"{conversation}: {data['staff_id']} speaks while {holder} holds it ({seq})")
        elif name == "turn.taken":
            twice = answered & set(data["message_ids"])
            answered |= set(data["message_ids"])
            findings.double += [f"{conversation}: message {one} had two turns" for one in twice]
        elif name in {"handback.done", "conversation.resolved"} and actor and unread and at - unread < UNREAD:
            findings.lost.append(f"{conversation}: let go with a message that nobody can have read ({seq})")
        holder = _holder_after(holder, name, data)


def _holder_after(holder: str, name: str, data: Mapping[str, Any]) -> str:
    if name == "handoff.queued":
        return "queue"
    if name == "agent.assigned":
        return str(data["staff_id"])
    if name == "handback.done":
        return "bot"
    return "nobody" if name in {"agent.released", "conversation.resolved"} else holder
