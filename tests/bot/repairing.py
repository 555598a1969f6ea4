"""What the tests of mending a talk share."""

from __future__ import annotations

from typing import Any

from bot.engine import Reply

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")
ANA: Any = {"order_number": "LC-100234", "email": "ana@example.com"}


def because(reply: Reply) -> list[str]:
    """Why the talk was mended."""
    return [str(e["why"]) for e in reply.trace if e["step"] == "repaired"]


def first_action(reply: Reply) -> str:
    """What the bot did first."""
    return next(str(e["action"]) for e in reply.trace if e["step"] == "decided")
