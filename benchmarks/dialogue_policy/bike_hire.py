"""An invented bicycle hire: how its bot ought to behave, and talks with it written as Rasa 3 stories.

The behaviour is a small machine: questions are asked one after the other, a question of the customer's in between is answered and
then the open one asked again, an earlier answer may be corrected, a wish may be dropped or exchanged for another. Twenty-five talks are
the stories to learn from; further talks, drawn at random from the same behaviour, are held out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

SIDE = {
    "ask_hours": "utter_hours",
    "ask_price": "utter_price",
    "ask_helmet": "utter_helmet",
    "ask_place": "utter_place",
    "chitchat": "utter_chitchat",
}
WISHES: dict[str, tuple[str, ...]] = {
    "hire_bike": ("kind", "day", "days"),
    "report_damage": ("number", "part"),
    "cancel_hire": ("number",),
    "buy_pass": ("length",),
}
DONE = {
    "hire_bike": ("action_book", "utter_booked"),
    "report_damage": ("action_report", "utter_reported"),
    "cancel_hire": ("action_cancel", "utter_cancelled"),
    "buy_pass": ("action_sell_pass", "utter_pass_sold"),
}
CONFIRMED = {"hire_bike": "utter_confirm_hire", "cancel_hire": "utter_confirm_cancel"}
VALUES = {
    "kind": ("city", "mountain"),
    "day": ("monday", "friday"),
    "days": ("2", "5"),
    "number": ("77", "81"),
    "part": ("brake", "chain"),
    "length": ("month", "year"),
}
CATEGORIES = {"kind": ("city", "mountain", "electric")}
INTENTS = (*SIDE, *WISHES, "inform", "affirm", "deny", "stop", "greet", "thank", "bye", "human")
ACTIONS = ("action_book", "action_report", "action_cancel", "action_sell_pass", "action_hand_over")

Said = tuple[str, str | None]
"""An intent and the slot that the message fills."""


@dataclass
class Bot:
    """The behaviour: what the bot does on a message."""

    wish: str | None = None
    filled: set[str] = field(default_factory=set)
    asked: str | None = None

    def take(self, said: Said) -> list[str]:
        """The actions that answer a message; a filled slot counts as set before them."""
        intent, slot = said
        if intent in SIDE:
            return [SIDE[intent], *([self.asked] if self.asked else [])]
        if intent in WISHES:
            self.wish, self.filled = intent, set()
            return self._go_on()
        return getattr(self, f"_{intent}")(slot) if hasattr(self, f"_{intent}") else self._talk(intent)

    def possible(self) -> list[Said]:
        """What a sensible customer may say now."""
        found: list[Said] = [(name, None) for name in (*SIDE, "human")]
        if self.asked == "utter_ask_anything_else":
            found += [("deny", None), ("affirm", None), ("thank", None)]
        elif self.asked and self.asked.startswith("utter_confirm"):
            found += [("affirm", None)] * 4 + [("deny", None), ("inform", sorted(self.filled)[0])]
        elif self.wish:
            open_slot = self.asked.removeprefix("utter_ask_") if self.asked else ""
            found += [("inform", open_slot)] * 6 + [("stop", None), ("thank", None)]
            found += [("inform", slot) for slot in sorted(self.filled)]
        else:
            found += [("greet", None), ("thank", None), ("bye", None)]
        return found + [(wish, None) for wish in WISHES if wish != self.wish]

    def _go_on(self) -> list[str]:
        wish = self.wish or ""
        missing = [slot for slot in WISHES[wish] if slot not in self.filled]
        if missing:
            self.asked = f"utter_ask_{missing[0]}"
        elif wish in CONFIRMED:
            self.asked = CONFIRMED[wish]
        else:
            return self._finish()
        return [self.asked]

    def _finish(self) -> list[str]:
        done = DONE[self.wish or ""]
        self.wish, self.filled, self.asked = None, set(), "utter_ask_anything_else"
        return [*done, self.asked]

    def _inform(self, slot: str | None) -> list[str]:
        corrected = slot in self.filled
        self.filled.add(slot or "")
        return ["utter_changed", *self._go_on()] if corrected else self._go_on()

    def _affirm(self, _: str | None) -> list[str]:
        if self.asked and self.asked.startswith("utter_confirm"):
            return self._finish()
        self.asked = None
        return ["utter_what_else"]

    def _deny(self, _: str | None) -> list[str]:
        return self._drop() if self.wish else self._part()

    def _stop(self, _: str | None) -> list[str]:
        return self._drop()

    def _drop(self) -> list[str]:
        self.wish, self.filled, self.asked = None, set(), "utter_ask_anything_else"
        return ["utter_dropped", self.asked]

    def _part(self) -> list[str]:
        self.asked = None
        return ["utter_bye"]

    def _talk(self, intent: str) -> list[str]:
        if intent == "human":
            self.wish, self.asked = None, None
            return ["utter_wait_for_person", "action_hand_over"]
        said = {"greet": "utter_greet", "thank": "utter_welcome", "bye": "utter_bye"}[intent]
        return [said, *([self.asked] if self.asked and intent == "thank" else [])]


def _wish(*said: str) -> list[Said]:
    """`a` is an intent, `+a` informs of slot a."""
    return [("inform", part[1:]) if part.startswith("+") else (part, None) for part in said]


HIRE = ("hire_bike", "+kind", "+day", "+days")
TALKS: tuple[list[Said], ...] = (
    _wish("greet", *HIRE, "affirm", "deny"),
    _wish(*HIRE, "affirm", "thank"),
    _wish("greet", *HIRE, "deny", "deny"),
    _wish("hire_bike", "ask_price", "+kind", "+day", "+days", "affirm", "deny"),
    _wish("hire_bike", "+kind", "ask_hours", "+day", "+days", "affirm", "affirm", "ask_place"),
    _wish("greet", "hire_bike", "+kind", "+day", "+kind", "+days", "affirm", "deny"),
    _wish("hire_bike", "+kind", "+day", "stop", "deny"),
    _wish(*HIRE, "+day", "affirm", "deny"),
    _wish(*HIRE, "ask_helmet", "affirm", "thank"),
    _wish("hire_bike", "stop", "affirm", "ask_hours"),
    _wish("report_damage", "+number", "+part", "deny"),
    _wish("greet", "report_damage", "+number", "ask_place", "+part", "affirm", "hire_bike", "+kind", "+day", "+days", "affirm", "deny"),
    _wish("report_damage", "+number", "+number", "+part", "thank"),
    _wish("report_damage", "human"),
    _wish("cancel_hire", "+number", "affirm", "deny"),
    _wish("greet", "cancel_hire", "chitchat", "+number", "affirm", "deny"),
    _wish("cancel_hire", "+number", "deny", "deny"),
    _wish("cancel_hire", "hire_bike", "+kind", "+day", "+days", "affirm", "deny"),
    _wish("buy_pass", "+length", "deny"),
    _wish("buy_pass", "ask_price", "+length", "affirm", "report_damage", "+number", "+part", "deny"),
    _wish("greet", "ask_hours", "ask_price", "bye"),
    _wish("ask_place", "thank", "bye"),
    _wish("greet", "chitchat", "ask_helmet", "thank", "bye"),
    _wish("hire_bike", "+kind", "human"),
    _wish("greet", "human"),
)


def held_out(count: int, *, seed: int = 1) -> list[list[Said]]:
    """`count` different talks of the same behaviour that no story tells: each has turns drawn at random among what makes sense."""
    draw, found = random.Random(seed), list[list[Said]]()
    while len(found) < count:
        bot, said = Bot(), list[Said]()
        for _ in range(draw.randint(4, 9)):
            said.append(draw.choice(bot.possible()))
            bot.take(said[-1])
            if said[-1][0] in ("bye", "human"):
                break
        if len(said) > 2 and said not in found and said not in TALKS:
            found.append(said)
    return found


def as_stories(talks: Sequence[list[Said]], *, name: str) -> str:
    """The talks as a Rasa 3 file of stories."""
    lines = ['version: "3.1"', "stories:"]
    for number, talk in enumerate(talks):
        bot, values = Bot(), dict.fromkeys(VALUES, 0)
        lines += [f"- story: {name} {number}", "  steps:"]
        for intent, slot in talk:
            lines.append(f"  - intent: {intent}")
            if slot:
                value = VALUES[slot][values[slot] % 2]
                values[slot] += 1
                lines += ["    entities:", f"    - {slot}: {value}", "  - slot_was_set:", f"    - {slot}: {value}"]
            for action in bot.take((intent, slot)):
                lines.append(f"  - action: {action}")
    return "\n".join(lines) + "\n"


def domain() -> str:
    """The domain as a Rasa 3 file."""
    said = sorted({*SIDE.values(), *CONFIRMED.values(), *(a for done in DONE.values() for a in done if a.startswith("utter")), *_OTHERS})
    lines = ['version: "3.1"', "intents:", *(f"- {name}" for name in INTENTS), "entities:", *(f"- {slot}" for slot in VALUES), "slots:"]
    for slot in VALUES:
        kind = "categorical" if slot in CATEGORIES else "text"
        lines += [f"  {slot}:", f"    type: {kind}", "    influence_conversation: true"]
        lines += ["    values:", *(f"    - {value}" for value in CATEGORIES[slot])] if slot in CATEGORIES else []
        lines += ["    mappings:", "    - type: from_entity", f"      entity: {slot}"]
    lines += ["responses:", *(line for name in said for line in (f"  {name}:", f"  - text: {name.removeprefix('utter_')}"))]
    return "\n".join([*lines, "actions:", *(f"- {name}" for name in ACTIONS)]) + "\n"


_OTHERS = (
    "utter_ask_anything_else",
    "utter_bye",
    "utter_changed",
    "utter_dropped",
    "utter_greet",
    "utter_wait_for_person",
    "utter_welcome",
    "utter_what_else",
    *(f"utter_ask_{slot}" for slot in VALUES),
)
