"""What sources say: items to import, and what could not be read and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from kit.errors import InvalidInputError

MEGABYTE = 1_000_000


class UnreadableError(InvalidInputError):
    """This cannot be read."""


@dataclass(frozen=True)
class Limits:
    """How much is read at most. Bytes, seconds, and numbers of things."""

    file_bytes: int = 60 * MEGABYTE
    unpacked_bytes: int = 400 * MEGABYTE
    unpacked_ratio: int = 150
    entries: int = 5_000
    page_bytes: int = 8 * MEGABYTE
    site_bytes: int = 500 * MEGABYTE
    pages: int = 1_000
    depth: int = 6
    site_seconds: float = 3 * 3600.0
    request_seconds: float = 30.0
    parse_seconds: float = 60.0
    redirects: int = 5
    item_files: int = 100
    item_bytes: int = 100 * MEGABYTE
    files_bytes: int = 500 * MEGABYTE


LIMITS = Limits()


@dataclass(frozen=True)
class Options:
    """How a source is to be read. Empty texts mean: find out.

    `language` is for items that do not say theirs; `question` and `answer` name columns of FAQ lists; `delay` is the time in seconds
    between two requests to a site. `private` lets a site lie at a private or loopback address.
    """

    language: str = ""
    category: str = ""
    audience: str = "public"
    encoding: str = ""
    question: str = ""
    answer: str = ""
    pages: int = LIMITS.pages
    depth: int = LIMITS.depth
    delay: float = 0.5
    private: bool = False

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return asdict(self)


def options_from(stored: Mapping[str, Any]) -> Options:
    """Options as stored; names that this version does not know are passed over."""
    known = {field.name for field in fields(Options)}
    return Options(**{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True)
class Document:
    """Bytes with a name: a file, an entry of an archive, or the answer to a request (`url` says where from)."""

    name: str
    data: bytes
    url: str = ""


@dataclass(frozen=True)
class SourceFile:
    """A picture or attachment of an item: `link` is how its text names it, empty when it only stands beside; `digest` is its SHA-256."""

    link: str
    name: str
    digest: str


@dataclass(frozen=True)
class Enclosed:
    """A file that lies in a document itself, such as a picture in Word. `link` (inside:...) is how the Markdown of its items names it."""

    link: str
    name: str
    data: bytes


@dataclass(frozen=True)
class FileBytes:
    """The bytes of a file of some item."""

    digest: str
    name: str
    data: bytes


@dataclass(frozen=True)
class SourceItem:
    """One language of one article as a source has it.

    `key` names it within the source for ever; items with the same `group` are one article in several languages. `article_id` is wanted
    (when `fixed`, it is asked for and nothing else will do). `language` is empty when the source does not say. `body` is Markdown;
    `questions` None leaves those stored. `status` is draft or archived where the source says so. `notes` are sentences for the editor.
    `owner`, `source`, `review_by` and `expires_at` (both ISO 8601) are None when the source does not say. `attachments` are files that
    stand beside the text, as the source names them; `files` are those that could be read, `missed` the links that could not.
    """

    key: str
    group: str
    article_id: str
    title: str
    body: str
    language: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    audience: str = ""
    questions: tuple[str, ...] | None = None
    fixed: bool = False
    status: str = ""
    notes: tuple[str, ...] = ()
    owner: str | None = None
    source: str | None = None
    review_by: str | None = None
    expires_at: str | None = None
    attachments: tuple[str, ...] = ()
    files: tuple[SourceFile, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """Something of a source that is not imported, and why, as a sentence."""

    key: str
    reason: str


@dataclass(frozen=True)
class Place:
    """Something of a source that is read at once: a file, a page. `depth` counts the links that led to it."""

    key: str
    depth: int = 0


@dataclass(frozen=True)
class Reading:
    """What one place held: items, what is passed over, further places to read, and files (`enclosed` until they were looked at)."""

    items: tuple[SourceItem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    places: tuple[Place, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    files: tuple[FileBytes, ...] = ()


def skip(key: str, reason: str) -> Reading:
    """A reading of nothing, with its reason."""
    return Reading(skipped=(Skipped(key, reason),))


def joined(readings: Sequence[Reading]) -> Reading:
    """Several readings as one."""
    return Reading(
        tuple(item for one in readings for item in one.items),
        tuple(skipped for one in readings for skipped in one.skipped),
        tuple(place for one in readings for place in one.places),
        tuple(file for one in readings for file in one.enclosed),
        tuple(file for one in readings for file in one.files),
    )
