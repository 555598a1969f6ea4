"""The bot in the terminal, without server or database: the sample shop's orders and articles in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

from rich.console import Console

from app.entity_settings import read_entity_settings
from app.models import current_model
from app.project import open_project
from app.seeding import ARTICLES
from app.settings import Settings
from bot.baton_engine import BatonEngine
from bot.engine import Reply, Turn, TurnMessage
from bot.fake_shop import MemoryShop
from context.orders.matching import normalise_number, proof_fits
from context.orders.types import OrderAccess, SoldItem
from context.types import Order
from kit.clock import utc_now
from knowledge.answer import answer
from knowledge.building import index_drafts
from knowledge.calibrating import calibrate, with_calibration
from knowledge.importing import read_markdown_folder
from knowledge.search import SearchIndex
from knowledge.types import Answer
from nlu.encoders import get_encoder
from nlu.understander import Understander
from sample_shop.orders import sample_orders, sample_returns
from sample_shop.shelves import sample_gift_cards, sample_points, shelf_products


@dataclass(frozen=True)
class MemoryOrders:
    """The sample shop's orders, behind the bot's port."""

    orders: dict[str, Order]

    async def access(self, number: str, *, proof: str | None, turn: Turn) -> OrderAccess:  # noqa: ARG002 - the port's shape
        """See the port."""
        order = self.orders.get(normalise_number(number))
        if order is None or proof is None or not proof_fits(proof, email=order.email, phone=order.phone):
            return OrderAccess(None, "not_found")
        return OrderAccess(order, None, {i.sku: i.returnable if isinstance(i, SoldItem) else True for i in order.items})

    async def own(self, turn: Turn) -> tuple[Order, ...]:  # noqa: ARG002 - the port's shape
        """See the port: nobody is verified in a terminal."""
        return ()


@dataclass(frozen=True)
class MemoryKnowledge:
    """The sample shop's articles, behind the bot's port."""

    index: SearchIndex

    async def answer(self, question: str, *, language: str) -> Answer:
        """See the port."""
        return answer(self.index, question, language=language)


@dataclass
class Talk:
    """The state of one talk."""

    conversation_id: object = field(default_factory=uuid4)
    slots: dict[str, object] = field(default_factory=dict)
    dialogue: dict[str, object] = field(default_factory=dict)
    language: str = "en"


def chat(settings: Settings, *, language: str | None, trace: bool) -> None:
    """Reads lines and answers until the end of input. Raises NoModelError before the first training."""
    console = Console(highlight=False)
    folder = current_model(settings.models_dir)
    with console.status("Loading ..."):
        understander = Understander.load(folder / "nlu", encoder_cache=settings.encoder_dir, settings=read_entity_settings())
        drafts = [d for f in sorted(ARTICLES.iterdir()) if f.is_dir() for d in read_markdown_folder(f)]
        index = index_drafts(drafts, get_encoder("use-multilingual", settings.encoder_dir))
        index = with_calibration(index, calibrate(index))
        today = utc_now().date()
        orders = MemoryOrders({o.number: o for o in sample_orders(today)})
        shop = MemoryShop(
            tuple(shelf_products(today)), sample_gift_cards(today), sample_points(today), tuple(sample_returns(today)), orders
        )
        engine = BatonEngine(open_project(folder / "project"), orders=orders, knowledge=MemoryKnowledge(index), shop=shop)
    console.print("[dim]Write to the bot; an empty line or Ctrl-D ends.[/]")
    talk = Talk()
    while True:
        try:
            line = console.input("[bold]you:[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            break
        if not line:
            break
        reply = asyncio.run(_turn(engine, understander, talk, line, language))
        _print(console, reply, trace=trace)


async def _turn(engine: BatonEngine, understander: Understander, talk: Talk, line: str, language: str | None) -> Reply:
    understood = understander.understand(line, language=language, previous_language=talk.language, expected=talk.dialogue.get("expected"))  # type: ignore[arg-type]
    message = TurnMessage(uuid4(), line, None, understood, utc_now())
    turn = Turn(
        id=uuid4(), conversation_id=talk.conversation_id, messages=(message,), slots=talk.slots, dialogue=talk.dialogue,  # type: ignore[arg-type]
        language=understood.language, channel="terminal", contact_id=uuid4(), verified=False, email=None, phone=None, now=utc_now(),
    )  # fmt: skip
    reply = await engine.respond(turn)
    talk.slots, talk.dialogue, talk.language = reply.slots, reply.dialogue, reply.language
    return reply


def _print(console: Console, reply: Reply, *, trace: bool) -> None:
    for content in reply.messages:
        console.print("[bold cyan]bot:[/] ", end="")
        console.print(content.text, markup=False)
        for citation in content.citations:
            console.print(f"     source: {citation.title} {citation.url}", style="dim", markup=False)
        if content.buttons:
            console.print("     " + "  ".join(f"({b.title})" for b in content.buttons), style="cyan", markup=False)
    if reply.handoff:
        console.print(f"     -> handed to a human: {reply.handoff.reason}", style="magenta", markup=False)
    for entry in reply.trace if trace else ():
        console.print(f"     {entry}", style="dim", markup=False)
