"""`baton contact`: one customer's data, given out or erased."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.common import console, explained, show
from app.commands.within import within
from app.erasing import build_erasing, build_exporting
from app.settings import Settings
from app.wiring import Base
from context.customer.searching import Looked, find_contacts
from kit.clock import utc_now
from kit.errors import ConflictError, InvalidInputError, NotFoundError

COMMAND_LINE = ("", "command line")
MOST = 20
app = typer.Typer(no_args_is_help=True, help="One customer's data: how much there is, given out, erased.")
Who = Annotated[str, typer.Argument(help="The contact's id, or what they are known by: email:ana@example.com, phone:+853..., member:...")]


@app.command("show")
def show_(who: Who, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False) -> None:
    """Show how much there is of a customer, and what of it is under way."""
    with explained():

        async def action(found: Settings, base: Base, session: AsyncSession) -> dict[str, object]:
            standing = await build_erasing(found, base).look(session, await which(session, who))
            return {
                name: str(value) if value is not None and not isinstance(value, int) else value for name, value in asdict(standing).items()
            }

        show(within(action), as_json=as_json, title="What there is")


@app.command()
def export(
    who: Who,
    to: Annotated[
        Path | None, typer.Option(help="The file to write; contact-ID.zip here by default. One that is there is not replaced")
    ] = None,
) -> None:
    """Write everything about a customer into a zip: data.json by table, and the files."""
    with explained():

        async def action(found: Settings, base: Base, session: AsyncSession) -> Path:
            contact_id = await which(session, who)
            target = to or Path(f"contact-{contact_id}.zip")
            archive = await build_exporting(found, base).export(session, COMMAND_LINE, contact_id)
            try:
                with target.open("xb") as file:
                    file.write(archive)
            except FileExistsError:
                raise ConflictError(f"{target} is there already", hint="Name another file with --to.") from None
            target.chmod(0o600)
            return target

        console.print(f"Written to {within(action)}.", markup=False, soft_wrap=True)


@app.command()
def erase(
    who: Who,
    orders: Annotated[bool, typer.Option("--orders", help="Also whose their orders are, which else stay for bookkeeping")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure")] = False,
) -> None:
    """Erase a customer: texts, files, addresses, notes, whatever names them. It cannot be undone; numbers for reports stay."""
    with explained():
        if not yes:
            typer.confirm(f"Erase all that is stored of {who}? It cannot be undone.", abort=True, err=True)

        async def action(found: Settings, base: Base, session: AsyncSession) -> str:
            done = await build_erasing(found, base).erase(session, COMMAND_LINE, await which(session, who), orders=orders)
            if done.already:
                return f"{done.contact_id} was erased on {done.erased_at:%Y-%m-%d %H:%M} already."
            said = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in done.counts.items())
            return f"Erased {done.contact_id}: {said}."

        console.print(within(action), markup=False, soft_wrap=True)


async def which(session: AsyncSession, who: str) -> UUID:
    """The contact that is meant. Raises NotFoundError, InvalidInputError, and ConflictError when it may be several."""
    try:
        return UUID(who)
    except ValueError:
        pass
    kind, colon, value = who.partition(":")
    if not colon:
        raise InvalidInputError(f"{who!r} is no contact's id", hint="Or say what they are known by, such as email:ana@example.com.")
    found = await find_contacts(session, Looked(identifier=(kind, value)), now=utc_now(), limit=MOST)
    if not found:
        raise NotFoundError(f"Nobody is known by {who}")
    if len(found) > 1:
        raise ConflictError(f"{len(found)} contacts are known by {who}", hint=f"Name one: {', '.join(str(row.id) for row in found)}")
    return found[0].id
