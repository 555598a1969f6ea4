"""How imports look in a terminal: a bar while they run, a table of what they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.commands.common import console
from kit.db import Database
from knowledge.imports.comparing import KEPT_HERE
from knowledge.imports.runs import list_items
from knowledge.imports.types import Item, Run, Source

MOST_LINES = 60
_COLOURS = {"new": "green", "changed": "yellow", "conflict": "bold red", "skipped": "dim", "gone": "magenta", "unchanged": "dim"}
_SAID = {
    "new": "new", "changed": "changed", "unchanged": "as they were", "conflict": "in conflict with what editors did here",
    "skipped": "skipped", "gone": "gone at the source",
}  # fmt: skip


class Bar:
    """A progress bar that follows what an importer tells."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bar:
        self._progress.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.__exit__(kind, error, trace)

    def tell(self, what: str, done: int, total: int) -> None:
        """Moves the bar of what is being done."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what.title())
        self._progress.update(self._tasks[what], completed=done, total=total)


async def show_run(database: Database, run: Run, *, only_failed: bool = False) -> None:
    """A table of what a run found, unchanged items counted only; then the sums."""
    async with database.transaction() as session:
        items = await list_items(session, run.id, limit=100_000)
    shown = (
        [item for item in items if item.outcome == "failed"]
        if only_failed
        else [i for i in items if i.state != "unchanged" or KEPT_HERE in i.notes]
    )
    if shown:
        console.print(_table(shown[:MOST_LINES]))
    if len(shown) > MOST_LINES:
        console.print(f"… and {len(shown) - MOST_LINES} more.")
    if not only_failed:
        sums = [f"{run.counts[name]} {said}" for name, said in _SAID.items() if run.counts.get(name)]
        console.print((", ".join(sums) or "Nothing was found") + ".", soft_wrap=True)


def _table(items: Sequence[Item]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("", "Article", "Title, or where", "Lines", "Why"):
        table.add_column(name, overflow="fold")
    for item in items:
        article = f"{item.article_id} {item.language}" if item.article_id else ""
        lines = f"+{item.added} -{item.removed}" if item.added or item.removed else ""
        others = [name for name in item.changes if name != "text"] if item.state == "changed" else []
        why = " ".join(part for part in (item.reason, *item.notes, ", ".join(others)) if part)
        state = Text(item.state, style=_COLOURS.get(item.state, ""))
        table.add_row(state, Text(article), Text(item.title or item.key), Text(lines), Text(why))
    return table


def show_sources(sources: Sequence[Source], latest: Mapping[UUID, Run]) -> None:
    """A table of sources."""
    if not sources:
        console.print("There are no sources yet. `baton knowledge import WHAT` makes one.")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Source", "Kind", "Read again", "Last import", "Found"):
        table.add_column(name, overflow="fold")
    for source in sources:
        run = latest.get(source.id)
        again = (
            f"every {source.every_hours:g} h, {'stored unasked' if source.unasked else 'waits for approval'}"
            if source.every_hours
            else "no"
        )
        when = f"{run.asked_at:%Y-%m-%d %H:%M}, {run.state}" if run else "never"
        found = ", ".join(f"{run.counts[name]} {name}" for name in _SAID if run.counts.get(name)) if run else ""
        table.add_row(Text(source.location), source.kind, again, when, Text((run.error or found) if run else ""))
    console.print(table)
