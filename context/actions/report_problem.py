"""`report_problem`: a parcel is late or lost, or its contents are damaged, wrong or missing: a case for the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from context.actions.rights import access_locked_order, lock_order
from context.actions.service_request import find_repeat, store_request
from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.orders.policy import ProblemKind, ProblemRefusal, refusal_of_problem
from context.shop.types import RequestKind

SENTENCES = {
    ProblemRefusal.CANCELLED: "The order was cancelled",
    ProblemRefusal.NOT_SENT: "The order has not left yet",
    ProblemRefusal.NOT_LATE: "The parcel is not late enough to be looked for",
    ProblemRefusal.NOT_ARRIVED: "The parcel has not arrived yet",
    ProblemRefusal.TOO_LATE: "The time for reporting this is over",
}


@dataclass(frozen=True)
class ReportProblem:
    """`details` are the customer's own words."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    problem: ProblemKind
    details: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


async def _run(context: ActionContext, arguments: ReportProblem) -> ActionResult:
    number = await lock_order(context, arguments.order_number)
    repeated = await find_repeat(context)
    if repeated is not None:
        return repeated
    order = await access_locked_order(context, number)
    refusal = refusal_of_problem(order, kind=arguments.problem, now=context.now)
    if refusal is not None:
        raise ActionRefusedError(refusal.value, SENTENCES[refusal])
    details = {"problem": arguments.problem.value, "words": arguments.details}
    return await store_request(context, RequestKind.PROBLEM, action=REPORT_PROBLEM.name, details=details, order_number=number)


REPORT_PROBLEM = Action("report_problem", ReportProblem, _run)
