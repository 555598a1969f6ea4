"""What an action gets and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.dialogue_events import BotSaid, DialogueEvent
from bot.engine import KnowledgeReader, OrderReader, Turn, TurnMessage
from bot.project.types import Project
from bot.shop import NoShop, ShopReader
from bot.speaker import Speaker
from bot.tracker import Tracker
from context.types import AnswerGiven, Button, Content, Effect, HandoffRequest
from kit.errors import NotFoundError

OFFERED = frozenset({"action_answer_from_knowledge", "action_handoff"})
"""What a Rasa project may call of Baton by listing it in its domain, beside its own action server."""


@dataclass(frozen=True)
class ActionResult:
    """What an action wants. `failed` says why the customer was not helped (`not_understood`, `no_knowledge`): two in a row hand off."""

    events: tuple[DialogueEvent, ...] = ()
    messages: tuple[Content, ...] = ()
    effects: tuple[Effect, ...] = ()
    handoff: HandoffRequest | None = None
    answers: tuple[AnswerGiven, ...] = ()
    abstained: tuple[str, ...] = ()
    failed: str | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    def in_order(self) -> tuple[DialogueEvent, ...]:
        """What happens: the messages are said, then the events follow."""
        return (*(BotSaid(content.text, content) for content in self.messages), *self.events)


class Action(Protocol):
    """One action: pure save for reading through the ports of its context."""

    name: str

    async def run(self, context: ActionContext) -> ActionResult:
        """What to say and do."""


class RemoteRunner(Protocol):
    """Runs the project's own actions elsewhere."""

    async def run(self, name: str, context: ActionContext) -> ActionResult:
        """What the action wants. Raises what `bot/turn.py` hands over for."""


class FormRules(Protocol):
    """The own rules of a form (`validate_<form>` in Rasa)."""

    name: str

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
        """The slots to ask for now, in order."""

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        """Checks new values: SlotSet events overwrite them (None: ask again), LoopActive(None) or a handoff ends the form."""


@dataclass(frozen=True)
class ActionContext:
    """All that an action may see: the talk so far, the turn, and read-only ports."""

    project: Project
    tracker: Tracker
    turn: Turn
    message: TurnMessage
    language: str
    speaker: Speaker
    orders: OrderReader
    knowledge: KnowledgeReader
    actions: Mapping[str, Action]
    forms: Mapping[str, FormRules]
    shop: ShopReader = field(default_factory=NoShop)
    remote: RemoteRunner | None = None
    defaults: frozenset[str] = frozenset()

    @property
    def written(self) -> str:
        """What the customer wrote, whole; `message` may be a part of it, without a question that is answered by itself."""
        return next((one.text for one in self.turn.messages if one.id == self.message.id), self.message.text)

    def say(self, response: str, *, buttons: tuple[Button, ...] | None = None, **values: Any) -> Content:
        """A response in the customer's language; `values` go before slots of the same name, `buttons` replace its own."""
        said = self.find_words(response, **values) or Content("")
        return said if buttons is None else Content(said.text, buttons=buttons, citations=said.citations, custom=said.custom)

    def find_words(self, response: str, **values: Any) -> Content | None:
        """The same; None when no variation of the response fits the slots. Raises NotFoundError when nobody says it."""
        known = {**self.tracker.slots, **values}
        return self.speaker.say(response, language=self.language, values=known, key=str(self.turn.id), channel=self.turn.channel)

    def word(self, response: str, default: str) -> str:
        """A word or phrase that responses translate, `default` when nobody says it."""
        return self.say(response).text if self.project.has_response(response) else default

    def setting(self, name: str, default: Any) -> Any:
        """A value of `baton: settings:` in config.yml."""
        return self.project.config.settings.get(name, default)

    def _is_the_projects(self, name: str) -> bool:
        """Whether a declared action of Baton's name is meant to be the project's own, where it has an action server."""
        return name in self.defaults or (self.project.config.foreign and name not in OFFERED)

    def _response_for(self, name: str) -> str | None:
        """The response that `name` says; of a retrieval intent the one that the whole intent selects."""
        if self.project.has_response(name):
            return name
        user = self.tracker.latest_user
        selected = f"utter_{user.full_intent}" if user else ""
        return selected if selected.startswith(f"{name}/") and self.project.has_response(selected) else None

    def form_rules(self, form: str) -> FormRules | None:
        """The own rules of a form."""
        return self.forms.get(f"validate_{form}")

    async def run(self, name: str) -> ActionResult:
        """Runs an action (Baton's own, else the project's on its action server) or says a response.

        Raises NotFoundError when there is none of that name, and what the action raises.
        """
        action = self.actions.get(name)
        declared = name in self.project.domain.actions and not self.project.has_response(name)
        if action and not (declared and self.remote and self._is_the_projects(name)):
            return await action.run(self)
        if self.remote and declared:
            return await self.remote.run(name, self)
        response = self._response_for(name)
        if response:
            said = self.find_words(response)
            return ActionResult(messages=(said,) if said else ())
        raise NotFoundError(f"There is no action {name!r}", hint="Register it in bot/actions/registry.py, or write it as a response.")
