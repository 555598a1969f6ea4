"""`python -m simulators.email --set imap_port=1143 --set smtp_port=1025`."""

from __future__ import annotations

from simulators.email.server import build
from simulators.telling import run

if __name__ == "__main__":
    run("email", lambda settings: build(settings)[0], port=8092)
