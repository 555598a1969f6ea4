"""`routing show`, `routing check`, `routing set`, `routing try`: the rules of the queue on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.common import console, explained, run, settings
from app.supervise import database_of
from app.wiring import build_base
from context.staff.audit import Subject, record_change_of
from desk.routing.checks import check_rules
from desk.routing.store import find_source, read_teams, save_rules
from desk.routing.trying import make_facts, try_facts
from kit.clock import utc_now
from kit.errors import NotFoundError

app = typer.Typer(name="routing", no_args_is_help=True, help="Who gets which conversation: rules, checks, a dry run.")
T = TypeVar("T")
RulesFile = Annotated[Path, typer.Argument(help="A YAML file with routing rules")]


def _with_session(action: Callable[[AsyncSession], Awaitable[T]]) -> T:
    async def body(url: str) -> T:
        base = build_base(url)
        try:
            async with base.database.transaction() as session:
                return await action(session)
        finally:
            await base.database.close()

    with database_of(settings()) as url:
        return run(body(url))


def _read(file: Path) -> str:
    if not file.is_file():
        raise NotFoundError(f"There is no file {file}")
    return file.read_text(encoding="utf-8", errors="replace")


@app.command()
def show() -> None:
    """Print the rules in force."""
    with explained():
        source = _with_session(find_source)
        sys.stdout.write(source if source else "# No rules: everybody may take everything.\n")


@app.command()
def check(file: RulesFile) -> None:
    """Say all that is wrong with a file of rules, with line and remedy. Exit code 1 when they cannot be used."""
    with explained():
        source = _read(file)

        async def body(session: AsyncSession) -> int:
            problems = check_rules(source, await read_teams(session))[1]
            for problem in problems:
                console.print(f"{file}:{problem}{' (a warning)' if problem.warning else ''}", markup=False, soft_wrap=True)
            return len([p for p in problems if not p.warning])

        errors = _with_session(body)
        if errors:
            raise typer.Exit(1)
        console.print("These rules can be used.")


@app.command(name="set")
def set_rules(file: RulesFile, note: Annotated[str, typer.Option(help="Why, for the list of versions")] = "") -> None:
    """Put a file of rules in force. The versions before stay."""
    with explained():
        source = _read(file)

        async def body(session: AsyncSession) -> int:
            version = await save_rules(session, source, author="command line", note=note)
            subject, details = Subject("routing", str(version), f"version {version}"), {"after": note} if note else None
            await record_change_of(session, ("", "command line"), "routing.changed", subject, at=utc_now(), details=details)
            return version

        version = _with_session(body)
        console.print(f"Version {version} is in force.")


@app.command(name="try")
def try_rules(
    facts: Annotated[
        list[str] | None,
        typer.Argument(help="What is known, as language=pt channel=whatsapp intents=track_order,refund vip=true waited=300 (seconds) ..."),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Rules that are not in force yet")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
) -> None:
    """A dry run: who would get such a conversation now, and why. Nothing is changed."""
    with explained():
        known = make_facts(_facts(facts or []))
        source = _read(rules) if rules else None
        found = _with_session(lambda session: try_facts(session, known, source=source))
        if as_json:
            sys.stdout.write(json.dumps(found.as_json(), ensure_ascii=False) + "\n")
            return
        console.print(f"[bold]{found.person or 'Nobody for now'}[/] (team {found.team or '-'}, priority {found.priority})")
        for sentence in (*found.reasons, *(why for _, why in found.others)):
            console.print(f"  {sentence}", markup=False, soft_wrap=True)


_LISTS, _FLAGS = ("intents", "products", "alerts"), ("vip", "angry", "urgent")
_WORDS = ("language", "channel", "reason", "sla", "suggested_team")


def _facts(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in given:
        name, _, value = part.partition("=")
        if name in _LISTS:
            found[name] = value.split(",")
        elif name in _FLAGS:
            found[name] = value.lower() in {"", "true", "yes", "1"}
        elif name in {"waited", "sentiment"} and value.lstrip("-").isdecimal():
            found[name] = int(value)
        elif name.startswith(("slot.", "attribute.")):
            kind, _, key = name.partition(".")
            found.setdefault(f"{kind}s", {})[key] = value
        elif name in _WORDS:
            found[name] = value
        else:
            known = ", ".join((*_WORDS, *_LISTS, *_FLAGS, "waited", "sentiment", "slot.NAME", "attribute.NAME"))
            raise NotFoundError(f"{part!r} is no fact", hint=f"Write name=value; there are: {known}.")
    return found
