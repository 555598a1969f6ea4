"""The command `baton`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import typer

HELP = (
    "Self-hosted customer service: a bot that understands, a desk that takes over, one customer context.\n\n"
    "Begin with `baton run --demo`: it starts everything with an invented sample shop. "
    "Settings come from the environment: BATON_PORT, BATON_DATA_DIR, DATABASE_URL, BATON_HOST, BATON_PUBLIC_URL, BATON_TITLE, "
    "BATON_ENCODER_CACHE, BATON_ENCODER_SEARCH, BATON_PROJECT, BATON_BLOBS, BATON_LOG_LEVEL, BATON_ENGINE, BATON_RASA_ENV, "
    "BATON_ACTION_TOKEN, BATON_KEEP_DAYS."
)
COMMANDS: dict[str, dict[str, tuple[str, ...]]] = {
    "Run": {"processes": ("run", "serve", "work", "carry", "migrate", "backup", "restore")},
    "The bot": {"training": ("train", "chat"), "action_server": ("action-server",)},
    "Data": {"data": ("seed", "create-agent", "import-articles", "import-orders")},
}
"""By panel of the help the modules with their commands."""
GROUPS = {
    "bot": "The bot", "nlu": "The bot", "models": "The bot", "knowledge": "Data", "contact": "Data", "channel": "Channels",
    "simulate": "Channels", "routing": "The desk", "evaluate": "Measure", "bench": "Measure",
}  # fmt: skip
"""Groups of commands, each a module of its name, with their panel."""
_MODULES = {name: module for modules in COMMANDS.values() for module, names in modules.items() for name in names}


def build_app() -> typer.Typer:
    """Every command."""
    app = _empty_app()
    for panel, modules in COMMANDS.items():
        for module, names in modules.items():
            for name in names:
                app.command(name, rich_help_panel=panel)(_command(module, name))
    for name, panel in GROUPS.items():
        app.add_typer(_module(name).app, name=name, rich_help_panel=panel)
    return app


def build_alone(name: str) -> typer.Typer:
    """One command or one group, called as in the whole, without loading the others, which takes seconds and memory."""
    app = _empty_app()
    app.callback()(lambda: None)  # a single command would else take its own name for an argument
    if name in GROUPS:
        app.add_typer(_module(name).app, name=name)
    else:
        app.command(name)(_command(_MODULES[name], name))
    return app


def _module(name: str) -> ModuleType:
    return import_module(f"app.commands.{name}")


def _command(module: str, name: str) -> Callable[..., None]:
    found: Callable[..., None] = getattr(_module(module), name.replace("-", "_"))
    return found


def _empty_app() -> typer.Typer:
    return typer.Typer(name="baton", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)


def __getattr__(name: str) -> typer.Typer:
    if name != "app":
        raise AttributeError(name)
    return build_app()


def main() -> None:
    """Entry point of the console script."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    (build_alone(name) if name in _MODULES or name in GROUPS else build_app())()


if __name__ == "__main__":
    main()
