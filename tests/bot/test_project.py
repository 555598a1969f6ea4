from __future__ import annotations

from pathlib import Path

import pytest

from bot.project import ProjectError, load_project
from kit.errors import InvalidInputError
from tests.bot.projects import DOMAIN, RULES, small_project, write_project
from tests.bot.talking import shop


def test_the_shop_is_read_with_the_place_of_each_thing() -> None:
    project = shop()
    assert project.domain.intents["track_order"].place.file == "bot/domain/intents.yml"
    assert project.rules[0].place.line > 1
    assert set(project.responses) == {"en", "zh-Hant", "pt"}
    assert {path.parent.name for path in project.nlu_paths} >= {"en", "pt", "zh-Hans", "zh-Hant"}


def test_rules_keep_conditions_and_flags(tmp_path: Path) -> None:
    flags = "    conversation_start: true\n    wait_for_user_input: false\n"
    rules = f"{RULES}  - rule: start\n{flags}    steps:\n    - intent: bye\n    - action: utter_bye\n"
    rule = small_project(tmp_path, rules=rules).rules[-1]
    assert (rule.conversation_start, rule.wait_for_user_input) == (True, False)


def test_a_split_domain_is_put_together(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "a.yml").write_text((tmp_path / "domain.yml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "domain" / "b.yml").write_text("intents: [other]\n", encoding="utf-8")
    (tmp_path / "domain.yml").unlink()
    assert {"greet", "other"} <= load_project(tmp_path).domain.intents.keys()


def test_words_like_yes_and_times_stay_text(tmp_path: Path) -> None:
    domain = DOMAIN + '  utter_more:\n    - text: "x"\n'
    project = small_project(tmp_path, domain=domain.replace("[greet, bye,", "[no, on, greet, bye,"))
    assert {"no", "on"} <= project.domain.intents.keys()


@pytest.mark.parametrize(
    ("part", "old", "new", "marker", "message"),
    [
        ("rules", "intent: greet\n", "intent: hallo\n", "hallo", "intent 'hallo'"),
        ("rules", "action: utter_price", "action: utter_cost", "utter_cost", "action 'utter_cost'"),
        ("rules", "- member: true", "- club: true", "club", "slot 'club'"),
        ("rules", "  - rule: price\n", "  - rule: price\n    when: always\n", "when", "unknown key 'when'"),
        ("domain", "- text: Hello\n", "- buttons: []\n", "buttons", "has no text"),
        ("domain", "type: float", "type: number", "type: number", "type 'number'"),
        ("domain", "forms:", "formulas:", "formulas", "unknown key 'formulas'"),
        ("domain", "required_slots: [trigger, start, name]", "required_slots: [where]", "booking_form:", "'where'"),
        ("rules", "rules:\n", "rules:\n  - rule: [\n", "- rule: greet", "not valid YAML"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_remedy(tmp_path: Path, part: str, old: str, new: str, marker: str, message: str) -> None:
    texts = {"rules": RULES, "domain": DOMAIN}
    texts[part] = texts[part].replace(old, new, 1)
    write_project(tmp_path, rules=texts["rules"], domain=texts["domain"])
    with pytest.raises(ProjectError) as caught:
        load_project(tmp_path)
    assert message in caught.value.message
    assert caught.value.hint
    assert caught.value.place.file.endswith(f"{part}.yml")
    lines = texts[part].splitlines()
    at = next(n for n, line in enumerate(lines, 1) if marker in line)
    assert caught.value.place.line == at


def test_a_project_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"config\.yml"):
        load_project(tmp_path)


def test_a_name_that_is_declared_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="declared twice"):
        small_project(tmp_path, domain=DOMAIN.replace("[greet, bye,", "[greet, greet, bye,"))


def test_a_policy_without_counterpart_is_named(tmp_path: Path) -> None:
    config = "language: en\npipeline: [{name: my.Own}]\npolicies:\n  - name: RulePolicy\n  - name: UnexpecTEDIntentPolicy\n"
    policy, component = small_project(tmp_path, config=config).config.warnings
    assert "UnexpecTEDIntentPolicy" in policy
    assert "Own" in component
