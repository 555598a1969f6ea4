"""The command `baton`."""

from __future__ import annotations

from collections.abc import Callable

import typer

from app.commands import action_server, bench, bot, data, evaluate, models, nlu, processes, training

app = typer.Typer(
    name="baton",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Self-hosted customer service: a bot that understands, a desk that takes over, one customer context.\n\n"
    "Begin with `baton run --demo`: it starts everything with an invented sample shop. "
    "Settings come from the environment: BATON_PORT, BATON_DATA_DIR, DATABASE_URL, BATON_HOST, BATON_PUBLIC_URL, BATON_TITLE, "
    "BATON_ENCODER_CACHE, BATON_PROJECT, BATON_BLOBS, BATON_LOG_LEVEL, BATON_ENGINE, BATON_RASA_ENV, BATON_ACTION_TOKEN.",
)
PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Run": (processes.run, processes.serve, processes.work, processes.migrate, processes.backup, processes.restore),
    "The bot": (training.train, training.chat, action_server.action_server),
    "Data": (data.seed, data.create_agent, data.import_articles, data.import_orders),
}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(bot.app, name="bot", rich_help_panel="The bot")
app.add_typer(nlu.app, name="nlu", rich_help_panel="The bot")
app.add_typer(models.app, name="models", rich_help_panel="The bot")
app.add_typer(evaluate.app, name="evaluate", rich_help_panel="Measure")
app.add_typer(bench.app, name="bench", rich_help_panel="Measure")


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
