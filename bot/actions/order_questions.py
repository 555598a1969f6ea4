"""Questions about the order that is open in this talk: when it comes, who brings it, what is in it, what it cost."""

from __future__ import annotations

import re

from bot.actions.dates import day_in_words
from bot.actions.money import money
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from context.orders.types import OrderStatus
from context.types import Content, Effect, Order, Shipment

_IT = r"(?:it|they|this|that|th(?:e|is|at) (?:order|parcel|package|delivery)|my (?:order|parcel|package|delivery|stuff|things?))"
FACETS = {
    "carrier": (
        rf"\bwho(?:'s| is| will| has)? (?:be )?(?:deliver|bring|carr(?:y|ie)|send|ship)\w*(?: {_IT})?\W*$"
        r"|\b(?:which|what) (?:courier|carrier|delivery company|company)\b|tracking (?:number|code|no)\b|\bwho is the c(?:ourier|arrier)"
        r"|邊個送|誰送|谁送|邊間(?:速遞|公司)|哪家(?:快遞|快递|物流)|(?:什麼|什么|甚麼|咩)(?:速遞|快遞|快递|物流)|(?:追蹤|追踪|運單|运单"
        r"|快遞單|快递单|速遞單)(?:號|号)"
        r"|\bquem (?:entrega|traz|leva|envia)\b|\b(?:que|qual)(?: [eé])?(?: a)? transportadora|n[uú]mero de (?:seguimento|rastreio)"
        r"|c[oó]digo de (?:seguimento|rastreio)"
    ),
    "contents": (
        rf"\bwhat(?:'s| is| was| are| else is)? (?:in(?:side)?|contained in) (?:{_IT}|the box|there)\b|\bwhat did i (?:order|buy|get)\b"
        r"|\bwhich (?:items|things|products) (?:are|did|were)\b|\bwhat(?:'s| is) inside\b"
        r"|[入裡裏里][面邊边]?(?:有|係|是|装|裝)(?:咗|了)?(?:咩|乜|啲咩|什麼|什么|甚麼|哪些)|[買买訂订](?:咗|了|過|过)?(?:啲)?(?:咩|乜"
        r"|什麼|什么|甚麼|哪些)"
        r"|[單单](?:有|係)(?:啲)?(?:咩|乜|什麼|什么|甚麼|哪些)|(?:咩|什麼|什么|甚麼)(?:嘢|東西|东西)(?:喺|在)入?[面裡里]"
        r"|\bo que (?:[eé] que )?(?:tem|cont[eé]m|vem|est[aá]|l[aá] vem|encomendei|comprei|pedi)\b|\bque artigos\b"
        r"|\bo que h[aá] (?:l[aá] )?dentro"
    ),
    "total": (
        r"\bhow much (?:did (?:i|it)|was it|was the order|have i)\b|\bwhat did (?:i pay|it cost)\b|\border total\b|\btotal (?:amount"
        r"|price)\b"
        r"|(?:畀|付|俾|給|给)(?:咗|了)?(?:幾多|多少)|(?:總|总)(?:額|额|數|数|共|金額|金额)"
        r"|\bquanto (?:paguei|custou|foi|gastei)\b|\bvalor total\b"
    ),
    "arrival": (
        rf"\bwhen (?:will|does|is|do|can|should|are) (?:{_IT}|i|we)\b.*(?:arriv|com(?:e|ing)|here|deliver|get|expect|receive|due|land)"
        rf"|\bwhen(?:'s| is) {_IT} (?:due|coming|arriving|expected)|\bhow (?:long|much longer) (?:until|till|before|will) {_IT}"
        rf"|^\W*(?:eta|when)\W*$"
        rf"|\bwhat (?:day|date|time) (?:will|does|is) {_IT}|\bwill {_IT} (?:come|arrive|be here|get here|make it)\b|\bhow far (?:away"
        rf"|off) is {_IT}"
        r"|^(?!.*(?:一般|通常|平時|平时|寄去|寄到|送去|送到[\u4e00-\u9fff]{2}))(?:.*(?:幾時|什麼時候|什么时候|甚麼時候|何時|何时|邊日|哪天|哪一天"
        r"|幾耐|多久|幾點|几点).*(?:到|送|收|嚟|來|来)|.*(?:送|收|到).{0,6}(?:幾時|什麼時候|什么时候|甚麼時候|何時|何时|邊日|哪天|哪一天))"
        r"|\bquando (?:[eé] que )?(?:\S+ ){0,3}(?:chega|vem|vir[aá]|recebo|vou receber|entregam|[eé] entregue|ser[aá] entregue)"
        r"|\b(?:em que|que) dia (?:[eé] que )?(?:chega|vem|recebo)|\bdata (?:prevista )?d[ea] entrega|\bainda demora\b"
        r"|\bquanto tempo falta\b"
    ),
}  # fmt: skip

RESTOCK = re.compile(r"\b(?:back|restock\w*)\b|補貨|补货|返貨|reposi[cç]|de volta", re.IGNORECASE)


def facet_of(text: str) -> str | None:
    """What of the open order a question is about: carrier, contents, total or arrival; None when it is not about the order."""
    found = next((name for name, words in FACETS.items() if re.search(words, text, re.IGNORECASE)), None)
    return None if found == "arrival" and RESTOCK.search(text) else found


async def answer_from_order(context: ActionContext) -> ActionResult | None:
    """The answer to a question about the order that is open in this talk; None when none is open, or the question is another."""
    slots, user = context.tracker.slots, context.tracker.latest_user
    facet = facet_of(user.text) if user and slots.get("order_known") else None
    if facet is None or slots["order_known"] != slots["order_number"]:
        return None
    order = await read_order(context)
    if order is None:
        return None
    said = Content("\n".join(facet_in_words(order, facet, context)))
    effect = Effect("order_seen", {"order_number": order.number})
    return ActionResult(messages=(said,), effects=(effect,), notes={"order": order.number, "facet": facet})


def facet_in_words(order: Order, facet: str, context: ActionContext) -> list[str]:
    """The lines that answer a question about one side of the order."""
    if facet == "contents":
        head = context.say("utter_order_contents", number=order.number).text
        return [head, *(f"- {item.quantity} × {item.title}" for item in order.items)]
    if facet == "total":
        return [context.say("utter_order_total", number=order.number, total=money(order.total, order.currency)).text]
    if not order.shipments or order.status == OrderStatus.CANCELLED:
        status = context.word(f"utter_status_{order.status}", order.status.replace("_", " "))
        following = f"utter_next_{order.status}"
        head = context.say("utter_order_head", number=order.number, status=status).text
        return [head, *([context.say(following).text] if context.project.has_response(following) else [])]
    carrier = [context.say("utter_order_carrier", carrier=p.carrier, tracking=p.tracking_number).text for p in order.shipments]
    days = [line for parcel in order.shipments for line in arrival_in_words(parcel, context)]
    return carrier if facet == "carrier" else days or carrier


def arrival_in_words(parcel: Shipment, context: ActionContext) -> list[str]:
    """When a parcel came or will come: one line, or none when nobody knows."""
    if parcel.delivered_on:
        return [context.say("utter_order_delivered", day=day_in_words(parcel.delivered_on, context.language)).text]
    if not parcel.expected_on:
        return []
    late = parcel.expected_on < context.turn.now.date().isoformat()
    return [
        context.say("utter_order_overdue" if late else "utter_order_expected", day=day_in_words(parcel.expected_on, context.language)).text
    ]
