"""`responses:` of a domain or data file."""

from __future__ import annotations

from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, refuse_unknown
from bot.project.problems import report
from bot.project.types import Place, ProjectError, Response, ResponseButton, ResponseCondition, Variation

VARIATION_KEYS = ("text", "buttons", "quick_replies", "image", "attachment", "custom", "channel", "condition", "metadata", "id", "elements")


def parse_responses(value: Any, place: Place) -> dict[str, Response]:
    """The responses by name. Raises ProjectError on one without text."""
    data = expect_mapping(value, place, "`responses`")
    return {name: _response(name, data[name], data.at(name)) for name in data}


def _response(name: str, value: Any, place: Place) -> Response:
    entries = expect_list(value, place, f"response {name!r}")
    if not entries:
        report(ProjectError(place, f"response {name!r} has no text", remedy="Add `- text: ...` below it."))
    return Response(name, place, tuple(_variation(name, entry, entries.at(i)) for i, entry in enumerate(entries)))


def _variation(name: str, value: Any, place: Place) -> Variation:
    data = expect_mapping(value, place, f"a variation of {name!r}")
    refuse_unknown(data, VARIATION_KEYS, f"response {name!r}")
    text = data.get("text")
    custom = {k: data[k] for k in ("custom", "image", "attachment", "elements") if k in data}
    if text is None and not custom and not data.get("buttons") and not data.get("quick_replies"):
        report(ProjectError(place, f"response {name!r} has no text", remedy="Add `text: ...`."))
    if text is not None and not isinstance(text, str):
        report(ProjectError(data.at("text"), f"the text of {name!r} is not text", remedy="Put it in quotes."))
    return Variation(
        str(text if text is not None else "").rstrip("\n"),
        place,
        buttons=_buttons(name, data),
        conditions=_conditions(data),
        channel=data.get("channel"),
        custom=custom,
    )


def _buttons(name: str, data: LinedDict) -> tuple[ResponseButton, ...]:
    key = "buttons" if "buttons" in data else "quick_replies"
    entries = expect_list(data.get(key), data.at(key), f"`{key}`")
    found = []
    for index, entry in enumerate(entries):
        place = entries.at(index)
        button = expect_mapping(entry, place, "a button")
        refuse_unknown(
            button,
            ("title", "payload", "type", "content_type", "image_url", "url", "reply", "webview_height_ratio", "button_type"),
            f"a button of {name!r}",
        )
        if not isinstance(button.get("title"), str):
            report(ProjectError(place, f"a button of {name!r} has no title", remedy="Add `title: ...`."))
        title = str(button.get("title") or "")
        found.append(ResponseButton(title, str(button.get("payload", title))))
    return tuple(found)


def _conditions(data: LinedDict) -> tuple[ResponseCondition, ...]:
    entries = expect_list(data.get("condition"), data.at("condition"), "`condition`")
    found = []
    for index, entry in enumerate(entries):
        place = entries.at(index)
        condition = expect_mapping(entry, place, "a condition")
        refuse_unknown(condition, ("type", "name", "value"), "a condition of a response")
        if condition.get("type") != "slot" or "name" not in condition:
            remedy = "Write `type: slot`, `name:` and `value:`."
            report(ProjectError(place, "a condition of a response must be of type slot", remedy=remedy))
            continue
        found.append(ResponseCondition(str(condition["name"]), condition.get("value")))
    return tuple(found)
