"""A soup kitchen: a form whose questions depend on what was answered."""

from __future__ import annotations

from typing import Any

from tests.parity.sdk import RejectedError, Result, Tracker, event, latest_text, slot, validate_form

DECLARED = ["dish", "size", "allergy"]
DISHES = ("tomato", "goulash", "miso")


def _required(slots: dict[str, Any]) -> list[str]:
    wanted = list(DECLARED)
    if slots.get("dish") == "goulash":
        wanted.insert(2, "spice")
    if slots.get("size") == "large":
        wanted.append("bread")
    return wanted


def _size(value: Any) -> dict[str, Any]:
    word = str(value).strip().lower()
    return {"size": {"s": "small", "l": "large"}.get(word, word if word in ("small", "large") else None)}


def _spice(value: Any) -> dict[str, Any]:
    return {"spice": float(value) if float(value) <= 10 else None}


def _allergy(tracker: Tracker) -> dict[str, Any]:
    text = latest_text(tracker)
    asked = tracker["slots"].get("requested_slot") == "allergy"
    if "nut" in text:
        return {"allergy": "nuts"}
    return {"allergy": "none"} if asked and text == "no" else {}


def validate_soup_form(tracker: Tracker) -> Result:
    """Checks the order; a cheat is rejected, a quitter leaves the form."""
    intent = tracker["latest_message"]["intent"].get("name")
    if intent == "cheat":
        raise RejectedError("no cheating")
    if intent == "quit":
        return [slot("requested_slot", None)], [{"text": "As you wish."}]
    responses: list[dict[str, Any]] = []

    def dish(value: Any) -> dict[str, Any]:
        known = str(value).lower() in DISHES
        if not known:
            responses.append({"response": "utter_no_such_dish"})
        return {"dish": str(value).lower() if known else None}

    checks = {"dish": dish, "size": _size, "spice": _spice}
    events = validate_form(tracker, DECLARED, checks=checks, required=_required, extractors={"allergy": _allergy})
    if any(e["name"] == "spice" and e["value"] is None for e in events):
        responses.append({"response": "utter_too_hot", "spice": "That"})
    return events, responses


def action_ask_size(tracker: Tracker) -> Result:
    """Asks with the dish's name and buttons."""
    dish = tracker["slots"]["dish"]
    return [], [
        {"text": f"How large a {dish}?", "buttons": [{"title": "Small", "payload": "small"}, {"title": "Large", "payload": "large"}]}
    ]


def action_ask_soup_form_spice(tracker: Tracker) -> Result:
    """Asks for the spice, this form's own way."""
    return [], [{"text": "How spicy, up to 10?"}]


def action_send_order(tracker: Tracker) -> Result:
    """Sends it and forgets the bread."""
    said = [{"text": f"Sent by {tracker['latest_message']['intent']['name']}."}]
    return [event("slot", name="bread", value=False)], said
