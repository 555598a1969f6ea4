"""A small desk for tests: people, a conversation that waits, drafts for it, and a screen that keeps what it is told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.erasing import erasing_with
from assist.models import SuggestionRow
from channels.managing import Managing
from console.access import Login
from console.inbox.commands import Commands
from console.inbox.desk_page import DeskPage
from console.inbox.live import LivePage
from console.inbox.rows import Shared
from console.services import ConsoleServices
from context.conversations import lock_conversation
from context.editorial.services import ArticleServices, LocalTryer
from context.inbound import record_inbound
from context.ledger import Ledger
from context.ownership import hand_off
from context.redaction.redactor import Redactor
from context.staff.accounts import create_staff, open_session
from context.staff.models import StaffRow
from context.stream import Hub
from context.types import HandoffReason, HandoffRequest, Inbound, Role
from desk.personal.preferences import change_preferences
from desk.work import Desk
from insights.learned import TrainingSentences
from insights.teaching import Teaching
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.sealing import Sealer
from tests.knowledge.fakes import index_of

PASSWORD = "long enough to pass"
PROJECT = """nlu:
- intent: track_order
  examples: |
    - where is my parcel
    - has it been sent
- intent: faq/hours
  examples: |
    - when do you open
"""
DRAFTS = ("Your parcel is on its way.", "Parcels to Portugal take 6 to 10 working days.")


@dataclass
class Screen:
    """Keeps what a page was told."""

    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.told.append((kind, data))

    def last(self, kind: str) -> dict[str, Any]:
        """The newest thing of this kind that was told. Fails when there is none."""
        found = [data for name, data in self.told if name == kind]
        assert found, f"{kind} was not told, only {[name for name, _ in self.told]}"
        return found[-1]

    def kinds(self) -> set[str]:
        """Which kinds of things were told."""
        return {name for name, _ in self.told}


@dataclass(frozen=True)
class OpenPage:
    """One open inbox of one person."""

    staff: StaffRow
    login: Login
    page: DeskPage
    commands: Commands
    live: LivePage
    screen: Screen

    async def ask(self, kind: str, **data: Any) -> None:
        """What the browser would send."""
        await self.commands.run({"kind": kind, **data})


def make_services(database: Database, ledger: Ledger, folder: Path) -> ConsoleServices:
    """The console's services on a test database."""
    return ConsoleServices(
        database=database, hub=Hub(database), ledger=ledger, desk=Desk(database, ledger), secure_cookies=False, storage_secret="s" * 32,
        teaching=make_teaching(database, ledger, folder), articles=make_articles(database, ledger),
        channels=make_channels(), erasing=erasing_with(ledger, MemoryBlobs()),
    )  # fmt: skip


def make_channels() -> Managing:
    """Managing of accounts, with a key of its own."""
    return Managing(Sealer("one key"), lambda channel, account: f"https://shop.example/hooks/{channel}/{account}")


def make_articles(database: Database, ledger: Ledger, *, second_person: bool = False) -> ArticleServices:
    """Editorial work with files in memory; questions are tried on the few articles of `tests.knowledge.fakes`."""
    return ArticleServices(database, ledger, MemoryBlobs(), LocalTryer(index_of()), second_person=second_person)


def make_teaching(database: Database, ledger: Ledger, folder: Path) -> Teaching:
    """Teaching with a project of two intents; what is taught is written under `folder`."""
    project = folder / "nlu" / "en"
    project.mkdir(parents=True, exist_ok=True)
    (project / "shop.yml").write_text(PROJECT)
    return Teaching(database, ledger, TrainingSentences(lambda: [project.parent]), Redactor, folder / "taught" / "nlu")


async def log_in(services: ConsoleServices, role: Role, *, name: str = "Mei") -> tuple[StaffRow, Login]:
    """A new person with this role, logged in."""
    async with services.database.transaction() as session:
        staff = await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name=name, role=role, password=PASSWORD)
        token = await open_session(session, staff)
    return staff, Login(services.database, token)


async def open_page(
    services: ConsoleServices, role: Role = Role.AGENT, *, name: str = "Mei", shared: Shared | None = None, undo_seconds: int = 0
) -> OpenPage:
    """An inbox that a new person of this role has open; what they send is held back for `undo_seconds`."""
    staff, login = await log_in(services, role, name=name)
    async with services.database.transaction() as session:
        await change_preferences(session, staff.id, {"undo_seconds": undo_seconds})
    screen = Screen()
    shared = shared or Shared(services.database, services.hub)
    page = DeskPage(services, login, screen, shared=shared)
    return OpenPage(staff, login, page, Commands(page), LivePage(page), screen)


async def customer_writes(services: ConsoleServices, text: str = "Where is my order?", *, who: str = "ana") -> uuid.UUID:
    """A customer's message; returns the conversation."""
    inbound = Inbound("web", "main", who, uuid.uuid4().hex, text, profile_name=who.title(), language="en")
    async with services.database.transaction() as session:
        return (await record_inbound(session, services.ledger, inbound)).message.conversation_id


async def waiting_conversation(services: ConsoleServices, text: str = "Where is my order?", *, who: str = "ana") -> uuid.UUID:
    """A conversation that the bot has handed over."""
    conversation_id = await customer_writes(services, text, who=who)
    async with services.database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        await hand_off(session, services.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    return conversation_id


async def make_drafts(services: ConsoleServices, conversation_id: uuid.UUID, message_id: uuid.UUID) -> list[uuid.UUID]:
    """Suggestions for a customer's message, best first."""
    rows = [
        SuggestionRow(
            conversation_id=conversation_id, message_id=message_id, rank=rank, source="knowledge", text=text, citations=[], confidence=0.8
        )
        for rank, text in enumerate(DRAFTS, 1)
    ]
    async with services.database.transaction() as session:
        session.add_all(rows)
    return [row.id for row in rows]
