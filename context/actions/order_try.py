"""`note_order_try`: the customer tried to open an order with a proof. Wrong tries are what `access_order` counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from context.actions.types import Action, ActionContext, ActionResult
from context.events import ActionDone
from context.models import OrderTryRow
from context.orders.matching import normalise_number


@dataclass(frozen=True)
class OrderTry:
    """The number that was tried, whether it exists or not, and whether the proof was right."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    right: bool


async def _run(context: ActionContext, arguments: OrderTry) -> ActionResult:
    number = normalise_number(arguments.order_number)
    context.session.add(OrderTryRow(contact_id=context.contact_id, order_number=number, right=arguments.right, at=context.now))
    await context.session.flush()
    data = {"order_number": number, "right": arguments.right}
    return ActionResult(data, (ActionDone(NOTE_ORDER_TRY.name, context.key, data),))


NOTE_ORDER_TRY = Action("note_order_try", OrderTry, _run)
