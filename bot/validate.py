"""Looks a project over: what is unused, missing, untranslated or contradicting, each with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.actions.port import Action, FormRules
from bot.actions.registry import ACTIONS, FORM_RULES
from bot.checks.contradictions import circular_checkpoints, contradictions
from bot.checks.dead_ends import dead_ends
from bot.checks.finding import Finding
from bot.checks.slots import slot_findings
from bot.checks.translations import translation_findings
from bot.project.types import DEFAULT_ACTIONS, ActionStep, Flow, OrStep, Place, Project, UserStep
from bot.repair.phrases import PHRASES
from nlu.data import TrainingDataError
from nlu.rasa_yaml import read_training_data

_UTTER = re.compile(r"utter_[a-z_]*")
_PAYLOAD = re.compile(r"/([a-z_]+)")
_OFTEN_BUILT_IN = ("utter_default", "utter_restart")


@dataclass(frozen=True)
class _Said:
    """Response names in the Python of actions: whole names, and beginnings that the action completes."""

    names: frozenset[str]
    beginnings: tuple[str, ...]

    def covers(self, name: str) -> bool:
        return name in self.names or name.startswith(self.beginnings)


def validate_project(
    project: Project, *, actions: tuple[Action, ...] = ACTIONS, form_rules: tuple[FormRules, ...] = FORM_RULES, has_server: bool = False
) -> tuple[Finding, ...]:
    """Errors first, then warnings, each by file and line. Loading has refused what is malformed or names what there is not.

    `has_server`: the project names an action server, which carries out the actions that Baton has not.
    """
    said = _said_by_actions(actions)
    registered = {a.name for a in actions} | {r.name for r in form_rules}
    found = [
        *_intents(project, said),
        *_actions(project, registered, has_server=has_server),
        *_responses(project, said),
        *_form_questions(project),
        *translation_findings(project),
        *contradictions(project),
        *circular_checkpoints(project),
        *dead_ends(project),
        *slot_findings(project),
        *(Finding.error(p.place, p.message.split(": ", 1)[-1], remedy=p.hint or "") for p in project.problems),
        *(
            Finding.warning(Place("config.yml", 1), text, remedy="Remove it, or expect Baton's own way.")
            for text in project.config.warnings
        ),
    ]
    return tuple(sorted(found, key=lambda f: (f.severity, f.place.file, f.place.line, f.message)))


def _steps(project: Project) -> Iterator[tuple[Flow, UserStep | ActionStep]]:
    for flow in (*project.rules, *project.stories):
        for step in flow.steps:
            for each in step.options if isinstance(step, OrStep) else (step,):
                if isinstance(each, UserStep | ActionStep):
                    yield flow, each


def _intents(project: Project, said: _Said) -> Iterator[Finding]:
    used = {step.intent for _, step in _steps(project) if isinstance(step, UserStep)}
    used |= {i for s in project.domain.slots.values() for m in s.mappings for i in m.intents}
    by_button = _button_intents(project) | set(said.names)
    taught, errors = _taught_intents(project)
    yield from errors
    for intent in project.domain.intents.values():
        if intent.name not in used and intent.name not in by_button:
            yield Finding.warning(
                intent.place, f"no rule or story uses the intent {intent.name!r}", remedy="Write a rule for it, or remove it."
            )
        if taught and intent.name not in taught and intent.name not in by_button:
            yield Finding.error(intent.place, f"the intent {intent.name!r} has no examples", remedy="Add examples in every language.")
    for name in sorted(taught.keys() - project.domain.intents.keys()):
        yield Finding.error(taught[name], f"examples teach the intent {name!r}, which the domain has not", remedy="Add it to `intents`.")


def _button_intents(project: Project) -> set[str]:
    """Intents that buttons send: of responses, and `inform`-like ones that actions write as `/name{`."""
    variations = [v for said in project.responses.values() for r in said.values() for v in r.variations]
    sent = {m[1] for v in variations for b in v.buttons for m in [_PAYLOAD.match(b.payload)] if m}
    return sent & project.domain.intents.keys()


def _taught_intents(project: Project) -> tuple[dict[str, Place], list[Finding]]:
    if not project.nlu_paths:
        return {}, []
    try:
        data = read_training_data(project.nlu_paths, language=project.config.language)
    except TrainingDataError as error:
        return {}, [Finding.error(Place(str(project.nlu_paths[0]), 1), error.message, remedy=error.hint or "Mend the examples.")]
    taught: dict[str, Place] = {}
    for example in data.examples:
        taught.setdefault(example.intent.split("/", 1)[0], Place(str(example.file), example.line))
    return taught, []


def _actions(project: Project, registered: set[str], *, has_server: bool) -> Iterator[Finding]:
    domain = project.domain
    used = {step.name for _, step in _steps(project) if isinstance(step, ActionStep)}
    used |= {m.action for s in domain.slots.values() for m in s.mappings if m.action}
    used |= {f"validate_{name}" for name in domain.forms} | {project.config.core_fallback_action}
    repair = project.config.repair
    used |= {name for name in (repair.angry_action, repair.unanswered_action) if name}
    for name, place in domain.actions.items():
        said = project.has_response(name) or project.selects_response(name)
        if name not in registered and not said and name not in DEFAULT_ACTIONS and not has_server:
            remedy = (
                "Name your action server in endpoints.yml (action_endpoint: url), or register it"
                if project.config.foreign
                else "Register it"
            )
            yield Finding.error(place, f"nothing carries out the action {name!r}", remedy=f"{remedy} in bot/actions/registry.py.")
        if name not in used and not name.startswith("action_ask_"):
            yield Finding.warning(place, f"no rule, story, slot or setting uses the action {name!r}", remedy="Use it, or remove it.")
    for setting in (repair.angry_action, repair.unanswered_action):
        if setting and setting not in registered and not project.has_response(setting):
            yield Finding.error(Place("config.yml", 1), f"nothing carries out the action {setting!r}", remedy="Mend the name in `repair`.")


def _responses(project: Project, said: _Said) -> Iterator[Finding]:
    known = {name: response for each in project.responses.values() for name, response in each.items()}
    config = project.config
    used = {step.name for _, step in _steps(project) if isinstance(step, ActionStep)} | set(_OFTEN_BUILT_IN)
    used |= {n for n in (config.opening_response, config.repair.switch_response) if n}
    for form in project.domain.forms.values():
        used |= {f"utter_ask_{slot}" for slot in form.required_slots} | {f"utter_ask_{form.name}_{slot}" for slot in form.required_slots}
    for name, response in known.items():
        if name not in used and not said.covers(name):
            yield Finding.warning(response.place, f"nothing says the response {name!r}", remedy="Use it, or remove it.")
    asked = {n for n in said.names if n.startswith("utter_") and n not in _OFTEN_BUILT_IN and n not in PHRASES}
    mine = asked if _uses_own_actions(project) else set()
    settings = {n for n in (config.opening_response, config.repair.switch_response) if n}
    for name in sorted((mine | settings) - known.keys()):
        yield Finding.error(Place("responses", 1), f"an action says {name!r}, which no file has", remedy="Write the response.")


def _uses_own_actions(project: Project) -> bool:
    return "action_answer_from_knowledge" in project.domain.actions


def _form_questions(project: Project) -> Iterator[Finding]:
    for form in project.domain.forms.values():
        for slot in form.required_slots:
            names = [f"{kind}_ask_{part}" for kind in ("action", "utter") for part in (f"{form.name}_{slot}", slot)]
            if not any(project.knows_action(name) for name in names):
                yield Finding.error(
                    form.place, f"form {form.name!r} cannot ask for {slot!r}", remedy=f"Write the response utter_ask_{slot}."
                )


def _said_by_actions(actions: tuple[Action, ...]) -> _Said:
    """Reads the Python files beside the actions for the responses and button intents that they name."""
    folder = Path(__file__).parent / "actions"
    names: set[str] = set()
    beginnings: set[str] = set()
    if any(type(action).__module__.startswith("bot.actions.") for action in actions):
        for file in sorted(folder.glob("*.py")):
            text = file.read_text(encoding="utf-8")
            for match in _UTTER.finditer(text):
                (beginnings if text[match.end() : match.end() + 1] == "{" else names).add(match[0])
            names |= {m[1] for m in re.finditer(r'"/([a-z_]+)[{"]', text)}
    return _Said(frozenset(names), tuple(sorted(beginnings)))
