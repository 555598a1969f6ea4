"""Small projects written to a folder, for tests of the format and the policies."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from bot.project import Project, load_project

DOMAIN = """
intents: [greet, bye, book, ask_price, inform, stop]
entities:
  - city:
      roles: [from, to]
  - seats
slots:
  seats:
    type: float
    influence_conversation: true
    max_value: 10
    mappings:
      - type: from_entity
        entity: seats
  start:
    type: text
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: city
        role: from
  name:
    type: text
    influence_conversation: false
    mappings:
      - type: from_text
        not_intent: [ask_price, stop]
        conditions:
          - active_loop: booking_form
            requested_slot: name
  member:
    type: bool
    mappings:
      - type: from_intent
        intent: inform
        value: true
  trigger:
    type: text
    influence_conversation: false
    mappings:
      - type: from_trigger_intent
        intent: book
        value: asked
forms:
  booking_form:
    required_slots: [trigger, start, name]
    ignored_intents: [bye]
responses:
  utter_hello:
    - text: Hello
  utter_hello_member:
    - text: Hello again
  utter_bye:
    - text: Bye
  utter_price:
    - text: Ten
  utter_ask_start:
    - text: From where?
  utter_ask_name:
    - text: Your name?
  utter_booked:
    - text: Booked for {name}
  utter_default:
    - text: Pardon?
"""
RULES = """
rules:
  - rule: greet
    steps:
      - intent: greet
      - action: utter_hello
  - rule: greet a member
    condition:
      - slot_was_set:
          - member: true
    steps:
      - intent: greet
      - action: utter_hello_member
  - rule: price
    steps:
      - intent: ask_price
      - action: utter_price
  - rule: book
    steps:
      - intent: book
      - action: booking_form
      - active_loop: booking_form
  - rule: booked
    condition:
      - active_loop: booking_form
    steps:
      - action: booking_form
      - active_loop: null
      - slot_was_set:
          - requested_slot: null
      - action: utter_booked
  - rule: leave the form
    condition:
      - active_loop: booking_form
    steps:
      - intent: stop
      - action: action_deactivate_loop
      - active_loop: null
      - action: utter_bye
"""
CONFIG = """
language: en
policies:
  - name: RulePolicy
  - name: AugmentedMemoizationPolicy
"""


def write_project(root: Path, *, domain: str = DOMAIN, rules: str = RULES, stories: str = "", config: str = CONFIG) -> Path:
    """Writes a project into `root`."""
    (root / "data").mkdir(exist_ok=True)
    for name, text in (("domain.yml", domain), ("data/rules.yml", rules), ("data/stories.yml", stories), ("config.yml", config)):
        (root / name).write_text(dedent(text), encoding="utf-8")
    return root


def small_project(root: Path, *, domain: str = DOMAIN, rules: str = RULES, stories: str = "", config: str = CONFIG) -> Project:
    """A project, written and read."""
    return load_project(write_project(root, domain=domain, rules=rules, stories=stories, config=config))
