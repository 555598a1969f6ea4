from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from textwrap import dedent

import typer
from typer.testing import CliRunner

from app.commands.bot_graph import graph
from bot.graph import draw_project
from bot.project import Project, load_project

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]
DOMAIN = """
version: "3.1"
intents: [greet, order, yes, no, ask]
entities: [size]
slots:
  size: {type: text, mappings: [{type: from_entity, entity: size}]}
  sure: {type: bool, mappings: [{type: custom}]}
forms:
  order_form: {required_slots: [size, sure]}
responses:
  utter_greet: [{text: hello}]
  utter_bye: [{text: bye}]
  utter_answer: [{text: so}]
"""
DATA = """
version: "3.1"
rules:
- rule: answers <any> & all
  condition: [{active_loop: order_form}]
  steps: [{intent: ask}, {action: utter_answer}, {action: order_form}]
- rule: begins
  conversation_start: true
  steps: [{intent: greet}, {action: utter_greet}]
stories:
- story: buys
  steps: [{intent: greet}, {action: utter_greet}, {intent: order, entities: [{size: big}]}, {action: order_form}, {checkpoint: sized}]
- story: leaves
  steps: [{intent: greet}, {action: utter_greet}, {intent: no}, {action: utter_bye}]
- story: goes on
  steps: [{checkpoint: sized}, {or: [{intent: yes}, {intent: no}]}, {slot_was_set: [{sure: true}]}, {action: utter_bye}]
"""


def written(folder: Path, data: str = DATA) -> Project:
    (folder / "data").mkdir(parents=True)
    (folder / "domain.yml").write_text(dedent(DOMAIN), encoding="utf-8")
    (folder / "data" / "flows.yml").write_text(dedent(data), encoding="utf-8")
    (folder / "config.yml").write_text("language: en\npipeline: []\npolicies:\n- name: RulePolicy\n", encoding="utf-8")
    return load_project(folder)


def boxes(picture: str) -> dict[str, tuple[str, str]]:
    """id -> (kind, label)."""
    groups = [g for g in ET.fromstring(picture).iter(f"{SVG}g") if g.get("class", "").startswith("node")]
    return {g.attrib["id"]: (g.attrib["class"].split()[1], g.attrib["data-label"]) for g in groups}


def arrows(picture: str, kind: str = "edge") -> list[tuple[str, str]]:
    """(label, label) of each arrow."""
    named = {number: label for number, (_, label) in boxes(picture).items()}
    paths = [p for p in ET.fromstring(picture).iter(f"{SVG}path") if p.get("class") == kind]
    return [(named[p.attrib["data-from"]], named[p.attrib["data-to"]]) for p in paths]


def test_every_step_is_a_box_and_what_follows_an_arrow(tmp_path: Path) -> None:
    picture = draw_project(written(tmp_path / "shop"))
    found = list(boxes(picture).values())
    assert ("loop", "in order_form") in found
    assert ("intent", "order {size: big}") in found
    assert ("intent", "yes or no") in found
    assert ("slot", "sure = True") in found
    assert {("ask", "utter_answer"), ("utter_answer", "order_form"), ("conversation starts", "greet")} <= set(arrows(picture))
    assert {("order_form", "size"), ("size", "sure")} <= set(arrows(picture))


def test_a_common_beginning_is_drawn_once_and_branches(tmp_path: Path) -> None:
    picture = draw_project(written(tmp_path / "shop"))
    after = [to for before, to in arrows(picture) if before == "utter_greet"]
    assert sorted(after) == ["no", "order {size: big}"]
    assert [label for kind, label in boxes(picture).values() if kind == "start"].count("start") == 1


def test_checkpoints_are_joined_by_dashed_lines(tmp_path: Path) -> None:
    assert arrows(draw_project(written(tmp_path / "shop")), kind="edge joins") == [("sized", "sized")]


def test_the_names_of_flows_and_the_lines_of_their_files_are_told(tmp_path: Path) -> None:
    root = ET.fromstring(draw_project(written(tmp_path / "shop")))
    names = {t.text for t in root.iter(f"{SVG}text") if t.get("class") == "name"}
    assert names == {"answers <any> & all", "begins", "buys", "leaves", "goes on"}
    told = [title.text or "" for title in root.iter(f"{SVG}title")]
    assert any(text.startswith("action utter_answer (") and "flows.yml:6" in text for text in told)


def test_no_two_boxes_overlap(tmp_path: Path) -> None:
    rects = [
        tuple(float(r.attrib[k]) for k in ("x", "y", "width", "height"))
        for r in ET.fromstring(draw_project(written(tmp_path / "s"))).iter(f"{SVG}rect")
    ]
    for i, (x, y, width, height) in enumerate(rects):
        for other_x, other_y, other_width, other_height in rects[:i]:
            assert x >= other_x + other_width or other_x >= x + width or y >= other_y + other_height or other_y >= y + height


def test_a_project_without_flows_is_an_empty_picture(tmp_path: Path) -> None:
    (tmp_path / "none" / "data").mkdir(parents=True)
    (tmp_path / "none" / "domain.yml").write_text('version: "3.1"\nintents: [hi]\n', encoding="utf-8")
    (tmp_path / "none" / "config.yml").write_text("language: en\n", encoding="utf-8")
    assert boxes(draw_project(load_project(tmp_path / "none"))) == {}


def test_long_stories_and_odd_characters_are_drawn(tmp_path: Path) -> None:
    steps = "".join("  - {intent: greet}\n  - {action: utter_greet}\n" for _ in range(1500))
    data = 'version: "3.1"\nstories:\n- story: "令狐 \\u0007 ' + "long " * 30 + '"\n  steps:\n' + steps
    picture = draw_project(written(tmp_path / "long", data))
    assert len(boxes(picture)) == 1 + 3000 + 3
    assert "令狐 �" in picture


def test_the_shop_s_own_bot_is_drawn() -> None:
    from app.project import open_project

    picture = draw_project(open_project(ROOT))
    kinds = {kind for kind, _ in boxes(picture).values()}
    assert {"intent", "action", "form", "slot"} <= kinds
    assert len(arrows(picture)) > 50


def test_the_command_writes_the_picture_and_refuses_what_is_not_there(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(graph)
    written(tmp_path / "shop")
    out = tmp_path / "flows.svg"
    done = CliRunner().invoke(app, ["--project", str(tmp_path / "shop"), "--out", str(out)])
    assert (done.exit_code, boxes(out.read_text(encoding="utf-8")) != {}) == (0, True)
    for wrong in (["--project", str(tmp_path / "gone")], ["--out", str(tmp_path / "a.png")], ["--out", str(tmp_path / "gone" / "a.svg")]):
        assert CliRunner().invoke(app, wrong).exit_code == 1
