"""What the outbox asks for each message is found by an index: what reads every message gets slower with each one that is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest

from channels import sends
from kit.clock import utc_now
from kit.db import Database

pytestmark = pytest.mark.integration
ASKED: dict[str, tuple[str, Mapping[str, Any]]] = {
    "load": (sends._LOAD, {"id": uuid4()}),
    "due": (sends._DUE, {"stored": ["web"], "now": utc_now(), "conversation": None, "lenders": "{}"}),
    "due in one": (sends._DUE, {"stored": ["web"], "now": utc_now(), "conversation": uuid4(), "lenders": "{}"}),
}


async def whole_reads(database: Database, statement: str, values: Mapping[str, Any]) -> list[str]:
    """The steps that would read all of `message`, or a whole index of it, if PostgreSQL did so as unwillingly as can be."""
    async with database.plain() as connection:
        await connection.execute("SET enable_seqscan = off")
        try:
            row = await (await connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", dict(values))).fetchone()
        finally:
            await connection.execute("RESET enable_seqscan")
    assert row is not None
    return [step["Node Type"] for step in steps(row[0][0]["Plan"]) if reads_all(step)]


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and all its parts."""
    yield plan
    for part in plan.get("Plans", []):
        yield from steps(part)


def reads_all(step: Mapping[str, Any]) -> bool:
    """Whether it goes over every message; the index of those that wait to be sent is short."""
    if step["Node Type"] == "Seq Scan":
        return bool(step["Relation Name"] == "message")
    return str(step.get("Index Name", "")).endswith("_message") and "Index Cond" not in step


@pytest.mark.parametrize("name", ASKED)
async def test_no_question_of_the_outbox_reads_every_message(database: Database, name: str) -> None:
    assert await whole_reads(database, *ASKED[name]) == []


async def test_a_question_that_reads_every_message_is_told(database: Database) -> None:
    assert await whole_reads(database, "SELECT id FROM message WHERE id::text = %(id)s", {"id": str(uuid4())}) != []
