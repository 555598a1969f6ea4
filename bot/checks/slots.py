"""Slots that nothing fills or nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.finding import Finding
from bot.project.types import Project, Slot, SlotStep

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def slot_findings(project: Project) -> Iterator[Finding]:
    """Slots that a form asks for and no mapping can fill, and slots that stand in the domain alone."""
    asked = {name for form in project.domain.forms.values() for name in form.required_slots}
    used = asked | _named(project)
    actions = bool(project.domain.actions)
    for slot in project.domain.slots.values():
        if slot.name in asked and not slot.mappings and f"validate_{_form_of(project, slot)}" not in project.domain.actions:
            message = f"a form asks for the slot {slot.name!r}, which no mapping fills"
            yield Finding.error(slot.place, message, remedy="Add `mappings`, such as `- type: from_text`.")
        elif slot.name not in used and not actions:
            yield Finding.warning(slot.place, f"nothing uses the slot {slot.name!r}", remedy="Use it, or remove it.")
        elif slot.name not in used and not slot.influence and not slot.mappings and project.config.foreign:
            message = f"no rule, story, form or response uses the slot {slot.name!r}, and no mapping fills it"
            yield Finding.warning(slot.place, message, remedy="Remove it, unless an action of yours uses it.")


def _form_of(project: Project, slot: Slot) -> str:
    return next(f.name for f in project.domain.forms.values() if slot.name in f.required_slots)


def _named(project: Project) -> set[str]:
    """The slots that flows, conditions and texts name."""
    flows = (*project.rules, *project.stories)
    named = {s.name for flow in flows for s in (*flow.conditions, *flow.steps) if isinstance(s, SlotStep)}
    for said in project.responses.values():
        for response in said.values():
            for variation in response.variations:
                named |= {c.slot for c in variation.conditions}
                named |= set(_PLACEHOLDER.findall(" ".join([variation.text, *(b.title + b.payload for b in variation.buttons)])))
    return named
