"""Pictures and attachments that items name: read where they lie, looked at, and named by their bytes. One that fails is said and holds
up nothing."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import unquote, urlsplit

from kit.errors import InvalidInputError
from knowledge.attachments import KINDS, MAX_FILE, clean_name, media_type_of
from knowledge.sources.fetching import Fetcher, SiteExhaustedError
from knowledge.sources.links import Link, find_links, is_attachable, plain_target, without_local
from knowledge.sources.types import LIMITS, Enclosed, FileBytes, Reading, SourceFile, SourceItem, UnreadableError

_SAID = 10
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class Opener(Protocol):
    """Who reads what an item names."""

    async def open(self, link: Link) -> FileBytes | None:
        """The file behind a link, its bytes empty when they were given before; None when the link shall stay as it is.

        Raises InvalidInputError with the reason when it should be attached and cannot be.
        """


async def attach(reading: Reading, opener: Opener) -> Reading:
    """The reading with the files of its items; what could not be attached stands in their notes."""
    enclosed = {one.link: one for one in reading.enclosed}
    files: dict[str, FileBytes] = {}
    items = [await _attached(item, enclosed, opener, files) for item in reading.items]
    return replace(reading, items=tuple(items), enclosed=(), files=tuple(files.values()))


async def _attached(item: SourceItem, enclosed: dict[str, Enclosed], opener: Opener, files: dict[str, FileBytes]) -> SourceItem:
    found, missed, notes, size = list[SourceFile](), list[str](), list[str](), 0
    for link, target, shown in _wanted(item):
        try:
            if len(found) >= LIMITS.item_files or size > LIMITS.item_bytes:
                raise UnreadableError(f"there are more than {LIMITS.item_files} files or {LIMITS.item_bytes:,} bytes with one text")
            file = _enclosed(enclosed[target]) if target in enclosed else await opener.open(Link(target, shown))
        except SiteExhaustedError:
            raise
        except InvalidInputError as error:
            missed.append(link or target)
            notes.append(f"{target[:200]} was not attached: {error.message}.")
            continue
        if file is not None:
            if file.data:
                files.setdefault(file.digest, file)
                size += len(file.data)
            found.append(SourceFile(link, file.name, file.digest))
    body = without_local(item.body, {file.link for file in found})
    more = (f"{len(notes) - _SAID} more files were not attached.",) if len(notes) > _SAID else ()
    return replace(item, body=body, files=tuple(found), missed=tuple(missed), notes=(*item.notes, *notes[:_SAID], *more))


def _wanted(item: SourceItem) -> Iterator[tuple[str, str, bool]]:
    """(how the text names it, what it is, whether it is a picture) of everything that could be a file."""
    for link in find_links(item.body):
        target = plain_target(link.target)
        if link.shown or is_attachable(target):
            yield link.target, target, link.shown
    for name in item.attachments:
        yield "", name, True


def _enclosed(one: Enclosed) -> FileBytes:
    return checked(one.name, one.data)


def checked(name: str, data: bytes) -> FileBytes:
    """A file that may be attached. Raises FileRefusedError for one that is of no such kind, too large, or not what its name says."""
    name = clean_name(name)
    media_type_of(name, data)
    return FileBytes(hashlib.sha256(data).hexdigest(), name, data)


@dataclass
class FolderOpener:
    """Reads files beside a document, by their path below the root of the source. `read` raises KeyError or OSError for none."""

    document: str
    read: Callable[[str], bytes]

    async def open(self, link: Link) -> FileBytes | None:
        """See `Opener`."""
        path = self._path(link.target)
        if path is None:
            return None
        if path.startswith("../") or any(part.startswith(".") for part in path.split("/")):
            raise UnreadableError("it lies outside of what is imported")
        try:
            data = await asyncio.to_thread(self.read, path)
        except (KeyError, OSError):
            if link.target.startswith("/"):
                return None  # an address of the house rather than a file
            raise UnreadableError("there is no such file") from None
        return await asyncio.to_thread(checked, path.rsplit("/", 1)[-1], data)

    def _path(self, link: str) -> str | None:
        try:
            parts = urlsplit(link)
        except ValueError:
            return None
        if parts.netloc or parts.scheme not in {"", "file"} or not parts.path:
            return None
        path = unquote(parts.path)
        inside = path.lstrip("/") if parts.scheme or path.startswith("/") else posixpath.join(posixpath.dirname(self.document), path)
        return posixpath.normpath(inside)


@dataclass
class WebOpener:
    """Fetches pictures wherever pages show them from, and files from the site itself; private addresses are refused by the fetcher.

    `follows` says which addresses are read as articles of their own, `allowed` what robots.txt lets be read.
    """

    fetcher: Fetcher
    home: str
    follows: Callable[[str], bool] = lambda _: False
    allowed: Callable[[str], bool] = lambda _: True
    _seen: dict[str, FileBytes | str] = field(default_factory=dict)

    async def open(self, link: Link) -> FileBytes | None:
        """See `Opener`. Each address is asked once."""
        url = link.target
        if not url.startswith(("http://", "https://")):
            return None
        own = urlsplit(url).netloc.lower() == urlsplit(self.home).netloc.lower()
        if not link.shown and (not own or self.follows(url)):
            return None
        found = self._seen.get(url) or await self._fetch(url, own=own)
        self._seen[url] = found if isinstance(found, str) else replace(found, data=b"")
        if isinstance(found, str):
            raise UnreadableError(found)
        return found

    async def _fetch(self, link: str, *, own: bool) -> FileBytes | str:
        if own and not self.allowed(link):
            return "robots.txt of the site forbids it"
        try:
            answer = await self.fetcher.get(link, most=MAX_FILE, accept="image/*,*/*;q=0.5")
            if answer.status >= 400:
                return f"the site answered {answer.status}"
            return await asyncio.to_thread(checked, _name(answer.url, answer.media_type), answer.data)
        except SiteExhaustedError:
            raise
        except InvalidInputError as error:
            return error.message


def _name(url: str, media_type: str) -> str:
    """A name for what an address gave, whose ending is of the kind that the server said."""
    base = clean_name(unquote(urlsplit(url).path).rsplit("/", 1)[-1]) or "file"
    stem, _, ending = base.rpartition(".")
    guessed = _ENDINGS.get(media_type) or (mimetypes.guess_extension(media_type) or "").lstrip(".")
    if ending.lower() in KINDS and (not guessed or guessed not in KINDS or {guessed, ending.lower()} <= {"jpg", "jpeg"}):
        return base
    return f"{stem or base}.{guessed}" if guessed in KINDS else base
