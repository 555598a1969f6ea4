"""`python -m simulators.wechat --set hook_url=http://127.0.0.1:8080/hooks/wechat/gh_simulated`."""

from __future__ import annotations

from simulators.telling import run
from simulators.wechat.server import build

if __name__ == "__main__":
    run("wechat", lambda settings: build(settings)[0], port=8094)
