"""What the page of macros asks for: those that all agents share, with a text for each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.inbox.view import milliseconds
from console.obeying import Data, Obeying, id_of, number_of, text_of, texts_of
from console.services import ConsoleServices
from console.web import Screen
from context.macros.storing import access_macro, change_macro, create_macro, list_macros, remove_macro
from context.macros.types import Macro, MacroAction, MacroAudience, MacroDraft, MacroStep
from context.macros.variables import VARIABLES
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from context.staff.teams import list_teams
from kit.errors import InvalidInputError


class MacroCommands(Obeying):
    """The page /console/admin/macros."""

    right = "manage_macros"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "save": self._save, "remove": self._remove}

    async def _list(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session, staff, text_of(data, "text"))

    async def _show(self, session: AsyncSession, staff: StaffRow, text: str = "") -> None:
        found = [one for one in await list_macros(session, staff, text=text) if one.draft.audience != MacroAudience.OWNER]
        teams = [{"key": one.key, "name": one.name} for one in await list_teams(session)]
        told = {"macros": [_macro_json(one) for one in found], "teams": teams, "variables": sorted(VARIABLES), "steps": list(MacroStep)}
        self.screen("list", told)

    async def _save(self, staff: StaffRow, data: Data) -> None:
        draft, clock = _draft(data), self.services.ledger.clock
        async with self.services.database.transaction() as session:
            if data.get("id"):
                version = number_of(data, "version")
                saved = await change_macro(session, staff, id_of(data), draft, expected_version=version, clock=clock)
            else:
                saved = await create_macro(session, staff, draft, clock=clock)
            await self._record(session, staff, "macro.changed" if data.get("id") else "macro.created", saved)
            await self._show(session, staff)
        self.screen("done", {"what": "saved", "name": saved.title})

    async def _remove(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            macro = await access_macro(session, staff, id_of(data))
            await remove_macro(session, staff, macro.id)
            await self._record(session, staff, "macro.removed", macro)
            await self._show(session, staff)
        self.screen("done", {"what": "removed", "name": macro.title})

    async def _record(self, session: AsyncSession, staff: StaffRow, action: str, macro: Macro) -> None:
        await record_change(session, staff, action, Subject("macro", str(macro.id), macro.title), at=self.services.ledger.now)


def _macro_json(one: Macro) -> dict[str, Any]:
    draft = one.draft
    return {
        "id": str(one.id),
        "title": draft.title,
        "bodies": dict(draft.bodies),
        "questions": list(draft.questions),
        "actions": [{"step": action.step.value, "value": action.value} for action in draft.actions],
        "audience": draft.audience.value,
        "teams": list(draft.teams),
        "version": one.version,
        "used": one.used_count,
        "changedAt": milliseconds(one.changed_at),
    }


def _draft(data: Data) -> MacroDraft:
    bodies = data.get("bodies")
    texts = {str(code): str(text) for code, text in bodies.items() if str(text).strip()} if isinstance(bodies, Mapping) else {}
    found = data.get("actions")
    actions = tuple(_action(one) for one in found if isinstance(one, dict)) if isinstance(found, list) else ()
    teams = tuple(texts_of(data, "teams"))
    audience = MacroAudience.TEAMS if teams else MacroAudience.EVERYONE
    questions = tuple(one.strip() for one in texts_of(data, "questions") if one.strip())
    return MacroDraft(text_of(data, "title"), texts, questions, actions, audience, teams)


def _action(data: Data) -> MacroAction:
    try:
        return MacroAction(MacroStep(text_of(data, "step")), text_of(data, "value"))
    except ValueError:
        raise InvalidInputError("There is no such step of a macro") from None
