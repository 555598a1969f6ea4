"""Answers in free words: what is none, and what means "nothing to add"."""

from __future__ import annotations

import re

from bot.dialogue_events import UserSaid
from bot.project.types import NLU_FALLBACK

NOTHING = "-"  # the value of "nothing to add", also sent by buttons
QUESTION = re.compile(
    r"[?？]\s*$|^\s*(?:what|when|where|which|who|how|can|could|do|does|is|are|will)\b|嗎\s*$|吗\s*$|幾耐|点样|點樣|^\s*(?:quando|como"
    r"|onde|qual|quanto|posso)\b",
    re.IGNORECASE,
)
NEVER = {"stop", "talk_to_human"}
NOT_AN_ANSWER = NEVER | {"affirm", "deny", "greet", "thank", "goodbye", "inform", "ask_help", "bot_challenge", "track_order"}
_NOTHING = re.compile(
    r"^\W*(?:no(?:thing)?(?: (?:more|else|to add|comment))?|none|skip|that'?s (?:all|it)|as it (?:is|was)|no thanks?"
    r"|(?:冇|無|没有|沒有|冇啦|無喇|不用|唔使|唔需要|跳過|跳过|照舊|照旧|一樣|一样)(?:了|啦|補充|补充)?"
    r"|nada(?: mais)?|n[aã]o(?: obrigad[oa])?|nenhum[a]?|s[oó] isso|[eé] tudo|como (?:est[aá]|estava))\W*$",
    re.IGNORECASE,
)


def free_answer(user: UserSaid | None, *, also: frozenset[str] = frozenset(), longest: int = 500) -> str | None:
    """The customer's words as an answer; None when they ask something, mean something else, or are a button.

    `also` are further intents that are no answer. A base intent or a whole one counts.
    """
    if user is None or not re.search(r"\w", user.text) or user.text.startswith("/") or QUESTION.search(user.text):
        return None
    if {user.intent, user.full_intent} & (NOT_AN_ANSWER | also):
        return None
    return user.text.strip()[:longest]


def optional_answer(user: UserSaid | None, *, longest: int = 500) -> str | None:
    """The same for a question that may be left open: "no" and "nothing" give NOTHING."""
    if user is not None and user.intent not in NEVER and (user.intent == "deny" or _NOTHING.match(user.text)):
        return NOTHING
    return free_answer(user, longest=longest)


def is_unclear(user: UserSaid) -> bool:
    """Whether no intent was found in the message."""
    return user.intent == NLU_FALLBACK
