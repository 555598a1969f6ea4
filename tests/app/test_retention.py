"""What tables say of an age is carried out: every one is accounted for, and what is past its time goes, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select

from app.retention import BY_SETTING, ELSEWHERE, EXPIRING, WAITING, Retention
from app.tables import metadata
from context.staff.models import AuditRow, LoginTryRow
from context.webhooks.models import WebhookDeliveryRow, WebhookRow, WebhookTryRow
from kit.clock import utc_now
from kit.db import Database

AGE = re.compile(r"\b(\d+|a|one) (day|days|hour|hours|years)\b")
NOW = utc_now()


def test_every_table_that_says_an_age_is_carried_out_or_named_as_waiting() -> None:
    said = {table.name for table in metadata.sorted_tables if AGE.search(table.info["keep"])}
    assert sorted([*EXPIRING, *ELSEWHERE, *BY_SETTING, *WAITING]) == sorted(said)


@pytest.mark.parametrize("name", sorted(EXPIRING))
def test_the_age_that_is_carried_out_is_the_one_that_is_said(name: str) -> None:
    table, expiry = metadata.tables[name], EXPIRING[name]
    ages = {f"{expiry.days} days"} | ({"24 hours"} if expiry.days == 1 else set())
    assert any(age in table.info["keep"] for age in ages)
    assert expiry.column in table.c
    pointing = [key.parent.table.name for other in metadata.sorted_tables for key in other.foreign_keys if key.column.table is table]
    assert all(key.ondelete for other in metadata.sorted_tables for key in other.foreign_keys if key.column.table is table), pointing


@pytest.mark.integration
async def test_every_statement_runs_and_an_empty_house_has_nothing_to_remove(database: Database) -> None:
    assert await Retention(database).step() is False


@pytest.mark.integration
async def test_deliveries_of_webhooks_go_after_thirty_days_save_those_that_wait(database: Database) -> None:
    async with database.transaction() as session:
        webhook = WebhookRow(url="https://crm.example/hook", events=["*"], secrets=["whsec_x"])
        session.add(webhook)
        await session.flush()
        for name, state, days in (("old", "sent", 31), ("lost", "failed", 31), ("waits", "pending", 31), ("fresh", "sent", 29)):
            values = {"id": name, "webhook_id": webhook.id, "type": "message.sent", "payload": {}, "state": state}
            session.add(WebhookDeliveryRow(**values, at=NOW - timedelta(days=days)))
            await session.flush()
            session.add(WebhookTryRow(delivery_id=name, milliseconds=1, at=NOW - timedelta(days=days)))
    await Retention(database, lambda: NOW).step()
    async with database.transaction() as session:
        assert set((await session.execute(select(WebhookDeliveryRow.id))).scalars()) == {"waits", "fresh"}
        assert set((await session.execute(select(WebhookTryRow.delivery_id))).scalars()) == {"fresh"}


@pytest.mark.integration
async def test_much_goes_batch_by_batch_and_what_somebody_holds_waits(database: Database) -> None:
    old, fresh = NOW - timedelta(days=731), NOW - timedelta(days=729)
    rows = [
        {
            "at": at,
            "actor_id": "",
            "actor_name": "x",
            "action": "a",
            "subject_kind": "k",
            "subject_id": "",
            "subject_name": "",
            "details": {},
        }
        for at in (old, old, old, fresh)
    ]
    async with database.transaction() as session:
        await session.execute(insert(AuditRow), rows)
        await session.execute(insert(LoginTryRow), [{"email": "a@shop.example", "at": NOW - timedelta(days=31)}])
    retention = Retention(database, lambda: NOW, batch=2)
    async with database.transaction() as holding:
        first = select(AuditRow.id).where(AuditRow.at == old).order_by(AuditRow.id).limit(2).with_for_update()
        await holding.execute(first)
        assert await retention.step() is False  # one row of three could be had
        assert await count(database) == 3
    assert await retention.step() is True
    assert await retention.step() is False
    assert await count(database) == 1
    async with database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(LoginTryRow))).scalar_one() == 0
        await session.execute(delete(AuditRow))


async def count(database: Database) -> int:
    async with database.transaction() as session:
        return int((await session.execute(select(func.count()).select_from(AuditRow))).scalar_one())
