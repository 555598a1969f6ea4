"""The bot in the terminal, without server or database, with the trace of each decision."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from rich.console import Console

from app.chat_trace import print_trace
from app.chat_worlds import World, project_world, trained_world
from app.settings import Settings
from bot.commands import read_command
from bot.engine import Reply, Turn, TurnMessage
from bot.trace import read_trace
from context.types import Understanding
from kit.clock import utc_now
from kit.errors import BatonError, NotFoundError


@dataclass
class Talk:
    """The state of one talk."""

    conversation_id: UUID = field(default_factory=uuid4)
    contact_id: UUID = field(default_factory=uuid4)
    slots: dict[str, Any] = field(default_factory=dict)
    dialogue: dict[str, Any] = field(default_factory=dict)
    language: str = "en"


def chat(settings: Settings, *, language: str | None, trace: bool, project: Path | None = None, console: Console | None = None) -> None:
    """Reads lines and answers until the end of input, as the trained bot or as that of a Rasa 3 `project`.

    Raises NoModelError before the first training, NotFoundError and ProjectError for a project that is not there or cannot be read.
    """
    if project is not None and not project.is_dir():
        raise NotFoundError(f"There is no folder {project}")
    console = console or Console(highlight=False)
    if project is not None:
        world = project_world(settings, project, console)
    else:
        with console.status("Loading ..."):
            world = trained_world(settings)
    for note in world.notes:
        console.print(note, style="yellow", markup=False, soft_wrap=True)
    console.print('[dim]Write to the bot, or name an intent yourself: /greet, /order{"size": "big"}. An empty line or Ctrl-D ends.[/]')
    talk = Talk(language=language or world.engine.project.config.language)
    while line := _next_line(console):
        try:
            reply = asyncio.run(take_turn(world, talk, line, language))
        except BatonError as error:
            console.print(
                f"     the bot failed: {error.message.rstrip('.')}. A customer would get a person now.",
                style="red",
                markup=False,
                soft_wrap=True,
            )
            continue
        print_reply(console, reply)
        if trace:
            print_trace(console, read_trace(reply.trace))


def _next_line(console: Console) -> str:
    try:
        return console.input("[bold]you:[/] ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


async def take_turn(world: World, talk: Talk, line: str, language: str | None) -> Reply:
    """The reply to a line; `talk` goes on by it."""
    if read_command(line, world.engine.project.domain):
        understood = Understanding(talk.language, None, 0.0)
    else:
        understood = world.understand(line, language, talk.language, talk.dialogue.get("expected"))
    message = TurnMessage(uuid4(), line, None, understood, utc_now())
    turn = Turn(
        id=uuid4(), conversation_id=talk.conversation_id, messages=(message,), slots=talk.slots, dialogue=talk.dialogue,
        language=understood.language, channel="terminal", contact_id=talk.contact_id, verified=False, email=None, phone=None, now=utc_now(),
    )  # fmt: skip
    reply = await world.engine.respond(turn)
    talk.slots, talk.dialogue, talk.language = reply.slots, reply.dialogue, reply.language
    return reply


def print_reply(console: Console, reply: Reply) -> None:
    """What the customer would see."""
    for content in reply.messages:
        console.print("[bold cyan]bot:[/] ", end="")
        console.print(content.text, markup=False)
        for citation in content.citations:
            console.print(f"     source: {citation.title} {citation.url}", style="dim", markup=False)
        if content.buttons:
            console.print("     " + "  ".join(f"({b.title})" for b in content.buttons), style="cyan", markup=False)
    if not reply.messages:
        console.print("[dim]     (the bot says nothing)[/]")
    if reply.handoff:
        console.print(f"     -> handed to a human: {reply.handoff.reason}", style="magenta", markup=False)
