"""`order_seen`: the details of an order were shown to the customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from context.actions.types import Action, ActionContext, ActionResult
from context.events import OrderSeen
from context.orders.matching import normalise_number


@dataclass(frozen=True)
class SeenOrder:
    """Which order was shown."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]


async def _run(context: ActionContext, arguments: SeenOrder) -> ActionResult:
    number = normalise_number(arguments.order_number)
    return ActionResult({"order_number": number}, (OrderSeen(number, context.actor.kind),))


ORDER_SEEN = Action("order_seen", SeenOrder, _run)
