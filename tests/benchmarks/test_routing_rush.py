"""The rush in small: everybody is assigned, nobody wrongly, and the urgent wait less than the others."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.routing_rush import BEGIN, TEAMS, Rush, count_wrong, simulate
from desk.routing.types import Assignment, Facts, House
from tests.desk.routing.houses import person, waiting


def test_a_small_rush_is_worked_off_fairly_and_without_a_mistake() -> None:
    found = simulate(Rush(waiting=120, people=10))
    assert (found["assigned"], found["left"], found["wrong"], found["held_at_once_most"]) == (120, 0, 0, 3)
    waited = found["minutes_waited"]
    assert waited["urgent"]["mean"] < waited["high"]["mean"] * 1.5 < waited["normal"]["mean"]
    assert found["given_to_each"]["least"] >= 3


def test_the_check_finds_what_is_wrong() -> None:
    stranger, asked = person("stranger", "returns", skills="en"), waiting("a", Facts(language="pt"))
    wrong = Assignment(asked.id, 1, stranger, "care", ())
    house = House(TEAMS, (replace(stranger, load={"web": 3}),), BEGIN)
    assert count_wrong([wrong, wrong], {asked.id: asked}, house) == 4  # twice, each in the wrong language and team, and one too many
