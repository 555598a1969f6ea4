"""Serves until stopped."""

from __future__ import annotations

import argparse

import uvicorn

from simulators.hubspot.server import build_app

parser = argparse.ArgumentParser(prog="python -m simulators.hubspot")
parser.add_argument("--port", type=int, default=9103)
uvicorn.run(build_app(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning")
