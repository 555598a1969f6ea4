"""Compares what customers sent and saw with what is stored: anything lost, doubled, out of order or unanswered is counted."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from benchmarks.customers import Visit

_MESSAGES = """
SELECT m.id, m.conversation_id, m.seq, m.author, m.external_id, m.text, m.turn_id, m.ordinal, m.delivery, i.external_id AS visitor
FROM message m JOIN conversation c ON c.id = m.conversation_id JOIN identity i ON i.contact_id = c.contact_id AND i.channel = 'web'
WHERE m.visibility = 'public' ORDER BY i.external_id, m.seq
"""
_TURNS = """
SELECT e.conversation_id, e.data FROM event e JOIN conversation c ON c.id = e.conversation_id
WHERE e.name = 'turn.taken' AND EXISTS (SELECT FROM identity i WHERE i.contact_id = c.contact_id AND i.channel = 'web')
ORDER BY e.conversation_id, e.seq
"""
_HANDLERS = "SELECT id, handler FROM conversation"
_GAPS = """
SELECT count(*) FROM (SELECT seq - lag(seq) OVER (PARTITION BY conversation_id ORDER BY seq) AS step FROM event WHERE seq IS NOT NULL) steps
WHERE step <> 1
"""
_TURNED = """
SELECT count(*) FROM (
    SELECT position - lag(position) OVER (PARTITION BY conversation_id ORDER BY seq) AS step FROM event WHERE conversation_id IS NOT NULL
) steps WHERE step <= 0
"""
_UNPLACED = "SELECT count(*) FROM event WHERE position IS NULL"


@dataclass
class Verdict:
    """What the comparison found. All but `sent`, `turns` and `with_human` must be zero.

    `with_human`: messages without a turn in conversations that a human or the queue holds. `gaps`: missing numbers in the event log of a
    conversation. `stream_*`: what widgets saw against what is stored.
    """

    sent: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    unanswered: int = 0
    undelivered: int = 0
    unplaced: int = 0
    gaps: int = 0
    stream_lost: int = 0
    stream_doubled: int = 0
    stream_reordered: int = 0
    turns: int = 0
    with_human: int = 0
    notes: list[str] = field(default_factory=list, repr=False)

    @property
    def faults(self) -> dict[str, int]:
        """Everything that should be zero and is not."""
        counts = asdict(self)
        return {name: n for name, n in counts.items() if name not in {"sent", "turns", "with_human", "notes"} and n}

    def settled(self) -> bool:
        """Whether nothing is left to be done or shown."""
        return not (self.unanswered or self.undelivered or self.unplaced or self.stream_lost)


def judge(dsn: str, visits: Sequence[Visit]) -> Verdict:
    """Reads the database and compares. Raises psycopg.Error when it cannot be read."""
    verdict = Verdict(sent=sum(len(v.sent) for v in visits))
    with psycopg.connect(dsn, row_factory=namedtuple_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # all questions see one moment
        messages, turns = _rows(connection, _MESSAGES), _rows(connection, _TURNS)
        handlers = {row.id: row.handler for row in _rows(connection, _HANDLERS)}
        verdict.gaps = _count(connection, _GAPS)
        verdict.reordered = _count(connection, _TURNED)
        verdict.unplaced = _count(connection, _UNPLACED)
    by_visitor: dict[str, list[Any]] = defaultdict(list)
    for row in messages:
        by_visitor[row.visitor].append(row)
    for visit in visits:
        _judge_stored(verdict, visit, by_visitor[visit.visitor])
        _judge_stream(verdict, visit, by_visitor[visit.visitor])
    _judge_turns(verdict, messages, turns, handlers)
    return verdict


def _rows(connection: psycopg.Connection[Any], query: str) -> list[Any]:
    return list(connection.execute(query).fetchall())


def _count(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _judge_stored(verdict: Verdict, visit: Visit, rows: Sequence[Any]) -> None:
    """Every confirmed message is there once, and in the order of sending."""
    own = [row for row in rows if row.author == "customer"]
    stored = Counter(row.text for row in own)
    missing = [visit.texts[c] for c in visit.sent if not stored[visit.texts[c]]]
    verdict.lost += len(missing)
    verdict.doubled += sum(n - 1 for n in stored.values())
    order = [row.external_id for row in own]
    verdict.reordered += _descents(order)
    verdict.undelivered += sum(row.author != "customer" and row.delivery == "queued" for row in rows)
    verdict.notes += [f"lost: {visit.visitor} {text}" for text in missing]
    verdict.notes += [f"stored {n} times: {visit.visitor} {text}" for text, n in stored.items() if n > 1]


def _judge_stream(verdict: Verdict, visit: Visit, rows: Sequence[Any]) -> None:
    """The follower saw every stored message once, in order."""
    seen = [message_id for _, message_id in visit.seen]
    missed = {str(row.id) for row in rows} - set(seen)
    verdict.stream_lost += len(missed)
    verdict.stream_doubled += len(seen) - len(set(seen))
    verdict.stream_reordered += _descents([seq for seq, _ in visit.seen])
    verdict.notes += [f"never streamed: {visit.visitor} {message_id}" for message_id in sorted(missed)]


def _judge_turns(verdict: Verdict, messages: Sequence[Any], turns: Sequence[Any], handlers: dict[UUID, str]) -> None:
    """Every customer message is in exactly one turn, every turn has its reply once, and turns follow the order of the messages."""
    verdict.turns = len(turns)
    place = {str(row.id): row.seq for row in messages}
    answered = Counter(message_id for turn in turns for message_id in turn.data["message_ids"])
    replies: dict[str, list[Any]] = defaultdict(list)
    for row in messages:
        if row.turn_id is not None:
            replies[str(row.turn_id)].append(row)
    taken = Counter(turn.data["turn_id"] for turn in turns)
    verdict.doubled += sum(n - 1 for n in answered.values()) + sum(n - 1 for n in taken.values())
    verdict.doubled += sum(len(rows) - len({row.ordinal for row in rows}) for rows in replies.values())
    verdict.doubled += len(set(replies) - set(taken))
    verdict.unanswered += len(set(taken) - set(replies))
    waiting = [row for row in messages if row.author == "customer" and not answered[str(row.id)]]
    verdict.with_human = sum(handlers[row.conversation_id] != "bot" for row in waiting)
    verdict.unanswered += len(waiting) - verdict.with_human
    verdict.notes += [f"no turn: {row.visitor} {row.text}" for row in waiting if handlers[row.conversation_id] == "bot"]
    verdict.notes += [f"in {n} turns: {message_id}" for message_id, n in answered.items() if n > 1]
    order: dict[UUID, list[int]] = defaultdict(list)
    for turn in turns:
        order[turn.conversation_id] += [place[message_id] for message_id in turn.data["message_ids"]]
    verdict.reordered += sum(_descents(seqs) for seqs in order.values())


def _descents(values: Iterable[Any]) -> int:
    """How often a value is not above the one before it."""
    return sum(later <= earlier for earlier, later in itertools.pairwise(values))
