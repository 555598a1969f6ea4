"""Questions from process to process: large answers, refusals, bugs, nobody there, nobody waiting any more."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from kit.asking import ASK, Asker, NobodyAnsweredError, RefusedThereError, _pack, answering
from kit.db import Database
from kit.errors import ConflictError
from kit.jobs import RecordingEnqueuer

pytestmark = pytest.mark.integration


class DirectEnqueuer:
    """Runs the job at once, beside the one who asks."""

    expression = None

    def __init__(self, database: Database, questions: dict[str, Any]) -> None:
        self.handler = answering(database, questions)
        self.running: list[asyncio.Task[Any]] = []

    async def enqueue(self, session: AsyncSession, name: str, **arguments: Any) -> None:
        assert name == ASK
        self.running.append(asyncio.ensure_future(self.handler(job_id="1", **arguments)))


@contextlib.asynccontextmanager
async def asking(database: Database, questions: dict[str, Any]) -> AsyncIterator[Asker]:
    """An asker that hears."""
    asker = Asker(database, DirectEnqueuer(database, questions))
    task = asyncio.create_task(asker.run())
    try:
        yield asker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_answer_of_any_size_comes_back_whole(database: Database) -> None:
    async def echo(*, ask_id: str, text: str) -> dict[str, Any]:
        return {"text": text, "ask": ask_id}

    async with asking(database, {"echo": echo}) as asker:
        for text in ("olá 你好 \ud83d", "a\x00b", "".join(chr(0x4E00 + (i * i) % 20000) for i in range(60_000)), ""):
            assert (await asker.ask("echo", text=text))["text"] == text
        many = await asyncio.gather(*(asker.ask("echo", text=str(i)) for i in range(40)))
    assert [m["text"] for m in many] == [str(i) for i in range(40)]


async def test_a_refusal_keeps_its_message_and_status_and_a_bug_tells_nothing(database: Database) -> None:
    async def refuse(**_: Any) -> None:
        raise ConflictError("Not now", hint="Later.")

    async def break_(**_: Any) -> None:
        raise ValueError("a secret")

    async with asking(database, {"refuse": refuse, "break": break_}) as asker:
        with pytest.raises(RefusedThereError) as refused:
            await asker.ask("refuse")
        assert (refused.value.status, refused.value.message, refused.value.hint) == (409, "Not now", "Later.")
        for question in ("break", "never heard of"):
            with pytest.raises(RefusedThereError) as broken:
                await asker.ask(question)
            assert (broken.value.status, "secret" in str(broken.value)) == (500, False)


async def test_nobody_there_is_said_in_time(database: Database) -> None:
    asker = Asker(database, RecordingEnqueuer())
    task = asyncio.create_task(asker.run())
    began = time.monotonic()
    with pytest.raises(NobodyAnsweredError):
        await asker.ask("echo", seconds=0.4)
    assert time.monotonic() - began < 2
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_question_that_nobody_waits_for_is_not_worked_on(database: Database) -> None:
    done = []

    async def note(**_: Any) -> None:
        done.append(1)

    handler = answering(database, {"note": note})
    await handler(ask_id="a", question="note", packed=_pack({}), until=time.time() - 1)
    assert done == []
    await handler(ask_id="a", question="note", packed=_pack({}), until=time.time() + 5)
    assert done == [1]
