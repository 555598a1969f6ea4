"""What a run found against what is here: new, changed, unchanged, in conflict with an editor's work, or gone at the source."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import InvalidInputError
from knowledge.articles import check_draft
from knowledge.imports.details import Told, differs, digest, draft_of, item_from, portable, told_of
from knowledge.imports.here import Here, Text, find_here
from knowledge.imports.models import ImportRow, ItemRow, LinkRow
from knowledge.imports.reading import LIMIT
from knowledge.imports.types import Source
from knowledge.models import VersionRow
from knowledge.sources.names import short_hash
from knowledge.sources.types import SourceFile, SourceItem
from knowledge.types import ArticleDraft

Guess = Callable[[str], str]  # a text -> its language
TEXT, DETAILS, STATUS = "text", "details", "status"
KEPT_HERE = "Edited or archived here since; the source is as it was."
_FOREIGN = "There is an article with this id that did not come from this source"
_EDITED = "It was edited here, and has changed at the source too"


@dataclass
class Known:
    """What is known before comparing: links of this source, articles here, and what is to become of items."""

    source: Source
    links: dict[str, LinkRow]
    here: dict[str, Here]
    details: dict[str, Told] = field(default_factory=dict)

    def owned(self, article_id: str, language: str) -> set[int]:
        """Versions that this source made."""
        return {link.version for link in self.links.values() if (link.article_id, link.language) == (article_id, language)}


async def compare_all(session: AsyncSession, run: ImportRow, source: Source, *, guess: Guess) -> None:
    """Gives every item that was read its state, and lists what is gone. Nothing of the knowledge base is touched."""
    query = select(ItemRow).where(ItemRow.import_id == run.id).order_by(ItemRow.number)
    rows = list((await session.execute(query)).scalars())
    links = {link.key: link for link in (await session.execute(select(LinkRow).where(LinkRow.source_id == source.id))).scalars()}
    read = [row for row in rows if row.state == "read"]
    drafts = _name_all(read, links, source, guess)
    known = Known(source, links, await find_here(session, {draft.id for _, draft in drafts}))
    known.details = told_of((item_from(row.data), draft) for row, draft in drafts)
    for row, draft in drafts:
        _compare(row, draft, known)
    _keep_drafts(drafts)
    if not any(row.key == LIMIT for row in rows):
        session.add_all(_gone(run.id, rows, links, await _titles(session, links)))
    await session.flush()


def _name_all(
    rows: Sequence[ItemRow], links: Mapping[str, LinkRow], source: Source, guess: Guess
) -> list[tuple[ItemRow, ArticleDraft]]:  # fmt: skip
    """Articles and languages for the items; what cannot be an article, or is there twice, is skipped with its reason.

    The texts name files by their bytes.
    """
    ids = {link.group: link.article_id for link in links.values()}
    taken = {article_id: group for group, article_id in ids.items()}
    named: list[tuple[ItemRow, ArticleDraft]] = []
    seen: dict[tuple[str, str, bool], str] = {}
    for row in rows:
        item = _with_missed(row, links.get(row.key))
        article_id = item.article_id if item.fixed else ids.get(item.group) or item.article_id
        if not item.fixed and taken.get(article_id, item.group) != item.group:
            article_id = f"{article_id[:90]}-{short_hash(item.group)}"
        ids[item.group], taken[article_id] = article_id, taken.get(article_id, item.group)
        language = item.language or source.options.language or guess(f"{item.title}\n{item.body[:2000]}")
        draft = draft_of(item, article_id, language, audience=source.options.audience)
        try:
            draft = check_draft(draft)
            draft = replace(draft, body=portable(draft.body, item.files))
        except InvalidInputError as error:
            row.state, row.reason = "skipped", ". ".join(part for part in (error.message, error.hint) if part)
            continue
        twin = seen.setdefault((article_id, language, item.status == "draft"), row.key)
        if twin != row.key:
            row.state, row.reason = "skipped", f"{article_id!r} in {language} comes from {twin[:200]} already"
            continue
        row.article_id, row.language, row.title = article_id, language, draft.title
        named.append((row, draft))
    return named


def _with_missed(row: ItemRow, link: LinkRow | None) -> SourceItem:
    """The item, in which files that could not be read this time are those that were read the last time."""
    item = item_from(row.data)
    before = {name: one for name, one in (link.files if link is not None else {}).items() if name in item.missed}
    if not before:
        return item
    item = replace(item, files=(*item.files, *(SourceFile(name, one["name"], one["digest"]) for name, one in before.items())))
    row.data = {**row.data, "files": [asdict(file) for file in item.files]}
    return item


def _compare(row: ItemRow, draft: ArticleDraft, known: Known) -> None:
    here = known.here.get(draft.id)
    link = known.links.get(row.key)
    row.base = here.newest.get(draft.language, 0) if here else 0
    wants_draft = wants_to_stay_draft(item_from(row.data), known.source)
    current = _current(here, draft.language, wants_draft, retired=row.data.get("status") == "archived")
    told = digest(draft.title, draft.body, draft.questions)
    if here is None or (current is None and row.base == 0):
        row.state, row.added = "new", _lines(draft.body)
        row.changes = [TEXT, DETAILS] if here is None else [TEXT]
        return
    row.changes = _changes(draft, told, known, here=here, current=current, wants_draft=wants_draft)
    row.added, row.removed = _difference(current, draft) if TEXT in row.changes else (0, 0)
    if not row.changes:
        row.state = "unchanged"
        linked = link is not None and current is not None and (link.digest, link.version) == (told, current.version)
        row.outcome = "kept" if linked and link is not None and link.details == known.details[draft.id] else ""
    elif link is not None and link.digest == told and TEXT in row.changes and DETAILS not in row.changes:
        row.state, row.changes, row.added, row.removed = "unchanged", [], 0, 0
        row.notes, row.outcome = [*row.notes, KEPT_HERE], "kept"
    else:
        reason = _retired(row, here) or _conflict(draft, known, here, link)
        row.state, row.reason = ("conflict", reason) if reason else ("changed", "")


def wants_to_stay_draft(item: SourceItem, source: Source) -> bool:
    """Whether an item is stored without being published."""
    return item.status in {"draft", "archived"} or not source.publish


def _current(here: Here | None, language: str, wants_draft: bool, *, retired: bool) -> Text | None:
    order: tuple[str, ...] = ("draft", "published") if wants_draft else ("published", "draft")
    order = ("archived", *order) if retired else order
    return next((here.living[language, status] for status in order if (language, status) in here.living), None) if here else None


def _changes(
    draft: ArticleDraft, told: str, known: Known, *, here: Here, current: Text | None, wants_draft: bool
) -> list[str]:  # fmt: skip
    changes = []
    questions = None if draft.questions is None or current is None else current.questions
    if current is None or digest(current.title, current.body, questions) != told:
        changes.append(TEXT)
    elif current.status == "draft" and not wants_draft:
        changes.append(STATUS)
    if differs(known.details[draft.id], here.details) and not _details_kept(draft, known):
        changes.append(DETAILS)
    return changes


def _details_kept(draft: ArticleDraft, known: Known) -> bool:
    """Whether the source says of the article what it said before, so that what editors made of that stays."""
    before = [link.details for link in known.links.values() if link.article_id == draft.id]
    return bool(before) and all(details == known.details[draft.id] for details in before)


def _retired(row: ItemRow, here: Here) -> str:
    if here.status != "archived" or row.data.get("status") == "archived":
        return ""
    return "It was archived here, and is not at the source"


def _conflict(draft: ArticleDraft, known: Known, here: Here, link: LinkRow | None) -> str:
    if not any(one.article_id == draft.id for one in known.links.values()):
        return _FOREIGN
    owned = known.owned(draft.id, draft.language)
    others = [row.version for (language, _), row in here.living.items() if language == draft.language and row.version not in owned]
    if others and (link is not None or TEXT in _changes_of_text(draft, here)):
        return _EDITED if link is not None else "It was written here, not by this source"
    before = [one.details for one in known.links.values() if one.article_id == draft.id]
    if before and differs(known.details[draft.id], here.details) and all(differs(one, here.details) for one in before):
        return "Its category, tags, audience or other details were changed here, and at the source too"
    return ""


def _changes_of_text(draft: ArticleDraft, here: Here) -> list[str]:
    living = [text for (language, _), text in here.living.items() if language == draft.language]
    same = any((row.title, row.body) == (draft.title, draft.body) for row in living)
    return [] if same else [TEXT]


def _keep_drafts(drafts: Sequence[tuple[ItemRow, ArticleDraft]]) -> None:
    """A published text that changes puts the draft beside it away; so that draft is stored again."""
    changing = {(row.article_id, row.language) for row, _ in drafts if row.state == "changed" and TEXT in row.changes}
    for row, _ in drafts:
        if row.data.get("status") == "draft" and row.state == "unchanged" and (row.article_id, row.language) in changing:
            row.state, row.changes = "changed", [TEXT]


def _difference(current: Text | None, draft: ArticleDraft) -> tuple[int, int]:
    """(lines added, lines removed), the title being the first line."""
    before = [current.title, *current.body.splitlines()] if current else []
    after = [draft.title, *draft.body.splitlines()]
    added = removed = 0
    for kind, begin, end, start, stop in difflib.SequenceMatcher(None, before, after, autojunk=len(after) > 500).get_opcodes():
        if kind != "equal":
            added, removed = added + stop - start, removed + end - begin
    return added, removed


def _lines(body: str) -> int:
    return body.count("\n") + 1


async def _titles(session: AsyncSession, links: Mapping[str, LinkRow]) -> dict[tuple[str, str], str]:
    """Titles of linked articles that are still published or a draft here."""
    ids = {link.article_id for link in links.values()}
    query = select(VersionRow.article_id, VersionRow.language, VersionRow.title).where(VersionRow.article_id.in_(ids))
    found = await session.execute(query.where(VersionRow.status != "archived"))
    return {(article_id, language): title for article_id, language, title in found.all()}


def _gone(
    run_id: UUID, rows: Sequence[ItemRow], links: Mapping[str, LinkRow], titles: Mapping[tuple[str, str], str]
) -> list[ItemRow]:  # fmt: skip
    """Links whose item was not found again. What was found and could not be read is not gone."""
    found = {row.key for row in rows}
    unread = tuple(row.key for row in rows if row.state == "skipped" and not row.article_id)
    return [
        ItemRow(
            import_id=run_id, key=link.key, state="gone", article_id=link.article_id, language=link.language,
            title=titles[link.article_id, link.language], reason="It is no longer at the source; here it stays as it is",
        )
        for link in links.values()
        if link.key not in found and (link.article_id, link.language) in titles and not link.key.startswith(unread or ("\0",))
    ]  # fmt: skip
