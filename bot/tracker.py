"""`Tracker`: the state of one talk as events, kept between turns in `Turn.dialogue`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.dialogue_events import (
    ActionRan,
    ActionRejected,
    DialogueEvent,
    Followup,
    LoopActive,
    LoopInterrupted,
    Paused,
    Restarted,
    Resumed,
    Rewound,
    SessionStarted,
    SlotSet,
    SlotsReset,
    Undone,
    UserSaid,
    event_as_json,
    event_from_json,
)
from bot.project.types import LISTEN, REQUESTED_SLOT, Domain
from bot.states import SHOULD_NOT_BE_SET, Moment, RuleOnly, State, applied_events, past_states

KEPT_EVENTS = 80
SESSION_METADATA = "session_started_metadata"
SESSION_START = "action_session_start"


@dataclass
class ActiveLoop:
    """The form that runs: whether it let the last message pass, and whether it comes back after something else."""

    name: str
    rejected: bool = False
    interrupted: bool = False


class Tracker:
    """Applies events and answers what policies and actions ask.

    `base_slots` and `base_loop` are the state before the first kept event; `truncated` says that older events were let go.
    `set_this_turn` are the slots set since the customer spoke last, `extracted_by` Baton's own actions that looked for slots then.
    `memory` holds Baton's own counters (failed understandings and the like), never shown to policies.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.events: list[DialogueEvent] = []
        self.base_slots: dict[str, Any] = {n: s.initial for n, s in domain.slots.items()}
        self.base_loop: str | None = None
        self.truncated = False
        self.memory: dict[str, Any] = {}
        self.language = ""
        self._applied: list[DialogueEvent] | None = None
        self._reset()

    def _reset(self) -> None:
        self.slots: dict[str, Any] = {REQUESTED_SLOT: None, **self.base_slots}
        self.loop: ActiveLoop | None = ActiveLoop(self.base_loop) if self.base_loop else None
        self.latest_user: UserSaid | None = None
        self.latest_action: str | None = None
        self.followup: str | None = LISTEN
        self.set_this_turn: set[str] = set()
        self.extracted_by: set[str] = set()
        self.paused = False

    @property
    def loop_name(self) -> str | None:
        """The name of the running form."""
        return self.loop.name if self.loop else None

    @property
    def requested_slot(self) -> str | None:
        """The slot that the running form asked for."""
        value = self.slots.get(REQUESTED_SLOT)
        return str(value) if value else None

    @property
    def expected_entity(self) -> str | None:
        """The entity that would answer the open question, for whoever reads the next message."""
        slot = self.domain.slots.get(self.requested_slot or "")
        return next((m.entity for m in slot.mappings if m.kind == "from_entity" and m.entity), None) if slot else None

    def apply(self, *events: DialogueEvent) -> None:
        """Records events and what follows from them."""
        for event in events:
            self.events.append(event)
            self._applied = None
            if isinstance(event, Rewound | Undone):
                self._replay()
            else:
                self._follow(event)

    def _replay(self) -> None:
        """The state as if what was taken back had never been."""
        self._reset()
        for event in self.applied():
            self._follow(event)

    def applied(self) -> list[DialogueEvent]:
        """The events that count, as policies see them."""
        if self._applied is None:
            self._applied = applied_events(self.events)
        return self._applied

    def states(self, *, rule_only: RuleOnly | None = None) -> list[State]:
        """The states before each action, the present one last (see `bot.states.past_states`)."""
        moment = Moment(self.domain, self.base_slots, loop=self.base_loop)
        return past_states(self.applied(), moment, rule_only=rule_only)

    def copy(self) -> Tracker:
        """The same talk, to try events on."""
        twin = Tracker(self.domain)
        twin.events, twin.base_slots, twin.base_loop = [*self.events], dict(self.base_slots), self.base_loop
        twin.truncated, twin.memory, twin.language = self.truncated, self.memory, self.language
        twin.slots, twin.latest_user, twin.latest_action = dict(self.slots), self.latest_user, self.latest_action
        twin.loop = ActiveLoop(self.loop.name, self.loop.rejected, self.loop.interrupted) if self.loop else None
        twin.followup, twin.set_this_turn, twin.paused = self.followup, set(self.set_this_turn), self.paused
        twin.extracted_by = set(self.extracted_by)
        return twin

    def _follow(self, event: DialogueEvent) -> None:
        if isinstance(event, UserSaid):
            self.latest_user, self.set_this_turn, self.extracted_by, self.followup = event, set(), set(), None
        elif isinstance(event, SlotSet):
            self._set_slot(event.name, event.value)
        elif isinstance(event, SlotsReset):
            self.slots.update({n: s.initial for n, s in self.domain.slots.items()})
        elif isinstance(event, ActionRan):
            self._follow_action(event)
        elif isinstance(event, Followup):
            self.followup = event.name
        elif isinstance(event, Restarted | SessionStarted):
            self._begin_anew()
            self.followup = SESSION_START if isinstance(event, Restarted) else LISTEN
        elif isinstance(event, Paused | Resumed):
            self.paused = isinstance(event, Paused)
        else:
            self._follow_loop(event)

    def _set_slot(self, name: str, value: Any) -> None:
        slot = self.domain.slots.get(name)
        if slot is not None and slot.kind == "list" and value and not isinstance(value, list):
            value = [value]
        self.slots[name] = value
        self.set_this_turn.add(name)

    def _follow_action(self, event: ActionRan) -> None:
        self.latest_action, self.followup = event.name, None
        if self.loop:
            self.loop.interrupted = False
            if event.name == self.loop.name:
                self.loop.rejected = False

    def _follow_loop(self, event: DialogueEvent) -> None:
        if isinstance(event, LoopActive):
            self.loop = ActiveLoop(event.name) if event.name and event.name != SHOULD_NOT_BE_SET else None
        elif isinstance(event, ActionRejected) and self.loop and event.name == self.loop.name:
            self.loop.rejected = True
        elif isinstance(event, LoopInterrupted) and self.loop:
            self.loop.interrupted = event.interrupted

    def _begin_anew(self) -> None:
        """What was before counts no more; the events stay until they are let go."""
        self.base_loop, self.truncated = None, False
        self.base_slots = {n: s.initial for n, s in self.domain.slots.items()}
        self._reset()

    def filled_slots(self) -> dict[str, Any]:
        """The slots that have a value, without the technical one."""
        return {n: v for n, v in self.slots.items() if v is not None and n != REQUESTED_SLOT}

    def as_dialogue(self) -> dict[str, Any]:
        """The state as JSON of bounded size: the newest events and the slots as they were before them."""
        self._let_old_events_go()
        return {
            "version": 2,
            "events": [event_as_json(e) for e in self.events],
            "base": {"slots": {n: v for n, v in self.base_slots.items() if v is not None}, "loop": self.base_loop},
            "truncated": self.truncated,
            "language": self.language,
            "memory": self.memory,
            "expected": self.expected_entity,
        }

    def _let_old_events_go(self) -> None:
        if len(self.events) <= KEPT_EVENTS:
            return
        cuts = [i + 1 for i, e in enumerate(self.events) if isinstance(e, ActionRan) and e.name == LISTEN]
        cut = next((c for c in cuts if len(self.events) - c <= KEPT_EVENTS), cuts[-1] if cuts else 0)
        if any(isinstance(e, Restarted | SessionStarted) for e in self.events[:cut]):
            self.base_slots, self.base_loop = {n: s.initial for n, s in self.domain.slots.items()}, None
        for event in applied_events(self.events[:cut]):
            if isinstance(event, SlotSet):
                self.base_slots[event.name] = event.value
            elif isinstance(event, SlotsReset):
                self.base_slots = {n: s.initial for n, s in self.domain.slots.items()}
            elif isinstance(event, LoopActive):
                self.base_loop = event.name
        began = any(isinstance(e, Restarted | SessionStarted) for e in self.events[cut:])
        self.events, self._applied = self.events[cut:], None
        self.truncated = not began and (self.truncated or cut > 0)


def restore_tracker(domain: Domain, *, dialogue: dict[str, Any], slots: dict[str, Any] | None = None) -> Tracker:
    """The tracker as `as_dialogue` left it; with `slots`, those that were changed outside in the meantime are taken over."""
    tracker = Tracker(domain)
    base = dialogue.get("base") or {}
    tracker.base_slots.update({n: v for n, v in (base.get("slots") or {}).items() if n in domain.slots})
    tracker.base_loop = base.get("loop")
    tracker.truncated = bool(dialogue.get("truncated"))
    tracker.memory = dict(dialogue.get("memory") or {})
    tracker.language = str(dialogue.get("language") or "")
    tracker._reset()
    tracker.apply(*(event_from_json(e) for e in dialogue.get("events") or []))
    if tracker.loop and not domain.knows_loop(tracker.loop.name):  # the project was changed while the talk went on
        tracker.apply(LoopActive(None), SlotSet(REQUESTED_SLOT, None))
    if slots is not None:
        take_over_slots(tracker, slots)
    return tracker


def take_over_slots(tracker: Tracker, slots: dict[str, Any]) -> None:
    """Records as events what was changed outside since the last turn: `slots` as they are now."""
    tracker.apply(*(SlotSet(n, v) for n, v in slots.items() if n in tracker.slots and tracker.slots[n] != v))
    filled = [n for n, v in tracker.slots.items() if v is not None and n not in (REQUESTED_SLOT, SESSION_METADATA)]
    tracker.apply(*(SlotSet(n, None) for n in filled if _dropped(n, slots, tracker.domain)))


def _dropped(name: str, slots: dict[str, Any], domain: Domain) -> bool:
    slot = domain.slots.get(name)
    return slot is None or (bool(slots) and name not in slots and slot.initial is None)
