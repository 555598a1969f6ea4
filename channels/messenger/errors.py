"""The error codes of the Send API and of comments: what kind of problem each is."""

from __future__ import annotations

from typing import Any

from channels.base import Problem, SendResult
from channels.problems import fate_of

SUBCODES: dict[int, Problem] = {
    2018278: Problem.WINDOW, 2534022: Problem.WINDOW, 2018065: Problem.WINDOW,
    2018001: Problem.RECIPIENT, 2018108: Problem.RECIPIENT, 1545041: Problem.RECIPIENT,
    1893063: Problem.POLICY, 1893016: Problem.POLICY,
    2018007: Problem.MEDIA, 2018047: Problem.MEDIA, 2018008: Problem.MEDIA,
}  # fmt: skip
"""A subcode says more than its code."""
CODES: dict[int, Problem] = {
    190: Problem.AUTH, 102: Problem.AUTH,
    3: Problem.PERMISSION, 10: Problem.PERMISSION, 200: Problem.PERMISSION, 230: Problem.PERMISSION,
    4: Problem.RATE_ACCOUNT, 32: Problem.RATE_ACCOUNT, 613: Problem.RATE_ACCOUNT, 80006: Problem.RATE_ACCOUNT, 80002: Problem.RATE_ACCOUNT,
    1: Problem.TRANSIENT, 2: Problem.TRANSIENT, 1200: Problem.TRANSIENT,
    33: Problem.BAD_REQUEST, 100: Problem.BAD_REQUEST, 10900: Problem.BAD_REQUEST, 10901: Problem.WINDOW, 10903: Problem.RECIPIENT,
    551: Problem.RECIPIENT, 1545041: Problem.RECIPIENT, 368: Problem.POLICY,
}  # fmt: skip


def problem_of(code: int | None, subcode: int | None, *, status: int) -> Problem:
    """The problem behind a code and its subcode; by the HTTP status where neither is known."""
    if subcode in SUBCODES:
        return SUBCODES[subcode]
    if code in CODES:
        return CODES[code]
    if status == 401:
        return Problem.AUTH
    if status == 429:
        return Problem.RATE_ACCOUNT
    return Problem.TRANSIENT if status >= 500 else Problem.BAD_REQUEST


def refusal(error: Any, *, status: int, retry_after: float | None = None) -> SendResult:
    """What Meta's error object makes of a send."""
    found: dict[str, Any] = error if isinstance(error, dict) else {}
    code, subcode = (value if isinstance(value, int) else None for value in (found.get("code"), found.get("error_subcode")))
    problem = problem_of(code, subcode, status=status)
    name = f"{code}/{subcode}" if subcode else (None if code is None else str(code))
    least = 60.0 if problem == Problem.RATE_ACCOUNT else 0.0
    reason = str(found.get("message") or "refused without a reason")[:500]
    return SendResult(fate_of(problem), reason=reason, problem=problem, code=name, retry_after=max(retry_after or 0.0, least) or None)
