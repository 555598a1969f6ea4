"""What the bot said last, kept so that it can be said again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from context.types import Button, Content

SAID = "said"  # in the tracker's memory
MOST = 4  # messages


def remember(memory: dict[str, Any], messages: Iterable[Content]) -> None:
    """Keeps the texts and buttons of a turn; nothing changes when nothing was said."""
    kept = [{"text": c.text, "buttons": [[b.title, b.payload] for b in c.buttons]} for c in messages if c.text]
    if kept:
        memory[SAID] = kept[-MOST:]


def last_said(memory: Mapping[str, Any]) -> tuple[Content, ...]:
    """What was said in the last turn; none at the start of a talk."""
    return tuple(Content(s["text"], buttons=tuple(Button(*b) for b in s["buttons"])) for s in memory.get(SAID, ()))


def with_results(dialogue: dict[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a dialogue, with the results of the turn's effects (`{effect:KEY}`) in what was said."""
    memory = dialogue.get("memory") or {}
    if not results or not memory.get(SAID):
        return dialogue

    def filled(text: str) -> str:
        for key, value in results.items():
            text = text.replace("{effect:" + key + "}", str(value))
        return text

    said = [s | {"text": filled(s["text"])} for s in memory[SAID]]
    return dialogue | {"memory": memory | {SAID: said}}
