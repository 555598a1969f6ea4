"""A radio station: an action that speaks in every way it can."""

from __future__ import annotations

from tests.parity.sdk import Result, Tracker


def action_speak(tracker: Tracker) -> Result:
    """Text, a response of the domain with values of its own, buttons, a picture, an attachment, a payload."""
    return [], [
        {"text": "Plain."},
        {"response": "utter_play", "song": "Help", "nobody": "me"},
        {"response": "utter_menu", "buttons": [{"title": "More", "payload": "/greet"}]},
        {"text": "Choose", "buttons": [{"title": "A", "payload": "/greet"}], "image": None, "custom": {}, "elements": []},
        {"image": "https://images.example/x.png"},
        {"attachment": {"type": "video", "payload": {"src": "https://files.example/v.mp4"}}},
        {"custom": {"kind": "map", "at": [1, 2]}},
        {"response": "utter_nowhere"},
        {"text": "Done."},
    ]
