"""`RasaEngine`: Rasa 3.6.21 as the dialogue engine; Baton's tracker is the truth, and Baton's own actions do the work."""

from __future__ import annotations

from typing import Any, Protocol

from bot.actions.port import Action, FormRules
from bot.actions.registry import ACTIONS, FORM_RULES
from bot.engine import KnowledgeReader, OrderReader, Reply, Turn
from bot.policies.ensemble import Ensemble
from bot.project.types import Project
from bot.rasa.serving import Forward, RunningTurns
from bot.rasa.turn import RasaRun
from bot.shop import NoShop, ShopReader
from bot.speaker import Speaker
from bot.tracker import restore_tracker


class Rasa(Protocol):
    """A Rasa server with Baton's channel (`driver/baton_channel.py`); `running` are the turns that its calls belong to.

    `forward` passes calls for other actions than Baton's on, where there is somebody to answer them.
    """

    running: RunningTurns
    forward: Forward | None

    async def take(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The events that follow from one message: see `baton_channel.take`. Raises RasaDownError or RasaFailedError."""


class RasaEngine:
    """Implements `DialogueEngine`. Pure as the port wants it: Rasa stores nothing, effects are collected and performed by `bot/turn.py`."""

    def __init__(
        self,
        project: Project,
        rasa: Rasa,
        *,
        orders: OrderReader,
        knowledge: KnowledgeReader,
        shop: ShopReader | None = None,
        actions: tuple[Action, ...] = ACTIONS,
    ) -> None:
        """`actions` are those of Baton that Rasa may call by name; its own default actions stay Rasa's."""
        self.project, self.rasa = project, rasa
        self.orders, self.knowledge, self.shop = orders, knowledge, shop or NoShop()
        self.actions = {action.name: action for action in actions}
        self.form_rules: dict[str, FormRules] = {} if project.config.foreign else {rules.name: rules for rules in FORM_RULES}
        self.policies = Ensemble(project)  # what mends a talk asks them which intents lead where
        self.speaker = Speaker(project)

    async def respond(self, turn: Turn) -> Reply:
        """The reply to a turn, message by message, until one of them hands off; reminders that are due when there is no message.

        Raises what Rasa, an action or a reader raises: `bot/turn.py` then hands over.
        """
        run = RasaRun(self, turn, restore_tracker(self.project.domain, dialogue=turn.dialogue))
        with self.rasa.running.holding(run):
            run.open()
            if not turn.messages:
                await run.ring(turn.now)
            for message in turn.messages:
                await run.ring(message.at)
                await run.take(message)
                if run.handoff:
                    break
        return run.reply()
