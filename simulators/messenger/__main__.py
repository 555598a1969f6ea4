"""`python -m simulators.messenger --set hook_url=http://127.0.0.1:8080/hooks/messenger/110001`."""

from __future__ import annotations

from simulators.messenger.server import build
from simulators.telling import run

if __name__ == "__main__":
    run("messenger", lambda settings: build(settings)[0], port=8093)
