"""Secrets of this installation, made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def load_secret(data_dir: Path, name: str) -> str:
    """The secret `name`; made at first use, readable by the owner only."""
    path = data_dir / f"{name}.secret"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True)
        value = secrets.token_urlsafe(32)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(value)
        return value
