"""Markdown files: with front matter (as `baton knowledge export` writes it), or plain, named by their file and first heading."""

from __future__ import annotations

import re

from knowledge.frontmatter import begins_with_front_matter, read_markdown
from knowledge.sources.decoding import decode
from knowledge.sources.names import id_from, language_of_tag
from knowledge.sources.parts import as_articles, document_item
from knowledge.sources.types import Document, Options, Reading, SourceItem, skip

_HEADING = re.compile(r"\s*#{1,2} +(.+?)\s*#*\s*(?:\n|$)")


def parse(document: Document, options: Options) -> Reading:
    """One Markdown file. Raises InvalidInputError beginning with the line that is wrong."""
    text, note = decode(document.data, options.encoding)
    notes = (note,) if note else ()
    if not text.strip():
        return skip(document.name, "It is empty")
    if begins_with_front_matter(text):
        return _with_front_matter(document, text, options, notes)
    heading = _HEADING.match(text)
    stem = document.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    title, body = (heading[1], text[heading.end() :]) if heading else (stem.replace("-", " ").replace("_", " "), text)
    if not body.strip():
        return skip(document.name, "There is no text under its title")
    wanted = id_from(stem, title, key=document.name, kind="page")
    item = document_item(document.name, title=title, body=body.replace("\r\n", "\n"), wanted=wanted, options=options)
    language = language_of_path(document.name)
    group = re.sub(r"(?i)(^|/)(?:en|pt|zh)(?:[-_][a-z]+)?/", r"\1*/", document.name) if language else document.name
    return as_articles(SourceItem(**(vars(item) | {"language": language, "group": group, "notes": notes})))


def _with_front_matter(document: Document, text: str, options: Options, notes: tuple[str, ...]) -> Reading:
    found = read_markdown(text)
    draft, status = found.draft, found.status
    if not draft.body.strip() and status != "draft":
        return skip(document.name, "There is no text under the front matter")
    passed = f"Fields passed over: {', '.join(found.unknown)}." if found.unknown else ""
    item = SourceItem(
        f"{draft.id}/{draft.language}{'/draft' if status == 'draft' else ''}", draft.id, draft.id, draft.title, draft.body, draft.language,
        draft.category or options.category, draft.tags, draft.audience, draft.questions, True, status,
        (*notes, passed) if passed else notes, draft.owner, draft.source, draft.review_by.isoformat() if draft.review_by else None,
        draft.expires_at.isoformat() if draft.expires_at else None, found.attachments,
    )  # fmt: skip
    return Reading((item,))


def language_of_path(name: str) -> str:
    """The language that a folder of the path names (`pt/returns.md`), or the file's ending (`returns.pt.md`); else empty."""
    parts = [*name.split("/")[:-1], *(re.findall(r"\.([a-zA-Z]{2}(?:[-_]\w+)?)\.\w+$", name))]
    return next(
        (found for part in reversed(parts) if re.fullmatch(r"(?i)(en|pt|zh)([-_]\w+)?", part) and (found := language_of_tag(part))), ""
    )
