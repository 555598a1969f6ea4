"""The handoff as a card that is read in three seconds: what it is, why, what was done, what to do next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.callbacks import Callback
from desk.card_words import WORDS

LONGEST_WHY = 160
MOST_DONE = 3
_UNSAID = frozenset({"note_order_try", "order_seen", "note_gift_card_try"})  # actions that only count or remember something


@dataclass(frozen=True)
class Card:
    """At most some forty words. `why` holds the customer's own words, `note` those of the colleague who passed it on."""

    title: str
    why: str
    done: tuple[str, ...]
    next: str
    note: str | None = None


def make_card(packet: Mapping[str, Any], *, language: str, callback: Callback | None = None) -> Card:
    """The card of a packet (JSON of `HandoffPacket`) in the language of the agent: `en`, `zh-Hant`; any other gets English."""
    words = WORDS.get(language, WORDS["en"])
    reason, giver = packet["reason"], packet.get("given_by")
    summary = _short(packet.get("summary") or "")
    if callback is not None:
        following = words[f"next_callback_{callback.kind}"].format(address=callback.address)
    else:
        following = words["next_passed_on" if packet.get("note") else f"next_{reason}"]
    return Card(
        title=words["title_passed_on"].format(name=giver) if giver else words[f"title_{reason}"],
        why=words["why"].format(words=summary) if summary else words["why_unsaid"],
        done=_done(packet, words),
        next=following,
        note=packet.get("note"),
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WHY else text[: LONGEST_WHY - 1].rstrip() + "…"


def _done(packet: Mapping[str, Any], words: Mapping[str, str]) -> tuple[str, ...]:
    said = [_action(action, words) for action in packet.get("actions") or () if action["name"] not in _UNSAID]
    if orders := packet.get("orders_seen"):
        said.append(words["done_order"].format(numbers=", ".join(orders)))
    if answers := packet.get("answers"):
        said.append(words["done_answer"] if len(answers) == 1 else words["done_answers"].format(count=len(answers)))
    return tuple(dict.fromkeys(said))[:MOST_DONE] or (words["done_nothing"],)


def _action(action: Mapping[str, Any], words: Mapping[str, str]) -> str:
    result = action.get("result") or {}
    reference = str(result.get("reference") or result.get("order_number") or "")
    said = words.get(f"action_{action['name']}")
    if said is None:
        named = str(action["name"]).replace("_", " ")
        return f"{named} {reference}".strip()
    return said.format(reference=reference).replace(" ()", "").replace("（）", "")
