"""The own rules of the order status form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.order_check import check_order, order_slots
from bot.actions.port import ActionContext, ActionResult


class TrackOrderFormRules:
    """Number and proof must open an order."""

    name = "validate_track_order_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
        return order_slots(declared, context)

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        if not candidates:
            return ActionResult()
        return (await check_order(candidates, context)).result
