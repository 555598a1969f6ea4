"""Files of messages: kept by whoever sends them up, put into one message, refused with a reason."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from context.attachments import keeping
from context.attachments.keeping import Upload, customer_owner, keep_file
from context.conversations import get_message
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow
from context.types import Inbound
from kit.blobs import MemoryBlobs
from kit.clock import utc_now
from kit.errors import InvalidInputError, TooManyRequestsError
from kit.file_kinds import FileRefusedError, FileTooLargeError

pytestmark = pytest.mark.integration
ANA = customer_owner("web", "ana")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


async def keep(session: AsyncSession, name: str = "tea.png", data: bytes | None = None, *, owner: str = ANA) -> UUID:
    blobs = MemoryBlobs()
    file = await keep_file(session, blobs, Upload(name, picture() if data is None else data), owner=owner)
    assert blobs.data[keeping.blob_key(file.id)]
    return file.id


def inbound(*files: UUID, text: str = "", who: str = "ana") -> Inbound:
    return Inbound("web", "main", who, uuid4().hex, text, attachments=files)


async def test_a_customer_s_file_comes_with_the_message(session: AsyncSession, ledger: Ledger) -> None:
    file = await keep(session)
    recorded = await record_inbound(session, ledger, inbound(file))
    message = await get_message(session, recorded.message.id)
    assert [(a.id, a.name, a.media_type) for a in message.content.attachments] == [(file, "tea.png", "image/png")]
    stored = await keeping.get_stored(session, file)
    assert (stored.message_id, stored.conversation_id) == (message.id, message.conversation_id)
    conversation = await session.get(ConversationRow, message.conversation_id)
    assert conversation is not None
    assert conversation.preview == "tea.png"


async def test_a_message_with_neither_text_nor_file_is_refused(session: AsyncSession, ledger: Ledger) -> None:
    with pytest.raises(InvalidInputError):
        await record_inbound(session, ledger, inbound())


async def test_nobody_sends_what_another_sent_up(session: AsyncSession, ledger: Ledger) -> None:
    file = await keep(session)
    with pytest.raises(InvalidInputError):
        await record_inbound(session, ledger, inbound(file, who="rui"))


async def test_a_file_goes_out_with_one_message_only(session: AsyncSession, ledger: Ledger) -> None:
    file = await keep(session)
    await record_inbound(session, ledger, inbound(file))
    with pytest.raises(InvalidInputError):
        await record_inbound(session, ledger, inbound(file, text="again"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tea.png", b"<html>"),
        ("tea.jpg", None),
        ("run.exe", b"MZ"),
        ("page.html", b"<script>"),
        ("voice.mp3", b"not sound"),
        ("film.mp4", b"RIFF"),
        ("empty.txt", b""),
        ("drawing.svg", b"<svg/>"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(session: AsyncSession, name: str, data: bytes | None) -> None:
    with pytest.raises(FileRefusedError):
        await keep(session, name, data)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("voice.ogg", b"OggS....", "audio/ogg"),
        ("film.mp4", b"\0\0\0\x18ftypmp42", "video/mp4"),
        ("voice.wav", b"RIFF....WAVE", "audio/wav"),
    ],
)
async def test_sound_and_films_are_known_by_their_bytes(session: AsyncSession, name: str, data: bytes, kind: str) -> None:
    assert (await keeping.get_stored(session, await keep(session, name, data))).media_type == kind


async def test_too_large_a_file_is_refused_with_its_size_and_the_limit(session: AsyncSession) -> None:
    with pytest.raises(FileTooLargeError) as refused:
        await keep(session, "log.txt", b"a" * (keeping.MOST_BYTES + 1))
    assert "25,000,001" in refused.value.message
    assert "25,000,000" in (refused.value.hint or "")


async def test_too_many_unsent_files_are_refused(session: AsyncSession) -> None:
    for _ in range(keeping.MOST_WAITING):
        await keep(session)
    with pytest.raises(TooManyRequestsError):
        await keep(session)
    await keep(session, owner="web:rui")


async def test_what_was_never_sent_is_forgotten_after_a_day(session: AsyncSession, ledger: Ledger) -> None:
    unsent, sent = await keep(session), await keep(session)
    await record_inbound(session, ledger, inbound(sent))
    assert await keeping.sweep_unsent(session, now=utc_now()) == []
    assert await keeping.sweep_unsent(session, now=utc_now() + timedelta(days=2)) == [unsent]
