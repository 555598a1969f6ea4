"""How the bot came to a reply, for the terminal: each decision on a line, slots before and after, passages."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.trace import Decision, Step, TurnTrace, Understood

INDENT = (0, 0, 0, 5)
SAID = {
    "opened": "opened",
    "repaired": "mended",
    "rejected": "let pass",
    "stopped": "stopped",
    "reminded": "reminded",
    "handoff": "handed over",
    "did": "did",
    "failed": "failed",
}


def print_trace(console: Console, trace: TurnTrace) -> None:
    """Prints a turn's trace, indented under the reply."""
    steps = Table.grid(padding=(0, 2, 0, 0))
    for step in trace.steps:
        steps.add_row(Text(" " * 4 + _name(step), style="dim"), _told(step))
    console.print(steps)
    for table in _tables(trace):
        console.print(table)


def _name(step: Step) -> str:
    if step.understood:
        return "understood"
    return "decided" if step.decision else SAID.get(step.kind, "noted")


def _told(step: Step) -> Text:
    if step.understood:
        return _understood(step.understood)
    return _decided(step.decision) if step.decision else Text(step.text, style="dim")


def _understood(found: Understood) -> Text:
    text = Text.assemble((found.intent or "nothing", "bold blue"), f" {_percent(found.confidence)}", (f" {found.language}", "dim"))
    for name, value in found.entities:
        text.append(f"  {name}: ", "dim").append(value, "blue")
    return text


def _decided(decision: Decision) -> Text:
    sure = f" {_percent(decision.confidence)}"
    return Text.assemble((decision.action, "bold green"), f"  {decision.policy}{sure}", (f"  {decision.why}", "dim"))


def _tables(trace: TurnTrace) -> Iterator[Table]:
    if trace.slots:
        table = Table("slot", "before", "after", box=None, header_style="dim", padding=INDENT)
        for slot in trace.slots:
            changed = "bold yellow" if slot.before != slot.after else "dim"
            table.add_row(Text(slot.name, style="dim"), Text(slot.before or "-", style="dim"), Text(slot.after or "-", style=changed))
        yield table
    if trace.passages:
        table = Table("article", "passage", "confidence", box=None, header_style="dim", padding=INDENT)
        for found in trace.passages:
            table.add_row(Text(found.article, style="dim"), Text(found.passage, style="dim"), Text(_percent(found.confidence), style="dim"))
        yield table


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
