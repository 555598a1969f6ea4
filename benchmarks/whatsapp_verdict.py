"""Compares the provider's own ledger with the database: what was lost, doubled, reordered, or stayed unknown."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

_MESSAGES = """
SELECT m.id::text, m.conversation_id::text AS conversation, m.seq, m.author, m.external_id, m.delivery, m.turn_id::text AS turn, c.handler,
    c.answered_seq
FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.channel = 'whatsapp' AND m.visibility = 'public' ORDER BY m.seq
"""
_SENDS = """
SELECT s.id::text, s.message_id::text AS message, s.part, s.state, m.conversation_id::text AS conversation, m.seq
FROM channel_send s JOIN message m ON m.id = s.message_id WHERE s.channel = 'whatsapp'
"""
_TURNS = "SELECT data FROM event WHERE name = 'turn.taken' AND channel = 'whatsapp'"
_GAPS = """
SELECT count(*) AS n FROM (
    SELECT seq - lag(seq) OVER (PARTITION BY conversation_id ORDER BY seq) AS step FROM event WHERE seq IS NOT NULL
) steps WHERE step <> 1
"""
_WAITING = "SELECT count(*) AS n FROM channel_intake WHERE state = 'waiting'"
_FLAGGED = "SELECT count(*) AS n FROM channel_intake WHERE state = 'flagged'"


@dataclass
class WhatsAppVerdict:
    """What the comparison found.

    `sent`: what customers wrote. `lost`: of those not stored, or without a turn although the bot holds the talk; and answers that were
    never sent. `doubled`: stored, answered or sent twice. `reordered`: stored or sent against the order. `unknown`: sends whose fate nobody
    knows at the end, shown to agents; `unsettled`: of those, what the provider did take. `phantom`: sent as we think, not as the provider
    knows. `settled_unknown`: how many were unknown for a while and were settled by a status.
    """

    sent: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    unknown: int = 0
    unsettled: int = 0
    phantom: int = 0
    failed: int = 0
    waiting: int = 0
    flagged: int = 0
    gaps: int = 0
    answers: int = 0
    with_human: int = 0
    repeats: int = 0
    notes: list[str] = field(default_factory=list, repr=False)

    @property
    def faults(self) -> dict[str, int]:
        """Everything that should be zero and is not."""
        innocent = {"sent", "unknown", "answers", "with_human", "repeats", "notes"}
        return {name: value for name, value in asdict(self).items() if name not in innocent and value}

    def settled(self) -> bool:
        """Whether nothing is left to be done."""
        return not (self.lost or self.waiting or self.unsettled)


def judge_whatsapp(dsn: str, ledger: Any) -> WhatsAppVerdict:
    """Reads the database and compares. Raises psycopg.Error when it cannot be read."""
    with psycopg.connect(dsn, row_factory=namedtuple_row) as connection:
        messages, sends, turns = (list(connection.execute(query).fetchall()) for query in (_MESSAGES, _SENDS, _TURNS))
        gaps, waiting, flagged = (_count(connection, query) for query in (_GAPS, _WAITING, _FLAGGED))
    verdict = WhatsAppVerdict(sent=len(ledger["inbound"]), gaps=gaps, waiting=waiting, flagged=flagged)
    verdict.repeats = sum(max(0, m["acked"] - 1) for m in ledger["inbound"])
    _judge_inbound(verdict, ledger["inbound"], messages)
    _judge_turns(verdict, messages, turns)
    _judge_sends(verdict, ledger["sends"], messages, sends)
    return verdict


def _count(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _judge_inbound(verdict: WhatsAppVerdict, written: list[Any], messages: list[Any]) -> None:
    stored = Counter(m.external_id for m in messages if m.author == "customer")
    missing = [m["id"] for m in written if not stored[m["id"]]]
    verdict.lost += len(missing)
    verdict.doubled += sum(n - 1 for n in stored.values())
    verdict.notes += [f"never stored: {one}" for one in missing]
    known = {m["id"]: m for m in written}
    talks: dict[str, list[Any]] = defaultdict(list)
    for message in messages:
        if message.author == "customer" and message.external_id in known:
            talks[message.conversation].append(known[message.external_id])
    for talk in talks.values():
        verdict.reordered += sum(_against_order(first, second) for first, second in itertools.pairwise(talk))


def _against_order(first: Any, second: Any) -> bool:
    """Whether `second` was stored after `first` although the provider's clock and its deliveries had it before."""
    earlier = int(second["at"]) < int(first["at"])
    return earlier and second["acked_at"] is not None and first["acked_at"] is not None and second["acked_at"] < first["acked_at"]


def _judge_turns(verdict: WhatsAppVerdict, messages: list[Any], turns: list[Any]) -> None:
    answered = Counter(one for turn in turns for one in turn.data["message_ids"])
    verdict.doubled += sum(n - 1 for n in answered.values())
    verdict.doubled += sum(n - 1 for n in Counter(turn.data["turn_id"] for turn in turns).values())
    waiting = [m for m in messages if m.author == "customer" and not answered[m.id]]
    verdict.with_human = sum(m.handler != "bot" or m.seq <= m.answered_seq for m in waiting)
    left = [m for m in waiting if m.handler == "bot" and m.seq > m.answered_seq]
    verdict.lost += len(left)
    verdict.notes += [f"without a turn: {m.external_id}" for m in left]


def _judge_sends(verdict: WhatsAppVerdict, accepted: list[Any], messages: list[Any], sends: list[Any]) -> None:
    verdict.answers = sum(m.author != "customer" for m in messages)
    verdict.lost += sum(m.author != "customer" and m.delivery == "queued" for m in messages)
    took = Counter(s["key"] for s in accepted if s["state"] != "failed")
    verdict.doubled += sum(n - 1 for n in took.values())
    verdict.notes += [f"sent {n} times: {key}" for key, n in took.items() if n > 1]
    verdict.unknown = sum(s.state in {"unknown", "sending"} for s in sends)
    verdict.unsettled = sum(s.state in {"unknown", "sending"} and took[s.id] > 0 for s in sends)
    verdict.failed = sum(s.state == "failed" for s in sends)
    phantoms = [s.id for s in sends if s.state in {"accepted", "sent", "delivered", "read"} and not took[s.id]]
    verdict.phantom = len(phantoms)
    place = {s.id: (s.conversation, s.seq, s.part) for s in sends}
    talks: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for send in sorted(accepted, key=lambda s: int(s["number"])):
        if send["key"] in place and send["state"] != "failed":
            conversation, seq, part = place[send["key"]]
            talks[conversation].append((seq, part))
    for order in talks.values():
        verdict.reordered += sum(later < earlier for earlier, later in itertools.pairwise(order))
