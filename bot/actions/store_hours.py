"""When the stores are open, by `store_hours` in the settings: the hours, and whether they are open at this moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.actions.port import ActionContext


def store_lines(context: ActionContext) -> list[str]:
    """A line for each store; none when the settings name no stores.

    A store is `{name: {en: ..., pt: ...}, from: "10:00", to: "20:00"}`, with `weekdays` (1 is Monday) when it is not open daily;
    `store_utc_offset` in hours says whose clock it is.
    """
    local = _local(context)
    return [_line(store, local, context) for store in context.setting("store_hours", [])]


def _local(context: ActionContext) -> datetime:
    offset = float(context.setting("store_utc_offset", 0))
    return context.turn.now - (context.turn.now.utcoffset() or timedelta()) + timedelta(hours=offset)


def _line(store: dict[str, Any], local: datetime, context: ActionContext) -> str:
    names = store["name"] if isinstance(store["name"], dict) else {"en": store["name"]}
    spoken = "zh-Hant" if context.language.startswith("zh") and context.language not in names else context.language
    name = names.get(spoken) or names.get(spoken.split("-", 1)[0]) or next(iter(names.values()))
    clock = local.strftime("%H:%M")
    today = local.isoweekday() in store.get("weekdays", range(1, 8))
    if today and store["from"] <= clock < store["to"]:
        state = "utter_store_open_now"
    elif today and clock < store["from"]:
        state = "utter_store_opens_today"
    else:
        state = "utter_store_closed_now"
    return context.say(state, store=name, opens=store["from"], closes=store["to"]).text
