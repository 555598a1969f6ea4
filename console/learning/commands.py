"""What the page for teaching asks for. Every command asks again who is there and whether they may teach."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.learning.view import clash_json, model_json, run_json, sentence_json
from console.obeying import Data, Obeying, id_of, text_of
from console.refusals.telling import tell
from console.services import ConsoleServices
from console.web import Screen
from context.staff.models import StaffRow
from insights import registry, retraining
from insights.queue import PAGE, RIGHT, Filter, access_counts, access_sentences, count_untrained, last_change
from insights.teaching import Lesson, SentenceClashError

MOST = 1000
MODELS = 10


class LearningCommands(Obeying):
    """The page for teaching."""

    right = RIGHT
    rights = MappingProxyType(dict.fromkeys(("train", "decide", "activate", "rollback"), "manage_bot"))

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.teaching = services.teaching
        self.handlers = {
            "list": self._list,
            "teach": self._teach,
            "dismiss": self._dismiss,
            "undo": self._undo,
            "train": self._train,
            "decide": self._decide,
            "activate": self._activate,
            "rollback": self._roll_back,
        }
        self._shown: dict[str, Any] | None = None

    async def show_state(self) -> None:
        """Tells the page how training and models stand, if that has changed since it was told last."""
        async with self.services.database.transaction() as session:
            state = await self._read_state(session, await self.login.check_in(session, RIGHT))
        if state != self._shown:
            self._shown = state
            self.screen("state", state)

    async def _read_state(self, session: AsyncSession, staff: StaffRow) -> dict[str, Any]:
        await retraining.close_silent(session, self.services.ledger)
        models = await registry.list_models(session, limit=MODELS)
        return {
            **await access_counts(session, staff),
            "run": run_json(await retraining.find_latest_run(session)),
            "models": [model_json(model) for model in models],
            "untrained": await count_untrained(session),
            "changed": await last_change(session),
        }

    async def _list(self, staff: StaffRow, data: Data) -> None:
        wanted = Filter(text_of(data, "status"), text_of(data, "language"), text_of(data, "reason"), text_of(data, "text"))
        limit = min(max(int(data.get("limit") or PAGE), PAGE), MOST)
        async with self.services.database.transaction() as session:
            found = await access_sentences(session, staff, wanted, limit=limit + 1)
            intents = await self.teaching.intents(session)
        lines = [sentence_json(sentence) for sentence in found[:limit]]
        self.screen("list", {"sentences": lines, "intents": intents, "more": len(found) > limit})
        await self.show_state()

    async def _teach(self, staff: StaffRow, data: Data) -> None:
        sentence_id, sure = id_of(data), data.get("sure") is True
        lesson = Lesson(text_of(data, "intent"), text_of(data, "text")[:500], text_of(data, "language"), sure=sure)
        async with self.services.database.transaction() as session:
            clashes = await self.teaching.check(session, sentence_id, lesson)
            try:
                async with session.begin_nested():
                    taught = await self.teaching.teach(session, staff, sentence_id, lesson)
            except SentenceClashError as error:
                told = {"id": str(sentence_id), "intent": lesson.intent, "message": tell(error)[0], "clashes": clash_json(clashes)}
                self.screen("clash", told)
                return
        self.screen("decided", {"sentence": sentence_json(taught), "clashes": clash_json(clashes)})
        await self.show_state()

    async def _dismiss(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            sentence = await self.teaching.dismiss(session, staff, id_of(data))
        self.screen("decided", {"sentence": sentence_json(sentence), "clashes": []})
        await self.show_state()

    async def _undo(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            sentence = await self.teaching.undo(session, staff, id_of(data))
        self.screen("decided", {"sentence": sentence_json(sentence), "clashes": []})
        await self.show_state()

    async def _train(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await retraining.ask_for_training(session, self.services.ledger, staff=staff, fine_tune=data.get("fineTune") is True)
        await self.show_state()

    async def _decide(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await retraining.confirm_run(session, self.services.ledger, id_of(data), staff=staff, use=data.get("use") is True)
        await self.show_state()

    async def _activate(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await registry.activate(session, self.services.ledger, text_of(data, "model"), by=registry.doer_of(staff))
        await self.show_state()

    async def _roll_back(self, staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await registry.roll_back(session, self.services.ledger, by=registry.doer_of(staff))
        await self.show_state()
