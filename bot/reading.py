"""What a customer message means to the dialogue: a button's payload as intent and entities, or what was understood."""

from __future__ import annotations

import re

from bot.commands import read_command
from bot.dialogue_events import FoundEntity, UserSaid
from bot.engine import TurnMessage
from bot.project.types import NLU_FALLBACK, Config, Domain
from context.types import Understanding
from nlu.types import OUT_OF_SCOPE

INTRODUCING = re.compile(
    r"\b(?:and|my|the|is|it'?s?|this|that'?s|here|order|number|no|e-?mail|mail|address|phone|telephone|tel|mobile|with|for|under|of|are|i"
    r"|used|use|am"
    r"|please|thanks|thank you|sorry|oh|ok|yes|from"
    r"|e|o|a|os|as|meu|minha|[eé]|n[uú]mero|da|de|do|encomenda|pedido|telefone|telem[oó]vel|com|por favor|obrigad[oa]|desculpe|sim)\b"
    r"|[我的嘅係是個个張张號号同和呀呢啦喇]|訂單|订单|[單单]|編|编|電郵|电邮|郵箱|邮箱|電話|电话|手機|手机|謝謝|谢谢|唔該",
    re.IGNORECASE,
)


def read_message(message: TurnMessage, *, domain: Domain, config: Config, in_form: bool = False) -> UserSaid:
    """The event of a message. A payload `/intent{"entity": "value"}` is taken at its word; a plain payload replaces the text.

    An intent below the threshold of the fallback classifier, too close to the next one, or out of scope, becomes `nlu_fallback`.
    """
    payload = message.payload or ""
    at = message.at.timestamp()
    command = read_command(payload or message.text, domain)
    if command:
        found = tuple(FoundEntity(name, value, str(value)) for name, value in command.values)
        full, sure = command.full_intent, command.confidence
        return UserSaid(message.text, full.split("/", 1)[0], full, sure, found, ((full, sure),), at)
    understanding = message.understanding
    ranking = understanding.ranking[:RANKED]
    if config.foreign and not config.nlu_threshold and understanding.intent != NLU_FALLBACK:
        intent = understanding.intent or next((name for name, _ in ranking), "")  # the project has no fallback: the likeliest one it is
    else:
        intent = NLU_FALLBACK if _unclear(understanding, config) else understanding.intent or NLU_FALLBACK
    if intent == NLU_FALLBACK and (not ranking or ranking[0][0] != NLU_FALLBACK):
        ranking = ((NLU_FALLBACK, config.nlu_threshold), *ranking)
    heard = config.repair.heard_first + (config.repair.leave_form if in_form else ())
    if intent not in heard:
        intent = next((name for name, _ in understanding.also if name in heard), intent)
    for entity, meant, instead_of in config.repair.with_entity:
        if not in_form and intent in instead_of and any(e.name == entity for e in understanding.entities):
            intent = meant
    known = [e for e in understanding.entities if not config.foreign or e.name in domain.entities]
    entities = tuple(FoundEntity(e.name, e.value, e.text, e.role, e.group, e.start, e.end) for e in known)
    text = payload if payload and not payload.startswith("/") else message.text
    return UserSaid(text, intent.split("/", 1)[0], intent, understanding.confidence, entities, ranking, at)


RANKED = 5


def _unclear(understanding: Understanding, config: Config) -> bool:
    if understanding.intent in (None, OUT_OF_SCOPE, NLU_FALLBACK) or understanding.confidence < config.nlu_threshold:
        return True
    close = [score for _, score in understanding.ranking[:2]]
    return len(close) == 2 and close[0] - close[1] < config.nlu_ambiguity


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
    """Whether the message is nothing but its entities (an order number, an address) and words that only introduce them."""
    rest = user.text
    for entity in sorted(user.entities, key=lambda e: -len(e.text)):
        rest = rest.replace(entity.text, " ")
    return not re.search(r"[^\W\d_]", INTRODUCING.sub(" ", rest))
