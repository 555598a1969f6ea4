"""Alerts: raised for what a person should see, once, and not for what only sounds like it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import dump_understanding, get_conversation, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import EventRow, MessageRow
from context.types import Inbound, Role, Sentiment, Understanding
from desk.alerts.kinds import KINDS, Kind
from desk.alerts.listing import access_acknowledge, access_alerts, count_alerts
from desk.alerts.raising import QUIET, STALE, alert_message, alert_waits, find_telling
from desk.alerts.signals import has_dropped, read_signals
from desk.alerts.words import FOLDER, expression, find_words, fold
from desk.routing.assigner import Assigner
from desk.routing.types import Priority, Rules
from kit.db import Database
from kit.errors import NotAllowedError, NotFoundError
from tests.desk.routing.desks import agent, customer, ledger_at

CALM = Sentiment(0, 0.9, score=0.0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("If this goes on you have lost me as a customer.", Kind.LEAVING),
        ("Please delete my account today", Kind.LEAVING),
        ("I will talk to my lawyers about it", Kind.LEGAL),
        ("See you in small claims court", Kind.LEGAL),
        ("The lamp CAUGHT FIRE last night!", Kind.SAFETY),
        ("my son got an electric shock from it", Kind.SAFETY),
        ("Nunca mais compro nada convosco", Kind.LEAVING),
        ("Vou deixar isto no livro de reclamações", Kind.LEGAL),
        ("O meu ADVOGADO vai tratar disto", Kind.LEGAL),
        ("apanhei um choque quando liguei o candeeiro", Kind.SAFETY),
        ("o candeeiro pegou fogo", Kind.SAFETY),
        ("我以後不會再買你們的東西", Kind.LEAVING),
        ("我會去消委會投訴", Kind.LEGAL),
        ("盞燈突然着火", Kind.SAFETY),
        ("再也不买你们的东西了", Kind.LEAVING),
        ("我要打12315", Kind.LEGAL),
        ("灯泡爆炸了", Kind.SAFETY),
        ("I am never ever ordering anything from you lot again", Kind.LEAVING),
        ("That was the last time I buy a lantern here", Kind.LEAVING),
        ("You may well lose a loyal customer over this", Kind.LEAVING),
        ("We'll try another shop then", Kind.LEAVING),
        ("That is a violation of my statutory rights", Kind.LEGAL),
        ("there was glass in my biscuit", Kind.SAFETY),
        ("não volto a encomendar aqui", Kind.LEAVING),
        ("cortei a mão na caixa", Kind.SAFETY),
        ("下次绝对不会再来订了", Kind.LEAVING),
        ("下次都唔會再幫襯你哋", Kind.LEAVING),
        ("吃了你们的饼一直拉肚子", Kind.SAFETY),
        ("塊餅裏面有玻璃碎片", Kind.SAFETY),
        ("个灯泡突然爆咗", Kind.SAFETY),
        ("我已经把你们拉进黑名单了", Kind.LEAVING),
        ("my son was hurt by the lamp, is that normal?", Kind.SAFETY),
        ("can you delete my account?", Kind.LEAVING),
    ],
)
def test_words_that_call_for_a_person_are_found(text: str, kind: Kind) -> None:
    assert list(find_words(text)) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order?",
        "I issued a return last week",  # not "sue"
        "The fireplace lamp is lovely",
        "A corte de papel que comprei chegou",
        "O embrulho é de papel, obrigada",
        "我想更換一件貨品",
        "可以用其他付款方式嗎",
        "请问什么时候发货",
        "It has never happened again since",
        "I will order again next time",
        "Can I switch to another size?",
        "The last time I ordered, it came in two days",
        "最后一次问一下，几点关门",
        "吃这个会过敏吗",
        "我不买这个杯子了，换大一点的",
        "Where is my last order?",
        "Is it dangerous for children?",
        "gift for my mum in hospital",
        "the ink is bleeding through the paper",
        "I don't want to go to another store to pick it up",
        "I'm done with this, thank you",
        "I will not be using the second room any more",
        "I never do this but could I ask again?",
        "We order for our legal department, do you invoice?",
        "têm sangria?",
        "A lanterna nunca mais voltou a acender",
        "Da última vez que cá comprei correu tudo bem",
        "não compro mais de dois, há desconto?",
        "é perigoso para crianças?",
        "请告诉我订单123456到哪了",
        "快递再不来我就要出门了",
        "买了三天以后不能用了",
        "以后不用每次都登录吗",
        "我可以去其他店取货吗",
        "这个杯子美爆了",
        "这个会不会引起过敏",
        "地址在派出所旁边",
        "蠟燭燒到中間凹咗",
        "",
    ],
)
def test_what_only_sounds_like_it_raises_nothing(text: str) -> None:
    assert read_signals(text, CALM, []) == []


@pytest.mark.parametrize(
    ("line", "meets", "passes"),
    [
        ("never (buy|order) … again", ("never buy here again", "Never ORDER\nfrom them again!"), ("never buy", "never sell it again")),
        ("(very )?sick*", ("very sick", "sickness"), ("homesick",)),
        ("不会(再)? … 买", ("不会买", "我不會再喺度買"), ("不会，买", "不会跟你们的人再说一句关于买")),
    ],
)
def test_a_line_may_have_alternatives_gaps_and_what_may_be_left_out(line: str, meets: tuple[str, ...], passes: tuple[str, ...]) -> None:
    pattern = re.compile(expression(line))
    assert all(pattern.search(fold(text)) for text in meets)
    assert not any(pattern.search(fold(text)) for text in passes)


@pytest.mark.parametrize("line", ["really? no", "(never", "one | other", "or) else"])
def test_a_line_with_a_sign_alone_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="sign that stands alone"):
        expression(line)


def test_every_language_has_words_for_every_kind() -> None:
    import yaml

    for file in FOLDER.glob("*.yml"):
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert {"leaving", "legal", "safety"} <= set(found) <= {"leaving", "legal", "safety", "leaving, told", "safety, told"}, file.name
        assert all(len(words) == len(set(words)) for words in found.values()), file.name
        assert min(len(found[kind]) for kind in ("leaving", "legal", "safety")) > 10, file.name
    assert {f.stem for f in FOLDER.glob("*.yml")} == {"en", "pt", "zh"}


def test_anger_is_a_signal_when_it_is_sure() -> None:
    assert [s.kind for s in read_signals("x", Sentiment(-1, 0.4, angry=True), [])] == [Kind.ANGRY]
    assert [s.kind for s in read_signals("x", Sentiment(-2, 0.8), [])] == [Kind.ANGRY]
    assert read_signals("x", Sentiment(-2, 0.3), []) == []


@pytest.mark.parametrize(
    ("scores", "fallen"),
    [
        ([0.4, 0.2, -0.5, -0.6], True),
        ([0.4, -0.9], False),  # one bad message is no trend
        ([-0.5, -0.6, -0.5, -0.6], False),  # it was never better
        ([0.4, 0.2, -0.5, 0.1], False),
        ([], False),
    ],
)
def test_a_mood_that_falls_is_told_from_one_that_was_always_low(scores: list[float], fallen: bool) -> None:
    assert has_dropped(scores) is fallen


async def said(session: AsyncSession, ledger: Ledger, text: str, sentiment: Sentiment = CALM) -> tuple[UUID, UUID]:
    """A message that was understood: conversation and message."""
    recorded = await record_inbound(session, ledger, Inbound("web", "shop", "v", uuid4().hex, text))
    row = await session.get(MessageRow, recorded.message.id)
    assert row is not None
    row.understanding = dump_understanding(Understanding("en", None, 0.0, sentiment=sentiment))
    await session.flush()
    return row.conversation_id, row.id


@pytest.mark.integration
async def test_a_message_raises_one_alert_of_a_kind_and_the_priority(session: AsyncSession) -> None:
    ledger, _ = ledger_at()
    conversation, message = await said(session, ledger, "the lamp caught fire, my lawyer will call")
    assert await alert_message(session, ledger, message) == 2
    assert await alert_message(session, ledger, message) == 0
    _, another = await said(session, ledger, "it really caught fire")
    assert await alert_message(session, ledger, another) == 0
    assert (await get_conversation(session, conversation)).priority == Priority.URGENT
    events = (await session.execute(select(EventRow.data).where(EventRow.name == "alert.raised").order_by(EventRow.id))).scalars().all()
    assert sorted(e["kind"] for e in events) == ["legal", "safety"]


@pytest.mark.integration
async def test_a_supervisor_sees_to_an_alert_and_it_stays_quiet_for_a_while(session: AsyncSession) -> None:
    ledger, clock = ledger_at()
    sam, ana = await agent(session, "sam", role=Role.SUPERVISOR), await agent(session, "ana")
    _, message = await said(session, ledger, "it caught fire")
    await alert_message(session, ledger, message)
    (found,) = await access_alerts(session, sam)
    assert (found.kind, found.detail, found.severity, found.priority) == ("safety", "caught fire", 2, Priority.URGENT)
    await access_acknowledge(session, ledger, sam, found.id)
    await access_acknowledge(session, ledger, sam, found.id)
    assert (await access_alerts(session, sam), await count_alerts(session)) == ([], 0)
    assert [a.acknowledged_by for a in await access_alerts(session, sam, standing=False)] == [sam.id]
    _, soon = await said(session, ledger, "it caught fire!")
    assert await alert_message(session, ledger, soon) == 0
    clock.advance(QUIET.total_seconds() + 1)
    _, later = await said(session, ledger, "it caught fire again")
    assert await alert_message(session, ledger, later) == 1
    for refused in (access_alerts(session, ana), access_acknowledge(session, ledger, ana, found.id)):
        with pytest.raises(NotAllowedError):
            await refused
    with pytest.raises(NotFoundError):
        await access_acknowledge(session, ledger, sam, uuid4())


@pytest.mark.integration
async def test_the_mood_of_a_conversation_is_read_over_its_messages(session: AsyncSession) -> None:
    ledger, _ = ledger_at()
    for score in (0.5, 0.4):
        await said(session, ledger, "thank you", Sentiment(1, 0.9, score=score))
    _, first = await said(session, ledger, "hm", Sentiment(-1, 0.9, score=-0.5))
    assert await alert_message(session, ledger, first) == 0
    conversation, second = await said(session, ledger, "this is not good", Sentiment(-1, 0.9, score=-0.6))
    assert await alert_message(session, ledger, second) == 1
    assert (await get_conversation(session, conversation)).priority == Priority.HIGH


@pytest.mark.integration
async def test_old_messages_raise_no_alarm(session: AsyncSession) -> None:
    ledger, clock = ledger_at()
    _, message = await said(session, ledger, "it caught fire")
    clock.advance(STALE.total_seconds() + 1)
    assert await alert_message(session, ledger, message) == 0
    assert await alert_message(session, ledger, uuid4()) == 0


@pytest.mark.integration
async def test_only_messages_that_may_tell_of_a_risk_are_looked_at_one_by_one(session: AsyncSession) -> None:
    ledger, clock = ledger_at()
    _, old = await said(session, ledger, "it caught fire")
    clock.advance(STALE.total_seconds() + 1)
    moods = [Sentiment(0, 0.9), Sentiment(1, 0.9, score=0.5), Sentiment(-1, 0.9, score=-0.5), Sentiment(0, 0.9)]
    texts = ["Where is my order?", "thank you", "hm", "my lawyer will call"]
    asked, thanks, low, legal = [(await said(session, ledger, text, mood))[1] for text, mood in zip(texts, moods, strict=True)]
    assert await find_telling(session, ledger, [legal, old, asked, uuid4(), thanks, low]) == [legal, low]
    assert await find_telling(session, ledger, []) == []


@pytest.mark.integration
async def test_who_waits_long_or_is_important_is_an_alert_and_moves_up(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        vip = await customer(session, ledger, "vip", vip=True)
        plain = await customer(session, ledger, "plain")
    assert await alert_waits(database, ledger, Rules()) == 0
    clock.advance(timedelta(minutes=3).total_seconds())
    assert await alert_waits(database, ledger, Rules()) == 1
    clock.advance(timedelta(minutes=8).total_seconds())
    assert await alert_waits(database, ledger, Rules()) == 2
    assert await alert_waits(database, ledger, Rules()) == 0
    await Assigner(database, ledger).round()
    async with database.transaction() as session:
        sam = await agent(session, "sam", role=Role.SUPERVISOR)
        kinds = {(a.conversation_id, a.kind) for a in await access_alerts(session, sam)}
        assert kinds == {(vip, "vip_waiting"), (vip, "long_wait"), (plain, "long_wait")}
        assert (await lock_conversation(session, vip)).priority == Priority.HIGH


def test_every_kind_is_described() -> None:
    assert set(KINDS) == set(Kind)
    assert all(described.en and described.zh_hant and described.severity in (1, 2) for described in KINDS.values())
