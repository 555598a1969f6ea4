"""Who gets what: skills, room, load, habit, hours; and what holds whatever the queue looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.staff.hours import parse_hours
from desk.routing.choosing import plan
from desk.routing.deciding import route
from desk.routing.explaining import explain
from desk.routing.reasons import SENTENCES, reason_text
from desk.routing.types import Facts, House, Person, Priority, Rules, TeamFacts, Waiting
from tests.desk.routing.houses import NOW, TEAMS, house, person, rules, waiting

SHOP = rules("""
rules:
  - {name: lamps, when: {product: lamp}, team: tech, product: lamps, level: 2}
default: {team: care}
overflow: {tech: [{to: care, after: 5m}]}
relax: {product: 5m, level: 5m}
timeout: {after: 30m}
sticky: {wait: 1m}
""")
LAMP = Facts(products=frozenset({"lamp"}))


def got(found: Waiting, *people: Person, **teams: TeamFacts) -> str | None:
    """The name of who gets it, or None."""
    planned = plan([found], SHOP, house(*people, **teams))
    return planned[0].person.name if planned else None


def test_the_least_busy_gets_it() -> None:
    assert got(waiting("a"), person("ana", "care", held=2), person("bo", "care", held=1)) == "bo"


def test_load_is_counted_against_what_a_person_may_hold() -> None:
    assert got(waiting("a"), person("ana", "care", held=2, most=10), person("bo", "care", held=1, most=2)) == "ana"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (person("ana", "care", online=False), "offline"),
        (person("ana", "tech"), "other_team"),
        (person("ana", "care", held=4), "full"),
        (person("ana", "care", skills="en pt"), "language"),
    ],
)
def test_who_cannot_take_it_does_not_get_it_and_is_told_why(found: Person, reason: str) -> None:
    chinese = waiting("a", Facts(language="zh-Hant"))
    assert got(chinese, found) is None
    assert [why.code for _, why in explain(chinese, SHOP, house(found)).others] == [reason]


def test_who_entered_no_language_writes_every_one_and_zh_stands_for_both_scripts() -> None:
    assert got(waiting("a", Facts(language="zh-Hant")), person("ana", "care")) == "ana"
    assert got(waiting("a", Facts(language="zh-Hant")), person("ana", "care", skills="zh")) == "ana"


def test_a_skill_and_a_level_are_asked_for_until_the_wait_is_too_long() -> None:
    novice, master = person("novice", "tech"), person("master", "tech", level=2, skills="product:lamps", held=3)
    assert got(waiting("a", LAMP), novice, master) == "master"
    assert got(waiting("a", LAMP), novice) is None
    assert got(waiting("a", LAMP, minutes=6), novice) == "novice"


def test_another_team_helps_after_its_time_and_everybody_in_the_end() -> None:
    helper, stranger = person("helper", "care"), person("stranger", "night")
    assert got(waiting("a", LAMP, minutes=4), helper) is None
    assert got(waiting("a", LAMP, minutes=5), helper) == "helper"
    assert got(waiting("a", LAMP, minutes=29), stranger) is None
    assert got(waiting("a", LAMP, minutes=30), stranger) == "stranger"


def test_a_customer_comes_back_to_whom_they_know() -> None:
    ana, bo = person("ana", "care", held=3), person("bo", "care")
    assert got(waiting("a", Facts(last_agent=ana.id)), ana, bo) == "ana"


def test_whom_they_know_is_waited_for_a_moment_when_busy_and_not_when_away() -> None:
    ana, bo = person("ana", "care", held=4), person("bo", "care")
    assert got(waiting("a", Facts(last_agent=ana.id), minutes=0.5), ana, bo) is None
    assert got(waiting("a", Facts(last_agent=ana.id), minutes=1), ana, bo) == "bo"
    assert got(waiting("a", Facts(last_agent=ana.id), minutes=0.5), replace(ana, online=False), bo) == "bo"


def test_who_put_it_back_does_not_get_it_again() -> None:
    ana = person("ana", "care")
    assert got(waiting("a", Facts(last_agent=ana.id, let_go=ana.id)), ana) is None


def test_outside_its_hours_a_team_gets_nothing() -> None:
    closed = TeamFacts("care", "Care", hours=parse_hours("UTC", {"1": [["09:00", "18:00"]]}))
    assert got(waiting("a"), person("ana", "care"), care=closed) is None


def test_a_team_that_takes_by_hand_is_given_nothing() -> None:
    assert got(waiting("a"), person("ana", "care"), care=TeamFacts("care", "Care", auto_assign=False)) is None


def test_room_is_counted_for_each_channel_too() -> None:
    ana = replace(person("ana", "care", most=10), capacity={"*": 10, "whatsapp": 1}, load={"whatsapp": 1})
    assert got(waiting("a", Facts(channel="whatsapp")), ana) is None
    assert got(waiting("a", Facts(channel="web")), ana) == "ana"


def test_who_can_do_less_is_asked_first() -> None:
    assert got(waiting("a"), person("master", "care", skills="en pt zh product:lamps"), person("novice", "care", skills="en")) == "novice"


def test_the_urgent_come_first_and_one_that_nobody_can_take_holds_nobody_up() -> None:
    queue = [
        waiting("old", minutes=10),
        waiting("urgent", priority=Priority.URGENT),
        waiting("chinese", Facts(language="zh-Hant"), minutes=50),
    ]
    planned = plan(queue, SHOP, house(person("ana", "care", most=1, skills="en")))
    assert [a.conversation_id for a in planned] == [queue[1].id]


def test_a_dry_run_says_who_would_get_it_and_why_in_both_languages() -> None:
    found = explain(waiting("a", LAMP), SHOP, house(person("ana", "tech", level=2, skills="product:lamps"), person("bo", "care")))
    assert found.person is not None
    assert found.person.name == "ana"
    assert [reason_text(r) for r in found.reasons] == ["The rule “lamps” sends it to Tech.", "ana is the only one who could."]
    assert [reason_text(r, "zh-Hant") for _, r in found.others] == ["bo不屬於Tech。"]


def test_a_dry_run_agrees_with_the_plan_when_nobody_is_free() -> None:
    found = explain(waiting("a"), SHOP, house(person("ana", "care", held=4)))
    assert (found.person, found.reasons[-1].code) == (None, "nobody")


def test_every_sentence_stands_in_both_languages_with_the_same_places() -> None:
    places = {
        code: [sorted(p for p in text.split("{")[1:] for p in [p.split("}")[0]]) for text in both] for code, both in SENTENCES.items()
    }
    assert all(set(chinese) <= set(english) for english, chinese in places.values())


LANGUAGES = st.sampled_from(("en", "pt", "zh-Hant"))
PEOPLE = st.lists(
    st.builds(
        lambda n, teams, most, held, online, skills: person(f"p{n}", *teams, most=most, held=held, online=online, skills=" ".join(skills)),
        st.integers(0, 99), st.sets(st.sampled_from(tuple(TEAMS)), max_size=3), st.integers(0, 4), st.integers(0, 3), st.booleans(),
        st.sets(st.sampled_from(("en", "pt", "zh", "product:lamps")), max_size=3),
    ), max_size=6, unique_by=lambda p: p.id,
)  # fmt: skip
QUEUES = st.lists(
    st.builds(
        lambda n, language, lamp, minutes, priority: waiting(
            f"c{n}", Facts(language=language, products=frozenset({"lamp"} if lamp else ())), minutes=minutes, priority=priority
        ),
        st.integers(0, 999), LANGUAGES, st.booleans(), st.integers(0, 40), st.sampled_from(Priority),
    ), max_size=20, unique_by=lambda w: w.id,
)  # fmt: skip


def allowed(found: Waiting, who: Person, rules: Rules, at: House) -> bool:
    """The same said once more, plainly: may this person have it?"""
    belongs = route(found.facts, rules, at.teams)
    minutes = found.facts.waited / timedelta(minutes=1)
    teams = set(TEAMS) if minutes >= 30 else {belongs.team} | ({"care"} if belongs.team == "tech" and minutes >= 5 else set())
    languages = {name for kind, name in who.skills if kind == "language"}
    speaks = not languages or found.facts.language in languages or found.facts.language[:2] in languages
    knows = belongs.product is None or minutes >= 5 or ("product", belongs.product) in who.skills
    enough = belongs.level == 1 or minutes >= 5 or any(who.teams.get(t, 0) >= belongs.level for t in teams if t)
    return who.online and bool(teams & set(who.teams)) and speaks and knows and enough


@settings(max_examples=200, deadline=None)
@given(people=PEOPLE, queue=QUEUES)
def test_nobody_gets_what_they_may_not_have_or_more_than_they_may_hold(people: list[Person], queue: list[Waiting]) -> None:
    at = house(*people)
    planned = plan(queue, SHOP, at)
    by_id = {w.id: w for w in queue}
    assert len({a.conversation_id for a in planned}) == len(planned)
    assert all(allowed(by_id[a.conversation_id], a.person, SHOP, at) for a in planned)
    for who in people:
        given_now = sum(a.person.id == who.id for a in planned)
        assert given_now == 0 or given_now + sum(who.load.values()) <= who.capacity["*"]


@settings(max_examples=200, deadline=None)
@given(people=PEOPLE, queue=QUEUES)
def test_who_is_left_waiting_could_be_taken_by_nobody_with_room(people: list[Person], queue: list[Waiting]) -> None:
    at = house(*people)
    planned = plan(queue, SHOP, at)
    left = [w for w in queue if w.id not in {a.conversation_id for a in planned}]
    room = [p for p in people if sum(p.load.values()) + sum(a.person.id == p.id for a in planned) < p.capacity["*"]]
    assert not [(w.id, p.name) for w in left for p in room if allowed(w, p, SHOP, at)]


def test_the_same_house_and_queue_give_the_same_plan() -> None:
    queue = [waiting(f"c{n}", minutes=n % 5) for n in range(30)]
    people = [person(f"p{n}", "care") for n in range(5)]
    assert plan(queue, SHOP, house(*people)) == plan(queue[::-1], SHOP, replace(house(*people), at=NOW))
