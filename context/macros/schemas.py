"""Shapes of /v1/macros."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from context.macros.types import Macro, MacroAction, MacroAudience, MacroDraft, MacroStep, RenderedMacro


class ActionShape(BaseModel):
    """One step beside the text."""

    model_config = ConfigDict(extra="forbid")

    step: MacroStep
    value: str = Field(default="", max_length=2000)


class MacroIn(BaseModel):
    """A macro as it is written; `bodies` maps languages to texts with {{variables}}."""

    model_config = ConfigDict(extra="forbid")

    title: str
    bodies: dict[str, str]
    questions: list[str] = []
    actions: list[ActionShape] = []
    audience: MacroAudience = MacroAudience.EVERYONE
    teams: list[str] = []

    def draft(self) -> MacroDraft:
        """The same, as the house speaks of it."""
        actions = tuple(MacroAction(one.step, one.value) for one in self.actions)
        return MacroDraft(self.title, self.bodies, tuple(self.questions), actions, self.audience, tuple(self.teams))


class MacroChange(MacroIn):
    """A changed macro, with the version that was read."""

    expected_version: int


class MacroOut(MacroIn):
    """A stored macro."""

    id: UUID
    owner_id: UUID | None
    version: int
    used_count: int
    used_at: datetime | None
    changed_at: datetime


class RenderWhere(BaseModel):
    """Where a macro is to be used."""

    conversation_id: UUID
    order_number: str | None = None


class RenderedOut(BaseModel):
    """A macro ready to be sent."""

    macro_id: UUID
    title: str
    text: str
    language: str
    actions: list[ActionShape]
    values: dict[str, str]


def macro_out(macro: Macro) -> MacroOut:
    """A macro as JSON."""
    draft = macro.draft
    return MacroOut(
        id=macro.id,
        title=draft.title,
        bodies=dict(draft.bodies),
        questions=list(draft.questions),
        actions=[ActionShape(step=one.step, value=one.value) for one in draft.actions],
        audience=draft.audience,
        teams=list(draft.teams),
        owner_id=macro.owner_id,
        version=macro.version,
        used_count=macro.used_count,
        used_at=macro.used_at,
        changed_at=macro.changed_at,
    )


def rendered_out(rendered: RenderedMacro) -> RenderedOut:
    """A rendered macro as JSON."""
    actions = [ActionShape(step=one.step, value=one.value) for one in rendered.actions]
    return RenderedOut(
        macro_id=rendered.macro_id, title=rendered.title, text=rendered.text, language=rendered.language, actions=actions,
        values=dict(rendered.values),
    )  # fmt: skip
