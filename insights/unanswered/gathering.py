"""The background work on unanswered questions. All of its state stands in the database, so it goes on after a restart where it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.redaction.redactor import Redactor
from insights.unanswered.answered import look_again, read_wordings
from insights.unanswered.drafting import draft_answers
from insights.unanswered.grouping import Vectors
from insights.unanswered.models import QuestionRow
from insights.unanswered.placing import lock_questions, place_new
from insights.unanswered.replies import read_replies
from insights.unanswered.watching import follow_events, forget_erased, reopen_asked
from kit.clock import Clock, utc_now
from kit.db import Database
from knowledge.chinese import one_script
from knowledge.ports import Embedder
from knowledge.search import SearchIndex

DRAFTS = 5


@dataclass(frozen=True)
class Gatherer:
    """Gathers, drafts, closes and watches. `index` is the live one, None while it is loading; the redactor is asked anew each time.

    Several workers may run it: each step is short and takes a lock, and what one has done the others find done.
    """

    database: Database
    embedder: Embedder
    index: Callable[[], SearchIndex | None]
    redactor: Callable[[], Redactor]
    clock: Clock = utc_now

    async def catch_up(self) -> int:
        """Does all there is to do; returns how many steps did something."""
        done = 0
        while await self.step():
            done += 1
        return done

    async def step(self) -> bool:
        """One short part of the work, in a transaction of its own for each kind; False when there was nothing to do."""
        async with self.database.transaction() as session:
            await lock_questions(session)
            worked = int(await follow_events(session, clock=self.clock))
        async with self.database.transaction() as session:
            worked += await place_new(session, self.embedder, clock=self.clock)
            worked += await reopen_asked(session, clock=self.clock)
            worked += await forget_erased(session)
        index = self.index()
        if index is not None:
            async with self.database.transaction() as session:
                await lock_questions(session)
                worked += await look_again(session, index)
        return bool(worked + await self._draft())

    async def _draft(self) -> int:
        await asyncio.to_thread(self.redactor)  # reading the shop's words takes a moment, once
        async with self.database.transaction() as session:
            await lock_questions(session)
            due = select(QuestionRow).where(QuestionRow.stale, QuestionRow.status == "open").order_by(QuestionRow.id).limit(DRAFTS)
            rows = (await session.execute(due.with_for_update())).scalars().all()
            for row in rows:
                await self._draft_one(session, row)
            return len(rows)

    async def _draft_one(self, session: AsyncSession, row: QuestionRow) -> None:
        replies = await read_replies(session, row.id, self.redactor)
        asked = await read_wordings(session, row.id)
        if replies and asked:
            mean = np.asarray(np.mean([one.vector for one in asked], axis=0), dtype=np.float32)
            mean /= max(float(np.linalg.norm(mean)), 1e-9)
            drafts = await asyncio.to_thread(draft_answers, replies, mean, self._encode)
            row.drafts = {language: asdict(draft) for language, draft in drafts.items()}
        else:
            row.drafts = {}
        row.stale = False
        await session.flush()

    def _encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self.embedder.encode([one_script(one) for one in texts]), dtype=np.float32)
