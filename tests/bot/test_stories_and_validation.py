from __future__ import annotations

from pathlib import Path

from bot.testing import Readers, run_test_stories
from bot.validate import validate_project
from nlu.types import Understanding
from tests.bot.projects import DOMAIN, RULES, small_project
from tests.bot.talking import STORIES, shop


async def test_every_test_story_of_the_shop_passes() -> None:
    result = await run_test_stories(shop(), STORIES)
    assert result["failures"] == []
    assert result["stories"] == result["passed"] >= 25
    assert result["actions"] == result["actions_correct"] > 80


async def test_a_failing_story_shows_expected_and_actual_side_by_side(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    story = "stories:\n  - story: wrong\n    steps:\n      - user: hi\n        intent: greet\n      - action: utter_bye\n"
    (tmp_path / "test_stories.yml").write_text(story, encoding="utf-8")
    result = await run_test_stories(project, tmp_path / "test_stories.yml", readers=Readers())
    assert (result["stories"], result["passed"], result["actions"], result["actions_correct"]) == (1, 0, 1, 0)
    failure = result["failures"][0]
    assert (failure["expected"], failure["actual"]) == (["utter_bye"], ["utter_hello"])
    assert failure["place"].endswith("test_stories.yml:4")


async def test_a_model_that_reads_the_stories_is_what_counts_when_it_is_given(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    steps = "      - user: hi\n        intent: greet\n      - action: utter_hello\n      - intent: greet\n      - action: utter_hello\n"
    (tmp_path / "test_stories.yml").write_text(f"stories:\n  - story: twice\n    steps:\n{steps}", encoding="utf-8")
    asked: list[tuple[str, str, str | None]] = []

    def understand(text: str, language: str, expected: str | None) -> Understanding:
        asked.append((text, language, expected))
        return Understanding(language, "ask_price", 0.9)

    result = await run_test_stories(project, tmp_path / "test_stories.yml", readers=Readers(), understand=understand)
    assert asked == [("hi", "en", None)]
    assert [f["actual"] for f in result["failures"]] == [["utter_price"]]


def test_the_shop_has_nothing_to_mend() -> None:
    assert [str(f) for f in validate_project(shop())] == []


def messages_of(project_findings: object) -> str:
    return "\n".join(str(f) for f in project_findings)  # type: ignore[attr-defined]


def test_contradicting_rules_are_found_with_both_places(tmp_path: Path) -> None:
    rules = RULES + "  - rule: rude\n    steps:\n      - intent: greet\n      - action: utter_bye\n"
    found = messages_of(validate_project(small_project(tmp_path, rules=rules)))
    assert "'rude' wants utter_bye" in found or "'greet' wants utter_hello" in found
    assert "rules.yml:" in found


def test_a_story_that_contradicts_a_rule_is_found(tmp_path: Path) -> None:
    stories = "stories:\n  - story: odd\n    steps:\n      - intent: greet\n      - action: utter_bye\n"
    found = messages_of(validate_project(small_project(tmp_path, stories=stories)))
    assert "'odd' wants utter_bye where rule 'greet'" in found


def test_what_is_unused_or_missing_is_found(tmp_path: Path) -> None:
    domain = DOMAIN.replace("required_slots: [trigger, start, name]", "required_slots: [trigger, start, name, seats]")
    domain += "actions: [action_fly]\n"
    found = messages_of(validate_project(small_project(tmp_path, domain=domain)))
    assert "no rule or story uses the intent 'bye'" in found
    assert "nothing carries out the action 'action_fly'" in found
    assert "cannot ask for 'seats'" in found
    assert "nothing says the response 'utter_bye'" not in found


def test_a_missing_translation_and_a_lost_placeholder_are_found(tmp_path: Path) -> None:
    small_project(tmp_path)
    folder = tmp_path / "data" / "responses" / "pt"
    folder.mkdir(parents=True)
    (folder / "all.yml").write_text("responses:\n  utter_booked:\n    - text: Reservado\n", encoding="utf-8")
    from bot.project import load_project

    found = messages_of(validate_project(load_project(tmp_path)))
    assert "'utter_hello' is not said in pt" in found
    assert "'utter_booked' differs in {name}" in found
