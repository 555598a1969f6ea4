"""`baton simulate`: stand-ins for providers, for development and demos."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Annotated, Any
from uuid import uuid4

import typer

from app.channels import sealer
from app.commands.common import console, explained, settings
from app.settings import Settings
from app.supervise import database_of
from app.wiring import build_base
from channels.accounts import add_account
from channels.base import Account

app = typer.Typer(no_args_is_help=True, help="Simulated providers with phones to try Baton on; nothing leaves this machine.")
PORT = 8090


@app.callback()
def _group() -> None:
    """Simulated providers."""


@app.command()
def whatsapp(
    port: Annotated[int, typer.Option(help="The port of the simulator and its page")] = PORT,
    host: Annotated[str, typer.Option(help="The address that it listens on")] = "127.0.0.1",
    connect: Annotated[bool, typer.Option(help="Make (or mend) the account in this Baton that talks to the simulator")] = True,
) -> None:
    """A simulated WhatsApp with a page that looks like a phone. Run it beside `baton run`."""
    from simulators.whatsapp.world import Config

    with explained():
        found, config = settings(), Config()
        if connect:
            with database_of(found) as url:
                asyncio.run(_connect(found, url, simulated_account(config, f"http://{host}:{port}")))
        local = f"http://127.0.0.1:{found.port}"
        hook = f"{local}/hooks/whatsapp/{config.phone_number_id}"
        console.print(f"The phone: http://{host}:{port}   webhooks go to {hook}   Ctrl-C stops it.", markup=False)
        command = [sys.executable, "-m", "simulators.whatsapp", "--host", host, "--port", str(port), "--set", f"hook_url={hook}"]
        raise typer.Exit(subprocess.run(command, check=False).returncode)


def simulated_account(config: Any, address: str) -> Account:
    """The account that talks to a simulator with this configuration."""
    secrets = {"token": config.token, "app_secret": config.app_secret, "verify_token": config.verify_token}
    known = {"base_url": address, "waba_id": config.waba_id, "display_phone": config.display_phone}
    return Account(uuid4(), "whatsapp", config.phone_number_id, "Simulated WhatsApp", settings=known, secrets=secrets)


async def _connect(found: Settings, url: str, account: Account) -> None:
    base = build_base(url)
    try:
        async with base.database.transaction() as session:
            await add_account(session, sealer(found), account, replace=True)
    finally:
        await base.database.close()
