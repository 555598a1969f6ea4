"""`python -m simulators.chatwoot`: the simulated Chatwoot as a process."""

from __future__ import annotations

import argparse

import uvicorn

from simulators.chatwoot.api import build_app
from simulators.chatwoot.world import World


def main() -> None:
    """The command; `--hook` is where the agent bot is called."""
    parser = argparse.ArgumentParser(prog="python -m simulators.chatwoot", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8098)
    parser.add_argument("--hook", default="")
    options = parser.parse_args()
    world = World(hook=options.hook)
    uvicorn.run(build_app(world), host=options.host, port=options.port, log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
