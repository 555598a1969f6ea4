"""`record_complaint`: what a customer is unhappy with goes on record, for the manager to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from context.actions.service_request import find_repeat, store_request
from context.actions.types import Action, ActionContext, ActionResult
from context.shop.types import RequestKind


@dataclass(frozen=True)
class RecordComplaint:
    """`words` are the customer's own. No order is named here, since a complaint needs no proof of one."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


async def _run(context: ActionContext, arguments: RecordComplaint) -> ActionResult:
    repeated = await find_repeat(context)
    if repeated is not None:
        return repeated
    return await store_request(context, RequestKind.COMPLAINT, action=RECORD_COMPLAINT.name, details={"words": arguments.words})


RECORD_COMPLAINT = Action("record_complaint", RecordComplaint, _run)
