"""Backup and restore with pg_dump and pg_restore of the embedded PostgreSQL's wheel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from kit.db import normalise_url
from kit.errors import BatonError
from kit.postgres import EmbeddedPostgres


class BackupError(BatonError):
    """The backup or restore failed."""


def _connection(url: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment for PostgreSQL's tools; the password never stands on a command line."""
    parts = urlsplit(normalise_url(url))
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    arguments = ["--username", unquote(parts.username or ""), "--dbname", parts.path.lstrip("/"), "--no-password"]
    if host:
        arguments += ["--host", unquote(host)]
    if parts.port:
        arguments += ["--port", str(parts.port)]
    return arguments, {"PGPASSWORD": unquote(parts.password or "")}


def _call(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-400:]}")


def backup(url: str, target: Path, *, tools: EmbeddedPostgres) -> int:
    """Writes the database to `target`; returns the size in bytes. The file appears only when it is complete. Raises BackupError."""
    arguments, environment = _connection(url)
    part = target.with_name(target.name + ".part")
    part.touch(mode=0o600)  # it will hold all customer data
    part.chmod(0o600)
    _call([tools.tool("pg_dump"), *arguments, "--format=custom", "--no-owner", "--no-privileges", "--file", str(part)], environment)
    part.replace(target)
    return target.stat().st_size


def restore(url: str, source: Path, *, tools: EmbeddedPostgres) -> None:
    """Replaces the database by `source`, all or nothing. Raises BackupError; the database is then as it was."""
    arguments, environment = _connection(url)
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _call([tools.tool("pg_restore"), *arguments, *options, str(source)], environment)
