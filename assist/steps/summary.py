"""A summary that grows with the conversation. Extractive: what was said stands in the words of who said it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from assist.steps.types import Line
from context.events import EventRecord
from context.types import Author, MessageView, Visibility

QUOTE, MOST_LATER = 140, 3
_IDLE = frozenset({"greet", "thank", "goodbye", "affirm", "deny", "small_talk", "talk_to_human", "stop", "bot_challenge"})
_UNSAID = frozenset({"note_order_try", "order_seen", "note_gift_card_try"})


def summarise(messages: Sequence[MessageView], done: Sequence[EventRecord] = ()) -> tuple[Line, ...]:
    """What was asked first, what was asked later (each wish once), what was done, what an agent last told, and what is open."""
    public = [message for message in messages if message.visibility == Visibility.PUBLIC]
    asked = [message for message in public if message.author == Author.CUSTOMER and _asks(message)]
    lines = [Line("asked", _cut(asked[0]))] if asked else []
    lines += [Line("later", _cut(message)) for message in _new_wishes(asked)[-MOST_LATER:]]
    lines += [Line("done", _action(event)) for event in done if event.data["action"] not in _UNSAID]
    told = [message for message in public if message.author == Author.AGENT]
    lines += [Line("told", _cut(told[-1]))] if told else []
    after = max((message.seq for message in public if message.author in (Author.AGENT, Author.BOT)), default=0)
    waiting = [message for message in asked if message.seq > after]
    said = {line.text for line in lines}
    lines += [Line("open", text) for message in waiting[-1:] if (text := _cut(message)) not in said]
    return tuple(lines)


def _asks(message: MessageView) -> bool:
    understood = message.understanding
    rest = message.content.text
    for entity in understood.entities if understood else ():
        rest = rest.replace(entity.text, " ")
    says = sum(2 if ord(c) > 0x2E80 else 1 for c in rest if c.isalpha()) > 3
    return says and (understood is None or understood.intent not in _IDLE)


def _new_wishes(asked: Sequence[MessageView]) -> list[MessageView]:
    """The messages after the first that want something else than those before them."""
    known = {asked[0].understanding.intent} if asked and asked[0].understanding else set()
    found = []
    for message in asked[1:]:
        intent = message.understanding.intent if message.understanding else None
        if intent is None or intent not in known:
            found.append(message)
            known.add(intent)
    return found


def _action(event: EventRecord) -> str:
    result = event.data.get("result") or {}
    reference = result.get("reference") or result.get("order_number") or ""
    return f"{str(event.data['action']).replace('_', ' ')} {reference}".strip()


def _cut(message: MessageView) -> str:
    line = " ".join(message.content.text.split())
    return line if len(line) <= QUOTE else line[: QUOTE - 1] + "…"
