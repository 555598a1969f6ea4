"""Reads what is sent back, why, and what the customer wants for it, from free words."""

from __future__ import annotations

import re

from bot.actions.free_words import NOT_AN_ANSWER, QUESTION
from bot.actions.item_words import item_titles, meant_item
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet
from bot.project.types import NLU_FALLBACK

REASONS = {
    "damaged": (
        r"broken|damag|crack|chip|shatter|smash|defect|faulty|leak|爛|烂|壞|坏|破|裂|崩|碎|損|损|瑕疵|partid|danificad|rachad|lascad"
        r"|defeit|estragad|quebrad"
    ),
    "wrong": (
        r"wrong|not what i ordered|different (?:item|product|colou?r)|mistake|錯|错|唔啱單|不是我訂|不是我订|唔係我"
        r"|errad|engan|trocad|n[aã]o (?:foi|era|é) o que"
    ),
    "not_suitable": (
        r"fit|too (?:small|big|large|short|long|wide)|size|suit|太(?:大|細|细|小|長|长|短|闊|宽)|唔合|不合|尺寸|唔啱|不適合|不适合"
        r"|serv|pequen|grand|tamanh|curt|comprid|n[aã]o (?:fica|combina)"
    ),
    "changed_mind": (
        r"changed? (?:my|our) mind|don'?t (?:want|need|like)|no longer (?:want|need)"
        r"|改變主意|改变主意|唔想要|不想要|不要了|唔要|唔鍾意|不喜歡|不喜欢"
        r"|mudei de ideias?|j[aá] n[aã]o (?:quero|preciso)|n[aã]o (?:quero|gostei|gosto|preciso)|arrependi"
    ),
}
WISHES = {
    "exchange": r"exchang|swap|replace|another one|different one|new one|換|换|troc|substitu|outro igual",
    "refund": r"refund|money|cash back|退款|退錢|退钱|還錢|还钱|錢|钱|reembols|dinheiro|devolu[cç][aã]o do valor",
}
NOT_A_REASON = NOT_AN_ANSWER | {"faq"}


class ExtractReturnItem:
    """An item of the order as its sku, whatever intent its name was taken for; other words as they are when nothing else was meant."""

    name = "action_extract_return_item"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        if user is None or not user.text.strip() or user.text.startswith("/") or QUESTION.search(user.text):
            return ActionResult()
        order = await read_order(context)
        heard = order if user.intent not in ("stop", "talk_to_human") else None
        item = meant_item(heard, user.text, titles=await item_titles(context)) if heard else None
        if item is None and user.intent != NLU_FALLBACK:
            return ActionResult()
        return ActionResult(events=(SlotSet("return_item", item.sku if item else user.text.strip()[:300]),))


class ExtractReturnReason:
    """A known reason as its code; other words as they are. A question is no reason."""

    name = "action_extract_return_reason"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        if user is None or not user.text.strip() or user.text.startswith("/") or QUESTION.search(user.text):
            return ActionResult()
        known = _first_match(REASONS, user.text)
        if known is None and user.intent in NOT_A_REASON:
            return ActionResult()
        if user.intent == "talk_to_human" or (user.intent == NLU_FALLBACK and not re.search(r"\w", user.text)):
            return ActionResult()
        return ActionResult(events=(SlotSet("return_reason", known or user.text.strip()[:500]),))


class ExtractReturnWish:
    """Refund or exchange."""

    name = "action_extract_return_wish"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        if user is None or user.intent in ("stop", "talk_to_human") or QUESTION.search(user.text):
            return ActionResult()
        known = _first_match(WISHES, user.text)
        return ActionResult(events=(SlotSet("return_wish", known),) if known else ())


def _first_match(patterns: dict[str, str], text: str) -> str | None:
    return next((code for code, pattern in patterns.items() if re.search(pattern, text, re.IGNORECASE)), None)
