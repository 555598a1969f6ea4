"""`baton channel`: accounts of channels, their switch, templates, dead letters."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from app.channels import channel_managing, sealer
from app.commands.common import console, explained, settings
from app.commands.within import within
from app.settings import Settings
from app.wiring import Base
from channels.accounts import ACTIVE, PAUSED, get_account_row, list_account_rows, open_account
from channels.base import AccountForm
from channels.letters import list_letters, put_away, replay
from channels.managing import COMMAND_LINE, Entered
from channels.whatsapp.client import GraphClient
from channels.whatsapp.templates import Template, create_template, list_templates, places_of, sync_templates
from kit.errors import InvalidInputError

app = typer.Typer(no_args_is_help=True, help="Accounts at providers: WhatsApp numbers and the like; what could not be sent.")
Channel = Annotated[str, typer.Argument(help="The channel, for example whatsapp")]
Name = Annotated[str, typer.Argument(help="The provider's name of the account; for WhatsApp the phone number id")]
Pairs = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting; may be given often")]
Secrets = Annotated[
    list[str] | None,
    typer.Option("--secret", metavar="NAME", help="A secret to enter; it is asked for, or read from standard input, one a line"),
]


@app.command()
def add(
    channel: Channel,
    account: Name,
    name: Annotated[str, typer.Option(help="What colleagues call it")] = "",
    pairs: Pairs = None,
) -> None:
    """Connect an account. Its secrets are asked for one by one, never shown, and sealed before they are stored."""
    with explained():
        form = form_of(channel)
        known = read_pairs(pairs, form)
        entered = Entered(name, known, {secret: ask_secret(secret, asked(form, secret)) for secret in form.secrets})

        async def action(found: Settings, _base: Base, session: AsyncSession) -> tuple[str, dict[str, str]]:
            managing = channel_managing(found)
            made, fresh = await managing.add(session, COMMAND_LINE, channel=channel, account=account, entered=entered)
            return (managing.hook(channel, made.account) if form.hook else ""), fresh

        address, fresh = within(action)
        console.print(f"Connected {channel}/{account}." + (f" Webhooks go to {address}" if address else ""), markup=False)
        for secret, value in fresh.items():
            console.print(f"Made for you, {secret}: {value}", markup=False, soft_wrap=True)


@app.command("set")
def set_(channel: Channel, account: Name, pairs: Pairs = None, secret: Secrets = None) -> None:
    """Change settings, or enter secrets anew (a token that was revoked); a blocked account goes on."""
    with explained():
        form = form_of(channel)
        known = read_pairs(pairs, form)
        unknown = [s for s in secret or () if s not in form.secrets]
        if unknown:
            raise InvalidInputError(f"{channel} has no secret {unknown[0]!r}", hint=f"Known are {', '.join(form.secrets)}.")
        entered = {s: ask_secret(s, form.secrets[s]) for s in secret or ()}

        async def action(found: Settings, _base: Base, session: AsyncSession) -> None:
            row = await get_account_row(session, channel, account)
            kept = {name: str(value) for name, value in row.settings.items() if name in form.settings}
            wanted = Entered(row.name, {**kept, **known}, entered)
            await channel_managing(found).change(session, COMMAND_LINE, row.id, wanted)

        within(action)
        console.print(f"Changed {channel}/{account}.", markup=False)


@app.command()
def remove(
    channel: Channel, account: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure")] = False
) -> None:
    """Forget an account with its secrets. Conversations stay; what waits to be sent on it is told as not sent."""
    with explained():
        if not yes:
            typer.confirm(f"Remove {channel}/{account} and its secrets?", abort=True, err=True)

        async def action(found: Settings, _base: Base, session: AsyncSession) -> None:
            row = await get_account_row(session, channel, account)
            await channel_managing(found).remove(session, COMMAND_LINE, row.id)

        within(action)
        console.print(f"Removed {channel}/{account}.", markup=False)


@app.command("list")
def list_() -> None:
    """All accounts, with their state; no secret is shown."""
    with explained():

        async def action(_found: Settings, _base: Base, session: AsyncSession) -> list[tuple[str, ...]]:
            rows = await list_account_rows(session)
            return [(r.channel, r.account, r.name, r.state, r.reason or "") for r in rows]

        _show(("channel", "account", "name", "state", "reason"), within(action))


@app.command()
def pause(
    channel: Channel, account: Annotated[str | None, typer.Argument(help="One account; all of the channel when absent")] = None
) -> None:
    """Send nothing more on a channel, or one account of it. What is to be sent waits; what customers write still comes in."""
    _switch(channel, account, PAUSED)


@app.command()
def resume(
    channel: Channel, account: Annotated[str | None, typer.Argument(help="One account; all of the channel when absent")] = None
) -> None:
    """Send again, beginning with what has waited."""
    _switch(channel, account, ACTIVE)


def _switch(channel: str, account: str | None, state: str) -> None:
    with explained():

        async def action(found: Settings, _base: Base, session: AsyncSession) -> int:
            rows = [row for row in await list_account_rows(session) if row.channel == channel]
            if account is not None:
                rows = [await get_account_row(session, channel, account)]
            for row in rows:
                await channel_managing(found).switch(session, COMMAND_LINE, row, paused=state == PAUSED)
            return len(rows)

        console.print(f"{within(action)} accounts are {state} now.")


@app.command()
def test(channel: Channel, account: Name) -> None:
    """Ask the provider whether the account works; says what it answered."""
    with explained():

        async def action(found: Settings, base: Base, session: AsyncSession) -> str:
            known = open_account(await get_account_row(session, channel, account), sealer(found))
            return await channel_managing(found, base.database).test(known)

        console.print(within(action), markup=False)


@app.command()
def connect(
    channel: Channel, account: Name, url: Annotated[str, typer.Option(help="Another address than BATON_PUBLIC_URL makes")] = ""
) -> None:
    """Enter the address of our webhook at the provider, so that it calls us: Telegram, LINE, Twilio."""
    with explained():

        async def action(found: Settings, _base: Base, session: AsyncSession) -> str:
            known = open_account(await get_account_row(session, channel, account), sealer(found))
            managing = channel_managing(found)
            return await (replace(managing, hook=lambda _channel, _account: url) if url else managing).connect(known)

        console.print(within(action), markup=False)


@app.command()
def letters(channel: Annotated[str | None, typer.Option(help="Of one channel only")] = None) -> None:
    """What could not be sent, or may or may not have been: dead letters."""
    with explained():

        async def action(_found: Settings, _base: Base, session: AsyncSession) -> list[tuple[str, ...]]:
            found = await list_letters(session, channel=channel)
            return [(str(x.id), x.channel, x.state, x.problem or "", x.code or "", x.reason or "", x.text[:60]) for x in found]

        _show(("id", "channel", "state", "problem", "code", "reason", "text"), within(action))


@app.command("replay")
def replay_(letter: Annotated[UUID, typer.Argument(help="The id that `baton channel letters` shows")]) -> None:
    """Send a dead letter again. One of unknown fate may reach the customer twice: that is your decision."""
    with explained():

        async def action(_found: Settings, base: Base, session: AsyncSession) -> None:
            await replay(session, base.ledger, letter)

        within(action)
        console.print("It is sent again.")


@app.command()
def drop(letter: Annotated[UUID, typer.Argument(help="The id that `baton channel letters` shows")]) -> None:
    """Put a dead letter away: it is not sent again."""
    with explained():

        async def action(_found: Settings, base: Base, session: AsyncSession) -> None:
            await put_away(session, base.ledger, letter)

        within(action)
        console.print("It is put away.")


@app.command()
def templates(
    channel: Channel,
    account: Name,
    sync: Annotated[bool, typer.Option(help="Read them from the provider first")] = True,
) -> None:
    """The message templates of an account, with their approval."""
    with explained():

        async def action(found: Settings, _base: Base, session: AsyncSession) -> list[tuple[str, ...]]:
            known = open_account(await get_account_row(session, channel, account), sealer(found))
            if sync:
                await sync_templates(session, GraphClient(), known)
            listed = await list_templates(session, known)
            return [(t.name, t.language, t.category, t.status, t.reason or "", t.body) for t in listed]

        _show(("name", "language", "category", "status", "reason", "body"), within(action))


@app.command("create-template")
def create_template_(
    account: Name,
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits, underscores")],
    body: Annotated[str, typer.Argument(help="The text, with places such as {{1}} or {{first_name}}")],
    language: Annotated[str, typer.Option(help="As Meta writes it: en, en_US, pt_BR, zh_HK")] = "en",
    category: Annotated[str, typer.Option(help="utility, marketing or authentication")] = "utility",
    example: Annotated[list[str] | None, typer.Option(help="An example for each place, in order")] = None,
) -> None:
    """Hand a WhatsApp template in for approval."""
    with explained():
        draft = Template(name, language, category, "", None, body, places_of(body))

        async def action(found: Settings, _base: Base, session: AsyncSession) -> str:
            known = open_account(await get_account_row(session, "whatsapp", account), sealer(found))
            return await create_template(session, GraphClient(), known, draft=draft, examples=example or [])

        console.print(f"{name}: {within(action).lower()}", markup=False)


def form_of(channel: str) -> AccountForm:
    """What an account of the channel is made of. Raises InvalidInputError."""
    return channel_managing(settings()).form_of(channel)


def read_pairs(pairs: list[str] | None, form: AccountForm) -> dict[str, str]:
    """Settings from NAME=VALUE. Raises InvalidInputError."""
    found = {}
    for pair in pairs or ():
        name, sign, value = pair.partition("=")
        if not sign or name not in form.settings:
            hint = "; ".join(f"{known}: {text}" for known, text in form.settings.items())
            raise InvalidInputError(f"{pair!r} is no setting", hint=hint)
        found[name] = value
    return found


def asked(form: AccountForm, secret: str) -> str:
    """What is said when a secret is asked for."""
    return form.secrets[secret] + (", made when left empty" if secret in form.made else "")


def ask_secret(name: str, text: str) -> str:
    """A secret from the terminal, without showing it; a line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        return str(typer.prompt(f"{name} ({text})", hide_input=True, default="", show_default=False))
    return sys.stdin.readline().strip()


def _show(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False) if rows else console.print("There are none.")
