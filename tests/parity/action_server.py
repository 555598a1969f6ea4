"""A tiny action server in Rasa's HTTP protocol over the functions of a project's `actions.py`; runs beside both engines."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.parity.conversations import PROJECTS
from tests.parity.sdk import RejectedError

Answer = tuple[int, dict[str, Any]]


def load_actions(project: str) -> dict[str, Callable[..., Any]]:
    """The public functions of `projects/<project>/actions.py`; none when there is no such file."""
    path: Path = PROJECTS / project / "actions.py"
    if not path.exists():
        return {}
    spec = importlib.util.spec_from_file_location(f"parity_actions_{project}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {n: f for n, f in vars(module).items() if n.startswith(("action_", "validate_")) and callable(f)}


def answer(actions: dict[str, Callable[..., Any]], call: dict[str, Any]) -> Answer:
    """Status and body for one call: 400 when the action rejects, 404 when there is none, 500 when it fails."""
    name = call["next_action"]
    if name not in actions:
        return 404, {"error": f"No registered action found for name '{name}'.", "action_name": name}
    try:
        events, responses = actions[name](call["tracker"])
    except RejectedError as error:
        return 400, {"error": str(error), "action_name": name}
    except Exception as error:
        return 500, {"error": repr(error), "action_name": name}
    return 200, {"events": events, "responses": responses}


@contextmanager
def serving(project: str) -> Iterator[str]:
    """Serves the project's actions on a free port of the loopback; yields the webhook's address."""
    actions = load_actions(project)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said = answer(actions, json.loads(body))
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/webhook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
