"""Parses what Rasa's clients send. Pure, save that a message without an id of its own gets one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from channels.rasa.types import CALLBACK, REST, SOCKETIO, Address, RasaError
from channels.web.parse import known_language
from context.types import Inbound

DEFAULT_SENDER = "default"
LONGEST_NAME, MOST_METADATA = 200, 10_000


def parse_rest(body: Any) -> Inbound:
    """The message of POST /webhooks/rest/webhook. Raises RasaError.

    `input_channel` keeps conversations of several front ends apart; a `message_id` in `metadata` makes a repeat do nothing.
    """
    data = _object(body)
    account = _name(data, "input_channel", REST)
    return _inbound(Address(REST, account, _name(data, "sender", DEFAULT_SENDER)), data.get("message"), data.get("metadata"))


def parse_callback(body: Any) -> Inbound:
    """The message of POST /webhooks/callback/webhook. Raises RasaError."""
    data = _object(body)
    return _inbound(Address(CALLBACK, CALLBACK, _name(data, "sender", DEFAULT_SENDER)), data.get("message"), data.get("metadata"))


def parse_uttered(data: Mapping[str, Any], *, sender: str, metadata_key: str) -> Inbound:
    """The message of a `user_uttered` event. Raises RasaError."""
    metadata = data.get(metadata_key)
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except ValueError:
            raise RasaError(400, "BadRequest", f"`{metadata_key}` is not JSON") from None
    return _inbound(Address(SOCKETIO, SOCKETIO, sender), data.get("message"), metadata)


def parse_session(data: Any) -> str:
    """The session of a `session_request`: the client's own id, or a new one."""
    wanted = data.get("session_id") if isinstance(data, Mapping) else None
    return str(wanted) if _is_name(wanted) else uuid4().hex


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise RasaError(400, "BadRequest", "The body is not a JSON object")
    return body


def _name(data: Mapping[str, Any], key: str, default: str) -> str:
    value = data.get(key)
    if value is None or value == "":
        return default
    if not _is_name(value):
        raise RasaError(400, "BadRequest", f"`{key}` is not a text of at most {LONGEST_NAME} characters that can be printed")
    return str(value)


def _is_name(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return 0 < len(str(value)) <= LONGEST_NAME and str(value).isprintable()


def _inbound(address: Address, message: Any, metadata: Any) -> Inbound:
    if not isinstance(message, str):
        raise RasaError(400, "BadRequest", "`message` is not a text")
    known = metadata if isinstance(metadata, Mapping) else {}
    given = known.get("message_id")
    message_id = str(given) if _is_name(given) else uuid4().hex
    return Inbound(
        channel=address.channel,
        account=address.account,
        identity=address.sender,
        external_id=f"{address.sender}:{message_id}",
        text=message,
        payload=message.strip() if message.strip().startswith("/") else None,
        language=known_language(known.get("language")),
        metadata=_kept(known),
    )


def _kept(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata for the bot. Raises RasaError when it is too large or cannot be stored."""
    try:
        written = json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        written = b"\\u0000"
    if len(written) > MOST_METADATA:
        raise RasaError(413, "TooLarge", f"The metadata is larger than {MOST_METADATA:,} bytes of JSON")
    if b"\\u0000" in written:
        raise RasaError(400, "BadRequest", "The metadata holds what cannot be stored, such as NUL or NaN")
    return dict(metadata)
