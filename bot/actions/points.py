"""The customer's own points of the loyalty programme: for verified contacts only."""

from __future__ import annotations

import re

from bot.actions.dates import day_in_words
from bot.actions.hand_off import person_button
from bot.actions.port import ActionContext, ActionResult
from context.types import Content

OWN = re.compile(
    r"how many points (?:do|have|are)|points? (?:do i have|balance|left)|(?:my|see|check|show).{0,12}points?(?: balance)?\W*$"
    r"|rewards? balance|balance of.{0,20}points"
    r"|我.{0,6}(?:幾多|多少|幾分|几分).{0,3}(?:分|點|点)?|(?:查|睇|看).{0,10}(?:積分|积分|點數|点数|分數|分数)|(?:積分|积分|點數"
    r"|点数)(?:總額|总额|餘額|余额)"
    r"|quantos pontos (?:tenho|me restam)|(?:meus|ver).{0,10}pontos\W*$|saldo de pontos",
    re.IGNORECASE,
)  # fmt: skip


def asks_own_points(text: str) -> bool:
    """Whether a question on points is one for the customer's own balance."""
    return OWN.search(text) is not None


async def tell_points(context: ActionContext) -> ActionResult:
    """The balance of a verified member; else where it can be seen."""
    if not context.turn.verified:
        return ActionResult(messages=(context.say("utter_points_not_verified"),))
    points = await context.shop.points(context.turn)
    if points is None:
        return ActionResult(messages=(context.say("utter_points_no_member", buttons=(person_button(context),)),))
    said = context.say("utter_points_balance", points=points.points).text
    if points.expiring and points.expiring_on:
        day = day_in_words(points.expiring_on, context.language)
        said += "\n" + context.say("utter_points_expiring", points=points.expiring, day=day).text
    return ActionResult(messages=(Content(said),))
