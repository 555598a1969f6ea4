"""The kinds of alerts: how serious each is, and what it does to the priority."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.routing.types import Priority


class Kind(StrEnum):
    """What an alert is about."""

    ANGRY = "angry"
    MOOD_DROP = "mood_drop"
    LEAVING = "leaving"
    LEGAL = "legal"
    SAFETY = "safety"
    VIP_WAITING = "vip_waiting"
    LONG_WAIT = "long_wait"


@dataclass(frozen=True)
class Described:
    """A kind in the languages of the console; `severity` 2 asks to look now; the conversation gets at least `priority`."""

    en: str
    zh_hant: str
    severity: int
    priority: Priority


KINDS = {
    Kind.SAFETY: Described("Somebody may be in danger", "可能有人身安全風險", 2, Priority.URGENT),
    Kind.LEGAL: Described("Speaks of lawyers, courts or authorities", "提及律師、法律行動或監管機構", 2, Priority.URGENT),
    Kind.ANGRY: Described("Is angry", "情緒憤怒", 2, Priority.HIGH),
    Kind.LEAVING: Described("Threatens to leave", "表示要離開", 1, Priority.HIGH),
    Kind.MOOD_DROP: Described("The mood has fallen", "情緒轉差", 1, Priority.HIGH),
    Kind.VIP_WAITING: Described("An important customer waits", "重要顧客正在等候", 1, Priority.HIGH),
    Kind.LONG_WAIT: Described("Has waited long", "等候時間過長", 1, Priority.NORMAL),
}
