"""`baton evaluate assist`: replayed dialogues, their figures, and how bad files are refused."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.commands.evaluate import app
from app.dialogue_files import read_dialogues, read_snippets
from app.dialogue_reading import encoders_for
from assist.dialogues import Dialogue, Turn, parse_dialogue
from assist.evaluate import Material, Reading, evaluate_assist, knowledge_figures, reply_figures
from assist.knowledge_needed import Advice
from assist.snippets import snippets_of
from nlu.encoders.fake import HashingEncoder

READING = Reading(HashingEncoder(), HashingEncoder())
HOTELS = ("Harbour Inn", "Mill Lodge", "Cedar Court")
ASPECTS = {
    "parking": ("Is there parking?", "Cars can be parked behind the house."),
    "pets": ("Can I bring my dog?", "Dogs and cats are welcome in every room."),
    "breakfast": ("Is breakfast served?", "Breakfast is served from seven to ten."),
}
ASKED = {
    "parking": ["is there parking for my car?", "where can I park the car?", "do they have parking?"],
    "pets": ["can my dog stay too?", "do they take a dog?", "can I bring my cat?"],
    "breakfast": ["is breakfast served there?", "when is breakfast?", "do they have breakfast?"],
}
IDLE = ["thank you, goodbye", "book it for two nights please", "yes, that one please", "great, thank you so much", "no, that is all"]
FLOW = {"hello": "Hello, how can I help?", "ask_date": "For which day?", "ask_people": "How many people?", "done": "It is booked."}


def articles() -> list[dict[str, Any]]:
    return [
        {"id": f"{hotel}/{aspect}", "title": f"{hotel.upper()}: {question}", "text": answer}
        for hotel in HOTELS
        for aspect, (question, answer) in ASPECTS.items()
    ]


def hotel_dialogues(which: int) -> list[dict[str, Any]]:
    """For each hotel: questions that an article answers and turns that need none; `which` chooses the wording."""
    rows = []
    for hotel in HOTELS:
        opening = [{"speaker": "customer", "text": "I need a room"}, {"speaker": "agent", "text": f"How about the {hotel}?"}]
        for aspect, texts in ASKED.items():
            turns = [*opening, {"speaker": "customer", "text": texts[which]}]
            rows.append({"id": f"{which}{hotel}{aspect}", "turns": turns, "needs_kb": True, "relevant": [f"{hotel}/{aspect}"]})
        for idle in IDLE[which : which + 3]:
            turns = [*opening, {"speaker": "customer", "text": idle}]
            rows.append({"id": f"{which}{hotel}{idle}", "turns": turns, "needs_kb": False, "relevant": []})
    return rows


def booking_dialogues(count: int, seed: int) -> list[dict[str, Any]]:
    """Bookings in which the agent asks for what is missing; the order depends on what the customer says."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        first = chance.choice(["ask_date", "ask_people"])
        second = "ask_people" if first == "ask_date" else "ask_date"
        wish = "a table for four people" if first == "ask_date" else "a table on monday"
        said = [chance.choice(["hi", "hello there", "good day"]), wish, "friday" if first == "ask_date" else "we are six", "thanks"]
        turns: list[dict[str, Any]] = []
        for text, label in zip(said, ["hello", first, second, "done"], strict=True):
            turns.append({"speaker": "customer", "text": text})
            turns.append({"speaker": "agent", "text": FLOW[label], "label": label, "options": [label, "ask_date"], "draft": label})
        rows.append({"id": f"{seed}-{number}", "turns": turns})
    return rows


def parsed(rows: list[dict[str, Any]]) -> list[Dialogue]:
    return [parse_dialogue(row) for row in rows]


def replay(rows: list[dict[str, Any]], train: list[dict[str, Any]], *, kb: list[dict[str, Any]] | None = None) -> Any:
    snippets = snippets_of([(a["id"], a["title"], a["text"]) for a in kb]) if kb else None
    return evaluate_assist(Material(parsed(rows), parsed(train), snippets), knowledge=READING, replies=READING)


def test_the_figures_are_those_of_the_definitions() -> None:
    turn = (Turn("customer", "?"),)
    asked = Dialogue("1", turn, needs_kb=True, relevant=frozenset({"a", "b"}))
    missed = Dialogue("2", turn, needs_kb=True, relevant=frozenset({"c"}))
    idle, disturbed = Dialogue("3", turn, needs_kb=False), Dialogue("4", turn, needs_kb=False)
    found = knowledge_figures(
        [(asked, Advice(0.9, ("x", "a", "b"))), (missed, Advice(0.1, ("c",))), (idle, Advice(0.2, ())), (disturbed, Advice(0.8, ("x",)))]
    )
    assert found["detection_f1"] == pytest.approx(0.5)
    assert (found["silent_precision"], found["silent_recall"]) == (0.5, 0.5)
    assert (found["recall1"], found["recall3"], found["hit1"], found["hit3"]) == (0.5, 1.0, 0.5, 1.0)
    assert found["mrr"] == pytest.approx(0.75)  # the second is ranked right, though it was kept silent
    assert reply_figures([("a", ["a", "b", "c"]), ("b", ["a", "b", "c"]), ("z", ["a", "b", "c"])])["next_hit3"] == pytest.approx(2 / 3)


def test_what_the_data_cannot_give_is_null() -> None:
    replies, _ = replay(booking_dialogues(2, 1), booking_dialogues(4, 2))
    assert all(replies[name] is None for name in ("detection_f1", "silent_precision", "silent_recall", "recall1", "mrr"))
    untaught, _ = replay(booking_dialogues(2, 1), [])
    assert (untaught["next_accuracy"], untaught["next_hit3"], untaught["p95_ms"]) == (None, None, None)
    unshelved, _ = replay(hotel_dialogues(1), hotel_dialogues(0))
    assert unshelved["recall1"] is None
    assert unshelved["detection_f1"] is not None


def test_knowledge_is_offered_when_needed_and_withheld_when_not() -> None:
    figures, predictions = replay(hotel_dialogues(2), hotel_dialogues(0) + hotel_dialogues(1), kb=articles())
    assert figures["detection_f1"] > 0.85
    assert figures["silent_recall"] > 0.85
    assert {row["needs_kb"] for row in predictions} == {True, False}


def test_the_article_is_that_of_the_hotel_spoken_of_before() -> None:
    untrained, predictions = replay(hotel_dialogues(0), [], kb=articles())
    assert untrained["recall1"] > 0.8
    needed = [row for row in predictions if row["ranked"] and "/" in row["ranked"][0]]
    assert all(row["ranked"][0].split("/")[0] in row["id"] for row in needed)


def test_the_hotel_named_last_counts_most() -> None:
    turns = [
        {"speaker": "agent", "text": "There are Harbour Inn and Mill Lodge"},
        {"speaker": "customer", "text": "Tell me about Mill Lodge"},
        {"speaker": "agent", "text": "It is in the north"},
        {"speaker": "customer", "text": "is there parking?"},
    ]
    row = {"id": "x", "turns": turns, "needs_kb": True, "relevant": ["Mill Lodge/parking"]}
    _, predictions = replay([row], [], kb=articles())
    assert predictions[0]["ranked"][0] == "Mill Lodge/parking"


def test_the_next_reply_follows_what_the_customer_said() -> None:
    figures, predictions = replay(booking_dialogues(20, 1), booking_dialogues(30, 2))
    assert figures["next_accuracy"] > 0.95
    assert figures["reply_turns"] == 80 == len(predictions)
    assert {row["foreseen"][0] for row in predictions} == set(FLOW)


def test_a_reply_that_was_never_learned_is_counted_as_a_miss() -> None:
    rows = booking_dialogues(1, 1)
    rows[0]["turns"][-1]["label"] = "unheard_of"
    figures, _ = replay(rows, booking_dialogues(10, 2))
    assert figures["next_accuracy"] == pytest.approx(0.75)


@pytest.mark.parametrize("options", [None, [], ["hello"], ["done", "ask_people", "nonsense"]])
def test_options_and_drafts_change_nothing(options: list[str] | None) -> None:
    _, plain = replay(booking_dialogues(5, 1), booking_dialogues(10, 2))
    changed, train = booking_dialogues(5, 1), booking_dialogues(10, 2)
    for row in changed + train:
        for turn in row["turns"]:
            turn.pop("draft", None)
            turn.pop("options", None)
            if options is not None and turn["speaker"] == "agent":
                turn["options"] = options
    assert replay(changed, train)[1] == plain


def test_a_reply_is_foreseen_from_the_turns_before_it_alone() -> None:
    rows = booking_dialogues(3, 1)
    _, plain = replay(rows, booking_dialogues(10, 2))
    for row in rows:
        row["turns"][-1].update(text="Something else altogether", label="hello")
    assert replay(rows, booking_dialogues(10, 2))[1] == plain


def test_a_lookup_is_foreseen_where_one_was_made() -> None:
    def booking(number: int, date: str) -> dict[str, Any]:
        turns = [{"speaker": "customer", "text": "a table please"}, {"speaker": "agent", "text": "When?"}]
        turns += [{"speaker": "customer", "text": f"on {date}"}, {"speaker": "action", "text": "search"}, {"speaker": "kb", "text": "free"}]
        return {"id": str(number), "turns": [*turns, {"speaker": "agent", "text": "Booked."}]}

    figures, predictions = replay([booking(0, "sunday")], [booking(n, day) for n, day in enumerate(("monday", "friday", "sunday"))])
    assert (figures["lookup_f1"], figures["lookup_silent_precision"], figures["lookup_silent_recall"]) == (1.0, 1.0, 1.0)
    assert [(row["turn"], row["look_up"]) for row in predictions] == [(0, False), (2, True)]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["assist", *(str(one) for one in arguments)])


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


GOOD: dict[str, Any] = {"id": "1", "turns": [{"speaker": "customer", "text": "hi"}]}


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not an object"),
        ({"id": "2"}, "there are no 'turns'"),
        ({"id": "2", "turns": []}, "there are no 'turns'"),
        ({"turns": GOOD["turns"]}, "there is no 'id'"),
        ({"id": "2", "turns": ["hi"]}, "turn 1 is not an object"),
        ({"id": "2", "turns": [{"speaker": "robot", "text": "hi"}]}, "turn 1 has the speaker 'robot'"),
        ({"id": "2", "turns": [{"speaker": "agent"}]}, "turn 1 has no 'text'"),
        ({"id": "2", "turns": [{"speaker": "agent", "text": "hi", "label": 3}]}, "a 'label' that is not text"),
        (GOOD | {"id": "2", "needs_kb": "yes"}, "'needs_kb' is neither true nor false"),
        (GOOD | {"id": "2", "needs_kb": True, "relevant": "a"}, "'relevant' is not a list"),
        ({"id": "2", "turns": [{"speaker": "agent", "text": "hi"}], "needs_kb": True}, "without a turn of the customer"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(tmp_path: Path, second: Any, reason: str) -> None:
    result = run("--dialogues", write(tmp_path / "d.jsonl", [GOOD, second]), "--json")
    assert result.exit_code == 1
    assert "d.jsonl:2" in result.stderr
    assert reason in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("row", [{"id": "a", "title": "t"}, {"title": "t", "text": "x"}, {"id": "a", "title": 3, "text": "x"}])
def test_a_bad_article_is_refused_with_file_and_line(tmp_path: Path, row: dict[str, Any]) -> None:
    dialogues = write(tmp_path / "d.jsonl", [GOOD])
    result = run("--dialogues", dialogues, "--articles", write(tmp_path / "kb.jsonl", [articles()[0], row]))
    assert result.exit_code == 1
    assert "kb.jsonl:2" in result.stderr


def test_rows_of_one_article_are_its_parts(tmp_path: Path) -> None:
    one, other = articles()[0], articles()[1] | {"id": articles()[0]["id"]}
    snippets = read_snippets(write(tmp_path / "kb.jsonl", [one, one, other]))
    assert [snippet.id for snippet in snippets] == [one["id"]]
    assert snippets[0].text == f"{one['text']}\n\n{other['text']}"


def test_an_id_may_stand_for_several_moments_of_a_dialogue(tmp_path: Path) -> None:
    assert len(read_dialogues(write(tmp_path / "d.jsonl", [GOOD, GOOD]))) == 2


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    missing = run("--dialogues", tmp_path / "none.jsonl")
    empty = run("--dialogues", write(tmp_path / "d.jsonl", []))
    assert missing.exit_code == empty.exit_code == 1
    assert "There is no file" in missing.stderr
    assert "is empty" in empty.stderr


@pytest.mark.model
def test_the_command_prints_one_object_and_writes_predictions(tmp_path: Path) -> None:
    dialogues = write(tmp_path / "d.jsonl", hotel_dialogues(0) + booking_dialogues(2, 1))
    train = write(tmp_path / "t.jsonl", booking_dialogues(8, 2))
    kb, out = write(tmp_path / "kb.jsonl", articles()), tmp_path / "out.jsonl"
    result = run("--dialogues", dialogues, "--train", train, "--articles", kb, "--language", "en", "--predictions", out, "--json")
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout.strip().splitlines()[-1])
    assert figures["detection_f1"] > 0.9  # untrained: `train` says nothing of knowledge
    assert figures["recall1"] > 0.9
    assert figures["next_accuracy"] > 0.9
    assert len(out.read_text(encoding="utf-8").splitlines()) == figures["knowledge_turns"] + figures["reply_turns"]


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["hello, is there parking?"] * 9 + ["你好，请问有停车场吗？"], "en"),
        (["hello, is there parking?"] * 3 + ["你好，请问有停车场吗？"] * 2, "zh-Hans"),
        (["bom dia, tem estacionamento?"] * 3, "pt"),
        ([""], "en"),
    ],
)
def test_encoders_are_those_of_the_languages_that_are_spoken(texts: list[str], language: str) -> None:
    assert encoders_for(texts) == language


@pytest.mark.parametrize("train", [[], hotel_dialogues(0)[:4], hotel_dialogues(0)])
def test_odd_rows_are_replayed_with_whatever_was_taught(train: list[dict[str, Any]]) -> None:
    said = ["", "😀", "x" * 5000, "{}", "有冇停車場？", "Há estacionamento?"]
    rows = [
        {"id": "same", "turns": [{"speaker": "customer", "text": text}], "needs_kb": not text, "relevant": ["unknown"]} for text in said
    ]
    rows.append(
        {"id": "same", "turns": [{"speaker": "action", "text": None, "action": {"name": "find", "values": {"a": None}}}, *GOOD["turns"]]}
    )
    kb = [*articles(), {"id": "empty", "title": "", "text": ""}, {"id": "zh", "title": "停車", "text": "門口有停車場。"}]
    figures, predictions = replay(rows, train + booking_dialogues(3, 2), kb=kb)
    assert figures["knowledge_turns"] == len(said) == len(predictions)
    assert figures["mrr"] == 0.0
