"""One job takes a customer's message from understanding to the sent answer, and may run again at any point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.answering import Answering
from app.wiring import Base
from assist.ports import Ask, Draft
from bot.engine import Reply, Turn
from bot.turn import TurnTaker
from channels.accounts import Accounts
from channels.base import Capabilities, Channel, Fate, Sending, SendResult
from channels.deliver import Deliverer
from channels.outbox import Outbox
from channels.web.send import WebChannel
from context.conversations import list_messages
from context.inbound import record_inbound
from context.ledger import Ledger
from context.types import Author, Content, Delivery, HandoffReason, HandoffRequest, Inbound, Understanding
from context.understand import understand_message
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.sealing import Sealer
from knowledge.types import Answer, Citation

pytestmark = pytest.mark.integration


class NoDrafts:
    """Articles that have nothing to say."""

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        return []


class Articles:
    """Articles of which one answers the question "hours?"."""

    async def answer(self, question: str, *, language: str, about: str = "") -> Answer:
        if question != "hours?":
            return Answer(None, language, 0.0)
        return Answer("We open at ten.", language, 0.9, citations=(Citation("hours", "Opening hours", "/help/en/hours"),))


@dataclass
class Mind:
    """A brain that answers with the customer's words; `breaks` fails so many times before it does."""

    breaks: int = 0
    understood: int = 0
    trace: tuple[dict[str, Any], ...] = ()
    handoff: HandoffRequest | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def drafts(self) -> NoDrafts:
        return NoDrafts()

    @property
    def knowledge(self) -> Articles:
        return Articles()

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        self.understood += 1
        return Understanding("en", "ask", 0.9, (("ask", 0.9),))

    async def respond(self, turn: Turn) -> Reply:
        if self.breaks:
            self.breaks -= 1
            raise KeyboardInterrupt  # as if the process had died
        said = tuple(Content(m.text.upper()) for m in turn.messages)
        return Reply(said, {}, {"n": 1}, "en", trace=self.trace, handoff=self.handoff)


@dataclass
class Post:
    """A channel that must be called to send."""

    name: str = "post"
    sent_when_stored: bool = False
    needs_account: bool = False
    capabilities: Capabilities = field(default_factory=Capabilities)
    specials: frozenset[str] = frozenset()
    sent: list[str] = field(default_factory=list)

    async def send(self, sending: Sending) -> SendResult:
        self.sent.append(sending.part.text)
        return SendResult(Fate.SENT, external_id=uuid4().hex)


@dataclass
class House:
    """What the jobs work with."""

    database: Database
    ledger: Ledger
    enqueuer: RecordingEnqueuer
    mind: Mind = field(default_factory=Mind)
    post: Post = field(default_factory=Post)

    async def write(self, text: str, *, channel: str = "web") -> dict[str, Any]:
        """A customer writes; the job that follows."""
        async with self.database.transaction() as session:
            inbound = Inbound(channel, "shop", "visitor", uuid4().hex, text)
            recorded = await record_inbound(session, self.ledger, inbound)
        self.enqueuer.jobs.clear()
        message = recorded.message
        return {"conversation_id": str(message.conversation_id), "job_id": "1", "event_data": {"message_id": str(message.id)}}

    async def run(self, job: dict[str, Any]) -> None:
        """The job, as a worker runs it."""
        channels: dict[str, Channel] = {"web": WebChannel(), "post": self.post}
        base = Base(self.database, self.enqueuer, self.ledger)  # type: ignore[arg-type]
        await Answering(base, self.mind, channels).handlers()["understand"](**job)  # type: ignore[arg-type]
        await Outbox(self.database, self.ledger, channels, Accounts(self.database, Sealer("a key"))).send_all()

    async def said(self, job: dict[str, Any]) -> list[tuple[str, Author, Delivery]]:
        """All messages of the conversation."""
        async with self.database.transaction() as session:
            messages = await list_messages(session, [UUID(job["conversation_id"])])
        return [(m.content.text, m.author, m.delivery) for m in messages]


@pytest.fixture
def house(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> House:
    """A worker's parts with a mind that the test can look into."""
    return House(database, ledger, enqueuer)


async def test_one_job_understands_answers_and_sends_and_a_repeat_does_nothing(house: House) -> None:
    job = await house.write("hello")
    await house.run(job)
    await house.run(job)
    assert (await house.said(job))[1:] == [("HELLO", Author.BOT, Delivery.SENT)]
    assert house.mind.understood == 1
    assert house.enqueuer.jobs == []


async def test_a_job_whose_message_was_answered_with_another_ends_after_one_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await house.write("hello"), await house.write("are you there?")
    await understand_message(house.database, house.ledger, house.mind, message_id=UUID(second["event_data"]["message_id"]))
    await house.run(first)
    answered = await house.said(first)
    assert [text for text, author, _ in answered if author == Author.BOT] == ["HELLO", "ARE YOU THERE?"]
    tried: list[UUID] = []
    monkeypatch.setattr(TurnTaker, "take_turn", lambda _self, conversation_id, **_: tried.append(conversation_id))
    await house.run(second)
    assert tried == []
    assert await house.said(second) == answered


async def test_a_job_that_died_before_it_sent_sends_when_it_runs_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await house.write("hello", channel="post")
    with monkeypatch.context() as patched:
        patched.setattr(Deliverer, "deliver_waiting", _died)
        patched.setattr(Outbox, "send_all", _nothing)
        with pytest.raises(KeyboardInterrupt):
            await house.run(job)
    assert house.post.sent == []
    await house.run(job)
    assert house.post.sent == ["HELLO"]


async def _died(_self: object, _conversation_id: UUID) -> None:
    raise KeyboardInterrupt


async def _nothing(_self: object) -> None:
    return None


async def test_a_job_that_died_after_understanding_goes_on_from_there(house: House) -> None:
    job = await house.write("hello")
    house.mind.breaks = 1
    with pytest.raises(KeyboardInterrupt):
        await house.run(job)
    assert len(await house.said(job)) == 1
    await house.run(job)
    assert [text for text, author, _ in await house.said(job) if author == Author.BOT] == ["HELLO"]
    assert house.mind.understood == 1


async def test_a_channel_that_must_be_called_is_called_once(house: House) -> None:
    job = await house.write("hello", channel="post")
    await house.run(job)
    await house.run(job)
    assert house.post.sent == ["HELLO"]
    assert (await house.said(job))[1][2] == Delivery.SENT


async def test_only_what_was_not_understood_is_kept_for_those_who_teach(house: House) -> None:
    await house.run(await house.write("hello"))
    assert house.enqueuer.jobs == []
    house.mind.trace = ({"step": "understood", "intent": "nlu_fallback"},)
    await house.run(await house.write("blorp"))
    assert [name for name, _ in house.enqueuer.jobs] == ["learn"]


async def test_what_is_said_at_a_handoff_is_sent_too(house: House) -> None:
    house.mind.handoff = HandoffRequest(HandoffReason.CUSTOMER_ASKED)
    job = await house.write("a person please", channel="post")
    await house.run(job)
    assert house.post.sent[0] == "A PERSON PLEASE"
    assert {delivery for _, author, delivery in await house.said(job) if author != Author.CUSTOMER} == {Delivery.SENT}


async def test_who_waits_is_answered_from_the_articles_and_it_is_sent(house: House) -> None:
    house.mind.handoff = HandoffRequest(HandoffReason.CUSTOMER_ASKED)
    await house.run(await house.write("a person please", channel="post"))
    job = await house.write("hours?", channel="post")
    await house.run(job)
    await house.run(job)
    assert [text for text in house.post.sent if "We open at ten." in text] == [house.post.sent[-1]]
    assert {delivery for _, author, delivery in await house.said(job) if author != Author.CUSTOMER} == {Delivery.SENT}
