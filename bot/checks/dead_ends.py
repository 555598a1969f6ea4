"""Where a talk would end in nothing: words nobody answers, forms nobody starts or that nothing follows, checkpoints nobody joins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.finding import Finding
from bot.commands import read_command
from bot.project.types import (
    DEFAULT_INTENTS,
    ActionStep,
    CheckpointStep,
    Flow,
    LoopStep,
    OrStep,
    Project,
    SlotStep,
    UserStep,
)

_COMMAND = re.compile(r"/([^{@\s]+)")


def dead_ends(project: Project) -> Iterator[Finding]:
    """Flows, buttons, forms and checkpoints that lead nowhere."""
    yield from _unanswered(project)
    yield from _checkpoints(project)
    yield from _forms(project)
    yield from _buttons(project)


def _flows(project: Project) -> tuple[Flow, ...]:
    return (*project.rules, *project.stories)


def _unanswered(project: Project) -> Iterator[Finding]:
    for flow in _flows(project):
        heard = next((s for s in reversed(flow.steps) if not isinstance(s, SlotStep | LoopStep)), None)
        if isinstance(heard, UserStep | OrStep):
            message = f"{flow.name!r} ends with what the customer says"
            yield Finding.warning(heard.place, message, remedy="Write the action that answers it.")


def _checkpoints(project: Project) -> Iterator[Finding]:
    starts: dict[str, CheckpointStep] = {}
    ends: dict[str, CheckpointStep] = {}
    for flow in project.stories:
        begun = False
        for step in flow.steps:
            if isinstance(step, CheckpointStep):
                (ends if begun else starts).setdefault(step.name, step)
            else:
                begun = True
    for name, step in starts.items():
        if name not in ends:
            yield Finding.error(step.place, f"no story leads to the checkpoint {name!r}", remedy="End a story with it, or begin otherwise.")
    for name, step in ends.items():
        if name not in starts and not _goes_on(project, name):
            yield Finding.warning(step.place, f"no story goes on at the checkpoint {name!r}", remedy="Begin a story with it, or remove it.")


def _goes_on(project: Project, name: str) -> bool:
    """Whether a story has steps behind this checkpoint."""
    return any(
        isinstance(step, CheckpointStep) and step.name == name and not all(isinstance(s, CheckpointStep) for s in flow.steps[i + 1 :])
        for flow in project.stories
        for i, step in enumerate(flow.steps)
    )


def _forms(project: Project) -> Iterator[Finding]:
    started = {s.name for flow in _flows(project) for s in flow.steps if isinstance(s, ActionStep)}
    followed = {name for flow in _flows(project) for name in _ended_forms(flow)}
    own = not project.config.foreign
    for form in project.domain.forms.values():
        if form.name not in started and not own:
            yield Finding.warning(form.place, f"no rule or story starts the form {form.name!r}", remedy="Write one, or remove the form.")
        elif form.name not in followed:
            remedy = f"Write a rule with `active_loop: {form.name}` as its condition that goes on after `active_loop: null`."
            yield Finding.warning(form.place, f"nothing follows when the form {form.name!r} is done", remedy=remedy)


def _ended_forms(flow: Flow) -> Iterator[str]:
    """The forms that come to their own end in the flow, which then does something."""
    ran: str | None = None
    ended: str | None = None
    for step in (*flow.conditions, *flow.steps):
        if isinstance(step, LoopStep):
            ended = ran if step.name is None else None
        elif isinstance(step, ActionStep):
            if ended and step.name != ended:
                yield ended
            ran = step.name


def _buttons(project: Project) -> Iterator[Finding]:
    for said in project.responses.values():
        for response in said.values():
            for variation in response.variations:
                for button in variation.buttons:
                    named = _COMMAND.match(button.payload.strip())
                    if named and read_command(button.payload, project.domain) is None and named[1] not in DEFAULT_INTENTS:
                        message = f"a button of {response.name!r} sends the intent {named[1]!r}, which there is not"
                        yield Finding.error(variation.place, message, remedy="Add it to `intents`, or mend the payload.")
