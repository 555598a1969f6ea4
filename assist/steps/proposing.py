"""Which action a customer likely wants, from what was understood, noted and shown. Pure.

The table names intents of the project that ships; a project of one's own gets the same help for intents of the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assist.steps.asking import QUESTIONS
from assist.steps.types import Proposal, Question
from context.orders.policy import ProblemKind, find_item, refusal_of_change, refusal_of_invoice, refusal_of_problem, refusal_of_return
from context.orders.types import OrderStatus, ReturnWish
from context.types import Order, Understanding

LEAST, MOST = 0.25, 3
OLDER = 0.7  # what a message counts for each one since
RETURN, CANCEL, ADDRESS, INVOICE, PROBLEM, COMPLAINT = (
    "request_return", "cancel_order", "change_address", "request_invoice", "report_problem", "record_complaint",
)  # fmt: skip
NEEDED: Mapping[str, tuple[str, ...]] = {
    RETURN: ("order_number", "item", "reason", "wish"),
    CANCEL: ("order_number",),
    ADDRESS: ("order_number", "line", "city"),
    INVOICE: ("order_number",),
    PROBLEM: ("order_number", "problem"),
    COMPLAINT: ("words",),
}
"""What each action cannot do without."""
WISHES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "request_return": (RETURN, {}),
    "faq/return_policy": (RETURN, {}),
    "faq/refund_time": (RETURN, {"wish": ReturnWish.REFUND.value}),
    "cancel_order": (CANCEL, {}),
    "change_address": (ADDRESS, {}),
    "faq/invoice": (INVOICE, {}),
    "faq/damaged_item": (PROBLEM, {"problem": ProblemKind.DAMAGED.value}),
    "faq/wrong_item": (PROBLEM, {"problem": ProblemKind.WRONG.value}),
    "faq/lost_parcel": (PROBLEM, {"problem": ProblemKind.LOST.value}),
    "faq/late_parcel": (PROBLEM, {"problem": ProblemKind.LATE.value}),
    "complain": (COMPLAINT, {}),
}
"""By intent the action and what it says of itself."""
WEAK = {"faq/return_policy": 0.5, "faq/refund_time": 0.4, "faq/invoice": 0.8}  # a question is not yet a wish
_NOTED = {"item": "return_item", "reason": "return_reason", "wish": "return_wish", "line": "address_line", "city": "address_city"}
_BY_STATUS = {OrderStatus.LOST: ProblemKind.LOST, OrderStatus.DELAYED: ProblemKind.LATE, OrderStatus.DAMAGED_REPORTED: ProblemKind.DAMAGED}


@dataclass(frozen=True)
class Situation:
    """What is known: the customer's messages (newest last) with what was understood, the bot's slots, the order, the time."""

    said: Sequence[tuple[str, Understanding]]
    slots: Mapping[str, Any]
    order: Order | None
    now: datetime


def propose(situation: Situation) -> tuple[Proposal, ...]:
    """The likeliest actions, those that the rules allow first."""
    chances: dict[str, tuple[float, dict[str, Any]]] = {}
    weight = 1.0
    for _, understood in reversed(situation.said):
        for intent, probability in _intents(understood):
            action, fixed = WISHES.get(intent, ("", {}))
            chance = weight * WEAK.get(intent, 1.0) * probability
            if action and chance > chances.get(action, (0.0, {}))[0]:
                chances[action] = (chance, fixed)
        weight *= OLDER
    _from_order(situation, chances)
    found = [_proposal(action, fixed, chance, situation) for action, (chance, fixed) in chances.items() if chance >= LEAST]
    return tuple(sorted(found, key=lambda one: (one.refusal is not None, -one.chance))[:MOST])


def questions_for(proposals: Sequence[Proposal], language: str) -> tuple[Question, ...]:
    """What the likeliest allowed action still lacks, as sentences; nothing when no action is likely."""
    first = next((one for one in proposals if one.refusal is None), None)
    if first is None:
        return ()
    known = [(name, QUESTIONS[name]) for name in first.missing if name in QUESTIONS]
    return tuple(Question(name, first.action, texts.get(language, texts["en"])) for name, texts in known)


def _intents(understood: Understanding) -> list[tuple[str, float]]:
    first = [(understood.intent, understood.confidence)] if understood.intent else []
    return [*first, *understood.also]


def _from_order(situation: Situation, chances: dict[str, tuple[float, dict[str, Any]]]) -> None:
    """Who asks after an order that is late, lost or broken likely wants that looked into."""
    kind = _BY_STATUS.get(OrderStatus(situation.order.status)) if situation.order and _known(situation.order.status) else None
    newest = situation.said[-1][1] if situation.said else None
    if kind is not None and newest is not None and newest.intent == "track_order":
        chances.setdefault(PROBLEM, (0.8 * newest.confidence, {"problem": kind.value}))


def _known(status: str) -> bool:
    return status in set(OrderStatus)


def _proposal(action: str, fixed: Mapping[str, Any], chance: float, situation: Situation) -> Proposal:
    arguments = {name: value for name in NEEDED[action] if (value := fixed.get(name) or _value(name, situation)) is not None}
    missing = tuple(name for name in NEEDED[action] if name not in arguments)
    return Proposal(action, arguments, missing, round(min(1.0, chance), 3), _refusal(action, arguments, situation))


def _value(name: str, situation: Situation) -> Any:
    order = situation.order
    if name == "order_number":
        return order.number if order else None
    if name == "words":
        return situation.said[-1][0] if situation.said else None
    noted = situation.slots.get(_NOTED.get(name, ""))
    if noted:
        return noted
    return _item(situation) if name == "item" else None


def _item(situation: Situation) -> str | None:
    """The item that can only be meant: the only one, or the one that the customer names."""
    order = situation.order
    if order is None or not order.items:
        return None
    if len(order.items) == 1:
        return order.items[0].sku
    for text, understood in reversed(situation.said):
        for entity in understood.entities:
            item = find_item(order, str(entity.value or entity.text))
            if item is not None:
                return item.sku
        named = [item for item in order.items if item.title.casefold() in text.casefold()]
        if len(named) == 1:
            return named[0].sku
    return None


def _refusal(action: str, arguments: Mapping[str, Any], situation: Situation) -> str | None:
    order = situation.order
    found = _REFUSALS[action](order, arguments, situation.now) if order is not None and action in _REFUSALS else None
    return str(found.value) if found is not None else None


def _of_return(order: Order, arguments: Mapping[str, Any], now: datetime) -> StrEnum | None:
    if "item" not in arguments:
        return None
    return refusal_of_return(order, item=arguments["item"], reason=str(arguments.get("reason", "")), now=now)


def _of_problem(order: Order, arguments: Mapping[str, Any], now: datetime) -> StrEnum | None:
    return refusal_of_problem(order, kind=ProblemKind(arguments["problem"]), now=now) if "problem" in arguments else None


_REFUSALS: Mapping[str, Callable[[Order, Mapping[str, Any], datetime], StrEnum | None]] = {
    CANCEL: lambda order, _arguments, _now: refusal_of_change(order),
    ADDRESS: lambda order, _arguments, _now: refusal_of_change(order),
    INVOICE: lambda order, _arguments, now: refusal_of_invoice(order, company=False, now=now),
    PROBLEM: _of_problem,
    RETURN: _of_return,
}
