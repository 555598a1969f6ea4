"""The default actions of Rasa 3.6. A project may override each by an action or a response of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.actions.port import Action, ActionContext, ActionResult
from bot.dialogue_events import (
    ActionRan,
    DialogueEvent,
    LoopActive,
    Restarted,
    Rewound,
    SessionStarted,
    SlotSet,
    UserSaid,
)
from bot.project.types import LISTEN, NLU_FALLBACK, REQUESTED_SLOT, TWO_STAGE_FALLBACK
from bot.slot_filling import extract_slots
from bot.tracker import Tracker
from context.types import Button, Content

OUT_OF_SCOPE = "out_of_scope"
ASK_AFFIRMATION = "action_default_ask_affirmation"
ASK_REPHRASE = "action_default_ask_rephrase"
DEFAULT_FALLBACK = "action_default_fallback"


def _words(context: ActionContext, response: str) -> tuple[Content, ...]:
    """The response where there is one that fits."""
    said = context.find_words(response) if context.project.has_response(response) else None
    return (said,) if said else ()


class SessionStart:
    """Begins a new session; the slots of the last one are set again unless the domain says otherwise."""

    name = "action_session_start"

    async def run(self, context: ActionContext) -> ActionResult:
        tracker = context.tracker
        carried: list[DialogueEvent] = []
        if context.project.domain.session.carry_over_slots:
            base = tracker.base_slots.items()
            carried = [SlotSet(n, v) for n, v in base if v is not None and v != tracker.domain.slots[n].initial]
            carried += [e for e in tracker.applied() if isinstance(e, SlotSet)]
        return ActionResult(events=(SessionStarted(), *carried, ActionRan(LISTEN)))


class Restart:
    """Forgets everything."""

    name = "action_restart"

    async def run(self, context: ActionContext) -> ActionResult:
        return ActionResult(events=(Restarted(),), messages=_words(context, "utter_restart"))


class Back:
    """Goes back to before the customer's last message but one."""

    name = "action_back"

    async def run(self, context: ActionContext) -> ActionResult:
        return ActionResult(events=(Rewound(), Rewound()), messages=_words(context, "utter_back"))


class DefaultFallback:
    """Nothing fits: says `utter_default` and forgets the message."""

    name = DEFAULT_FALLBACK

    async def run(self, context: ActionContext) -> ActionResult:
        return ActionResult(events=(Rewound(),), messages=_words(context, "utter_default"), failed="not_understood")


class DeactivateLoop:
    """Ends the running form."""

    name = "action_deactivate_loop"

    async def run(self, context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        return ActionResult(events=(LoopActive(None), SlotSet(REQUESTED_SLOT, None)))


class UnlikelyIntent:
    """Does nothing: a project may override it."""

    name = "action_unlikely_intent"

    async def run(self, context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        return ActionResult()


class Listen:
    """Waits for the customer."""

    name = LISTEN

    async def run(self, context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        return ActionResult()


class ExtractSlots:
    """Fills slots from the latest message once more."""

    name = "action_extract_slots"

    async def run(self, context: ActionContext) -> ActionResult:
        extraction = await extract_slots(context)
        return ActionResult(events=tuple(extraction.events))


class AskAffirmation:
    """Asks whether the likeliest intent is meant, with two buttons."""

    name = ASK_AFFIRMATION

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        intent = user.intent if user else ""
        if user and intent == NLU_FALLBACK and len(user.ranking) > 1:
            intent = user.ranking[1][0]
        yes, no = Button("Yes", f"/{intent}"), Button("No", f"/{OUT_OF_SCOPE}")
        return ActionResult(messages=(Content(f"Did you mean '{intent}'?", buttons=(yes, no)),))


class AskRephrase:
    """Asks to say it in other words."""

    name = ASK_REPHRASE

    async def run(self, context: ActionContext) -> ActionResult:
        return ActionResult(messages=_words(context, "utter_ask_rephrase"))


class RevertFallbackEvents:
    """Takes back what a fallback in two stages said and asked, so that the talk looks as if it had been understood at once."""

    name = "action_revert_fallback_events"

    async def run(self, context: ActionContext) -> ActionResult:
        applied = context.tracker.applied()
        ran = [e.name for e in applied if isinstance(e, ActionRan) and e.name != LISTEN]
        said = next((e for e in reversed(applied) if isinstance(e, UserSaid)), None)
        if said is None:
            return ActionResult()
        rephrasing = (Rewound(), Rewound(), Rewound(), ActionRan(LISTEN))
        if ran[-1:] == [ASK_REPHRASE]:
            return ActionResult(events=(*rephrasing, said))
        if ran[-1:] != [ASK_AFFIRMATION]:
            return ActionResult()
        again = rephrasing if ran[-2:-1] == [ASK_REPHRASE] else ()
        return ActionResult(events=(Rewound(), Rewound(), ActionRan(LISTEN), *again, replace(said, confidence=1.0)))


class TwoStageFallback:
    """Asks to affirm the likeliest intent, then to rephrase, then gives up; a loop of its own."""

    name = TWO_STAGE_FALLBACK

    async def run(self, context: ActionContext) -> ActionResult:
        tracker = context.tracker
        begun: tuple[DialogueEvent, ...] = () if tracker.loop_name == self.name else (LoopActive(self.name),)
        if self._is_over(tracker):
            return await self._end(context, begun)
        unclear = bool(begun) or (tracker.latest_user is not None and tracker.latest_user.intent == NLU_FALLBACK)
        asked = await context.run(ASK_AFFIRMATION if unclear else ASK_REPHRASE)
        return replace(asked, events=(*begun, *asked.in_order()), messages=(), failed=asked.failed or "not_understood")

    def _is_over(self, tracker: Tracker) -> bool:
        last = tracker.latest_user.intent if tracker.latest_user else None
        return last not in (NLU_FALLBACK, OUT_OF_SCOPE) or _has_failed(tracker)

    async def _end(self, context: ActionContext, begun: tuple[DialogueEvent, ...]) -> ActionResult:
        tracker = context.tracker
        if _has_failed(tracker):
            given_up = await context.run(DEFAULT_FALLBACK)
            return replace(given_up, events=(*begun, LoopActive(None), *given_up.in_order()), messages=())
        said = (replace(tracker.latest_user, confidence=1.0),) if tracker.latest_user else ()
        return ActionResult(events=(*begun, LoopActive(None), Rewound(), ActionRan(LISTEN), *said))


def _has_failed(tracker: Tracker) -> bool:
    names = _last_intents(tracker.events, 3)
    return names[:2] == [NLU_FALLBACK, NLU_FALLBACK] or names == [OUT_OF_SCOPE, NLU_FALLBACK, OUT_OF_SCOPE]


def _last_intents(events: Sequence[DialogueEvent], count: int) -> list[str]:
    """The newest intents, newest first; what was taken back in between is left out but counts."""
    after = max((i + 1 for i, e in enumerate(events) if isinstance(e, Restarted)), default=0)
    newest = [e for e in reversed(events[after:]) if isinstance(e, UserSaid | Rewound)][:count]
    return [e.intent for e in newest if isinstance(e, UserSaid)]


DEFAULT_ACTIONS: tuple[Action, ...] = (
    SessionStart(),
    Restart(),
    Back(),
    DefaultFallback(),
    DeactivateLoop(),
    UnlikelyIntent(),
    Listen(),
    ExtractSlots(),
    AskAffirmation(),
    AskRephrase(),
    RevertFallbackEvents(),
    TwoStageFallback(),
)
