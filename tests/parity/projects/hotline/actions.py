"""A hotline whose actions send every kind of event."""

from __future__ import annotations

from tests.parity.sdk import RejectedError, Result, Tracker, event, slot


def action_follow(tracker: Tracker) -> Result:
    """Wants another action at once."""
    return [event("followup", name="utter_after")], [{"text": "Follow me."}]


def action_lost(tracker: Tracker) -> Result:
    """Wants an action that there is not."""
    return [event("followup", name="action_nowhere")], []


def action_reset(tracker: Tracker) -> Result:
    """Forgets the slots, then knows a mood."""
    return [event("reset_slots"), slot("mood", "fresh")], []


def action_pause(tracker: Tracker) -> Result:
    """Falls silent; resumes when it was silent."""
    return [event("pause")], [{"text": "Silence."}]


def action_undo(tracker: Tracker) -> Result:
    """Takes back the last action, which is this one."""
    asked = sum(e["event"] == "undo" for e in tracker["events"])
    return ([event("undo")] if asked < 1 else [slot("mood", "undone")]), [{"text": "Undo."}]


def action_rewind(tracker: Tracker) -> Result:
    """Takes back what the customer said."""
    return [slot("mood", "rewound"), event("rewind"), slot("mood", "after")], [{"text": "Rewind."}]


def action_restart_all(tracker: Tracker) -> Result:
    """Begins anew."""
    return [event("restart"), event("followup", name="utter_greet")], [{"text": "Restart."}]


def action_session(tracker: Tracker) -> Result:
    """A new session by hand."""
    return [event("session_started"), slot("mood", "sessional"), event("action", name="action_listen")], []


def action_append(tracker: Tracker) -> Result:
    """Writes history: an action, what the bot and the customer said."""
    parse = {
        "intent": {"name": "inform", "confidence": 1.0},
        "entities": [{"entity": "name", "value": "Ada", "start": 0, "end": 3}],
        "text": "Ada",
    }
    return [
        event("action", name="utter_after", policy=None, confidence=None),
        event("bot", text="I said this.", data={}, metadata={}),
        event("action", name="action_listen", policy=None, confidence=None),
        event("user", text="Ada", parse_data=parse, input_channel="x", message_id="1", metadata={}),
    ], []


def action_loop(tracker: Tracker) -> Result:
    """Starts a form by an event."""
    return [event("active_loop", name="call_form")], []


def action_stop_loop(tracker: Tracker) -> Result:
    """Ends it by an event."""
    return [event("active_loop", name=None), slot("requested_slot", None)], [{"text": "Loop ended."}]


def action_reject(tracker: Tracker) -> Result:
    """Does not want to."""
    raise RejectedError("not now")


def action_fail(tracker: Tracker) -> Result:
    """Breaks."""
    raise ZeroDivisionError("broken")


def action_odd(tracker: Tracker) -> Result:
    """Answers with an event that nobody knows."""
    return [{"event": "dance", "timestamp": None}], [{"text": "Odd."}]


def action_endless(tracker: Tracker) -> Result:
    """Calls another that calls it."""
    return [event("followup", name="action_again")], [{"text": "Ping."}]


def action_again(tracker: Tracker) -> Result:
    """Calls the first again."""
    return [event("followup", name="action_endless")], [{"text": "Pong."}]


def action_export(tracker: Tracker) -> Result:
    """The rarest events."""
    return [event("export"), event("agent", text="A person says.", data=None), event("resume")], []
