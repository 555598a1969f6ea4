"""`BatonEngine`: Baton's own dialogue engine over a Rasa 3 project."""

from __future__ import annotations

from bot.actions.port import Action, FormRules, RemoteRunner
from bot.actions.registry import ACTIONS, FORM_RULES
from bot.default_actions import DEFAULT_ACTIONS
from bot.engine import KnowledgeReader, OrderReader, Reply, Turn
from bot.policies.ensemble import Ensemble, Policy
from bot.project.types import Project
from bot.proof_offer import mark_proof
from bot.shop import NoShop, ShopReader
from bot.speaker import Speaker
from bot.tracker import restore_tracker, take_over_slots
from bot.turn_run import TurnRun


class BatonEngine:
    """Implements `DialogueEngine`. Deterministic: the same turn and the same readings give the same reply."""

    def __init__(  # noqa: PLR0913 - each port by its name
        self,
        project: Project,
        *,
        orders: OrderReader,
        knowledge: KnowledgeReader,
        shop: ShopReader | None = None,
        actions: tuple[Action, ...] = ACTIONS,
        remote: RemoteRunner | None = None,
        learned: Policy | None = None,
    ) -> None:
        """`remote` runs the project's own actions on its action server; `learned` is the policy trained on the project's stories."""
        self.project = project
        self.orders = orders
        self.knowledge = knowledge
        self.shop = shop or NoShop()
        in_order = (*actions, *DEFAULT_ACTIONS) if project.config.foreign else (*DEFAULT_ACTIONS, *actions)
        self.actions = {action.name: action for action in in_order}
        self.defaults = frozenset(action.name for action in DEFAULT_ACTIONS)
        self.form_rules: dict[str, FormRules] = {} if project.config.foreign else {rules.name: rules for rules in FORM_RULES}
        self.remote = remote
        self.policies = Ensemble(project, learned=learned)
        self.speaker = Speaker(project)

    async def respond(self, turn: Turn) -> Reply:
        """The reply to a turn: its messages in order, until one of them hands off; reminders that are due when there is no message.

        Raises what an action or a reader raises (NotFoundError for an action that there is not): `bot/turn.py` then hands over.
        """
        tracker = restore_tracker(self.project.domain, dialogue=turn.dialogue)
        run = TurnRun(self, turn, tracker)
        await run.open()
        if not turn.messages:
            take_over_slots(tracker, turn.slots)
            await run.ring(turn.now)
        for message in turn.messages:
            await run.ring(message.at)
            await run.take(message)
            if run.handoff:
                break
        reply = run.reply()
        return reply if self.project.config.foreign else mark_proof(reply, turn, asked=tracker.requested_slot)
