"""`baton knowledge`: import, sync, export, and the sources that articles come from."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from app.commands.common import console, explained, run, settings
from app.commands.knowledge_shown import Bar, show_run, show_sources
from app.commands.training import operator
from app.migrate import migrate as migrate_database
from app.models import article_blobs
from app.supervise import database_of
from app.wiring import Base, build_base
from kit.errors import BatonError, InvalidInputError, NotFoundError
from knowledge.exporting import export_articles, pack, write_folder
from knowledge.imports import runs, sources
from knowledge.imports.types import Person, Run, Source
from knowledge.sources.types import Options

T = TypeVar("T")
HELP = """Bring articles in, keep them in step with where they come from, and take them out.

Sources: a folder, a zip or a file (Markdown, HTML, PDF, Word .docx, CSV and Excel lists of questions and answers, exports of Zendesk and
Chatwoot), or the address of a site or of a Zendesk Help Center. First comes a preview; nothing is stored until you say yes. Doing it again
changes nothing, and what editors changed here is never overwritten unasked.

  baton knowledge import my-articles/
  baton knowledge import https://help.example.com/en/ --every 24
  baton knowledge import faq.csv --language pt --category delivery
  baton knowledge sync --all --yes
  baton knowledge export backup/
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


def _with_base(action: Callable[[Base], Awaitable[T]]) -> T:
    async def body(url: str) -> T:
        base = build_base(url)
        try:
            async with base.jobs.app.open_async():
                return await action(base)
        finally:
            await base.database.close()

    with database_of(settings()) as url:
        migrate_database(url)
        return run(body(url))


def _me() -> Person:
    doer = operator()
    return Person("import", doer.name)


@app.command("import")
def import_(  # noqa: PLR0913 - each is an option of the command
    what: Annotated[str, typer.Argument(help="A folder, a file, a zip archive, or an address beginning with https://")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Store what is new and changed without asking.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would happen, and store nothing.")] = False,
    drafts: Annotated[bool, typer.Option("--drafts", help="Store as drafts; an editor publishes them.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also take the source's text where editors changed theirs here.")] = False,
    language: Annotated[
        str, typer.Option(help="For items that do not say theirs: en, zh-Hant, zh-Hans, pt. Default: told from the text.")
    ] = "",
    category: Annotated[str, typer.Option(help="For items without one.")] = "",
    audience: Annotated[str, typer.Option(help="For items that do not say: public or internal.")] = "public",
    encoding: Annotated[
        str, typer.Option(help="Of text files. Default: found out, and said. For example big5, gb18030, windows-1252.")
    ] = "",
    question: Annotated[str, typer.Option(help="Header of the question column. Default: known by its name in en, zh, pt.")] = "",
    answer: Annotated[str, typer.Option(help="Header of the answer column.")] = "",
    pages: Annotated[int, typer.Option(help="Of a site at most so many pages.")] = 1000,
    depth: Annotated[int, typer.Option(help="Follow links so far; 0 reads the one page.")] = 6,
    delay: Annotated[float, typer.Option(help="Seconds between two requests to a site.")] = 0.5,
    private: Annotated[bool, typer.Option("--private", help="Allow a site at a private address, such as your intranet.")] = False,
    authorization: Annotated[
        str, typer.Option(envvar="BATON_IMPORT_AUTHORIZATION", help="Authorization header for the site; sent to it alone, never stored.")
    ] = "",
    every: Annotated[float | None, typer.Option(help="Have the worker read it again every so many hours.")] = None,
    unasked: Annotated[bool, typer.Option("--unasked", help="With --every: store changes without waiting for approval.")] = False,
) -> None:
    """Import articles: reads, shows what is new, changed, in conflict and skipped and why, asks, stores.

    An import that was broken off goes on where it stopped when you give the same command again.
    """
    options = Options(language, category, audience, encoding, question, answer, pages, depth, delay, private)
    wish, again = _Wish(yes, preview, overwrite, authorization), (every, unasked)
    _catch_stop()
    with explained():
        _with_base(lambda base: _import_from(base, what, options, publish=not drafts, again=again, wish=wish))


async def _import_from(
    base: Base, what: str, options: Options, *, publish: bool, again: tuple[float | None, bool], wish: _Wish
) -> None:  # fmt: skip
    """`again`: every how many hours the source is read by itself, and whether changes are then stored unasked."""
    async with base.database.transaction() as session:
        source = await sources.keep_source(
            session, kind=_kind(what), location=_location(what), options=options, by=_me(), publish=publish
        )  # fmt: skip
        if again != (None, False):
            source = await sources.schedule(session, source.id, every_hours=again[0], unasked=again[1])
    await _import(base, source, wish)


def _kind(what: str) -> str:
    return sources.kind_of_address(what) if "://" in what else "files"


def _location(what: str) -> str:
    if "://" in what:
        return what
    if not Path(what).exists():
        raise NotFoundError(f"There is no file or folder {what}", hint="An address begins with https://")
    return str(Path(what).resolve())


class _Wish:
    """What the one at the terminal wants done with what is found."""

    def __init__(self, yes: bool, preview: bool, overwrite: bool, authorization: str = "") -> None:
        self.yes, self.preview, self.overwrite, self.authorization = yes, preview, overwrite, authorization


async def _import(base: Base, source: Source, wish: _Wish) -> Run:
    """Reads (or goes on reading), shows, and stores when it may. Raises InvalidInputError when the source could not be read."""
    async with base.database.transaction() as session:
        found = await runs.find_open_run(session, source.id)
        if found is None:
            found = await runs.ask(session, source.id, by=_me(), worker=False)
        else:
            console.print(f"Going on with the import begun at {found.asked_at:%Y-%m-%d %H:%M} UTC.")
    if found.state == "ready":
        async with base.database.transaction() as session:
            await runs.drop(session, found.id)  # it waited while both sides may have changed: look again
            found = await runs.ask(session, source.id, by=_me(), worker=False)
    found = await _work(base, found, wish)
    await show_run(base.database, found)
    if found.state == "ready":
        found = await _decide(base, found, wish)
    return found


async def _work(base: Base, found: Run, wish: _Wish) -> Run:
    from app.importing import build_importer, free_from_dead

    await free_from_dead(base, found.id)
    with Bar() as bar:
        found = await build_importer(base, settings(), show=bar.tell, authorization=wish.authorization).work(found.id)
    if found.state == "failed":
        raise InvalidInputError(found.error or "It could not be read", hint="Nothing was imported.")
    return found


async def _decide(base: Base, found: Run, wish: _Wish) -> Run:
    news = found.counts.get("new", 0) + found.counts.get("changed", 0) + (found.counts.get("conflict", 0) if wish.overwrite else 0)
    agreed = not wish.preview and news > 0 and (wish.yes or typer.confirm(f"Store {news}?"))
    async with base.database.transaction() as session:
        if not agreed:
            await runs.drop(session, found.id)
            console.print("Nothing was stored.")
            return await runs.get_run(session, found.id)
        if wish.overwrite:
            conflicts = await runs.list_items(session, found.id, state="conflict", limit=100_000)
            await runs.decide(session, found.id, [item.number for item in conflicts], take_it=True)
        await runs.approve(session, found.id, by=_me(), worker=False)
    found = await _work(base, found, wish)
    failed = found.counts.get("failed", 0)
    console.print(f"Stored {found.counts.get('stored', 0)}." + (f" {failed} could not be stored:" if failed else ""))
    if failed:
        await show_run(base.database, found, only_failed=True)
        raise typer.Exit(1)
    return found


@app.command()
def sync(
    name: Annotated[str, typer.Argument(help="A source as `baton knowledge sources` shows it; a part of it is enough")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every source but uploaded files.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Store what is new and changed without asking.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show what has changed, and store nothing.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also take the source's text where editors changed theirs here.")] = False,
    authorization: Annotated[str, typer.Option(envvar="BATON_IMPORT_AUTHORIZATION", help="Authorization header for the site.")] = "",
) -> None:
    """Read sources again and show what changed there; what is gone there is listed, and stays here."""
    if bool(name) == everything:
        raise typer.BadParameter("Name a source, or give --all")

    async def action(base: Base) -> None:
        async with base.database.transaction() as session:
            known = await sources.list_sources(session)
        chosen = [one for one in known if one.kind != "upload"] if everything else [_named(known, name)]
        failed = False
        for source in chosen:
            console.print(source.location, style="bold", markup=False, soft_wrap=True)
            try:
                await _import(base, source, _Wish(yes, preview, overwrite, authorization))
            except (BatonError, typer.Exit) as error:  # the other sources are read all the same
                failed = True
                if isinstance(error, BatonError):
                    said = ". ".join(part for part in (error.message, error.hint) if part)
                    console.print(said, style="red", markup=False, soft_wrap=True)
        if failed:
            raise typer.Exit(1)

    _catch_stop()
    with explained():
        _with_base(action)


def _named(known: list[Source], name: str) -> Source:
    found = [one for one in known if name in (one.location, str(one.id))] or [one for one in known if name in one.location]
    if len(found) != 1:
        raise NotFoundError(f"{len(found) or 'No'} sources are named {name!r}", hint="`baton knowledge sources` lists them.")
    return found[0]


@app.command("sources")
def list_all() -> None:
    """List the sources: how often each is read, and what its last import found."""

    async def action(base: Base) -> None:
        async with base.database.transaction() as session:
            show_sources(await sources.list_sources(session), await runs.latest_runs(session))

    with explained():
        _with_base(action)


@app.command()
def schedule(
    name: Annotated[str, typer.Argument(help="A source; a part of its name is enough")],
    every: Annotated[
        float | None, typer.Option(help="Hours between two readings; without it the source is no longer read by itself.")
    ] = None,
    unasked: Annotated[bool, typer.Option("--unasked", help="Store changes without waiting for approval.")] = False,
) -> None:
    """Say how often the worker reads a source again."""

    async def action(base: Base) -> None:
        async with base.database.transaction() as session:
            source = _named(await sources.list_sources(session), name)
            await sources.schedule(session, source.id, every_hours=every, unasked=unasked)
        console.print(f"{source.location} is read " + (f"every {every:g} hours." if every else "only when somebody asks."), markup=False)

    with explained():
        _with_base(action)


@app.command()
def forget(name: Annotated[str, typer.Argument(help="A source; a part of its name is enough")]) -> None:
    """Remove a source. Its articles stay."""

    async def action(base: Base) -> None:
        async with base.database.transaction() as session:
            source = _named(await sources.list_sources(session), name)
            await sources.remove_source(session, source.id)
        console.print(f"{source.location} is forgotten; its articles stay.", markup=False, soft_wrap=True)

    with explained():
        _with_base(action)


@app.command()
def export(target: Annotated[Path, typer.Argument(help="A new folder, or a file ending in .zip")]) -> None:
    """Write every article in every language as Markdown with front matter: drafts, archived ones, pictures and attachments too.

    It imports back to the same.
    """

    async def action(base: Base) -> tuple[int, list[str]]:
        async with base.database.transaction() as session:
            found = await export_articles(session)
        blobs = article_blobs(settings(), base.database.dsn)
        if target.suffix.lower() != ".zip":
            return await write_folder(target, found, blobs), found.lost
        if target.exists():
            raise InvalidInputError(f"{target} is there already", hint="Name a new file.")
        with target.open("wb") as file:
            return await pack(file, found, blobs), found.lost

    with explained():
        written, lost = _with_base(action)
        console.print(f"Wrote {written} files to {target}.", markup=False, soft_wrap=True)
        for name in lost:
            console.print(f"The bytes of {name} are not in the blob store: it was left out.", style="red", markup=False, soft_wrap=True)


@app.command(hidden=True)
def work(run_id: Annotated[UUID, typer.Argument(help="An import that was asked for")]) -> None:
    """Work on an import; called by the worker."""
    from app.importing import build_importer
    from knowledge.imports.runner import RunTakenError

    async def action(base: Base) -> None:
        try:
            await build_importer(base, settings()).work(run_id)
        except RunTakenError:
            return

    _catch_stop()
    with explained():
        _with_base(action)


def _catch_stop() -> None:
    signal.signal(signal.SIGTERM, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
