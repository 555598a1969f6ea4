"""`python -m simulators.webhook`: the simulated system as a process."""

from __future__ import annotations

from simulators.telling import run
from simulators.webhook.system import Config, build

if __name__ == "__main__":
    run("webhook", lambda values: build(Config(**values))[0], port=8094)
