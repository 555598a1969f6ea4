"""`python -m simulators.telegram`: the simulated Telegram as a process."""

from __future__ import annotations

from simulators.telegram.api import build
from simulators.telegram.world import Config
from simulators.telling import run

if __name__ == "__main__":
    run("telegram", lambda values: build(Config(**values))[0], port=8091)  # type: ignore[arg-type]
