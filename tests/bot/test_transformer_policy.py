from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from bot.dialogue_events import ActionRan, UserSaid
from bot.policies.learnt import story_pairs
from bot.policies.transformer.errors import PolicyModelError
from bot.policies.transformer.features import build_vocabulary, tokens_of
from bot.policies.transformer.model import MANIFEST, TENSORS, PolicyModel
from bot.policies.transformer.policy import TransformerPolicy
from bot.policies.transformer.sequences import augmented, joined, sequences_of
from bot.policies.transformer.training import Learning, train_policy
from bot.project import Project, load_project
from bot.project.types import LISTEN
from bot.states import State
from bot.tracker import Tracker

DOMAIN = """
version: "3.1"
intents: [greet, order, colour, opening, yes, no, thanks, never_told]
entities: [shade]
slots:
  shade:
    type: categorical
    values: [red, blue]
    mappings: [{type: from_entity, entity: shade}]
responses:
  utter_greet: [{text: a}]
  utter_ask_colour: [{text: b}]
  utter_ask_sure: [{text: c}]
  utter_done: [{text: d}]
  utter_dropped: [{text: e}]
  utter_opening: [{text: f}]
  utter_welcome: [{text: g}]
"""
STORIES = """
version: "3.1"
stories:
  - story: order
    steps:
      - intent: greet
      - action: utter_greet
      - intent: order
      - action: utter_ask_colour
      - intent: colour
        entities: [{shade: red}]
      - slot_was_set: [{shade: red}]
      - action: utter_ask_sure
      - intent: yes
      - action: utter_done
  - story: order and drop it
    steps:
      - intent: order
      - action: utter_ask_colour
      - intent: opening
      - action: utter_opening
      - action: utter_ask_colour
      - intent: colour
        entities: [{shade: blue}]
      - slot_was_set: [{shade: blue}]
      - action: utter_ask_sure
      - intent: no
      - action: utter_dropped
  - story: a question
    steps:
      - intent: opening
      - action: utter_opening
      - intent: thanks
      - action: utter_welcome
"""


def written(folder: Path, stories: str = STORIES) -> Project:
    (folder / "data").mkdir()
    (folder / "domain.yml").write_text(dedent(DOMAIN), encoding="utf-8")
    (folder / "data" / "stories.yml").write_text(dedent(stories), encoding="utf-8")
    (folder / "config.yml").write_text("language: en\npipeline: []\npolicies:\n- name: RulePolicy\n- name: TEDPolicy\n", encoding="utf-8")
    return load_project(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return written(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def progress() -> list[float]:
    return []


@pytest.fixture(scope="module")
def model(project: Project, progress: list[float]) -> PolicyModel:
    def said(_: str, share: float) -> None:
        progress.append(share)

    pairs = story_pairs(project.stories, project.domain)
    return train_policy(pairs, actions=[*sorted(project.responses["en"]), "action_restart"], progress=said)


def policy_of(model: PolicyModel, project: Project) -> TransformerPolicy:
    return TransformerPolicy(model, project.config)


def talk(project: Project, *steps: str) -> Tracker:
    """`utter_...` and `action_...` are what the bot does, everything else is an intent."""
    tracker = Tracker(project.domain)
    tracker.apply(ActionRan(LISTEN))
    for step in steps:
        acted = step.startswith(("utter_", "action_"))
        tracker.apply(ActionRan(step) if acted else UserSaid(step, step, step, 1.0))
    return tracker


def test_what_the_stories_say_is_learned_with_confidence(project: Project, model: PolicyModel) -> None:
    for pair in story_pairs(project.stories, project.domain):
        action, confidence = model.predict(pair.states)[0]
        assert (action, confidence > 0.8) == (pair.action, True), pair.place


def test_probabilities_of_all_actions_fall_and_sum_to_one(model: PolicyModel) -> None:
    ranked = model.predict([State(), State(intent="greet", action=LISTEN)])
    assert {"action_restart", "utter_done", LISTEN} <= {action for action, _ in ranked}
    assert sum(p for _, p in ranked) == pytest.approx(1)
    assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)


def test_a_path_that_no_story_goes_is_found(project: Project, model: PolicyModel) -> None:
    policy = policy_of(model, project)
    asked = ("greet", "utter_greet", LISTEN, "thanks", "utter_welcome", LISTEN, "opening")
    first = policy.predict(talk(project, *asked))
    then = policy.predict(talk(project, *asked, "utter_opening"))
    assert first is not None
    assert then is not None
    assert (first.action, then.action) == ("utter_opening", LISTEN)
    assert first.confidence > 0.5
    assert (first.priority, first.policy) == (1, "TEDPolicy")
    assert first.others


def test_a_message_unlike_anything_gets_no_confidence(project: Project, model: PolicyModel) -> None:
    policy = policy_of(model, project)
    for steps in (["never_told"], ["greet", "utter_greet", LISTEN, "never_told"], ["order", "utter_ask_colour", LISTEN, "never_told"]):
        prediction = policy.predict(talk(project, *steps))
        assert prediction is not None
        assert prediction.confidence < 0.3, steps
        assert "below the threshold" in prediction.why


def test_an_answer_to_a_question_that_was_not_asked_is_doubted(project: Project, model: PolicyModel) -> None:
    policy = policy_of(model, project)
    fitting = policy.predict(talk(project, "order", "utter_ask_colour", LISTEN, "colour", "utter_ask_sure", LISTEN, "yes"))
    astray = policy.predict(talk(project, "yes"))
    assert fitting is not None
    assert astray is not None
    assert fitting.confidence > 0.8
    assert astray.confidence < 0.6


def test_progress_rises_to_one(model: PolicyModel, progress: list[float]) -> None:
    assert model.classes
    assert progress == sorted(progress)
    assert progress[-1] == 1


def test_a_saved_model_is_the_same_model(model: PolicyModel, tmp_path: Path) -> None:
    model.save(tmp_path / "policy")
    again = PolicyModel.load(tmp_path / "policy")
    states = [State(), State(intent="order", action=LISTEN), State(intent="order", action="utter_ask_colour")]
    assert again.predict(states) == model.predict(states)
    assert sorted(p.name for p in (tmp_path / "policy").iterdir()) == [MANIFEST, TENSORS]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["policy"]


def test_the_same_stories_give_the_same_bytes(project: Project, model: PolicyModel, tmp_path: Path) -> None:
    pairs = story_pairs(project.stories, project.domain)
    again = train_policy(pairs, actions=[*sorted(project.responses["en"]), "action_restart"])
    model.save(tmp_path / "one")
    again.save(tmp_path / "two")
    for name in (MANIFEST, TENSORS):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_stories_that_are_the_same_are_not_learned_again(project: Project, model: PolicyModel, tmp_path: Path) -> None:
    pairs = story_pairs(project.stories, project.domain)
    actions = [*sorted(project.responses["en"]), "action_restart"]
    heard: list[float] = []
    train_policy(pairs, actions=actions, kept=tmp_path)
    again = train_policy(pairs, actions=actions, kept=tmp_path, progress=lambda _, share: heard.append(share))
    assert not heard
    states = [State(), State(intent="order", action=LISTEN)]
    assert again.predict(states) == model.predict(states)


def test_other_stories_and_damaged_weights_are_learned_anew(project: Project, tmp_path: Path) -> None:
    pairs = story_pairs(project.stories, project.domain)
    train_policy(pairs, actions=(), learning=Learning(epochs=1), kept=tmp_path)
    train_policy(pairs[1:], actions=(), learning=Learning(epochs=1), kept=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    for file in files:
        file.write_bytes(b"nonsense")
    assert train_policy(pairs, actions=(), learning=Learning(epochs=1), kept=tmp_path).predict([State()])
    assert sorted(tmp_path.iterdir()) == files


def test_training_and_serving_leave_torch_out_of_the_process(project: Project, tmp_path: Path) -> None:
    code = f"""
import sys
from bot.policies.learnt import story_pairs
from bot.policies.transformer.model import PolicyModel
from bot.policies.transformer.policy import TransformerPolicy
from bot.policies.transformer.training import Learning, train_policy
from bot.project import load_project
from bot.states import State
project = load_project({str(project.root)!r})
train_policy(story_pairs(project.stories, project.domain), actions=(), learning=Learning(epochs=1)).save({str(tmp_path / "m")!r})
TransformerPolicy(PolicyModel.load({str(tmp_path / "m")!r}), project.config).model.predict([State()])
sys.exit("torch" in sys.modules)
"""
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_without_stories_nothing_is_predicted(project: Project, tmp_path: Path) -> None:
    train_policy([], actions=["utter_greet"]).save(tmp_path / "empty")
    empty = PolicyModel.load(tmp_path / "empty")
    assert empty.predict([State()]) == ()
    assert policy_of(empty, project).predict(talk(project, "greet")) is None


def test_max_history_hides_what_was_earlier(project: Project) -> None:
    pairs = story_pairs(project.stories, project.domain)
    short = train_policy(pairs, actions=(), learning=Learning(max_history=2, epochs=1))
    end = [State(intent="order", action=LISTEN), State(intent="order", action="utter_ask_colour")]
    one = short.predict([State(), State(intent="opening", action=LISTEN), State(intent="opening", action="utter_opening"), *end])
    assert one == short.predict([State(), *end]) == short.predict(end)


@pytest.mark.parametrize("name", [MANIFEST, TENSORS])
@pytest.mark.parametrize("harm", ["cut", "gone", "changed", "foreign"])
def test_a_damaged_folder_is_refused(model: PolicyModel, tmp_path: Path, name: str, harm: str) -> None:
    folder = tmp_path / "policy"
    model.save(folder)
    file = folder / name
    content = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut": content[: len(content) // 2], "changed": content[:-9] + b"x" + content[-8:], "foreign": b"{}"}[harm])
    with pytest.raises(PolicyModelError) as refused:
        PolicyModel.load(folder)
    assert str(folder) in refused.value.message
    assert refused.value.hint == "Train the bot again."


def test_a_model_of_another_format_or_whose_parts_do_not_fit_is_refused(model: PolicyModel, tmp_path: Path) -> None:
    from bot.policies.transformer import model as module

    folder = tmp_path / "policy"
    model.save(folder)
    head = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for change, said in (
        ({"format": 99}, "format 99"),
        ({"classes": head["classes"][1:]}, "do not fit"),
        ({"tokens": "x"}, "cannot be read"),
    ):
        changed = {k: v for k, v in head.items() if k != "checksum"} | change
        sum_of = module._checksum(changed)
        (folder / MANIFEST).write_bytes(module._json({**changed, "checksum": sum_of}))
        with pytest.raises(PolicyModelError, match=said):
            PolicyModel.load(folder)


def test_a_folder_with_something_else_is_not_replaced(model: PolicyModel, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(PolicyModelError, match="something that is not a learned policy"):
        model.save(tmp_path / "letters")
    assert (tmp_path / "letters" / "one.txt").read_text(encoding="utf-8") == "dear"


def test_stories_are_put_together_again_from_their_pairs(project: Project) -> None:
    stories = sequences_of(story_pairs(project.stories, project.domain))
    assert len(stories) == 3
    assert [a for a in stories[2].actions if a not in (None, LISTEN)] == ["utter_opening", "utter_welcome"]
    assert stories[2].states[1] == State(intent="opening", action=LISTEN)


def test_a_joined_story_keeps_what_the_first_left_behind(project: Project) -> None:
    order, dropped, question = sequences_of(story_pairs(project.stories, project.domain))
    both = joined(order, question)
    assert len(both) == len(order) + len(question) - 1
    assert both.states[len(order)].intent == "opening"
    assert both.states[-1].slots == order.states[-1].slots != ()
    assert joined(order, dropped).states[-1].slots == dropped.states[-1].slots != order.states[-1].slots


def test_augmentation_is_bounded_and_repeats_itself(project: Project) -> None:
    stories = sequences_of(story_pairs(project.stories, project.domain))
    made = augmented(stories, factor=2, seed=1)
    assert len(made) == len(set(made)) <= 20
    assert made == augmented(stories, factor=2, seed=1) != augmented(stories, factor=2, seed=2)
    assert min(map(len, made)) > min(map(len, stories))


def test_a_state_becomes_tokens_of_all_its_fields() -> None:
    state = State("ask_day", ("city", "city#from"), "utter_x", "a_form", (("kind", (0.0, 1.0)), ("size", (1.0, 0.25))))
    found = dict(tokens_of(state))
    assert {"intent=ask_day", "intent~=day", "entities=city#from", "action=utter_x", "loop=a_form", "slots=kind:1"} <= found.keys()
    assert found["slots=size:1"] == 0.25
    assert "slots=kind:0" not in found


def test_tokens_never_seen_stand_for_the_unknown_of_their_field() -> None:
    vocabulary = build_vocabulary([State(intent="greet", action=LISTEN)])
    numbers, weights = vocabulary.encode([State(intent="zzz", action=LISTEN)])
    named = {vocabulary.tokens[n] for n, w in zip(numbers[0], weights[0], strict=True) if w}
    assert "intent=?" in named
    assert f"action={LISTEN}" in named
    assert numbers.dtype == np.int64
