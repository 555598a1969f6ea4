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
    Restarted,
    SessionStarted,
    SlotSet,
    UserSaid,
    event_as_json,
    event_from_json,
)
from bot.project.types import LISTEN, REQUESTED_SLOT, Domain

KEPT_EVENTS = 80


@dataclass
class ActiveLoop:
    """The form that runs: whether it let the last message pass, and whether it comes back after something else."""

    name: str
    rejected: bool = False
    interrupted: bool = False


class Tracker:
    """Applies events and answers what policies and actions ask.

    `base_slots` and `base_loop` are the state before the first kept event; `truncated` says that older events were let go.
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
        self._reset()

    def _reset(self) -> None:
        self.slots: dict[str, Any] = {REQUESTED_SLOT: None, **self.base_slots}
        self.loop: ActiveLoop | None = ActiveLoop(self.base_loop) if self.base_loop else None
        self.latest_user: UserSaid | None = None
        self.latest_action: str | None = None
        self.followup: str | None = None
        self.set_this_turn: set[str] = set()

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
            self._follow(event)

    def _follow(self, event: DialogueEvent) -> None:
        if isinstance(event, UserSaid):
            self.latest_user, self.set_this_turn, self.followup = event, set(), None
        elif isinstance(event, SlotSet):
            self.slots[event.name] = event.value
            self.set_this_turn.add(event.name)
        elif isinstance(event, ActionRan):
            self._follow_action(event)
        elif isinstance(event, Followup):
            self.followup = event.name
        elif isinstance(event, Restarted | SessionStarted):
            self._follow_restart(event)
        else:
            self._follow_loop(event)

    def _follow_action(self, event: ActionRan) -> None:
        self.latest_action, self.followup = event.name, None
        if self.loop and event.name == self.loop.name:
            self.loop.rejected = self.loop.interrupted = False

    def _follow_loop(self, event: DialogueEvent) -> None:
        if isinstance(event, LoopActive):
            self.loop = ActiveLoop(event.name) if event.name else None
        elif isinstance(event, ActionRejected) and self.loop and event.name == self.loop.name:
            self.loop.rejected = True
        elif isinstance(event, LoopInterrupted) and self.loop:
            self.loop.interrupted = event.interrupted

    def _follow_restart(self, event: Restarted | SessionStarted) -> None:
        kept = self.slots if isinstance(event, SessionStarted) else {}
        self.events, self.base_loop, self.truncated = [], None, False
        self.base_slots = {n: kept.get(n, s.initial) for n, s in self.domain.slots.items()}
        self._reset()

    def filled_slots(self) -> dict[str, Any]:
        """The slots that have a value, without the technical one."""
        return {n: v for n, v in self.slots.items() if v is not None and n != REQUESTED_SLOT}

    def as_dialogue(self) -> dict[str, Any]:
        """The state as JSON of bounded size: the newest events and the slots as they were before them."""
        self._let_old_events_go()
        return {
            "version": 1,
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
        for event in self.events[:cut]:
            if isinstance(event, SlotSet):
                self.base_slots[event.name] = event.value
            elif isinstance(event, LoopActive):
                self.base_loop = event.name
        self.events, self.truncated = self.events[cut:], self.truncated or cut > 0


def restore_tracker(domain: Domain, *, slots: dict[str, Any], dialogue: dict[str, Any]) -> Tracker:
    """The tracker as `as_dialogue` left it; slots that were changed outside in the meantime are taken over as events."""
    tracker = Tracker(domain)
    base = dialogue.get("base") or {}
    tracker.base_slots.update(base.get("slots") or {})
    tracker.base_loop = base.get("loop")
    tracker.truncated = bool(dialogue.get("truncated"))
    tracker.memory = dict(dialogue.get("memory") or {})
    tracker.language = str(dialogue.get("language") or "")
    tracker._reset()
    tracker.apply(*(event_from_json(e) for e in dialogue.get("events") or []))
    if not tracker.events:
        tracker.apply(ActionRan(LISTEN))
    if tracker.loop and tracker.loop.name not in domain.forms:  # the project was changed while the talk went on
        tracker.apply(LoopActive(None), SlotSet(REQUESTED_SLOT, None))
    tracker.apply(*(SlotSet(n, v) for n, v in slots.items() if n in tracker.slots and tracker.slots[n] != v))
    tracker.apply(
        *(SlotSet(n, None) for n, v in tracker.slots.items() if v is not None and n != REQUESTED_SLOT and _dropped(n, slots, domain))
    )
    return tracker


def _dropped(name: str, slots: dict[str, Any], domain: Domain) -> bool:
    slot = domain.slots.get(name)
    return slot is None or (bool(slots) and name not in slots and slot.initial is None)
