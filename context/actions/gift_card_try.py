"""`note_gift_card_try`: the customer gave the code of a gift card. Wrong tries are what `access_gift_card` counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from context.actions.types import Action, ActionContext, ActionResult
from context.events import ActionDone
from context.shop.models import GiftCardTryRow


@dataclass(frozen=True)
class GiftCardTry:
    """Whether there is a card with the code; the code itself is not noted."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    right: bool


async def _run(context: ActionContext, arguments: GiftCardTry) -> ActionResult:
    context.session.add(GiftCardTryRow(contact_id=context.contact_id, right=arguments.right, at=context.now))
    await context.session.flush()
    data = {"right": arguments.right}
    return ActionResult(data, (ActionDone(NOTE_GIFT_CARD_TRY.name, context.key, data),))


NOTE_GIFT_CARD_TRY = Action("note_gift_card_try", GiftCardTry, _run)
