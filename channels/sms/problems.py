"""What Twilio's error codes mean, for refused calls and for messages that failed later (docs/channels-sms.md)."""

from __future__ import annotations

from channels.base import Problem

CODES: dict[str, Problem] = {
    "20003": Problem.AUTH,
    "20005": Problem.PERMISSION,
    "20404": Problem.PERMISSION,
    "20429": Problem.RATE_ACCOUNT,
    "14107": Problem.RATE_ACCOUNT,
    "21211": Problem.RECIPIENT,
    "21217": Problem.RECIPIENT,
    "21265": Problem.RECIPIENT,
    "21408": Problem.RECIPIENT,
    "21610": Problem.OPTED_OUT,
    "21612": Problem.RECIPIENT,
    "21614": Problem.RECIPIENT,
    "21212": Problem.PERMISSION,
    "21606": Problem.PERMISSION,
    "21659": Problem.PERMISSION,
    "21660": Problem.PERMISSION,
    "21701": Problem.PERMISSION,
    "21703": Problem.PERMISSION,
    "21602": Problem.BAD_REQUEST,
    "21605": Problem.BAD_REQUEST,
    "21617": Problem.BAD_REQUEST,
    "21620": Problem.MEDIA,
    "21623": Problem.MEDIA,
    "12300": Problem.MEDIA,
    "11200": Problem.MEDIA,
    "30001": Problem.RATE_ACCOUNT,
    "30002": Problem.POLICY,
    "30003": Problem.RECIPIENT,
    "30004": Problem.OPTED_OUT,
    "30005": Problem.RECIPIENT,
    "30006": Problem.RECIPIENT,
    "30007": Problem.BAD_REQUEST,  # the carrier filtered this message: the agent may say it otherwise
    "30008": Problem.UNKNOWN,
    "30010": Problem.BILLING,
    "30011": Problem.MEDIA,
    "30019": Problem.MEDIA,
    "30022": Problem.RATE_ACCOUNT,
    "30023": Problem.BILLING,
    "30032": Problem.PERMISSION,
    "30034": Problem.PERMISSION,
    "30410": Problem.RECIPIENT,
    "30500": Problem.TRANSIENT,
    "63038": Problem.BILLING,
    "90010": Problem.BILLING,
}


def problem_of(code: str | None, status: int | None = None) -> Problem:
    """The problem of a code, else of the HTTP status."""
    if code in CODES:
        return CODES[code]
    by_status = {401: Problem.AUTH, 403: Problem.PERMISSION, 404: Problem.PERMISSION, 429: Problem.RATE_ACCOUNT, 400: Problem.BAD_REQUEST}
    return by_status.get(status or 0, Problem.UNKNOWN)
