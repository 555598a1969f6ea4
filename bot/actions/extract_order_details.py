"""Reads what entities miss of an order: "the other order", and an answer that is meant as number or proof but has an odd form."""

from __future__ import annotations

import re

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import DialogueEvent, Followup, SlotSet, UserSaid

OTHER_ORDER = re.compile(
    r"\b(?:the|my) other (?:order|one)\b|\b(?:a )?different order\b|\bnot (?:that|this) order\b"
    r"|另(?:外)?(?:一|嗰)?[張张個个筆笔]?(?:訂|订)?[單单]|第二[張张個个筆笔](?:訂|订)?[單单]|另外?[嗰那]?[一]?[張张]"
    r"|\ba?\s?outra (?:encomenda|compra)\b|\boutro pedido\b",
    re.IGNORECASE,
)
ODD_NUMBER = re.compile(r"\b[A-Za-z]{0,3}[-# ]?\d{4,}\b")
ODD_PROOF = re.compile(r"\S+@\S+|\+?\d[\d ()-]{5,}\d")
FORM = "track_order_form"
MOST_REST = 12  # characters


class ExtractOrderDetails:
    """Custom mapping of the slots order_number and order_proof."""

    name = "action_extract_order_details"

    async def run(self, context: ActionContext) -> ActionResult:
        user, tracker = context.tracker.latest_user, context.tracker
        if user is None:
            return ActionResult()
        if _means_other_order(user):
            return ActionResult(events=await _other_order(context))
        return ActionResult(events=_odd_answer(user, asked=tracker.requested_slot))


def _means_other_order(user: UserSaid) -> bool:
    """The words stand there, no number beside them, and they are no part of a longer question."""
    found = OTHER_ORDER.search(user.text)
    if found is None or any(e.name == "order_number" for e in user.entities):
        return False
    rest = user.text[: found.start()] + user.text[found.end() :]
    return user.intent != "faq" or len(rest.strip()) <= MOST_REST


async def _other_order(context: ActionContext) -> tuple[DialogueEvent, ...]:
    """Forgets the number; takes the other one when a verified contact has just two. Outside a form the last one follows."""
    tracker = context.tracker
    current = tracker.slots["order_number"] or tracker.slots["order_known"]
    if current is None:
        return ()
    own = await context.orders.own(context.turn) if context.turn.verified else ()
    others = [o.number for o in own if o.number != current]
    number = others[0] if len(own) == 2 and len(others) == 1 else None
    starts_itself = tracker.loop or (tracker.latest_user and tracker.latest_user.intent in ("request_return", "track_order"))
    following = () if starts_itself else (Followup(tracker.memory.get("last_form", FORM)),)
    return (SlotSet("order_number", number), *following)


def _odd_answer(user: UserSaid, *, asked: str | None) -> tuple[DialogueEvent, ...]:
    if asked == "order_number" and not any(e.name in ("order_number", "email", "phone") for e in user.entities):
        match = ODD_NUMBER.search(user.text)
        return (SlotSet("order_number", match[0].strip().upper()),) if match else ()
    if asked == "order_proof" and not any(e.name in ("email", "phone", "order_number") for e in user.entities):
        match = ODD_PROOF.search(user.text)
        return (SlotSet("order_proof", match[0]),) if match else ()
    return ()
