"""Each documented error code of the Cloud API and what kind of problem it is; what follows stands in `channels/problems.py`."""

from __future__ import annotations

from typing import Any

from channels.base import Problem, SendResult
from channels.problems import fate_of

CODES: dict[int, Problem] = {
    0: Problem.AUTH, 190: Problem.AUTH,
    3: Problem.PERMISSION, 10: Problem.PERMISSION, 131005: Problem.PERMISSION,
    4: Problem.RATE_ACCOUNT, 80007: Problem.RATE_ACCOUNT, 130429: Problem.RATE_ACCOUNT, 131048: Problem.RATE_ACCOUNT,
    133016: Problem.RATE_ACCOUNT, 131064: Problem.RATE_ACCOUNT,
    131056: Problem.RATE_PAIR,
    1: Problem.TRANSIENT, 2: Problem.TRANSIENT, 131000: Problem.TRANSIENT, 131016: Problem.TRANSIENT, 131057: Problem.TRANSIENT,
    33: Problem.BAD_REQUEST, 100: Problem.BAD_REQUEST, 131008: Problem.BAD_REQUEST, 131009: Problem.BAD_REQUEST,
    131051: Problem.BAD_REQUEST, 131021: Problem.BAD_REQUEST, 135000: Problem.BAD_REQUEST,
    131026: Problem.RECIPIENT, 131030: Problem.RECIPIENT, 130403: Problem.RECIPIENT, 130472: Problem.RECIPIENT,
    130497: Problem.RECIPIENT, 131062: Problem.RECIPIENT, 137000: Problem.RECIPIENT,
    131047: Problem.WINDOW,
    131050: Problem.OPTED_OUT, 131049: Problem.OPTED_OUT, 131063: Problem.OPTED_OUT,
    132000: Problem.TEMPLATE, 132001: Problem.TEMPLATE, 132005: Problem.TEMPLATE, 132007: Problem.TEMPLATE, 132008: Problem.TEMPLATE,
    132012: Problem.TEMPLATE, 132015: Problem.TEMPLATE, 132016: Problem.TEMPLATE, 132068: Problem.TEMPLATE, 132069: Problem.TEMPLATE,
    368: Problem.POLICY, 131031: Problem.POLICY, 131037: Problem.POLICY, 131045: Problem.POLICY,
    131042: Problem.BILLING,
    131052: Problem.MEDIA, 131053: Problem.MEDIA,
    147001: Problem.RECIPIENT, 147002: Problem.RECIPIENT, 147003: Problem.RECIPIENT, 147004: Problem.RECIPIENT, 147005: Problem.RECIPIENT,
}  # fmt: skip
LEAST_WAIT: dict[int, float] = {80007: 60.0, 4: 60.0, 131048: 60.0, 131057: 30.0, 131064: 60.0, 133016: 60.0}
"""Seconds that are waited at least before the next try."""


def problem_of(code: int | None, *, status: int = 400) -> Problem:
    """The problem behind a code; by the HTTP status where the code is not known."""
    if code is not None and code in CODES:
        return CODES[code]
    if code is not None and 200 <= code <= 299:
        return Problem.PERMISSION
    if status == 401:
        return Problem.AUTH
    if status == 429:
        return Problem.RATE_ACCOUNT
    return Problem.TRANSIENT if status >= 500 else Problem.BAD_REQUEST


def refusal(error: Any, *, status: int, retry_after: float | None = None) -> SendResult:
    """What Meta's error object makes of a send. Decided by `code`; titles change."""
    found: dict[str, Any] = error if isinstance(error, dict) else {}
    code = found.get("code") if isinstance(found.get("code"), int) else None
    problem = problem_of(code, status=status)
    waits = max(retry_after or 0.0, LEAST_WAIT.get(code or -1, 0.0)) or None
    return SendResult(fate_of(problem), reason=reason_of(found), problem=problem, code=_text(code), retry_after=waits)


def reason_of(error: dict[str, Any]) -> str:
    """A sentence for people: Meta's own words, with the details where there are any."""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    words = [str(w) for w in (error.get("message") or error.get("title"), details) if w]
    return ": ".join(dict.fromkeys(words))[:500] or "refused without a reason"


def _text(code: int | None) -> str | None:
    return None if code is None else str(code)
