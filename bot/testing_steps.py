"""Test stories step by step, as Rasa's own evaluation plays them: at each action the policies are asked, then the story's action counts.

No action is carried out, so a project whose actions live elsewhere can be tested. Follows `rasa test core` of Rasa 3.6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.commands import read_command
from bot.dialogue_events import ActionRan, ActionRejected, UserSaid
from bot.engine import TurnMessage
from bot.policies.ensemble import Ensemble, Policy
from bot.policies.learnt import BOT_TEXT, Talk, story_talks
from bot.project.loader import load_stories
from bot.project.problems import collecting
from bot.project.types import LISTEN, Place, Project
from bot.reading import read_message
from bot.testing import Understand
from bot.tracker import Tracker

_NOBODY = UUID(int=0)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class _Turn:
    """One message of the customer and what followed, as the story has it and as it was predicted."""

    place: Place
    said: str
    expected: list[str] = field(default_factory=list)
    actual: list[str] = field(default_factory=list)


@dataclass
class _Played:
    """One story after it was played; all of its actions count, also where the bot listens."""

    turns: list[_Turn] = field(default_factory=list)
    actions: int = 0
    correct: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing was otherwise than written."""
        return all(turn.expected == turn.actual for turn in self.turns)


def run_story_steps(
    project: Project, path: Path | str, *, understand: Understand | None = None, learned: Policy | None = None
) -> dict[str, Any]:
    """Plays every story under `path` step by step.

    With `understand`, a story fails as well when the intent or an entity of a sentence is predicted otherwise than annotated; the
    annotation then counts for what follows. `learned` is the policy trained on the project's stories. Returns counts of stories, passed,
    actions and actions_correct (without those that listen), and `failures` by turn, with story, place, said, expected and actual.
    """
    steps = _Steps(project, understand, Ensemble(project, learned=learned))
    result: dict[str, Any] = {"stories": 0, "passed": 0, "actions": 0, "actions_correct": 0, "failures": []}
    with collecting():  # what Rasa would read on with
        flows = load_stories(path)
    for talk in story_talks(flows, project.domain):
        played = steps.play(talk)
        result["stories"] += 1
        result["passed"] += played.passed
        result["actions"] += played.actions
        result["actions_correct"] += played.correct
        for turn in played.turns:
            if turn.expected != turn.actual:
                failure = {"story": talk.name, "place": str(turn.place), "said": turn.said}
                result["failures"].append(failure | {"expected": turn.expected, "actual": turn.actual, "messages": []})
    return result


class _Steps:
    """Plays stories with the policies of one project."""

    def __init__(self, project: Project, understand: Understand | None, policies: Ensemble) -> None:
        self.project, self.understand, self.policies = project, understand, policies

    def play(self, talk: Talk) -> _Played:
        tracker, played = Tracker(self.project.domain), _Played([_Turn(talk.flow.place, "")])
        for index, event in enumerate(talk.events):
            if index and isinstance(event, ActionRan):
                self._act(tracker, event, played)
                continue
            tracker.apply(event)
            if isinstance(event, UserSaid):
                played.turns.append(_Turn(talk.places[index], event.text or event.full_intent))
                self._compare_words(event, tracker, played.turns[-1])
        return played

    def _act(self, tracker: Tracker, event: ActionRan, played: _Played) -> None:
        predicted = self._predicted(tracker, event.name)
        turn = played.turns[-1]
        right = predicted == event.name or self._says(predicted, event.name)
        if event.name != LISTEN:
            played.actions += 1
            played.correct += right
        turn.expected.append(event.name)
        turn.actual.append(event.name if right else predicted)
        tracker.apply(ActionRan(predicted if right and event.name.startswith(BOT_TEXT) else event.name))

    def _predicted(self, tracker: Tracker, expected: str) -> str:
        """What the policies say; when a running form is in the way it is taken to let the message pass, as no form really runs."""
        prediction = self.policies.predict(tracker)
        tracker.followup = None
        name = self._whole_name(prediction.action, expected, tracker)
        if name != expected and tracker.loop and prediction.action == tracker.loop.name and prediction.action in tracker.domain.forms:
            tracker.apply(ActionRejected(prediction.action))
            name = self._whole_name(self.policies.predict(tracker).action, expected, tracker)
        return name

    def _whole_name(self, action: str, expected: str, tracker: Tracker) -> str:
        """The response that a retrieval action selects, where the story asks for one."""
        user = tracker.latest_user
        if action != expected and user and self.project.selects_response(action) and "/" in user.full_intent:
            return f"utter_{user.full_intent}"
        return action

    def _says(self, action: str, expected: str) -> bool:
        """Whether the story writes a text that the action says."""
        text = expected.removeprefix(BOT_TEXT).strip()
        said = (known.get(action) for known in self.project.responses.values())
        return expected.startswith(BOT_TEXT) and any(v.text.strip() == text for r in said if r for v in r.variations)

    def _compare_words(self, said: UserSaid, tracker: Tracker, turn: _Turn) -> None:
        if self.understand is None or not said.text or read_command(said.text, self.project.domain):
            return
        language = self.project.config.language
        understanding = self.understand(said.text, language, tracker.expected_entity)
        message = TurnMessage(_NOBODY, said.text, None, understanding, _NEVER)
        read = read_message(message, domain=self.project.domain, config=self.project.config)
        intent = read.intent if said.full_intent == read.intent else read.full_intent
        if intent != said.full_intent:
            turn.expected.append(f"intent {said.full_intent}")
            turn.actual.append(f"intent {intent}")
        wanted, found = _spans(said), _spans(read)
        if wanted != found:
            turn.expected.append(f"entities {'; '.join(wanted)}")
            turn.actual.append(f"entities {'; '.join(found)}")


def _spans(said: UserSaid) -> list[str]:
    return sorted(f"{e.name} {e.start}-{e.end} {e.value}" for e in said.entities)
