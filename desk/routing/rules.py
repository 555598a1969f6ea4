"""Routing rules as people write them: YAML into `Rules`, with every problem named by line and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from context.staff.teams import ANY_CHANNEL, MOST
from context.types import HandoffReason
from desk.routing.types import HEAD_START, Overflow, Priority, PriorityRule, Rule, Rules, Values, When
from desk.routing.yaml_lines import Node, Problem, Reader, UnreadableError, read_lines

TOP = ("rules", "default", "priority", "overflow", "sticky", "relax", "timeout", "capacity", "head_start", "vip", "alerts")
RULE = ("name", "when", "team", "product", "level", "priority")
PRIORITY = ("name", "when", "at_least", "at_most", "raise")
SENTIMENTS = ("angry", "negative", "neutral", "positive")
SLA = ("ok", "warned", "breached")
YES_NO = ("true", "false")
ALLOWED: Mapping[str, Values] = {
    "language": (),
    "channel": (),
    "intent": (),
    "product": (),
    "alert": (),
    "suggested_team": (),
    "reason": tuple(HandoffReason),
    "sentiment": SENTIMENTS,
    "sla": SLA,
    "vip": YES_NO,
    "urgent": YES_NO,
}
NAMED = ("attribute", "slot")
RELAX = ("language", "product", "level")
PRIORITIES = tuple(p.name.lower() for p in Priority)


def parse_rules(text: str) -> tuple[Rules, list[Problem]]:
    """The rules, and what is wrong in how they are written. What they mean together: `desk/routing/checks.py`."""
    reader = Reader()
    try:
        document = read_lines(text)
    except UnreadableError as error:
        return Rules(), [error.problem]
    top = reader.mapping(document, TOP, "the rules")
    default = reader.mapping(top.get("default"), ("team",), "default")
    sticky = reader.mapping(top.get("sticky"), ("for", "wait"), "sticky")
    timeout = reader.mapping(top.get("timeout"), ("after",), "timeout")
    alerts = reader.mapping(top.get("alerts"), ("vip_wait", "long_wait"), "alerts")
    plain = Rules()
    rules = Rules(
        rules=tuple(_rule(reader, node, number) for number, node in enumerate(reader.items(top.get("rules"), "rules"), 1)),
        default_team=reader.text(default["team"], "team") if "team" in default else None,
        default_line=default["team"].line if "team" in default else 0,
        priorities=tuple(_priority(reader, node, number) for number, node in enumerate(reader.items(top.get("priority"), "priority"), 1)),
        overflow={team: _overflow(reader, node) for team, node in reader.mapping(top.get("overflow"), None, "overflow").items()},
        sticky_for=reader.duration(sticky["for"], "for") if "for" in sticky else plain.sticky_for,
        sticky_wait=reader.duration(sticky["wait"], "wait") if "wait" in sticky else plain.sticky_wait,
        relax={kind: reader.duration(node, kind) for kind, node in reader.mapping(top.get("relax"), RELAX, "relax").items()},
        timeout=reader.duration(timeout["after"], "after") if "after" in timeout else None,
        capacity=_capacity(reader, top.get("capacity")) or plain.capacity,
        head_start=_head_start(reader, top.get("head_start")),
        vip={name: reader.texts(node, name) for name, node in reader.mapping(top.get("vip"), None, "vip").items()},
        vip_wait=reader.duration(alerts["vip_wait"], "vip_wait") if "vip_wait" in alerts else plain.vip_wait,
        long_wait=reader.duration(alerts["long_wait"], "long_wait") if "long_wait" in alerts else plain.long_wait,
    )
    return rules, sorted(reader.problems, key=lambda p: p.line)


def _rule(reader: Reader, node: Node, number: int) -> Rule:
    fields = reader.mapping(node, RULE, "a rule")
    if "team" not in fields:
        reader.report(node.line, "this rule names no team", "Add `team:` with the key of one.")
    return Rule(
        name=reader.text(fields["name"], "name") if "name" in fields else f"rule {number}",
        line=node.line,
        when=_when(reader, fields.get("when")),
        team=reader.text(fields["team"], "team") if "team" in fields else "",
        product=reader.text(fields["product"], "product") if "product" in fields else None,
        level=reader.number(fields["level"], "level", 1, 3) if "level" in fields else 1,
        priority=_level(reader, fields.get("priority"), "priority"),
    )


def _priority(reader: Reader, node: Node, number: int) -> PriorityRule:
    fields = reader.mapping(node, PRIORITY, "an entry of priority")
    changes = [key for key in ("at_least", "at_most", "raise") if key in fields]
    if len(changes) != 1:
        text = "this entry changes nothing" if not changes else f"this entry says {' and '.join(changes)}, which contradict each other"
        reader.report(node.line, text, "Write one of at_least, at_most and raise.")
    return PriorityRule(
        name=reader.text(fields["name"], "name") if "name" in fields else f"priority {number}",
        line=node.line,
        when=_when(reader, fields.get("when")),
        at_least=_level(reader, fields.get("at_least"), "at_least"),
        at_most=_level(reader, fields.get("at_most"), "at_most"),
        raise_by=reader.number(fields["raise"], "raise", 1, 3) if "raise" in fields else 0,
    )


def _when(reader: Reader, node: Node | None) -> When:
    fields = reader.mapping(node, (*ALLOWED, *NAMED, "waited"), "when")
    values = {key: reader.texts(fields[key], key, allowed) for key, allowed in ALLOWED.items() if key in fields}
    named = {
        (kind, name): reader.texts(value, name) for kind in NAMED for name, value in reader.mapping(fields.get(kind), None, kind).items()
    }
    return When(values, named, reader.duration(fields["waited"], "waited") if "waited" in fields else None)


def _level(reader: Reader, node: Node | None, what: str) -> Priority | None:
    if node is None:
        return None
    text = reader.text(node, what)
    if text not in PRIORITIES:
        reader.report(node.line, f"{text!r} is no priority", f"There are: {', '.join(PRIORITIES)}.")
        return None
    return Priority[text.upper()]


def _overflow(reader: Reader, node: Node) -> tuple[Overflow, ...]:
    found = []
    for item in reader.items(node, "overflow of a team"):
        fields = reader.mapping(item, ("to", "after"), "an overflow")
        if "to" not in fields or "after" not in fields:
            reader.report(item.line, "an overflow needs a team and a time", "Write {to: another-team, after: 3m}.")
            continue
        found.append(Overflow(reader.text(fields["to"], "to"), reader.duration(fields["after"], "after"), item.line))
    return tuple(found)


def _capacity(reader: Reader, node: Node | None) -> dict[str, int]:
    found = {channel: reader.number(value, channel, 0, MOST) for channel, value in reader.mapping(node, None, "capacity").items()}
    return {ANY_CHANNEL if channel == "all" else channel: most for channel, most in found.items()}


def _head_start(reader: Reader, node: Node | None) -> dict[Priority, timedelta]:
    fields = reader.mapping(node, PRIORITIES, "head_start")
    found = {Priority[k.upper()]: reader.duration(v, k) for k, v in fields.items() if k in PRIORITIES}
    starts = dict(HEAD_START) | found
    in_order = [starts[p] for p in Priority]
    if node is not None and in_order != sorted(in_order):
        reader.report(node.line, "a lower priority has the larger head start", "Let head starts grow from low to urgent.")
    return starts
