"""Rasa's own environment: where its Python is, and work that is done there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kit.errors import BatonError, NotFoundError

DRIVER = Path(__file__).resolve().parent / "driver"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
}
MOST_LINES = 12


class NoRasaError(NotFoundError):
    """Rasa's environment is not there."""


class RasaFailedError(BatonError):
    """Rasa could not do what was asked of it."""


def rasa_python(environment: Path) -> Path:
    """The interpreter of Rasa's environment. Raises NoRasaError."""
    python = environment / "bin" / "python"
    if not python.exists() or not (environment / ".installed").exists():
        hint = "Make it with `make rasa-env`, or name one with BATON_RASA_ENV."
        raise NoRasaError(f"Rasa's environment {environment} is not there", hint=hint)
    return python


def rasa_environ() -> dict[str, str]:
    """The environment variables of a Rasa process: those of this one without the way to the database, and silence."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "DATABASE_URL")} | QUIET


def work_in_rasa(environment: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Lets `driver/rasa_work.py` do `order`; returns what it found. Raises NoRasaError, and RasaFailedError with Rasa's last lines."""
    python = rasa_python(environment)
    with TemporaryDirectory(prefix="baton-rasa-") as folder:
        request, result = Path(folder) / "order.json", Path(folder) / "result.json"
        request.write_text(json.dumps(order | {"result": str(result)}), encoding="utf-8")
        command = [str(python), "-W", "ignore", str(DRIVER / "rasa_work.py"), str(request)]
        done = subprocess.run(command, env=rasa_environ(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode or not result.exists():
            raise RasaFailedError(f"Rasa ended with code {done.returncode}:\n{last_lines(done.stderr)}", hint="Rasa's own words are above.")
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found


def last_lines(text: str) -> str:
    """The last lines that say something, without progress bars."""
    lines = [line.rsplit("\r", 1)[-1].rstrip() for line in text.splitlines()]
    return "\n".join([line for line in lines if line.strip() and "it/s]" not in line and "it]" not in line][-MOST_LINES:])
