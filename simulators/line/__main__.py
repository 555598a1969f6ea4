"""`python -m simulators.line`: the simulated LINE as a process."""

from __future__ import annotations

from simulators.line.api import build
from simulators.line.world import Config
from simulators.telling import run

if __name__ == "__main__":
    run("line", lambda values: build(Config(**values))[0], port=8092)  # type: ignore[arg-type]
