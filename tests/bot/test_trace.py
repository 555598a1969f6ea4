from __future__ import annotations

from bot.trace import Decision, Found, SlotChange, Understood, read_trace

TURN = [
    {"step": "opened", "response": "utter_disclosure", "handed_back": False},
    {
        "step": "understood", "message_id": "1", "intent": "order_status", "confidence": 0.93, "language": "en", "sentiment": 0,
        "entities": [{"name": "order_number", "value": "B-1042"}], "slots": {"language": "en", "reason": "late"},
    },
    {"step": "slots", "set": {"order_number": "B-1042"}, "from": {"order_number": "from_entity"}},
    {"step": "decided", "action": "order_form", "policy": "RulePolicy", "confidence": 1.0, "why": "rule 'order' (rules/orders.yml:3)"},
    {
        "step": "slots", "before": {"language": "en", "reason": "late", "order_number": "B-1042"},
        "after": {"language": "en", "order_number": "B-1042"},
    },
    {"step": "rejected", "form": "order_form", "why": "the message does not answer proof"},
    {"step": "did", "knowledge": "answered", "confidence": 0.71, "passages": [{"id": "p-1", "article": "delivery", "confidence": 0.71}]},
]  # fmt: skip


def test_a_turn_is_told_in_order() -> None:
    trace = read_trace(TURN)
    assert [step.kind for step in trace.steps] == ["opened", "understood", "decided", "rejected", "did"]
    assert trace.steps[0].text == "utter_disclosure"
    assert trace.steps[1].understood == Understood("order_status", 0.93, (("order_number", "B-1042"),), "en")
    assert trace.steps[2].decision == Decision("order_form", "RulePolicy", 1.0, "rule 'order' (rules/orders.yml:3)")
    assert trace.steps[3].text == "the message does not answer proof"
    assert trace.passages == (Found("delivery", "p-1", 0.71),)


def test_slots_are_shown_before_and_after_the_whole_turn() -> None:
    assert read_trace(TURN).slots == (
        SlotChange("language", "en", "en"),
        SlotChange("order_number", "", "B-1042"),
        SlotChange("reason", "late", ""),
    )


def test_a_failed_turn_says_what_failed() -> None:
    (step,) = read_trace([{"failed": "TimeoutError"}]).steps
    assert (step.kind, step.text) == ("failed", "failed: TimeoutError")


def test_foreign_entries_do_no_harm() -> None:
    trace = read_trace(
        ["text", None, {"step": "decided"}, {"step": "understood", "entities": ["x"], "slots": 3}, {"step": "new", "a": [1, {"b": 2}]}]
    )
    assert trace.steps[0].decision == Decision("", "", None)
    assert trace.steps[-1].text == "a: 1, b 2"
    assert read_trace([{"step": "session started"}]).steps[0].text == "session started"
    assert (trace.slots, trace.passages) == ((), ())
