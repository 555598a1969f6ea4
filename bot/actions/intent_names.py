"""What intents are called before customers."""

from __future__ import annotations

from bot.actions.port import ActionContext


def name_of(context: ActionContext, intent: str) -> str:
    """The response named after the intent (a slash in it as an underscore), else the intent's own name without underscores."""
    plain = intent.replace("/", "_")
    return context.word(f"utter_name_of_{plain}", intent.rsplit("/", 1)[-1].replace("_", " ").capitalize())
