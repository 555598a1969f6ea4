"""Calls custom actions on a rasa-sdk action server, over the protocol of Rasa 3.6 (POST of the call, {events, responses} back).

A call is repeated only while no connection came about: after that the action may have run. `idempotent` in endpoints.yml allows more.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Sequence
from typing import Any

import httpx

from bot.actions.port import ActionContext, ActionResult
from bot.actions.remote_answer import ActionServerError, ActionServerNonsenseError, parse_answer, result_of
from bot.actions.remote_config import ActionEndpoint
from bot.dialogue_events import ActionRejected, DialogueEvent
from bot.project.types import Project
from bot.rasa_domain import domain_as_rasa_json
from bot.rasa_json import tracker_as_rasa_json
from kit.log import get_logger

RASA_VERSION = "3.6.21"  # action servers warn when the major and minor version are not theirs
CONNECT_SECONDS = 2.0
PAUSES = (0.1, 0.3, 0.9)
MOST_BYTES = 1_000_000

log = get_logger("actions")


class ActionServerDownError(ActionServerError):
    """The action server cannot be reached."""


class ActionServerSlowError(ActionServerError):
    """The action server did not answer in time."""


class RemoteActions:
    """The actions of one action server. One object may be used by many turns at once."""

    def __init__(self, endpoint: ActionEndpoint, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.endpoint = endpoint
        self._domain: tuple[Project, dict[str, Any]] | None = None
        self._client = httpx.AsyncClient(
            auth=httpx.BasicAuth(*endpoint.basic_auth) if endpoint.basic_auth else None,
            timeout=httpx.Timeout(endpoint.timeout, connect=min(CONNECT_SECONDS, endpoint.timeout)),
            limits=httpx.Limits(max_keepalive_connections=0),  # a kept connection may be dead, and then nobody knows whether the action ran
            verify=_verification(endpoint),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def close(self) -> None:
        """Lets the connections go."""
        await self._client.aclose()

    async def run(self, name: str, context: ActionContext, *, candidates: Sequence[DialogueEvent] = ()) -> ActionResult:
        """Runs the action `name` on the server; `candidates` are slots that it shall check before they are set (`validate_*`).

        An action that refuses to run gives the one event ActionRejected. Raises ActionServerError: ...Down, ...Slow, ...Nonsense.
        """
        body = json.dumps(self._call(name, context, candidates), default=str, ensure_ascii=False).encode()
        key = f"{context.turn.id}:{len(context.tracker.events)}:{name}"
        try:
            async with asyncio.timeout(self.endpoint.budget):
                status, answer = await self._post(name, body, key=key)
        except TimeoutError:
            raise ActionServerSlowError(f"{name} took longer than {self.endpoint.budget:g} seconds") from None
        if status == 400 and (refusal := _refusal(answer)):
            return ActionResult(events=(ActionRejected(refusal),), notes={"remote": name, "rejected": refusal})
        if status == 404:
            raise ActionServerError(f"The action server knows no action {name}", hint="Start it with the module that holds this action.")
        if status != 200:
            raise ActionServerError(f"The action server answered {status} to {name}", hint="Its own log says why.")
        return result_of(name, parse_answer(name, answer), context)

    def _call(self, name: str, context: ActionContext, candidates: Sequence[DialogueEvent]) -> dict[str, Any]:
        if self._domain is None or self._domain[0] is not context.project:
            self._domain = (context.project, domain_as_rasa_json(context.project))
        return {
            "next_action": name,
            "sender_id": str(context.turn.conversation_id),
            "tracker": tracker_as_rasa_json(context.tracker, context.turn, extra=candidates),
            "domain": self._domain[1],
            "version": RASA_VERSION,
        }

    async def _post(self, name: str, body: bytes, *, key: str) -> tuple[int, bytes]:
        for pause in (*PAUSES, None):
            try:
                status, answer = await self._post_once(name, body, key=key)
                if pause is None or not self.endpoint.idempotent or status not in (502, 503, 504):
                    return status, answer
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if pause is None:
                    raise ActionServerDownError(
                        f"{name} cannot run: no action server at {self.endpoint.url}", hint="Start it, or correct endpoints.yml."
                    ) from None
            except httpx.TimeoutException:
                if pause is None or not self.endpoint.idempotent:
                    raise ActionServerSlowError(f"{name} took longer than {self.endpoint.timeout:g} seconds") from None
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
                if pause is None or not self.endpoint.idempotent:
                    raise ActionServerError(f"The call of {name} broke off: {type(error).__name__}") from None
            log.info("action is called again", action=name)
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _post_once(self, name: str, body: bytes, *, key: str) -> tuple[int, bytes]:
        headers = {**self.endpoint.headers, "Content-Type": "application/json", "Idempotency-Key": key}
        async with self._client.stream(
            "POST", self.endpoint.url, content=body, params=dict(self.endpoint.params) or None, headers=headers
        ) as got:
            answer = bytearray()
            async for chunk in got.aiter_bytes():
                answer += chunk
                if len(answer) > MOST_BYTES:
                    raise ActionServerNonsenseError(f"The answer to {name} is larger than {MOST_BYTES:,} bytes")
            return got.status_code, bytes(answer)


def _refusal(answer: bytes) -> str | None:
    """The action that an ActionExecutionRejection names."""
    try:
        data = json.loads(answer)
    except ValueError:
        return None
    name = data.get("action_name") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name else None


def _verification(endpoint: ActionEndpoint) -> ssl.SSLContext | bool:
    if not endpoint.url.startswith("https://"):
        return False
    return ssl.create_default_context(cafile=endpoint.cafile)
