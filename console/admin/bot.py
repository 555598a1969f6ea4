"""What the page of bot versions asks for: train with progress, look at test figures, make a version live, go back."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.admin.view import version_json
from console.learning.view import run_json
from console.obeying import Data, Obeying, id_of, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.models import StaffRow
from insights import registry, retraining
from insights.queue import count_untrained

MODELS = 50


class BotCommands(Obeying):
    """The page /console/admin/bot."""

    right = "manage_bot"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "list": self._list,
            "train": self._train,
            "decide": self._decide,
            "activate": self._activate,
            "rollback": self._roll_back,
        }
        self._shown: dict[str, Any] | None = None

    async def show_state(self) -> None:
        """Tells the page how training and versions stand, if that has changed since it was told last."""
        async with self.services.database.transaction() as session:
            await self.login.check_in(session, self.right)
            state = await self._read(session)
        if state != self._shown:
            self._shown = state
            self.screen("state", state)

    async def _read(self, session: AsyncSession) -> dict[str, Any]:
        await retraining.close_silent(session, self.services.ledger)
        models = await registry.list_models(session, limit=MODELS)
        run = run_json(await retraining.find_latest_run(session))
        return {"run": run, "models": [version_json(one) for one in models], "untrained": await count_untrained(session)}

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        self._shown = None
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
