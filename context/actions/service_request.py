"""Storing what a customer asked to have done, once a key, under a reference."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from context.actions.types import ActionContext, ActionResult
from context.events import ActionDone
from context.shop.models import ServiceRequestRow
from context.shop.types import RequestKind, RequestStatus

_NEXT = text("SELECT nextval(pg_get_serial_sequence('service_request', 'number'))")


async def find_repeat(context: ActionContext) -> ActionResult | None:
    """The result of the action that was carried out under this key already, without events; None when there was none."""
    row = await context.session.scalar(select(ServiceRequestRow).where(ServiceRequestRow.key == context.key))
    return ActionResult(result_of(row, repeated=True)) if row is not None else None


async def find_open(context: ActionContext, kind: RequestKind, order_number: str) -> ServiceRequestRow | None:
    """The newest open request of that kind on that order."""
    query = select(ServiceRequestRow).where(
        ServiceRequestRow.kind == kind.value,
        ServiceRequestRow.order_number == order_number,
        ServiceRequestRow.status == RequestStatus.OPEN.value,
    )
    return await context.session.scalar(query.order_by(ServiceRequestRow.number.desc()).limit(1))


async def store_request(
    context: ActionContext, kind: RequestKind, *, action: str, details: dict[str, Any], order_number: str | None = None
) -> ActionResult:
    """Stores a request and tells it in an event. A second one of its kind on an order, while the first is open, changes that one."""
    row = await find_open(context, kind, order_number) if order_number else None
    if row is not None:
        row.details = details
        await context.session.flush()
    else:
        row = await _insert(context, kind, details=details, order_number=order_number)
    data = result_of(row)
    return ActionResult(data, (ActionDone(action, context.key, data),))


async def _insert(context: ActionContext, kind: RequestKind, *, details: dict[str, Any], order_number: str | None) -> ServiceRequestRow:
    number = int(await context.session.scalar(_NEXT) or 0)
    values = {
        "reference": f"SR-{number}",
        "number": number,
        "key": context.key,
        "kind": kind.value,
        "order_number": order_number,
        "details": details,
        "status": RequestStatus.OPEN.value,
        "contact_id": context.contact_id,
        "conversation_id": context.conversation_id,
        "at": context.now,
    }
    await context.session.execute(insert(ServiceRequestRow).values(**values).on_conflict_do_nothing(index_elements=["key"]))
    return (await context.session.scalars(select(ServiceRequestRow).where(ServiceRequestRow.key == context.key))).one()


def result_of(row: ServiceRequestRow, *, repeated: bool = False) -> dict[str, Any]:
    """What the reply and the event say of a request; its details stay in the table."""
    data = {"reference": row.reference, "kind": row.kind, "order_number": row.order_number, "status": row.status}
    return data | {"repeated": repeated}
