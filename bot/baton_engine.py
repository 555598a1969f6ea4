"""`BatonEngine`: Baton's own dialogue engine over a Rasa 3 project."""

from __future__ import annotations

from bot.actions.port import Action, FormRules
from bot.actions.registry import ACTIONS, FORM_RULES
from bot.engine import KnowledgeReader, OrderReader, Reply, Turn
from bot.policies.ensemble import Ensemble
from bot.project.types import Project
from bot.speaker import Speaker
from bot.tracker import restore_tracker
from bot.turn_run import TurnRun


class BatonEngine:
    """Implements `DialogueEngine`. Deterministic: the same turn and the same readings give the same reply."""

    def __init__(
        self,
        project: Project,
        *,
        orders: OrderReader,
        knowledge: KnowledgeReader,
        actions: tuple[Action, ...] = ACTIONS,
        form_rules: tuple[FormRules, ...] = FORM_RULES,
    ) -> None:
        self.project = project
        self.orders = orders
        self.knowledge = knowledge
        self.actions = {action.name: action for action in actions}
        self.form_rules = {rules.name: rules for rules in form_rules}
        self.policies = Ensemble(project)
        self.speaker = Speaker(project)

    async def respond(self, turn: Turn) -> Reply:
        """The reply to a turn: its messages in order, until one of them hands off.

        Raises what an action or a reader raises (NotFoundError for an action that there is not): `bot/turn.py` then hands over.
        """
        tracker = restore_tracker(self.project.domain, slots=turn.slots, dialogue=turn.dialogue)
        run = TurnRun(self, turn, tracker)
        run.open()
        for message in turn.messages:
            await run.take(message)
            if run.handoff:
                break
        return run.reply()
