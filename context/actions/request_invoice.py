"""`request_invoice`: the invoice of an order is sent to the e-mail of the order, made out to a company when one is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from context.actions.rights import access_locked_order, lock_order
from context.actions.service_request import find_repeat, store_request
from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.orders.policy import InvoiceRefusal, refusal_of_invoice
from context.shop.types import RequestKind

SENTENCES = {
    InvoiceRefusal.NOT_PAID: "The order has not been paid yet",
    InvoiceRefusal.TOO_LATE: "The time for adding a company is over",
}


@dataclass(frozen=True)
class RequestInvoice:
    """`made_out_to`: company and tax number; empty for an invoice as it was."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    made_out_to: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


async def _run(context: ActionContext, arguments: RequestInvoice) -> ActionResult:
    """The e-mail is that of the order, never one that the customer types."""
    number = await lock_order(context, arguments.order_number)
    repeated = await find_repeat(context)
    if repeated is not None:
        return repeated
    order = await access_locked_order(context, number)
    refusal = refusal_of_invoice(order, company=bool(arguments.made_out_to), now=context.now)
    if refusal is not None:
        raise ActionRefusedError(refusal.value, SENTENCES[refusal])
    details = {"email": order.email, "made_out_to": arguments.made_out_to}
    return await store_request(context, RequestKind.INVOICE, action=REQUEST_INVOICE.name, details=details, order_number=number)


REQUEST_INVOICE = Action("request_invoice", RequestInvoice, _run)
