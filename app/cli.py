"""The command `baton`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

import typer

HELP = (
    "Self-hosted customer service: a bot that understands, a desk that takes over, one customer context.\n\n"
    "Begin with `baton run --demo`: it starts everything with an invented sample shop. "
    "Settings come from the environment: BATON_PORT, BATON_DATA_DIR, DATABASE_URL, BATON_HOST, BATON_PUBLIC_URL, BATON_TITLE, "
    "BATON_ENCODER_CACHE, BATON_ENCODER_SEARCH, BATON_PROJECT, BATON_BLOBS, BATON_LOG_LEVEL, BATON_ENGINE, BATON_RASA_ENV, "
    "BATON_ACTION_TOKEN, BATON_KEEP_DAYS."
)
ALONE = {"run": "processes", "serve": "processes", "work": "processes", "carry": "processes", "migrate": "processes", "train": "training"}
"""Commands that run for long or in numbers: they load their own module only, which spares time and memory."""
GROUPS_ALONE = ("knowledge",)
"""The same of groups of commands."""


def build_app() -> typer.Typer:
    """Every command."""
    from app.commands import (
        action_server,
        bench,
        bot,
        channel,
        contact,
        data,
        evaluate,
        knowledge,
        models,
        nlu,
        processes,
        routing,
        simulate,
        training,
    )

    panels: dict[str, tuple[Callable[..., None], ...]] = {
        "Run": (processes.run, processes.serve, processes.work, processes.carry, processes.migrate, processes.backup, processes.restore),
        "The bot": (training.train, training.chat, action_server.action_server),
        "Data": (data.seed, data.create_agent, data.import_articles, data.import_orders),
    }
    app = _empty_app()
    for panel, commands in panels.items():
        for command in commands:
            app.command(rich_help_panel=panel)(command)
    app.add_typer(bot.app, name="bot", rich_help_panel="The bot")
    app.add_typer(nlu.app, name="nlu", rich_help_panel="The bot")
    app.add_typer(models.app, name="models", rich_help_panel="The bot")
    app.add_typer(knowledge.app, name="knowledge", rich_help_panel="Data")
    app.add_typer(contact.app, name="contact", rich_help_panel="Data")
    app.add_typer(channel.app, name="channel", rich_help_panel="Channels")
    app.add_typer(simulate.app, name="simulate", rich_help_panel="Channels")
    app.add_typer(routing.app, name="routing", rich_help_panel="The desk")
    app.add_typer(evaluate.app, name="evaluate", rich_help_panel="Measure")
    app.add_typer(bench.app, name="bench", rich_help_panel="Measure")
    return app


def build_alone(name: str) -> typer.Typer:
    """One command of `ALONE`, or one group, called as in the whole."""
    app = _empty_app()
    app.callback()(lambda: None)  # a single command would else take its own name for an argument
    if name in GROUPS_ALONE:
        app.add_typer(import_module(f"app.commands.{name}").app, name=name)
    else:
        app.command()(getattr(import_module(f"app.commands.{ALONE[name]}"), name))
    return app


def _empty_app() -> typer.Typer:
    return typer.Typer(name="baton", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)


def __getattr__(name: str) -> typer.Typer:
    if name != "app":
        raise AttributeError(name)
    return build_app()


def main() -> None:
    """Entry point of the console script."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    (build_alone(name) if name in (*ALONE, *GROUPS_ALONE) else build_app())()


if __name__ == "__main__":
    main()
