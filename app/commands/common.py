"""What commands share: settings, errors as sentences, figures as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from app.settings import Settings, read_settings
from kit.db import unavailable
from kit.errors import BatonError
from kit.log import set_up_logging

T = TypeVar("T")
console = Console(stderr=True, highlight=False)


def settings() -> Settings:
    """The settings, with the log set up."""
    found = read_settings()
    set_up_logging(level=found.log_level)
    return found


@contextmanager
def explained() -> Iterator[None]:
    """Turns an expected error into a sentence on standard error and exit code 1."""
    try:
        yield
    except BatonError as error:
        _explain(error)
        raise typer.Exit(1) from None
    except (OperationalError, psycopg.OperationalError) as error:
        _explain(unavailable(error))
        raise typer.Exit(1) from None


def _explain(error: BatonError) -> None:
    console.print(f"[bold red]Error:[/] {_plain(error.message)}", soft_wrap=True)
    if error.hint:
        console.print(f"[dim]{_plain(error.hint)}[/]", soft_wrap=True)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end."""
    return asyncio.run(coroutine)


def show(figures: dict[str, Any], *, as_json: bool, title: str) -> None:
    """Prints figures: one JSON object, last, on standard output; or a table."""
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    table = Table(title=title, show_header=False)
    for name, value in figures.items():
        if not isinstance(value, dict | list):
            table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    Console().print(table)
