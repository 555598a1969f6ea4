"""What a Rasa 3 project says, as frozen dataclasses. Every thing knows its `Place`, so that a mistake can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kit.errors import InvalidInputError

NLU_FALLBACK = "nlu_fallback"
LISTEN = "action_listen"
REQUESTED_SLOT = "requested_slot"
RULE_SNIPPET = "..."
TWO_STAGE_FALLBACK = "action_two_stage_fallback"
DEFAULT_INTENTS = ("restart", "back", "session_start", NLU_FALLBACK)
DEFAULT_ACTIONS = (
    LISTEN,
    "action_restart",
    "action_session_start",
    "action_default_fallback",
    "action_deactivate_loop",
    "action_revert_fallback_events",
    "action_default_ask_affirmation",
    "action_default_ask_rephrase",
    TWO_STAGE_FALLBACK,
    "action_unlikely_intent",
    "action_back",
    "action_extract_slots",
)


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class ProjectError(InvalidInputError):
    """The bot's project cannot be read."""

    def __init__(self, place: Place, message: str, *, remedy: str) -> None:
        super().__init__(f"{place}: {message}", hint=remedy)
        self.place = place


@dataclass(frozen=True)
class Intent:
    """An intent of the domain. `use_entities` None means all."""

    name: str
    place: Place
    use_entities: frozenset[str] | None = None
    ignore_entities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EntityKind:
    """An entity of the domain with its roles and groups."""

    name: str
    place: Place
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    influence: bool = True


@dataclass(frozen=True)
class MappingCondition:
    """A slot mapping holds only while this loop is active (None: no loop) and, when given, this slot is being asked."""

    active_loop: str | None
    requested_slot: str | None = None


@dataclass(frozen=True)
class SlotMapping:
    """How a slot is filled: `kind` is from_entity, from_intent, from_text, from_trigger_intent or custom."""

    kind: str
    place: Place
    entity: str | None = None
    role: str | None = None
    group: str | None = None
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    value: Any = None
    action: str | None = None
    conditions: tuple[MappingCondition, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A slot of the domain: `kind` is text, bool, categorical, float, list or any."""

    name: str
    kind: str
    place: Place
    influence: bool = True
    initial: Any = None
    values: tuple[str, ...] = ()
    minimum: float = 0.0
    maximum: float = 1.0
    mappings: tuple[SlotMapping, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form: the slots it asks for in order, and the intents that never fill them."""

    name: str
    place: Place
    required_slots: tuple[str, ...]
    ignored_intents: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResponseButton:
    """A button of a response; both texts may hold `{slot}`."""

    title: str
    payload: str


@dataclass(frozen=True)
class ResponseCondition:
    """A conditional response is used only when the slot has this value."""

    slot: str
    value: Any


@dataclass(frozen=True)
class Variation:
    """One way to say a response."""

    text: str
    place: Place
    buttons: tuple[ResponseButton, ...] = ()
    conditions: tuple[ResponseCondition, ...] = ()
    channel: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """A response in one language."""

    name: str
    place: Place
    variations: tuple[Variation, ...]


@dataclass(frozen=True)
class GivenEntity:
    """An entity as a rule or story annotates it."""

    name: str
    value: Any = None
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class UserStep:
    """The customer says something: `intent` is the base name, `full_intent` the whole (`faq/returns`)."""

    place: Place
    intent: str
    full_intent: str
    entities: tuple[GivenEntity, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class ActionStep:
    """The bot does something."""

    place: Place
    name: str


@dataclass(frozen=True)
class BotStep:
    """The bot says this text (end-to-end test stories)."""

    place: Place
    text: str


@dataclass(frozen=True)
class SlotStep:
    """Slots are set; a slot named without a value counts as set to anything (`given` is False)."""

    place: Place
    name: str
    value: Any
    given: bool = True


@dataclass(frozen=True)
class LoopStep:
    """A loop becomes active, or none is."""

    place: Place
    name: str | None


@dataclass(frozen=True)
class CheckpointStep:
    """A place where stories join; at the beginning of a story only talks go on whose slots have the values of `conditions`."""

    place: Place
    name: str
    conditions: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class OrStep:
    """One of several things the customer says."""

    place: Place
    options: tuple[UserStep | SlotStep, ...]


Step = UserStep | ActionStep | BotStep | SlotStep | LoopStep | CheckpointStep | OrStep


@dataclass(frozen=True)
class Flow:
    """A rule, a story or a test story."""

    name: str
    place: Place
    steps: tuple[Step, ...]
    conditions: tuple[SlotStep | LoopStep, ...] = ()
    conversation_start: bool = False
    wait_for_user_input: bool = True
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """When a talk begins anew: after so many minutes of silence (0: never), with the slots of the last one or without."""

    expires_after: float = 60.0
    carry_over_slots: bool = True


@dataclass(frozen=True)
class Domain:
    """The domain: what the bot knows of. `notes` say what was migrated from an older format."""

    intents: dict[str, Intent]
    entities: dict[str, EntityKind]
    slots: dict[str, Slot]
    forms: dict[str, Form]
    actions: dict[str, Place]
    session: Session = Session()
    notes: tuple[str, ...] = ()

    def knows_loop(self, name: str) -> bool:
        """Whether `name` is a form or the loop of the two-stage fallback."""
        return name in self.forms or name == TWO_STAGE_FALLBACK


@dataclass(frozen=True)
class Repair:
    """How Baton mends a talk in every flow (`baton: repair:` of config.yml); empty means that it does not interfere.

    `heard_first` intents win in whichever clause they stand; `courtesies` give way to what another clause wants. `with_entity` (entity,
    intent, instead of which intents): a message that holds the entity means that intent. After `most_repeats` messages that leave a
    form's question open a person takes over (0: never).

    `leave_form` intents are decided by rules before the running form may take the message; `switch_form` likewise, when they
    start another form; `angry_action` runs on an angry message whatever it says; `unanswered_action` runs when a message neither
    answers the form's question nor fits a rule, before the form asks again. `switch_form` "*" means every intent that starts a form.

    `repeat`: "sorry?" says again what was said last. `correct`: "no, I meant ..." changes an earlier answer. `interrupt`: a question that
    a rule answers is no answer to a form that would take any words. Two intents closer than `clarify_margin` are asked back.
    `second_wish`: a second wish in a message is answered at once when its intent is one of `questions` or has responses of its own, else
    offered afterwards. After `most_stuck` turns in a row without progress a person takes over. `stop_words` and `human_words` are heard
    without an intent for them. `yes` and `no` name the intents that answer an offer. Silence at a form's question is broken after
    `nudge_after` minutes, and ends the form `close_after` minutes later (0: never).
    """

    heard_first: tuple[str, ...] = ()
    courtesies: tuple[str, ...] = ()
    with_entity: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    most_repeats: int = 0
    leave_form: tuple[str, ...] = ()
    switch_form: tuple[str, ...] = ()
    switch_response: str | None = None
    angry_action: str | None = None
    unanswered_action: str | None = None
    repeat: bool = False
    correct: bool = False
    interrupt: bool = False
    clarify_margin: float = 0.0
    second_wish: bool = False
    questions: tuple[str, ...] = ()
    most_stuck: int = 0
    stop_words: bool = False
    human_words: bool = False
    yes: tuple[str, ...] = ("affirm",)
    no: tuple[str, ...] = ("deny",)
    nudge_after: float = 0.0
    close_after: float = 0.0


@dataclass(frozen=True)
class Config:
    """config.yml: thresholds of understanding and policies, and Baton's own section.

    `foreign`: there is no such section, so the bot does what Rasa would do and no more.
    """

    language: str = "en"
    nlu_threshold: float = 0.0
    nlu_ambiguity: float = 0.0
    core_threshold: float = 0.3
    core_fallback_action: str = "action_default_fallback"
    core_fallback: bool = True
    rules: bool = True
    memoization: bool = False
    augmented: bool = False
    max_history: int | None = None
    nlu_confidence_as_score: bool = False
    learned: bool = False
    learned_settings: dict[str, Any] = field(default_factory=dict)
    priorities: dict[str, int] = field(default_factory=dict)
    repair: Repair = Repair()
    opening_response: str | None = None
    opening_skips: tuple[str, ...] = ()
    max_actions: int = 10
    settings: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    foreign: bool = False


@dataclass(frozen=True)
class Project:
    """A whole project. `responses` is language -> name -> response; nlu data stays in its files."""

    root: Path
    config: Config
    domain: Domain
    rules: tuple[Flow, ...]
    stories: tuple[Flow, ...]
    responses: dict[str, dict[str, Response]]
    nlu_paths: tuple[Path, ...]
    problems: tuple[ProjectError, ...] = ()

    def has_response(self, name: str) -> bool:
        """Whether any language can say `name`."""
        return any(name in said for said in self.responses.values())

    @cached_property
    def _selecting(self) -> frozenset[str]:
        return frozenset(known.split("/", 1)[0] for said in self.responses.values() for known in said if "/" in known)

    def selects_response(self, name: str) -> bool:
        """Whether `name` stands for responses that the whole intent selects (`utter_faq` for `utter_faq/returns`)."""
        return name in self._selecting

    def knows_action(self, name: str) -> bool:
        """Whether `name` is a default action, a form, a response or an action of the domain."""
        domain = self.domain
        declared = name in DEFAULT_ACTIONS or name in domain.forms or name in domain.actions
        return declared or self.has_response(name) or self.selects_response(name)
