"""Sources: adding, changing, listing and removing them. Nothing here commits: the edge does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urldefrag, urlsplit
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError, NotFoundError
from knowledge.articles import AUDIENCES, LANGUAGES
from knowledge.imports.models import SourceFileRow, SourceRow
from knowledge.imports.types import Person, Source
from knowledge.sources.fetching import check_address
from knowledge.sources.types import LIMITS, Options, UnreadableError, options_from

LEAST_HOURS = 0.25
MOST_HOURS = 24 * 90.0
KINDS = ("files", "upload", "site", "zendesk")


class SourceMissingError(NotFoundError):
    """There is no such source."""


def check_options(options: Options) -> Options:
    """The options within their limits. Raises InvalidInputError naming the one that is wrong."""
    if options.language and options.language not in LANGUAGES:
        raise InvalidInputError(f"{options.language!r} is not a language of articles", hint=f"Known are {', '.join(LANGUAGES)}.")
    if options.audience not in AUDIENCES:
        raise InvalidInputError(f"{options.audience!r} is not an audience", hint="It is public or internal.")
    if not 1 <= options.pages <= 20_000 or not 0 <= options.depth <= 20:
        raise InvalidInputError("Pages must be 1 to 20,000 and depth 0 to 20")
    return replace(options, delay=min(max(options.delay, 0.0), 30.0), category=options.category.strip()[:100])


def check_hours(hours: float | None) -> float | None:
    """How often a source is read again, in hours. Raises InvalidInputError."""
    if hours is not None and not LEAST_HOURS <= hours <= MOST_HOURS:
        raise InvalidInputError(f"A source can be read again every {LEAST_HOURS} to {MOST_HOURS:,.0f} hours, not every {hours}")
    return hours


def kind_of_address(address: str) -> str:
    """site or zendesk. Raises UnreadableError for what is no address."""
    check_address(address)
    parts = urlsplit(address)
    return "zendesk" if (parts.hostname or "").endswith(".zendesk.com") or "/api/v2/help_center" in parts.path else "site"


async def keep_source(
    session: AsyncSession, *, kind: str, location: str, options: Options, by: Person, publish: bool = True
) -> Source:  # fmt: skip
    """The source with this kind and location, made when there is none, with these options from now on. Raises InvalidInputError."""
    options = check_options(options)
    if kind not in KINDS:
        raise InvalidInputError(f"{kind!r} is not a kind of source", hint=f"Known are {', '.join(KINDS)}.")
    if kind in {"site", "zendesk"}:
        check_address(location)
        location = urldefrag(location)[0]
    if not location or len(location.encode(errors="replace")) > 2_000 or "\0" in location:
        raise InvalidInputError("The source has no usable address or name")
    values = {"kind": kind, "location": location, "options": options.as_json(), "publish": publish}
    made = insert(SourceRow).values(**values, by_id=by.id, by_name=by.name)
    upsert = made.on_conflict_do_update(index_elements=["kind", "location"], set_={"options": options.as_json(), "publish": publish})
    return _source((await session.execute(upsert.returning(SourceRow), execution_options={"populate_existing": True})).scalar_one())


async def keep_upload(session: AsyncSession, name: str, data: bytes, *, options: Options, by: Person, publish: bool) -> Source:
    """An uploaded file as a source; one of the same name takes the place of the file before. Raises InvalidInputError."""
    if len(data) > LIMITS.file_bytes:
        raise UnreadableError(f"The file has {len(data):,} bytes; at most {LIMITS.file_bytes:,} are read", hint="Divide it.")
    name = name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200] or "upload"
    source = await keep_source(session, kind="upload", location=name, options=options, by=by, publish=publish)
    kept = insert(SourceFileRow).values(source_id=source.id, data=data)
    await session.execute(kept.on_conflict_do_update(index_elements=["source_id"], set_={"data": data}))
    return source


async def read_upload(session: AsyncSession, source_id: UUID) -> bytes:
    """The bytes of an uploaded source. Raises SourceMissingError."""
    data = (await session.execute(select(SourceFileRow.data).where(SourceFileRow.source_id == source_id))).scalar_one_or_none()
    if data is None:
        raise SourceMissingError("The uploaded file is gone", hint="Upload it again.")
    return data


async def schedule(session: AsyncSession, source_id: UUID, *, every_hours: float | None, unasked: bool, clock: Clock = utc_now) -> Source:
    """Has a source read again every so many hours (None: never), and says whether changes are stored unasked.

    Raises InvalidInputError, SourceMissingError; an upload cannot be read again.
    """
    row = await _get(session, source_id)
    if every_hours is not None and row.kind == "upload":
        raise InvalidInputError("An uploaded file cannot be read again by itself", hint="Upload the newer file under the same name.")
    row.every_hours, row.unasked = check_hours(every_hours), unasked
    row.next_at = next_time(clock(), every_hours)
    await session.flush()
    return _source(row)


def next_time(now: datetime, every_hours: float | None) -> datetime | None:
    """When a source is read next."""
    return now + timedelta(hours=every_hours) if every_hours is not None else None


async def get_source(session: AsyncSession, source_id: UUID) -> Source:
    """One source. Raises SourceMissingError."""
    return _source(await _get(session, source_id))


async def list_sources(session: AsyncSession) -> list[Source]:
    """All sources, newest first."""
    query = select(SourceRow).order_by(SourceRow.created_at.desc(), SourceRow.id).execution_options(populate_existing=True)
    return [_source(row) for row in (await session.execute(query)).scalars()]


async def remove_source(session: AsyncSession, source_id: UUID) -> None:
    """Forgets a source and its runs; the articles that came from it stay. Raises SourceMissingError."""
    row = await _get(session, source_id)
    await session.execute(delete(SourceRow).where(SourceRow.id == row.id))


async def _get(session: AsyncSession, source_id: UUID) -> SourceRow:
    row = await session.get(SourceRow, source_id, populate_existing=True)
    if row is None:
        raise SourceMissingError
    return row


def _source(row: SourceRow) -> Source:
    return Source(
        row.id, row.kind, row.location, options_from(row.options), row.publish, row.every_hours, row.unasked, row.next_at,
        Person(row.by_id, row.by_name),
    )  # fmt: skip
