"""What a customer message means to the dialogue: a button's payload as intent and entities, or what was understood."""

from __future__ import annotations

import json
import re

from bot.dialogue_events import FoundEntity, UserSaid
from bot.engine import TurnMessage
from bot.project.types import NLU_FALLBACK, Config, Domain
from nlu.types import OUT_OF_SCOPE

_COMMAND = re.compile(r"/(?P<intent>[A-Za-z_][\w/]*)\s*(?P<values>\{.*\})?\s*", re.DOTALL)


def read_message(message: TurnMessage, *, domain: Domain, config: Config, in_form: bool = False) -> UserSaid:
    """The event of a message. A payload `/intent{"entity": "value"}` is taken at its word; a plain payload replaces the text.

    An intent below the threshold of the fallback classifier, or out of scope, becomes `nlu_fallback`.
    """
    payload = message.payload or ""
    command = _read_command(payload or message.text, domain)
    if command:
        return UserSaid(message.text, *command)
    understanding = message.understanding
    intent = understanding.intent
    if intent is None or intent == OUT_OF_SCOPE or understanding.confidence < config.nlu_threshold:
        intent = NLU_FALLBACK
    heard = config.repair.heard_first + (config.repair.leave_form if in_form else ())
    if intent not in heard:
        intent = next((name for name, _ in understanding.also if name in heard), intent)
    for entity, meant, instead_of in config.repair.with_entity:
        if not in_form and intent in instead_of and any(e.name == entity for e in understanding.entities):
            intent = meant
    found = tuple(FoundEntity(e.name, e.value, e.text, e.role, e.group) for e in understanding.entities)
    text = payload if payload and not payload.startswith("/") else message.text
    return UserSaid(text, intent.split("/", 1)[0], intent, understanding.confidence, found)


def _read_command(payload: str, domain: Domain) -> tuple[str, str, float, tuple[FoundEntity, ...]] | None:
    match = _COMMAND.fullmatch(payload.strip())
    if not match:
        return None
    full = match["intent"]
    base = full.split("/", 1)[0]
    if base not in domain.intents and base not in ("restart", "back", "session_start"):
        return None
    try:
        values = json.loads(match["values"] or "{}")
    except ValueError:
        return None
    found = []
    for name, value in values.items():
        each = value if isinstance(value, list) else [value]
        found += [FoundEntity(name, v, str(v)) for v in each if isinstance(v, str | int | float | bool)]
    return base, full, 1.0, tuple(found)


def spoken_language(message: TurnMessage, *, before: str) -> str:
    """The language to answer in: of the message, unless it holds no words (a button, a number, an address); then as before."""
    words = message.text
    for entity in message.understanding.entities:
        words = words.replace(entity.text, " ")
    words = re.sub(r"\S*@\S*|\b[A-Za-z]{1,3}[- ]?\d+\b", " ", words)
    if before and (message.payload or not re.search(r"[^\W\d_]", words)):
        return before
    language = message.understanding.language
    return before if before and (not language or language == "und") else language or before


def says_nothing_else(user: UserSaid) -> bool:
    """Whether the message is nothing but its entities (an order number, an address)."""
    rest = user.text
    for entity in user.entities:
        rest = rest.replace(entity.text, " ")
    return not re.search(r"[^\W\d_]", rest)
