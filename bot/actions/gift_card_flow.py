"""The balance of a gift card, by its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.actions.dates import day_in_words
from bot.actions.flow_slots import cleared
from bot.actions.hand_off import hand_off, person_button
from bot.actions.money import money
from bot.actions.offer import offer
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet
from context.types import Button, Effect, HandoffReason

FORM = "gift_card_form"
MOST_TRIES = 3
CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9 -]*\d)[A-Za-z0-9]{4}(?:[ -]?[A-Za-z0-9]{4}){1,4}(?![A-Za-z0-9])")
BALANCE = re.compile(
    r"balance|how much (?:is|money|credit|do i have)|(?:what(?:'s| is)|anything) left|left on"
    r"|餘額|余额|剩(?:下|低|返)?(?:幾多|多少|幾錢)|仲有幾多|还有多少|還有多少|查.{0,6}(?:卡|券)"
    r"|saldo|quanto (?:tem|tenho|resta|sobra)|ainda tem",
    re.IGNORECASE,
)


def asks_balance(text: str) -> bool:
    """Whether a question on gift cards is one for what is left on a card."""
    return BALANCE.search(text) is not None


def offer_balance(context: ActionContext) -> ActionResult:
    """Offers to look up a balance; nothing while a form runs."""
    if context.tracker.loop:
        return ActionResult()
    buttons = (Button(context.word("utter_button_gift_card", "Check a balance"), "/check_gift_card"),)
    return ActionResult(events=(offer("gift_card"),), messages=(context.say("utter_offer_gift_card", buttons=buttons),))


class ExtractGiftCardCode:
    """Custom mapping of gift_card_code: groups of four letters and digits, at least one of them a digit."""

    name = "action_extract_gift_card_code"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        found = CODE.search(user.text) if user and not user.text.startswith("/") else None
        return ActionResult(events=(SlotSet("gift_card_code", found[0].upper()),)) if found else ActionResult()


class GiftCardFormRules:
    """The code must open a card; three wrong ones, or a lock, hand over."""

    name = "validate_gift_card_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:  # noqa: ARG002 - the port's shape
        return declared

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        code = candidates.get("gift_card_code")
        if code is None:
            return ActionResult()
        memory = context.tracker.memory
        access = await context.shop.gift_card(str(code), turn=context.turn)
        effects = (Effect("note_gift_card_try", {"right": access.card is not None}),)
        if access.card is not None:
            memory.pop("wrong_codes", None)
            return ActionResult(effects=effects)
        memory["wrong_codes"] = memory.get("wrong_codes", 0) + 1
        if access.refusal == "locked" or memory["wrong_codes"] >= MOST_TRIES:
            passed = hand_off(context, HandoffReason.NOT_ALLOWED, response="utter_gift_card_locked")
            return ActionResult(events=cleared(FORM), messages=passed.messages, handoff=passed.handoff, effects=effects)
        return ActionResult(events=cleared(FORM), messages=(context.say("utter_gift_card_not_found"),), effects=effects)


class ShowGiftCard:
    """Says what is left on the card, and until when; the code is forgotten."""

    name = "action_show_gift_card"

    async def run(self, context: ActionContext) -> ActionResult:
        code = context.tracker.slots["gift_card_code"]
        card = (await context.shop.gift_card(str(code), turn=context.turn)).card if code else None
        if card is None:
            return ActionResult(events=cleared(FORM))
        day = day_in_words(card.expires_on, context.language)
        values: dict[str, Any] = {
            "ending": card.ending,
            "balance": money(card.balance, card.currency),
            "day": f"{day} {card.expires_on.year}",
        }
        if card.expires_on < context.turn.now.date():
            said = context.say("utter_gift_card_expired", buttons=(person_button(context),), **values)
        else:
            said = context.say("utter_gift_card_balance" if card.balance else "utter_gift_card_empty", **values)
        return ActionResult(events=cleared(FORM), messages=(said,), notes={"gift_card": card.ending})
