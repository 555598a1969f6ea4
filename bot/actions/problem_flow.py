"""Something is wrong with a parcel: what, with which order, a confirmation, a case for the desk."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.actions.dates import day_in_words
from bot.actions.flow_slots import cleared
from bot.actions.free_words import NEVER, NOTHING, optional_answer
from bot.actions.hand_off import person_button
from bot.actions.offer import offer
from bot.actions.open_order import OrderFormRules, end_form
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import LoopActive, SlotSet
from context.orders.policy import ProblemKind, ProblemRefusal, refusal_of_problem, trace_from
from context.types import Button, Effect, Order

FORM = "problem_form"
KIND_OF = {"faq/late_parcel": "late", "faq/lost_parcel": "lost", "faq/damaged_item": "damaged", "faq/wrong_item": "wrong"}
KINDS = {
    "missing": r"missing|not in the box|incomplete|short of|漏|少咗|少了|缺|冇放|没放|em falta|falta(?:va|m)?\b|incomplet",
    "damaged": (
        r"broken|damag|crack|chip|shatter|smash|defect|faulty|leak|dent|爛|烂|壞|坏|破|裂|崩|碎|損|损|瑕疵"
        r"|partid|danificad|rachad|lascad|defeit|estragad|quebrad|amolgad"
    ),
    "wrong": r"wrong|not what i ordered|different|mistake|錯|错|唔係我|不是我|errad|engan|trocad|n[aã]o (?:foi|era|é) o que",
    "lost": r"lost|never (?:came|arrived)|not (?:received|here|arrived)|nothing came|stolen|唔見|不見|不见|丟|丢|遺失|遗失|冇收到|沒收到"
        r"|没收到|perdid|extravi|n[aã]o (?:chegou|recebi)|roubad",
    "late": r"late|delay|still waiting|overdue|遲|迟|延誤|延误|仲未到|還沒到|还没到|atras|demor|ainda n[aã]o",
}  # fmt: skip


def offer_report(context: ActionContext, kind: str) -> ActionResult:
    """Offers to have a problem looked into, or a person; nothing while a form runs."""
    if context.tracker.loop:
        return ActionResult()
    payload = f"/report_problem{json.dumps({'problem_kind': kind})}"
    buttons = (Button(context.word("utter_button_report", "Report it"), payload), person_button(context))
    said = context.say("utter_offer_report", buttons=buttons)
    return ActionResult(events=(SlotSet("problem_kind", kind), offer("problem")), messages=(said,))


class ProblemFormRules(OrderFormRules):
    """Ends with an explanation when it is too early or too late, and with a word when the customer says no."""

    name = "validate_problem_form"

    async def check(self, order: Order, candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
        kind = context.tracker.slots["problem_kind"]
        if kind not in set(ProblemKind):
            return ActionResult(events=(SlotSet("problem_kind", None),))
        refusal = refusal_of_problem(order, kind=ProblemKind(kind), now=context.turn.now)
        if refusal:
            return _refuse(refusal, order, context)
        other = changed or candidates.keys() & {"problem_kind", "problem_details", "order_number"}
        if candidates.get("problem_confirmed") is False and not other:
            return end_form(context, "utter_problem_dropped", person=False)
        return ActionResult(events=(SlotSet("problem_confirmed", None),)) if other else ActionResult()


def _refuse(refusal: ProblemRefusal, order: Order, context: ActionContext) -> ActionResult:
    expected = next((p.expected_on for p in order.shipments if p.expected_on and not p.delivered_on), None)
    due = trace_from(order)
    if refusal == ProblemRefusal.NOT_LATE and expected and due:
        days: dict[str, Any] = {"day": day_in_words(expected, context.language), "due": day_in_words(due, context.language)}
        return end_form(context, "utter_problem_not_late", notes={"problem_refused": refusal.value}, **days)
    name = "utter_problem_arrived" if refusal == ProblemRefusal.NOT_LATE else f"utter_problem_{refusal.value}"
    return end_form(context, name, notes={"problem_refused": refusal.value})


class ExtractProblem:
    """Custom mapping of problem_kind and problem_details: which problem the words speak of, and the words themselves."""

    name = "action_extract_problem"

    async def run(self, context: ActionContext) -> ActionResult:
        user, asked = context.tracker.latest_user, context.tracker.requested_slot
        if user is None or user.text.startswith("/") or user.intent in NEVER:
            return ActionResult()
        if asked == "problem_kind":
            kind = next((k for k, words in KINDS.items() if re.search(words, user.text, re.IGNORECASE)), KIND_OF.get(user.full_intent))
            return ActionResult(events=(SlotSet("problem_kind", kind),)) if kind else ActionResult()
        words = optional_answer(user) if asked == "problem_details" else None
        return ActionResult(events=(SlotSet("problem_details", words),)) if words else ActionResult()


class AskProblemConfirmed:
    """Says what would be reported and asks for a yes."""

    name = "action_ask_problem_confirmed"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        kind = context.word(f"utter_problem_kind_{slots['problem_kind']}", str(slots["problem_kind"]))
        details = context.word("utter_nothing_added", NOTHING) if slots["problem_details"] == NOTHING else str(slots["problem_details"])
        return ActionResult(messages=(context.say("utter_ask_problem_confirmed", kind=kind, details=details),))


class SubmitProblem:
    """Follows the form; does nothing when it ended without a confirmation."""

    name = "action_submit_problem"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        if slots["problem_confirmed"] is not True:
            return ActionResult(events=cleared(FORM))
        kind, details = slots["problem_kind"], slots["problem_details"]
        arguments = {"order_number": slots["order_number"], "problem": kind, "details": "" if details == NOTHING else details}
        name = "utter_problem_sent_parcel" if kind in ("late", "lost") else "utter_problem_sent_item"
        said = context.say(name, buttons=(person_button(context),))
        effect = Effect("report_problem", arguments)
        return ActionResult(events=(*cleared(FORM), LoopActive(None), offer("person")), messages=(said,), effects=(effect,))
