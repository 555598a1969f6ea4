"""`baton bot validate` on projects with one mistake each: file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from bot.project import load_project
from bot.validate import validate_project
from tests.bot.projects import CONFIG, DOMAIN, RULES, small_project, write_project

ON = "      - checkpoint: on\n"
STORY = "stories:\n  - story: a\n    steps:\n      - intent: greet\n      - action: utter_hello\n"


def findings(folder: Path, **parts: str) -> list[str]:
    return [f"{f.place.line}: {f.severity}: {f.message}" for f in validate_project(small_project(folder, **parts), has_server=True)]


@pytest.mark.parametrize(
    ("stories", "expected"),
    [
        (STORY + "      - intent: ask_price\n", "6: warning: 'a' ends with what the customer says"),
        (STORY + "      - checkpoint: on\n", "6: warning: no story goes on at the checkpoint 'on'"),
        (STORY.replace("      - intent", "      - checkpoint: on\n      - intent"), "4: error: no story leads to the checkpoint 'on'"),
        (
            STORY + ON + "  - story: b\n    steps:\n" + ON + "      - action: utter_bye\n" + ON,
            "10: error: a checkpoint behind this step leads back to itself",
        ),
    ],
)
def test_a_story_that_leads_nowhere_is_named(tmp_path: Path, stories: str, expected: str) -> None:
    assert expected in findings(tmp_path, stories=stories)


def test_two_rules_that_want_two_things_are_named_with_both_places(tmp_path: Path) -> None:
    rules = RULES + "  - rule: another price\n    steps:\n      - intent: ask_price\n      - action: utter_bye\n"
    (found,) = [f for f in findings(tmp_path, rules=rules) if "wants" in f]
    assert "'another price' wants utter_bye where rule 'price'" in found


def test_a_form_that_nobody_starts_and_one_that_nothing_follows_are_named(tmp_path: Path) -> None:
    unused = DOMAIN.replace("forms:\n", "forms:\n  lonely_form:\n    required_slots: [name]\n")
    assert any("no rule or story starts the form 'lonely_form'" in f for f in findings(tmp_path, domain=unused))
    endless = RULES.replace("      - action: utter_booked\n", "")
    assert any("nothing follows when the form 'booking_form' is done" in f for f in findings(tmp_path, rules=endless))


def test_a_button_that_sends_an_unknown_intent_and_a_slot_that_nothing_fills_are_named(tmp_path: Path) -> None:
    buttons = DOMAIN.replace("    - text: Ten\n", "    - text: Ten\n      buttons:\n        - title: Buy\n          payload: /buy\n")
    assert any("a button of 'utter_price' sends the intent 'buy', which there is not" in f for f in findings(tmp_path, domain=buttons))
    unfilled = DOMAIN.replace("required_slots: [trigger,", "required_slots: [colour, trigger,")
    unfilled = unfilled.replace("slots:\n", "slots:\n  colour:\n    type: text\n    influence_conversation: false\n")
    assert any("a form asks for the slot 'colour', which no mapping fills" in f for f in findings(tmp_path, domain=unfilled))


MISTAKES = {
    "unknown key": (DOMAIN + "colour: red\n", "unknown key 'colour' in the domain"),
    "slot type": (DOMAIN.replace("type: float", "type: number", 1), "slot 'seats' has the type 'number'"),
    "response": (DOMAIN.replace("- text: Ten", "- image:"), "response 'utter_price'"),
    "twice": (DOMAIN.replace("[greet, bye,", "[greet, greet, bye,"), "'greet' is declared twice"),
    "mapping": (DOMAIN.replace("type: from_trigger_intent", "type: from_air"), "mapping of type 'from_air'"),
}


@pytest.mark.parametrize("mistake", ["unknown key", "slot type", "twice", "mapping"])
def test_mistakes_of_a_foreign_project_are_collected_and_the_rest_is_read(tmp_path: Path, mistake: str) -> None:
    domain, message = MISTAKES[mistake]
    project = load_project(write_project(tmp_path, domain=domain, config=CONFIG), strict=False)
    assert any(message in p.message for p in project.problems)
    assert "ask_price" in project.domain.intents
    result = CliRunner().invoke(app, ["bot", "validate", "--project", str(tmp_path)])
    assert result.exit_code == 1
    assert message in " ".join(result.output.split())
    assert "domain.yml:" in result.output


def test_a_domain_of_version_two_gets_its_mappings_from_its_forms(tmp_path: Path) -> None:
    domain = """
version: "2.0"
intents: [greet, book]
entities: [name, city]
slots:
  name:
    type: text
  city:
    type: text
    auto_fill: false
  note:
    type: unfeaturized
forms:
  booking_form:
    city:
      - type: from_entity
        entity: city
    note:
      - type: from_text
responses:
  utter_hello:
    - text: Hello
"""
    rules = "rules:\n  - rule: greet\n    steps:\n      - intent: greet\n      - action: utter_hello\n"
    read = small_project(tmp_path, domain=domain, rules=rules).domain
    assert read.forms["booking_form"].required_slots == ("city", "note")
    assert [(m.kind, m.entity) for m in read.slots["name"].mappings] == [("from_entity", "name")]
    (city,) = read.slots["city"].mappings
    assert [(c.active_loop, c.requested_slot) for c in city.conditions] == [("booking_form", None)]
    (note,) = read.slots["note"].mappings
    assert [(c.active_loop, c.requested_slot) for c in note.conditions] == [("booking_form", "note")]
    assert len(read.notes) == 3
