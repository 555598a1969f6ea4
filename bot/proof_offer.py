"""Marks the question for an order's address, so that a channel that can prove who somebody is may offer that beside it."""

from __future__ import annotations

from dataclasses import replace

from bot.engine import Reply, Turn

ASKS_PROOF = "order_proof"
PROVE = "prove"


def mark_proof(reply: Reply, turn: Turn, *, asked: str | None) -> Reply:
    """The reply with its last message marked where it asks an unknown customer for the address of an order."""
    if asked != ASKS_PROOF or turn.verified or reply.handoff is not None or not reply.messages:
        return reply
    last = reply.messages[-1]
    return replace(reply, messages=(*reply.messages[:-1], replace(last, custom={**last.custom, PROVE: True})))
