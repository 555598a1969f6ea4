"""The queue of the Baton that many tests share, emptied for those that look at who is given what."""

from __future__ import annotations

import time

import httpx

from tests.e2e.test_api import token
from tests.live import LiveBaton

JUST_WRITTEN = 3.2  # nobody lets go of a conversation in which the customer has just written


def empty_queue(live: LiveBaton) -> None:
    """A supervisor takes and resolves whoever waits, left by other tests; they would be given out first and fill people's rooms."""
    with httpx.Client(base_url=f"{live.url}/v1", headers=token(live, "sam@lantern.example.com"), timeout=20) as http:
        for _ in range(20):
            waiting = [one["conversation_id"] for one in http.get("/queue").json()]
            if not waiting:
                return
            for one in waiting:
                http.post(f"/conversations/{one}/take")
            time.sleep(JUST_WRITTEN)
            for one in waiting:
                http.post(f"/conversations/{one}/resolve")
    raise AssertionError(f"they wait on: {waiting}")
