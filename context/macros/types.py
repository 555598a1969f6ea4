"""The shapes of macros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class MacroAudience(StrEnum):
    """Who may use a macro: every agent, the people of some teams, or the one who wrote it."""

    EVERYONE = "everyone"
    TEAMS = "teams"
    OWNER = "owner"


class MacroStep(StrEnum):
    """What a macro does beside its text, once the agent has sent it."""

    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    ADD_NOTE = "add_note"
    HAND_BACK = "hand_back"
    RESOLVE = "resolve"


WITH_VALUE = frozenset({MacroStep.ADD_LABEL, MacroStep.REMOVE_LABEL, MacroStep.ADD_NOTE})


@dataclass(frozen=True)
class MacroAction:
    """One step; `value` is the label or the text of the note, empty for the others."""

    step: MacroStep
    value: str = ""


@dataclass(frozen=True)
class MacroDraft:
    """A macro as it is written. `bodies`: language to text with {{variables}}; the first is taken where none fits.

    `questions` are sentences of customers that it answers, by which it is suggested.
    """

    title: str
    bodies: Mapping[str, str]
    questions: tuple[str, ...] = ()
    actions: tuple[MacroAction, ...] = ()
    audience: MacroAudience = MacroAudience.EVERYONE
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Macro:
    """A macro as it is stored. `version` rises with every change."""

    id: UUID
    draft: MacroDraft
    owner_id: UUID | None
    version: int
    used_count: int
    used_at: datetime | None
    changed_at: datetime

    @property
    def title(self) -> str:
        """The name by which people find it."""
        return self.draft.title


@dataclass(frozen=True)
class RenderedMacro:
    """A macro ready to be sent: `language` is that of the text, `values` what the variables became."""

    macro_id: UUID
    title: str
    text: str
    language: str
    actions: tuple[MacroAction, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
