"""What `baton chat` talks to: the trained bot with the sample shop in memory, or any Rasa 3 project, learned when needed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.dialogue import learned_policy, open_engine, train_dialogue
from app.entity_settings import read_entity_settings
from app.models import current_model
from app.plan import training_plan
from app.project import nlu_sources, open_project
from app.search_encoder import search_encoder
from app.seeding import ARTICLES
from app.settings import Settings
from bot.actions.remote import RemoteActions
from bot.actions.remote_config import find_action_endpoint
from bot.baton_engine import BatonEngine
from bot.engine import Turn
from bot.fake_shop import MemoryShop
from bot.fakes import MemoryKnowledge as FewArticles
from bot.fakes import MemoryOrders as NoOrders
from context.orders.matching import normalise_number, proof_fits
from context.orders.types import OrderAccess, SoldItem
from context.types import Order, Understanding
from kit.clock import utc_now
from knowledge.answer import answer
from knowledge.building import index_drafts
from knowledge.calibrating import calibrate, with_calibration
from knowledge.importing import read_markdown_folder
from knowledge.search import SearchIndex
from knowledge.types import Answer
from nlu.rasa_yaml import read_training_data
from nlu.understander import Understander
from sample_shop.orders import sample_orders, sample_returns
from sample_shop.shelves import sample_gift_cards, sample_points, shelf_products

Understand = Callable[[str, str | None, str, str | None], Understanding]
"""(text, language if it is known, language before, the entity just asked for) -> what the text means."""


@dataclass(frozen=True)
class World:
    """A bot to talk to, who understands for it, and what is to be said of it first."""

    engine: BatonEngine
    understand: Understand
    notes: tuple[str, ...] = ()


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

    async def answer(self, question: str, *, language: str, about: str = "") -> Answer:  # noqa: ARG002 - the port's shape
        """See the port."""
        return answer(self.index, question, language=language)


def trained_world(settings: Settings) -> World:
    """The bot as it was last trained, with the sample shop. Raises NoModelError before the first training."""
    folder = current_model(settings.models_dir)
    drafts = [d for f in sorted(ARTICLES.iterdir()) if f.is_dir() for d in read_markdown_folder(f)]
    index = index_drafts(drafts, search_encoder(settings, remembering=True))
    today = utc_now().date()
    orders = MemoryOrders({o.number: o for o in sample_orders(today)})
    shop = MemoryShop(tuple(shelf_products(today)), sample_gift_cards(today), sample_points(today), tuple(sample_returns(today)), orders)
    knowledge = MemoryKnowledge(with_calibration(index, calibrate(index)))
    engine = open_engine(folder, orders=orders, knowledge=knowledge, shop=shop)
    return World(engine, _asking(Understander.load(folder / "nlu", encoder_cache=settings.encoder_dir, settings=read_entity_settings())))


def project_world(settings: Settings, root: Path, console: Console) -> World:
    """A Rasa 3 project as it lies there: its stories are learned now, its sentences when something is said that names no intent itself.

    There are no orders and no articles. Actions of its own run on the action server of its endpoints.yml. Raises ProjectError.
    """
    project = open_project(root)
    with _bar(console) as show:
        model = train_dialogue(project, progress=show)
    endpoint = find_action_endpoint(root, environment=os.environ)
    engine = BatonEngine(
        project,
        orders=NoOrders(),
        knowledge=FewArticles(),
        remote=RemoteActions(endpoint) if endpoint else None,
        learned=learned_policy(project, model),
    )
    notes = (*project.config.warnings, *(f"{problem.message} {problem.hint or ''}".strip() for problem in project.problems))
    return World(engine, _Learner(settings, root, project.config.language, console), notes)


class _Learner:
    """Understands by a model of the project's sentences, trained at the first call."""

    def __init__(self, settings: Settings, root: Path, language: str, console: Console) -> None:
        self.settings, self.root, self.language, self.console = settings, root, language, console
        self.trained: Understand | None = None

    def __call__(self, text: str, language: str | None, before: str, expected: str | None) -> Understanding:
        if self.trained is None:
            self.trained = self._train()
        return self.trained(text, language or self.language, before, expected)

    def _train(self) -> Understand:
        data = read_training_data(nlu_sources(self.root), language=self.language)
        if not data.examples:
            self.console.print("[dim]The project has no sentences to learn from: only /intent is understood.[/]")
            return lambda _text, language, _before, _expected: Understanding(language or self.language, None, 0.0)
        from nlu.train import train

        cache = self.settings.encoder_dir
        with tempfile.TemporaryDirectory() as name, _bar(self.console) as show:
            train(data, out=Path(name) / "model", encoder_cache=cache, progress=show, plan=training_plan(self.settings))
            return _asking(Understander.load(Path(name) / "model", encoder_cache=cache, settings=read_entity_settings()))


def _asking(model: Understander) -> Understand:
    model.warm_up()
    return lambda text, language, before, expected: model.understand(text, language=language, previous_language=before, expected=expected)


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[str, float], None]]:
    """A progress bar on the console, to be told (what, share done)."""
    columns = TextColumn("[progress.description]{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Learning", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
