"""`serve`, `work`, `carry`, `run`, `migrate`, `backup`, `restore`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import console, explained, settings
from app.describing import prepare_model
from app.migrate import migrate as migrate_database
from app.ports import check_port
from app.settings import Settings
from app.supervise import Supervisor, database_of, run_lock
from kit.errors import BatonError, NotFoundError
from kit.postgres import EmbeddedPostgres


def _needed_url(found: Settings) -> str:
    return found.database_url or EmbeddedPostgres(found.data_dir).url


def serve() -> None:
    """Serve the API, the widget, the console and the public pages.

    Needs a migrated database: DATABASE_URL, or the embedded one of a running `baton run`. Scale by starting more of them.
    """
    from app.server import serve as serve_forever

    with explained():
        found = settings()
        serve_forever(found, _needed_url(found))


def work() -> None:
    """Do the work behind: understand messages, take the bot's turns, suggest, index.

    Needs a migrated database and a trained model (`baton train`). Scale by starting more of them.
    """
    from app.worker import work as work_forever

    with explained():
        found = settings()
        work_forever(found, _needed_url(found))


def carry() -> None:
    """Carry messages between Baton and providers such as WhatsApp: take in webhooks, send, fetch files.

    Needs a migrated database, and is needed as soon as there is an account at a provider. One works at a time, further ones stand by.
    """
    from app.carrier import carry as carry_forever

    with explained():
        found = settings()
        carry_forever(found, _needed_url(found))


@contextlib.contextmanager
def _own_database(found: Settings) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """The database of `baton run`, which holds the lock of the data folder."""
    with run_lock(found.data_dir):
        if found.database_url:
            yield found.database_url, None
            return
        server = EmbeddedPostgres(found.data_dir)
        server.start()
        try:
            yield server.url, server
        finally:
            server.stop()


def run(
    demo: Annotated[bool, typer.Option("--demo", help="Put the invented sample shop into an empty database, and train its bot.")] = False,
) -> None:
    """Run everything on this machine: PostgreSQL (unless DATABASE_URL is set), `serve`, `work` and, once there is
    an account at a provider, `carry`; watched over and started again.

    Safe to repeat. Ctrl-C stops everything. BATON_PORT and BATON_DATA_DIR say where.
    """
    from app.demo import demo_logins, is_empty
    from app.rasa import check_rasa, prepare_rasa

    with explained():
        found = settings()
        check_port(found.host, found.port)
        check_rasa(found)
        began = time.monotonic()
        with _own_database(found) as (url, server):
            migrate_database(url)
            missing = {"seed": demo and is_empty(url), "train": not _has_usable_model(found, url)}
            _children(found, url, [command for command, wanted in missing.items() if wanted])
            prepare_rasa(found, note=lambda text: console.print(text, markup=False))

            def ready(_seconds: float) -> None:
                _announce(found, demo_logins(url), time.monotonic() - began)

            Supervisor(found, url, server=server).run(on_ready=ready)
        console.print("Stopped.")


def _children(found: Settings, url: str, commands: Sequence[str]) -> None:
    """Runs heavy commands side by side, each in a process of its own, so that the supervisor stays small. The first that fails ends all."""
    environment = os.environ | {"DATABASE_URL": url, "BATON_DATA_DIR": str(found.data_dir)}
    running = [
        subprocess.Popen([sys.executable, "-m", "app.cli", command], env=environment, stdout=subprocess.DEVNULL) for command in commands
    ]
    try:
        while any(process.poll() is None for process in running) and not any(process.poll() for process in running):
            time.sleep(0.1)
    finally:
        for process in running:
            if process.poll() is None:
                process.terminate()
            process.wait()
    failed = next((process.returncode for process in running if process.returncode), 0)
    if failed:
        raise typer.Exit(failed)


def _has_usable_model(found: Settings, url: str) -> bool:
    try:
        return asyncio.run(prepare_model(found, url))
    except BatonError as error:
        console.print(f"The live model cannot be used here ({error.message}); training anew.", markup=False)
        return False


def _announce(found: Settings, logins: list[tuple[str, str]], seconds: float) -> None:
    console.print(f"\n[bold green]Baton is ready[/] (after {seconds:.1f} s)\n")
    for name, path in (("Demo shop with the chat widget", "/"), ("Console for staff", "/console"), ("API documentation", "/docs")):
        console.print(f"  {name:<32} {found.public_url}{path}")
    if logins:
        console.print("\n  Demo logins (they exist because the sample shop was seeded):")
        for email, password in logins:
            console.print(f"    {email:<28} {password}")
    console.print("\n  Ctrl-C stops everything.\n")


def migrate() -> None:
    """Bring the database to the present shape; empty and older ones alike. Many nodes may do it at once."""
    with explained():
        found = settings()
        with database_of(found) as url:
            before, after = migrate_database(url)
        console.print(f"Revision {before or 'none'} -> {after}.")


def backup(target: Annotated[Path, typer.Argument(help="The file to write, for example baton-2026-11-22.dump")]) -> None:
    """Write the whole database into one file (pg_dump's own format). Works while Baton runs."""
    from app.backup import backup as write_backup

    with explained():
        found = settings()
        with database_of(found) as url:
            size = write_backup(url, target, tools=_tools(found))
        console.print(f"Wrote {target} ({size / 1e6:.1f} MB).")


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `baton backup` wrote")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace everything that is in the database now.")] = False,
) -> None:
    """Replace the database by a backup. Stop Baton first. Asks for --yes, since what is there now is lost."""
    from app.backup import restore as read_backup

    with explained():
        found = settings()
        if not source.is_file():
            raise NotFoundError(f"There is no file {source}")
        if not yes:
            raise NotFoundError("Nothing was done: restoring replaces the database", hint="Add --yes when you are sure.")
        if found.database_url:
            read_backup(found.database_url, source, tools=_tools(found))
        else:
            with _own_database(found) as (url, _server):
                read_backup(url, source, tools=_tools(found))
        console.print(f"Restored {source}.")


def _tools(found: Settings) -> EmbeddedPostgres:
    return EmbeddedPostgres(found.data_dir)
