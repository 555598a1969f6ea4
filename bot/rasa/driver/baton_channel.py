"""Baton's door into a Rasa server: one request is one customer message with all that came before it; runs in Rasa's environment.

Rasa keeps nothing: the events come with the request, the new ones go back with the answer. No event that came in is acted upon again.
Named in credentials.yml as `baton_channel.BatonChannel`, with the `token` that a request must bear.
"""

from __future__ import annotations

import hmac
import logging
import time
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage  # type: ignore[import-not-found]
from rasa.shared.core.events import ReminderCancelled, ReminderScheduled, deserialise_events  # type: ignore[import-not-found]
from rasa.shared.core.trackers import DialogueStateTracker  # type: ignore[import-not-found]
from sanic import Blueprint, response  # type: ignore[import-not-found]

AFTER_READING = "action_baton_after_reading"

logger = logging.getLogger(__name__)


class BatonOutput(CollectingOutputChannel):  # type: ignore[misc]
    """What is said stands in the events; `name` is the channel on which the customer writes."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self.channel = channel

    def name(self) -> str:
        """The channel that responses are chosen for."""
        return self.channel


class BatonChannel(InputChannel):  # type: ignore[misc]
    """`POST /webhooks/baton/turn` and `GET /webhooks/baton/ready`."""

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def name(cls) -> str:
        """The part of the address after `/webhooks/`."""
        return "baton"

    @classmethod
    def from_credentials(cls, credentials: Any) -> BatonChannel:
        """Made by Rasa from credentials.yml."""
        return cls(str(credentials["token"]))

    def blueprint(self, on_new_message: Any) -> Any:  # noqa: ARG002 - Rasa's shape; the usual way in would read stored events
        """The routes."""
        routes = Blueprint("baton_channel")

        def may(request: Any) -> bool:
            return hmac.compare_digest(request.headers.get("X-Baton-Token", ""), self.token)

        @routes.get("/ready")  # type: ignore[untyped-decorator]
        async def ready(request: Any) -> Any:
            agent = getattr(request.app.ctx, "agent", None)
            if not may(request):
                return response.json({"error": "The token is wrong"}, status=403)
            is_ready = agent is not None and agent.is_ready()
            return response.json({"ready": is_ready}, status=200 if is_ready else 503)

        @routes.post("/turn")  # type: ignore[untyped-decorator]
        async def turn(request: Any) -> Any:
            if not may(request):
                return response.json({"error": "The token is wrong"}, status=403)
            try:
                return response.json({"events": await take(request.app.ctx.agent.processor, request.json)})
            except Exception as error:
                logger.exception("turn failed")
                return response.json({"error": f"{type(error).__name__}: {error}"[:500]}, status=500)

        return routes


async def take(processor: Any, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Lets Rasa answer one message as its own `handle_message` does, save that the tracker comes from outside and is not stored.

    Between reading and predicting Baton may mend the talk: its action AFTER_READING is asked for events.
    """
    shift = time.time() - body["now"]  # how long ago something was counts from the message, not from when its turn came
    past = [{**event, "timestamp": event["timestamp"] + shift} for event in body["events"]]
    tracker = DialogueStateTracker.from_dict(body["sender_id"], past, processor.domain.slots)
    before = len(tracker.events)
    said = body["message"]
    output = BatonOutput(said["channel"])
    await processor._update_tracker_session(tracker, output, said["metadata"])
    tracker.update_with_events(deserialise_events(body["changed"]), processor.domain)
    message = UserMessage(
        said["text"],
        output,
        body["sender_id"],
        parse_data=said["parse_data"],
        input_channel=said["channel"],
        message_id=said["id"],
        metadata={**said["metadata"], "baton_turn": body["key"], "baton_shift": shift},
    )
    await processor._handle_message_with_tracker(message, tracker)
    tracker = await processor.run_action_extract_slots(output, tracker)
    if AFTER_READING in processor.domain.user_actions and not tracker.is_paused():
        mended = await processor._get_action(AFTER_READING).run(output, processor.nlg, tracker, processor.domain)
        tracker.update_with_events(mended, processor.domain)
    await processor._run_prediction_loop(output, tracker)
    new = list(tracker.events)[before:]
    return [event.as_dict() for event in new if not isinstance(event, (ReminderScheduled, ReminderCancelled))]
