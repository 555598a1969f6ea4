"""`python -m simulators.twilio`: the simulated Twilio as a process."""

from __future__ import annotations

from simulators.telling import run
from simulators.twilio.api import build
from simulators.twilio.world import Config

if __name__ == "__main__":
    run("twilio", lambda values: build(Config(**values))[0], port=8093)  # type: ignore[arg-type]
