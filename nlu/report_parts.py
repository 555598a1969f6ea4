"""The tables of the report. Every text that comes from sentences, files or intents is escaped in `cell` or `words`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from nlu.crossval import Judged
from nlu.crossval_figures import EntityFigures, Figures, IntentFigures
from nlu.report_charts import shown_name
from nlu.suspects import Suspect
from nlu.text import clean
from nlu.types import OUT_OF_SCOPE
from nlu.validate_likeness import ClosePair

PAIRS = 15
REJECTED = 5
WORST = 25
WEAK = 0.6
SENTENCE = "sentence"
NAMES = {"all": "All languages", "en": "English", "zh-Hant": "Traditional Chinese", "zh-Hans": "Simplified Chinese", "pt": "Portuguese"}
SUMMARY_HEAD = (
    "language|", "sentences|n", "accuracy|n", "accuracy, rejecting|n", "macro-F1|n", "ECE|n", "out-of-scope recall|n",
    "out-of-scope precision|n", "entity F1|n",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A table cell: `html` is safe already, `kind` its class, `value` what it is sorted by when that is not its text."""

    html: str
    kind: str = ""
    value: float | None = None


def language_name(language: str) -> str:
    """For people; an unknown tag stays as it is."""
    return NAMES.get(language, language)


def words(text: str) -> str:
    """Any text as HTML."""
    return escape(clean(text))


def sentence(text: str, language: str) -> Cell:
    """What a customer might write, in its own direction and script."""
    return Cell(f'<bdi lang="{escape(language)}">{words(text)}</bdi>', "t")


def name(intent: str) -> Cell:
    """An intent or entity."""
    return Cell(f"<code>{words(shown_name(intent))}</code>")


def rate(value: float | None) -> Cell:
    """A share as per cent."""
    return Cell("–", "n", -1.0) if value is None else Cell(f"{100 * value:.1f} %", "n", value)


def number(value: int) -> Cell:
    """A count."""
    return Cell(str(value), "n", value)


def place(file: str, line: int) -> Cell:
    """File and line."""
    return Cell(words(f"{file}:{line}").replace("/", "/<wbr>"), "f")


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, sortable: bool = False, bad: frozenset[int] = frozenset()) -> str:
    """`head`: "title|class" a column; `bad`: numbers of rows that stand out. A table of sentences is stacked on narrow screens."""
    titles = [title.split("|")[0] for title in head]
    stacked = titles[0] == SENTENCE
    tops = "".join(_head(*title.split("|"), sortable=sortable) for title in head)
    lines = []
    for count, row in enumerate(rows):
        mark = ' class="bad"' if count in bad else ""
        cells = "".join(_cell(c, title if stacked and title != SENTENCE else "") for c, title in zip(row, titles, strict=True))
        lines.append(f"<tr{mark}>{cells}</tr>")
    kind = "stack" if stacked else ""
    return f'<div class="wide"><table{_class(kind)}><thead><tr>{tops}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _head(title: str, kind: str, *, sortable: bool) -> str:
    inner = f'<button type="button">{escape(title)}</button>' if sortable else escape(title)
    return f'<th scope="col"{_class(kind)}>{inner}</th>'


def _cell(cell: Cell, title: str) -> str:
    value = "" if cell.value is None else f' data-v="{cell.value:.6g}"'
    shown = f' data-h="{escape(title)}"' if title else ""
    return f"<td{_class(cell.kind)}{value}{shown}>{cell.html}</td>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def summary_table(figures: Sequence[Figures]) -> str:
    """A row for each language."""
    rows = [
        [
            Cell(f'<a href="#{escape(f.language)}">{escape(language_name(f.language))}</a>'), number(f.sentences), rate(f.accuracy),
            rate(f.accuracy_rejecting), rate(f.macro_f1), rate(f.ece), rate(f.oos_recall), rate(f.oos_precision), rate(f.entity_f1),
        ]
        for f in figures
    ]  # fmt: skip
    return table(SUMMARY_HEAD, rows)


def pairs_table(figures: Figures) -> str:
    """The pairs of intents that are confused most often."""
    pairs = [c for c in figures.confusions if OUT_OF_SCOPE not in {c.truth, c.answered}]
    rows = [[name(c.truth), name(c.answered), number(c.count)] for c in pairs[:PAIRS]]
    return table(("true|", "answered|", "sentences|n"), rows) if rows else _none("Nothing is confused.")


def rejected_table(figures: Figures) -> str:
    """The intents whose sentences are rejected most often."""
    rows = [[name(c.truth), number(c.count)] for c in figures.confusions if c.answered == OUT_OF_SCOPE][:REJECTED]
    return table(("intent|", "sentences|n"), rows) if rows else _none("None.")


def suspects_table(suspects: Sequence[Suspect]) -> str:
    """Sentences whose label is doubted."""
    rows = [
        [
            sentence(s.example.text, s.example.language), name(s.given), rate(s.given_probability), name(s.suggested),
            rate(s.suggested_probability), place(s.example.file, s.example.line),
        ]
        for s in suspects[:WORST]
    ]  # fmt: skip
    head = ("sentence|", "label|", "probability|n", "suggested|", "probability|n", "where|")
    return table(head, rows, sortable=True) if rows else _none("None.")


def intents_table(intents: Sequence[IntentFigures]) -> str:
    """Every intent, the weakest first; those under WEAK stand out."""
    ordered = sorted(intents, key=lambda i: (i.f1, i.name))
    rows = [
        [name(i.name), number(i.sentences), rate(i.precision), rate(i.recall), rate(i.f1), _taken_for(i)]
        for i in ordered
    ]  # fmt: skip
    bad = frozenset(k for k, i in enumerate(ordered) if i.f1 < WEAK)
    return table(("intent|", "sentences|n", "precision|n", "recall|n", "F1|n", "most often taken for|"), rows, sortable=True, bad=bad)


def _taken_for(intent: IntentFigures) -> Cell:
    if intent.worst is None:
        return Cell("")
    other, count = intent.worst
    return Cell(f"<code>{words(shown_name(other))}</code> {count}×")


def worst_table(judged: Sequence[Judged]) -> str:
    """The wrong answers that were given with most confidence."""
    wrong = [one for one in judged if one.answered not in {one.truth, OUT_OF_SCOPE}]
    rows = [_judged(one) for one in sorted(wrong, key=lambda o: (-o.understanding.confidence, o.example.text))[:WORST]]
    return table(("sentence|", "true|", "answered|", "confidence|n", "where|"), rows, sortable=True) if rows else _none("No wrong answer.")


def _judged(one: Judged) -> list[Cell]:
    text = sentence(one.example.text, one.example.language)
    where = place(one.example.file, one.example.line)
    return [text, name(one.truth), name(one.best), rate(one.understanding.confidence), where]


def scope_tables(judged: Sequence[Judged]) -> str:
    """Out of scope, by what went wrong: answered though out of scope, and rejected though the bot knew it."""
    answered = [one for one in judged if one.truth == OUT_OF_SCOPE and one.answered != OUT_OF_SCOPE]
    lost = [one for one in judged if one.truth != OUT_OF_SCOPE and one.answered == OUT_OF_SCOPE and one.best == one.truth]
    parts = []
    for title, group in (("Answered though out of scope", answered), ("Rejected though the best intent was right", lost)):
        rows = [_judged(one) for one in sorted(group, key=lambda o: (-o.understanding.confidence, o.example.text))[:WORST]]
        body = table(("sentence|", "true|", "best intent|", "confidence|n", "where|"), rows, sortable=True) if rows else _none("None.")
        parts.append(f"<details><summary>{title}: {len(group)}</summary>{body}</details>")
    return "".join(parts)


def entities_table(entities: Sequence[EntityFigures]) -> str:
    """Exact spans."""
    rows = [[name(e.name), number(e.annotated), number(e.found), rate(e.precision), rate(e.recall), rate(e.f1)] for e in entities]
    return table(("entity|", "annotated|n", "found|n", "precision|n", "recall|n", "F1|n"), rows, sortable=True)


def close_table(pairs: Sequence[ClosePair]) -> str:
    """Intents whose sentences lie among each other, whatever the classifier makes of it."""
    rows = [
        [Cell(escape(language_name(p.language))), name(p.first), name(p.second), rate(p.confused), Cell(f"{p.cosine:.2f}", "n", p.cosine)]
        for p in pairs
    ]
    head = ("language|", "intent|", "and|", "nearest neighbours in the other|n", "cosine of centres|n")
    return table(head, rows, sortable=True) if rows else _none("None.")


def _none(text: str) -> str:
    return f'<p class="soft">{text}</p>'
