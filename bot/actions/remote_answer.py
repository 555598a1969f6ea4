"""What an action server answered, checked and put into Baton's own terms."""

from __future__ import annotations

import json
from typing import Any

from bot.actions.port import ActionContext, ActionResult
from bot.rasa_events import RasaEventError, event_from_rasa_json
from context.types import Button, Content
from kit.errors import NotFoundError, UnavailableError

RICH = ("image", "attachment", "custom", "elements")
MOST_EVENTS, MOST_RESPONSES = 500, 50


class ActionServerError(UnavailableError):
    """The action server could not run the action."""


class ActionServerNonsenseError(ActionServerError):
    """The action server's answer cannot be used."""


def parse_answer(name: str, body: bytes) -> dict[str, Any]:
    """The JSON object of a body; none (null) is an empty one. Raises ActionServerNonsenseError."""
    try:
        data = json.loads(body or b"null")
    except (ValueError, RecursionError):
        raise ActionServerNonsenseError(
            f"The answer to {name} is not JSON: {body[:60]!r}", hint="It must be {events, responses}."
        ) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ActionServerNonsenseError(f"The answer to {name} is not an object", hint="It must be {events, responses}.")
    return data


def result_of(name: str, data: dict[str, Any], context: ActionContext) -> ActionResult:
    """The events and messages of an answer. Raises ActionServerNonsenseError saying what is wrong with it."""
    events, responses = _list(name, data, "events", MOST_EVENTS), _list(name, data, "responses", MOST_RESPONSES)
    try:
        known = tuple(e for e in map(event_from_rasa_json, events) if e is not None)
    except RasaEventError as error:
        raise ActionServerNonsenseError(f"The answer to {name} holds a wrong event: {error.message}") from None
    messages, notes = [], {"remote": name}
    for response in responses:
        if not isinstance(response, dict):
            raise ActionServerNonsenseError(f"The answer to {name} holds a response that is not an object")
        try:
            content = content_of(name, response, context)
        except NotFoundError as error:  # as Rasa: a response that nobody wrote is left out
            notes["left_out"] = error.message
            continue
        if content is not None:
            messages.append(content)
    return ActionResult(events=known, messages=tuple(messages), notes=notes)


def _list(name: str, data: dict[str, Any], key: str, most: int) -> list[Any]:
    found = data.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > most:
        raise ActionServerNonsenseError(f"`{key}` in the answer to {name} is not a list of at most {most}")
    return found


def content_of(name: str, response: dict[str, Any], context: ActionContext) -> Content | None:
    """One response as a message; None when it says nothing. Its own text, buttons and rich parts win over those of the utterance it names.

    Raises NotFoundError for an utterance that is not in the project, ActionServerNonsenseError for parts of a wrong type.
    """
    utterance = response.get("response") or response.get("template")
    draft = Content("")
    if utterance:
        values = {k: v for k, v in response.items() if k not in ("response", "template", "buttons") and not isinstance(v, dict | list)}
        draft = context.say(_text(name, utterance), **{k: v for k, v in values.items() if v is not None and k.isidentifier()})
    buttons = draft.buttons + _buttons(name, response.get("buttons") or response.get("quick_replies") or [])
    rich = {**draft.custom, **{k: response[k] for k in RICH if response.get(k)}}
    if response.get("json_message"):
        rich["custom"] = response["json_message"]
    text = _text(name, response.get("text")) or draft.text or _plain(rich)
    return Content(text, buttons=buttons, citations=draft.citations, custom=rich) if text or buttons or rich else None


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    if not isinstance(value, str):
        raise ActionServerNonsenseError(f"The answer to {name} holds a text that is none")
    return value


def _buttons(name: str, value: Any) -> tuple[Button, ...]:
    if not isinstance(value, list) or not all(isinstance(b, dict) and isinstance(b.get("title"), str) for b in value):
        raise ActionServerNonsenseError(f"The answer to {name} holds buttons without a title")
    return tuple(Button(b["title"], _text(name, b.get("payload")) or b["title"]) for b in value)


def _plain(rich: dict[str, Any]) -> str:
    """What a channel without pictures says instead: the address of an image or file, the titles of cards."""
    for key in ("image", "attachment"):
        value = rich.get(key)
        if isinstance(value, str):
            return value
        source = value.get("payload", {}).get("src") if isinstance(value, dict) and isinstance(value.get("payload"), dict) else None
        if isinstance(source, str):
            return source
    cards = rich.get("elements")
    titles = [f"{c.get('title', '')} : {c.get('subtitle', '')}" for c in cards if isinstance(c, dict)] if isinstance(cards, list) else []
    return "\n".join(titles)
